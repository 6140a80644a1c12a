//! The fourth phase: check, answer, pass on, tell, call back, reopen, close.

use super::{Desk, RECEIPT_CHARS_MAX, clocks::ClockWork, request, review, within, written};
use crate::{
    case::Case,
    event::{
        Event,
        feedback::{Answered, CalledBack, Checked, Closed, PassedOn, Reopened, TellAsked, Told, Verdict},
    },
    ids::TellChannel,
    record::{Part, RECORD_PARTS_MAX},
    refusal::Refusal,
    time::Timestamp,
    vocabulary::{Clock, CloseCondition, Outcome, Solved, Stage, review::CallBackWay},
    words::Words,
};

pub(super) fn check(desk: &Desk<'_>, case: &Case, passed: bool, note: &str) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    desk.may_supervise(case)?;
    desk.stage(case, &[Stage::Resolved])?;
    desk.not_own_work(case)?;
    written("note", note)?;
    let work = ClockWork::new(desk).stop(case, &[Clock::Check]);
    let unassigned = !passed && case.outcome == Some(Outcome::OnTheSpot);
    let work = match &case.handler {
        _ if passed => work.stop(case, &[Clock::Resolve, Clock::Errand]).start_for(
            Clock::Answer,
            desk.centre(),
            &case.brief,
        ),
        Some(handler) if !unassigned => {
            work.resume(case, Clock::Resolve).start_hold(case, handler, case.rung, desk.now)
        }
        _ => work.start_for(Clock::Dispatch, desk.centre(), &case.brief),
    };
    let checked = Checked {
        by: desk.actor().unit.clone(),
        passed,
        note: note.to_owned(),
        brief: unassigned.then(|| case.brief.clone()),
    };
    Ok(work.onto(vec![Event::Checked(checked)]))
}

pub(super) fn answer(
    desk: &Desk<'_>,
    case: &Case,
    when: Timestamp,
    contacted: &str,
    done: &str,
    by_when: Option<&str>,
) -> Result<Vec<Event>, Refusal> {
    desk.may_supervise(case)?;
    desk.stage(case, &[Stage::Settled])?;
    // The four elements: when (it may have been looked into before this call, for another, and never in the future),
    // whom, what, and what follows where anything does.
    if when > desk.now {
        return Err(Refusal::TooFar { field: "when", latest: desk.now });
    }
    written("contacted", contacted)?;
    written("done", done)?;
    by_when.map_or(Ok(()), |text| written("by_when", text))?;
    let answered = Answered {
        when,
        contacted: contacted.to_owned(),
        done: done.to_owned(),
        by_when: by_when.map(str::to_owned),
        members: case.waiting_members(),
    };
    let work = ClockWork::new(desk).stop_all(case);
    Ok(owed(desk, case, case.outcome, work).onto(vec![Event::Answered(answered)]))
}

/// After an answer to handled work the caller is asked whether it helped; after a refusal, a referral or a
/// cancellation the case only waits to be closed.
fn owed<'a>(desk: &Desk<'_>, case: &Case, outcome: Option<Outcome>, work: ClockWork<'a>) -> ClockWork<'a> {
    let clock = if asks_whether_it_helped(outcome) { Clock::CallBack } else { Clock::Close };
    work.start_for(clock, desk.centre(), &case.brief)
}

const fn asks_whether_it_helped(outcome: Option<Outcome>) -> bool {
    matches!(outcome, Some(Outcome::Handled | Outcome::OnTheSpot | Outcome::WithLead))
}

/// Gives the lead's answer to the next further callers, as many as a record has room for.
pub(super) fn pass_on(desk: &Desk<'_>, lead: &Case) -> Result<Vec<Part>, Refusal> {
    desk.may_supervise(lead)?;
    if lead.news_owed.is_some() {
        return request::pass_news(desk, lead);
    }
    desk.stage(lead, &[Stage::Answered, Stage::CalledBack])?;
    if lead.waiting_members() == 0 {
        return Err(Refusal::NothingNew);
    }
    let next = lead.members.iter().skip(lead.served as usize).take(RECORD_PARTS_MAX - 1);
    let served = lead.served + u32::try_from(next.len()).expect("a record has few parts");
    let left = u32::try_from(lead.members.len()).unwrap_or(u32::MAX) - served;
    let closes = if left == 0 && lead.told { closable(lead) } else { None };
    let mut parts = vec![desk.part(lead.id, vec![Event::PassedOn(PassedOn { served, left, closes })])];
    for member in next.filter_map(|id| desk.state.case(*id)).filter(|member| member.stage == Stage::Following)
    {
        let answered = Answered {
            when: desk.now,
            contacted: "—".to_owned(),
            done: format!("同主单 {} 答复 (as lead case {})", lead.id, lead.id),
            by_when: None,
            // One that was merged may have further callers of its own: they are answered after it.
            members: member.waiting_members(),
        };
        let work = owed(desk, member, Some(Outcome::WithLead), ClockWork::new(desk).stop_all(member));
        parts.push(desk.part(member.id, work.onto(vec![Event::Answered(answered)])));
    }
    Ok(parts)
}

/// The condition on which a case may be closed without anybody deciding, once its caller has been told.
fn closable(case: &Case) -> Option<CloseCondition> {
    match case.outcome? {
        Outcome::Refused => Some(CloseCondition::Refused),
        Outcome::Referred => Some(CloseCondition::Referred),
        Outcome::Cancelled => Some(CloseCondition::Cancelled),
        Outcome::Terminated => Some(CloseCondition::Terminated),
        Outcome::Handled | Outcome::OnTheSpot | Outcome::WithLead => {
            let solved = case.verdict.is_some_and(|verdict| verdict.solved == Solved::Yes);
            solved.then_some(CloseCondition::Confirmed)
        }
    }
}

