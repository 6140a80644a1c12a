//! Every open case as a row: the source of the board, of the health row and of each list behind a number.
//!
//! **What asking costs:** one case, that case. Everything else is one walk over the glances ([`glance`]) of the open cases,
//! and a row is opened where it is shown. How many were looked at, [`Cases::looked_at`] says.

pub mod flow;
mod fold;
pub(crate) mod glance;
mod lens;
mod names;
pub mod query;
pub mod row;
pub mod sight;

use self::{
    glance::{Glance, Numbered},
    row::Row,
};
use crate::drills::Drills;
use crate::word::Word;
use huying_domain::{
    area::AreaCode,
    ids::{CaseId, ClassId, Seq, UnitId},
    pages::Pages,
    record::Record,
    time::Timestamp,
};
use std::cell::Cell;

/// The cases that are still owed something. A closed case leaves; the journal keeps it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Cases {
    drills: Drills,
    open: Pages<Open>,
    numbered: Numbered,
    flow: flow::Flow,
    seq: Seq,
    looked_at: Looked,
}

/// An open case.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Open {
    glance: Glance,
    row: Box<Row>,
}

/// How many cases were looked at in all questions so far; no part of what is known of them.
#[derive(Clone, Default, Debug)]
struct Looked(Cell<u64>);

impl PartialEq for Looked {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Looked {}

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
        self.open.get(case).map(|open| &*open.row)
    }

    /// Every open case, by id.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.walk().map(|(_, open)| &*open.row)
    }

    fn walk(&self) -> impl Iterator<Item = (CaseId, &Open)> {
        let looked_at = &self.looked_at.0;
        self.open.iter().map(|(case, open)| {
            looked_at.set(looked_at.get() + 1);
            (case, open)
        })
    }

    /// How many cases were looked at in all questions so far: what the asking has cost.
    pub const fn looked_at(&self) -> u64 {
        self.looked_at.0.get()
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The names of units, areas and classes that ever came up, each at its number.
    pub(crate) fn names(&self) -> (&[UnitId], &[AreaCode], &[ClassId]) {
        let Numbered { units, areas, classes } = &self.numbered;
        (units.all(), areas.all(), classes.all())
    }

    /// How a case stands. One that follows a lead stands as its lead does, since it waits for the same result.
    pub fn word(&self, row: &Row, now: Timestamp) -> Word {
        match row.lead.filter(|_| row.clocks.is_empty()).and_then(|lead| self.open.get(lead)) {
            Some(lead) => lead.row.word(now),
            None => row.word(now),
        }
    }
}
