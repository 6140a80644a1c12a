//! Drills of alarms 演练: cases that ring like alarms and count in no figure.

use huying_domain::{event::Event, ids::CaseId, record::Record, vocabulary::Tag};
use std::collections::BTreeSet;

/// The drills that are under way. What is one is so from its first record, and each of its records is about it alone.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Drills(BTreeSet<CaseId>);

impl Drills {
    /// Whether the record is about a drill, so that no figure takes it in.
    pub fn covers(&mut self, record: &Record) -> bool {
        let Some(case) = record.parts.first().and_then(|part| part.case()) else { return false };
        if Self::begins(record) {
            self.0.insert(case);
        }
        let covers = self.0.contains(&case);
        let mut events = record.parts.iter().flat_map(|part| &part.events);
        if covers && events.any(|event| matches!(event, Event::Closed(_))) {
            self.0.remove(&case);
        }
        covers
    }

    /// Whether a drill begins with the record.
    pub fn begins(record: &Record) -> bool {
        let first = record.parts.first().and_then(|part| part.events.first());
        matches!(first, Some(Event::Registered(event)) if event.filing.tags.contains(&Tag::Drill))
    }
}
