//! The second phase: assign, accept, return, rule, reassign, delegate.

use super::{Desk, UNITS_NAMED_MAX, clocks::ClockWork, errand, written};
use crate::{
    case::Case,
    event::{
        Event,
        dispatch::{Accepted, Assigned, Delegated, Returned, Ruled},
        errand::HelpCalled,
    },
    ids::{PersonId, UnitId},
    refusal::Refusal,
    vocabulary::{Clock, ReturnGround, Rung, Stage, governed::ErrandKind},
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
    desk.act(case)?;
    if case.returns > desk.rules.policy.returns_max {
        // After so many returns the level above rules, so that it ends; and a ruling is a person's.
        desk.person_decides()?;
        return Err(Refusal::RulingNeeded { returns: case.returns });
    }
    may_hold(desk, case, order)?;
    Ok(given(desk, case, order, Vec::new()))
}

pub(super) fn reassign(desk: &Desk<'_>, case: &Case, order: &Order<'_>) -> Result<Vec<Event>, Refusal> {
    // The holder may hand it down; whoever supervises it may give it to another, or take it up.
    desk.may_lead(case)?;
    desk.act(case)?;
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
    desk.act(case)?;
    let above = |unit: &UnitId| desk.rules.supervises(&desk.actor().unit, unit);
    // Who rules stands above both: the unit that gave it back and the one that gets it.
    if !above(holder) || !case.paused_for.as_ref().is_none_or(above) {
        return Err(Refusal::NotYours);
    }
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
    let actor = &desk.actor().unit;
    let theirs = desk.by_program() || actor == order.lead || desk.rules.supervises(actor, order.lead);
    if !theirs {
        return Err(Refusal::NotBelowYou(order.lead.clone()));
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
    let work = ClockWork::new(desk).stop(case, &[Clock::Dispatch, Clock::Ring]);
    let again = case.stage == Stage::Returned && case.paused_for.as_ref() == Some(order.lead);
    let work = if again && case.running(Clock::Hold).is_some() {
        // The same unit again: its clocks go on where they stood.
        HOLDERS.iter().fold(work, |work, clock| work.resume(case, *clock))
    } else {
        work.stop(case, HOLDERS).start_holder(case, order.lead, order.rung, desk.now)
    };
    let work = work.start_resolve(case);
    // Another order has other helpers; they are called with it, each with a limit that ends before the lead's.
    let stayed = case.errands.iter().filter(|errand| errand.kind != ErrandKind::Help);
    let acts = desk.rules.policy.acts.as_ref().filter(|_| !order.co_handlers.is_empty());
    let helpers = acts.map_or_else(Vec::new, |acts| {
        errand::helpers(desk, case, &work, order.co_handlers, acts.helper_share)
    });
    let work = work.wake(case, errand::next(stayed, &helpers), desk.now);
    if !helpers.is_empty() {
        events.push(Event::HelpCalled(HelpCalled { lead: order.lead.clone(), helpers }));
    }
    work.onto(events)
}

pub(super) fn accept(desk: &Desk<'_>, case: &Case) -> Result<Vec<Event>, Refusal> {
    desk.may_handle(case)?;
    desk.act(case)?;
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
    desk.act(case)?;
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
        return Err(Refusal::AtTheTop);
    }
    let count = case.returns.saturating_add(1);
    let receiver = receiver(desk, case, count);
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
    let stayed = case.errands.iter().filter(|errand| errand.kind != ErrandKind::Help);
    Ok(work.wake(case, errand::next(stayed, &[]), desk.now).onto(vec![Event::Returned(returned)]))
}

/// Whoever gave it by hand gets it back, once, and may only assign it again or return it further; else the centre.
/// After more returns than the policy allows it is the centre's to rule.
fn receiver(desk: &Desk<'_>, case: &Case, count: u8) -> UnitId {
    let giver = case.given_by.as_ref().filter(|unit| {
        let about = case.brief.accused.as_ref().is_some_and(|one| desk.rules.is_or_is_below(unit, one));
        case.stage != Stage::Returned
            && count <= desk.rules.policy.returns_max
            && desk.rules.supervises(unit, &case.holder)
            && !about
    });
    giver.unwrap_or_else(|| desk.centre()).clone()
}

pub(super) fn delegate(desk: &Desk<'_>, case: &Case, person: &PersonId) -> Result<Vec<Event>, Refusal> {
    desk.may_lead(case)?;
    desk.act(case)?;
    Ok(vec![Event::Delegated(Delegated { person: person.clone() })])
}
