//! A journal of closed cases, and readings of it.

use crate::{
    clients::{Run, run},
    life::CLOSED_ASKS,
    stage::Stage,
};
use huying_domain::record::Record;
use huying_journal::{disk::real::RealDisk, journal::Journal};
use huying_projection::{cases::Cases, ledger::Ledger, ought::Ought, tally::Tally, timing::Timing};
use std::{
    ops::ControlFlow,
    path::Path,
    time::{Duration, Instant},
};

/// Clients that make the journal.
const CLIENTS: usize = 256;

/// What a reading saw, and how long it took.
#[derive(Clone, Copy, Default, Debug)]
pub struct Reading {
    /// Records.
    pub records: u64,
    /// Events in them.
    pub events: u64,
    /// Bytes as stored.
    pub bytes: u64,
    /// How long it took.
    pub took: Duration,
}

/// Makes a journal in a folder: cases led to their end, so that none is open.
pub fn make(folder: &Path, cases: u64) {
    let stage = Stage::open(folder);
    run(&stage, Run { clients: CLIENTS, cases, asks: CLOSED_ASKS });
    let open = stage.look(|engine| engine.state().cases().count());
    assert_eq!(open, 0, "every case came to rest");
    stage.close();
}

/// Reads and decodes alone.
pub fn scan(journal: &Journal<RealDisk>) -> Reading {
    read(journal, &mut |_| {})
}

/// Reads, decodes and folds into every read model that the engine keeps.
pub fn fold(journal: &Journal<RealDisk>) -> Reading {
    let (mut tally, mut cases, mut timing) = (Tally::default(), Cases::default(), Timing::default());
    let (mut ledger, mut ought) = (Ledger::default(), Ought::default());
    read(journal, &mut |record| {
        tally.follow(record);
        cases.follow(record);
        timing.follow(record);
        ledger.follow(record);
        ought.follow(record);
    })
}

fn read(journal: &Journal<RealDisk>, each: &mut dyn FnMut(&Record)) -> Reading {
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
