//! A folder as a command finds it: an engine runs there, or it is free and is opened here.

use super::{
    Accepted, Act, Answer, Failed, Publish, Refused, Request,
    beside::{opened, read_beside},
    callbacks::number,
    client::Client,
    desk::{BACKUP_CODE, answered, command_of, look, revealed, topics, zone_of},
    publishing,
    shredding::Erasures,
};
use crate::{commands::backup::back_up, exit::Exit, failure::Failure, words::Say};
use huying_domain::{
    ids::{CaseId, Seq},
    refusal::Refusal,
    rules::Rules,
    time::Timestamp,
    words::Words,
};
use huying_engine::{
    clock::Clock,
    config::Bounds,
    doors::{desk::CallDesk, lane_of},
    engine::{Engine, Fault},
    rulebook::OUTLINES_FILE,
    start::{Setup, StartError},
};
use huying_intake::{
    class::{
        file::{MODEL_BYTES_MAX, MODEL_FILE},
        labels::{Classes, LABELS_BYTES_MAX, LABELS_FILE},
    },
    devices::{DEVICES_BYTES_MAX, DEVICES_FILE, Devices},
    place::Gazetteer,
};
use huying_journal::{
    disk::{Disk, DiskFile, Mode, real::RealDisk},
    error::OpenError,
    seal::Entropy,
    segment::{
        ClockKind, LOG_FOLDER, SEGMENT_HEADER_BYTES, SegmentHeader, first_of_name, in_log, segment_name,
    },
};
use rand::{TryRngCore, rngs::OsRng};
use std::{fs, io, path::Path, sync::Arc};

/// A folder with a journal.
pub enum Folder {
    /// An engine runs on it and answers.
    Running(Client),
    /// It was free and is held by this process now.
    AtRest(Box<AtRest>),
}

/// A folder that this process holds.
pub struct AtRest {
    engine: Engine<RealDisk>,
    calls: CallDesk,
    erasures: Erasures,
    dir: std::path::PathBuf,
}

/// Finds the engine of a folder, or opens the folder.
pub fn open(dir: &Path) -> Result<Folder, Failure> {
    let kind = clock_kind(dir)?.ok_or_else(|| no_journal(dir))?;
    if let Some(client) = Client::connect(dir)? {
        return Ok(Folder::Running(client));
    }
    AtRest::open(dir, kind).map(|folder| Folder::AtRest(Box::new(folder)))
}

/// Which clock wrote the journal in a folder; none where no segment has a header that holds.
pub fn clock_kind(dir: &Path) -> Result<Option<ClockKind>, Failure> {
    let disk = RealDisk::existing(dir);
    let unreadable = |error: io::Error| Failure::unreadable(dir.display(), error);
    let firsts: Vec<Seq> =
        disk.list(LOG_FOLDER).map_err(unreadable)?.iter().filter_map(|name| first_of_name(name)).collect();
    for first in firsts.into_iter().rev() {
        let file = disk.open(&in_log(&segment_name(first)), Mode::Read).map_err(unreadable)?;
        let page = file.bytes_at(0, SEGMENT_HEADER_BYTES).map_err(unreadable)?;
        if let Ok(header) = SegmentHeader::decode(&page) {
            return Ok(Some(header.identity.clock_kind));
        }
    }
    Ok(None)
}

/// What to say of a folder without a journal.
pub fn no_journal(dir: &Path) -> Failure {
    Failure::new(Exit::Unreadable, "no_journal", Say::NoJournal.with(&[("dir", &dir.display())]))
}

/// What to say of an engine that does not start.
pub fn not_started(dir: &Path, error: StartError) -> Failure {
    let fill: &[(&str, &dyn std::fmt::Display)] = &[("dir", &dir.display())];
    match error {
        StartError::Journal(OpenError::Held) => {
            Failure::new(Exit::Held, "held", Say::HeldSilent.with(fill)).because(error)
        }
        StartError::NoCity => Failure::new(Exit::Unreadable, "needs_city", Say::NeedsCity.with(fill)),
        StartError::Fault(fault) => stopped(fault),
        error => Failure::new(Exit::Unreadable, "cannot_start", Say::CannotStart.with(fill)).because(error),
    }
}

/// What to say of an engine that stopped itself.
pub fn stopped(fault: Fault) -> Failure {
    Failure::new(Exit::Fault, "engine_fault", Say::EngineFault.with(&[])).because(fault)
}

/// Random bytes of the machine.
pub fn entropy() -> Entropy {
    Box::new(|bytes| OsRng.try_fill_bytes(bytes).expect("the machine has random bytes"))
}

/// The outlines that a folder keeps.
pub fn outlines(dir: &Path) -> Result<Option<String>, Failure> {
    let path = dir.join(OUTLINES_FILE);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::unreadable(path.display(), error)),
    }
}

