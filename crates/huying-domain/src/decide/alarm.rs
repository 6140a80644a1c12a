//! One-key alarms 一键呼叫: no triage, no calendar, no quiet hours. All of a ring are rung at once, the first to answer
//! has it, and while nobody answers the next ring is rung; the last one hands over to an emergency line.

use super::{Desk, clocks::ClockWork};
use crate::{
    case::Case,
    event::{
        Event,
        collect::{Brief, Filing},
        dispatch::{Accepted, Alarmed, Assigned},
        feedback::Closed,
    },
    ids::UnitId,
    refusal::Refusal,
    rules::alarm::{AlarmPlan, Party},
    time::Timestamp,
    vocabulary::{Channel, Clock, CloseCondition, Rung, Tag},
    words::Words,
};

/// The plan for a call, if it is an alarm.
pub(super) fn plan_for<'a>(desk: &Desk<'a>, filing: &Filing) -> Option<&'a AlarmPlan> {
    let plan = desk.rules.policy.alarm.as_ref()?;
    (filing.channel == Channel::Device && plan.takes(&filing.brief.class)).then_some(plan)
}

/// What becomes of a press of the button: the first ring that has somebody is rung.
pub(super) fn begun(desk: &Desk<'_>, filing: &Filing, plan: &AlarmPlan, registered: Event) -> Vec<Event> {
    let drill = filing.tags.contains(&Tag::Drill);
    let ring = Ring { brief: &filing.brief, drill, number: 1, repeats: false, rung: &[] };
    rung(desk, plan, &ring, desk.now, vec![registered])
}

/// Nobody answered: the next ring; behind the last one of a drill nothing, of an alarm the emergency line.
pub(super) fn ring_on(
    desk: &Desk<'_>,
    case: &Case,
    scheduled: Timestamp,
    mut events: Vec<Event>,
) -> Vec<Event> {
    let Some(alarm) = &case.alarm else { return events };
    let Some(plan) = &desk.rules.policy.alarm else {
        // The city has taken its plan back while it rang: the case goes on as any other, by hand of the centre.
        let work = ClockWork::new(desk).stop(case, &[Clock::Ring]);
        return work.start_for(Clock::Dispatch, desk.centre(), &case.brief).onto(events);
    };
    let number = alarm.ring.saturating_add(1);
    if alarm.drill && usize::from(alarm.ring) >= plan.rings.len() {
        events.push(drill_over());
        return ClockWork::new(desk).stop_all(case).onto(events);
    }
    let ring = Ring {
        brief: &case.brief,
        drill: alarm.drill,
        number,
        repeats: alarm.line.is_some(),
        rung: &alarm.units,
    };
    rung(desk, plan, &ring, scheduled, events)
}

/// The first of those who were rung has it. The others are told, and whoever comes later is told who was first.
pub(super) fn answer(desk: &Desk<'_>, case: &Case) -> Result<Vec<Event>, Refusal> {
    let unit = &desk.actor().unit;
    let alarm = case.alarm.as_ref().expect("asked for alarms alone");
    if !case.rings() {
        return if case.holder != *unit && alarm.units.contains(unit) {
            Err(Refusal::AlarmAnswered(case.holder.clone()))
        } else {
            super::dispatch::accept(desk, case)
        };
    }
    if desk.by_program() || !(alarm.units.contains(unit) || unit == desk.centre()) {
        return Err(Refusal::NotYours);
    }
    let accepted = Event::Accepted(Accepted { unit: unit.clone() });
    if alarm.drill {
        return Ok(ClockWork::new(desk).stop_all(case).onto(vec![accepted, drill_over()]));
    }
    let gateway = desk.rules.policy.alarm.as_ref().and_then(|plan| plan.gateway.as_ref());
    if gateway == Some(unit) {
        // An emergency line takes an alarm over with its receipt, not with a signature.
        return Err(Refusal::Missing("receipt"));
    }
    let others = alarm.units.iter().filter(|other| *other != unit);
    let rung = stands_on(desk, unit, &case.brief);
    let assigned = Assigned {
        lead: unit.clone(),
        co_handlers: Vec::new(),
        told: others.take(super::UNITS_NAMED_MAX as usize).cloned().collect(),
        rung,
        reason: Words::new(
            format!("一键呼叫，{unit} 率先接警（第{}轮）", alarm.ring),
            format!("one-key alarm: {unit} was the first to answer, in ring {}", alarm.ring),
        ),
        leg: case.leg,
        rules: desk.rules.label.clone(),
    };
    let mut work = ClockWork::new(desk).stop(case, &[Clock::Ring]).start_hold(case, unit, rung, desk.now);
    for clock in [Clock::Contact, Clock::Arrive] {
        if let Some(limit) = desk.rules.limit(clock, &case.brief) {
            work = work.start(clock, unit, limit, desk.now);
        }
    }
    Ok(work.start_resolve(case).onto(vec![Event::Assigned(assigned), accepted]))
}

