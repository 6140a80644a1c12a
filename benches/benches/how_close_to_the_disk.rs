//! How close does the commit log come to what the disk can do?
//!
//! The same bytes, appended to a preallocated file and synced (`fdatasync`) by hand, and begun in a journal
//! without sled: once waiting for each batch, once making the next batch while one is being synced, as the
//! engine does.

#![expect(clippy::print_stdout, reason = "a measurement tells its figures")]

use huying_benches::{machine, spread, stage};
use huying_domain::{
    command::Digest,
    event::{Event, handle::Progressed},
    ids::{CaseId, UnitId},
    record::{Actor, CommandId, Hash, Origin, Part, Record, Subject},
    time::Timestamp,
};
use huying_journal::{
    disk::{Disk as _, DiskFile as _, Mode, real::RealDisk, write_zeroes},
    frame::framed_bytes,
    journal::{Draft, Journal, Options, SEGMENT_BYTES, Shelf},
    seal::MasterKey,
    segment::ClockKind,
    writer::Writer,
};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Records in a batch.
const BATCHES: [u64; 4] = [1, 16, 64, 256];
const RUN_MS: u64 = 1_500;
const SMOKE_RUN_MS: u64 = 60;
const ROUNDS: usize = 3;
/// Characters of the note that each record holds: makes records of the size of a case's.
const NOTE_CHARS: usize = 300;

/// What a run of commits gave.
struct Pace {
    records: u64,
    took: Duration,
    /// Nanoseconds of each commit, sorted.
    commits: Vec<u64>,
}

fn main() {
    let smoke = machine::is_smoke();
    let (run_ms, rounds) = if smoke { (SMOKE_RUN_MS, 1) } else { (RUN_MS, ROUNDS) };
    let run = Duration::from_millis(run_ms);
    let ground = Path::new(env!("CARGO_TARGET_TMPDIR"));
    println!("{}", machine::describe(ground));
    let record_bytes = record_bytes(ground);
    println!("records of {record_bytes} bytes framed; {rounds} rounds of {run_ms} ms, middle [least–most]");
    for batch in BATCHES {
        println!("\nbatches of {batch}");
        let bytes = record_bytes * usize::try_from(batch).expect("a small number");
        tell("append + fdatasync   ", (0..rounds).map(|_| raw(ground, run, batch, bytes)).collect());
        tell("journal, one by one  ", (0..rounds).map(|_| journal(ground, run, batch, true)).collect());
        tell("journal, as the loop ", (0..rounds).map(|_| journal(ground, run, batch, false)).collect());
    }
}

fn tell(what: &str, paces: Vec<Pace>) {
    let rates = paces.iter().map(|pace| spread::rate(pace.records, pace.took)).collect();
    let commit = |share: f64| {
        let each = paces.iter().map(|pace| spread::micros(spread::quantile(&pace.commits, share))).collect();
        spread::told(each, 0)
    };
    let commits = if paces.iter().all(|pace| pace.commits.is_empty()) {
        String::new()
    } else {
        format!(", a commit p50 {} µs, p99 {} µs", commit(0.5), commit(0.99))
    };
    println!("  {what} {} records/s{commits}", spread::told(rates, 0));
}

fn raw(ground: &Path, run: Duration, batch: u64, bytes: usize) -> Pace {
    let folder = tempfile::tempdir_in(ground).expect("the target folder can be written");
    let disk = RealDisk::new(folder.path()).expect("a folder is made");
    let file = disk.open("log/raw", Mode::Create).expect("a file is made");
    write_zeroes(&file, 0, SEGMENT_BYTES).expect("there is room");
    file.sync().expect("the disk syncs");
    let bytes = vec![7; bytes];
    let (start, mut at, mut commits) = (Instant::now(), 0, Vec::new());
    while start.elapsed() < run {
        let commit = Instant::now();
        file.write_at(at, &bytes).expect("there is room");
        file.sync().expect("the disk syncs");
        commits.push(u64::try_from(commit.elapsed().as_nanos()).unwrap_or(u64::MAX));
        at = (at + bytes.len() as u64) % (SEGMENT_BYTES - bytes.len() as u64);
    }
    let took = start.elapsed();
    let records = commits.len() as u64 * batch;
    commits.sort_unstable();
    Pace { records, took, commits }
}

fn journal(ground: &Path, run: Duration, batch: u64, one_by_one: bool) -> Pace {
    let folder = tempfile::tempdir_in(ground).expect("the target folder can be written");
    let mut journal = open(folder.path());
    let drafts: Vec<Draft> = (1..=batch).map(draft).collect();
    let (start, mut commits) = (Instant::now(), Vec::new());
    while start.elapsed() < run {
        let commit = Instant::now();
        journal.begin(drafts.clone()).expect("the journal writes");
        if one_by_one {
            journal.wait_synced(journal.head().seq).expect("the disk syncs");
            commits.push(u64::try_from(commit.elapsed().as_nanos()).unwrap_or(u64::MAX));
        }
    }
    let records = journal.head().seq;
    journal.wait_synced(records).expect("the disk syncs");
    let took = start.elapsed();
    commits.sort_unstable();
    Pace { records, took, commits }
}

fn open(folder: &Path) -> Journal<RealDisk> {
    let disk = RealDisk::new(folder).expect("a folder is made");
    let options = Options {
        shelf: Shelf::None,
        writer: Writer::Thread,
        clock_kind: ClockKind::System,
        segment_bytes: SEGMENT_BYTES,
        now: Timestamp::from_seconds(1_790_000_000),
        master_key: MasterKey([7; 32]),
        entropy: stage::entropy(),
    };
    Journal::open(disk, options).expect("a new journal opens").0
}

fn record_bytes(ground: &Path) -> usize {
    let folder = tempfile::tempdir_in(ground).expect("the target folder can be written");
    let mut journal = open(folder.path());
    let made = journal.begin(vec![draft(1)]).expect("the journal writes");
    framed_bytes(made[0].bytes.len())
}

fn draft(number: u64) -> Draft {
    let progressed = Progressed { note: format!("{number:0>NOTE_CHARS$}") };
    let part = Part {
        subject: Subject::Case(CaseId::new(0, number)),
        version: 0,
        events: vec![Event::Progressed(progressed)],
    };
    let record = Record {
        seq: 0,
        at: Timestamp::from_seconds(1_790_000_000),
        late_for: None,
        actor: Actor::unit(UnitId::new("desk").expect("a unit id")),
        by: Origin::Person,
        because: None,
        command: CommandId::of_act("bench", "draft", number),
        digest: Digest([0; 16]),
        parts: vec![part],
        sealed: None,
        prev: Hash::ZERO,
    };
    Draft { record, private: None }
}
