//! How long clocks took, by clock and unit: counts, breaches, median and nine tenths.

pub mod quantiles;
pub mod taken;

use self::taken::{End, Taken};
use crate::drills::Drills;
use huying_domain::{
    event::{
        Event,
        clocks::{ClockChange, Clocked},
    },
    ids::{CaseId, UnitId},
    pages::Pages,
    record::Record,
    time::Timestamp,
    vocabulary::Clock,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Elapsed wall seconds of every clock that ended.
///
/// A clock counts for who held the case when it started; the resolve clock, which outlives holders, for who handled
/// it last. Stretches in which a clock stood still are left out.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Timing {
    drills: Drills,
    ended: BTreeMap<(Clock, UnitId), Taken>,
    open: Pages<Open>,
}

/// A line of the table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Line {
    /// The clock.
    pub clock: Clock,
    /// The unit.
    pub unit: UnitId,
    /// Clocks that ended because what they measured happened.
    pub met: u64,
    /// Those of them that were not breached before.
    pub in_time: u64,
    /// Clocks that ended otherwise.
    pub unmet: u64,
    /// Clocks that were breached.
    pub breached: u64,
    /// Half of those that were met took at most this many seconds.
    pub median_s: Option<u64>,
    /// Nine tenths took at most this many.
    pub p90_s: Option<u64>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Open {
    holder: UnitId,
    handler: UnitId,
    dispatcher: UnitId,
    runs: Vec<Run>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Run {
    clock: Clock,
    unit: UnitId,
    from: Timestamp,
    paused_at: Option<Timestamp>,
    /// For so many seconds it stood still.
    still_s: u32,
    breached: bool,
}

impl Timing {
    /// Takes in one record.
    pub fn follow(&mut self, record: &Record) {
        if self.drills.covers(record) {
            return;
        }
        for part in &record.parts {
            if let Some(case) = part.case() {
                let met: Vec<Clock> = part.events.iter().flat_map(meets).copied().collect();
                part.events.iter().for_each(|event| self.fold(case, event, &met, record.at));
            }
        }
    }

    /// What a unit took for a clock.
    pub fn of(&self, clock: Clock, unit: &UnitId) -> Option<&Taken> {
        self.ended.get(&(clock, unit.clone()))
    }

    /// The table, by clock and unit.
    pub fn lines(&self) -> impl Iterator<Item = Line> + '_ {
        self.ended.iter().map(|((clock, unit), taken)| taken.line(*clock, unit))
    }

    /// What all units took together for a clock.
    pub fn whole(&self, clock: Clock) -> Taken {
        let mut whole = Taken::default();
        for ((_, _), taken) in self.ended.iter().filter(|((of, _), _)| *of == clock) {
            whole.add(taken);
        }
        whole
    }

    fn fold(&mut self, case: CaseId, event: &Event, met: &[Clock], at: Timestamp) {
        let dispatched = match event {
            Event::Registered(event) => Some(&event.dispatcher),
            Event::Joined(event) => Some(&event.dispatcher),
            Event::Reopened(event) => Some(&event.dispatcher),
            _ => None,
        };
        if let Some(unit) = dispatched {
            self.end_all(case, met, at);
            self.open.insert(case, Open::of(unit));
        }
        match event {
            Event::Clocked(event) => self.clocked(case, event, met, at),
            Event::ClockBreached(event) => {
                let open = self.open.get_mut(case);
                let run = open.and_then(|open| open.runs.iter_mut().find(|run| run.clock == event.clock));
                if run.is_none_or(|run| !std::mem::replace(&mut run.breached, true)) {
                    let taken = self.ended.entry((event.clock, event.holder.clone())).or_default();
                    taken.breach(End { case, at, seconds: None });
                }
            }
            Event::Closed(_) => {
                self.end_all(case, met, at);
                self.open.remove(case);
            }
            event => {
                if let Some(open) = self.open.get_mut(case) {
                    open.hand_on(event);
                }
            }
        }
    }

    fn clocked(&mut self, case: CaseId, event: &Clocked, met: &[Clock], at: Timestamp) {
        for change in event.changes.iter().filter(|change| change.clock().is_measured()) {
            let clock = change.clock();
            let ends = matches!(change, ClockChange::Started { .. } | ClockChange::Stopped { .. });
            let Some(open) = self.open.get_mut(case) else { return };
            if ends && let Some(place) = open.runs.iter().position(|run| run.clock == clock) {
                let run = open.runs.remove(place);
                let handler = open.handler.clone();
                self.end(case, run, handler, met.contains(&clock), at);
            }
            let Some(open) = self.open.get_mut(case) else { return };
            let run = open.runs.iter_mut().find(|run| run.clock == clock);
            match (change, run) {
                (ClockChange::Started { from, .. }, _) => {
                    open.runs.reserve_exact(1);
                    open.runs.push(Run {
                        clock,
                        unit: open.holder.clone(),
                        from: *from,
                        paused_at: None,
                        still_s: 0,
                        breached: false,
                    });
                }
                (ClockChange::Paused { .. }, Some(run)) => run.paused_at = Some(at),
                (ClockChange::Resumed { .. }, Some(run)) => {
                    if let Some(paused) = run.paused_at.take() {
                        let still = u32::try_from(at.seconds_since(paused)).unwrap_or_default();
                        run.still_s = run.still_s.saturating_add(still);
                    }
                }
                (
                    ClockChange::Stopped { .. }
                    | ClockChange::Paused { .. }
                    | ClockChange::Moved { .. }
                    | ClockChange::Planned { .. },
                    _,
                )
                | (ClockChange::Resumed { .. }, None) => {}
            }
        }
    }

    fn end_all(&mut self, case: CaseId, met: &[Clock], at: Timestamp) {
        let Some(open) = self.open.get_mut(case) else { return };
        let (runs, handler) = (std::mem::take(&mut open.runs), open.handler.clone());
        for run in runs {
            let met = met.contains(&run.clock);
            self.end(case, run, handler.clone(), met, at);
        }
    }

    fn end(&mut self, case: CaseId, run: Run, handler: UnitId, met: bool, at: Timestamp) {
        let unit = if run.clock == Clock::Resolve { handler } else { run.unit };
        let taken = self.ended.entry((run.clock, unit)).or_default();
        if met {
            let until = run.paused_at.unwrap_or(at);
            let seconds = (until.seconds_since(run.from) - i64::from(run.still_s)).max(0);
            taken.meet(End { case, at, seconds: Some(seconds.unsigned_abs()) }, run.breached);
        } else {
            taken.miss(End { case, at, seconds: None });
        }
    }
}

