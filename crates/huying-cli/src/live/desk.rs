//! The desk: what each request comes to, through the one door of the engine.

use super::{
    Accepted, Act, Answer, BesideAsk, Call, CaseTold, Failed, HealthRow, OPERATOR, Publish, Refused, Request,
    SOURCE, SilentUnit, Status, TopicsTold, WhyTold,
    beside::{self, read_beside},
    callbacks::{number, unheard, untold},
    frame::FRAME_BYTES_MAX,
    publishing,
};
use crate::{commands::backup::back_up, failure::causes, words::Say};
use huying_domain::{
    command::{Ask, Command},
    ids::{CaseId, PersonId, SourceId},
    record::{Actor, Origin, Record},
    refusal::Refusal,
    rules::Rules,
    time::Timestamp,
    wire,
    words::Words,
};
use huying_engine::{
    door::{self, Handle, Ticket},
    doors::{
        SharedDesk,
        desk::{CallDesk, Taking},
        first_at_or_after, lane_of,
    },
    engine::Engine,
    reports::{NoReport, ReportAsk, report},
};
use huying_escalation::explain::explain;
use huying_intake::topics::{TopicAsk, Topics};
use huying_journal::{disk::real::RealDisk, error::ReadError, reader::Reader};
use serde_bytes::ByteBuf;
use std::{error::Error, ops::ControlFlow, path::PathBuf, sync::Arc};

/// The code of a backup that did not come about.
pub const BACKUP_CODE: &str = "backup";
/// How often a case is read anew when its newest records were not on the platter yet.
const READS_MAX: usize = 64;
/// How often it is looked whether all cases are computed afresh.
const RECOMPUTED_LOOKS_MAX: usize = 2_000;

/// The desk of a running engine.
pub struct Desk {
    handle: Handle<RealDisk>,
    calls: SharedDesk,
    dir: PathBuf,
}

impl Desk {
    /// A desk at this engine's door.
    pub const fn new(handle: Handle<RealDisk>, calls: SharedDesk, dir: PathBuf) -> Self {
        Self { handle, calls, dir }
    }

    /// Answers one request; waits until what the answer rests on is on the platter.
    pub fn answer(&self, request: Request) -> Answer {
        match request {
            Request::Backup(to) => match back_up(&self.dir, &to) {
                Ok(()) => Answer::BackedUp,
                Err(error) => failed(BACKUP_CODE, Say::BackupFailed.with(&[]), &error),
            },
            Request::Call(_) | Request::Act(_) => self.submit(request),
            Request::Reveal(act) => self.reveal(*act),
            Request::Publish(publish) => self.publish(publish),
            Request::Open(act, number) => self.open(*act, &number),
            Request::Topics(ask) => self.topics(&ask),
            Request::Beside(ask) => self.beside(&ask),
            Request::Case(_)
            | Request::Why(_)
            | Request::Untold
            | Request::Unheard
            | Request::Status
            | Request::ConfirmClock
            | Request::Report(_) => self.look(&request),
        }
    }

    /// Tries the file on the cases as they are, brings it into force, and waits for what follows from it.
    fn publish(&self, publish: Publish) -> Answer {
        let asked = publish.clone();
        let seen = self.handle.look(move |engine| {
            let now = engine.clock().now();
            publishing::tried(engine, &asked, now).map(|trial| (trial, engine.journal().reader()))
        });
        let (trial, reader) = match seen.map(Ticket::wait) {
            Ok(Some(Ok(seen))) => seen,
            Ok(Some(Err(answer))) => return answer,
            Ok(None) => return stopping(),
            Err(refusal) => return Answer::Refused(Refused::from(&refusal)),
        };
        if publish.preview {
            return Answer::Tried(Box::new(trial));
        }
        let act = match publishing::kept(&self.dir, &publish) {
            Ok(ask) => {
                Act { id: publish.id, case: None, saw: None, ask, private: None, person: publish.person }
            }
            Err(answer) => return answer,
        };
        let Accepted { seq, .. } = match self.submit(Request::Act(Box::new(act))) {
            Answer::Accepted(accepted) => accepted,
            refused => return refused,
        };
        let mut left = 0;
        for _ in 0..RECOMPUTED_LOOKS_MAX {
            // Answered when all before is on the platter, so each look sees one batch more.
            left = match self.handle.look(|engine| engine.recomputing()).map(Ticket::wait) {
                Ok(Some(left)) => left as u64,
                Ok(None) => return stopping(),
                Err(refusal) => return Answer::Refused(Refused::from(&refusal)),
            };
            if left == 0 {
                break;
            }
        }
        publishing::published(&reader, seq, &trial, left)
    }

