//! The first phase: register, join, correct, tag, refuse, refer, cancel; and what touches the caller's data.

use super::{
    Desk, EVIDENCE_MAX, RECEIPT_CHARS_MAX, SUMMARY_CHARS_MAX, alarm, clocks::ClockWork, within, written,
};
use crate::{
    area::AreaCode,
    case::Case,
    event::handle::Resolved,
    event::supervise::Supervised,
    event::{
        Event,
        collect::{
            Cancelled, Corrected, Erased, Filing, Guide, Joined, MemberAdded, Referred, Refused, Registered,
            Rehomed, Revealed, Tagged,
        },
    },
    ids::CaseId,
    record::{Hash, Part},
    refusal::Refusal,
    vocabulary::{
        CancelGround, CaseKind, Clock, EmergencyLine, RefusalGround, Stage, Tag,
        governed::{SupervisionDegree, SupervisionGround},
    },
};

/// The stages in which the outcome is still open.
const UNSETTLED: &[Stage] =
    &[Stage::Filed, Stage::Assigned, Stage::Handling, Stage::Suspended, Stage::Returned];

pub(super) fn register(desk: &Desk<'_>, filing: &Filing) -> Result<Vec<Part>, Refusal> {
    filed_well(desk, filing)?;
    let dispatcher = desk.centre().clone();
    let registered = Registered {
        filing: filing.clone(),
        dispatcher: dispatcher.clone(),
        rules: desk.rules.label.clone(),
    };
    if let Some(plan) = alarm::plan_for(desk, filing) {
        let events = alarm::begun(desk, filing, plan, Event::Registered(registered));
        return Ok(vec![desk.part(desk.state.next_case(), events)]);
    }
    no_drill(&filing.tags)?;
    let work = ClockWork::new(desk).start_for(Clock::Dispatch, &dispatcher, &filing.brief);
    Ok(vec![desk.part(desk.state.next_case(), work.onto(vec![Event::Registered(registered)]))])
}

pub(super) fn register_solved(
    desk: &Desk<'_>,
    filing: &Filing,
    result: &str,
    evidence: &[Hash],
) -> Result<Vec<Part>, Refusal> {
    desk.person_decides()?;
    filed_well(desk, filing)?;
    no_drill(&filing.tags)?;
    written("result", result)?;
    if evidence.is_empty() {
        return Err(Refusal::Missing("evidence"));
    }
    if evidence.len() > EVIDENCE_MAX as usize {
        return Err(Refusal::TooLong { field: "evidence", max: EVIDENCE_MAX });
    }
    let dispatcher = desk.centre().clone();
    let registered = Registered {
        filing: filing.clone(),
        dispatcher: dispatcher.clone(),
        rules: desk.rules.label.clone(),
    };
    let resolved = Resolved {
        unit: desk.actor().unit.clone(),
        on_the_spot: true,
        result: result.to_owned(),
        evidence: evidence.to_vec(),
    };
    let work = ClockWork::new(desk).start_for(Clock::Check, &dispatcher, &filing.brief);
    let events = work.onto(vec![Event::Registered(registered), Event::Resolved(resolved)]);
    Ok(vec![desk.part(desk.state.next_case(), events)])
}

pub(super) fn join(desk: &Desk<'_>, lead: CaseId, filing: &Filing) -> Result<Vec<Part>, Refusal> {
    filed_well(desk, filing)?;
    no_drill(&filing.tags)?;
    let case = desk.state.case(lead).ok_or(Refusal::UnknownCase(lead))?;
    if let Some(above) = case.lead {
        return Err(Refusal::FollowsLead(above));
    }
    no_drill(&case.tags)?;
    if !case.stage.takes_callers() {
        return Err(Refusal::LeadSettled);
    }
    let member = desk.state.next_case();
    let joined = Joined { filing: filing.clone(), lead, dispatcher: desk.centre().clone() };
    let mut of_lead = vec![Event::MemberAdded(MemberAdded { member })];
    of_lead.extend(repeated(desk, case));
    Ok(vec![desk.part(member, vec![Event::Joined(joined)]), desk.part(lead, of_lead)])
}

