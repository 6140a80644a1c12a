//! The board: open cases by rung, holder and stage under the three words.

use crate::{cases::Cases, word::WordCounts};
use huying_domain::{
    ids::{Seq, UnitId},
    time::Timestamp,
    vocabulary::{Rung, Stage},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is open at an instant. Each number opens its list through [`Cases::list`] with the same word and key.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Board {
    /// The record up to which it holds.
    pub seq: Seq,
    /// All open cases.
    pub open: WordCounts,
    /// By rung.
    pub rungs: BTreeMap<Rung, WordCounts>,
    /// By the unit that has them.
    pub holders: BTreeMap<UnitId, WordCounts>,
    /// By stage.
    pub stages: BTreeMap<Stage, WordCounts>,
}

impl Cases {
    /// The board at an instant: one walk over the open cases.
    pub fn board(&self, now: Timestamp) -> Board {
        let mut board = Board { seq: self.seq(), ..Board::default() };
        for row in self.rows() {
            let word = self.word(row, now);
            board.open.count(word);
            board.rungs.entry(row.rung).or_default().count(word);
            board.stages.entry(row.stage).or_default().count(word);
            match board.holders.get_mut(&row.holder) {
                Some(counts) => counts.count(word),
                None => board.holders.entry(row.holder.clone()).or_default().count(word),
            }
        }
        board
    }
}