    /// The record that says who reads comes first, then the sealed data are opened beside the loop.
    fn open(&self, act: Act, number: &str) -> Answer {
        let Some(case) = revealed(&act) else { return Answer::Refused(Refused::from(&Refusal::NoCase)) };
        match self.submit(Request::Act(Box::new(act))) {
            Answer::Accepted(_) => {
                let case_told = match self.look(&Request::Case(case)) {
                    Answer::Case(told) => told,
                    other => return other,
                };
                match self.handle.look(|engine| engine.journal().reader()).map(Ticket::wait) {
                    Ok(Some(reader)) => beside::opened(&reader, case, case_told, number),
                    Ok(None) => stopping(),
                    Err(refusal) => Answer::Refused(Refused::from(&refusal)),
                }
            }
            refused => refused,
        }
    }

    /// Reads the journal beside the loop, which goes on meanwhile.
    fn beside(&self, ask: &BesideAsk) -> Answer {
        let seen = self.handle.look(|engine| {
            let now = engine.clock().now();
            (engine.journal().reader(), Arc::clone(engine.rules()), now)
        });
        match seen.map(Ticket::wait) {
            Ok(Some((reader, rules, now))) => read_beside(&reader, &rules, ask, now),
            Ok(None) => stopping(),
            Err(refusal) => Answer::Refused(Refused::from(&refusal)),
        }
    }

    /// The record that says who reads the number comes first.
    fn reveal(&self, act: Act) -> Answer {
        let Some(case) = revealed(&act) else { return Answer::Refused(Refused::from(&Refusal::NoCase)) };
        match self.submit(Request::Act(Box::new(act))) {
            Answer::Accepted(_) => {
                match self.handle.look(move |engine| number(engine, case)).map(Ticket::wait) {
                    Ok(Some(answer)) => answer,
                    Ok(None) => stopping(),
                    Err(refusal) => Answer::Refused(Refused::from(&refusal)),
                }
            }
            refused => refused,
        }
    }

    fn submit(&self, request: Request) -> Answer {
        let calls = Arc::clone(&self.calls);
        let named = self.handle.look(move |engine| {
            let now = engine.clock().now();
            let calls = calls.read().expect("nobody panics at the desk");
            command_of(engine.rules(), &calls, request, now)
        });
        let command = match named.map(Ticket::wait) {
            Ok(Some(Ok(command))) => command,
            Ok(Some(Err(refused))) => return Answer::Refused(refused),
            Ok(None) => return stopping(),
            Err(refusal) => return Answer::Refused(Refused::from(&refusal)),
        };
        let lane = lane_of(&command.ask);
        match self.handle.submit(command, lane).map(Ticket::wait) {
            Ok(Some(answer)) => answered(answer),
            Ok(None) => stopping(),
            Err(refusal) => Answer::Refused(Refused::from(&refusal)),
        }
    }

    /// Reads the journal beside the loop, which goes on meanwhile.
    fn topics(&self, ask: &TopicAsk) -> Answer {
        let seen = self.handle.look(|engine| (engine.journal().reader(), zone_of(engine.rules())));
        match seen.map(Ticket::wait) {
            Ok(Some((reader, zone))) => topics(&reader, zone, ask),
            Ok(None) => stopping(),
            Err(refusal) => Answer::Refused(Refused::from(&refusal)),
        }
    }

    fn look(&self, request: &Request) -> Answer {
        for _ in 0..READS_MAX {
            let asked = request.clone();
            let seen = self.handle.look(move |engine| {
                let now = engine.clock().now();
                look(engine, &asked, now, true)
            });
            match seen.map(Ticket::wait) {
                Ok(Some(Some(answer))) => return answer,
                // What was not on the platter then is there now: the loop answers nothing before.
                Ok(Some(None)) => {}
                Ok(None) => return stopping(),
                Err(refusal) => return Answer::Refused(Refused::from(&refusal)),
            }
        }
        Answer::Refused(Refused::from(&Refusal::Busy))
    }