/// The map of the outlines that a folder keeps.
pub fn map(dir: &Path) -> Result<Gazetteer, Failure> {
    let map = outlines(dir)?.map(|outlines| Gazetteer::from_geojson(&outlines)).transpose();
    map.map(Option::unwrap_or_default)
        .map_err(|error| Failure::unreadable(dir.join(OUTLINES_FILE).display(), error))
}

/// The model that a folder keeps, with what its labels mean; none where it keeps none.
pub fn classes(dir: &Path, rules: &Rules) -> Result<Option<Arc<Classes>>, Failure> {
    let Some(classes) = model(dir)? else { return Ok(None) };
    let unknown = classes.unknown_to(rules);
    if !unknown.is_empty() {
        tracing::warn!(
            unknown = unknown.join(" "),
            "the model's labels name what the city's rules do not have"
        );
    }
    Ok(Some(Arc::new(classes)))
}

/// The same, whatever the city's rules have.
pub fn model(dir: &Path) -> Result<Option<Classes>, Failure> {
    let Some(model) = beside(dir, MODEL_FILE, MODEL_BYTES_MAX)? else { return Ok(None) };
    let labels = beside(dir, LABELS_FILE, LABELS_BYTES_MAX)?;
    let labels = labels.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let unusable = |words: Words| {
        let path = dir.join(MODEL_FILE).display().to_string();
        let words = Words::new(format!("{path}：{}", words.zh), format!("{path}: {}", words.en));
        Failure::new(Exit::Unreadable, "classes_unusable", words)
    };
    Classes::read(&model, labels.as_deref()).map(Some).map_err(|error| unusable(error.words))
}

/// The devices whose signs of life the city listens for; none where its folder lists none.
pub fn devices(dir: &Path, now: Timestamp) -> Result<Option<Devices>, Failure> {
    let Some(bytes) = beside(dir, DEVICES_FILE, DEVICES_BYTES_MAX)? else { return Ok(None) };
    let devices = Devices::parse(&String::from_utf8_lossy(&bytes), now);
    devices.map(Some).map_err(|error| Failure::unreadable(dir.join(DEVICES_FILE).display(), error))
}

fn beside(dir: &Path, name: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, Failure> {
    let path = dir.join(name);
    let unreadable = |error| Failure::unreadable(path.display(), error);
    match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error)),
        Ok(found) if found.len() > bytes_max => Err(unreadable(io::Error::from(io::ErrorKind::FileTooLarge))),
        Ok(_) => fs::read(&path).map(Some).map_err(unreadable),
    }
}

/// A call desk for an engine that takes no calls but the command line's: nothing is joined there.
pub fn call_desk(engine: &Engine<RealDisk>, dir: &Path) -> Result<CallDesk, Failure> {
    let mut desk = CallDesk::new(Arc::clone(engine.rules()), outlines(dir)?.as_deref())
        .map_err(|error| Failure::unreadable(dir.join(OUTLINES_FILE).display(), error))?;
    desk.set_classes(classes(dir, engine.rules())?);
    Ok(desk)
}

impl Folder {
    /// Asks the engine, or does the same here.
    pub fn ask(&mut self, request: Request) -> Result<Answer, Failure> {
        match self {
            Self::Running(client) => settled(client.ask(&request)?),
            Self::AtRest(folder) => settled(folder.ask(request)?),
        }
    }

    /// Does something to a case. A free folder is held only for as long as that takes, and none of its timers fires.
    pub fn act(&mut self, act: Act) -> Result<Answer, Failure> {
        self.ask(Request::Act(Box::new(act)))
    }
}

/// Turns a reason or a fault into what ends the command.
fn settled(answer: Answer) -> Result<Answer, Failure> {
    match answer {
        Answer::Refused(Refused { code, words, .. }) => {
            let waits = [Refusal::Busy.code(), Refusal::Stopping.code()].contains(&code.as_str());
            Err(Failure::new(if waits { Exit::Held } else { Exit::No }, &code, words))
        }
        Answer::Failed(Failed { code, words, causes }) => {
            // A backup fails for what was asked: the folder is not empty, or there is no room.
            let exit = if code == BACKUP_CODE { Exit::Unreadable } else { Exit::Fault };
            let failure = Failure::new(exit, &code, words);
            Err(if causes.is_empty() {
                failure
            } else {
                failure.because(io::Error::other(causes.join(": ")))
            })
        }
        answer => Ok(answer),
    }
}

impl Drop for AtRest {
    fn drop(&mut self) {
        self.erasures.finish(&self.engine);
    }
}

