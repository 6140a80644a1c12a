//! Notices: planned when a clock starts, checked against the state when their instant has come, and given out to
//! whoever is there then. Being told is not holding: a notice moves nothing.

use super::Desk;
use crate::{
    case::{Case, Running},
    event::{
        Event,
        clocks::{Addressed, ClockChange, Noticed, PlannedNotice},
        collect::Brief,
    },
    ids::UnitId,
    record::Part,
    refusal::Refusal,
    rules::notice::Matter,
    time::Timestamp,
    vocabulary::{Clock, NoticeRole, Rung},
};

/// Beside each clock that starts or goes on: when who is told of it.
pub(super) fn planned(desk: &Desk<'_>, mut parts: Vec<Part>) -> Vec<Part> {
    if desk.rules.policy.notices.is_empty() {
        return parts;
    }
    for part in &mut parts {
        let Some(id) = part.case() else { continue };
        plan(desk, desk.state.case(id), &mut part.events);
    }
    parts
}

fn plan(desk: &Desk<'_>, case: Option<&Case>, events: &mut [Event]) {
    let mut brief: Option<Brief> = case.map(|case| case.brief.clone());
    let mut rung = case.map_or(Rung::Centre, |case| case.rung);
    for event in events {
        match event {
            Event::Registered(event) => brief = Some(event.filing.brief.clone()),
            Event::Assigned(event) => rung = event.rung,
            Event::Escalated(event) => rung = event.rung,
            Event::Reopened(_) | Event::Returned(_) | Event::Resolved(_) => rung = Rung::Centre,
            Event::Clocked(event) => {
                let Some(brief) = &brief else { continue };
                let plans: Vec<ClockChange> = event
                    .changes
                    .iter()
                    .filter_map(|change| plan_of(desk, case, change, brief, rung))
                    .collect();
                event.changes.extend(plans);
            }
            _ => {}
        }
    }
}

fn plan_of(
    desk: &Desk<'_>,
    case: Option<&Case>,
    change: &ClockChange,
    brief: &Brief,
    rung: Rung,
) -> Option<ClockChange> {
    let running = |clock: Clock| case.and_then(|case| case.running(clock));
    let (clock, from, due, calendar) = match change {
        ClockChange::Started { clock, from, due, calendar, .. } => (*clock, *from, *due, calendar),
        ClockChange::Resumed { clock, due, .. } => {
            let Running { from, calendar, .. } = running(*clock)?;
            (*clock, *from, *due, calendar)
        }
        ClockChange::Moved { clock, due, .. } => {
            let Running { from, calendar, .. } = running(*clock).filter(|one| one.paused_at.is_none())?;
            (*clock, *from, *due, calendar)
        }
        _ => return None,
    };
    let calendar = desk.rules.calendars.get(calendar)?;
    let matter = Matter { clock, brief, rung, from, due, calendar };
    let mut notices = desk.rules.policy.notices.plan(&matter);
    // What would have been sent before this decision was never planned: no burst of old news. A clock that had run
    // before has given out already whatever its new instant would put into the past.
    let ran = !matches!(change, ClockChange::Started { .. });
    notices.retain(|notice| notice.until > desk.now && (!ran || notice.at > desk.now));
    (!notices.is_empty()).then_some(ClockChange::Planned { clock, notices })
}

/// Gives a planned notice out, if its clock still runs and the notice is of use to anybody.
pub(super) fn give_out(
    desk: &Desk<'_>,
    case: &Case,
    clock: Clock,
    step: u8,
    scheduled: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    if !desk.by_program() {
        return Err(Refusal::NotYours);
    }
    let running = case.running(clock).filter(|running| running.paused_at.is_none());
    let running = running.ok_or(Refusal::NoSuchClock)?;
    let planned = running.notices.iter().find(|notice| notice.step == step && notice.at == scheduled);
    let planned = planned.ok_or(Refusal::NoSuchClock)?;
    if desk.now < planned.at {
        return Err(Refusal::NotYetDue { due: planned.at });
    }
    if desk.now >= planned.until {
        return Err(Refusal::NoticeLapsed { since: planned.until });
    }
    let noticed = Noticed {
        clock,
        due: running.due,
        step,
        phase: planned.phase,
        to: addressed(desk, case, planned),
        until: planned.until,
    };
    Ok(vec![Event::Noticed(noticed)])
}

/// Who is told: evaluated now and not when it was planned, each unit once. Where nobody is there, whoever stands
/// above is told instead, so that a notice never rings in an empty room.
fn addressed(desk: &Desk<'_>, case: &Case, planned: &PlannedNotice) -> Vec<Addressed> {
    let rules = desk.rules;
    let roles = planned.to.iter().filter_map(|role| {
        let unit = match role {
            NoticeRole::Holder => Some(case.holder.clone()),
            NoticeRole::Above => Some(rules.above(&case.holder).clone()),
            NoticeRole::Sponsor => rules.sponsor(case.brief.area).cloned(),
            NoticeRole::Centre => Some(desk.centre().clone()),
        };
        unit.map(|unit| (unit, Some(*role)))
    });
    let named = planned.units.iter().filter(|unit| rules.unit(unit).is_some());
    let mut to: Vec<Addressed> = Vec::new();
    for (meant, role) in roles.chain(named.map(|unit| (unit.clone(), None))) {
        let unit = present(desk, &meant);
        let about = case.brief.accused.as_ref().is_some_and(|accused| rules.is_or_is_below(&unit, accused));
        // Who a case is about is not told how it goes, except that a holder knows what it holds.
        if (about && unit != case.holder) || to.iter().any(|one| one.unit == unit) {
            continue;
        }
        let instead_of = (meant != unit).then_some(meant);
        to.push(Addressed { unit, role, instead_of });
    }
    if to.is_empty() {
        to.push(Addressed { unit: desk.centre().clone(), role: Some(NoticeRole::Centre), instead_of: None });
    }
    to
}

/// The unit, or the first above it that has somebody there; at last the centre.
fn present(desk: &Desk<'_>, unit: &UnitId) -> UnitId {
    desk.state.present(desk.rules, unit)
}

/// Whether a unit has somebody there.
pub(super) fn is_there(desk: &Desk<'_>, unit: &UnitId) -> bool {
    desk.state.is_there(desk.rules, unit)
}
