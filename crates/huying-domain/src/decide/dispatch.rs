//! The second phase: assign, accept, return, rule, reassign, delegate, remind.

use super::{Desk, UNITS_NAMED_MAX, clocks::ClockWork, written};
use crate::{
    case::Case,
    event::{
        Event,
        dispatch::{Accepted, Assigned, Delegated, Reminded, Returned, Ruled},
    },
    ids::{PersonId, UnitId},
    refusal::Refusal,
    vocabulary::{Clock, ReturnGround, Rung, Stage},
    words::Words,
};

/// Clocks that belong to one holder and end with its holding.
pub(super) const HOLDERS: &[Clock] = &[Clock::Accept, Clock::Contact, Clock::Arrive, Clock::Hold];

/// Who is to have a case.
pub(super) struct Order<'a> {
    pub lead: &'a UnitId,
    pub co_handlers: &'a [UnitId],
    pub told: &'a [UnitId],
    pub rung: Rung,
    pub reason: &'a Words,
}

pub(super) fn assign(desk: &Desk<'_>, case: &Case, order: &Order<'_>) -> Result<Vec<Event>, Refusal> {
    desk.may_handle(case)?;
    desk.stage(case, &[Stage::Filed, Stage::Returned])?;
    if case.returns > desk.rules.policy.returns_max {
        // After so many returns the level above rules, and a ruling is a person's.
        desk.person_decides()?;
    }
    may_hold(desk, case, order)?;
    Ok(given(desk, case, order, Vec::new()))
}

pub(super) fn reassign(desk: &Desk<'_>, case: &Case, order: &Order<'_>) -> Result<Vec<Event>, Refusal> {
    desk.may_supervise(case)?;
    desk.stage(case, &[Stage::Assigned, Stage::Handling])?;
    if *order.lead == case.holder {
        return Err(Refusal::NothingNew);
    }
    may_hold(desk, case, order)?;
    Ok(given(desk, case, order, Vec::new()))
}

pub(super) fn rule(
    desk: &Desk<'_>,
    case: &Case,
    holder: &UnitId,
    rung: Rung,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    desk.stage(case, &[Stage::Returned])?;
    desk.may_handle(case)?;
    written("reason", reason)?;
    let words = Words::new(reason, reason);
    let order = Order { lead: holder, co_handlers: &[], told: &[], rung, reason: &words };
    may_hold(desk, case, &order)?;
    let ruled = Event::Ruled(Ruled { holder: holder.clone(), reason: reason.to_owned() });
    // The ruling comes behind the assignment, so that it marks this holding and not the one before.
    Ok(given(desk, case, &order, vec![ruled]))
}

/// The unit exists, the case is not about it, and the duty list lets its rung lead such a matter.
fn may_hold(desk: &Desk<'_>, case: &Case, order: &Order<'_>) -> Result<(), Refusal> {
    let named = order.co_handlers.len().max(order.told.len());
    if named > UNITS_NAMED_MAX as usize {
        return Err(Refusal::TooLong { field: "co_handlers", max: UNITS_NAMED_MAX });
    }
    for unit in [order.lead].into_iter().chain(order.co_handlers).chain(order.told) {
        desk.rules.unit(unit).ok_or_else(|| Refusal::UnknownUnit(unit.clone()))?;
    }
    if let Some(accused) = &case.brief.accused
        && [order.lead]
            .into_iter()
            .chain(order.co_handlers)
            .any(|unit| desk.rules.is_or_is_below(unit, accused))
    {
        return Err(Refusal::AboutThatUnit(accused.clone()));
    }
    if desk.rules.duty_for(&case.brief).forbid.contains(&order.rung) {
        return Err(Refusal::NotItsDuty);
    }
    Ok(())
}

fn given(desk: &Desk<'_>, case: &Case, order: &Order<'_>, behind: Vec<Event>) -> Vec<Event> {
    let assigned = Assigned {
        lead: order.lead.clone(),
        co_handlers: order.co_handlers.to_vec(),
        told: order.told.to_vec(),
        rung: order.rung,
        reason: order.reason.clone(),
        leg: case.leg,
        rules: desk.rules.label.clone(),
    };
    let mut events = vec![Event::Assigned(assigned)];
    events.extend(behind);
    let work = ClockWork::new(desk).stop(case, &[Clock::Dispatch]);
    let again = case.stage == Stage::Returned && case.paused_for.as_ref() == Some(order.lead);
    let work = if again && case.running(Clock::Hold).is_some() {
        // The same unit again: its clocks go on where they stood.
        HOLDERS.iter().fold(work, |work, clock| work.resume(case, *clock))
    } else {
        work.stop(case, HOLDERS).start_holder(case, order.lead, order.rung, desk.now)
    };
    work.start_resolve(case).onto(events)
}

pub(super) fn accept(desk: &Desk<'_>, case: &Case) -> Result<Vec<Event>, Refusal> {
    desk.may_handle(case)?;
    desk.stage(case, &[Stage::Assigned])?;
    if desk.actor().unit != case.holder {
        return Err(Refusal::NotYours);
    }
    let accepted = Event::Accepted(Accepted { unit: case.holder.clone() });
    Ok(ClockWork::new(desk).stop(case, &[Clock::Accept]).onto(vec![accepted]))
}

pub(super) fn give_back(
    desk: &Desk<'_>,
    case: &Case,
    ground: ReturnGround,
    reason: &str,
    proposed: Option<&UnitId>,
) -> Result<Vec<Event>, Refusal> {
    desk.stage(case, &[Stage::Assigned, Stage::Handling, Stage::Returned])?;
    if desk.actor().unit != case.holder {
        return Err(Refusal::NotYours);
    }
    written("reason", reason)?;
    if case.ruled {
        return Err(Refusal::RuledCannotReturn);
    }
    if let Some(unit) = proposed {
        desk.rules.unit(unit).ok_or_else(|| Refusal::UnknownUnit(unit.clone()))?;
    }
    if case.holder == *desk.centre() {
        return Err(Refusal::WrongStage { stage: case.stage });
    }
    let count = case.returns.saturating_add(1);
    let receiver = desk.centre().clone();
    let returned = Returned {
        unit: case.holder.clone(),
        ground,
        reason: reason.to_owned(),
        proposed: proposed.cloned(),
        receiver: receiver.clone(),
        count,
        brief: case.brief.clone(),
    };
    // The handler's clocks stand still; the case's own clock never does.
    let work = HOLDERS.iter().fold(ClockWork::new(desk), |work, clock| work.pause(case, *clock));
    let work = work.start_for(Clock::Dispatch, &receiver, &case.brief);
    Ok(work.onto(vec![Event::Returned(returned)]))
}

pub(super) fn delegate(desk: &Desk<'_>, case: &Case, person: &PersonId) -> Result<Vec<Event>, Refusal> {
    desk.may_handle(case)?;
    desk.stage(case, &[Stage::Assigned, Stage::Handling])?;
    Ok(vec![Event::Delegated(Delegated { person: person.clone() })])
}

pub(super) fn remind(desk: &Desk<'_>, case: &Case, note: &str) -> Result<Vec<Event>, Refusal> {
    desk.may_supervise(case)?;
    written("note", note)?;
    if case.stage == Stage::Closed {
        return Err(Refusal::WrongStage { stage: case.stage });
    }
    Ok(vec![Event::Reminded(Reminded { by: desk.actor().unit.clone(), note: note.to_owned() })])
}
