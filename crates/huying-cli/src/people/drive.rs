//! The driver of virtual time: one thread owns the engine, the calls and the parties.
//!
//! The next instant is the earliest of the next call, the next act of a party and the next running clock. The
//! clock moves there only when inbox, commit, stations and parties have nothing left to do where it stands.
//! At one instant the parties act first, then the clocks are asked, then calls come in: work that is finished
//! at the very instant of its limit is on time.

mod apart;

use super::{
    act::{clerk, worker},
    agenda::Agenda,
    centre::CentrePeople,
    company::Company,
    departments::Gone,
    desk::Desk,
    governed::Beside,
    handlers::Handlers,
    measures::Measures,
    pace::{NAP_AT_THE_DOOR_MS, NAP_MS, Pace, Speed},
    turns::Turns,
    world::{AtDesk, Call, Seen, World},
};
use crate::progress::Progress;
use huying_domain::{
    area::Level,
    command::{Ask, AtOnce, Command},
    event::{
        Event,
        collect::{Filing, Guide},
    },
    ids::CaseId,
    record::{Actor, CommandId, Origin, Record},
    refusal::Refusal,
    rules::Rules,
    time::Timestamp,
    vocabulary::{CaseKind, RefusalGround},
};
use huying_engine::{
    door::{Answer, Lane, Ticket},
    engine::{Engine, Fault},
};
use huying_journal::{board::Committed, disk::Disk, error::ReadError};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use thiserror::Error;

/// Most commands that the parties put into the urgent lane before the loop turns; half of what that lane
/// takes, so that the one thread never waits for itself.
const ACTS_AT_ONCE_MAX: usize = 512;
/// How many instants pass between two looks at the progress.
const PROGRESS_INSTANTS: u64 = 64;

/// Why the driver stopped.
#[derive(Debug, Error)]
pub enum DriveError {
    /// The engine did.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// What an earlier run left cannot be read.
    #[error("what an earlier run left cannot be read")]
    Read(#[from] ReadError),
    /// The departments' process did.
    #[error(transparent)]
    Gone(#[from] Gone),
}

/// The simulated people round the engine.
#[derive(Clone, Copy, Debug)]
pub struct People {
    /// At the centre.
    pub centre: CentrePeople,
    /// In the units.
    pub handlers: Handlers,
    /// Beside the main flow; none in a replay, of which the data say nothing of the kind.
    pub beside: Option<Beside>,
}

/// How the run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// Every case is closed, or the horizon is reached.
    Finished,
    /// Somebody asked it to stop.
    Stopped,
}

/// What was counted at the door.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Door {
    /// Calls that could be read, those of an earlier run too.
    pub calls: u64,
    /// Calls that the door refused, by code.
    pub refused: BTreeMap<String, u64>,
    /// Acts of parties that were refused in this run, by deed and code.
    pub acts_refused: BTreeMap<String, u64>,
}

/// What passes from the loop's subscriber to the driver.
#[derive(Default)]
struct Passing {
    records: Vec<Arc<Committed>>,
    measures: Measures,
}

/// The driver.
pub struct Drive<W: World, D: Disk> {
    /// The engine.
    pub engine: Engine<D>,
    /// Where the calls come from.
    pub world: W,
    /// What was counted at the door.
    pub door: Door,
    people: People,
    /// The parties that run in processes of their own.
    company: Option<Company>,
    desk: Desk,
    agenda: Agenda,
    turns: Turns,
    passing: Arc<Mutex<Passing>>,
    /// Commands that an earlier run got accepted.
    before: BTreeSet<CommandId>,
    acts: Vec<(&'static str, Ticket<Answer>)>,
    now: Timestamp,
    /// People may come by HTTP while the clock waits.
    pub at_the_door: bool,
}

impl<W: World, D: Disk + Clone> Drive<W, D> {
    /// Takes an engine over and brings the parties to where its records end.
    pub fn new(
        mut engine: Engine<D>,
        world: W,
        people: People,
        desk: Desk,
        start: Timestamp,
        company: Option<Company>,
    ) -> Result<Self, DriveError> {
        let passing: Arc<Mutex<Passing>> = Arc::default();
        let inbox = Arc::clone(&passing);
        engine.subscribe(Box::new(move |committed| {
            let mut passing = inbox.lock().expect("nobody panics while holding what passes");
            passing.measures.follow(&committed.record);
            passing.records.push(Arc::clone(committed));
        }));
        let mut drive = Self {
            engine,
            world,
            door: Door::default(),
            people,
            company,
            desk,
            agenda: Agenda::default(),
            turns: Turns::default(),
            passing,
            before: BTreeSet::new(),
            acts: Vec::new(),
            now: start,
            at_the_door: false,
        };
        drive.relive()?;
        Ok(drive)
    }

