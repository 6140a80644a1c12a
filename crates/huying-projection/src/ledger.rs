//! The ledger: of every case what rates, cohorts and the integrity page ask, and the list behind each number.
//!
//! A number is never kept. A [`Fact`] says that something holds for a leg of a case at an instant; a table counts
//! facts and a list names them, over the same walk, so that the length of the list is the number.
//!
//! An entry takes some 200 bytes. Cases that came to rest more than [`KEEP_DAYS`] ago are let go; older reports are
//! made from the journal.

pub mod entry;
mod facts;
mod fold;
pub mod number;
pub mod rates;
pub mod table;

use self::entry::Entry;
use crate::drills::Drills;
use huying_domain::{
    ids::{CaseId, Seq},
    pages::Pages,
    record::Record,
    time::Timestamp,
};

/// For how many days a closed case stays: a year, and the month in which it is reported.
pub const KEEP_DAYS: i64 = 400;

const DAY_S: i64 = 86_400;

/// What rates and scores are made of.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Ledger {
    drills: Drills,
    cases: Pages<Entry>,
    /// Up to which day, counted from 1970 in UTC, old cases have been let go.
    swept_day: i64,
    seq: Seq,
}

impl Ledger {
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
        self.sweep(record.at);
    }

    /// The record that was taken in last.
    pub const fn seq(&self) -> Seq {
        self.seq
    }

    /// What is kept of a case.
    pub fn entry(&self, case: CaseId) -> Option<&Entry> {
        self.cases.get(case)
    }

    /// Everything that is kept, by case.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.cases.values()
    }

    /// Lets old cases go, once a day.
    fn sweep(&mut self, now: Timestamp) {
        let day = now.seconds() / DAY_S;
        if day > self.swept_day {
            self.swept_day = day;
            let oldest = now.plus_seconds(-KEEP_DAYS * DAY_S);
            self.cases.retain(|_, entry| entry.rests_since().is_none_or(|since| since >= oldest));
        }
    }
}
