//! Units with a part in a case that they do not hold: called 吹哨 and there 报到, helping 协办, with a task 会商.
//! Each has a limit of its own; one clock of the case wakes the engine for the earliest of them.

use super::{Desk, UNITS_NAMED_MAX, clocks::ClockWork, request::acts, written};
use crate::{
    case::{Case, errands::Errand},
    command::TaskWanted,
    event::{
        Event,
        errand::{
            Called, Consulted, ErrandMissed, HelpCalled, HelpReported, ReportedIn, Task, TaskFinished,
            Whistled,
        },
    },
    ids::UnitId,
    limit::{LIMIT_SECONDS_MAX, Limit},
    refusal::Refusal,
    time::Timestamp,
    vocabulary::{
        Clock,
        governed::{ErrandKind, WhistleKind},
    },
};

/// Most tasks of one consultation.
pub(super) const TASKS_MAX: u32 = 16;
/// The farthest date of a task, in days.
const TASK_DAYS_MAX: i64 = 366;
const DAY_S: i64 = 86_400;

pub(super) fn whistle(
    desk: &Desk<'_>,
    case: &Case,
    kind: WhistleKind,
    units: &[UnitId],
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.may_lead(case)?;
    desk.act(case)?;
    written("reason", reason)?;
    callable(desk, case, units, ErrandKind::ReportIn)?;
    let limit = acts(desk)?.report_in.get(&kind).copied().ok_or(Refusal::NotInPolicy("acts.report_in"))?;
    let called = called(case, units, |unit| desk.rules.due_for_unit(unit, &limit, desk.now).at);
    let work = ClockWork::new(desk).wake(case, next(&case.errands, &called), desk.now);
    let by = desk.actor().unit.clone();
    let whistled = Whistled { by, kind, reason: reason.to_owned(), limit, called };
    Ok(work.onto(vec![Event::Whistled(whistled)]))
}

pub(super) fn report_in(desk: &Desk<'_>, case: &Case) -> Result<Vec<Event>, Refusal> {
    let errand = case.errand_of(ErrandKind::ReportIn, &desk.actor().unit).ok_or(Refusal::NotCalled)?;
    desk.act(case)?;
    let reported = ReportedIn {
        number: errand.number,
        unit: errand.unit.clone(),
        called_at: errand.from,
        due: errand.due,
        late: desk.now > errand.due,
    };
    Ok(served(desk, case, errand, Event::ReportedIn(reported)))
}

pub(super) fn call_help(
    desk: &Desk<'_>,
    case: &Case,
    units: &[UnitId],
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.may_lead(case)?;
    desk.act(case)?;
    written("reason", reason)?;
    callable(desk, case, units, ErrandKind::Help)?;
    let share = acts(desk)?.helper_share;
    let work = ClockWork::new(desk);
    let helpers = helpers(desk, case, &work, units, share);
    let work = work.wake(case, next(&case.errands, &helpers), desk.now);
    Ok(work.onto(vec![Event::HelpCalled(HelpCalled { lead: case.holder.clone(), helpers })]))
}

/// The helpers of a lead with their limits: a share of the time that the lead has left, and never after it.
pub(super) fn helpers(
    desk: &Desk<'_>,
    case: &Case,
    work: &ClockWork<'_>,
    units: &[UnitId],
    share: u8,
) -> Vec<Called> {
    let clock = |clock| work.limit_of(case, clock);
    let lead = clock(Clock::Resolve).or_else(|| clock(Clock::Hold));
    called(case, units, |unit| {
        let left = lead.map(|(limit, due)| {
            let calendar = desk.rules.calendar_of_matter(&case.brief);
            (limit, due, calendar.counted(&limit, desk.now, due))
        });
        match left {
            Some((limit, due, left)) if left > 0 => {
                let part = u32::try_from(left * i64::from(share) / 100).unwrap_or(LIMIT_SECONDS_MAX).max(1);
                let always = limit.counts_always();
                let own = if always { Limit::UrgentSeconds(part) } else { Limit::WorkingSeconds(part) };
                desk.rules.due_for_unit(unit, &own, desk.now).at.min(due)
            }
            _ => desk.rules.due_for_unit(unit, &desk.rules.policy.top_repeat, desk.now).at,
        }
    })
}

pub(super) fn report(
    desk: &Desk<'_>,
    case: &Case,
    note: &str,
    finished: bool,
) -> Result<Vec<Event>, Refusal> {
    let errand = case.errand_of(ErrandKind::Help, &desk.actor().unit).ok_or(Refusal::NotCalled)?;
    desk.act(case)?;
    written("note", note)?;
    let reported = HelpReported {
        number: errand.number,
        unit: errand.unit.clone(),
        lead: case.holder.clone(),
        note: note.to_owned(),
        finished,
        late: errand.paused_at.is_none() && desk.now > errand.due,
    };
    let event = Event::HelpReported(reported);
    if finished { Ok(served(desk, case, errand, event)) } else { Ok(vec![event]) }
}

