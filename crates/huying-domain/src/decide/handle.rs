//! The third phase: contact, arrive, progress, resolve.

use super::{Desk, EVIDENCE_MAX, clocks::ClockWork, dispatch::HOLDERS, errand, written};
use crate::{
    area::Point,
    case::Case,
    event::{
        Event,
        handle::{Arrived, Contacted, Progressed, Resolved},
    },
    record::Hash,
    refusal::Refusal,
    vocabulary::{Clock, governed::ErrandKind},
};

pub(super) fn contact(desk: &Desk<'_>, case: &Case, reached: bool) -> Result<Vec<Event>, Refusal> {
    desk.may_handle(case)?;
    desk.act(case)?;
    let work = ClockWork::new(desk);
    let work = if reached { work.stop(case, &[Clock::Contact]) } else { work };
    Ok(work.onto(vec![Event::Contacted(Contacted { reached })]))
}

pub(super) fn arrive(desk: &Desk<'_>, case: &Case, place: Option<Point>) -> Result<Vec<Event>, Refusal> {
    desk.may_handle(case)?;
    desk.act(case)?;
    Ok(ClockWork::new(desk).stop(case, &[Clock::Arrive]).onto(vec![Event::Arrived(Arrived { place })]))
}

pub(super) fn progress(desk: &Desk<'_>, case: &Case, note: &str) -> Result<Vec<Event>, Refusal> {
    desk.may_handle(case)?;
    desk.act(case)?;
    written("note", note)?;
    Ok(vec![Event::Progressed(Progressed { note: note.to_owned() })])
}

pub(super) fn resolve(
    desk: &Desk<'_>,
    case: &Case,
    result: &str,
    evidence: &[Hash],
) -> Result<Vec<Event>, Refusal> {
    desk.act(case)?;
    let actor = desk.actor();
    if case.holder != actor.unit {
        return Err(Refusal::NotYours);
    }
    written("result", result)?;
    if evidence.len() > EVIDENCE_MAX as usize {
        return Err(Refusal::TooLong { field: "evidence", max: EVIDENCE_MAX });
    }
    let resolved = Event::Resolved(Resolved {
        unit: actor.unit.clone(),
        on_the_spot: false,
        result: result.to_owned(),
        evidence: evidence.to_vec(),
    });
    let work = ClockWork::new(desk).stop(case, HOLDERS);
    // Until the check the case's own clock stands still: it goes on if the work has to be done again.
    let work = work.pause(case, Clock::Resolve).start_for(Clock::Check, desk.centre(), &case.brief);
    let tasks = case.errands.iter().filter(|errand| errand.kind == ErrandKind::Task);
    let work = work.wake(case, errand::next(tasks, &[]), desk.now);
    Ok(work.onto(vec![resolved]))
}