    /// The world, the engine and the other processes, when the run is over.
    pub fn into_parts(self) -> (W, Engine<D>, Option<Company>) {
        (self.world, self.engine, self.company)
    }

    /// The parties that run in processes of their own.
    pub const fn company(&self) -> Option<&Company> {
        self.company.as_ref()
    }

    /// Where the virtual clock stands.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// How many cases are open.
    pub fn open(&self) -> usize {
        self.turns.open()
    }

    /// Looks at what was measured.
    pub fn measured<R>(&self, look: impl FnOnce(&Measures) -> R) -> R {
        look(&self.passing.lock().expect("nobody panics while holding what passes").measures)
    }

    /// Reads what an earlier run left, once, so that the parties intend what they intended then.
    fn relive(&mut self) -> Result<(), DriveError> {
        let reader = self.engine.journal().reader();
        let mut last = self.now;
        reader.scan(1, &mut |record, _| {
            last = record.at;
            self.before.insert(record.command);
            self.passing.lock().expect("nobody panics while holding what passes").measures.follow(record);
            self.follow(record);
            ControlFlow::Continue(())
        })?;
        self.agenda.forget_done(&self.before);
        self.now = self.now.max(last);
        Ok(())
    }

    /// Runs until every case is closed, the horizon is reached, or `stop` is set.
    pub fn run(
        &mut self,
        speed: Speed,
        stop: &AtomicBool,
        progress: &mut dyn Progress,
    ) -> Result<End, DriveError> {
        let stopped = || stop.load(Ordering::Relaxed);
        let pace = Pace::new(speed, self.now);
        progress.begin("calls", self.world.calls());
        self.settle()?;
        let mut instants = 0_u64;
        while let Some(next) = self.next_instant() {
            // When the last call of processes has come there is nothing left to watch at leisure.
            if self.company.is_none() || self.world.next_call_at().is_some() {
                self.wait_for(next, &pace, stopped)?;
            }
            if stopped() {
                progress.end();
                return Ok(End::Stopped);
            }
            self.now = next.max(self.now);
            self.settle()?;
            self.take_calls()?;
            instants += 1;
            if instants.is_multiple_of(PROGRESS_INSTANTS) {
                progress.at(self.door.calls, &format!("{} · {} open", self.now, self.open()));
            }
        }
        progress.end();
        Ok(End::Finished)
    }

    /// Waits until the instant may come. Whoever knocks at the HTTP door meanwhile is served.
    fn wait_for(
        &mut self,
        next: Timestamp,
        pace: &Pace,
        stopped: impl Fn() -> bool,
    ) -> Result<(), DriveError> {
        let longest = if self.at_the_door { NAP_AT_THE_DOOR_MS } else { NAP_MS };
        while let Some(nap) = pace.nap(next, longest).filter(|_| !stopped()) {
            thread::sleep(nap);
            if self.at_the_door {
                self.now = pace.now().clamp(self.now, next.max(self.now));
                self.settle()?;
            }
        }
        Ok(())
    }

    /// The next instant at which anything happens; none when all is closed or the horizon is reached.
    fn next_instant(&self) -> Option<Timestamp> {
        let call = self.world.next_call_at();
        if call.is_none() && self.turns.open() == 0 {
            return None;
        }
        let departments = self.company.as_ref().and_then(|company| company.departments.as_ref());
        let departments = departments.and_then(|departments| departments.done().next);
        let next = [call, self.agenda.next_at(), departments, self.engine.next_due()];
        let next = next.into_iter().flatten().min()?;
        (next <= self.world.horizon()).then_some(next)
    }