/// Many call about it, again and again: that weighs more than one call, and the holder hears of it each time that so
/// many more have called.
fn repeated(desk: &Desk<'_>, lead: &Case) -> Option<Event> {
    let every = desk.rules.policy.acts.as_ref()?.repeats_supervised?;
    let callers = u32::try_from(lead.members.len()).unwrap_or(u32::MAX).saturating_add(1);
    let in_hand = matches!(lead.stage, Stage::Assigned | Stage::Handling) && lead.holder != *desk.centre();
    (in_hand && callers.is_multiple_of(every)).then(|| {
        Event::Supervised(Supervised {
            by: desk.centre().clone(),
            unit: lead.holder.clone(),
            degree: SupervisionDegree::Routine,
            ground: SupervisionGround::Repeated,
            note: format!("又有来电，共并入 {callers} 件 ({callers} further callers)"),
        })
    })
}

/// What is no drill from its first second never becomes one, or a case could be taken out of every figure.
pub(super) fn no_drill(tags: &[Tag]) -> Result<(), Refusal> {
    if tags.contains(&Tag::Drill) { Err(Refusal::DrillOnlyForAlarms) } else { Ok(()) }
}

pub(super) fn filed_well(desk: &Desk<'_>, filing: &Filing) -> Result<(), Refusal> {
    if filing.summary.trim().is_empty() {
        return Err(Refusal::Missing("summary"));
    }
    within("summary", &filing.summary, SUMMARY_CHARS_MAX)?;
    if filing.photos.len() > EVIDENCE_MAX as usize {
        return Err(Refusal::TooLong { field: "photos", max: EVIDENCE_MAX });
    }
    if desk.rules.territory.name(filing.brief.area).is_none() {
        return Err(Refusal::UnknownArea(filing.brief.area));
    }
    for unit in filing.brief.accused.iter().chain(&filing.brief.department) {
        desk.rules.unit(unit).ok_or_else(|| Refusal::UnknownUnit(unit.clone()))?;
    }
    Ok(())
}

pub(super) fn correct(desk: &Desk<'_>, case: &Case, change: &Corrected) -> Result<Vec<Event>, Refusal> {
    desk.may_handle(case)?;
    if case.stage == Stage::Closed {
        return Err(Refusal::WrongStage { stage: case.stage });
    }
    if *change == Corrected::default() {
        return Err(Refusal::NothingNew);
    }
    if let Some(summary) = &change.summary {
        within("summary", summary, SUMMARY_CHARS_MAX)?;
    }
    // No clock moves: a correction of the class is counted by the integrity page and never buys time.
    Ok(vec![Event::Corrected(change.clone())])
}

pub(super) fn tag(desk: &Desk<'_>, case: &Case, tags: &[Tag]) -> Result<Vec<Event>, Refusal> {
    desk.may_handle(case)?;
    if tags.is_empty() || tags.len() > Tag::ALL.len() {
        return Err(Refusal::Missing("tags"));
    }
    no_drill(tags)?;
    Ok(vec![Event::Tagged(Tagged { tags: tags.to_vec() })])
}

pub(super) fn refuse(
    desk: &Desk<'_>,
    case: &Case,
    ground: RefusalGround,
    reason: &str,
    guide: Option<&Guide>,
) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    desk.may_supervise(case)?;
    desk.stage(case, &[Stage::Filed, Stage::Returned])?;
    written("reason", reason)?;
    guided(desk, ground, guide)?;
    if guide == Some(&Guide::Earlier(case.id)) {
        return Err(Refusal::UnknownCase(case.id));
    }
    let (reason, guide) = (reason.to_owned(), guide.cloned());
    Ok(settled(desk, case, Event::Refused(Refused { ground, reason, guide })))
}

/// What each ground of the six-way sorting owes to the caller beside the reason: where another way has to be gone, it
/// is named; where the matter is known already, the earlier case is, so that its progress or result can be told.
pub(super) fn guided(desk: &Desk<'_>, ground: RefusalGround, guide: Option<&Guide>) -> Result<(), Refusal> {
    match (ground, guide) {
        (RefusalGround::OtherLegalWay | RefusalGround::BeyondDuty, Some(Guide::Way(_)))
        | (RefusalGround::NothingNew, Some(Guide::Earlier(_)))
        | (RefusalGround::Secret | RefusalGround::Unlawful | RefusalGround::Malicious, _) => {}
        (RefusalGround::OtherLegalWay | RefusalGround::BeyondDuty | RefusalGround::NothingNew, _) => {
            return Err(Refusal::Missing("guide"));
        }
    }
    match guide {
        Some(Guide::Way(way)) => written("guide", way),
        Some(Guide::Earlier(earlier)) if !desk.state.knows(*earlier) => Err(Refusal::UnknownCase(*earlier)),
        Some(Guide::Earlier(_)) | None => Ok(()),
    }
}

