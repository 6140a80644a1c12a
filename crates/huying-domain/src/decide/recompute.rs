//! A calendar was published: clocks whose due instant lay beyond the one before are computed afresh. No other clock is
//! touched: what was promised on published days stays as it was promised.

use super::Desk;
use crate::{
    calendar::{Calendar, Due},
    case::{Case, Running},
    event::{
        Event,
        clocks::{ClockChange, Clocked},
    },
    refusal::Refusal,
    rules::Rules,
};

/// The provisional clocks of a case that these rules' calendars make due at another instant. A clock that is breached
/// stays so; one that stands still is due later by as long as it will have stood, as before.
pub fn moved(rules: &Rules, case: &Case) -> Vec<ClockChange> {
    let provisional = case.clocks.iter().filter(|running| running.provisional() && !running.breached);
    let changes = provisional.filter_map(|running| {
        let due = afresh(running, rules.calendars.get(&running.calendar)?);
        let change = ClockChange::Moved { clock: running.clock, due: due.at, provisional: due.provisional };
        (due.at != running.due).then_some(change)
    });
    changes.collect()
}

/// When a clock is due on a calendar: the walk from its start, or from the last instant that was sure, through every
/// pause since.
fn afresh(running: &Running, calendar: &Calendar) -> Due {
    let Some(beyond) = &running.beyond else { return Due { at: running.due, provisional: false } };
    let begun = match beyond.sure {
        Some(at) => Due { at, provisional: false },
        None => calendar.due(&running.limit, running.from),
    };
    beyond
        .pauses
        .iter()
        .fold(begun, |due, &(paused, resumed)| calendar.resume(&running.limit, due.at, paused, resumed))
}

/// Asked by the engine itself, once for each case that a calendar touches.
pub(super) fn recompute(desk: &Desk<'_>, case: &Case) -> Result<Vec<Event>, Refusal> {
    if !desk.by_program() {
        return Err(Refusal::NotYours);
    }
    let changes = moved(desk.rules, case);
    if changes.is_empty() {
        return Err(Refusal::NothingNew);
    }
    Ok(vec![Event::Clocked(Clocked { changes })])
}