    /// What is sent in place of an answer that no frame can hold.
    pub fn too_long() -> Answer {
        let words = Say::AnswerTooLong.with(&[("max", &FRAME_BYTES_MAX)]);
        Answer::Failed(Failed { code: "answer_too_long".to_owned(), words, causes: Vec::new() })
    }
}

/// The case of an act that is to reveal.
pub fn revealed(act: &Act) -> Option<CaseId> {
    act.case.filter(|_| matches!(act.ask, Ask::Reveal { .. }))
}

/// What is seen at an instant; none when the newest records of a case are not on the platter yet.
pub fn look(
    engine: &mut Engine<RealDisk>,
    request: &Request,
    now: Timestamp,
    running: bool,
) -> Option<Answer> {
    match *request {
        Request::Report(ref ask) => Some(reported(engine, ask, now)),
        Request::Case(case) => Some(match history(engine, case)? {
            Ok(records) => {
                let bytes = records.iter().map(wire::encode);
                let records = bytes.map(|bytes| ByteBuf::from(bytes.expect("it was read from its bytes")));
                Answer::Case(CaseTold { records: records.collect(), zone: zone_of(engine.rules()) })
            }
            Err(answer) => answer,
        }),
        Request::Why(case) => Some(match history(engine, case)? {
            Ok(records) => Answer::Why(WhyTold {
                tales: explain(engine.rules(), &records, case, now),
                now,
                zone: zone_of(engine.rules()),
            }),
            Err(answer) => answer,
        }),
        Request::Untold => Some(untold(engine)),
        Request::Unheard => Some(unheard(engine, now)),
        Request::Status => Some(Answer::Status(Box::new(status(engine, now, running)))),
        Request::ConfirmClock => {
            if engine.clock().is_held() {
                tracing::warn!("a person says that the clock is right: timers go on");
                engine.clock().confirm();
            }
            Some(Answer::Status(Box::new(status(engine, now, running))))
        }
        Request::Call(_)
        | Request::Act(_)
        | Request::Reveal(_)
        | Request::Open(..)
        | Request::Publish(_)
        | Request::Topics(_)
        | Request::Beside(_)
        | Request::Backup(_) => {
            unreachable!("only what changes nothing is looked at")
        }
    }
}

/// What many call about, of the records from the asked instant on.
pub fn topics(reader: &Reader<RealDisk>, zone: String, ask: &TopicAsk) -> Answer {
    let mut kept = Topics::default();
    let first = first_at_or_after(reader, ask.since);
    let read = first.and_then(|first| {
        reader.scan(first, &mut |record, _| {
            kept.follow(record);
            ControlFlow::Continue(())
        })
    });
    match read {
        Ok(()) => Answer::Topics(TopicsTold { topics: kept.find(ask), zone }),
        Err(error) => failed("records_unreadable", Say::CannotReadRecords.with(&[]), &error),
    }
}

fn reported(engine: &mut Engine<RealDisk>, ask: &ReportAsk, now: Timestamp) -> Answer {
    let rules = Arc::clone(engine.rules());
    match report(&rules, &engine.views().ledger, ask, now) {
        Ok(report) => Answer::Report(Box::new(report)),
        Err(why) => no_report(why),
    }
}

/// Why there is no report.
pub fn no_report(why: NoReport) -> Answer {
    let (code, words) = match why {
        NoReport::Month => ("no_month", Say::NoMonth.with(&[])),
        NoReport::Backwards => ("days_backwards", Say::DaysBackwards.with(&[])),
        NoReport::Line(line) => ("no_line", Say::NoLine.with(&[("line", &line)])),
        NoReport::OtherPage(number) => ("other_page", Say::OtherPage.with(&[("number", &number)])),
    };
    Answer::Refused(Refused { code: code.to_owned(), words, field: None })
}

fn history(engine: &Engine<RealDisk>, case: CaseId) -> Option<Result<Vec<Record>, Answer>> {
    match engine.history(case) {
        Ok(records) => Some(Ok(records)),
        Err(ReadError::NotThere(_)) => None,
        Err(ReadError::NotAtRest(_)) => {
            Some(Err(Answer::Refused(Refused::from(&Refusal::UnknownCase(case)))))
        }
        Err(error) => {
            Some(Err(failed("case_unreadable", Say::CannotReadCase.with(&[("case", &case)]), &error)))
        }
    }
}

