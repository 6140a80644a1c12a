//! Why is this red? Each clock of a case as a tale that adds up: from when to when, counted or not, and why.

pub mod tale;

use self::tale::{Tale, Terms, Thread};

use huying_domain::{
    case::Case,
    event::{Event, clocks::ClockChange},
    ids::{CaseId, UnitId},
    record::{Part, Record},
    rules::Rules,
    time::Timestamp,
    vocabulary::{Clock, Stage},
    words::Words,
};

/// Tells every clock that a case has had, in the order in which they started, as they stood at `now`.
///
/// `history` holds the records of the case, or more; what lies after `now` is not looked at, so that one may ask
/// how it stood on a day in the past. A case that was assigned without a resolve limit has a tale of that clock
/// all the same: it has no due instant, and its verdict is *unknown*.
pub fn explain(rules: &Rules, history: &[Record], case: CaseId, now: Timestamp) -> Vec<Tale> {
    let mut telling = Telling { case: None, threads: Vec::new() };
    for record in history.iter().filter(|record| record.at <= now) {
        for part in record.parts.iter().filter(|part| part.case() == Some(case)) {
            telling.take_in(rules.centre(), record, part);
        }
    }
    telling.threads.into_iter().map(|thread| thread.tell(&rules.calendars, now)).collect()
}

/// What has been read so far. The case itself is folded along: it knows who held it, and in which leg.
struct Telling {
    case: Option<Case>,
    threads: Vec<Thread>,
}

impl Telling {
    fn take_in(&mut self, centre: &UnitId, record: &Record, part: &Part) {
        for event in &part.events {
            match (&mut self.case, part.case()) {
                (Some(case), _) => case.evolve(event, &record.actor, centre, record.at),
                (None, Some(id)) => self.case = Case::born(id, event, record.at),
                (None, None) => {}
            }
            self.clocks(event, part, record.at);
        }
        self.note_missing_target(record.at);
    }

    /// Every event is named, so that a new one stops the build here.
    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each event, so that a new one stops the build here"
    )]
    fn clocks(&mut self, event: &Event, part: &Part, at: Timestamp) {
        match event {
            Event::Clocked(event) => event.changes.iter().for_each(|change| self.change(change, part, at)),
            Event::ClockBreached(event) => {
                if let Some(thread) = self.open(event.clock) {
                    thread.breached.get_or_insert(event.due);
                }
            }
            Event::Exempted(event) => {
                // The next rung may have a clock of the same kind by now: the breach is named by its instant.
                let is_it =
                    |thread: &&mut Thread| thread.clock == event.clock && thread.breached == Some(event.due);
                if let Some(thread) = self.threads.iter_mut().rev().find(is_it) {
                    thread.exempted = Some(event.ground);
                }
            }
            Event::Closed(_) | Event::Reopened(_) => self.end_all(at),
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
            | Event::Checked(_)
            | Event::Answered(_)
            | Event::PassedOn(_)
            | Event::TellAsked(_)
            | Event::Told(_)
            | Event::CalledBack(_)
            | Event::Revealed(_)
            | Event::Erased(_)
            | Event::Rehomed(_)
            | Event::RulesPublished(_)
            | Event::DutySet(_)
            | Event::AccountSet(_)
            | Event::KeysSet(_) => {}
        }
    }

    fn change(&mut self, change: &ClockChange, part: &Part, at: Timestamp) {
        match change {
            ClockChange::Started { clock, from, due, limit, calendar, provisional } => {
                if let Some(before) = self.open(*clock) {
                    before.end(at);
                }
                let mut thread = self.begun(*clock, *from);
                thread.terms = Some(Terms {
                    limit: *limit,
                    calendar: calendar.clone(),
                    due: *due,
                    provisional: *provisional,
                });
                self.threads.push(thread);
            }
            ClockChange::Paused { clock } => {
                if let Some(thread) = self.open(*clock) {
                    thread.pause(at, why_paused(part));
                }
            }
            ClockChange::Resumed { clock, due, provisional } => {
                if let Some(thread) = self.open(*clock) {
                    thread.resume(at, *due, *provisional);
                }
            }
            ClockChange::Moved { clock, due, provisional } => {
                if let Some(thread) = self.open(*clock) {
                    thread.moved(*due, *provisional);
                }
            }
            // Who is told of a clock changes nothing of it.
            ClockChange::Planned { .. } => {}
            ClockChange::Stopped { clock } => {
                if let Some(thread) = self.open(*clock) {
                    thread.end(at);
                }
            }
        }
    }

    /// A case that is being handled and has no resolve clock is told as one whose target is unknown, until it is
    /// handled: it may not look as if it were on time.
    fn note_missing_target(&mut self, at: Timestamp) {
        let Some(case) = &self.case else { return };
        let handled_now =
            matches!(case.stage, Stage::Assigned | Stage::Handling | Stage::Suspended | Stage::Returned);
        let has_target = case.running(Clock::Resolve).is_some();
        let untold =
            !self.threads.iter().any(|thread| thread.clock == Clock::Resolve && thread.ended.is_none());
        if handled_now && !has_target && untold {
            let thread = self.begun(Clock::Resolve, at);
            self.threads.push(thread);
        } else if !handled_now {
            let without = self.threads.iter_mut().filter(|thread| thread.terms.is_none());
            without.filter(|thread| thread.ended.is_none()).for_each(|thread| thread.end(at));
        }
    }

    fn begun(&self, clock: Clock, from: Timestamp) -> Thread {
        let case = self.case.as_ref().expect("a clock starts after the first event of its case");
        Thread::begun(clock, case.leg, case.holder.clone(), from)
    }

    fn open(&mut self, clock: Clock) -> Option<&mut Thread> {
        self.threads.iter_mut().rev().find(|thread| thread.clock == clock && thread.ended.is_none())
    }

    fn end_all(&mut self, at: Timestamp) {
        self.threads.iter_mut().filter(|thread| thread.ended.is_none()).for_each(|thread| thread.end(at));
    }
}

/// Why clocks stand still after the facts of a record: a return stops the holder's, a result the case's own.
fn why_paused(part: &Part) -> Words {
    part.events
        .iter()
        .find_map(|event| match event {
            Event::Returned(event) => Some(Words::new(
                format!("{}退回（{}），等待重新派单", event.unit, event.ground.zh()),
                format!("given back by {} ({}), waits for a new holder", event.unit, event.ground),
            )),
            Event::Resolved(event) => Some(Words::new(
                format!("{}已办结，等待核查", event.unit),
                format!("done by {}, waits for the check", event.unit),
            )),
            Event::Suspended(event) => Some(Words::new(
                format!("挂账（{}）", event.ground.zh()),
                format!("suspended ({})", event.ground),
            )),
            _ => None,
        })
        .unwrap_or_else(|| Words::new("暂停计时", "paused"))
}
