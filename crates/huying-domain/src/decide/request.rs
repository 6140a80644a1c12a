//! What is asked of the level above: time 延期, rest 挂账, an end 终止. A unit asks, somebody above decides, and the
//! caller hears what becomes of the limit.

use super::{Desk, RECEIPT_CHARS_MAX, TEXT_CHARS_MAX, clocks::ClockWork, collect, dispatch::HOLDERS, errand};
use super::{within, written};
use crate::{
    case::{Case, Running, errands::Pending},
    event::{
        Event,
        errand::Called,
        request::{
            Denied, Extended, InformAsked, Informed, NewsPassed, Request, Requested, Resumed, Suspended,
            Terminated,
        },
    },
    ids::TellChannel,
    limit::{LIMIT_SECONDS_MAX, Limit},
    record::{Part, RECORD_PARTS_MAX},
    refusal::Refusal,
    rules::acts::Acts,
    time::Timestamp,
    vocabulary::{
        Clock, Stage,
        governed::{ErrandKind, RequestKind, SuspensionGround},
    },
};

/// Suspensions that a case may have, over all its legs.
const SUSPENSIONS_MAX: u8 = 1;

/// The section of the policy on governed acts.
pub(super) fn acts<'a>(desk: &Desk<'a>) -> Result<&'a Acts, Refusal> {
    desk.rules.policy.acts.as_ref().ok_or(Refusal::NotInPolicy("acts"))
}

pub(super) fn ask(
    desk: &Desk<'_>,
    case: &Case,
    request: Request,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.act(case)?;
    if desk.actor().unit != case.holder {
        return Err(Refusal::NotYours);
    }
    written("reason", reason)?;
    if let Some(pending) = &case.request {
        return Err(Refusal::RequestPending(pending.request.kind()));
    }
    match request {
        Request::Extension { until } => drop(extension(desk, case, until)?),
        Request::Suspension { until, .. } => suspension(desk, case, until)?,
        Request::Termination { .. } => {}
    }
    let unit = case.holder.clone();
    Ok(vec![Event::Requested(Requested { unit, request, reason: reason.to_owned() })])
}

/// Whether the resolve limit may end then: the running clock, if so.
fn extension<'a>(desk: &Desk<'_>, case: &'a Case, until: Timestamp) -> Result<&'a Running, Refusal> {
    let max = acts(desk)?.extensions_max;
    let running = case.running(Clock::Resolve).ok_or(Refusal::NoTarget)?;
    if running.breached || desk.now >= running.due {
        return Err(Refusal::Overdue);
    }
    if case.extensions >= max {
        return Err(Refusal::UsedUp { kind: RequestKind::Extension, max });
    }
    if until <= running.due {
        return Err(Refusal::NotLater { field: "until", than: running.due });
    }
    let original = match running.limit {
        Limit::Given(due) => {
            let seconds = u32::try_from(due.seconds_since(running.from)).unwrap_or(LIMIT_SECONDS_MAX);
            Limit::UrgentSeconds(seconds.min(LIMIT_SECONDS_MAX))
        }
        limit => limit,
    };
    let calendar = desk.rules.calendars.get(&running.calendar);
    let calendar = calendar.unwrap_or_else(|| desk.rules.calendar_of_matter(&case.brief));
    let latest = calendar.due(&original, running.due).at;
    if until > latest {
        return Err(Refusal::TooFar { field: "until", latest });
    }
    Ok(running)
}

fn suspension(desk: &Desk<'_>, case: &Case, until: Timestamp) -> Result<(), Refusal> {
    let longest = acts(desk)?.suspension_max;
    if case.suspensions >= SUSPENSIONS_MAX {
        return Err(Refusal::UsedUp { kind: RequestKind::Suspension, max: SUSPENSIONS_MAX });
    }
    if until <= desk.now {
        return Err(Refusal::NotLater { field: "until", than: desk.now });
    }
    let latest = desk.rules.calendar_of_matter(&case.brief).due(&longest, desk.now).at;
    if until > latest { Err(Refusal::TooFar { field: "until", latest }) } else { Ok(()) }
}

