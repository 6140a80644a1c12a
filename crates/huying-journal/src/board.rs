//! What the loop, the writer and the shelf tell each other: how far each has come, and the tail in memory.

use crate::{error::Failure, head::Head};
use huying_domain::{
    ids::{CaseId, Seq},
    record::{Hash, Record},
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock},
};

/// Most records that are committed and not yet in sled; past it, [`crate::journal::Journal::begin`] waits.
pub const SHELF_LAG_RECORDS_MAX: u64 = 65_536;
/// Records kept in memory although they are in sled: stations and streams read the newest.
pub const TAIL_RECORDS_KEPT: usize = 4096;

/// A record with its place, its bytes as stored and their hash.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The record.
    pub record: Record,
    /// Its bytes, as they stand in the log.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes.
    pub hash: Hash,
}

/// Something for sled beside the records; it waits until the record that it was made after is safe.
#[derive(Clone, Debug)]
pub(crate) enum Note {
    /// The seqs of a case that rests.
    Rest { case: CaseId, seqs: Vec<Seq> },
    /// A source's name for its call.
    External { key: Vec<u8>, case: CaseId },
}

/// How far everybody has come.
#[derive(Debug)]
pub(crate) struct Progress {
    /// The last record on the platter.
    pub(crate) synced: Head,
    /// The last record in sled; without sled, the last on the platter.
    pub(crate) shelved: Seq,
    /// Batches begun and not yet synced.
    pub(crate) in_flight: usize,
    /// Why nothing more will be written.
    pub(crate) failed: Option<Failure>,
    /// Records from `tail_first` on, without a gap, begun ones included.
    pub(crate) tail: VecDeque<Arc<Committed>>,
    pub(crate) notes: VecDeque<(Seq, Note)>,
    /// Externals that are not in sled yet (or at all, without one).
    pub(crate) externals: BTreeMap<Vec<u8>, CaseId>,
    /// Rested cases, where there is no sled.
    pub(crate) rested: BTreeMap<CaseId, Vec<Seq>>,
    /// The journal is closing.
    pub(crate) closing: bool,
}

/// The progress, and a bell that rings at each change of it.
pub(crate) struct Board {
    progress: Mutex<Progress>,
    changed: Condvar,
    has_shelf: bool,
    bell: OnceLock<Bell>,
}

/// Called after each sync and each failure, from whichever thread saw it; it must not block.
pub type Bell = Box<dyn Fn() + Send + Sync>;

impl Board {
    pub(crate) fn new(synced: Head, has_shelf: bool) -> Self {
        let progress = Progress {
            synced,
            shelved: synced.seq,
            in_flight: 0,
            failed: None,
            tail: VecDeque::new(),
            notes: VecDeque::new(),
            externals: BTreeMap::new(),
            rested: BTreeMap::new(),
            closing: false,
        };
        Self { progress: Mutex::new(progress), changed: Condvar::new(), has_shelf, bell: OnceLock::new() }
    }

    pub(crate) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().expect("no thread panics while it holds the board")
    }

    /// Waits for the next change.
    pub(crate) fn wait<'a>(&self, progress: MutexGuard<'a, Progress>) -> MutexGuard<'a, Progress> {
        self.changed.wait(progress).expect("no thread panics while it holds the board")
    }

    /// Sets what is called after each sync; only the first counts.
    pub(crate) fn set_bell(&self, bell: Bell) {
        let _the_first_stays = self.bell.set(bell);
    }

    /// Wakes all who wait.
    pub(crate) fn ring(&self) {
        self.changed.notify_all();
        if let Some(bell) = self.bell.get() {
            bell();
        }
    }

    /// A batch is on the platter.
    pub(crate) fn note_synced(&self, head: Head) {
        let mut progress = self.progress();
        progress.synced = head;
        progress.in_flight -= 1;
        if !self.has_shelf {
            progress.shelved = head.seq;
            progress.trim();
        }
        drop(progress);
        self.ring();
    }

    /// Nothing more will be written.
    pub(crate) fn note_failed(&self, failure: Failure) {
        tracing::error!(failure = %failure, "journal stopped");
        self.progress().failed.get_or_insert(failure);
        self.ring();
    }

    /// Records up to here are in sled.
    pub(crate) fn note_shelved(&self, seq: Seq) {
        let mut progress = self.progress();
        progress.shelved = seq;
        progress.trim();
        drop(progress);
        self.changed.notify_all();
    }
}

impl Progress {
    /// Forgets what is shelved, save the newest.
    fn trim(&mut self) {
        while self.tail.len() > TAIL_RECORDS_KEPT
            && self.tail.front().is_some_and(|oldest| oldest.record.seq <= self.shelved)
        {
            self.tail.pop_front();
        }
    }

    /// The records from a seq on, up to what is synced; none if the tail begins later.
    pub(crate) fn tail_from(&self, from: Seq, limit: usize) -> Option<Vec<Arc<Committed>>> {
        let first = self.tail.front()?.record.seq;
        let skip = usize::try_from(from.checked_sub(first)?).ok()?;
        let synced = self.synced.seq;
        Some(
            self.tail
                .iter()
                .skip(skip)
                .take_while(|one| one.record.seq <= synced)
                .take(limit)
                .cloned()
                .collect(),
        )
    }

    /// Records that are safe and not yet in sled.
    pub(crate) const fn lag(&self) -> u64 {
        self.synced.seq - self.shelved
    }
}
