//! Starting, pausing, resuming and stopping clocks: the due instant is computed here, once.

use super::Desk;
use crate::{
    case::{Case, Running},
    event::{
        Event,
        clocks::{ClockChange, Clocked},
        collect::Brief,
    },
    ids::UnitId,
    limit::Limit,
    time::Timestamp,
    vocabulary::{Clock, Rung},
};

/// Gathers what becomes of a case's clocks into one event.
pub(super) struct ClockWork<'a> {
    desk: &'a Desk<'a>,
    changes: Vec<ClockChange>,
}

impl<'a> ClockWork<'a> {
    pub(super) const fn new(desk: &'a Desk<'a>) -> Self {
        Self { desk, changes: Vec::new() }
    }

    /// Stops those of these clocks that the case has.
    pub(super) fn stop(mut self, case: &Case, clocks: &[Clock]) -> Self {
        let has = clocks.iter().filter(|clock| case.running(**clock).is_some());
        self.changes.extend(has.map(|&clock| ClockChange::Stopped { clock }));
        self
    }

    /// Stops whatever runs.
    pub(super) fn stop_all(mut self, case: &Case) -> Self {
        self.changes.extend(case.clocks.iter().map(|running| ClockChange::Stopped { clock: running.clock }));
        self
    }

    /// Pauses the clock if it runs.
    pub(super) fn pause(mut self, case: &Case, clock: Clock) -> Self {
        if case.running(clock).is_some_and(|running| running.paused_at.is_none()) {
            self.changes.push(ClockChange::Paused { clock });
        }
        self
    }

    /// Lets a paused clock go on with what was left of it; an instant that was given stays.
    pub(super) fn resume(self, case: &Case, clock: Clock) -> Self {
        self.go_on(case, clock, |limit| limit)
    }

    /// The same after a suspension, which moves an instant that was given by as long as it lasted: nothing was to be
    /// handled meanwhile.
    pub(super) fn resume_suspended(self, case: &Case, clock: Clock) -> Self {
        self.go_on(case, clock, |limit| match limit {
            Limit::Given(_) => Limit::UrgentSeconds(1),
            limit => limit,
        })
    }

    fn go_on(mut self, case: &Case, clock: Clock, counts_as: impl Fn(Limit) -> Limit) -> Self {
        if let Some(running) = case.running(clock)
            && let Some(paused_at) = running.paused_at
            && let Some(calendar) = self.desk.rules.calendars.get(&running.calendar)
        {
            let limit = counts_as(running.limit);
            let due = calendar.resume(&limit, running.due, paused_at, self.desk.now);
            self.changes.push(ClockChange::Resumed { clock, due: due.at, provisional: due.provisional });
        }
        self
    }

    /// Lets a clock that stood still run again with the instant that it had.
    pub(super) fn resume_at(mut self, running: &Running) -> Self {
        let (clock, due) = (running.clock, running.due);
        self.changes.push(ClockChange::Resumed { clock, due, provisional: running.provisional() });
        self
    }

    /// Starts a clock as another case has it.
    pub(super) fn take_over(mut self, running: &Running) -> Self {
        let Running { clock, from, due, limit, calendar, .. } = running.clone();
        let provisional = running.provisional();
        self.changes.push(ClockChange::Started { clock, from, due, limit, calendar, provisional });
        self
    }

    /// Gives a clock another instant; whether it is beyond the published calendar is as it was said of it.
    pub(super) fn move_to(mut self, case: &Case, clock: Clock, due: Timestamp) -> Self {
        if case.running(clock).is_some() {
            self.changes.push(ClockChange::Moved { clock, due, provisional: false });
        }
        self
    }

    /// Lets the engine be woken for the next errand, or for none. An instant that has passed wakes it at once.
    pub(super) fn wake(self, case: &Case, next: Option<Timestamp>, from: Timestamp) -> Self {
        let Some(next) = next else { return self.stop(case, &[Clock::Errand]) };
        if case.running(Clock::Errand).is_some_and(|running| running.due == next) {
            return self;
        }
        let centre = self.desk.centre();
        self.start(Clock::Errand, centre, Limit::Given(next.max(from)), from)
    }