/// The clocks that an event shows to be met.
const fn meets(event: &Event) -> &'static [Clock] {
    match event {
        Event::Assigned(_) => &[Clock::Dispatch],
        Event::Accepted(_) => &[Clock::Accept, Clock::Ring],
        Event::Contacted(event) if event.reached => &[Clock::Contact],
        Event::Arrived(_) => &[Clock::Arrive],
        Event::Resolved(_) => &[Clock::Hold],
        Event::Checked(event) if event.passed => &[Clock::Check, Clock::Resolve],
        Event::Checked(_) => &[Clock::Check],
        Event::Answered(_) => &[Clock::Answer],
        Event::CalledBack(_) => &[Clock::CallBack],
        Event::Closed(_) | Event::Reopened(_) => &[Clock::Close],
        _ => &[],
    }
}

impl Open {
    fn of(unit: &UnitId) -> Self {
        Self { holder: unit.clone(), handler: unit.clone(), dispatcher: unit.clone(), runs: Vec::new() }
    }

    /// Who holds and who handles after the event.
    fn hand_on(&mut self, event: &Event) {
        match event {
            Event::Assigned(event) => self.give(&event.lead),
            Event::Escalated(event) => self.give(&event.to),
            Event::Returned(event) => self.holder = event.receiver.clone(),
            Event::Resolved(event) => {
                self.handler = event.unit.clone();
                self.holder = self.dispatcher.clone();
            }
            Event::Checked(event) if !event.passed && event.brief.is_none() => {
                self.holder = self.handler.clone()
            }
            Event::Unmerged(event) => self.give(&event.holder),
            Event::Refused(_)
            | Event::Referred(_)
            | Event::Cancelled(_)
            | Event::Terminated(_)
            | Event::Merged(_) => {
                self.holder = self.dispatcher.clone();
            }
            _ => {}
        }
    }

    fn give(&mut self, unit: &UnitId) {
        self.holder = unit.clone();
        self.handler = unit.clone();
    }
}
