//! Measures, on demand: `cargo test --release -p huying-journal --test speed -- --ignored --nocapture`.

#[path = "laws/making.rs"]
#[expect(dead_code, reason = "the stories use what the measurement does not")]
mod making;

use huying_journal::{
    board::SHELF_LAG_RECORDS_MAX,
    disk::{Disk as _, DiskFile as _, Mode, real::RealDisk, write_zeroes},
    journal::{Draft, Journal, SEGMENT_BYTES},
    writer::Writer,
};
use making::{SLED, draft, options};
use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

const RUN: Duration = Duration::from_millis(2500);
/// So many fit before sled's lag slows the log: the log's own rate is wanted.
const BURST_RECORDS_MAX: u64 = SHELF_LAG_RECORDS_MAX;
const RECORD_BYTES: usize = 450;

/// Records a second: into the log, into sled, out of the log.
struct Rates {
    log: f64,
    shelf: f64,
    scan: f64,
    bytes: usize,
}

fn sized_draft(n: u64) -> Draft {
    let mut draft = draft(n);
    if let huying_domain::event::Event::Progressed(progressed) = &mut draft.record.parts[0].events[0] {
        progressed.note = format!("{n:0>200}");
    }
    draft
}

/// Appends as an engine does: one batch is synced while the next is made.
fn journal_rate(batch: u64) -> Rates {
    let dir = tempfile::tempdir_in(".").expect("a folder");
    let disk = RealDisk::new(dir.path()).expect("makes");
    let (mut journal, _) = Journal::open(disk, options(SLED, Writer::Thread, SEGMENT_BYTES)).expect("opens");
    let drafts: Vec<Draft> = (1..=batch).map(sized_draft).collect();
    let (start, mut bytes) = (Instant::now(), 0);
    while start.elapsed() < RUN && journal.head().seq < BURST_RECORDS_MAX {
        let first = journal.next_seq();
        let made = journal.begin(drafts.clone()).expect("begins");
        bytes = made[0].bytes.len();
        if batch == 1 {
            journal.wait_synced(first).expect("syncs");
        }
    }
    let last = journal.head().seq;
    journal.wait_synced(last).expect("syncs");
    let log = rate(last, start);
    while journal.shelf_lag() > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let shelf = rate(last, start);
    let (from, mut seen) = (Instant::now(), 0);
    let scanned = journal.scan(1, &mut |_, _| {
        seen += 1;
        ControlFlow::Continue(())
    });
    scanned.expect("reads");
    assert_eq!(seen, last);
    Rates { log, shelf, scan: rate(last, from), bytes }
}

fn rate(records: u64, since: Instant) -> f64 {
    records as f64 / since.elapsed().as_secs_f64()
}

fn raw_rate(batch: usize) -> f64 {
    let dir = tempfile::tempdir_in(".").expect("a folder");
    let disk = RealDisk::new(dir.path()).expect("makes");
    let file = disk.open("log/raw", Mode::Create).expect("makes");
    write_zeroes(&file, 0, SEGMENT_BYTES).expect("writes");
    file.sync().expect("syncs");
    let bytes = vec![7; batch * (RECORD_BYTES + 78)];
    let (start, mut at, mut records) = (Instant::now(), 0, 0);
    while start.elapsed() < RUN {
        file.write_at(at, &bytes).expect("writes");
        file.sync().expect("syncs");
        records += batch;
        at = (at + bytes.len() as u64) % (SEGMENT_BYTES - bytes.len() as u64);
    }
    records as f64 / start.elapsed().as_secs_f64()
}

#[test]
#[ignore = "measures the disk"]
fn durable_records_a_second() {
    for batch in [1, 16, 64, 256] {
        let raw = raw_rate(batch);
        let Rates { log, shelf, scan, bytes } = journal_rate(batch as u64);
        println!(
            "{bytes} bytes, batch {batch}: log {log:.0}/s, raw {raw:.0}/s, sled {shelf:.0}/s, scan {scan:.0}/s"
        );
    }
}
