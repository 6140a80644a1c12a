//! Settled while the caller is on the line: one record holds the call and what became of it, so that no station gives
//! the case away in between.

use super::{Desk, alarm, clocks::ClockWork, collect, written};
use crate::{
    command::AtOnce,
    event::{
        Event,
        collect::{Filing, Referred, Refused, Registered},
        feedback::{Answered, CalledBack, Told, Verdict},
        handle::Resolved,
    },
    ids::TellChannel,
    record::Part,
    refusal::Refusal,
    vocabulary::{CaseKind, Channel, Clock, review::CallBackWay},
};

/// The receipt of an answer that was given in the call itself.
const ON_THE_LINE: &str = "on the line";

pub(super) fn register(desk: &Desk<'_>, filing: &Filing, how: &AtOnce) -> Result<Vec<Part>, Refusal> {
    desk.person_decides()?;
    collect::filed_well(desk, filing)?;
    collect::no_drill(&filing.tags)?;
    if alarm::plan_for(desk, filing).is_some() {
        return Err(Refusal::AlarmStandsAlone);
    }
    // Nobody has to be on the line for work that is done.
    if !filing.channel.is_spoken() && !matches!(how, AtOnce::Solve { .. }) {
        return Err(Refusal::NobodyOnTheLine);
    }
    let mut events = vec![Event::Registered(Registered {
        filing: filing.clone(),
        dispatcher: desk.centre().clone(),
        rules: desk.rules.label.clone(),
    })];
    let clock = match how {
        AtOnce::Solve { result, evidence } => {
            return collect::register_solved(desk, filing, result, evidence);
        }
        AtOnce::Refuse { ground, reason, guide } => {
            written("reason", reason)?;
            collect::guided(desk, *ground, guide.as_ref())?;
            let (ground, reason, guide) = (*ground, reason.clone(), guide.clone());
            events.push(Event::Refused(Refused { ground, reason, guide }));
            Clock::Answer
        }
        AtOnce::Refer { line, receipt } => {
            collect::receipt_well(receipt.as_deref())?;
            events.push(Event::Referred(Referred { line: *line, receipt: receipt.clone() }));
            Clock::Answer
        }
        AtOnce::Answer { contacted, done, by_when, verdict } => {
            if !matches!(filing.kind, CaseKind::Inquiry | CaseKind::Suggestion | CaseKind::Praise) {
                return Err(Refusal::NotAQuestion);
            }
            written("contacted", contacted)?;
            written("done", done)?;
            by_when.as_ref().map_or(Ok(()), |text| written("by_when", text))?;
            events.extend(answered(desk, filing, (contacted, done, by_when.as_ref()), *verdict));
            if verdict.is_some() { Clock::Close } else { Clock::CallBack }
        }
    };
    let work = ClockWork::new(desk).start_for(clock, desk.centre(), &filing.brief);
    Ok(vec![desk.part(desk.state.next_case(), work.onto(events))])
}

fn answered(
    desk: &Desk<'_>,
    filing: &Filing,
    (contacted, done, by_when): (&String, &String, Option<&String>),
    verdict: Option<Verdict>,
) -> Vec<Event> {
    let resolved = Resolved {
        unit: desk.actor().unit.clone(),
        on_the_spot: true,
        result: done.clone(),
        evidence: Vec::new(),
    };
    let answer = Answered {
        when: desk.now,
        contacted: contacted.clone(),
        done: done.clone(),
        by_when: by_when.cloned(),
        members: 0,
    };
    let told = Told { channel: TellChannel::callback_list(), receipt: ON_THE_LINE.to_owned(), closes: None };
    let mut events = vec![Event::Resolved(resolved), Event::Answered(answer), Event::Told(told)];
    if verdict.is_some() {
        let face = matches!(filing.channel, Channel::Counter | Channel::Reception | Channel::Deputies);
        let way = if face { CallBackWay::InPerson } else { CallBackWay::Phone };
        events.push(Event::CalledBack(CalledBack { attempt: 1, way: Some(way), verdict }));
    }
    events
}