pub(super) fn grant(desk: &Desk<'_>, case: &Case, note: &str) -> Result<Vec<Event>, Refusal> {
    let pending = decided(desk, case)?;
    within("note", note, TEXT_CHARS_MAX)?;
    match pending.request {
        Request::Extension { until } => extended(desk, case, pending, until, note),
        Request::Suspension { ground, until } => suspended(desk, case, pending, ground, until, note),
        Request::Termination { ground } => {
            let reason = if note.trim().is_empty() { &pending.reason } else { note };
            let terminated = Terminated {
                by: desk.actor().unit.clone(),
                unit: pending.by.unit.clone(),
                ground,
                reason: reason.to_owned(),
            };
            Ok(collect::settled(desk, case, Event::Terminated(terminated)))
        }
    }
}

pub(super) fn deny(desk: &Desk<'_>, case: &Case, note: &str) -> Result<Vec<Event>, Refusal> {
    let pending = decided(desk, case)?;
    written("note", note)?;
    let (by, kind) = (desk.actor().unit.clone(), pending.request.kind());
    Ok(vec![Event::Denied(Denied { by, kind, note: note.to_owned() })])
}

/// The request, for a person above who did not make it. Giving up is the hotline's to approve.
fn decided<'a>(desk: &Desk<'_>, case: &'a Case) -> Result<&'a Pending, Refusal> {
    desk.person_decides()?;
    desk.may_supervise(case)?;
    desk.act(case)?;
    let pending = case.request.as_ref().ok_or(Refusal::NothingAsked)?;
    if pending.request.kind() == RequestKind::Termination && desk.actor().unit != *desk.centre() {
        return Err(Refusal::NotYours);
    }
    desk.not_the_asker(&pending.by)?;
    Ok(pending)
}

fn extended(
    desk: &Desk<'_>,
    case: &Case,
    pending: &Pending,
    until: Timestamp,
    note: &str,
) -> Result<Vec<Event>, Refusal> {
    let running = extension(desk, case, until)?;
    let extended = Extended {
        by: desk.actor().unit.clone(),
        unit: pending.by.unit.clone(),
        was: running.due,
        until,
        count: case.extensions.saturating_add(1),
        note: note.to_owned(),
        members: members(case),
    };
    let work = ClockWork::new(desk).move_to(case, Clock::Resolve, until);
    // Whoever was given time may hold the case for as long: else it would climb in the middle of it.
    let holds = case.running(Clock::Hold).is_some_and(|hold| !hold.breached && hold.due < until);
    let work = if holds { work.move_to(case, Clock::Hold, until) } else { work };
    Ok(work.onto(vec![Event::Extended(extended)]))
}

fn suspended(
    desk: &Desk<'_>,
    case: &Case,
    pending: &Pending,
    ground: SuspensionGround,
    until: Timestamp,
    note: &str,
) -> Result<Vec<Event>, Refusal> {
    suspension(desk, case, until)?;
    let suspended = Suspended {
        by: desk.actor().unit.clone(),
        unit: pending.by.unit.clone(),
        ground,
        until,
        note: note.to_owned(),
        members: members(case),
    };
    let work = HOLDERS.iter().fold(ClockWork::new(desk), |work, clock| work.pause(case, *clock));
    let work = work.pause(case, Clock::Resolve);
    let work = work.start(Clock::Suspension, &case.holder, Limit::Given(until), desk.now);
    let awake = case.errands.iter().filter(|errand| errand.kind != ErrandKind::Help);
    let work = work.wake(case, errand::next(awake, &[]), desk.now);
    Ok(work.onto(vec![Event::Suspended(suspended)]))
}

/// By hand, before its day.
pub(super) fn resume(desk: &Desk<'_>, case: &Case) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    desk.may_lead(case)?;
    desk.act(case)?;
    resumed(desk, case, false)
}

