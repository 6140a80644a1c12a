//! The whole engine under chance, crashes and virtual time. A failing run names its seed and how to run it again.

use huying_domain::event::Event;
use huying_tests::sim::{
    failure::live,
    history::Keep,
    run::{Hand, Plan, Ran},
};
use std::{
    env,
    num::NonZero,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Runs with crashes in the default test.
const SEEDS: u64 = 60;
/// Seeds of which each way of writing must end at the same head.
const SEEDS_REPEATED: u64 = 2;
/// Runs with crashes and the writer in a thread of its own.
const SEEDS_FREE: u64 = 3;

/// The seeds to run: those of the environment (`HUYING_SEED` for one, `HUYING_SEEDS` for how many), or so many.
fn seeds(default: u64) -> Vec<u64> {
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse().ok());
    match number("HUYING_SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("HUYING_SEEDS").unwrap_or(default)).collect(),
    }
}

/// The steps to keep of a run: those of the environment (`HUYING_KEEP`), or all.
fn keep() -> Keep {
    let text = env::var("HUYING_KEEP").ok();
    text.map_or(Keep::All, |text| text.parse().expect("HUYING_KEEP is steps behind commas, such as 0a1,7n"))
}

fn run(plan: Plan) -> Ran {
    live(plan).unwrap_or_else(|failure| panic!("{failure}"))
}

/// Runs these seeds with crashes, as many at once as the machine has cores.
fn run_all(seeds: &[u64]) -> Vec<Ran> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let ran = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some(&seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let one = run(Plan { seed, crashes: true, hand: Hand::Inline, keep: keep() });
                    ran.lock().expect("whoever panics holds nothing").push(one);
                }
            });
        }
    });
    ran.into_inner().expect("whoever panics holds nothing")
}

#[test]
fn whatever_fails_whenever_no_answered_call_is_lost_and_every_caller_is_told() {
    let seeds = seeds(SEEDS);
    let ran = run_all(&seeds);
    let records: u64 = ran.iter().map(|ran| ran.head.seq).sum();
    let crashes: u32 = ran.iter().map(|ran| ran.crashes).sum();
    let in_start: u32 = ran.iter().map(|ran| ran.failed_starts).sum();
    let troubles: u32 = ran.iter().map(|ran| ran.troubles).sum();
    let sum = |of: fn(&Ran) -> u64| -> u64 { ran.iter().map(of).sum() };
    let (answers, repeats) = (sum(|ran| ran.answers.0), sum(|ran| ran.answers.1));
    let (fetched, again) = (sum(|ran| ran.fetched.0), sum(|ran| ran.fetched.1));
    let (events, told) = (sum(|ran| ran.events), sum(|ran| ran.told));
    println!(
        "{} seeds, {records} records, {events} events ({} a run); {answers} answers ({repeats} repeated), {crashes} \
         crashes ({in_start} in a start); NATS: {troubles} troubles, {fetched} messages fetched ({again} again), \
         {told} notices",
        seeds.len(),
        events / ran.len() as u64
    );
    let hard = crashes > 100 && in_start > 10 && repeats > 50 && troubles > 100 && again > 20;
    assert!(seeds.len() < 20 || (hard && records > 5_000), "chance must not spare the engine");
    let came = |tag: &str| ran.iter().any(|ran| ran.facts.contains_key(tag));
    let never: Vec<_> = Event::TAGS.iter().filter(|tag| !came(tag)).collect();
    assert!(seeds.len() < 20 || never.is_empty(), "no run came to these facts: {never:?}");
}

#[test]
fn the_same_seed_comes_to_the_same_head_whoever_writes() {
    for seed in seeds(SEEDS_REPEATED) {
        let plan = Plan { seed, crashes: false, hand: Hand::Inline, keep: Keep::All };
        let first = run(plan.clone());
        assert_eq!(first.crashes, 0);
        assert_eq!(run(plan.clone()), first, "seed {seed} twice");
        assert_eq!(
            run(Plan { hand: Hand::InStep, ..plan.clone() }),
            first,
            "seed {seed} with a writer's thread"
        );
        assert_ne!(run(Plan { seed: seed + 1_000_000, ..plan }).head, first.head, "another seed");
    }
}

#[test]
fn the_laws_hold_while_one_batch_is_written_and_the_next_is_decided() {
    for seed in seeds(SEEDS_FREE) {
        for crashes in [true, false] {
            run(Plan { seed, crashes, hand: Hand::Free, keep: Keep::All });
        }
    }
}
