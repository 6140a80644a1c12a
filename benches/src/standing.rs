//! Many open cases: what they hold in memory and what it takes to read boards and lists of them.

use crate::{
    clients::{Run, run},
    machine,
    spread::{quantile, sample},
    stage::{self, Stage},
};
use huying_domain::{ids::CaseId, time::Timestamp, vocabulary::Stage as CaseStage};
use huying_projection::cases::{Cases, query::Query};
use std::{
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

/// Clients that make the cases.
const CLIENTS: usize = 256;
/// Rows of a page, as the pages ask for them.
const PAGE_ROWS: usize = 50;
/// An instant at which most of the clocks are late.
const LATE: Timestamp = Timestamp::from_seconds(4_000_000_000);

/// One way to read, and how long each of the readings took, sorted.
pub struct Read {
    /// What is read.
    pub what: &'static str,
    /// Nanoseconds of each reading.
    pub took_ns: Vec<u64>,
}

impl Read {
    /// Milliseconds within which this share of the readings was done.
    pub fn ms(&self, share: f64) -> f64 {
        quantile(&self.took_ns, share).as_secs_f64() * 1e3
    }
}

/// What an engine with many open cases is.
pub struct Standing {
    /// The cases.
    pub cases: u64,
    /// Bytes of memory that the engine holds for each.
    pub bytes_each: f64,
    /// Until it stood.
    pub start: Duration,
    /// Records that it read for that.
    pub records: u64,
    /// How its cases are read.
    pub reads: Vec<Read>,
}

/// Makes a folder with so many open cases, each registered and routed to a grid.
pub fn make(folder: &Path, cases: u64) {
    let stage = Stage::open(folder);
    run(&stage, Run { clients: CLIENTS, cases, asks: 1 });
    stage.close();
}

/// Starts an engine on such a folder, in this process, which ought to have held little before.
pub fn stand(folder: &Path, readings: usize) -> Standing {
    let before = machine::memory_bytes();
    let begun = Instant::now();
    let engine = stage::start(folder).expect("the engine starts").engine;
    let start = begun.elapsed();
    let held = machine::memory_bytes().saturating_sub(before);
    let cases = engine.state().cases().count() as u64;
    let rows = &engine.views().cases;
    assert_eq!(rows.len() as u64, cases, "each open case has a row");
    let bytes_each = sample(held) / sample(cases.max(1));
    let records = engine.journal().head().seq;
    Standing { cases, bytes_each, start, records, reads: read(rows, cases, readings) }
}

fn read(rows: &Cases, cases: u64, readings: usize) -> Vec<Read> {
    let all = Query::default();
    let unit = Query { holder: Some("grid-1-1".parse().expect("a unit")), ..Query::default() };
    let none = Query { stage: Some(CaseStage::Closed), ..Query::default() };
    let middle = Some(CaseId::new(0, cases / 2));
    let page = |query: &Query, after| rows.page(query, LATE, after, PAGE_ROWS).rows.len();
    let readers: [(&'static str, &dyn Fn() -> usize); 8] = [
        ("one case", &|| usize::from(rows.row(CaseId::new(0, cases / 2 + 1)).is_some())),
        ("board", &|| rows.board(LATE).stages.len()),
        ("health row", &|| usize::try_from(rows.health(LATE).unaccepted).unwrap_or(0)),
        ("first page", &|| page(&all, None)),
        ("page from the middle", &|| page(&all, middle)),
        ("first page of a unit", &|| page(&unit, None)),
        ("a list that is empty", &|| page(&none, None)),
        ("first page by due", &|| rows.by_due(&all, LATE, None, PAGE_ROWS).rows.len()),
    ];
    readers.into_iter().map(|(what, reader)| Read { what, took_ns: timed(reader, readings) }).collect()
}

fn timed(reader: &dyn Fn() -> usize, readings: usize) -> Vec<u64> {
    let mut took: Vec<u64> = Vec::new();
    for _ in 0..readings {
        let begun = Instant::now();
        black_box(reader());
        took.push(u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX));
    }
    took.sort_unstable();
    took
}