/// The case goes on where it stood: what each clock had left, it has left.
pub(super) fn resumed(desk: &Desk<'_>, case: &Case, by_clock: bool) -> Result<Vec<Event>, Refusal> {
    let until = case.suspended_until.ok_or(Refusal::WrongStage { stage: case.stage })?;
    let paused = case.running(Clock::Resolve);
    let work = HOLDERS.iter().fold(ClockWork::new(desk), |work, clock| work.resume_suspended(case, *clock));
    let work = work.resume_suspended(case, Clock::Resolve).stop(case, &[Clock::Suspension]);
    let lead_due = work.due_of(Clock::Resolve);
    let helpers: Vec<Called> = case
        .errands
        .iter()
        .filter_map(|errand| {
            let stood = errand.paused_at?;
            let always = paused.is_none_or(|running| running.limit.counts_always());
            let kind = if always { Limit::UrgentSeconds(1) } else { Limit::WorkingSeconds(1) };
            let calendar = desk.rules.calendar_of_unit(&errand.unit);
            let due = calendar.resume(&kind, errand.due, stood, desk.now).at;
            let due = lead_due.map_or(due, |lead| due.min(lead.max(desk.now)));
            Some(Called { number: errand.number, unit: errand.unit.clone(), due })
        })
        .collect();
    let stayed = case.errands.iter().filter(|errand| errand.paused_at.is_none());
    let work = work.wake(case, errand::next(stayed, &helpers), desk.now);
    let by = (!by_clock).then(|| desk.actor().unit.clone());
    Ok(work.onto(vec![Event::Resumed(Resumed { by, until, helpers, members: members(case) })]))
}

/// How many further callers a case has that follow it.
fn members(case: &Case) -> u32 {
    u32::try_from(case.members.len()).unwrap_or(u32::MAX)
}

/// Lets the next further callers hear what became of the limit, as many as a record has room for.
pub(super) fn pass_news(desk: &Desk<'_>, lead: &Case) -> Result<Vec<Part>, Refusal> {
    let owed =
        lead.news_owed.as_deref().filter(|_| lead.members_without_news() > 0).ok_or(Refusal::NothingNew)?;
    let next = lead.members.iter().skip(owed.served as usize).take(RECORD_PARTS_MAX - 1);
    let served = owed.served + u32::try_from(next.len()).expect("a record has few parts");
    let left = members(lead) - served;
    let channel = desk.rules.policy.tell.first().cloned().unwrap_or_else(TellChannel::callback_list);
    let mut parts = vec![desk.part(lead.id, vec![Event::NewsPassed(NewsPassed { served, left })])];
    for member in next.filter_map(|id| desk.state.case(*id)).filter(|one| one.stage == Stage::Following) {
        let asked = InformAsked { channel: channel.clone(), news: Some(owed.what) };
        parts.push(desk.part(member.id, vec![Event::InformAsked(asked)]));
    }
    Ok(parts)
}

/// Asks a channel to tell the caller what became of the limit.
pub(super) fn inform(desk: &Desk<'_>, case: &Case, channel: &TellChannel) -> Result<Vec<Event>, Refusal> {
    desk.may_supervise(case)?;
    desk.act(case)?;
    if !channel.is_known() {
        return Err(Refusal::UnknownChannel(channel.clone()));
    }
    if !case.news {
        return Err(Refusal::NothingNew);
    }
    Ok(vec![Event::InformAsked(InformAsked { channel: channel.clone(), news: None })])
}

pub(super) fn confirm_informed(
    desk: &Desk<'_>,
    case: &Case,
    channel: &TellChannel,
    receipt: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.may_supervise(case)?;
    desk.act(case)?;
    written("receipt", receipt)?;
    within("receipt", receipt, RECEIPT_CHARS_MAX)?;
    if !case.news {
        return Err(Refusal::NothingNew);
    }
    Ok(vec![Event::Informed(Informed { channel: channel.clone(), receipt: receipt.to_owned() })])
}