    /// When a clock is due after these changes, if they say so.
    pub(super) fn due_of(&self, wanted: Clock) -> Option<Timestamp> {
        self.changes.iter().rev().find(|change| change.clock() == wanted).and_then(|change| match change {
            ClockChange::Started { due, .. }
            | ClockChange::Resumed { due, .. }
            | ClockChange::Moved { due, .. } => Some(*due),
            ClockChange::Paused { .. } | ClockChange::Planned { .. } | ClockChange::Stopped { .. } => None,
        })
    }

    /// Limit and due instant of a clock after these changes.
    pub(super) fn limit_of(&self, case: &Case, wanted: Clock) -> Option<(Limit, Timestamp)> {
        let started = self.changes.iter().rev().find_map(|change| match change {
            ClockChange::Started { clock, limit, due, .. } if *clock == wanted => Some((*limit, *due)),
            _ => None,
        });
        let running = || {
            let running = case.running(wanted)?;
            Some((running.limit, self.due_of(wanted).unwrap_or(running.due)))
        };
        started.or_else(running)
    }

    /// Starts a clock of the stage (dispatch, check, answer, call back, close) on the unit's calendar.
    pub(super) fn start_for(self, clock: Clock, unit: &UnitId, brief: &Brief) -> Self {
        let from = self.desk.now;
        match self.desk.rules.limit(clock, brief) {
            Some(limit) => self.start(clock, unit, limit, from),
            None => self,
        }
    }

    /// How long the rung may hold the case.
    pub(super) fn start_hold(self, case: &Case, unit: &UnitId, rung: Rung, from: Timestamp) -> Self {
        let hold = self.desk.rules.hold(rung, &case.brief, case.target);
        self.start(Clock::Hold, unit, hold, from)
    }

    /// The clocks of a holder: accept, contact, arrive, and the rung's hold. They start at dispatch, so that not
    /// signing stops nothing.
    pub(super) fn start_holder(self, case: &Case, unit: &UnitId, rung: Rung, from: Timestamp) -> Self {
        let mut work = self.start_hold(case, unit, rung, from);
        for clock in [Clock::Accept, Clock::Contact, Clock::Arrive] {
            if let Some(limit) = work.desk.rules.limit(clock, &case.brief) {
                work = work.start(clock, unit, limit, from);
            }
        }
        work
    }

    /// The case's own clock, once: it starts with the first assignment of a leg and never stops for a return.
    pub(super) fn start_resolve(mut self, case: &Case) -> Self {
        if case.running(Clock::Resolve).is_some() {
            return self;
        }
        let rules = self.desk.rules;
        let given = case.target.filter(|_| case.leg == 1).map(Limit::Given);
        if let Some(limit) = given.or_else(|| rules.limit(Clock::Resolve, &case.brief)) {
            let calendar = rules.calendar_of_matter(&case.brief);
            let due = calendar.due(&limit, self.desk.now);
            self.changes.push(ClockChange::started(
                Clock::Resolve,
                self.desk.now,
                limit,
                calendar.name().clone(),
                due,
            ));
        }
        self
    }

    /// Starts a clock on a unit's calendar, counting from the given instant.
    pub(super) fn start(mut self, clock: Clock, unit: &UnitId, limit: Limit, from: Timestamp) -> Self {
        let calendar = self.desk.rules.calendar_of_unit(unit);
        let due = calendar.due(&limit, from);
        self.changes.push(ClockChange::started(clock, from, limit, calendar.name().clone(), due));
        self
    }

    /// Appends the event, if anything became of a clock.
    pub(super) fn onto(self, mut events: Vec<Event>) -> Vec<Event> {
        if !self.changes.is_empty() {
            events.push(Event::Clocked(Clocked { changes: self.changes }));
        }
        events
    }
}
