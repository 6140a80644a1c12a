//! How one-key alarms 一键呼叫 ring.
//!
//! ```toml
//! [alarm]
//! source = "where this comes from"
//! classes = ["alarm."]               # a class, or a prefix that ends in a dot; absent: every message of a device
//! ring = "60us"                      # RING_S: how long a ring rings; it runs always
//! again = "5um"                      # how long the last ring rings before it is rung again
//! line = "120"                       # to whom the last ring hands over
//! gateway = "emergency"              # the unit that speaks for the line; absent: the centre calls by telephone
//! rings = [["grid", "community", "welfare", "centre"], ["street", "centre"]]
//! ```
//!
//! A ring names rungs (the unit that stands there for the place) and units; all of one ring are rung at once.

use crate::{
    ids::{ClassId, UnitId},
    limit::Limit,
    vocabulary::{EmergencyLine, Rung},
};
use serde::Deserialize;

/// Most rings of a plan.
pub const RINGS_MAX: usize = 8;
/// Most parties of one ring.
pub const RING_PARTIES_MAX: usize = 16;

/// How alarms ring.
#[derive(Debug)]
pub struct AlarmPlan {
    classes: Vec<String>,
    /// Where the plan comes from.
    pub source: String,
    /// How long one ring rings.
    pub ring: Limit,
    /// How long the last ring rings before it is rung again.
    pub again: Limit,
    /// Who is rung at once, ring by ring.
    pub rings: Vec<Vec<Party>>,
    /// The line to which an alarm goes that nobody answers.
    pub line: EmergencyLine,
    /// The unit that speaks for the line.
    pub gateway: Option<UnitId>,
}

/// Somebody who is rung.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Party {
    /// Whoever stands on this rung for the place.
    Rung(Rung),
    /// This unit.
    Unit(UnitId),
}

impl AlarmPlan {
    /// Whether messages of this class are alarms.
    pub fn takes(&self, class: &ClassId) -> bool {
        self.classes.is_empty() || self.classes.iter().any(|one| fits(one, class))
    }

    /// What contradicts itself.
    pub(super) fn contradictions(&self) -> Vec<String> {
        let mut findings = Vec::new();
        if !matches!(self.ring, Limit::UrgentSeconds(_)) {
            findings.push(format!("alarm.ring is {}: an alarm waits for no calendar, say 60us", self.ring));
        }
        if !matches!(self.again, Limit::UrgentSeconds(_)) {
            findings.push(format!("alarm.again is {}: an alarm waits for no calendar, say 5um", self.again));
        }
        if self.rings.is_empty() || self.rings.len() > RINGS_MAX {
            findings.push(format!("alarm.rings has 1 to {RINGS_MAX} rings, not {}", self.rings.len()));
        }
        for (at, ring) in self.rings.iter().enumerate() {
            if ring.is_empty() || ring.len() > RING_PARTIES_MAX {
                findings.push(format!("ring {} names 1 to {RING_PARTIES_MAX} parties", at + 1));
            }
        }
        findings
    }

    /// Every unit that the plan names itself.
    pub fn units(&self) -> impl Iterator<Item = &UnitId> {
        let named = self.rings.iter().flatten().filter_map(|party| match party {
            Party::Unit(unit) => Some(unit),
            Party::Rung(_) => None,
        });
        named.chain(&self.gateway)
    }
}

/// Whether a class is this one, or begins with this prefix, which ends in a dot.
pub(super) fn fits(one: &str, class: &ClassId) -> bool {
    if one.ends_with('.') { class.as_str().starts_with(one) } else { class.as_str() == one }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlarmEntry {
    source: String,
    #[serde(default)]
    classes: Vec<String>,
    ring: Limit,
    again: Limit,
    line: EmergencyLine,
    gateway: Option<UnitId>,
    rings: Vec<Vec<UnitId>>,
}

impl From<AlarmEntry> for AlarmPlan {
    fn from(entry: AlarmEntry) -> Self {
        let party = |name: UnitId| match name.as_str().parse::<Rung>() {
            Ok(rung) => Party::Rung(rung),
            Err(_) if name.as_str() == "micro-grid" => Party::Rung(Rung::MicroGrid),
            Err(_) => Party::Unit(name),
        };
        let rings = entry.rings.into_iter().map(|ring| ring.into_iter().map(party).collect());
        Self {
            rings: rings.collect(),
            classes: entry.classes,
            source: entry.source,
            ring: entry.ring,
            again: entry.again,
            line: entry.line,
            gateway: entry.gateway,
        }
    }
}
