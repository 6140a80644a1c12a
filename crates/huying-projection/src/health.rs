//! The health row: numbers that must be nought, and how far behind the watch is.

use crate::cases::{Cases, query::Query, row::Row};
use huying_domain::{ids::CaseId, time::Timestamp};
use serde::Serialize;

/// What is wrong with a case, or with what is known of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// No area was found for its place.
    Orphan,
    /// It is being handled and has no resolve limit.
    NoTarget,
    /// Nothing will make the engine look at it again, and it follows no open case.
    NoNext,
    /// Dispatched and not signed for.
    Unaccepted,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Orphan, Self::NoTarget, Self::NoNext, Self::Unaccepted];
}

/// The health of the cases at an instant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Health {
    /// Cases without an area; must be 0.
    pub orphans: u64,
    /// Cases without a resolve limit; must be 0.
    pub no_target: u64,
    /// Cases that nothing will wake; must be 0.
    pub no_next: u64,
    /// Dispatched and not signed for.
    pub unaccepted: u64,
    /// The one of these that has waited longest, and since when.
    pub oldest_unaccepted: Option<(CaseId, Timestamp)>,
    /// Seconds by which the watch is behind the earliest instant that has passed; 0 when it is not.
    pub watch_lag_s: i64,
}

impl Cases {
    /// The health row; each number opens its list through [`Cases::list`] with the same flaw.
    pub fn health(&self, now: Timestamp) -> Health {
        let mut health = Health {
            orphans: 0,
            no_target: 0,
            no_next: 0,
            unaccepted: 0,
            oldest_unaccepted: None,
            watch_lag_s: 0,
        };
        let mut earliest: Option<Timestamp> = None;
        let mut oldest: Option<(Timestamp, CaseId)> = None;
        for (case, glance, ..) in self.glances(&Query::default(), now) {
            health.orphans += u64::from(self.is_flawed(glance, Flaw::Orphan));
            health.no_target += u64::from(self.is_flawed(glance, Flaw::NoTarget));
            health.no_next += u64::from(self.is_flawed(glance, Flaw::NoNext));
            if self.is_flawed(glance, Flaw::Unaccepted) {
                health.unaccepted += 1;
                let since = (glance.waits_since, case);
                oldest = Some(oldest.map_or(since, |other| other.min(since)));
            }
            if glance.next < Timestamp::FAR {
                earliest = Some(earliest.map_or(glance.next, |other| other.min(glance.next)));
            }
        }
        health.oldest_unaccepted = oldest.map(|(since, case)| (case, since));
        health.watch_lag_s = earliest.map_or(0, |next| now.seconds_since(next).max(0));
        health
    }
}

impl Row {
    /// Since when its holder has had it: the latest start among the clocks that are its own.
    pub(crate) fn waiting_since(&self) -> Timestamp {
        use huying_domain::vocabulary::Clock;
        let hold = self.clock(Clock::Hold).or_else(|| self.clock(Clock::Accept));
        hold.map_or(self.filed_at, |ticking| ticking.from)
    }
}