    /// Lets the parties act and the engine work until nobody has anything left to do at this instant.
    fn settle(&mut self) -> Result<(), DriveError> {
        // The doors ask the engine what time it is.
        self.engine.clock().advance_to(self.now);
        loop {
            let acted = self.act();
            while !self.engine.step(self.now)?.idle {}
            let records = std::mem::take(
                &mut self.passing.lock().expect("nobody panics while holding what passes").records,
            );
            for committed in &records {
                self.follow(&committed.record);
            }
            self.note_refused_acts();
            if !acted && records.is_empty() && (self.is_stopping() || !self.departments_turn()?) {
                return Ok(());
            }
        }
    }

    /// Hands in the acts that are due, through the lane that is served before the clocks are asked.
    fn act(&mut self) -> bool {
        let handle = self.engine.handle();
        let mut handed_in = 0;
        while handed_in < ACTS_AT_ONCE_MAX
            && let Some(act) = self.agenda.take_due(self.now)
        {
            let Some((case, turn)) = self.engine.state().case(act.case).zip(self.turns.of(act.case)) else {
                continue;
            };
            for command in act.commands(case, turn, self.engine.rules(), self.now) {
                handed_in += 1;
                if let Ok(ticket) = handle.submit(command, Lane::Urgent) {
                    self.acts.push((act.deed.name(), ticket));
                }
            }
        }
        handed_in > 0
    }

    fn note_refused_acts(&mut self) {
        for (deed, mut ticket) in self.acts.drain(..) {
            if let Some(Err(refusal)) = ticket.try_take() {
                *self.door.acts_refused.entry(format!("{deed}:{}", refusal.code())).or_default() += 1;
            }
        }
    }

    fn follow(&mut self, record: &Record) {
        self.desk.follow(record);
        let rules = Arc::clone(self.engine.rules());
        let departments_away = self.company.as_ref().is_some_and(|company| company.departments.is_some());
        for part in &record.parts {
            let Some(case) = part.case() else { continue };
            for event in &part.events {
                let Some(turn) = self.turns.follow(case, event) else { continue };
                let seen = Seen { case, event, turn, at: record.at };
                self.people.centre.follow(&seen, rules.policy.call_backs_max, &mut self.agenda);
                // Holders in a process of their own go their own way.
                let own_way = departments_away && matches!(event, Event::Accepted(_));
                let beside = self.people.beside.as_ref().filter(|_| !own_way);
                let elsewhere = beside.is_some_and(|beside| beside.follow(&seen, &rules, &mut self.agenda));
                if !departments_away && !elsewhere {
                    self.people.handlers.follow(&seen, rules.centre(), &mut self.agenda);
                }
                self.world.follow(&seen, &mut self.agenda);
            }
        }
    }