pub(super) fn consult(
    desk: &Desk<'_>,
    case: &Case,
    participants: &[UnitId],
    decision: &str,
    tasks: &[TaskWanted],
) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    desk.may_supervise(case)?;
    desk.act(case)?;
    written("decision", decision)?;
    named(desk, "participants", participants)?;
    if tasks.len() > TASKS_MAX as usize {
        return Err(Refusal::TooLong { field: "tasks", max: TASKS_MAX });
    }
    let latest = desk.now.plus_seconds(TASK_DAYS_MAX * DAY_S);
    let mut agreed = Vec::new();
    for (number, task) in (case.errands_made + 1..).zip(tasks) {
        desk.rules.unit(&task.owner).ok_or_else(|| Refusal::UnknownUnit(task.owner.clone()))?;
        written("what", &task.what)?;
        if task.due <= desk.now {
            return Err(Refusal::NotLater { field: "due", than: desk.now });
        }
        if task.due > latest {
            return Err(Refusal::TooFar { field: "due", latest });
        }
        let TaskWanted { owner, what, due } = task.clone();
        agreed.push(Task { number, owner, what, due });
    }
    let called: Vec<Called> = agreed
        .iter()
        .map(|task| Called { number: task.number, unit: task.owner.clone(), due: task.due })
        .collect();
    let work = ClockWork::new(desk).wake(case, next(&case.errands, &called), desk.now);
    let consulted = Consulted {
        by: desk.actor().unit.clone(),
        participants: participants.to_vec(),
        decision: decision.to_owned(),
        tasks: agreed,
    };
    Ok(work.onto(vec![Event::Consulted(consulted)]))
}

pub(super) fn finish_task(
    desk: &Desk<'_>,
    case: &Case,
    number: u16,
    note: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    let task = case.errands.iter().find(|one| one.number == number && one.kind == ErrandKind::Task);
    let task = task.ok_or(Refusal::NoSuchTask(number))?;
    let unit = &desk.actor().unit;
    if *unit != task.unit && !desk.rules.supervises(unit, &task.unit) {
        return Err(Refusal::NotYours);
    }
    desk.act(case)?;
    written("note", note)?;
    let (owner, late) = (task.unit.clone(), desk.now > task.due);
    let finished = TaskFinished { number, owner, note: note.to_owned(), late };
    Ok(served(desk, case, task, Event::TaskFinished(finished)))
}

/// The instant of some errands has passed. Whose it was owes it all the same, and is not asked again.
pub(super) fn missed(desk: &Desk<'_>, case: &Case, scheduled: Timestamp) -> Vec<Event> {
    let over = |errand: &&Errand| !errand.missed && errand.paused_at.is_none() && errand.due <= scheduled;
    let events = case.errands.iter().filter(over).map(|errand| {
        Event::ErrandMissed(ErrandMissed {
            number: errand.number,
            kind: errand.kind,
            unit: errand.unit.clone(),
            holder: case.holder.clone(),
            due: errand.due,
        })
    });
    let later = case.errands.iter().filter(|errand| !over(errand));
    ClockWork::new(desk).wake(case, next(later, &[]), scheduled).onto(events.collect())
}

/// The next instant among errands that are open, and among those that are new.
pub(super) fn next<'a>(errands: impl IntoIterator<Item = &'a Errand>, new: &[Called]) -> Option<Timestamp> {
    let ticks = |errand: &&Errand| !errand.missed && errand.paused_at.is_none();
    let open = errands.into_iter().filter(ticks).map(|errand| errand.due);
    open.chain(new.iter().map(|called| called.due)).min()
}

fn served(desk: &Desk<'_>, case: &Case, errand: &Errand, event: Event) -> Vec<Event> {
    let others = case.errands.iter().filter(|other| other.number != errand.number);
    ClockWork::new(desk).wake(case, next(others, &[]), desk.now).onto(vec![event])
}

fn called(case: &Case, units: &[UnitId], due: impl Fn(&UnitId) -> Timestamp) -> Vec<Called> {
    let numbered = (case.errands_made + 1..).zip(units);
    numbered.map(|(number, unit)| Called { number, unit: unit.clone(), due: due(unit) }).collect()
}

/// Between one and as many units as may be named, each known and each once.
fn named(desk: &Desk<'_>, field: &'static str, units: &[UnitId]) -> Result<(), Refusal> {
    if units.is_empty() {
        return Err(Refusal::Missing(field));
    }
    if units.len() > UNITS_NAMED_MAX as usize {
        return Err(Refusal::TooLong { field, max: UNITS_NAMED_MAX });
    }
    for (at, unit) in units.iter().enumerate() {
        desk.rules.unit(unit).ok_or_else(|| Refusal::UnknownUnit(unit.clone()))?;
        if units[..at].contains(unit) {
            return Err(Refusal::AlreadyCalled(unit.clone()));
        }
    }
    Ok(())
}

/// The units may be called: they are none that the case is about, and do not owe the same already.
fn callable(desk: &Desk<'_>, case: &Case, units: &[UnitId], kind: ErrandKind) -> Result<(), Refusal> {
    named(desk, "units", units)?;
    for unit in units {
        if let Some(accused) = &case.brief.accused
            && desk.rules.is_or_is_below(unit, accused)
        {
            return Err(Refusal::AboutThatUnit(accused.clone()));
        }
        if *unit == case.holder || case.errand_of(kind, unit).is_some() {
            return Err(Refusal::AlreadyCalled(unit.clone()));
        }
    }
    Ok(())
}
