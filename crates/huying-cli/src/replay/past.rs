//! The world of a replay: the calls of a file, handled when the file says that they were.

use super::{dues::Dues, verdicts::Verdicts};
use crate::people::{
    act::{Act, Deed},
    agenda::Agenda,
    world::{Call, Seen, World},
};
use huying_domain::{event::Event, ids::ExternalId, time::Timestamp};
use huying_intake::report::Report;
use std::{collections::BTreeMap, vec};

/// How many days after the last row and snapshot the run goes on at most: reopened work and call-backs take a
/// few.
pub const RUN_ON_DAYS_MAX: i64 = 90;

/// What the file says of one call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Past {
    /// When it was closed.
    pub closed: Option<Timestamp>,
    /// When the data end for it.
    pub ends: Timestamp,
    /// The source's own verdict.
    pub on_time: Option<bool>,
}

/// The calls and what became of them.
pub struct PastCalls {
    calls: vec::IntoIter<Report>,
    count: u64,
    past: BTreeMap<ExternalId, Past>,
    horizon: Timestamp,
    /// Our verdicts against the source's.
    pub verdicts: Verdicts,
    /// Our due instants against those that the source promised, where a policy of ours is tried.
    pub dues: Option<Dues>,
    /// Calls whose place lies in no area.
    pub orphans: u64,
}

impl PastCalls {
    /// The calls in order. Where the file names no snapshot, the data end at `end`.
    pub fn new(reports: Vec<Report>, end: Timestamp, dues: Option<Dues>) -> Self {
        let past_of = |report: &Report| {
            let ends = report.snapshot.unwrap_or(end).max(report.received);
            let past = Past { closed: report.closed, ends, on_time: report.on_time };
            report.external.clone().map(|external| (external, past))
        };
        let past: BTreeMap<_, _> = reports.iter().filter_map(past_of).collect();
        let last = past.values().map(|past| past.ends).max().unwrap_or(end).max(end);
        Self {
            count: reports.len() as u64,
            calls: reports.into_iter(),
            past,
            horizon: last.plus_seconds(RUN_ON_DAYS_MAX * 86_400),
            verdicts: Verdicts::default(),
            dues,
            orphans: 0,
        }
    }
}

impl World for PastCalls {
    fn next_call_at(&self) -> Option<Timestamp> {
        self.calls.as_slice().first().map(|report| report.received)
    }

    fn take_call(&mut self) -> Option<Call> {
        self.calls.next().map(|report| Call { report, at_desk: None })
    }

    fn horizon(&self) -> Timestamp {
        self.horizon
    }

    fn calls(&self) -> Option<u64> {
        Some(self.count)
    }

    fn follow(&mut self, seen: &Seen<'_>, agenda: &mut Agenda) {
        if let Some(dues) = &mut self.dues {
            dues.follow(seen.case, seen.event);
        }
        let filing = match seen.event {
            Event::Registered(event) => &event.filing,
            Event::Joined(event) => &event.filing,
            event => return self.verdicts.follow(seen.case, event),
        };
        self.orphans += u64::from(filing.orphan);
        let past = filing.external.as_ref().and_then(|external| self.past.get(external));
        let (Event::Registered(_), Some(past)) = (seen.event, past) else { return };
        // A member follows its lead, whatever the file says of it.
        let act = |deed| Act { case: seen.case, turn: seen.turn.turn, deed };
        match past.closed {
            Some(closed) => agenda.intend(closed.max(seen.at), act(Deed::FinishByData)),
            None => agenda.intend(past.ends.max(seen.at), act(Deed::Censor)),
        }
        if let (Some(external), Some(closed)) = (&filing.external, past.closed) {
            self.verdicts.await_verdict(seen.case, external, filing.target, closed, past.on_time);
        }
    }
}
