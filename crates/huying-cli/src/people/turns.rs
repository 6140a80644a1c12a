//! Where each open case is, as far as the parties have to know it: a counter that moves with the main flow.

use huying_domain::{
    event::{
        Event,
        clocks::{ClockChange, Clocked},
    },
    ids::CaseId,
    vocabulary::Clock,
};
use std::collections::BTreeMap;

/// What the parties know of one open case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turn {
    /// Rises with each event of the main flow; notes, reminders and clocks leave it.
    pub turn: u32,
    /// The leg.
    pub leg: u8,
    /// The result is somebody's work, so that the caller will be asked whether it helped.
    pub owes_call_back: bool,
    /// How long the holder may hold it, in seconds from the handing to the instant when it climbs.
    pub hold_s: Option<i64>,
    /// It is a one-key alarm.
    pub alarm: bool,
}

/// The turns of all open cases.
#[derive(Debug, Default)]
pub struct Turns {
    cases: BTreeMap<CaseId, Turn>,
}

impl Turns {
    /// The turn of a case; one that is closed or unknown has none.
    pub fn of(&self, case: CaseId) -> Option<u32> {
        self.cases.get(&case).map(|known| known.turn)
    }

    /// How many cases are open.
    pub fn open(&self) -> usize {
        self.cases.len()
    }

    /// Takes in an event and says where the case is now; none for what happens to a case at rest.
    pub fn follow(&mut self, case: CaseId, event: &Event) -> Option<Turn> {
        if matches!(event, Event::Registered(_) | Event::Joined(_)) {
            self.cases
                .insert(case, Turn { turn: 0, leg: 1, owes_call_back: false, hold_s: None, alarm: false });
        }
        let known = self.cases.get_mut(&case)?;
        known.turn += u32::from(moves(event));
        match event {
            Event::Joined(_) | Event::Resolved(_) => known.owes_call_back = true,
            Event::Alarmed(_) => known.alarm = true,
            Event::Refused(_) | Event::Referred(_) | Event::Cancelled(_) | Event::Terminated(_) => {
                known.owes_call_back = false
            }
            Event::Reopened(event) => known.leg = event.leg,
            Event::Clocked(event) => known.hold_s = hold_s(event).or(known.hold_s),
            _ => {}
        }
        let now = *known;
        if matches!(event, Event::Closed(_)) {
            self.cases.remove(&case);
        }
        Some(now)
    }
}

fn hold_s(clocked: &Clocked) -> Option<i64> {
    clocked.changes.iter().find_map(|change| match change {
        ClockChange::Started { clock: Clock::Hold, from, due, .. } => Some(due.seconds_since(*from)),
        _ => None,
    })
}

const fn moves(event: &Event) -> bool {
    matches!(
        event,
        Event::Registered(_)
            | Event::Joined(_)
            | Event::Refused(_)
            | Event::Referred(_)
            | Event::Cancelled(_)
            | Event::Terminated(_)
            | Event::Alarmed(_)
            | Event::Assigned(_)
            | Event::Accepted(_)
            | Event::Returned(_)
            | Event::Resolved(_)
            | Event::Escalated(_)
            | Event::Checked(_)
            | Event::Answered(_)
            | Event::CalledBack(_)
            | Event::Reopened(_)
            | Event::Closed(_)
    )
}
