//! When a further call is taken for one matter with an open case: the `[join]` of the policy file.
//!
//! ```toml
//! [join]
//! source = "practice of the hotline's desk"
//! radius_m = 30               # how far apart at most
//! window_s = 3600             # how much later than the lead's filing at most
//! threshold_permille = 500    # from which likeness on; full at the same place and instant
//! words_permille = 400        # how much of it the callers' words carry; 0 and they count nothing
//! without_point = false       # whether calls without a point may be alike by area and condition
//! ```
//!
//! A policy without it joins nothing by itself: whoever takes the call sees what is alike and decides.

use serde::Deserialize;

/// Farthest that two calls about one matter lie apart, in metres.
pub const JOIN_RADIUS_M_MAX: u32 = 2_000;
/// Longest time between two calls about one matter, in seconds: a week.
pub const JOIN_WINDOW_S_MAX: u32 = 7 * 86_400;
/// The full likeness.
pub const SCORE_PERMILLE_MAX: u16 = 1_000;

/// When two calls of one class are taken for one matter: bounded in place and in time, so that an old open case never
/// swallows a new event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Join {
    /// How far apart at most, in metres.
    pub radius_m: u32,
    /// How much later at most, in seconds, than the filing of the lead case.
    pub window_s: u32,
    /// From which score on the caller takes the proposal.
    pub threshold_permille: u16,
    /// How much of the score the words carry where both say something of their own; 0 and they count nothing.
    pub words_permille: u16,
    /// Whether calls without a point may be alike by their area and condition alone.
    pub without_point: bool,
}

impl Join {
    /// The key of a value beyond its bound, and what it may be.
    pub const fn beyond_bound(&self) -> Option<(&'static str, &'static str)> {
        if self.radius_m == 0 || self.radius_m > JOIN_RADIUS_M_MAX {
            Some(("join.radius_m", "1 to 2000 metres"))
        } else if self.window_s == 0 || self.window_s > JOIN_WINDOW_S_MAX {
            Some(("join.window_s", "1 to 604800 seconds"))
        } else if self.threshold_permille > SCORE_PERMILLE_MAX {
            Some(("join.threshold_permille", "0 to 1000"))
        } else if self.words_permille > SCORE_PERMILLE_MAX {
            Some(("join.words_permille", "0 to 1000"))
        } else {
            None
        }
    }
}

/// The table of the policy file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JoinEntry {
    source: String,
    radius_m: u32,
    window_s: u32,
    threshold_permille: u16,
    #[serde(default)]
    words_permille: u16,
    #[serde(default)]
    without_point: bool,
}

impl JoinEntry {
    pub(super) fn read(self) -> Result<Join, String> {
        let join = Join {
            radius_m: self.radius_m,
            window_s: self.window_s,
            threshold_permille: self.threshold_permille,
            words_permille: self.words_permille,
            without_point: self.without_point,
        };
        if self.source.trim().is_empty() {
            return Err("[join] does not say who says so: source is empty".to_owned());
        }
        match join.beyond_bound() {
            Some((key, bound)) => Err(format!("{key} is not within {bound}")),
            None => Ok(join),
        }
    }
}
