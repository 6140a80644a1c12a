//! The station: from records to proposals.

use crate::route::{Proposal, Wanted, route};
use huying_domain::{
    command::{Ask, Command},
    event::{
        Event,
        collect::{Brief, Corrected},
        dispatch::Returned,
    },
    ids::{CaseId, UnitId},
    record::{Actor, CommandId, Origin, Part, Record, Subject},
    rules::Rules,
};
use std::collections::{BTreeMap, BTreeSet};

/// The station's name, part of its commands' ids.
pub const STATION: &str = "routing";

/// Follows the records and knows which units said that nobody is there.
#[derive(Clone, Debug, Default)]
pub struct Router {
    off_duty: BTreeSet<UnitId>,
    /// Cases whose class a program was not sure of: they wait at the desk for a person's word.
    unclassed: BTreeMap<CaseId, Brief>,
}

impl Router {
    /// The assignment that a record calls for, if it calls for one.
    ///
    /// It names the version that the record left: a person who dispatched in the meantime is not overruled.
    pub fn follow(&mut self, rules: &Rules, record: &Record) -> Option<Command> {
        self.learn_duty(record);
        let classed = record.parts.iter().find_map(|part| self.classed(part));
        let wanting = record.parts.iter().find_map(wanting);
        let (part, case, want) = match &classed {
            Some((part, case, brief)) => (*part, *case, Want::First(brief)),
            None => wanting?,
        };
        if matches!(&want, Want::Again(returned) if returned.receiver != *rules.centre()) {
            // Whoever gave it by hand has it back, and a person there says what to do with it.
            return None;
        }
        let wanted = match want {
            Want::First(brief) => Wanted { brief, returned: None },
            Want::Again(returned) => Wanted { brief: &returned.brief, returned: Some(returned) },
        };
        let Proposal { lead, told, rung, reason } = route(rules, &self.off_duty, &wanted)?;
        Some(Command {
            id: CommandId::of_station(STATION, record.seq, 0),
            actor: Actor::unit(rules.centre().clone()),
            by: Origin::Station,
            because: Some(record.seq),
            saw: Some(part.version_after()),
            case: Some(case),
            ask: Ask::Assign { lead, co_handlers: Vec::new(), told, rung, reason },
            private: None,
        })
    }

    /// A case that waited for its class and has it now, with what routing needs.
    fn classed<'r>(&mut self, part: &'r Part) -> Option<(&'r Part, CaseId, Brief)> {
        let case = part.case()?;
        for event in &part.events {
            match event {
                Event::Registered(event) if event.filing.waits_for_class() => {
                    self.unclassed.insert(case, event.filing.brief.clone());
                }
                Event::Corrected(Corrected { class: Some(class), condition, .. }) => {
                    let brief = self.unclassed.remove(&case)?;
                    let brief = Brief { class: class.clone(), condition: condition.clone(), ..brief };
                    return Some((part, case, brief));
                }
                // Whoever moved it on has said what it is.
                Event::Assigned(_)
                | Event::Resolved(_)
                | Event::Refused(_)
                | Event::Referred(_)
                | Event::Cancelled(_) => _ = self.unclassed.remove(&case),
                _ => {}
            }
        }
        None
    }

    fn learn_duty(&mut self, record: &Record) {
        for part in &record.parts {
            let Subject::Unit(unit) = &part.subject else { continue };
            for event in &part.events {
                match event {
                    Event::DutySet(duty) if duty.on_duty => _ = self.off_duty.remove(unit),
                    Event::DutySet(_) => _ = self.off_duty.insert(unit.clone()),
                    _ => {}
                }
            }
        }
    }
}

/// What wants a holder.
enum Want<'a> {
    First(&'a Brief),
    Again(&'a Returned),
}

fn wanting(part: &Part) -> Option<(&Part, CaseId, Want<'_>)> {
    let case = part.case()?;
    if part.events.iter().any(|event| matches!(event, Event::Resolved(_))) {
        // Solved by whoever found it: registered and done in one record, there is nobody to look for.
        return None;
    }
    if part.events.iter().any(|event| matches!(event, Event::Alarmed(_))) {
        // An alarm is not triaged: it rings at all of its ring, and the first to answer has it.
        return None;
    }
    let want = part.events.iter().find_map(want)?;
    Some((part, case, want))
}

/// Every event is named, so that a new one stops the build here and somebody says whether it wants a holder.
fn want(event: &Event) -> Option<Want<'_>> {
    match event {
        Event::Registered(event) if event.filing.waits_for_class() => None,
        Event::Registered(event) => Some(Want::First(&event.filing.brief)),
        Event::Reopened(event) => Some(Want::First(&event.brief)),
        Event::Returned(event) => Some(Want::Again(event)),
        // Work that was done on the spot and does not stand had never been assigned.
        Event::Checked(event) => event.brief.as_ref().map(Want::First),
        Event::Joined(_)
        | Event::MemberAdded(_)
        | Event::Corrected(_)
        | Event::Tagged(_)
        | Event::Refused(_)
        | Event::Referred(_)
        | Event::Cancelled(_)
        | Event::Assigned(_)
        | Event::Accepted(_)
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
        | Event::Extended(_)
        | Event::Suspended(_)
        | Event::Resumed(_)
        | Event::Terminated(_)
        | Event::InformAsked(_)
        | Event::Informed(_)
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
        | Event::NewsPassed(_)
        | Event::Supervised(_)
        | Event::Instructed(_)
        | Event::Answered(_)
        | Event::PassedOn(_)
        | Event::TellAsked(_)
        | Event::Told(_)
        | Event::CalledBack(_)
        | Event::Closed(_)
        | Event::Revealed(_)
        | Event::Erased(_)
        | Event::Rehomed(_)
        | Event::RulesPublished(_)
        | Event::DutySet(_)
        | Event::AccountSet(_)
        | Event::KeysSet(_) => None,
    }
}
