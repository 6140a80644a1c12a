//! Keeping the shelf: at start sled is found, brought up to date or built anew; then a thread follows the
//! log.

use crate::{
    board::{Board, Note},
    disk::Disk,
    error::{Failure, OpenError, ShelfError},
    head::Head,
    log::Log,
    recovery::{Opened, RECOVERY_BATCH_RECORDS},
    segment::Identity,
    shelf::{self, SHELF_FOLDER, Store},
};
use huying_domain::{ids::Seq, wire};
use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

/// Records that go into sled in one transaction; it gets slower above.
const SHELF_BATCH_RECORDS: usize = 512;
/// For so long less than that is left to gather: sled wakes each of its threads for each transaction, and a page that
/// is filled up one record at a time is written sixteen times. What waits is on the platter and in memory.
const SHELF_GATHER_MS: u64 = 20;
/// After so many records sled writes out what it holds; what it had not can be applied again from the log.
const SHELF_FLUSH_RECORDS: u64 = 65_536;

/// sled as it was found.
pub(crate) struct ShelfFound {
    pub(crate) shelf: Option<Store>,
    pub(crate) half_snapshots_removed: usize,
    moved_to: Option<PathBuf>,
    cache_bytes: u64,
}

/// Opens sled, or moves it aside and opens an empty one.
pub(crate) fn find(dir: &Path, cache_bytes: u64) -> Result<ShelfFound, OpenError> {
    let folder = dir.join(SHELF_FOLDER);
    let half_snapshots_removed = shelf::remove_half_snapshots(&folder)?;
    let mut found = ShelfFound { shelf: None, half_snapshots_removed, moved_to: None, cache_bytes };
    match Store::open(&folder, cache_bytes) {
        Ok(shelf) => found.shelf = Some(shelf),
        Err(fault) if is_held(&fault) => return Err(OpenError::Shelf(fault)),
        Err(fault) => {
            tracing::warn!(%fault, "sled does not open and is built anew");
            found.rebuild(dir)?;
        }
    }
    Ok(found)
}

/// A store that a living thread still holds is not a broken one.
fn is_held(fault: &ShelfError) -> bool {
    matches!(fault, ShelfError::Sled(error) if shelf::is_locked(error))
}

impl ShelfFound {
    /// For a journal without sled.
    pub(crate) const fn none() -> Self {
        Self { shelf: None, half_snapshots_removed: 0, moved_to: None, cache_bytes: 0 }
    }

    pub(crate) fn identity(&self) -> Result<Option<Identity>, OpenError> {
        let Some(shelf) = &self.shelf else { return Ok(None) };
        let holds_records = shelf.applied().map_err(OpenError::Shelf)?.is_some();
        if holds_records { shelf.identity().map_err(OpenError::Shelf) } else { Ok(None) }
    }

    fn rebuild(&mut self, dir: &Path) -> Result<(), OpenError> {
        self.shelf = None;
        self.moved_to = Some(shelf::move_aside(dir)?);
        self.shelf = Some(Store::open(&dir.join(SHELF_FOLDER), self.cache_bytes).map_err(OpenError::Shelf)?);
        Ok(())
    }

    /// Applies what sled does not have; builds it anew when it holds another history or fails on the way.
    pub(crate) fn catch_up<D: Disk>(
        &mut self,
        dir: &Path,
        log: &Log<D>,
        end: Head,
        opened: &mut Opened,
    ) -> Result<(), OpenError> {
        let Some(shelf) = &self.shelf else { return Ok(()) };
        let done = apply_rest(shelf, log, end);
        opened.shelved_records = match done {
            Ok(Some(applied)) => applied,
            Ok(None) | Err(_) => {
                tracing::warn!(fault = ?done.err(), "sled does not follow the log and is built anew");
                self.rebuild(dir)?;
                let shelf = self.shelf.as_ref().expect("a shelf was just made");
                apply_rest(shelf, log, end).map_err(OpenError::Shelf)?.unwrap_or(0)
            }
        };
        opened.shelf_moved_to.clone_from(&self.moved_to);
        Ok(())
    }
}