fn status(engine: &mut Engine<RealDisk>, now: Timestamp, running: bool) -> Status {
    let (clock_held, is_virtual) = (engine.clock().is_held(), engine.clock().is_virtual());
    let identity = *engine.journal().identity();
    let head = engine.journal().synced_head();
    let (board, health) = (engine.views().cases.board(now), engine.views().cases.health(now));
    Status {
        journal: identity.journal_id.iter().map(|byte| format!("{byte:02x}")).collect(),
        epoch: identity.epoch,
        clock: if is_virtual { "virtual" } else { "system" }.to_owned(),
        running,
        clock_held,
        now,
        head: head.to_string(),
        records: engine.views().tally.records,
        cases: engine.views().tally.cases + engine.views().tally.joined,
        next_due: engine.next_due(),
        shelf_lag_records: engine.journal().shelf_lag(),
        open: board.open.into(),
        rungs: board.rungs.iter().map(|(rung, counts)| (rung.name().to_owned(), (*counts).into())).collect(),
        health: HealthRow {
            orphans: health.orphans,
            no_target: health.no_target,
            no_next: health.no_next,
            unaccepted: health.unaccepted,
            watch_lag_s: health.watch_lag_s,
        },
        zone: zone_of(engine.rules()),
        silent: silent(engine),
        metrics: engine.metrics().text(),
    }
}

fn silent(engine: &Engine<RealDisk>) -> Vec<SilentUnit> {
    let silent = engine.views().delivery.silent();
    silent.map(|(unit, told)| SilentUnit { unit: unit.clone(), case: told.case, due: told.due }).collect()
}

/// The zone of the city's clocks on the wall.
pub fn zone_of(rules: &Rules) -> String {
    let calendar = rules.calendars.get(&rules.policy.calendar).expect("checked when the rules were read");
    calendar.zone().iana_name().unwrap_or("UTC").to_owned()
}

/// The command that a call or an act becomes, in the centre's name.
pub fn command_of(
    rules: &Rules,
    calls: &CallDesk,
    request: Request,
    now: Timestamp,
) -> Result<Command, Refused> {
    match request {
        Request::Call(call) => call_command(calls, call, now),
        Request::Act(act) => {
            let Act { id, case, saw, ask, private, person } = *act;
            let actor = actor(rules, person);
            Ok(Command { id, actor, by: Origin::Person, because: None, saw, case, ask, private })
        }
        Request::Case(_)
        | Request::Why(_)
        | Request::Untold
        | Request::Unheard
        | Request::Status
        | Request::ConfirmClock
        | Request::Report(_)
        | Request::Topics(_)
        | Request::Reveal(_)
        | Request::Open(..)
        | Request::Publish(_)
        | Request::Beside(_)
        | Request::Backup(_) => {
            unreachable!("only calls and acts are commands")
        }
    }
}

/// The command line brings its calls as a source of its own.
fn call_command(calls: &CallDesk, call: Call, now: Timestamp) -> Result<Command, Refused> {
    let taking = Taking {
        source: SourceId::new(SOURCE).expect("the word is a source id"),
        channel: call.channel,
        by: Origin::Person,
        person: Some(call.person.unwrap_or_else(operator)),
        unit: None,
        fallback_id: call.id,
        now,
    };
    Ok(calls.open(&taking, &call.json)?)
}

/// The operator of the centre, as the socket's owner has proven to be.
fn actor(rules: &Rules, person: Option<PersonId>) -> Actor {
    Actor { unit: rules.centre().clone(), person: Some(person.unwrap_or_else(operator)) }
}

fn operator() -> PersonId {
    PersonId::new(OPERATOR).expect("the word is a person id")
}

/// The door's answer, as it is sent.
pub fn answered(answer: door::Answer) -> Answer {
    match answer {
        Ok(door::Accepted { seq, case, version, repeat }) => {
            Answer::Accepted(Accepted { seq, case, version, repeat })
        }
        Err(refusal) => Answer::Refused(Refused::from(&refusal)),
    }
}

fn stopping() -> Answer {
    Answer::Refused(Refused::from(&Refusal::Stopping))
}

/// What could not be done, said and logged.
pub fn failed(code: &str, words: Words, error: &(dyn Error + 'static)) -> Answer {
    tracing::warn!(error, code, "request failed");
    Answer::Failed(Failed { code: code.to_owned(), words, causes: causes(Some(error)) })
}
