//! Clients in the engine's process: each leads one case after the other through its life, and waits for each
//! answer before it asks the next.

use crate::{
    life::Life,
    machine::Spent,
    spread::{micros, quantile, rate},
    stage::Stage,
};
use huying_engine::door::Lane;
use std::{
    sync::{
        Barrier,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Stack of a client, in bytes: there are hundreds, and they do little.
const CLIENT_STACK_BYTES: usize = 256 * 1024;

/// What a run is.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Clients at once.
    pub clients: usize,
    /// Cases in all.
    pub cases: u64,
    /// What is asked of each case, see [`crate::life`].
    pub asks: usize,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Transitions that clients asked for, all durable.
    pub transitions: u64,
    /// Records that this made, those of stations included.
    pub records: u64,
    /// Until the last answer.
    pub answered: Duration,
    /// Until sled held every record.
    pub shelved: Duration,
    /// Half of the transitions were answered within this.
    pub p50: Duration,
    /// 99 of 100 were.
    pub p99: Duration,
    /// What the processors spent until the last answer.
    pub spent: Spent,
    /// What this process alone spent until sled held every record.
    pub spent_with_shelf: Duration,
}

impl Outcome {
    /// Client transitions a second until the last answer.
    pub fn answered_rate(&self) -> f64 {
        rate(self.transitions, self.answered)
    }

    /// Client transitions a second until sled held every record.
    pub fn shelved_rate(&self) -> f64 {
        rate(self.transitions, self.shelved)
    }

    /// Processor time of this process for one client transition, sled included, in microseconds.
    pub fn cpu_us(&self) -> f64 {
        micros(self.spent_with_shelf) / rate(self.transitions, Duration::from_secs(1))
    }

    /// How many cores the other processes kept busy meanwhile.
    pub fn cores_of_others(&self) -> f64 {
        self.spent.others.as_secs_f64() / self.answered.as_secs_f64()
    }
}

/// Lets the clients loose on an engine, and waits for them and for sled.
pub fn run(stage: &Stage, run: Run) -> Outcome {
    let next = AtomicU64::new(0);
    let gate = Barrier::new(run.clients + 1);
    let before = stage.look(|engine| engine.journal().head().seq);
    let (mut samples, answered, spent, start, spent_before) = thread::scope(|scope| {
        let client = || lead(stage, run, &next, &gate);
        let spawn = |_| {
            let named = thread::Builder::new().name("client".to_owned()).stack_size(CLIENT_STACK_BYTES);
            named.spawn_scoped(scope, client).expect("the machine has room for the clients")
        };
        let clients: Vec<_> = (0..run.clients).map(spawn).collect();
        gate.wait();
        let (start, spent_before) = (Instant::now(), Spent::now());
        let mut samples = Vec::new();
        for client in clients {
            samples.extend(client.join().expect("no client was refused"));
        }
        (samples, start.elapsed(), Spent::since(spent_before), start, spent_before)
    });
    stage.wait_for_shelf();
    let (shelved, spent_with_shelf) = (start.elapsed(), Spent::since(spent_before).own);
    let records = stage.look(|engine| engine.journal().head().seq) - before;
    samples.sort_unstable();
    assert_eq!(samples.len() as u64, run.cases * run.asks as u64, "each ask is answered once");
    Outcome {
        transitions: samples.len() as u64,
        records,
        answered,
        shelved,
        p50: quantile(&samples, 0.5),
        p99: quantile(&samples, 0.99),
        spent,
        spent_with_shelf,
    }
}

/// One client: the nanoseconds of each transition.
fn lead(stage: &Stage, run: Run, next: &AtomicU64, gate: &Barrier) -> Vec<u64> {
    let mut samples = Vec::new();
    gate.wait();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= run.cases {
            return samples;
        }
        let mut life = Life::new(number);
        while life.asked() < run.asks {
            let command = life.next();
            let asked = Instant::now();
            let ticket = stage.handle.submit(command, Lane::Ordinary).expect("there is room in the lane");
            let accepted = ticket.wait().expect("the engine lives").expect("each step is lawful");
            samples.push(u64::try_from(asked.elapsed().as_nanos()).unwrap_or(u64::MAX));
            life.answered(accepted);
        }
    }
}
