//! Every open case as a row: the source of the board, of the health row and of each list behind a number.

pub mod flow;
mod fold;
pub mod query;
pub mod row;
pub mod sight;

use self::row::Row;
use crate::drills::Drills;
use crate::word::Word;
use huying_domain::{
    ids::{CaseId, Seq},
    record::Record,
    time::Timestamp,
};
use std::collections::BTreeMap;

/// The cases that are still owed something. A closed case leaves; the journal keeps it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Cases {
    drills: Drills,
    open: BTreeMap<CaseId, Row>,
    flow: flow::Flow,
    seq: Seq,
}

impl Cases {
    /// Takes in one record.
    pub fn follow(&mut self, record: &Record) {
        self.seq = record.seq;
        if self.drills.covers(record) {
            return;
        }
        for part in &record.parts {
            if let Some(case) = part.case() {
                part.events.iter().for_each(|event| self.fold(case, event, record.at));
            }
        }
    }

    /// The record that was taken in last: what a page says that it shows.
    pub const fn seq(&self) -> Seq {
        self.seq
    }

    /// The row of a case, if it is open.
    pub fn row(&self, case: CaseId) -> Option<&Row> {
        self.open.get(&case)
    }

    /// Every open case, by id.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.open.values()
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// How a case stands. One that follows a lead stands as its lead does, since it waits for the same result.
    pub fn word(&self, row: &Row, now: Timestamp) -> Word {
        match row.lead.filter(|_| row.clocks.is_empty()).and_then(|lead| self.open.get(&lead)) {
            Some(lead) => lead.word(now),
            None => row.word(now),
        }
    }
}
