//! The records as such: who asked what, when, of which case. What is sealed stays so.

use super::Doors;
use huying_bus::message::answer::RefusalMessage;
use huying_domain::{
    event::Event,
    ids::{CaseId, PersonId, Seq, UnitId},
    record::{Record, Subject},
    refusal::Refusal,
};
use huying_journal::disk::Disk;

/// Most records that one question looks through; the next begins where it ended.
pub const LOOKED_THROUGH_MAX: usize = 20_000;
/// Most records of one answer.
pub const FOUND_MAX: usize = 500;

/// Which records are meant; what is absent does not narrow.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Search {
    /// From this record on.
    pub from: Seq,
    /// Asked by this person, or about their account.
    pub person: Option<PersonId>,
    /// Asked by this unit.
    pub unit: Option<UnitId>,
    /// With an event of this name, or of a name that begins so.
    pub event: Option<String>,
    /// About this case.
    pub case: Option<CaseId>,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// The records, in order.
    pub records: Vec<Record>,
    /// Where the next question begins; none at the end of the journal.
    pub next: Option<Seq>,
    /// The last record that there is.
    pub head: Seq,
}

impl Search {
    fn means(&self, record: &Record) -> bool {
        let mut parts = record.parts.iter();
        let of_case = |case| parts.any(|part| part.subject == Subject::Case(case));
        let mut events = record.parts.iter().flat_map(|part| &part.events);
        let about = |person: &PersonId| {
            let mut events = record.parts.iter().flat_map(|part| &part.events);
            events.any(|event| matches!(event, Event::AccountSet(set) if set.account == *person))
        };
        self.person
            .as_ref()
            .is_none_or(|person| record.actor.person.as_ref() == Some(person) || about(person))
            && self.unit.as_ref().is_none_or(|unit| record.actor.unit == *unit)
            && self.case.is_none_or(of_case)
            && self
                .event
                .as_ref()
                .is_none_or(|name| events.any(|event| event.tag().starts_with(name.as_str())))
    }
}

impl<D: Disk> Doors<D> {
    /// Looks through the records. It reads the disk: not for the loop's thread, nor for one that serves others.
    ///
    /// # Errors
    /// `busy` where the journal cannot be read just now.
    pub fn audit(&self, search: &Search, limit: usize) -> Result<Found, RefusalMessage> {
        let busy = |error| {
            tracing::error!(error = &error as &dyn std::error::Error, "the journal cannot be read");
            RefusalMessage::from(&Refusal::Busy)
        };
        let (head, limit) = (self.reader.synced(), limit.clamp(1, FOUND_MAX));
        let (mut at, mut looked, mut records) = (search.from.max(1), 0, Vec::new());
        while at <= head && looked < LOOKED_THROUGH_MAX {
            let read = self.reader.read(at, LOOKED_THROUGH_MAX.min(1_000)).map_err(busy)?;
            if read.is_empty() {
                break;
            }
            looked += read.len();
            for record in read {
                at = record.seq + 1;
                if search.means(&record) {
                    records.push(record);
                    if records.len() == limit {
                        return Ok(Found { records, next: (at <= head).then_some(at), head });
                    }
                }
            }
        }
        Ok(Found { records, next: (at <= head).then_some(at), head })
    }
}
