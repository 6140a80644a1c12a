//! Deciding: what a command means for the cases, under the rules in force, at an instant. Pure.
//!
//! Doors authenticate, `decide` authorises. It alone may refuse the rest with `_`.

mod access;
mod alarm;
mod at_once;
mod clocks;
mod collect;
mod dispatch;
mod errand;
mod feedback;
mod handle;
mod ladder;
mod merge;
mod notice;
pub mod recompute;
mod request;
mod review;
mod setting;
mod supervise;

use crate::{
    acts,
    case::Case,
    command::{Ask, Command},
    event::{Event, request::Request},
    ids::{CaseId, UnitId},
    record::{Actor, Origin, Part, RECORD_PARTS_MAX, Subject},
    refusal::Refusal,
    rules::Rules,
    state::State,
    time::Timestamp,
    vocabulary::Stage,
};

/// Most characters of a reason, note or result.
pub const TEXT_CHARS_MAX: u32 = 2_000;
/// Most characters of a summary.
pub const SUMMARY_CHARS_MAX: u32 = 1_000;
/// Most characters of a channel's receipt.
pub const RECEIPT_CHARS_MAX: u32 = 200;
/// Most pieces of evidence with one result.
pub const EVIDENCE_MAX: u32 = 32;
/// Most co-handlers of a case, and most units told of an assignment.
pub const UNITS_NAMED_MAX: u32 = 16;

/// Decides what a command means. The parts carry their versions and at least one event each.
pub fn decide(state: &State, rules: &Rules, command: &Command, now: Timestamp) -> Result<Vec<Part>, Refusal> {
    let desk = Desk { state, rules, command, now };
    let parts = match &command.ask {
        Ask::Register(filing) => collect::register(&desk, filing),
        Ask::RegisterSolved { filing, result, evidence } => {
            collect::register_solved(&desk, filing, result, evidence)
        }
        Ask::RegisterSettled { filing, how } => at_once::register(&desk, filing, how),
        Ask::Merge { into, reason } => merge::merge(&desk, desk.case()?, *into, reason),
        Ask::Unmerge { reason } => merge::unmerge(&desk, desk.case()?, reason),
        Ask::Join { lead, filing } => collect::join(&desk, *lead, filing),
        Ask::PublishRules { file, hash, bytes } => setting::publish(&desk, *file, *hash, *bytes),
        Ask::SetDuty { unit, on_duty } => setting::set_duty(&desk, unit, *on_duty),
        Ask::SetAccount { unit, set } => access::set_account(&desk, unit, set),
        Ask::SetKeys { set } => access::set_keys(&desk, set),
        Ask::PassOn => feedback::pass_on(&desk, desk.case()?),
        ask => {
            let case = desk.case()?;
            let events = of_case(&desk, case, ask)?;
            Ok(vec![desk.part(case.id, events)])
        }
    }?;
    let parts = notice::planned(&desk, parts);
    debug_assert!(parts.len() <= RECORD_PARTS_MAX && parts.iter().all(|part| !part.events.is_empty()));
    Ok(parts)
}

fn of_case(desk: &Desk<'_>, case: &Case, ask: &Ask) -> Result<Vec<Event>, Refusal> {
    match ask {
        Ask::Correct(change) => collect::correct(desk, case, change),
        Ask::Tag { tags } => collect::tag(desk, case, tags),
        Ask::Refuse { ground, reason, guide } => collect::refuse(desk, case, *ground, reason, guide.as_ref()),
        Ask::Refer { line, receipt } => collect::refer(desk, case, *line, receipt.as_deref()),
        Ask::Cancel { ground, reason } => collect::cancel(desk, case, *ground, reason),
        Ask::Reveal { purpose } => collect::reveal(desk, case, purpose),
        Ask::Erase { reason } => collect::erase(desk, case, reason),
        Ask::Rehome { to } => collect::rehome(desk, case, *to),
        Ask::Assign { lead, co_handlers, told, rung, reason } => {
            dispatch::assign(desk, case, &dispatch::Order { lead, co_handlers, told, rung: *rung, reason })
        }
        Ask::Reassign { lead, rung, reason } => dispatch::reassign(
            desk,
            case,
            &dispatch::Order { lead, co_handlers: &[], told: &[], rung: *rung, reason },
        ),
        Ask::Accept if case.alarm.is_some() => alarm::answer(desk, case),
        Ask::Accept => dispatch::accept(desk, case),
        Ask::Return { ground, reason, proposed } => {
            dispatch::give_back(desk, case, *ground, reason, proposed.as_ref())
        }
        Ask::Rule { holder, rung, reason } => dispatch::rule(desk, case, holder, *rung, reason),
        Ask::Delegate { person } => dispatch::delegate(desk, case, person),
        Ask::Remind { note } => supervise::remind(desk, case, note),
        Ask::Supervise { degree, ground, note } => supervise::supervise(desk, case, *degree, *ground, note),
        Ask::Instruct { text } => supervise::instruct(desk, case, text),
        Ask::Consult { participants, decision, tasks } => {
            errand::consult(desk, case, participants, decision, tasks)
        }
        Ask::FinishTask { number, note } => errand::finish_task(desk, case, *number, note),
        Ask::Whistle { kind, units, reason } => errand::whistle(desk, case, *kind, units, reason),
        Ask::ReportIn => errand::report_in(desk, case),
        Ask::CallHelp { units, reason } => errand::call_help(desk, case, units, reason),
        Ask::Report { note, finished } => errand::report(desk, case, note, *finished),
        ask => requested(desk, case, ask),
    }
}