pub(super) fn refer(
    desk: &Desk<'_>,
    case: &Case,
    line: EmergencyLine,
    receipt: Option<&str>,
) -> Result<Vec<Event>, Refusal> {
    alarm::may_hand_over(desk, case, receipt)?;
    receipt_well(receipt)?;
    desk.stage(case, UNSETTLED)?;
    Ok(settled(desk, case, Event::Referred(Referred { line, receipt: receipt.map(str::to_owned) })))
}

/// A receipt of an emergency line is not longer than a receipt may be.
pub(super) fn receipt_well(receipt: Option<&str>) -> Result<(), Refusal> {
    receipt.map_or(Ok(()), |receipt| within("receipt", receipt, RECEIPT_CHARS_MAX))
}

pub(super) fn cancel(
    desk: &Desk<'_>,
    case: &Case,
    ground: CancelGround,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    desk.may_supervise(case)?;
    desk.stage(case, &[UNSETTLED, &[Stage::Resolved]].concat())?;
    written("reason", reason)?;
    Ok(settled(desk, case, Event::Cancelled(Cancelled { ground, reason: reason.to_owned() })))
}

/// Nothing is handled any more, and the caller is told all the same.
pub(super) fn settled(desk: &Desk<'_>, case: &Case, event: Event) -> Vec<Event> {
    let work = ClockWork::new(desk).stop_all(case).start_for(Clock::Answer, desk.centre(), &case.brief);
    work.onto(vec![event])
}

pub(super) fn reveal(desk: &Desk<'_>, case: &Case, purpose: &str) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    may_know_caller(desk, case)?;
    written("purpose", purpose)?;
    if case.erased {
        return Err(Refusal::DataErased);
    }
    Ok(vec![Event::Revealed(Revealed { purpose: purpose.to_owned() })])
}

/// Who has the case in hand may know the caller, and the centre, which took the call and has to answer it. A
/// supervisor has no need to, and whoever gave it back or finished it no longer has.
fn may_know_caller(desk: &Desk<'_>, case: &Case) -> Result<(), Refusal> {
    let unit = &desk.actor().unit;
    let centre = unit == desk.centre();
    if !centre && case.holder != *unit && !case.co_handlers.contains(unit) {
        return Err(Refusal::NotYours);
    }
    if let Some(accused) = &case.brief.accused
        && desk.rules.is_or_is_below(unit, accused)
    {
        return Err(Refusal::AboutThatUnit(accused.clone()));
    }
    if centre {
        return Ok(());
    }
    if case.tags.contains(&Tag::Confidential) {
        return Err(Refusal::Confidential);
    }
    if case.kind == CaseKind::Accusation || case.brief.accused.is_some() {
        return Err(Refusal::AccuserProtected);
    }
    Ok(())
}

pub(super) fn erase(desk: &Desk<'_>, case: &Case, reason: &str) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    if desk.actor().unit != *desk.centre() {
        return Err(Refusal::NotYours);
    }
    desk.stage(case, &[Stage::Closed])?;
    written("reason", reason)?;
    if case.erased {
        return Err(Refusal::NothingToErase);
    }
    Ok(vec![Event::Erased(Erased { reason: reason.to_owned(), slot: None })])
}

pub(super) fn rehome(desk: &Desk<'_>, case: &Case, to: AreaCode) -> Result<Vec<Event>, Refusal> {
    desk.may_supervise(case)?;
    if case.stage == Stage::Closed {
        return Err(Refusal::WrongStage { stage: case.stage });
    }
    if case.brief.area == to {
        return Err(Refusal::NothingNew);
    }
    if desk.rules.territory.name(to).is_none() {
        return Err(Refusal::UnknownArea(to));
    }
    Ok(vec![Event::Rehomed(Rehomed { from: case.brief.area, to })])
}