impl AtRest {
    fn open(dir: &Path, kind: ClockKind) -> Result<Self, Failure> {
        // No case is swept: to look at a folder, or to erase in it, is not to catch up with what it missed.
        let bounds = Bounds { sweep_cases_max: 0, ..Bounds::default() };
        let setup = match kind {
            ClockKind::System => Setup::live(None, entropy()),
            ClockKind::Virtual => Setup::at(Timestamp::EPOCH, None, entropy()),
        };
        let disk = RealDisk::new(dir).map_err(|error| Failure::unreadable(dir.display(), error))?;
        let started = Engine::start(disk, Setup { bounds, ..setup });
        let mut engine = started.map_err(|error| not_started(dir, error))?.engine;
        let head = engine.journal().synced_head().seq;
        let last = engine.journal().read(head, 1).ok().and_then(|records| records.last().map(|last| last.at));
        if let Clock::Virtual(_) = engine.clock() {
            engine.clock().advance_to(last.unwrap_or(Timestamp::EPOCH));
        }
        let calls = call_desk(&engine, dir)?;
        let erasures = Erasures::of(&mut engine, dir);
        Ok(Self { engine, calls, erasures, dir: dir.to_owned() })
    }

    fn ask(&mut self, request: Request) -> Result<Answer, Failure> {
        let now = self.engine.clock().now();
        match request {
            Request::Reveal(act) => {
                let case = act.case.unwrap_or(CaseId::MAX);
                match self.submit(Request::Act(act), now)? {
                    Answer::Accepted(_) => Ok(number(&self.engine, case)),
                    refused => Ok(refused),
                }
            }
            Request::Topics(ask) => {
                Ok(topics(&self.engine.journal().reader(), zone_of(self.engine.rules()), &ask))
            }
            Request::Case(_)
            | Request::Why(_)
            | Request::Untold
            | Request::Unheard
            | Request::Status
            | Request::ConfirmClock
            | Request::Report(_) => Ok(look(&mut self.engine, &request, now, false)
                .expect("a folder at rest has all its records on the platter")),
            Request::Backup(to) => {
                let failed = |error| {
                    Failure::new(Exit::Unreadable, BACKUP_CODE, Say::BackupFailed.with(&[])).because(error)
                };
                back_up(&self.dir, &to).map_err(failed)?;
                Ok(Answer::BackedUp)
            }
            Request::Publish(publish) => self.publish(publish, now),
            Request::Beside(ask) => {
                Ok(read_beside(&self.engine.journal().reader(), self.engine.rules(), &ask, now))
            }
            Request::Open(act, number) => {
                let case = revealed(&act).ok_or(Refusal::NoCase)?;
                match self.submit(Request::Act(act), now)? {
                    Answer::Accepted(_) => match self.ask(Request::Case(case))? {
                        Answer::Case(told) => {
                            Ok(opened(&self.engine.journal().reader(), case, told, &number))
                        }
                        other => Ok(other),
                    },
                    refused => Ok(refused),
                }
            }
            Request::Call(_) | Request::Act(_) => self.submit(request, now),
        }
    }

    /// The same as at a running engine: tried, kept, brought into force, and all that follows from it.
    fn publish(&mut self, publish: Publish, now: Timestamp) -> Result<Answer, Failure> {
        let trial = match publishing::tried(&self.engine, &publish, now) {
            Ok(trial) if publish.preview => return Ok(Answer::Tried(Box::new(trial))),
            Ok(trial) => trial,
            Err(answer) => return Ok(answer),
        };
        let ask = match publishing::kept(&self.dir, &publish) {
            Ok(ask) => ask,
            Err(answer) => return Ok(answer),
        };
        let (id, person) = (publish.id, publish.person);
        let act = Act { id, case: None, saw: None, ask, private: None, person };
        match self.submit(Request::Act(Box::new(act)), now)? {
            Answer::Accepted(Accepted { seq, .. }) => {
                while !self.engine.step(now).map_err(stopped)?.idle {}
                let left = self.engine.recomputing() as u64;
                Ok(publishing::published(&self.engine.journal().reader(), seq, &trial, left))
            }
            refused => Ok(refused),
        }
    }

    /// Hands a command in and turns the loop until it is answered.
    fn submit(&mut self, request: Request, now: Timestamp) -> Result<Answer, Failure> {
        let command = match command_of(self.engine.rules(), &self.calls, request, now) {
            Ok(command) => command,
            Err(refused) => return Ok(Answer::Refused(refused)),
        };
        let lane = lane_of(&command.ask);
        let mut ticket = self.engine.handle().submit(command, lane)?;
        loop {
            let step = self.engine.step(now).map_err(stopped)?;
            if let Some(answer) = ticket.try_take() {
                return Ok(answered(answer));
            }
            if step.idle {
                return Err(Refusal::Stopping.into());
            }
            std::thread::yield_now();
        }
    }
}