/// What is asked of the level above, and the two phases around the handling.
fn requested(desk: &Desk<'_>, case: &Case, ask: &Ask) -> Result<Vec<Event>, Refusal> {
    match ask {
        Ask::Extend { until, reason } => {
            request::ask(desk, case, Request::Extension { until: *until }, reason)
        }
        Ask::Suspend { ground, until, reason } => {
            request::ask(desk, case, Request::Suspension { ground: *ground, until: *until }, reason)
        }
        Ask::Terminate { ground, reason } => {
            request::ask(desk, case, Request::Termination { ground: *ground }, reason)
        }
        Ask::Grant { note } => request::grant(desk, case, note),
        Ask::Deny { note } => request::deny(desk, case, note),
        Ask::Resume => request::resume(desk, case),
        Ask::Inform { channel } => request::inform(desk, case, channel),
        Ask::ConfirmInformed { channel, receipt } => request::confirm_informed(desk, case, channel, receipt),
        Ask::Contact { reached } => handle::contact(desk, case, *reached),
        Ask::Arrive { place } => handle::arrive(desk, case, *place),
        Ask::Progress { note } => handle::progress(desk, case, note),
        Ask::Resolve { result, evidence } => handle::resolve(desk, case, result, evidence),
        Ask::CheckClock { clock, scheduled, away_since } => {
            ladder::check_clock(desk, case, *clock, *scheduled, *away_since)
        }
        Ask::CheckNotice { clock, step, scheduled } => {
            notice::give_out(desk, case, *clock, *step, *scheduled)
        }
        Ask::Recompute => recompute::recompute(desk, case),
        Ask::Escalate { reason } => ladder::escalate(desk, case, reason),
        Ask::Check { passed, note } => feedback::check(desk, case, *passed, note),
        Ask::Answer { when, contacted, done, by_when } => {
            feedback::answer(desk, case, *when, contacted, done, by_when.as_deref())
        }
        Ask::Tell { channel } => feedback::tell(desk, case, channel),
        Ask::ConfirmTold { channel, receipt } => feedback::confirm_told(desk, case, channel, receipt),
        Ask::CallBack { way, verdict } => feedback::call_back(desk, case, *way, *verdict),
        Ask::Reopen { reason } => feedback::reopen(desk, case, reason),
        Ask::Close { condition, reason } => feedback::close(desk, case, *condition, reason),
        Ask::Appeal { clock, due, ground, reason } => {
            review::appeal(desk, case, (*clock, *due), *ground, reason)
        }
        Ask::JudgeAppeal { upheld, note } => review::judge(desk, case, *upheld, note),
        Ask::Exempt { clock, due, ground, reason } => {
            review::exempt(desk, case, (*clock, *due), *ground, reason)
        }
        Ask::LookAgain { kind, stands, note } => review::look(desk, case, *kind, *stands, note),
        _ => Err(Refusal::NoCase),
    }
}

/// What a decision has before it.
struct Desk<'a> {
    state: &'a State,
    rules: &'a Rules,
    command: &'a Command,
    now: Timestamp,
}

