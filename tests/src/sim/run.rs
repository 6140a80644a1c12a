//! One run: begin, live, crash, begin again, finish.

use super::{
    city,
    laws::{Law, Replay, at_rest, hold, note_head},
    ledger::Ledger,
    people::{People, Sending, id},
};
use huying_domain::{
    case::{Case, Running},
    command::Ask,
    ids::Seq,
    record::{Hash, RuleFile},
    time::Timestamp,
    vocabulary::Clock,
};
use huying_engine::{
    engine::Engine,
    rulebook,
    start::{Setup, StartError},
};
use huying_journal::{
    disk::sim::{SimDisk, SplitMix},
    head::Head,
};
use std::{collections::BTreeMap, error::Error, thread};

/// Wednesday, 18 November 2026, 09:00 in the city.
const START: &str = "2026-11-18T09:00:00+08:00";
/// Moments at which people act before everybody begins to finish.
const MOMENTS: u32 = 30;
/// Rounds of finishing: a case needs some ten acts of its last leg.
const FINISHING_ROUNDS_MAX: u32 = 150;
/// Rounds of finishing in which not everything succeeds at once.
const PATIENT_ROUNDS: u32 = 25;
/// Turns of the loop at one instant of the virtual clock; more means that it never comes to rest.
const STEPS_MAX: usize = 100_000;
/// Instants at which timers ask between two moments.
const WAKINGS_MAX: u32 = 5_000;
/// Bytes of a segment: small, so that a run crosses several.
const SEGMENT_BYTES: u64 = 64 * 1024;
/// Starts that may fail in a row because the power fails during each.
const STARTS_MAX: u32 = 50;
/// Lengths of an absence in seconds.
const ABSENCES_S: [i64; 6] = [0, 0, 40, 1_800, 14_000, 260_000];
/// Lengths of a pause between two moments in seconds.
const PAUSES_S: [i64; 8] = [0, 1, 30, 240, 1_200, 3_600, 15_000, 90_000];

/// How the engine writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hand {
    /// In the loop's own thread.
    Inline,
    /// In a thread of its own; the loop turns when a batch is safe, so that a run can be repeated.
    InStep,
    /// In a thread of its own, as in life: which batch is safe at which turn is the machine's affair.
    Free,
}

/// Which run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Everything that is left to chance comes from it.
    pub seed: u64,
    /// Whether the power fails.
    pub crashes: bool,
    /// Who writes.
    pub hand: Hand,
}

/// What a run was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ran {
    /// Its last record.
    pub head: Head,
    /// How often the power failed.
    pub crashes: u32,
    /// Starts that failed because it failed during the start.
    pub failed_starts: u32,
    /// Answers that clients got, and how many of them were a first answer again.
    pub answers: (u64, u64),
    /// How often each fact was written down.
    pub facts: BTreeMap<&'static str, u64>,
}

/// Lives a city's days; says which law broke, if one did.
pub fn simulate(plan: Plan) -> Result<Ran, String> {
    let mut run = Run::begin(plan)?;
    for _ in 0..MOMENTS {
        run.moment()?;
    }
    run.finish()?;
    let sendings = run.people.afterwards(run.engine.as_ref().expect("the engine runs").state());
    run.send(sendings);
    run.settle()?;
    run.finish()?;
    let replay = run.hold_all()?;
    replay.is_finished(&run.ledger)?;
    let left = run.engine().next_due();
    // Of closed cases only the day ticks on which somebody looks again.
    let looks = run.engine().state().cases().filter(|case| !case.stage.is_open());
    let looks = looks.flat_map(|case| &case.clocks).filter(|running| running.clock == Clock::LookAgain);
    let looks = looks.filter_map(Running::next).min();
    hold(left == looks, || {
        format!("everything is closed, and something ticks until {left:?}, not {looks:?}")
    })?;
    let head = run.engine().journal().synced_head();
    hold(head.seq == replay.len(), || format!("{head} of {} records", replay.len()))?;
    let Run { crashes, failed_starts, ledger, .. } = run;
    Ok(Ran { head, crashes, failed_starts, answers: ledger.counts(), facts: replay.facts() })
}