pub(super) fn tell(desk: &Desk<'_>, case: &Case, channel: &TellChannel) -> Result<Vec<Event>, Refusal> {
    desk.may_supervise(case)?;
    desk.stage(case, &[Stage::Answered])?;
    if case.told {
        return Err(Refusal::NothingNew);
    }
    if !channel.is_known() {
        return Err(Refusal::UnknownChannel(channel.clone()));
    }
    Ok(vec![Event::TellAsked(TellAsked { channel: channel.clone() })])
}

pub(super) fn confirm_told(
    desk: &Desk<'_>,
    case: &Case,
    channel: &TellChannel,
    receipt: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.may_supervise(case)?;
    desk.stage(case, &[Stage::Answered, Stage::CalledBack])?;
    written("receipt", receipt)?;
    within("receipt", receipt, RECEIPT_CHARS_MAX)?;
    if case.told {
        return Err(Refusal::NothingNew);
    }
    let closes = if case.waiting_members() == 0 { closable(case) } else { None };
    Ok(vec![Event::Told(Told { channel: channel.clone(), receipt: receipt.to_owned(), closes })])
}

pub(super) fn call_back(
    desk: &Desk<'_>,
    case: &Case,
    way: CallBackWay,
    verdict: Option<Verdict>,
) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    desk.may_supervise(case)?;
    desk.stage(case, &[Stage::Answered])?;
    if !asks_whether_it_helped(case.outcome) {
        return Err(Refusal::WrongStage { stage: case.stage });
    }
    let attempt = case.attempts.saturating_add(1);
    let called = Event::CalledBack(CalledBack { attempt, way: Some(way), verdict });
    let work = ClockWork::new(desk);
    let work = if verdict.is_some() {
        work.stop(case, &[Clock::CallBack]).start_for(Clock::Close, desk.centre(), &case.brief)
    } else {
        work
    };
    Ok(work.onto(vec![called]))
}

pub(super) fn reopen(desk: &Desk<'_>, case: &Case, reason: &Words) -> Result<Vec<Event>, Refusal> {
    desk.may_supervise(case)?;
    desk.stage(case, &[Stage::Answered, Stage::CalledBack, Stage::Closed])?;
    written("reason", &reason.zh)?;
    reopened(desk, case, reason)
}

/// The case goes back to the desk, on its own record, with a leg and clocks of its own.
pub(super) fn reopened(desk: &Desk<'_>, case: &Case, reason: &Words) -> Result<Vec<Event>, Refusal> {
    if desk.by_program() && (case.stage == Stage::Closed || case.leg > desk.rules.policy.reopenings_max) {
        return Err(Refusal::PersonDecides);
    }
    if case.waiting_members() > 0 {
        return Err(Refusal::MembersWait(case.waiting_members()));
    }
    let dispatcher = desk.centre().clone();
    let reopened = Reopened {
        reason: reason.clone(),
        leg: case.leg.saturating_add(1),
        dispatcher: dispatcher.clone(),
        brief: case.brief.clone(),
    };
    let work = ClockWork::new(desk).stop_all(case).start_for(Clock::Dispatch, &dispatcher, &case.brief);
    Ok(work.onto(vec![Event::Reopened(reopened)]))
}

pub(super) fn close(
    desk: &Desk<'_>,
    case: &Case,
    condition: CloseCondition,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.may_supervise(case)?;
    desk.stage(case, &[Stage::Answered, Stage::CalledBack])?;
    desk.not_own_work(case)?;
    if !case.told {
        return Err(Refusal::NotTold);
    }
    if case.waiting_members() > 0 {
        return Err(Refusal::MembersWait(case.waiting_members()));
    }
    condition_met(desk, case, condition)?;
    if matches!(condition, CloseCondition::Unsolved | CloseCondition::Unreached) {
        desk.person_decides()?;
        written("reason", reason)?;
    }
    let closed = Event::Closed(Closed { condition, reason: reason.to_owned() });
    let work = ClockWork::new(desk).stop_all(case);
    let was_handled = matches!(case.outcome, Some(Outcome::Handled | Outcome::OnTheSpot));
    let work = if was_handled { review::planned(desk, case, work) } else { work };
    Ok(work.onto(vec![closed]))
}

fn condition_met(desk: &Desk<'_>, case: &Case, condition: CloseCondition) -> Result<(), Refusal> {
    let met = match condition {
        CloseCondition::Confirmed => case.verdict.is_some_and(|verdict| verdict.solved == Solved::Yes),
        CloseCondition::Unreached => {
            case.verdict.is_none() && case.attempts >= desk.rules.policy.call_backs_max
        }
        CloseCondition::Unsolved => case.verdict.is_some_and(|verdict| verdict.solved != Solved::Yes),
        CloseCondition::Refused => case.outcome == Some(Outcome::Refused),
        CloseCondition::Referred => case.outcome == Some(Outcome::Referred),
        // A drill is closed by whoever answers it.
        CloseCondition::Drill => false,
        CloseCondition::Cancelled => case.outcome == Some(Outcome::Cancelled),
        CloseCondition::Terminated => case.outcome == Some(Outcome::Terminated),
    };
    if met { Ok(()) } else { Err(Refusal::ConditionNotMet) }
}
