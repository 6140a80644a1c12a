//! The whole engine under chance, crashes and virtual time. A failing run names its seed and how to run it again.

use huying_domain::event::Event;
use huying_tests::sim::run::{Hand, Plan, Ran, simulate};
use std::{
    env,
    num::NonZero,
    panic,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Runs with crashes in the default test.
const SEEDS: u64 = 60;
/// Seeds of which each way of writing must end at the same head.
const SEEDS_REPEATED: u64 = 4;
/// Runs with crashes and the writer in a thread of its own.
const SEEDS_FREE: u64 = 6;

/// The seeds to run: those of the environment (`HUYING_SEED` for one, `HUYING_SEEDS` for how many), or so many.
fn seeds(default: u64) -> Vec<u64> {
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse().ok());
    match number("HUYING_SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("HUYING_SEEDS").unwrap_or(default)).collect(),
    }
}

fn run(plan: Plan) -> Ran {
    let again =
        format!("run it again: HUYING_SEED={} cargo test -p huying-tests --test simulation", plan.seed);
    match panic::catch_unwind(|| simulate(plan)) {
        Ok(Ok(ran)) => ran,
        Ok(Err(broken)) => panic!("{plan:?}: {broken}\n{again}"),
        Err(_) => panic!("{plan:?}: a part of the house panicked (see above)\n{again}"),
    }
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
                    let one = run(Plan { seed, crashes: true, hand: Hand::Inline });
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
    let answers: u64 = ran.iter().map(|ran| ran.answers.0).sum();
    let repeats: u64 = ran.iter().map(|ran| ran.answers.1).sum();
    println!(
        "{} seeds, {records} records, {answers} answers ({repeats} repeated), {crashes} crashes ({in_start} in a start)",
        seeds.len()
    );
    let enough = seeds.len() < 20 || (crashes > 100 && in_start > 10 && repeats > 50 && records > 5_000);
    assert!(enough, "chance must not spare the engine");
    let came = |tag: &str| ran.iter().any(|ran| ran.facts.contains_key(tag));
    let never: Vec<_> = Event::TAGS.iter().filter(|tag| !came(tag)).collect();
    assert!(seeds.len() < 20 || never.is_empty(), "no run came to these facts: {never:?}");
}

#[test]
fn the_same_seed_comes_to_the_same_head_whoever_writes() {
    for seed in seeds(SEEDS_REPEATED) {
        let plan = Plan { seed, crashes: false, hand: Hand::Inline };
        let first = run(plan);
        assert_eq!(first.crashes, 0);
        assert_eq!(run(plan), first, "seed {seed} twice");
        assert_eq!(run(Plan { hand: Hand::InStep, ..plan }), first, "seed {seed} with a writer's thread");
        assert_ne!(run(Plan { seed: seed + 1_000_000, ..plan }).head, first.head, "another seed");
    }
}

#[test]
fn the_laws_hold_while_one_batch_is_written_and_the_next_is_decided() {
    for seed in seeds(SEEDS_FREE) {
        run(Plan { seed, crashes: true, hand: Hand::Free });
        run(Plan { seed, crashes: false, hand: Hand::Free });
    }
}
