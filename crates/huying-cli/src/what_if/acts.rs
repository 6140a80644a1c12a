//! A record's events read back as what was asked for.

use huying_domain::{
    command::{Ask, AtOnce, TaskWanted},
    event::{Event, request::Request},
    ids::CaseId,
    record::Record,
};

/// What somebody asked for, by the record that it made. None where nobody outside can have asked it, or where this
/// program does not carry it over.
pub fn asked(record: &Record) -> Option<(Option<CaseId>, Ask)> {
    let first = record.parts.first()?;
    let case = first.case();
    let events = &first.events;
    let resolved = events.iter().find_map(|event| match event {
        Event::Resolved(resolved) => Some(resolved),
        _ => None,
    });
    let given = events.iter().find_map(|event| match event {
        Event::Assigned(assigned) => Some(assigned),
        _ => None,
    });
    let ask = match events.first()? {
        Event::Registered(event) => {
            let filing = Box::new(event.filing.clone());
            let ask = match (settled(events), resolved) {
                (Some(how), _) => Ask::RegisterSettled { filing, how },
                (None, Some(resolved)) => Ask::RegisterSolved {
                    filing,
                    result: resolved.result.clone(),
                    evidence: resolved.evidence.clone(),
                },
                (None, None) => Ask::Register(filing),
            };
            return Some((None, ask));
        }
        Event::Joined(event) => {
            let filing = Box::new(event.filing.clone());
            return Some((None, Ask::Join { lead: event.lead, filing }));
        }
        // The first at an alarm gets it and has signed, in one record.
        Event::Assigned(_) if events.iter().any(|event| matches!(event, Event::Accepted(_))) => Ask::Accept,
        Event::Ruled(event) => {
            Ask::Rule { holder: event.holder.clone(), rung: given?.rung, reason: event.reason.clone() }
        }
        event => handled(event).or_else(|| governed(event)).or_else(|| fed_back(event))?,
    };
    Some((case, ask))
}

/// What a call-taker settled in the call itself, by the facts beside the registration.
fn settled(events: &[Event]) -> Option<AtOnce> {
    let verdict = events.iter().find_map(|event| match event {
        Event::CalledBack(called) => called.verdict,
        _ => None,
    });
    events.iter().find_map(|event| match event {
        Event::Refused(event) => Some(AtOnce::Refuse {
            ground: event.ground,
            reason: event.reason.clone(),
            guide: event.guide.clone(),
        }),
        Event::Referred(event) => Some(AtOnce::Refer { line: event.line, receipt: event.receipt.clone() }),
        Event::Answered(event) => Some(AtOnce::Answer {
            contacted: event.contacted.clone(),
            done: event.done.clone(),
            by_when: event.by_when.clone(),
            verdict,
        }),
        _ => None,
    })
}

fn handled(event: &Event) -> Option<Ask> {
    Some(match event {
        Event::Corrected(event) => Ask::Correct(event.clone()),
        Event::Tagged(event) => Ask::Tag { tags: event.tags.clone() },
        Event::Refused(event) => {
            Ask::Refuse { ground: event.ground, reason: event.reason.clone(), guide: event.guide.clone() }
        }
        Event::Merged(event) => Ask::Merge { into: event.into, reason: event.reason.clone() },
        Event::Unmerged(event) => Ask::Unmerge { reason: event.reason.clone() },
        Event::Referred(event) => Ask::Refer { line: event.line, receipt: event.receipt.clone() },
        Event::Cancelled(event) => Ask::Cancel { ground: event.ground, reason: event.reason.clone() },
        Event::Assigned(event) => Ask::Assign {
            lead: event.lead.clone(),
            co_handlers: event.co_handlers.clone(),
            told: event.told.clone(),
            rung: event.rung,
            reason: event.reason.clone(),
        },
        Event::Accepted(_) => Ask::Accept,
        Event::Returned(event) => Ask::Return {
            ground: event.ground,
            reason: event.reason.clone(),
            proposed: event.proposed.clone(),
        },
        Event::Delegated(event) => Ask::Delegate { person: event.person.clone() },
        Event::Contacted(event) => Ask::Contact { reached: event.reached },
        Event::Arrived(event) => Ask::Arrive { place: event.place },
        Event::Progressed(event) => Ask::Progress { note: event.note.clone() },
        Event::Resolved(event) => {
            Ask::Resolve { result: event.result.clone(), evidence: event.evidence.clone() }
        }
        Event::Escalated(event) => Ask::Escalate { reason: event.reason.clone() },
        Event::Reminded(event) => Ask::Remind { note: event.note.clone() },
        Event::Revealed(event) => Ask::Reveal { purpose: event.purpose.clone() },
        Event::Rehomed(event) => Ask::Rehome { to: event.to },
        _ => return None,
    })
}