struct Run {
    plan: Plan,
    disk: SimDisk,
    engine: Option<Engine<SimDisk>>,
    now: Timestamp,
    people: People,
    /// Crashes have a chance of their own, so that a run with them begins like the one without.
    fate: SplitMix,
    ledger: Ledger,
    heads: BTreeMap<Seq, Hash>,
    starts: u64,
    crashes: u32,
    failed_starts: u32,
    power_may_fail: bool,
    hurried: bool,
}

/// What a turn of the loop came to.
enum Turn {
    Idle,
    Busy,
    PowerFailed,
}

impl Run {
    fn begin(plan: Plan) -> Result<Self, String> {
        let mut run = Self {
            plan,
            disk: SimDisk::new(),
            engine: None,
            now: START.parse().expect("an instant"),
            people: People::new(plan.seed),
            fate: SplitMix(!plan.seed),
            ledger: Ledger::default(),
            heads: BTreeMap::new(),
            starts: 0,
            crashes: 0,
            failed_starts: 0,
            power_may_fail: false,
            hurried: false,
        };
        run.start()?;
        run.settle()?;
        Ok(run)
    }

    fn engine(&mut self) -> &mut Engine<SimDisk> {
        self.engine.as_mut().expect("the engine runs between two crashes")
    }

    fn fate(&mut self, percent: usize) -> bool {
        self.plan.crashes && self.fate.below(100) < percent
    }

    /// Starts the engine, however often the power fails on the way, and holds all laws before it does anything.
    fn start(&mut self) -> Law {
        for _ in 0..STARTS_MAX {
            if self.fate(15) {
                self.power_fails_after(60);
            }
            match self.try_start() {
                Ok(engine) => {
                    self.engine = Some(engine);
                    self.hold_all()?;
                    let handle = self.engine().handle();
                    self.ledger.send_again(&handle);
                    return Ok(());
                }
                Err(_) if self.power_may_fail => {
                    self.failed_starts += 1;
                    self.cut_power();
                }
                Err(error) => return Err(format!("the engine does not start: {}", causes(&error))),
            }
        }
        Err(format!("{STARTS_MAX} starts failed in a row"))
    }

    fn try_start(&mut self) -> Result<Engine<SimDisk>, StartError> {
        let entropy = city::entropy(self.plan.seed, self.starts);
        self.starts += 1;
        let setup = Setup {
            inline: self.plan.hand == Hand::Inline,
            shelf: false,
            segment_bytes: SEGMENT_BYTES,
            ..Setup::at(self.now, Some(city::texts()), entropy)
        };
        Ok(Engine::start(self.disk.clone(), setup)?.engine)
    }

    fn power_fails_after(&mut self, changes: usize) {
        let changes = self.fate.below(changes) as u64;
        self.disk.power_off_after(changes);
        self.power_may_fail = true;
    }

    fn cut_power(&mut self) {
        self.disk.power_off_after(0);
        drop(self.engine.take());
        self.disk.crash(self.fate.bits());
        self.power_may_fail = false;
        self.crashes += 1;
        let away = ABSENCES_S[self.fate.below(ABSENCES_S.len())];
        self.now = self.now.plus_seconds(away);
    }

    /// The power fails; the engine is gone, what was not synced is torn; it starts again and people send again.
    fn crash(&mut self) -> Law {
        let synced = self.engine().journal().synced_head().seq;
        self.ledger.open_answers(synced)?;
        self.cut_power();
        self.start()
    }

    fn turn(&mut self) -> Result<Turn, String> {
        let (now, in_step, may_fail) = (self.now, self.plan.hand == Hand::InStep, self.power_may_fail);
        let engine = self.engine();
        if in_step {
            let begun = engine.journal().head().seq;
            engine.journal().wait_synced(begun).map_err(|error| causes(&error))?;
        }
        engine.clock().advance_to(now);
        let turned = engine.step(now);
        let head = engine.journal().synced_head();
        self.ledger.open_answers(head.seq)?;
        note_head(&mut self.heads, head)?;
        match turned {
            Ok(step) if step.idle => Ok(Turn::Idle),
            Ok(_) => Ok(Turn::Busy),
            Err(_) if may_fail => Ok(Turn::PowerFailed),
            Err(fault) => Err(format!("the engine stopped: {}", causes(&fault))),
        }
    }

