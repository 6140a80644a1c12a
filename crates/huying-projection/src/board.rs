//! The board: open cases by rung, holder and stage under the three words.

use crate::{
    cases::{Cases, query::Query},
    word::WordCounts,
};
use huying_domain::{
    ids::{Seq, UnitId},
    time::Timestamp,
    vocabulary::{Rung, Stage},
};
use jiff::tz::TimeZone;
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
        let all = self.panorama(&Query::default(), now, None, &TimeZone::UTC);
        Board { seq: all.seq, open: all.open, rungs: all.rungs, holders: all.holders, stages: all.stages }
    }
}
