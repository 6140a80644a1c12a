//! The clocks of a case, as its events left them.

use super::Case;
use crate::{
    event::clocks::{ClockChange, PlannedNotice},
    few::Few,
    ids::CalendarName,
    limit::Limit,
    time::Timestamp,
    vocabulary::Clock,
};

/// A clock that has started and not ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Running {
    /// Which clock.
    pub clock: Clock,
    /// Since when it counts.
    pub from: Timestamp,
    /// When it is (or, breached, was) due.
    pub due: Timestamp,
    /// The limit.
    pub limit: Limit,
    /// The calendar.
    pub calendar: CalendarName,
    /// Since when it stands still.
    pub paused_at: Option<Timestamp>,
    /// It was breached; the fact stays.
    pub breached: bool,
    /// When the engine asks again although it is breached.
    pub again: Option<Timestamp>,
    /// How often it has been asked: part of the timer's command id.
    pub step: u32,
    /// Notices that are still to be sent.
    pub notices: Few<PlannedNotice>,
    /// What is needed to compute the due instant afresh, while it lies beyond the published calendar.
    pub beyond: Option<Box<Beyond>>,
}

/// From what a due instant beyond the published calendar came about.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Beyond {
    /// The last due instant that was sure; none where the limit itself led beyond.
    pub sure: Option<Timestamp>,
    /// The pauses since: from when to when.
    pub pauses: Vec<(Timestamp, Timestamp)>,
}

impl Running {
    /// Whether the due instant lies beyond the published calendar and is computed anew when one is published.
    pub const fn provisional(&self) -> bool {
        self.beyond.is_some()
    }

    /// The next instant at which the engine acts on this clock.
    pub fn next(&self) -> Option<Timestamp> {
        match (self.paused_at, self.breached) {
            (Some(_), _) => None,
            (None, false) => Some(self.due),
            (None, true) => self.again,
        }
    }

    /// What it came about from so far; a due instant that was sure until now is where it begins.
    fn beyond(&mut self) -> Box<Beyond> {
        let sure = Some(self.due);
        self.beyond.take().unwrap_or_else(|| Box::new(Beyond { sure, pauses: Vec::new() }))
    }
}

impl Case {
    pub(super) fn clock(&mut self, change: &ClockChange, at: Timestamp) {
        let clock = change.clock();
        let running = self.clocks.iter_mut().find(|running| running.clock == clock);
        match (change, running) {
            (ClockChange::Started { from, due, limit, calendar, provisional, .. }, _) => {
                self.clocks.retain(|running| running.clock != clock);
                // There are three or four: the next power of two would be twice as much.
                self.clocks.reserve_exact(1);
                self.clocks.push(Running {
                    clock,
                    from: *from,
                    due: *due,
                    limit: *limit,
                    calendar: calendar.clone(),
                    paused_at: None,
                    breached: false,
                    again: None,
                    step: 0,
                    notices: Few::new(),
                    beyond: provisional.then(Box::default),
                });
            }
            (ClockChange::Paused { .. }, Some(running)) => {
                running.paused_at = Some(at);
                running.notices.clear();
            }
            (ClockChange::Planned { notices, .. }, Some(running)) => running.notices = notices.into(),
            (ClockChange::Resumed { due, provisional, .. }, Some(running)) => {
                // A clock that kept its instant has counted on: that was no pause of it.
                let paused_at = running.paused_at.take().filter(|_| running.due != *due);
                running.beyond = provisional.then(|| {
                    let mut beyond = running.beyond();
                    beyond.pauses.extend(paused_at.map(|paused| (paused, at)));
                    beyond
                });
                running.due = *due;
            }
            (ClockChange::Moved { due, provisional, .. }, Some(running)) => {
                running.beyond = provisional.then(|| running.beyond());
                running.due = *due;
                running.notices.clear();
            }
            (ClockChange::Stopped { .. }, _) => self.clocks.retain(|running| running.clock != clock),
            (
                ClockChange::Paused { .. }
                | ClockChange::Resumed { .. }
                | ClockChange::Moved { .. }
                | ClockChange::Planned { .. },
                None,
            ) => {}
        }
    }
}
