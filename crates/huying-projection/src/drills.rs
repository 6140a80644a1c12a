//! Drills of alarms 演练: cases that ring like alarms and count in no figure.

use huying_domain::{event::Event, ids::CaseId, record::Record, vocabulary::Tag};
use std::collections::BTreeSet;

/// All drills. What is one is so from its first record for ever, also when somebody begins it anew after it was closed,
/// and each of its records is about it alone.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Drills(BTreeSet<CaseId>);

impl Drills {
    /// Whether the record is about a drill, so that no figure takes it in.
    pub fn covers(&mut self, record: &Record) -> bool {
        let Some(case) = record.parts.first().and_then(|part| part.case()) else { return false };
        if Self::begins(record) {
            self.0.insert(case);
        }
        self.0.contains(&case)
    }

    /// Whether a drill begins with the record.
    pub fn begins(record: &Record) -> bool {
        let first = record.parts.first().and_then(|part| part.events.first());
        matches!(first, Some(Event::Registered(event)) if event.filing.tags.contains(&Tag::Drill))
    }
}