/// Who holds a case may hand it to an emergency line; an alarm also whoever it rings at, and only with the line's
/// receipt: before that somebody still has to go.
pub(super) fn may_hand_over(desk: &Desk<'_>, case: &Case, receipt: Option<&str>) -> Result<(), Refusal> {
    let Some(alarm) = &case.alarm else { return desk.may_handle(case) };
    if !alarm.units.contains(&desk.actor().unit) {
        desk.may_handle(case)?;
    }
    if alarm.drill {
        return Err(Refusal::WrongStage { stage: case.stage });
    }
    match receipt.filter(|receipt| !receipt.trim().is_empty()) {
        Some(receipt) => super::within("receipt", receipt, super::RECEIPT_CHARS_MAX),
        None => Err(Refusal::Missing("receipt")),
    }
}

struct Ring<'a> {
    brief: &'a Brief,
    drill: bool,
    number: u16,
    /// The last ring is rung once more.
    repeats: bool,
    /// Who has been rung before.
    rung: &'a [UnitId],
}

/// Rings at the ring of this number, or at the first behind it that has somebody who was not rung before.
fn rung(
    desk: &Desk<'_>,
    plan: &AlarmPlan,
    ring: &Ring<'_>,
    from: Timestamp,
    mut events: Vec<Event>,
) -> Vec<Event> {
    let mut skipped = Vec::new();
    let mut found = None;
    for (at, parties) in plan.rings.iter().enumerate().skip(usize::from(ring.number) - 1) {
        let units = there(desk, parties, ring.brief, &mut skipped);
        if units.iter().any(|unit| !ring.rung.contains(unit)) {
            found = Some((u16::try_from(at + 1).unwrap_or(u16::MAX), units, None));
            break;
        }
    }
    // Behind the last ring: the line's gateway, and the centre beside it until somebody has it.
    let last = || {
        let gateway = plan.gateway.clone().filter(|_| !ring.drill);
        let units: Vec<UnitId> = gateway.into_iter().chain([desk.centre().clone()]).collect();
        let behind = u16::try_from(plan.rings.len()).unwrap_or(u16::MAX).saturating_add(1);
        (ring.number.max(behind), units, (!ring.drill).then_some(plan.line))
    };
    let behind = found.is_none();
    let (number, units, line) = found.unwrap_or_else(last);
    events.push(Event::Alarmed(Alarmed { ring: number, units, skipped, line, drill: ring.drill }));
    let (limit, from) = if behind {
        // What is only repeated is not made up for after a stop: the last ring is rung once more, now.
        (plan.again, if ring.repeats { desk.now } else { from })
    } else {
        (plan.ring, from)
    };
    ClockWork::new(desk).start(Clock::Ring, desk.centre(), limit, from).onto(events)
}

/// Those of a ring who are there; law 8: not the unit that the matter is about, and nobody below it.
fn there(desk: &Desk<'_>, parties: &[Party], brief: &Brief, skipped: &mut Vec<UnitId>) -> Vec<UnitId> {
    let mut units: Vec<UnitId> = Vec::new();
    for party in parties {
        let unit = match party {
            Party::Rung(rung) => desk.rules.stands_on(*rung, brief),
            Party::Unit(id) => desk.rules.unit(id),
        };
        let Some(unit) = unit else { continue };
        let about =
            brief.accused.as_ref().is_some_and(|accused| desk.rules.is_or_is_below(&unit.id, accused));
        if about || units.contains(&unit.id) {
            continue;
        }
        if super::notice::is_there(desk, &unit.id) {
            units.push(unit.id.clone());
        } else if !skipped.contains(&unit.id) {
            skipped.push(unit.id.clone());
        }
    }
    units
}

fn stands_on(desk: &Desk<'_>, unit: &UnitId, brief: &Brief) -> Rung {
    let on = |rung: &&Rung| desk.rules.stands_on(**rung, brief).is_some_and(|stands| stands.id == *unit);
    Rung::ALL.iter().find(on).copied().unwrap_or(Rung::Department)
}

fn drill_over() -> Event {
    Event::Closed(Closed { condition: CloseCondition::Drill, reason: String::new() })
}