/// What stands for a reason that a record does not hold.
const NO_REASON: &str = "—";

/// Requests, errands and supervision. A call for help does not hold its reason, and nothing follows from it.
fn governed(event: &Event) -> Option<Ask> {
    Some(match event {
        Event::Requested(event) => match &event.request {
            Request::Extension { until } => Ask::Extend { until: *until, reason: event.reason.clone() },
            Request::Suspension { ground, until } => {
                Ask::Suspend { ground: *ground, until: *until, reason: event.reason.clone() }
            }
            Request::Termination { ground } => {
                Ask::Terminate { ground: *ground, reason: event.reason.clone() }
            }
        },
        Event::Denied(event) => Ask::Deny { note: event.note.clone() },
        Event::Extended(event) => Ask::Grant { note: event.note.clone() },
        Event::Suspended(event) => Ask::Grant { note: event.note.clone() },
        Event::Terminated(event) => Ask::Grant { note: event.reason.clone() },
        Event::Resumed(_) => Ask::Resume,
        Event::InformAsked(event) => Ask::Inform { channel: event.channel.clone() },
        Event::Informed(event) => {
            Ask::ConfirmInformed { channel: event.channel.clone(), receipt: event.receipt.clone() }
        }
        Event::Whistled(event) => Ask::Whistle {
            kind: event.kind,
            units: event.called.iter().map(|called| called.unit.clone()).collect(),
            reason: event.reason.clone(),
        },
        Event::HelpCalled(event) => Ask::CallHelp {
            units: event.helpers.iter().map(|called| called.unit.clone()).collect(),
            reason: NO_REASON.to_owned(),
        },
        Event::Consulted(event) => Ask::Consult {
            participants: event.participants.clone(),
            decision: event.decision.clone(),
            tasks: event
                .tasks
                .iter()
                .map(|task| TaskWanted { owner: task.owner.clone(), what: task.what.clone(), due: task.due })
                .collect(),
        },
        Event::ReportedIn(_) => Ask::ReportIn,
        Event::HelpReported(event) => Ask::Report { note: event.note.clone(), finished: event.finished },
        Event::TaskFinished(event) => Ask::FinishTask { number: event.number, note: event.note.clone() },
        Event::Supervised(event) => {
            Ask::Supervise { degree: event.degree, ground: event.ground, note: event.note.clone() }
        }
        Event::Instructed(event) => Ask::Instruct { text: event.text.clone() },
        _ => return None,
    })
}

fn fed_back(event: &Event) -> Option<Ask> {
    Some(match event {
        Event::Checked(event) => Ask::Check { passed: event.passed, note: event.note.clone() },
        Event::Answered(event) => Ask::Answer {
            when: event.when,
            contacted: event.contacted.clone(),
            done: event.done.clone(),
            by_when: event.by_when.clone(),
        },
        Event::TellAsked(event) => Ask::Tell { channel: event.channel.clone() },
        Event::Told(event) => {
            Ask::ConfirmTold { channel: event.channel.clone(), receipt: event.receipt.clone() }
        }
        Event::CalledBack(event) => {
            Ask::CallBack { way: event.way.unwrap_or_default(), verdict: event.verdict }
        }
        Event::LookedAgain(event) => {
            Ask::LookAgain { kind: event.kind, stands: event.stands, note: event.note.clone() }
        }
        Event::AppealJudged(event) => Ask::JudgeAppeal { upheld: event.upheld, note: event.note.clone() },
        Event::Reopened(event) => Ask::Reopen { reason: event.reason.clone() },
        Event::Closed(event) => Ask::Close { condition: event.condition, reason: event.reason.clone() },
        _ => return None,
    })
}
