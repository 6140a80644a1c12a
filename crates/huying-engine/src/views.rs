//! The read models that every door reads, folded in the order of the records.

use huying_domain::record::Record;
use huying_projection::{cases::Cases, tally::Tally, timing::Timing};

/// The read models of the engine.
#[derive(Debug, Default)]
pub struct Views {
    /// Plain counts since the first record.
    pub tally: Tally,
    /// What is open, where; the board and the health row are asked of it.
    pub cases: Cases,
    /// How long each clock took, per unit.
    pub timings: Timing,
}

impl Views {
    pub(crate) fn follow(&mut self, record: &Record) {
        self.tally.follow(record);
        self.cases.follow(record);
        self.timings.follow(record);
    }
}
