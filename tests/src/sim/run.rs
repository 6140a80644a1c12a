//! One run: begin, live, crash, begin again, finish.

mod power;
mod turns;

use self::power::Power;
use super::{
    city,
    departments::Departments,
    history::{History, Keep, Step, What},
    laws::{Broken, Law, Replay, broken, hold, queues::Queues},
    ledger::Ledger,
    nats::{Back, SimNats, Trouble},
    nerves::Nerves,
    people::{People, Sending, id},
};
use huying_domain::{
    case::{Case, Running},
    command::Ask,
    ids::Seq,
    record::{Hash, Origin, RuleFile},
    time::Timestamp,
    vocabulary::Clock,
};
use huying_engine::{engine::Engine, rulebook};
use huying_journal::{disk::sim::SimDisk, head::Head};
use std::{
    collections::BTreeMap,
    error::Error,
    panic::{self, AssertUnwindSafe},
};

/// Wednesday, 18 November 2026, 09:00 in the city.
const START: &str = "2026-11-18T09:00:00+08:00";
/// Moments at which people act before everybody begins to finish.
const MOMENTS: u32 = 30;
/// Most people who act at one moment.
const ACTS_PER_MOMENT_MAX: usize = 6;
/// The moment at which everybody begins to finish.
const FINISHING: u32 = 100;
/// The moment behind the end: what is still asked of closed cases.
const AFTERWARDS: u32 = 300;
/// The moment at which what began anew is finished.
const FINISHING_AGAIN: u32 = 301;
/// Rounds of finishing: a case needs some ten acts of its last leg.
const FINISHING_ROUNDS_MAX: u32 = 150;
/// Rounds of finishing in which not everything succeeds at once.
const PATIENT_ROUNDS: u32 = 25;
/// Of what a panic says, so much names it: behind it stand the values of one run.
const PANIC_CHARS: usize = 60;
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
#[derive(Clone, Debug)]
pub struct Plan {
    /// Everything that is left to chance comes from it.
    pub seed: u64,
    /// Whether the power fails, and NATS.
    pub crashes: bool,
    /// Who writes.
    pub hand: Hand,
    /// Which steps happen.
    pub keep: Keep,
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
    /// How often NATS was in trouble.
    pub troubles: u32,
    /// Answers that clients got, and how many of them were a first answer again.
    pub answers: (u64, u64),
    /// Messages that departments fetched, and how many of them had been handed out before.
    pub fetched: (u64, u64),
    /// Notices that were handed out.
    pub told: u64,
    /// Events in its journal.
    pub events: u64,
    /// How often each fact was written down.
    pub facts: BTreeMap<&'static str, u64>,
}

/// Lives a city's days; says what happened, and which law broke, if one did.
pub fn simulate(plan: Plan) -> (History, Result<Ran, Broken>) {
    let mut run = Run::new(plan);
    let lived = panic::catch_unwind(AssertUnwindSafe(|| run.live())).unwrap_or_else(|panicked| {
        let words = panicked.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panicked.downcast_ref::<&str>().map(|words| (*words).to_owned()));
        let words = words.unwrap_or_default();
        let law = words.chars().filter(|letter| !letter.is_ascii_digit()).take(PANIC_CHARS).collect();
        Err(Broken { law, words: format!("a part of the house panicked: {words}") })
    });
    (run.history, lived)
}

struct Run {
    plan: Plan,
    disk: SimDisk,
    engine: Option<Engine<SimDisk>>,
    nats: SimNats,
    nerves: Option<Nerves>,
    now: Timestamp,
    moment: u32,
    people: People,
    departments: Departments,
    power: Power,
    ledger: Ledger,
    queues: Queues,
    heads: BTreeMap<Seq, Hash>,
    history: History,
    troubles: u32,
    /// When the server comes back, and with what.
    back: Option<(u32, Back)>,
    hurried: bool,
}

impl Run {
    fn new(plan: Plan) -> Self {
        Self {
            disk: SimDisk::new(),
            engine: None,
            nats: SimNats::new(),
            nerves: None,
            now: START.parse().expect("an instant"),
            moment: 0,
            people: People::new(plan.seed),
            departments: Departments::default(),
            power: Power::new(),
            ledger: Ledger::default(),
            queues: Queues::default(),
            heads: BTreeMap::new(),
            history: History::default(),
            troubles: 0,
            back: None,
            hurried: false,
            plan,
        }
    }

    fn live(&mut self) -> Result<Ran, Broken> {
        self.start()?;
        self.settle()?;
        for moment in 0..MOMENTS {
            self.moment(moment)?;
        }
        self.finish(FINISHING)?;
        self.begin(AFTERWARDS);
        self.people.begin(Step { moment: AFTERWARDS, what: What::Act(0) });
        let sendings = self.people.afterwards(self.engine.as_ref().expect("the engine runs").state());
        self.send(sendings);
        self.settle()?;
        self.finish(FINISHING_AGAIN)?;
        self.ended()
    }

