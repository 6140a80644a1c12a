//! What one unit took for one clock: counts, elapsed seconds, and the list behind each count.

use super::{Line, quantiles::Quantiles};
use huying_domain::{
    ids::{CaseId, UnitId},
    time::Timestamp,
    vocabulary::Clock,
};
use serde::Serialize;
use std::collections::VecDeque;

/// Most ends that one list names, the newest; how many there were is counted all the same. A unit that has filled its
/// four lists of a clock takes 13 KB for them.
pub const LISTED_MAX: usize = 100;

/// What one unit took for one clock.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Taken {
    met_in_time: Ends,
    met_late: Ends,
    unmet: Ends,
    breached: Ends,
    seconds: Quantiles,
}

/// A clock that ended, or ran out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct End {
    /// Whose clock it was.
    pub case: CaseId,
    /// When it ended or ran out.
    pub at: Timestamp,
    /// Elapsed seconds, where what it measured happened.
    pub seconds: Option<u64>,
}

/// One of the counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Count {
    /// Clocks that ended because what they measured happened.
    Met,
    /// Those of them that were not breached before.
    InTime,
    /// Clocks that ended otherwise: the case climbed, was returned, refused, cancelled.
    Unmet,
    /// Clocks that were breached, each once, whether they ended since or not.
    Breached,
}

/// How many, and the newest of them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
struct Ends {
    all: u64,
    newest: VecDeque<End>,
}

impl Count {
    /// All counts.
    pub const ALL: [Self; 4] = [Self::Met, Self::InTime, Self::Unmet, Self::Breached];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::InTime => "in_time",
            Self::Unmet => "unmet",
            Self::Breached => "breached",
        }
    }

    /// The count of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|count| count.name() == name)
    }
}

impl Ends {
    fn note(&mut self, end: End) {
        self.all += 1;
        if self.newest.len() == LISTED_MAX {
            self.newest.pop_front();
        }
        self.newest.push_back(end);
    }

    fn add(&mut self, other: &Self) {
        self.all += other.all;
        self.newest.extend(other.newest.iter().copied());
        self.newest.make_contiguous().sort_by_key(|end| (end.at, end.case));
        let more = self.newest.len().saturating_sub(LISTED_MAX);
        self.newest.drain(..more);
    }
}

impl Taken {
    /// How many.
    pub const fn count(&self, count: Count) -> u64 {
        match count {
            Count::Met => self.met_in_time.all + self.met_late.all,
            Count::InTime => self.met_in_time.all,
            Count::Unmet => self.unmet.all,
            Count::Breached => self.breached.all,
        }
    }

    /// The list behind a count, the newest first: all of it, or [`LISTED_MAX`] of it.
    pub fn list(&self, count: Count) -> Vec<End> {
        let parts: &[&Ends] = match count {
            Count::Met => &[&self.met_in_time, &self.met_late],
            Count::InTime => &[&self.met_in_time],
            Count::Unmet => &[&self.unmet],
            Count::Breached => &[&self.breached],
        };
        let mut list: Vec<End> = parts.iter().flat_map(|part| part.newest.iter().copied()).collect();
        list.sort_by_key(|end| std::cmp::Reverse((end.at, end.case)));
        list.truncate(LISTED_MAX);
        list
    }

    /// Elapsed seconds of those that were met.
    pub const fn seconds(&self) -> &Quantiles {
        &self.seconds
    }

    pub(super) fn meet(&mut self, end: End, late: bool) {
        self.seconds.note(end.seconds.unwrap_or_default());
        if late { self.met_late.note(end) } else { self.met_in_time.note(end) }
    }

    pub(super) fn miss(&mut self, end: End) {
        self.unmet.note(end);
    }

    pub(super) fn breach(&mut self, end: End) {
        self.breached.note(end);
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.met_in_time.add(&other.met_in_time);
        self.met_late.add(&other.met_late);
        self.unmet.add(&other.unmet);
        self.breached.add(&other.breached);
        self.seconds.add(&other.seconds);
    }

    pub(super) fn line(&self, clock: Clock, unit: &UnitId) -> Line {
        Line {
            clock,
            unit: unit.clone(),
            met: self.count(Count::Met),
            in_time: self.count(Count::InTime),
            unmet: self.count(Count::Unmet),
            breached: self.count(Count::Breached),
            median_s: self.seconds.at(50),
            p90_s: self.seconds.at(90),
        }
    }
}