    /// Turns the loop until nothing is to do, through any number of crashes; then everybody has their answer and
    /// law 1 holds.
    fn settle(&mut self) -> Law {
        let mut killed_at = if self.fate(2) { Some(self.fate.below(4)) } else { None };
        if self.fate(2) {
            self.power_fails_after(12);
        }
        for turns in 0..STEPS_MAX {
            if killed_at.take_if(|at| *at == turns).is_some() {
                self.crash()?;
            }
            match self.turn()? {
                Turn::Idle => {
                    let waiting = self.ledger.waiting();
                    hold(waiting == 0, || format!("{waiting} commands have no answer, and the loop rests"))?;
                    let now = self.now;
                    return at_rest(self.engine(), now);
                }
                Turn::Busy if self.plan.hand == Hand::Free => thread::yield_now(),
                Turn::Busy => {}
                Turn::PowerFailed => self.crash()?,
            }
        }
        Err(format!("the loop does not rest at {}", self.now))
    }

    /// Lets the virtual clock jump from one due instant to the next until this one.
    fn wait_until(&mut self, until: Timestamp) -> Law {
        for _ in 0..WAKINGS_MAX {
            let due = self.engine().next_due().filter(|due| *due <= until);
            let Some(due) = due else {
                self.now = self.now.max(until);
                return self.settle();
            };
            self.now = self.now.max(due);
            self.settle()?;
        }
        Err(format!("timers asked {WAKINGS_MAX} times before {until}"))
    }

    fn moment(&mut self) -> Law {
        let pause = PAUSES_S[self.people.dice.below(PAUSES_S.len())];
        self.wait_until(self.now.plus_seconds(pause))?;
        if self.people.happens(3) {
            self.publish();
        }
        let now = self.now;
        let engine = self.engine.as_ref().expect("the engine runs between two crashes");
        let sendings = self.people.some(engine.state(), engine.rules(), now);
        self.send(sendings);
        self.settle()
    }

    fn send(&mut self, sendings: Vec<Sending>) {
        let handle = self.engine().handle();
        for Sending { command, lane, call } in sendings {
            if let Some(external) = call {
                self.ledger.expect_call(command.id, external);
            }
            self.ledger.send(&handle, command, lane);
        }
    }

    /// The city changes its policy in the middle of the day.
    fn publish(&mut self) {
        self.hurried = !self.hurried;
        let bytes = city::policy(self.hurried);
        // On a disk without power nothing is published; the next start goes on under the old policy.
        if let Ok(hash) = rulebook::keep(&self.disk, &bytes) {
            let ask = Ask::PublishRules { file: RuleFile::Policy, hash, bytes: bytes.len() as u64 };
            let mut sending = self.people.ordinary(&id("centre"), None, ask);
            sending.command.by = huying_domain::record::Origin::Person;
            self.send(vec![sending]);
        }
    }

    /// Everybody does what is theirs to do until every case is closed.
    fn finish(&mut self) -> Law {
        for round in 0..FINISHING_ROUNDS_MAX {
            let now = self.now;
            let engine = self.engine.as_ref().expect("the engine runs between two crashes");
            let open: Vec<&Case> = engine.state().cases().filter(|case| case.stage.is_open()).collect();
            if open.is_empty() {
                return Ok(());
            }
            let rules = engine.rules();
            let sendings: Vec<_> = open
                .into_iter()
                .filter_map(|case| self.people.finish(case, rules, now, round > PATIENT_ROUNDS))
                .collect();
            self.send(sendings);
            self.settle()?;
            self.wait_until(self.now.plus_seconds(120))?;
        }
        let engine = self.engine();
        let left: Vec<_> = engine.state().cases().filter(|case| case.stage.is_open()).collect();
        Err(format!("{} cases were never closed, such as {:?}", left.len(), left.first()))
    }

    /// Reads the journal afresh and compares it with what was shown, told and is kept in memory.
    fn hold_all(&mut self) -> Result<Replay, String> {
        let engine = self.engine.as_ref().expect("the engine runs between two crashes");
        let replay = Replay::of(engine)?;
        replay.keeps(&self.heads)?;
        replay.keeps_word(&self.ledger)?;
        replay.is_shown_by(engine)?;
        Ok(replay)
    }
}

/// An error with its causes.
fn causes(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