impl<'a> Desk<'a> {
    /// The case that the command names, if the asker saw it as it is. A person has to have seen all of it but who else
    /// called about it or was told; for a station it is enough that neither stage nor holder changed since.
    fn case(&self) -> Result<&'a Case, Refusal> {
        let id = self.command.case.ok_or(Refusal::NoCase)?;
        let case = self.state.case(id).ok_or(Refusal::UnknownCase(id))?;
        let stale = self.command.saw.is_some_and(|saw| {
            let since = if self.by_program() { case.moved_at } else { case.seen_from };
            saw < since || saw > case.version
        });
        if stale { Err(Refusal::Stale { now: case.version }) } else { Ok(case) }
    }

    fn part(&self, id: CaseId, events: Vec<Event>) -> Part {
        let subject = Subject::Case(id);
        Part { version: self.state.version(&subject), subject, events }
    }

    const fn actor(&self) -> &'a Actor {
        &self.command.actor
    }

    const fn centre(&self) -> &'a UnitId {
        self.rules.centre()
    }

    const fn by_program(&self) -> bool {
        matches!(self.command.by, Origin::Station | Origin::Timer)
    }

    /// A person has to decide what weighs on a person (personal information law, art. 24).
    const fn person_decides(&self) -> Result<(), Refusal> {
        match self.command.by {
            Origin::Person | Origin::Feed => Ok(()),
            Origin::Station | Origin::Timer => Err(Refusal::PersonDecides),
        }
    }

    /// The table allows what is asked in the stage of the case.
    fn act(&self, case: &Case) -> Result<(), Refusal> {
        self.stage(case, acts::of(self.command.ask.name()).map_or(&[], |act| act.stages))
    }

    /// The stage is one of these.
    fn stage(&self, case: &Case, allowed: &[Stage]) -> Result<(), Refusal> {
        if allowed.contains(&case.stage) {
            Ok(())
        } else if let (Stage::Following, Some(lead)) = (case.stage, case.lead) {
            Err(Refusal::FollowsLead(lead))
        } else {
            Err(Refusal::WrongStage { stage: case.stage })
        }
    }

    /// The actor holds the case, helps with it, or supervises its holder; or it is the engine's own station.
    fn may_handle(&self, case: &Case) -> Result<(), Refusal> {
        let unit = &self.actor().unit;
        let theirs = self.by_program() || case.holder == *unit || case.co_handlers.contains(unit);
        if theirs || self.rules.supervises(unit, &case.holder) { Ok(()) } else { Err(Refusal::NotYours) }
    }

    /// The actor holds the case or supervises its holder: helpers do not lead.
    fn may_lead(&self, case: &Case) -> Result<(), Refusal> {
        let unit = &self.actor().unit;
        let theirs = self.by_program() || case.holder == *unit;
        if theirs || self.rules.supervises(unit, &case.holder) { Ok(()) } else { Err(Refusal::NotYours) }
    }

    /// The actor supervises the holder, or is the one who dispatches.
    fn may_supervise(&self, case: &Case) -> Result<(), Refusal> {
        let unit = &self.actor().unit;
        if self.by_program() || unit == self.centre() || self.rules.supervises(unit, &case.holder) {
            Ok(())
        } else {
            Err(Refusal::NotYours)
        }
    }

    /// Who asks does not decide; at the centre, which may have to decide what the centre asks as the last rung, another
    /// person does.
    fn not_the_asker(&self, asker: &Actor) -> Result<(), Refusal> {
        let actor = self.actor();
        let another = actor.person.is_some() && asker.person.is_some() && actor.person != asker.person;
        let own = actor.unit == asker.unit && !(actor.unit == *self.centre() && another);
        if own { Err(Refusal::OwnRequest) } else { Ok(()) }
    }

    /// The actor did not handle the case. At the centre, which may have handled it as the last rung, another
    /// person than the one who did.
    fn not_own_work(&self, case: &Case) -> Result<(), Refusal> {
        let actor = self.actor();
        let own = case.resolvers.iter().any(|resolver| {
            let other_person =
                resolver.person.is_some() && actor.person.is_some() && resolver.person != actor.person;
            resolver.unit == actor.unit && !(actor.unit == *self.centre() && other_person)
        });
        if own && !self.by_program() { Err(Refusal::OwnWork) } else { Ok(()) }
    }
}

/// The text is there and not longer than a reason may be.
fn written(field: &'static str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::Missing(field));
    }
    within(field, text, TEXT_CHARS_MAX)
}

/// The text is not longer than this.
fn within(field: &'static str, text: &str, max: u32) -> Result<(), Refusal> {
    if text.chars().count() > max as usize { Err(Refusal::TooLong { field, max }) } else { Ok(()) }
}