    /// Takes the calls of this instant one by one: the second of two alike has to find the first.
    fn take_calls(&mut self) -> Result<(), DriveError> {
        while self.world.next_call_at().is_some_and(|at| at <= self.now) {
            let Some(call) = self.world.take_call() else { break };
            self.door.calls += 1;
            if self.before.contains(&self.desk.id(&call.report)) {
                continue;
            }
            let by_nats = self.company.as_ref().is_some_and(|company| company.feed.is_some());
            let refused = if by_nats {
                self.put_in_by_nats(&call)?
            } else {
                self.put_in(&call, true)?.err().map(|refusal| refusal.code().to_owned())
            };
            if let Some(code) = refused {
                *self.door.refused.entry(code).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Puts a call in, and what the call-taker settles at once in the same batch. A lead that takes nobody
    /// any more is no reason to send a caller away: the call becomes a case of its own.
    fn put_in(&mut self, call: &Call, may_join: bool) -> Result<Answer, DriveError> {
        let rules = Arc::clone(self.engine.rules());
        let command = self.desk.open(&call.report, &rules, self.now, may_join);
        let joins = matches!(command.ask, Ask::Join { .. });
        self.desk.hear(&call.report);
        match self.settled(command, call.at_desk)? {
            Err(
                Refusal::LeadSettled
                | Refusal::FollowsLead(_)
                | Refusal::JoinsItself
                | Refusal::UnknownCase(_),
            ) if joins => self.put_in(call, false),
            answer => Ok(answer),
        }
    }
}

impl<W: World, D: Disk + Clone> Drive<W, D> {
    /// Hands a call's command in; what is settled while the caller is on the line is settled in the same record.
    fn settled(&mut self, command: Command, at_desk: Option<AtDesk>) -> Result<Answer, DriveError> {
        let people = finder(&command.ask, self.engine.rules());
        let last = self.engine.state().next_case().before();
        let command = match at_desk {
            Some(at_desk) => settled_at_desk(command, at_desk, last, people),
            None => command,
        };
        let handle = self.engine.handle();
        self.passing.lock().expect("nobody panics while holding what passes").measures.handed_in(command.id);
        let mut ticket = match handle.submit(command, Lane::Ordinary) {
            Ok(ticket) => ticket,
            Err(refusal) => return Ok(Err(refusal)),
        };
        self.settle()?;
        Ok(ticket.try_take().unwrap_or(Err(Refusal::Stopping)))
    }
}

/// The seat, and whoever finds things where the call's matter lies: the grid's worker, else the seat itself.
fn finder(ask: &Ask, rules: &Rules) -> (Actor, Actor) {
    let seat = clerk(rules.centre(), "seat");
    let area = match ask {
        Ask::Register(filing) => filing.brief.area.at(Level::Grid),
        _ => None,
    };
    let unit = area.and_then(|grid| rules.units.of_area(grid));
    let finder = unit.map_or_else(|| seat.clone(), |unit| worker(&unit.id));
    (seat, finder)
}

/// A call of which something is settled while the caller is on the line; one that joins another's case stays what it
/// is. That a matter is known already is said of the case before.
fn settled_at_desk(
    command: Command,
    at_desk: AtDesk,
    last: Option<CaseId>,
    (seat, finder): (Actor, Actor),
) -> Command {
    let Ask::Register(filing) = command.ask else { return command };
    let (spoken, by_finder) = (filing.channel.is_spoken(), at_desk == AtDesk::SolvedByFinder);
    if !spoken && !by_finder {
        return Command { ask: Ask::Register(filing), ..command };
    }
    let is_question = matches!(filing.kind, CaseKind::Inquiry | CaseKind::Suggestion | CaseKind::Praise);
    let (actor, ask) = match at_desk {
        AtDesk::Solved if is_question => {
            let how = AtOnce::Answer {
                contacted: "知识库 (the desk's own knowledge)".to_owned(),
                done: "当场答复 (answered at once)".to_owned(),
                by_when: None,
                verdict: None,
            };
            (seat, Ask::RegisterSettled { filing, how })
        }
        AtDesk::Solved => (seat, solved(filing, "当场答复 (answered at once)")),
        AtDesk::SolvedByFinder => (finder, solved(filing, "自行处置 (the finder has put it right)")),
        AtDesk::Refused(ground) => (seat, refused(filing, ground, last)),
        AtDesk::Referred(line) => {
            let how = AtOnce::Refer { line, receipt: Some("simulated".to_owned()) };
            (seat, Ask::RegisterSettled { filing, how })
        }
    };
    Command { ask, actor, by: Origin::Person, ..command }
}

fn solved(filing: Box<Filing>, result: &str) -> Ask {
    // The photograph of a simulated town is the hash of what was done.
    let evidence = vec![Rules::hash(result.as_bytes())];
    Ask::RegisterSolved { filing, result: result.to_owned(), evidence }
}

fn refused(filing: Box<Filing>, ground: RefusalGround, last: Option<CaseId>) -> Ask {
    let guide = match (ground, last) {
        (RefusalGround::NothingNew, None) => return Ask::Register(filing),
        (RefusalGround::NothingNew, Some(last)) => Some(Guide::Earlier(last)),
        (RefusalGround::OtherLegalWay | RefusalGround::BeyondDuty, _) => {
            Some(Guide::Way("相关法定机构或市场服务 (the body or the market that can help)".to_owned()))
        }
        (RefusalGround::Secret | RefusalGround::Unlawful | RefusalGround::Malicious, _) => None,
    };
    let reason = format!("{}，已向来电人说明 ({ground}; explained)", ground.zh());
    Ask::RegisterSettled { filing, how: AtOnce::Refuse { ground, reason, guide } }
}
