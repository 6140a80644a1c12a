//! The laws of clocks and of merges, for one part of a record.

use super::{Law, hold};
use huying_domain::{
    case::Case,
    event::{Event, clocks::ClockChange},
    record::{Origin, Part, Record},
    vocabulary::Clock,
};

/// Laws 2 and 3: what edits leaves the clocks alone; clocks start at dispatch and not at acceptance; a breach stays
/// for as long as its clock is not ended or begun anew; the case's own clock stands still for no return.
pub(super) fn clocks_law(before: Option<&Case>, after: &Case, part: &Part, record: &Record) -> Law {
    let id = after.id;
    let clocked = |event: &Event| matches!(event, Event::Clocked(_));
    let edits =
        part.events.iter().any(is_edit) && part.events.iter().all(|event| is_edit(event) || clocked(event));
    if let Some(before) = before.filter(|_| edits) {
        hold(before.clocks == after.clocks, || format!("an edit moved a clock of {id}: {:?}", part.events))?;
    }
    let changes: Vec<&ClockChange> = part
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Clocked(clocked) => Some(&clocked.changes),
            _ => None,
        })
        .flatten()
        .collect();
    let has = |wanted: fn(&Event) -> bool| part.events.iter().any(wanted);
    let timer = record.by == Origin::Timer;
    for change in &changes {
        match change {
            ClockChange::Started { clock, from, due, .. } => {
                // What a lead has from a case that it took in counts as it counted there.
                let taken_over = has(|event| matches!(event, Event::TookIn(_)));
                hold(*from == record.at || ((timer || taken_over) && *from <= record.at), || {
                    format!("{clock} of {id} counts from {from}, not from its dispatch")
                })?;
                hold(due >= from, || format!("{clock} of {id} is due before it starts"))?;
                let holders =
                    matches!(clock, Clock::Accept | Clock::Contact | Clock::Arrive | Clock::Resolve);
                let dispatched =
                    has(|event| matches!(event, Event::Assigned(_) | Event::Escalated(_) | Event::TookIn(_)));
                hold(!holders || dispatched, || format!("{clock} of {id} started without a dispatch"))?;
            }
            ClockChange::Paused { clock: Clock::Resolve } => {
                let resolved =
                    has(|event| matches!(event, Event::Resolved(_) | Event::Suspended(_) | Event::Merged(_)));
                hold(resolved, || format!("the own clock of {id} was stopped without a result"))?;
            }
            ClockChange::Moved { clock, .. } => {
                let granted =
                    has(|event| matches!(event, Event::Extended(_) | Event::TookIn(_) | Event::LetGo(_)));
                hold(granted, || format!("{clock} of {id} was moved and nobody granted it"))?;
            }
            ClockChange::Paused { .. }
            | ClockChange::Resumed { .. }
            | ClockChange::Planned { .. }
            | ClockChange::Stopped { .. } => {}
        }
    }
    merge_law(before, after, part)?;
    let breached = before.iter().flat_map(|case| &case.clocks).filter(|running| running.breached);
    for running in breached {
        let touched = changes.iter().any(|change| {
            let ends = matches!(change, ClockChange::Started { .. } | ClockChange::Stopped { .. });
            ends && change.clock() == running.clock
        });
        let ended = touched || has(|event| matches!(event, Event::Reopened(_) | Event::Closed(_)));
        let stays = after.running(running.clock).is_some_and(|now| now.breached);
        hold(ended || stays, || format!("the breach of {} of {id} was forgotten", running.clock))?;
    }
    Ok(())
}

/// Law 6: nothing of a merged case ticks; its lead has the earliest filing and is never due later for it; what is
/// unmerged has its own limit again.
fn merge_law(before: Option<&Case>, after: &Case, part: &Part) -> Law {
    let id = after.id;
    let due = |case: &Case| case.running(Clock::Resolve).map(|running| running.due);
    let Some(before) = before else { return Ok(()) };
    for event in &part.events {
        match event {
            Event::Merged(_) => {
                hold(after.next_instant().is_none(), || {
                    format!("{id} is merged, and something of it ticks")
                })?;
            }
            Event::TookIn(_) => {
                hold(after.filed_at <= before.filed_at, || format!("{id} is younger for what it took in"))?;
                let later = due(before).zip(due(after)).is_some_and(|(was, is)| is > was);
                hold(!later, || format!("{id} is due later for what it took in"))?;
            }
            Event::Unmerged(_) => {
                hold(due(before) == due(after), || format!("the limit of {id} did not come back"))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Edits, comments, marks and attempts.
const fn is_edit(event: &Event) -> bool {
    match event {
        Event::Corrected(_)
        | Event::Tagged(_)
        | Event::Progressed(_)
        | Event::Reminded(_)
        | Event::Revealed(_)
        | Event::Rehomed(_)
        | Event::Delegated(_)
        | Event::MemberAdded(_)
        | Event::TellAsked(_) => true,
        Event::Contacted(contacted) => !contacted.reached,
        _ => false,
    }
}
