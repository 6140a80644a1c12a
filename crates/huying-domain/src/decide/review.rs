//! After the end: appeals 申诉 and exemptions, which leave the breach a fact, and looking again 回头看.

use super::{Desk, clocks::ClockWork, feedback, written};
use crate::{
    case::{Case, review::Breach},
    event::{
        Event,
        clocks::Exempted,
        review::{AppealJudged, Appealed, LookAsked, LookedAgain},
    },
    limit::Limit,
    refusal::Refusal,
    time::Timestamp,
    vocabulary::{Clock, ExemptGround, review::LookKind},
    words::Words,
};

pub(super) fn appeal(
    desk: &Desk<'_>,
    case: &Case,
    (clock, due): (Clock, Timestamp),
    ground: ExemptGround,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    desk.act(case)?;
    written("reason", reason)?;
    if case.appeal.is_some() {
        return Err(Refusal::AppealedAlready);
    }
    if !case.breaches.iter().any(|breach| breach.holder == desk.actor().unit) {
        return Err(Refusal::NotYours);
    }
    let breach = counted(case, clock, due, ground)?;
    if breach.holder != desk.actor().unit {
        return Err(Refusal::NotYours);
    }
    let unit = breach.holder.clone();
    Ok(vec![Event::Appealed(Appealed { unit, clock, due, ground, reason: reason.to_owned() })])
}

/// A breach that still counts. That the engine was away is known to the engine alone.
fn counted(case: &Case, clock: Clock, due: Timestamp, ground: ExemptGround) -> Result<&Breach, Refusal> {
    if ground == ExemptGround::Outage {
        return Err(Refusal::GroundNotMet);
    }
    let breach = case.breach(clock, due).ok_or(Refusal::NoSuchBreach)?;
    if breach.exempted { Err(Refusal::NothingNew) } else { Ok(breach) }
}

pub(super) fn judge(desk: &Desk<'_>, case: &Case, upheld: bool, note: &str) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    if desk.actor().unit != *desk.centre() {
        return Err(Refusal::NotYours);
    }
    desk.act(case)?;
    written("note", note)?;
    let appeal =
        case.appeal.as_ref().filter(|appeal| appeal.upheld.is_none()).ok_or(Refusal::NothingAsked)?;
    desk.not_the_asker(&appeal.by)?;
    let by = desk.actor().unit.clone();
    let (unit, clock) = (appeal.by.unit.clone(), appeal.clock);
    let mut events = vec![Event::AppealJudged(AppealJudged {
        by: by.clone(),
        unit,
        clock,
        upheld,
        note: note.to_owned(),
    })];
    // Somebody may have exempted it meanwhile.
    let counts = case.breach(clock, appeal.due).is_some_and(|breach| !breach.exempted);
    if upheld && counts {
        let (due, ground, reason) = (appeal.due, appeal.ground, note.to_owned());
        events.push(Event::Exempted(Exempted { clock, due, ground, by: Some(by), reason }));
    }
    Ok(events)
}

pub(super) fn exempt(
    desk: &Desk<'_>,
    case: &Case,
    (clock, due): (Clock, Timestamp),
    ground: ExemptGround,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    if desk.actor().unit != *desk.centre() {
        return Err(Refusal::NotYours);
    }
    desk.act(case)?;
    written("reason", reason)?;
    if case.breaches.is_empty() {
        return Err(Refusal::NothingNew);
    }
    counted(case, clock, due, ground)?;
    desk.not_own_work(case)?;
    let by = Some(desk.actor().unit.clone());
    Ok(vec![Event::Exempted(Exempted { clock, due, ground, by, reason: reason.to_owned() })])
}

/// The day to look again, if the policy sets one for the matter.
pub(super) fn planned<'a>(desk: &Desk<'_>, case: &Case, work: ClockWork<'a>) -> ClockWork<'a> {
    work.start_for(Clock::LookAgain, desk.centre(), &case.brief)
}

/// The day has come: somebody is asked, and asked again until they look.
pub(super) fn due(desk: &Desk<'_>, case: &Case, scheduled: Timestamp) -> Vec<Event> {
    let again = desk.rules.due_for_unit(desk.centre(), &desk.rules.policy.top_repeat, scheduled).at;
    let work = ClockWork::new(desk).start(Clock::LookAgain, desk.centre(), Limit::Given(again), scheduled);
    work.onto(vec![Event::LookAsked(LookAsked { count: case.look_asked.saturating_add(1) })])
}

pub(super) fn look(
    desk: &Desk<'_>,
    case: &Case,
    kind: LookKind,
    stands: bool,
    note: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    desk.may_supervise(case)?;
    desk.act(case)?;
    desk.not_own_work(case)?;
    not_the_closer(desk, case)?;
    written("note", note)?;
    let looked = Event::LookedAgain(LookedAgain { kind, stands, note: note.to_owned() });
    if !stands {
        let reason =
            Words::new(format!("{}：{note}", kind.zh()), format!("looked at again ({kind}): {note}"));
        let mut events = vec![looked];
        events.extend(feedback::reopened(desk, case, &reason)?);
        return Ok(events);
    }
    // A sample leaves the planned day as it is.
    let clocks: &[Clock] = if kind == LookKind::Planned { &[Clock::LookAgain] } else { &[] };
    Ok(ClockWork::new(desk).stop(case, clocks).onto(vec![looked]))
}

/// Whoever closed it does not judge the closing.
fn not_the_closer(desk: &Desk<'_>, case: &Case) -> Result<(), Refusal> {
    let Some(closer) = &case.closer else { return Ok(()) };
    let same_person = closer.person.is_some() && closer.person == desk.actor().person;
    if same_person { Err(Refusal::OwnWork) } else { Ok(()) }
}
