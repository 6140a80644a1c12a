//! One side of the comparison.

use super::course::taken_by;
use huying_domain::{
    event::Event,
    ids::{CaseId, UnitId},
    record::Record,
    time::Timestamp,
    vocabulary::{Clock, Rung},
};
use huying_projection::{ought::Ought, tally::Tally};
use serde::Serialize;
use std::collections::BTreeMap;

/// What came of the acts under one set of rules.
#[derive(Debug, Default)]
pub struct Side {
    /// The counts that a report has too.
    pub tally: Tally,
    /// Breached clocks by clock and the rung on which the case stood.
    pub breached: BTreeMap<(Clock, Rung), u64>,
    /// How many times a case came to a unit.
    pub load: BTreeMap<UnitId, u64>,
    /// Notices to units.
    pub notices: u64,
    from: Timestamp,
    ought: Ought,
    rungs: BTreeMap<CaseId, Rung>,
}

/// A line of the comparison: what it was, and what it would have been.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Line {
    /// What is counted.
    pub what: String,
    /// Under the rules of the journal.
    pub was: u64,
    /// Under the others.
    pub would_be: u64,
}

impl Side {
    /// Counts what happens from this instant on.
    pub fn since(from: Option<Timestamp>) -> Self {
        Self { from: from.unwrap_or_default(), ..Self::default() }
    }

    /// Takes in the next record.
    pub fn follow(&mut self, record: &Record) {
        let counts = record.at >= self.from;
        if counts {
            self.tally.follow(record);
        }
        self.ought.follow(record);
        while self.ought.take_notice().is_some() {
            self.notices += u64::from(counts);
        }
        for part in &record.parts {
            let Some(case) = part.case() else { continue };
            for event in &part.events {
                match event {
                    Event::Assigned(event) => {
                        self.rungs.insert(case, event.rung);
                    }
                    Event::Escalated(event) => {
                        self.rungs.insert(case, event.rung);
                    }
                    Event::ClockBreached(event) if counts => {
                        let rung = self.rungs.get(&case).copied().unwrap_or(Rung::Centre);
                        *self.breached.entry((event.clock, rung)).or_default() += 1;
                    }
                    _ => {}
                }
                if let Some(unit) = taken_by(event).filter(|_| counts) {
                    *self.load.entry(unit.clone()).or_default() += 1;
                }
            }
        }
        // Work that is owed is not what is compared; taken out, it does not pile up.
        while !self.ought.take_unsent(usize::from(u8::MAX)).is_empty() {}
    }

    /// Both sides, line by line; `of` names the counts.
    pub fn beside<K: Ord + Clone>(
        was: &BTreeMap<K, u64>,
        would_be: &BTreeMap<K, u64>,
        name: impl Fn(&K) -> String,
    ) -> Vec<Line> {
        let keys: std::collections::BTreeSet<&K> = was.keys().chain(would_be.keys()).collect();
        let count = |of: &BTreeMap<K, u64>, key| of.get(key).copied().unwrap_or_default();
        keys.into_iter()
            .map(|key| Line { what: name(key), was: count(was, key), would_be: count(would_be, key) })
            .collect()
    }
}
