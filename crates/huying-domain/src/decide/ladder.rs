//! The ladder: what follows when an instant passes, and when a holder asks the level above.

use super::{Desk, alarm, clocks::ClockWork, dispatch::HOLDERS, errand, request, review};
use crate::{
    case::Case,
    event::{
        Event,
        clocks::{ClockBreached, Exempted},
        dispatch::{Escalated, TopAsked},
    },
    ids::UnitId,
    refusal::Refusal,
    rules::units::Unit,
    time::Timestamp,
    vocabulary::{Clock, EscalationGround, ExemptGround, Rung, Stage},
    words::Words,
};

pub(super) fn check_clock(
    desk: &Desk<'_>,
    case: &Case,
    clock: Clock,
    scheduled: Timestamp,
    away_since: Option<Timestamp>,
) -> Result<Vec<Event>, Refusal> {
    let running = case.running(clock).ok_or(Refusal::NoSuchClock)?;
    let next = running.next().ok_or(Refusal::NoSuchClock)?;
    if next != scheduled {
        return Err(Refusal::NoSuchClock);
    }
    if desk.now < next {
        return Err(Refusal::NotYetDue { due: next });
    }
    match clock {
        // The day has come: what wakes the case is no breach.
        Clock::Suspension => return request::resumed(desk, case, true),
        Clock::Errand => return Ok(errand::missed(desk, case, scheduled)),
        Clock::LookAgain => return Ok(review::due(desk, case, scheduled)),
        _ => {}
    }
    let climbs = matches!(clock, Clock::Accept | Clock::Hold)
        && matches!(case.stage, Stage::Assigned | Stage::Handling);
    let ground =
        if clock == Clock::Accept { EscalationGround::NotAccepted } else { EscalationGround::NotSolved };
    let again = repeat(desk, case, clock, scheduled);
    let breach = ClockBreached { clock, due: scheduled, holder: case.holder.clone(), again };
    let mut events = vec![Event::ClockBreached(breach)];
    if away_since.is_some_and(|since| since <= running.from) {
        let (due, ground) = (scheduled, ExemptGround::Outage);
        events.push(Event::Exempted(Exempted { clock, due, ground, by: None, reason: String::new() }));
    }
    if clock == Clock::Ring {
        return Ok(alarm::ring_on(desk, case, scheduled, events));
    }
    if climbs && case.rung != Rung::Centre {
        return Ok(climb(desk, case, scheduled, ground, None, events));
    }
    if climbs {
        events.push(Event::TopAsked(TopAsked { count: case.top_asked.saturating_add(1) }));
    }
    Ok(events)
}

/// Clocks whose breach moves nothing are asked again, so that no open case is without a next instant. The resolve
/// clock has the rung's hold beside it and needs no repetition.
fn repeat(desk: &Desk<'_>, case: &Case, clock: Clock, scheduled: Timestamp) -> Option<Timestamp> {
    let again = || desk.rules.due_for_unit(&case.holder, &desk.rules.policy.top_repeat, scheduled).at;
    match clock {
        Clock::Dispatch | Clock::Check | Clock::Answer | Clock::CallBack | Clock::Close => Some(again()),
        Clock::Hold | Clock::Accept if case.rung == Rung::Centre => Some(again()),
        Clock::Hold
        | Clock::Accept
        | Clock::Contact
        | Clock::Arrive
        | Clock::Resolve
        | Clock::Suspension
        | Clock::Errand
        | Clock::Ring
        | Clock::LookAgain => None,
    }
}

pub(super) fn escalate(desk: &Desk<'_>, case: &Case, reason: &Words) -> Result<Vec<Event>, Refusal> {
    desk.may_handle(case)?;
    desk.act(case)?;
    super::written("reason", &reason.zh)?;
    if case.rung == Rung::Centre {
        return Err(Refusal::AtTheTop);
    }
    Ok(climb(desk, case, desk.now, EscalationGround::BeyondUs, Some(reason), Vec::new()))
}

/// One rung up, over those that have nobody, count from the scheduled instant.
fn climb(
    desk: &Desk<'_>,
    case: &Case,
    from: Timestamp,
    ground: EscalationGround,
    said: Option<&Words>,
    mut events: Vec<Event>,
) -> Vec<Event> {
    let (rung, to, skipped) = next_rung(desk, case);
    let reason = said.cloned().unwrap_or_else(|| {
        let holder = &case.holder;
        Words::new(
            format!("{holder} {}，升级到{}", ground.zh(), rung.zh()),
            format!("{holder}: {ground}, up to the {rung}"),
        )
    });
    let escalated = Escalated { from: case.holder.clone(), to: to.clone(), rung, ground, skipped, reason };
    events.push(Event::Escalated(escalated));
    ClockWork::new(desk).stop(case, HOLDERS).start_holder(case, &to, rung, from).onto(events)
}

/// The first rung above that has somebody who may hold it; the centre if none has.
fn next_rung(desk: &Desk<'_>, case: &Case) -> (Rung, UnitId, Vec<UnitId>) {
    let mut skipped = Vec::new();
    let mut rung = desk.rules.policy.above(case.rung);
    while rung != Rung::Centre {
        if let Some(unit) = desk.rules.stands_on(rung, &case.brief) {
            if fit(desk, case, rung, unit) {
                return (rung, unit.id.clone(), skipped);
            }
            skipped.push(unit.id.clone());
        }
        rung = desk.rules.policy.above(rung);
    }
    (Rung::Centre, desk.centre().clone(), skipped)
}

/// Somebody is there, the case is not about that unit, and its duty list allows the matter.
fn fit(desk: &Desk<'_>, case: &Case, rung: Rung, unit: &Unit) -> bool {
    let there = unit.staff > 0 && desk.state.on_duty(&unit.id);
    let about =
        case.brief.accused.as_ref().is_some_and(|accused| desk.rules.is_or_is_below(&unit.id, accused));
    there && !about && unit.id != case.holder && !desk.rules.duty_for(&case.brief).forbid.contains(&rung)
}
