//! What came in, was closed and became late within the last two days: today's numbers beside yesterday's at the same
//! hour. Each fact keeps the case at a glance as it stood then, so that the question of a board narrows these numbers too.

use super::{Cases, glance::Glance, lens::Lens, query::Query};
use crate::span::Span;
use huying_domain::{ids::CaseId, time::Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};

/// For how long a fact stays: since yesterday's first instant, also where a day has 25 hours.
const KEEP_S: i64 = 49 * 3_600;
/// Most facts that are kept; of a city that has more within two days, the oldest go.
pub const FACTS_MAX: usize = 400_000;

/// Which number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stream {
    /// Registered, or joined to another.
    Filed,
    /// Closed.
    Closed,
    /// A measured clock was breached.
    Late,
}

impl Stream {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Filed, Self::Closed, Self::Late];

    /// The written name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Closed => "closed",
            Self::Late => "breached",
        }
    }

    /// The stream of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stream| stream.name() == name)
    }
}

/// How many cases there were of each.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Counts {
    /// Registered.
    pub filed: u64,
    /// Closed.
    pub closed: u64,
    /// Became late.
    pub breached: u64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Fact {
    at: Timestamp,
    stream: Stream,
    case: CaseId,
    glance: Glance,
}

/// The facts, in order of their instants.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Flow(VecDeque<Fact>);

impl Flow {
    pub(super) fn note(&mut self, stream: Stream, case: CaseId, glance: Glance, at: Timestamp) {
        self.0.push_back(Fact { at, stream, case, glance });
        let oldest = at.plus_seconds(-KEEP_S);
        while self.0.len() > FACTS_MAX || self.0.front().is_some_and(|fact| fact.at < oldest) {
            self.0.pop_front();
        }
    }
}

impl Cases {
    /// The cases behind one of the numbers, each once, with the first instant within the span. Word, stage and flaw of
    /// the question are of what is open now and do not narrow what was.
    pub fn flowed(&self, stream: Stream, query: &Query, span: Span) -> BTreeMap<CaseId, Timestamp> {
        let query = Query { word: None, stage: None, flaw: None, ..query.clone() };
        let mut cases = BTreeMap::new();
        let begin = self.flow.0.partition_point(|fact| fact.at < span.from);
        let meant = self.flow.0.range(begin..).take_while(|fact| fact.at < span.to);
        let lens = Lens::new(self, &query, span.to);
        for fact in meant.filter(|fact| fact.stream == stream && lens.has(&fact.glance)) {
            cases.entry(fact.case).or_insert(fact.at);
        }
        cases
    }

    /// All three numbers of a span, over one walk.
    pub fn flow(&self, query: &Query, span: Span) -> Counts {
        let query = Query { word: None, stage: None, flaw: None, ..query.clone() };
        let mut ids: [Vec<CaseId>; 3] = Default::default();
        let begin = self.flow.0.partition_point(|fact| fact.at < span.from);
        let meant = self.flow.0.range(begin..).take_while(|fact| fact.at < span.to);
        let lens = Lens::new(self, &query, span.to);
        for fact in meant.filter(|fact| lens.has(&fact.glance)) {
            ids[fact.stream as usize].push(fact.case);
        }
        // A case that became late twice on a day is one case.
        let [filed, closed, breached] = ids.map(|mut ids| {
            ids.sort_unstable();
            ids.dedup();
            ids.len() as u64
        });
        Counts { filed, closed, breached }
    }
}