/// Applies the log behind sled's last record; `None` when that record is not the log's.
fn apply_rest<D: Disk>(shelf: &Store, log: &Log<D>, end: Head) -> Result<Option<u64>, ShelfError> {
    let applied = shelf.applied()?.unwrap_or(Head::START);
    if applied.seq > 0 {
        let in_shelf = shelf.bytes_from(applied.seq, 1)?.pop().map(|bytes| wire::hash(&bytes));
        let same = in_shelf == Some(applied.hash) && log.hash_of(applied.seq) == Some(applied.hash);
        let same_journal = shelf.identity()?.is_some_and(|known| known.journal_id == log.identity.journal_id);
        if !same || !same_journal {
            return Ok(None);
        }
    }
    shelf.set_identity(log.identity)?;
    let mut waiting: Vec<(Seq, Vec<u8>)> = Vec::new();
    let mut fault = None;
    if applied.seq < end.seq {
        let read = log.read(applied.seq + 1, end.seq, &mut |seq, bytes| {
            waiting.push((seq, bytes.to_vec()));
            if waiting.len() < RECOVERY_BATCH_RECORDS {
                return ControlFlow::Continue(());
            }
            match put(shelf, &std::mem::take(&mut waiting)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    fault = Some(error);
                    ControlFlow::Break(())
                }
            }
        });
        if let Some(fault) = fault {
            return Err(fault);
        }
        read.map_err(|_| ShelfError::Page(applied.seq + 1))?;
        put(shelf, &waiting)?;
        shelf.flush()?;
    }
    Ok(Some(end.seq - applied.seq))
}

fn put(shelf: &Store, records: &[(Seq, Vec<u8>)]) -> Result<(), ShelfError> {
    let Some((seq, last)) = records.last() else { return Ok(()) };
    let last = Head { seq: *seq, hash: wire::hash(last) };
    let records: Vec<(Seq, &[u8])> = records.iter().map(|(seq, bytes)| (*seq, bytes.as_slice())).collect();
    shelf.apply(&records, last, &[])
}

/// Starts the thread that follows the log.
pub(crate) fn follow(shelf: Store, board: Arc<Board>) -> std::io::Result<JoinHandle<()>> {
    thread::Builder::new().name("huying-shelf".to_owned()).spawn(move || run(&shelf, &board))
}

fn run(shelf: &Store, board: &Board) {
    let mut since_flush = 0;
    while let Some((records, notes)) = next_work(board) {
        let pairs: Vec<(Seq, &[u8])> =
            records.iter().map(|one| (one.record.seq, one.bytes.as_slice())).collect();
        let last = records.last().map_or(Head::START, |one| Head { seq: one.record.seq, hash: one.hash });
        let mut done = shelf.apply(&pairs, last, &notes);
        since_flush += records.len() as u64;
        if done.is_ok() && since_flush >= SHELF_FLUSH_RECORDS {
            since_flush = 0;
            done = shelf.flush();
        }
        match done {
            Ok(()) if records.is_empty() => {}
            Ok(()) => board.note_shelved(last.seq),
            Err(fault) => {
                // Whoever lets go of the last clone waits for sled to write out, and one whose disk refused may
                // never come to an end of that: the process could not stop. What it had is in the log.
                std::mem::forget(shelf.clone());
                board.note_failed(Failure::Shelf(Arc::new(fault)));
                return;
            }
        }
        forget(board, &notes);
    }
    if let Err(fault) = shelf.flush() {
        tracing::warn!(%fault, "sled did not write out at the end");
    }
}

type Work = (Vec<Arc<crate::board::Committed>>, Vec<Note>);

/// Waits for something to shelve, and a little for more of it; `None` when the journal closes and all is shelved.
fn next_work(board: &Board) -> Option<Work> {
    let mut progress = board.progress();
    let mut gathered = false;
    loop {
        let waiting = progress.synced.seq.saturating_sub(progress.shelved);
        if waiting > 0 && waiting < SHELF_BATCH_RECORDS as u64 && !gathered && !progress.closing {
            drop(progress);
            thread::sleep(Duration::from_millis(SHELF_GATHER_MS));
            gathered = true;
            progress = board.progress();
        }
        let records = progress.tail_from(progress.shelved + 1, SHELF_BATCH_RECORDS).unwrap_or_default();
        let reached = progress.synced.seq;
        let ready = progress
            .notes
            .iter()
            .take(SHELF_BATCH_RECORDS)
            .take_while(|(after, _)| *after <= reached)
            .count();
        let notes: Vec<Note> = progress.notes.drain(..ready).map(|(_, note)| note).collect();
        if !records.is_empty() || !notes.is_empty() {
            return Some((records, notes));
        }
        if progress.closing {
            return None;
        }
        progress = board.wait(progress);
    }
}

/// What is in sled need not be remembered beside it.
fn forget(board: &Board, notes: &[Note]) {
    let mut progress = board.progress();
    for note in notes {
        match note {
            Note::External { key, .. } => drop(progress.externals.remove(key)),
            Note::Rest { case, seqs } if progress.rested.get(case) == Some(seqs) => {
                progress.rested.remove(case);
            }
            Note::Rest { .. } => {}
        }
    }
}
