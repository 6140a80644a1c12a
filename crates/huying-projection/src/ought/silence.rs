//! Silence: work was sent, nobody acknowledges it, and the first limit draws near.

use super::{
    Ought,
    work::{Item, WorkPart},
};
use huying_domain::{
    ids::{CaseId, UnitId},
    time::Timestamp,
};
use std::num::NonZeroU64;

/// The share of the time to the first limit, in percent, after which unacknowledged work shows its unit as silent:
/// early enough that somebody can call before the limit passes, late enough for a client that fetches by the hour.
pub const SILENT_AFTER_PERCENT: i64 = 50;

/// Work that its lead has not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Waiting {
    due: Timestamp,
    /// The stream's sequence, once it took the message; it counts from 1.
    pub(super) sequence: Option<NonZeroU64>,
}

/// A unit's oldest work that nobody took up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Silence {
    /// The case.
    pub case: CaseId,
    /// Since when it is the unit's.
    pub since: Timestamp,
    /// When its first limit is reached.
    pub due: Timestamp,
}

impl Waiting {
    pub(super) fn of(item: &Item) -> Option<Self> {
        let due = item.limits.first().filter(|_| item.part == WorkPart::Lead)?.due;
        Some(Self { due, sequence: None })
    }

    /// When it is silence that nobody acknowledges what is the unit's since `at`.
    fn silent_from(&self, at: Timestamp) -> Timestamp {
        let whole = self.due.millis() - at.millis();
        let share = whole.saturating_mul(SILENT_AFTER_PERCENT) / 100;
        Timestamp::from_millis(at.millis().saturating_add(share))
    }
}

impl Ought {
    /// Since when the unit's oldest work has not been accepted.
    pub fn oldest_unaccepted(&self, unit: &UnitId) -> Option<Timestamp> {
        self.waiting_of(unit).next().map(|(at, _, _)| at)
    }

    /// The units that have work which they have not accepted.
    pub fn waiting_units(&self) -> Vec<UnitId> {
        let mut units: Vec<UnitId> = Vec::new();
        for (unit, _, _) in self.waiting.keys() {
            if units.last() != Some(unit) {
                units.push(unit.clone());
            }
        }
        units
    }

    /// Whether the unit is silent: of the work that it has not accepted, some was sent, is not acknowledged (the
    /// consumer acknowledged everything up to `acked_through`), and [`SILENT_AFTER_PERCENT`] of the time to its first
    /// limit has passed.
    pub fn silence(&self, unit: &UnitId, acked_through: u64, now: Timestamp) -> Option<Silence> {
        let unheard = |at: Timestamp, waiting: &Waiting| {
            waiting.silent_from(at) <= now
                && waiting.sequence.is_some_and(|sequence| sequence.get() > acked_through)
        };
        let (since, case, waiting) = self.waiting_of(unit).find(|(at, _, waiting)| unheard(*at, waiting))?;
        Some(Silence { case, since, due: waiting.due })
    }

    fn waiting_of(&self, unit: &UnitId) -> impl Iterator<Item = (Timestamp, CaseId, &Waiting)> {
        let first = (unit.clone(), Timestamp::EPOCH, CaseId::new(0, 0));
        let last = (unit.clone(), Timestamp::FAR, CaseId::MAX);
        self.waiting.range(first..=last).map(|((_, at, case), waiting)| (*at, *case, waiting))
    }
}
