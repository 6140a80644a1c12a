//! Two cases about one matter become one 并单, and may become two again 拆单. The lead keeps the earliest filing and
//! the strictest limit that is still running; nothing of the other ticks; its caller is answered with the lead's.

use super::{Desk, clocks::ClockWork, written};
use crate::{
    case::{Case, merging::Before},
    event::{
        Event,
        merge::{LetGo, Merged, TookIn, Unmerged},
    },
    ids::CaseId,
    record::Part,
    refusal::Refusal,
    time::Timestamp,
    vocabulary::{Clock, Stage, Tag},
};

/// Stages in which a case takes another one in.
const LEADS: &[Stage] = &[Stage::Filed, Stage::Assigned, Stage::Handling, Stage::Returned, Stage::Resolved];

pub(super) fn merge(desk: &Desk<'_>, case: &Case, into: CaseId, reason: &str) -> Result<Vec<Part>, Refusal> {
    desk.person_decides()?;
    desk.act(case)?;
    desk.may_supervise(case)?;
    let lead = desk.state.case(into).ok_or(Refusal::UnknownCase(into))?;
    desk.may_supervise(lead)?;
    written("reason", reason)?;
    mergeable(desk, case, lead)?;
    let filed_at = lead.filed_at.min(case.filed_at);
    let (strict, clocks) = strictest(desk, case, lead);
    let merged = Merged { into, reason: reason.to_owned(), dispatcher: desk.centre().clone() };
    let paused = Clock::ALL.iter().fold(ClockWork::new(desk), |work, clock| work.pause(case, *clock));
    let took_in = TookIn { merged: case.id, filed_at, strict };
    Ok(vec![
        desk.part(case.id, paused.onto(vec![Event::Merged(merged)])),
        desk.part(lead.id, clocks.onto(vec![Event::TookIn(took_in)])),
    ])
}

fn mergeable(desk: &Desk<'_>, case: &Case, lead: &Case) -> Result<(), Refusal> {
    if case.id == lead.id {
        return Err(Refusal::JoinsItself);
    }
    if let Some(above) = lead.lead {
        return Err(Refusal::FollowsLead(above));
    }
    if !LEADS.contains(&lead.stage) {
        return Err(Refusal::LeadSettled);
    }
    let alarms = [case, lead].iter().any(|one| one.alarm.is_some() || one.tags.contains(&Tag::Drill));
    if alarms {
        return Err(Refusal::AlarmStandsAlone);
    }
    // Whoever works on it goes on: what is at the desk follows what a unit has, and not the other way.
    if lead.stage == Stage::Filed && case.stage != Stage::Filed {
        return Err(Refusal::MergeTheOtherWay);
    }
    if case.request.is_some() || !case.errands.is_empty() {
        return Err(Refusal::StillOwed);
    }
    match &case.brief.accused {
        Some(accused) if desk.rules.is_or_is_below(&lead.holder, accused) => {
            Err(Refusal::AboutThatUnit(accused.clone()))
        }
        // The lead may yet be given to whoever the other is about: only the same accusation may be merged.
        accused if *accused != lead.brief.accused => Err(Refusal::OtherAccused),
        _ => Ok(()),
    }
}

/// The limit of the case that is taken in, if it is the stricter one and has not passed: one that has is a fact of
/// that case and stays there.
fn strictest<'a>(desk: &'a Desk<'a>, case: &Case, lead: &Case) -> (Option<Timestamp>, ClockWork<'a>) {
    let work = ClockWork::new(desk);
    let theirs = case.running(Clock::Resolve).filter(|one| !one.breached && one.due > desk.now);
    let Some(theirs) = theirs else { return (None, work) };
    match lead.running(Clock::Resolve) {
        Some(own) if own.breached || own.due <= theirs.due => (None, work),
        Some(_) => (Some(theirs.due), work.move_to(lead, Clock::Resolve, theirs.due)),
        None => (Some(theirs.due), work.take_over(theirs)),
    }
}

pub(super) fn unmerge(desk: &Desk<'_>, case: &Case, reason: &str) -> Result<Vec<Part>, Refusal> {
    desk.person_decides()?;
    // A case that is not merged says which stage it is in; one that joined from its start has nowhere to go back to.
    if case.stage != Stage::Following {
        return Err(Refusal::WrongStage { stage: case.stage });
    }
    let (Some(before), Some(lead)) = (&case.before, case.lead) else { return Err(Refusal::NotMerged) };
    desk.may_supervise(case)?;
    written("reason", reason)?;
    let lead = desk.state.case(lead).ok_or(Refusal::UnknownCase(lead))?;
    let unmerged = Unmerged {
        from: lead.id,
        reason: reason.to_owned(),
        stage: before.stage,
        holder: before.holder.clone(),
        person: before.person.clone(),
        rung: before.rung,
    };
    Ok(vec![
        desk.part(case.id, going_on(desk, case, before).onto(vec![Event::Unmerged(unmerged)])),
        desk.part(lead.id, let_go(desk, case, lead)),
    ])
}

/// The case's own clock counted on, as it does for a return: its caller has waited. Those of the holder go on with
/// what they had left.
fn going_on<'a>(desk: &'a Desk<'a>, case: &Case, before: &Before) -> ClockWork<'a> {
    before.ran.iter().fold(ClockWork::new(desk), |work, clock| match case.running(*clock) {
        Some(running) if *clock == Clock::Resolve || running.breached => work.resume_at(running),
        _ => work.resume(case, *clock),
    })
}

/// The lead goes back to what it had without that case: its filing, and its limit unless somebody moved it since.
fn let_go(desk: &Desk<'_>, case: &Case, lead: &Case) -> Vec<Event> {
    let others = || {
        let others = lead.members.iter().filter(|member| **member != case.id);
        others.filter_map(|id| desk.state.case(*id)).filter(|one| one.before.is_some())
    };
    let filed_at = others().map(|one| one.filed_at).fold(lead.own_filed_at, Ord::min);
    let running = lead.running(Clock::Resolve);
    let lent = lead
        .lent
        .as_deref()
        .filter(|lent| running.is_some_and(|one| one.due == lent.strict && !one.breached));
    let mut work = ClockWork::new(desk);
    let mut strict = None;
    if let Some(lent) = lent {
        let theirs = others().filter_map(|one| one.running(Clock::Resolve));
        let theirs = theirs.filter(|one| !one.breached && one.due > desk.now).map(|one| one.due).min();
        strict = theirs.filter(|due| lent.own.is_none_or(|own| *due < own));
        work = match strict.or(lent.own) {
            Some(due) if due == lent.strict => work,
            Some(due) => work.move_to(lead, Clock::Resolve, due),
            None => work.stop(lead, &[Clock::Resolve]),
        };
    }
    work.onto(vec![Event::LetGo(LetGo { unmerged: case.id, filed_at, strict })])
}
