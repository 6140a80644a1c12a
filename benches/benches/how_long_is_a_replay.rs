//! How long does it take to read a journal of a million events: until an engine stands again, and its parts?
//!
//! The journal is made by clients on a live engine, cases led to their end, so that most of them rest as they
//! would in a city. The files are in the machine's memory when they are read: this measures the reading, not
//! the disk.

#![expect(clippy::print_stdout, reason = "a measurement tells its figures")]

use huying_benches::{
    clients::{Run, run},
    life::CLOSED_ASKS,
    machine, spread,
    stage::{self, Stage},
};
use huying_journal::{disk::real::RealDisk, journal::Journal};
use huying_projection::{cases::Cases, tally::Tally, timing::Timing};
use std::{
    ops::ControlFlow,
    path::Path,
    time::{Duration, Instant},
};

/// Cases that together have a million events: 22 each.
const CASES: u64 = 45_500;
const SMOKE_CASES: u64 = 200;
/// Clients that make the journal.
const CLIENTS: usize = 256;
const ROUNDS: usize = 3;

/// What a reading saw, and how long it took.
#[derive(Clone, Copy, Default)]
struct Reading {
    records: u64,
    events: u64,
    bytes: u64,
    took: Duration,
}

fn main() {
    let smoke = machine::is_smoke();
    let (cases, rounds) = if smoke { (SMOKE_CASES, 1) } else { (CASES, ROUNDS) };
    let ground = Path::new(env!("CARGO_TARGET_TMPDIR"));
    println!("{}", machine::describe(ground));
    let folder = tempfile::tempdir_in(ground).expect("the target folder can be written");
    let making = Instant::now();
    make(folder.path(), cases);
    println!("journal of {cases} closed cases made in {:.1} s", making.elapsed().as_secs_f64());
    let (mut starts, mut scans, mut folds) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let start = Instant::now();
        let engine = stage::start(folder.path()).expect("the engine starts").engine;
        starts.push(start.elapsed());
        scans.push(scan(engine.journal()));
        folds.push(fold(engine.journal()));
    }
    let seen = scans[0];
    println!(
        "{} records, {} events, {} MB; {rounds} rounds, middle [least–most]",
        seen.records,
        seen.events,
        seen.bytes / 1_000_000,
    );
    tell("an engine stands (open, check the log, state, views, stations)", seen, starts);
    tell("reading and decoding alone", seen, scans.iter().map(|reading| reading.took).collect());
    tell("reading, decoding, three read models", seen, folds.iter().map(|reading| reading.took).collect());
}

fn tell(what: &str, seen: Reading, took: Vec<Duration>) {
    let rates = took.iter().map(|took| spread::rate(seen.events, *took)).collect();
    let seconds = took.iter().map(Duration::as_secs_f64).collect();
    println!("  {what}: {} s, {} events/s", spread::told(seconds, 2), spread::told(rates, 0));
}

fn make(folder: &Path, cases: u64) {
    let stage = Stage::open(folder);
    run(&stage, Run { clients: CLIENTS, cases, asks: CLOSED_ASKS });
    let open = stage.look(|engine| engine.state().cases().count());
    assert_eq!(open, 0, "every case came to rest");
    stage.close();
}

fn scan(journal: &Journal<RealDisk>) -> Reading {
    read(journal, &mut |_| {})
}

fn fold(journal: &Journal<RealDisk>) -> Reading {
    let (mut tally, mut cases, mut timing) = (Tally::default(), Cases::default(), Timing::default());
    read(journal, &mut |record| {
        tally.follow(record);
        cases.follow(record);
        timing.follow(record);
    })
}

fn read(journal: &Journal<RealDisk>, each: &mut dyn FnMut(&huying_domain::record::Record)) -> Reading {
    let (start, mut seen) = (Instant::now(), Reading::default());
    let done = journal.scan(1, &mut |record, bytes| {
        seen.records += 1;
        seen.events += record.parts.iter().map(|part| part.events.len() as u64).sum::<u64>();
        seen.bytes += bytes.len() as u64;
        each(record);
        ControlFlow::Continue(())
    });
    done.expect("the journal is whole");
    seen.took = start.elapsed();
    seen
}
