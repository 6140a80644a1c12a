//! The read models that every door reads, folded in the order of the records.

use huying_domain::record::Record;
use huying_projection::{board::Board, tally::Tally};

/// The read models of the engine.
#[derive(Debug, Default)]
pub struct Views {
    /// Plain counts since the first record.
    pub tally: Tally,
    /// What is open, where.
    pub board: Board,
}

impl Views {
    pub(crate) fn follow(&mut self, record: &Record) {
        self.tally.follow(record);
        self.board.follow(record);
    }
}