    /// What must be so at the very end.
    fn ended(&mut self) -> Result<Ran, Broken> {
        if let Some((_, with)) = self.back.take() {
            self.nats.come_back(with);
            self.settle()?;
        }
        let replay = self.hold_all()?;
        replay.is_finished(&self.ledger)?;
        let Self { engine, nerves, queues, nats, .. } = self;
        let (engine, nerves) = (engine.as_ref().expect("it runs"), nerves.as_ref().expect("they run"));
        queues.hold(engine, nats, nerves, true)?;
        let left = engine.next_due();
        // Of closed cases only the day ticks on which somebody looks again.
        let looks = engine.state().cases().filter(|case| !case.stage.is_open());
        let looks = looks.flat_map(|case| &case.clocks).filter(|running| running.clock == Clock::LookAgain);
        let looks = looks.filter_map(Running::next).min();
        hold(left == looks, || {
            format!("everything is closed, and something ticks until {left:?}, not {looks:?}")
        })?;
        let head = engine.journal().synced_head();
        hold(head.seq == replay.records(), || format!("{head} of {} records", replay.records()))?;
        let facts = replay.facts();
        Ok(Ran {
            head,
            crashes: self.power.crashes,
            failed_starts: self.power.failed_starts,
            troubles: self.troubles,
            answers: self.ledger.counts(),
            fetched: self.departments.counts(),
            told: self.nats.told(),
            events: facts.values().sum(),
            facts,
        })
    }

    fn engine(&mut self) -> &mut Engine<SimDisk> {
        self.engine.as_mut().expect("the engine runs between two crashes")
    }

    fn note(&mut self, what: What, words: String) {
        self.history.note(Step { moment: self.moment, what }, words);
    }

    fn happens(&self, what: What) -> Option<Step> {
        let step = Step { moment: self.moment, what };
        self.plan.keep.has(step).then_some(step)
    }

    /// A moment begins: the power and NATS have their own chance in it.
    fn begin(&mut self, moment: u32) {
        self.moment = moment;
        self.power_at(moment);
        if let Some((_, with)) = self.back.take_if(|(at, _)| *at <= moment) {
            self.nats.come_back(with);
        }
        let Some(step) = self.happens(What::Nats).filter(|_| self.plan.crashes) else { return };
        if self.back.is_some() {
            return;
        }
        if let Some(trouble) = Trouble::drawn(&mut step.dice(!self.plan.seed)) {
            self.nats.trouble(trouble);
            self.troubles += 1;
            if let Trouble::Away(moments, with) = trouble {
                self.back = Some((moment + moments, with));
            }
            self.note(What::Nats, format!("NATS: {trouble:?}"));
        }
    }

    fn moment(&mut self, moment: u32) -> Law {
        self.begin(moment);
        if let Some(step) = self.happens(What::Pause) {
            let pause = PAUSES_S[step.dice(self.plan.seed).below(PAUSES_S.len())];
            self.note(What::Pause, format!("{pause} s pass"));
            self.wait_until(self.now.plus_seconds(pause))?;
        }
        if let Some(step) = self.happens(What::Policy) {
            self.people.begin(step);
            if self.people.happens(3) {
                self.note(What::Policy, "the city publishes another policy".to_owned());
                self.publish();
            }
        }
        let sendings = self.acts()?;
        self.send(sendings);
        self.settle()
    }

    /// What everybody does at this moment.
    fn acts(&mut self) -> Result<Vec<Sending>, Broken> {
        let mut sendings = self.departments.overdue(self.moment);
        let crowd =
            Step { moment: self.moment, what: What::Act(0) }.dice(!self.plan.seed).below(ACTS_PER_MOMENT_MAX);
        for nth in 0..=u32::try_from(crowd).expect("few") {
            let Some(step) = self.happens(What::Act(nth)) else { continue };
            self.people.begin(step);
            let before = sendings.len();
            if self.people.happens(20) {
                let looked = self.departments.look(&mut self.people, &self.nats, step, self.now)?;
                sendings.extend(looked);
            } else {
                let engine = self.engine.as_ref().expect("the engine runs between two crashes");
                self.people.act(engine.state(), engine.rules(), self.now, &mut sendings);
            }
            let said: Vec<String> = sendings[before..].iter().map(Sending::words).collect();
            self.note(step.what, said.join("; "));
        }
        Ok(sendings)
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
            sending.command.by = Origin::Person;
            self.send(vec![sending]);
        }
    }

    /// Everybody does what is theirs to do until every case is closed.
    fn finish(&mut self, from: u32) -> Law {
        for round in 0..FINISHING_ROUNDS_MAX {
            let in_haste = round > PATIENT_ROUNDS;
            self.begin(from + round);
            let now = self.now;
            let engine = self.engine.as_ref().expect("the engine runs between two crashes");
            let open: Vec<&Case> = engine.state().cases().filter(|case| case.stage.is_open()).collect();
            if open.is_empty() {
                return Ok(());
            }
            let rules = engine.rules();
            self.people.begin(Step { moment: self.moment, what: What::Act(0) });
            let mut sendings = self.departments.overdue(self.moment);
            let by_centre =
                open.into_iter().filter_map(|case| self.people.finish(case, rules, now, in_haste));
            sendings.extend(by_centre);
            sendings.extend(self.departments.finish(&mut self.people, &self.nats, round % 2 == 0, now)?);
            self.send(sendings);
            self.settle()?;
            self.wait_until(self.now.plus_seconds(120))?;
        }
        let engine = self.engine();
        let left: Vec<_> = engine.state().cases().filter(|case| case.stage.is_open()).collect();
        Err(broken(format!("{} cases were never closed, such as {:?}", left.len(), left.first())))
    }

    /// Reads the journal afresh and compares it with what was shown, told and is kept in memory.
    fn hold_all(&mut self) -> Result<Replay, Broken> {
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
