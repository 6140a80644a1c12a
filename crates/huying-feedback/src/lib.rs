//! Answer, call-back, satisfaction, reopening and closing 反馈. A pure station: it proposes, the engine's door decides.
//!
//! The route: a record comes off the journal's tail into [`follow_up`], which names the next steps that need no
//! judgement: ask a channel to tell the caller, pass an answer on to further callers, close what is confirmed,
//! reopen what the caller calls unsolved.
//!
//! What it does not do: it never calls anybody, keeps no case, asks no clock; it closes nothing that a caller
//! calls unsolved and decides nothing that weighs on a person. Such cases are left to people: after an attempt
//! that reached nobody, and after as many reopenings as the policy leaves to programs (the door refuses the next
//! with *a person decides*, which for a station is an answer like any other).
//!
//! Begin with `follow_up` below, then `judgement.rs`.

pub mod judgement;

use crate::judgement::{Next, next};
use huying_domain::{
    command::{Ask, Command},
    event::{
        Event,
        request::{Extended, Resumed, Suspended},
    },
    ids::{CaseId, TellChannel, Version},
    record::{Actor, CommandId, Origin, Record},
    rules::Rules,
    vocabulary::CloseCondition,
};

/// The station's name, part of its commands' ids.
pub const STATION: &str = "feedback";

/// The commands that follow from a record, numbered in their order.
pub fn follow_up(rules: &Rules, record: &Record) -> Vec<Command> {
    let mut named = Vec::new();
    for part in &record.parts {
        let Some(case) = part.case() else { continue };
        let steps = part.events.iter().flat_map(|event| steps(rules, event));
        named.extend(steps.map(|step| (case, part.version_after(), step)));
    }
    let numbered = (0u32..).zip(named);
    numbered.map(|(n, (case, version, step))| command(rules, record, n, case, version, step)).collect()
}

/// A step that needs no judgement.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Step {
    ask: Ask,
    /// Whether the case has to be as it was seen.
    ///
    /// Telling, passing on and closing do not need it: the door looks at the case as it is (is it answered, has
    /// it been told, does the condition hold, does anybody wait?), they may come in any order, and two that
    /// follow from one record would make each other stale. A reopening does: it must not overturn what a person
    /// has decided meanwhile.
    as_seen: bool,
}

impl Step {
    const fn whenever(ask: Ask) -> Self {
        Self { ask, as_seen: false }
    }
}

/// Every event is named, so that a new one stops the build here and somebody says what follows from it.
#[expect(clippy::too_many_lines, reason = "one arm for each event, so that a new one stops the build here")]
fn steps(rules: &Rules, event: &Event) -> Vec<Step> {
    match event {
        Event::Answered(answered) if answered.members > 0 => vec![tell(rules), Step::whenever(Ask::PassOn)],
        Event::Answered(_) => vec![tell(rules)],
        Event::PassedOn(passed) if passed.left > 0 => vec![Step::whenever(Ask::PassOn)],
        Event::PassedOn(passed) => passed.closes.map(close).into_iter().collect(),
        // A limit that moved is told, so that nobody waits for a day that has been given up.
        Event::Extended(Extended { members, .. })
        | Event::Suspended(Suspended { members, .. })
        | Event::Resumed(Resumed { members, .. }) => {
            let pass_on = (*members > 0).then(|| Step::whenever(Ask::PassOn));
            [inform(rules)].into_iter().chain(pass_on).collect()
        }
        Event::NewsPassed(passed) if passed.left > 0 => vec![Step::whenever(Ask::PassOn)],
        Event::Told(told) => told.closes.map(close).into_iter().collect(),
        Event::CalledBack(called) => match called.verdict.map(next) {
            Some(Next::Close) => vec![close(CloseCondition::Confirmed)],
            Some(Next::Reopen(reason)) => vec![Step { ask: Ask::Reopen { reason }, as_seen: true }],
            // Nobody was reached, or more work would not help: what to do next is people's to say.
            Some(Next::Person) | None => Vec::new(),
        },
        Event::Registered(_)
        | Event::Joined(_)
        | Event::MemberAdded(_)
        | Event::Corrected(_)
        | Event::Tagged(_)
        | Event::Refused(_)
        | Event::Referred(_)
        | Event::Cancelled(_)
        | Event::Assigned(_)
        | Event::Accepted(_)
        | Event::Returned(_)
        | Event::Ruled(_)
        | Event::Delegated(_)
        | Event::Contacted(_)
        | Event::Arrived(_)
        | Event::Progressed(_)
        | Event::Resolved(_)
        | Event::Clocked(_)
        | Event::ClockBreached(_)
        | Event::Exempted(_)
        | Event::Escalated(_)
        | Event::TopAsked(_)
        | Event::Alarmed(_)
        | Event::Noticed(_)
        | Event::Reminded(_)
        | Event::Requested(_)
        | Event::Denied(_)
        | Event::Terminated(_)
        | Event::InformAsked(_)
        | Event::Informed(_)
        | Event::NewsPassed(_)
        | Event::Whistled(_)
        | Event::ReportedIn(_)
        | Event::HelpCalled(_)
        | Event::HelpReported(_)
        | Event::Consulted(_)
        | Event::TaskFinished(_)
        | Event::ErrandMissed(_)
        | Event::Merged(_)
        | Event::TookIn(_)
        | Event::Unmerged(_)
        | Event::LetGo(_)
        | Event::Appealed(_)
        | Event::AppealJudged(_)
        | Event::LookAsked(_)
        | Event::LookedAgain(_)
        | Event::Supervised(_)
        | Event::Instructed(_)
        | Event::Checked(_)
        | Event::TellAsked(_)
        | Event::Reopened(_)
        | Event::Closed(_)
        | Event::Revealed(_)
        | Event::Erased(_)
        | Event::Rehomed(_)
        | Event::RulesPublished(_)
        | Event::DutySet(_)
        | Event::AccountSet(_)
        | Event::KeysSet(_) => Vec::new(),
    }
}

/// Asks the city's first channel to tell what became of the limit.
fn inform(rules: &Rules) -> Step {
    Step::whenever(Ask::Inform { channel: first_channel(rules) })
}

/// Asks the city's first channel. Where the caller cannot be reached by it, whoever tells asks the next.
fn tell(rules: &Rules) -> Step {
    Step::whenever(Ask::Tell { channel: first_channel(rules) })
}

fn first_channel(rules: &Rules) -> TellChannel {
    rules.policy.tell.first().cloned().unwrap_or_else(TellChannel::callback_list)
}

const fn close(condition: CloseCondition) -> Step {
    Step::whenever(Ask::Close { condition, reason: String::new() })
}

fn command(rules: &Rules, record: &Record, n: u32, case: CaseId, version: Version, step: Step) -> Command {
    Command {
        id: CommandId::of_station(STATION, record.seq, n),
        actor: Actor::unit(rules.centre().clone()),
        by: Origin::Station,
        because: Some(record.seq),
        saw: step.as_seen.then_some(version),
        case: Some(case),
        ask: step.ask,
        private: None,
    }
}
