//! Tables over the ledger, and the list behind each of their numbers.

use super::{
    Ledger,
    entry::Entry,
    facts::Fact,
    number::{Counts, Number},
};
use crate::span::Span;
use huying_domain::{
    area::{AreaCode, Level},
    ids::{CaseId, ClassId, UnitId},
    time::Timestamp,
    vocabulary::Rung,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What makes a line of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// One line.
    All,
    /// The unit that had the work.
    Unit,
    /// The rung on which that unit stood 层级.
    Rung,
    /// The class of the matter.
    Class,
    /// The area of this level in which the case lay at the time.
    Area(Level),
}

/// Of what a line tells.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", content = "key")]
pub enum Key {
    /// Of everything.
    All,
    /// Of a unit.
    Unit(UnitId),
    /// Of a rung; none is the desk, where nobody on the ladder had it.
    Rung(Option<Rung>),
    /// Of a class.
    Class(ClassId),
    /// Of an area; none where a case lay above that level.
    Area(Option<AreaCode>),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All | Self::Rung(None) | Self::Area(None) => f.write_str("—"),
            Self::Unit(unit) => fmt::Display::fmt(unit, f),
            Self::Rung(Some(rung)) => fmt::Display::fmt(rung, f),
            Self::Class(class) => fmt::Display::fmt(class, f),
            Self::Area(Some(area)) => fmt::Display::fmt(area, f),
        }
    }
}

/// Which facts are meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question {
    /// In which stretch of time.
    pub span: Span,
    /// What makes a line.
    pub by: By,
    /// Within how many days after its closing a reopening counts as soon.
    pub soon_days: u16,
}

/// One of the cases behind a number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Item {
    /// The case.
    pub case: CaseId,
    /// Which of its legs, from 1.
    pub leg: u8,
    /// The unit for which it counts.
    pub unit: UnitId,
    /// The instant that puts it into the period.
    pub at: Timestamp,
}

impl Ledger {
    /// The numbers, line by line.
    pub fn table(&self, question: &Question) -> BTreeMap<Key, Counts> {
        let mut lines: BTreeMap<Key, Counts> = BTreeMap::new();
        for entry in self.entries() {
            self.facts(entry, question.soon_days, &mut |fact| {
                if question.span.contains(fact.at) {
                    lines.entry(key(question.by, entry, &fact)).or_default().one(fact.number);
                }
            });
        }
        lines
    }

    /// What a number of a line counts, by case. Its length is the number.
    pub fn list(&self, question: &Question, line: &Key, number: Number) -> Vec<Item> {
        let mut items = Vec::new();
        for entry in self.entries() {
            self.facts(entry, question.soon_days, &mut |fact| {
                let meant = fact.number == number && question.span.contains(fact.at);
                if meant && key(question.by, entry, &fact) == *line {
                    let (case, leg, at) = (entry.case, fact.leg, fact.at);
                    items.push(Item { case, leg, unit: fact.unit.clone(), at });
                }
            });
        }
        items
    }
}

fn key(by: By, entry: &Entry, fact: &Fact<'_>) -> Key {
    match by {
        By::All => Key::All,
        By::Unit => Key::Unit(fact.unit.clone()),
        By::Rung => Key::Rung(fact.rung),
        By::Class => Key::Class(entry.class.clone()),
        By::Area(level) => Key::Area(entry.area_at(fact.at).at(level)),
    }
}
