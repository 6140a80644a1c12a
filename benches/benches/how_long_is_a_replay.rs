//! How long does it take to read a journal of a million events: until an engine stands again, and its parts? With
//! `--ten` the journal has ten million.
//!
//! The journal is made by clients on a live engine, cases led to their end, so that most of them rest as they
//! would in a city. The files are in the machine's memory when they are read: this measures the reading, not
//! the disk.

#![expect(clippy::print_stdout, reason = "a measurement tells its figures")]

use huying_benches::{
    machine,
    replayed::{Reading, fold, make, scan},
    spread, stage,
};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Cases that together have a million events: 22 each.
const CASES: u64 = 45_500;
const SMOKE_CASES: u64 = 200;
const ROUNDS: usize = 3;

fn main() {
    let smoke = machine::is_smoke();
    let ten = std::env::args().any(|arg| arg == "--ten");
    let (cases, rounds) =
        if smoke { (SMOKE_CASES, 1) } else { (if ten { 10 * CASES } else { CASES }, ROUNDS) };
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
    tell(
        "reading, decoding, the engine's five read models",
        seen,
        folds.iter().map(|reading| reading.took).collect(),
    );
}

fn tell(what: &str, seen: Reading, took: Vec<Duration>) {
    let rates = took.iter().map(|took| spread::rate(seen.events, *took)).collect();
    let seconds = took.iter().map(Duration::as_secs_f64).collect();
    println!("  {what}: {} s, {} events/s", spread::told(seconds, 2), spread::told(rates, 0));
}
