//! What happens when a record is on the platter: read models, stations, subscribers; and cases come to rest.

use crate::engine::{Engine, Fault};
use huying_domain::{
    event::{Event, collect::Filing},
    ids::CaseId,
    record::Record,
    time::Timestamp,
    vocabulary::Stage,
};
use huying_journal::{board::Committed, disk::Disk};
use std::sync::Arc;

/// Milliseconds of a day: externals are kept by the day of their filing, so that old ones can be let go.
const DAY_MS: i64 = 86_400_000;

/// The day of an instant, counted from 1970-01-01 in UTC; a key, not a date for people.
pub(crate) fn day_of(at: Timestamp) -> u32 {
    u32::try_from(at.millis() / DAY_MS).unwrap_or(u32::MAX)
}

impl<D: Disk> Engine<D> {
    pub(crate) fn fold(&mut self, committed: &Arc<Committed>) -> Result<(), Fault> {
        let record = &committed.record;
        self.metrics.records.inc();
        self.views.follow(record);
        let named = self.stations.follow(&self.rules, record);
        self.queue(named);
        self.follow_calendars(record);
        self.apart.folded = record.seq;
        for subscriber in &mut self.subscribers {
            subscriber(committed);
        }
        self.settle(record, true);
        Ok(())
    }

    /// Notes the sources' names of new calls, and lets closed cases go from memory. `tell_shelf` is false for
    /// records that are read at start and whose notes the shelf must have had before the stop.
    pub(crate) fn settle(&mut self, record: &Record, tell_shelf: bool) {
        for part in &record.parts {
            let Some(case) = part.case() else { continue };
            for event in &part.events {
                match event {
                    Event::Registered(event) if tell_shelf => {
                        self.note_external(&event.filing, record.at, case)
                    }
                    Event::Joined(event) if tell_shelf => self.note_external(&event.filing, record.at, case),
                    _ => {}
                }
            }
            // A closed case that somebody will look at again is owed that and stays.
            let rests = |known: &huying_domain::case::Case| {
                known.stage == Stage::Closed
                    && known.clocks.is_empty()
                    && known.version == part.version_after()
            };
            if self.state.case(case).is_some_and(rests) {
                self.state.rest(case);
                if let Some(trace) = self.traces.remove(case).filter(|_| tell_shelf) {
                    self.journal.rest(case, trace.seqs());
                }
            }
        }
        self.repeats.forget_before(self.last_at.plus_seconds(-self.bounds.dedup_days * 86_400));
    }

    /// Reads the gauges, once for all records that landed together.
    pub(crate) fn gauge(&self) {
        self.metrics.open_cases.set(i64::try_from(self.traces.len()).unwrap_or(i64::MAX));
        self.metrics.clocks.set(i64::try_from(self.stations.running()).unwrap_or(i64::MAX));
        self.metrics.shelf_lag.set(i64::try_from(self.journal.shelf_lag()).unwrap_or(i64::MAX));
    }

    fn note_external(&mut self, filing: &Filing, at: Timestamp, case: CaseId) {
        if let Some(external) = &filing.external {
            self.journal.note_external(day_of(at), filing.source.as_str(), external.as_str(), case);
        }
    }
}
