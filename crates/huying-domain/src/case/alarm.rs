//! Alarms: who has been rung, and whether it rings still.

use super::Case;
use crate::{
    event::dispatch::Alarmed,
    ids::UnitId,
    time::Timestamp,
    vocabulary::{Clock, EmergencyLine},
};

/// A one-key alarm 一键呼叫.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alarm {
    /// The how-manieth ring.
    pub ring: u16,
    /// Everybody who has been rung.
    pub units: Vec<UnitId>,
    /// The line to which it is being handed over.
    pub line: Option<EmergencyLine>,
    /// It is a drill.
    pub drill: bool,
}

impl Case {
    /// The next instant after `now` at which the engine will do something about the case: a clock, or a notice.
    pub fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let notices = self.clocks.iter().filter(|running| running.paused_at.is_none());
        let notices = notices.flat_map(|running| &running.notices).map(|notice| notice.at);
        notices.filter(|at| *at > now).chain(self.next_instant()).min()
    }

    /// Whether an alarm rings that nobody has answered.
    pub fn rings(&self) -> bool {
        self.alarm.is_some() && self.running(Clock::Ring).is_some()
    }

    pub(super) fn ring(&mut self, event: &Alarmed) {
        let mut units = self.alarm.take().map(|alarm| alarm.units).unwrap_or_default();
        for unit in &event.units {
            if !units.contains(unit) {
                units.push(unit.clone());
            }
        }
        self.alarm = Some(Box::new(Alarm { ring: event.ring, units, line: event.line, drill: event.drill }));
    }
}
