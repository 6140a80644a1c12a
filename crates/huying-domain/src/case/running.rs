//! The clocks of a case, as its events left them.

use super::Case;
use crate::{
    event::clocks::{ClockChange, PlannedNotice},
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
    pub notices: Vec<PlannedNotice>,
}

impl Running {
    /// The next instant at which the engine acts on this clock.
    pub fn next(&self) -> Option<Timestamp> {
        match (self.paused_at, self.breached) {
            (Some(_), _) => None,
            (None, false) => Some(self.due),
            (None, true) => self.again,
        }
    }
}

impl Case {
    pub(super) fn clock(&mut self, change: &ClockChange, at: Timestamp) {
        let clock = change.clock();
        let running = self.clocks.iter_mut().find(|running| running.clock == clock);
        match (change, running) {
            (ClockChange::Started { from, due, limit, calendar, .. }, _) => {
                self.clocks.retain(|running| running.clock != clock);
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
                    notices: Vec::new(),
                });
            }
            (ClockChange::Paused { .. }, Some(running)) => {
                running.paused_at = Some(at);
                running.notices.clear();
            }
            (ClockChange::Planned { notices, .. }, Some(running)) => running.notices.clone_from(notices),
            (ClockChange::Resumed { due, .. }, Some(running)) => {
                running.paused_at = None;
                running.due = *due;
            }
            (ClockChange::Moved { due, .. }, Some(running)) => {
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
