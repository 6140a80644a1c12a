//! The journal as the engine sees it: begin a batch, learn when it is safe, read what is safe.

use crate::{
    board::{Bell, Board, Committed, Note, SHELF_LAG_RECORDS_MAX},
    disk::Disk,
    error::{AppendError, Failure, KeyError, OpenError, ReadError, SyncError},
    frame::{self, BATCH_RECORDS_MAX, FrameHead, Salt},
    head::{Head, HeadFile},
    keys::{Keys, Slot},
    log::Batch,
    reader::Reader,
    recovery::{self, Opened},
    rotation::Rotated,
    seal::{Entropy, MasterKey},
    segment::{ClockKind, Identity},
    shelf::external_key,
    shelving,
    writer::{Pen, Scribe, Writer},
};
use huying_domain::{
    command::Digest,
    ids::{CaseId, Seq},
    private::Private,
    record::{Record, Sealed},
    time::Timestamp,
    wire,
};
use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

/// Bytes of a segment, if the city does not say otherwise.
pub const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
/// The file that one process at a time has locked.
pub const LOCK_FILE: &str = "lock";

/// Whether sled follows the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shelf {
    /// sled, with a cache of so many bytes. Only on a real disk.
    Sled {
        /// sled's cache.
        cache_bytes: u64,
    },
    /// No sled: history is read from the log. For simulations.
    None,
}

/// How a journal is opened.
pub struct Options {
    /// Whether sled follows the log.
    pub shelf: Shelf,
    /// Where batches are written.
    pub writer: Writer,
    /// Which clock the caller's instants come from; a journal made by the other kind does not open.
    pub clock_kind: ClockKind,
    /// Length of new segments.
    pub segment_bytes: u64,
    /// The instant that the header of a new journal names.
    pub now: Timestamp,
    /// Wraps all other keys.
    pub master_key: MasterKey,
    /// Random bytes: ids, keys, nonces.
    pub entropy: Entropy,
}

/// A record to be written. Its `seq`, `prev` and `sealed` are set by the journal.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The record.
    pub record: Record,
    /// Personal data to seal, the case whose key seals them, and its slot if it has one already. A case
    /// without a slot gets the next one; it stands in the committed record's `sealed`.
    pub private: Option<(CaseId, Option<u32>, Private)>,
}

/// An open journal. Dropping it writes what was begun, closes sled and lets the folder go.
pub struct Journal<D: Disk> {
    pen: Pen<D>,
    board: Arc<Board>,
    reader: Reader<D>,
    keys: Arc<Mutex<Keys<D>>>,
    shelf_thread: Option<JoinHandle<()>>,
    identity: Identity,
    salt: Salt,
    head: Head,
    batch: u64,
    has_shelf: bool,
    _lock: D::Lock,
}

impl<D: Disk> Journal<D> {
    /// Opens the journal in this folder, or makes one, after making whole what a crash or damage left.
    pub fn open(disk: D, mut options: Options) -> Result<(Self, Opened), OpenError> {
        let disk = Arc::new(disk);
        let lock = disk.lock(LOCK_FILE)?.ok_or(OpenError::Held)?;
        let found = recovery::recover(&disk, &mut options)?;
        let Options { writer, master_key, entropy, .. } = options;
        let identity = found.opened.identity;
        let keys = Keys::open(Arc::clone(&disk), identity.journal_id, master_key, entropy, found.slot_max)?;
        let keys = Arc::new(Mutex::new(keys));
        let head = found.opened.head;
        let has_shelf = found.shelf.is_some();
        let board = Arc::new(Board::new(head, has_shelf));
        let log = Arc::clone(&found.appender.log);
        let reader = Reader::new(log, Arc::clone(&board), found.shelf.clone(), Arc::clone(&keys));
        let mut head_file = HeadFile::open(&*disk, identity.journal_id)?;
        head_file.write(head)?;
        let pen = Pen::new(Scribe::new(found.appender, head_file, Arc::clone(&board), head), writer)?;
        let shelf_thread =
            found.shelf.map(|store| shelving::follow(store, Arc::clone(&board))).transpose()?;
        let journal = Self {
            pen,
            board,
            reader,
            keys,
            shelf_thread,
            identity,
            salt: Salt::of(&identity.journal_id),
            head,
            batch: found.batch,
            has_shelf,
            _lock: lock,
        };
        Ok((journal, found.opened))
    }

    /// Whose journal it is.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The seq that the next record gets.
    pub const fn next_seq(&self) -> Seq {
        self.head.seq + 1
    }

    /// The last record begun; it may not be safe yet.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// The last record that is safe: what may be published.
    pub fn synced_head(&self) -> Head {
        self.board.progress().synced
    }

    /// Begins a batch: gives the records their places, seals, hands it to the writer. The records are safe
    /// once [`Self::synced`] has reached them; nothing may be answered before. With [`Writer::Inline`] they
    /// are safe when this returns.
    ///
    /// All of the batch is begun or nothing. It waits while one batch is being written and another is
    /// waiting, and while sled lags by more than [`SHELF_LAG_RECORDS_MAX`].
    pub fn begin(&mut self, drafts: Vec<Draft>) -> Result<Vec<Arc<Committed>>, AppendError> {
        if drafts.is_empty() || drafts.len() > BATCH_RECORDS_MAX {
            return Err(AppendError::BatchSize(drafts.len()));
        }
        self.wait_for_shelf()?;
        let committed = self.place(drafts)?;
        let batch = self.batch_of(&committed);
        self.head = batch.last;
        self.batch += 1;
        let mut progress = self.board.progress();
        progress.in_flight += 1;
        progress.tail.extend(committed.iter().cloned());
        drop(progress);
        if let Err(gone) = self.pen.write(batch) {
            self.board.note_failed(gone);
        }
        self.check_running()?;
        Ok(committed)
    }

    fn wait_for_shelf(&self) -> Result<(), SyncError> {
        let mut progress = self.board.progress();
        while progress.failed.is_none() && progress.lag() > SHELF_LAG_RECORDS_MAX {
            progress = self.board.wait(progress);
        }
        drop(progress);
        self.check_running()
    }

    fn check_running(&self) -> Result<(), SyncError> {
        let progress = self.board.progress();
        match &progress.failed {
            Some(failure) => Err(SyncError { synced: progress.synced.seq, failure: failure.clone() }),
            None => Ok(()),
        }
    }

    /// Seals, encodes and chains the drafts.
    fn place(&self, drafts: Vec<Draft>) -> Result<Vec<Arc<Committed>>, AppendError> {
        let mut before = self.head;
        let mut committed = Vec::with_capacity(drafts.len());
        for (index, draft) in drafts.into_iter().enumerate() {
            let mut record = draft.record;
            if let Some((case, slot, private)) = draft.private {
                record.sealed = Some(self.seal(index, case, slot, &private, &record)?);
            }
            record.seq = before.seq + 1;
            record.prev = before.hash;
            let bytes = wire::encode(&record).map_err(|source| AppendError::Unwritable { index, source })?;
            let hash = wire::hash(&bytes);
            before = Head { seq: record.seq, hash };
            committed.push(Arc::new(Committed { record, bytes, hash }));
        }
        Ok(committed)
    }

    fn seal(
        &self,
        index: usize,
        case: CaseId,
        slot: Option<u32>,
        private: &Private,
        record: &Record,
    ) -> Result<Sealed, AppendError> {
        let mut keys = self.keys();
        let slot = slot.map_or_else(|| keys.new_slot(), Ok)?;
        keys.seal(slot, case, record.command, private)?.ok_or(AppendError::Erased { case, index })
    }

    fn batch_of(&self, committed: &[Arc<Committed>]) -> Batch {
        let count = u32::try_from(committed.len()).expect("BATCH_RECORDS_MAX fits");
        let bytes = committed.iter().map(|one| frame::framed_bytes(one.bytes.len())).sum();
        let mut batch = Batch {
            before: self.head,
            last: self.head,
            frames: Vec::with_capacity(bytes),
            offsets: Vec::with_capacity(committed.len()),
        };
        for (index, one) in (0..count).zip(committed) {
            let head = FrameHead {
                batch: self.batch + 1,
                seq: one.record.seq,
                index,
                count,
                slot: one.record.sealed.as_ref().map(|sealed| sealed.slot),
                hash: one.hash,
            };
            batch.offsets.push(batch.frames.len());
            frame::put(&mut batch.frames, self.salt, &head, &one.bytes);
            batch.last = Head { seq: one.record.seq, hash: one.hash };
        }
        batch
    }

    /// The last record that is safe, without waiting. Once the journal has stopped it says so for ever.
    pub fn synced(&self) -> Result<Seq, SyncError> {
        self.check_running()?;
        Ok(self.board.progress().synced.seq)
    }

    /// Waits until a record is safe.
    pub fn wait_synced(&self, seq: Seq) -> Result<Seq, SyncError> {
        let mut progress = self.board.progress();
        loop {
            let synced = progress.synced.seq;
            if synced >= seq {
                return Ok(synced);
            }
            let never = (seq > self.head.seq).then_some(Failure::NeverBegun(seq));
            if let Some(failure) = progress.failed.clone().or(never) {
                return Err(SyncError { synced, failure });
            }
            progress = self.board.wait(progress);
        }
    }

    /// Batches begun and not yet safe. At 2, the next [`Self::begin`] would wait.
    pub fn in_flight(&self) -> usize {
        self.board.progress().in_flight
    }

    /// Sets what is called after each sync and at a failure; only the first call of this counts.
    pub fn on_synced(&self, bell: Bell) {
        self.board.set_bell(bell);
    }

    /// A reader for other threads. Every one must be gone before the same folder is opened again.
    pub fn reader(&self) -> Reader<D> {
        self.reader.clone()
    }

    /// See [`Reader::read`].
    pub fn read(&self, from: Seq, limit: usize) -> Result<Vec<Record>, ReadError> {
        self.reader.read(from, limit)
    }

    /// See [`Reader::read_seqs`].
    pub fn read_seqs(&self, seqs: &[Seq]) -> Result<Vec<Record>, ReadError> {
        self.reader.read_seqs(seqs)
    }

    /// See [`Reader::scan`].
    pub fn scan(
        &self,
        from: Seq,
        each: &mut dyn FnMut(&Record, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        self.reader.scan(from, each)
    }

    /// See [`Reader::history`].
    pub fn history(&self, case: CaseId) -> Result<Vec<Record>, ReadError> {
        self.reader.history(case)
    }

    /// See [`Reader::external`].
    pub fn external(&self, day: u32, source: &str, external_id: &str) -> Result<Option<CaseId>, ReadError> {
        self.reader.external(day, source, external_id)
    }

    /// See [`Reader::open_sealed`].
    pub fn open_sealed(&self, case: CaseId, record: &Record) -> Result<Option<Private>, KeyError> {
        self.reader.open_sealed(case, record)
    }

    /// Notes the records of a case that rests, so that its history is found without its state. Not in the
    /// log: the engine notes it again when it replays; what is known already costs one look.
    pub fn rest(&self, case: CaseId, seqs: Vec<Seq>) {
        if self.reader.known_seqs(case).is_some_and(|known| known == seqs) {
            return;
        }
        let mut progress = self.board.progress();
        progress.rested.insert(case, seqs.clone());
        self.note(progress, Note::Rest { case, seqs });
    }

    /// Notes a source's id for its call on a day (counted from 1970-01-01). Not in the log: the engine notes
    /// it again when it replays.
    pub fn note_external(&self, day: u32, source: &str, external_id: &str, case: CaseId) {
        let key = external_key(day, source, external_id);
        let mut progress = self.board.progress();
        progress.externals.insert(key.clone(), case);
        self.note(progress, Note::External { key, case });
    }

    fn note(&self, mut progress: std::sync::MutexGuard<'_, crate::board::Progress>, note: Note) {
        if self.has_shelf {
            // Nobody is woken: the next sync does that, and a closing journal looks at all notes.
            progress.notes.push_back((self.head.seq, note));
        }
    }

    /// Records that are safe and not in sled yet.
    pub fn shelf_lag(&self) -> u64 {
        self.board.progress().lag()
    }

    /// The next free key slot, its key safe in both copies.
    pub fn new_slot(&self) -> Result<u32, KeyError> {
        self.keys().new_slot()
    }

    /// Whether a slot still holds a key.
    pub fn slot_is_live(&self, slot: u32) -> Result<bool, KeyError> {
        Ok(matches!(self.keys().slot(slot)?, Slot::Key(_)))
    }

    /// Destroys a key: it is listed as erased, then zeroed in both copies, each step synced. Afterwards the
    /// caller appends the fact.
    pub fn erase_slot(&self, slot: u32) -> Result<(), KeyError> {
        self.keys().erase(slot)
    }

    /// Wraps every key by a new master key, and ends: whoever opens the journal next reads the new one. When this
    /// fails the old one or the new one is in force, and never neither.
    pub fn rotate_master(self) -> Result<Rotated, KeyError> {
        self.keys().rotate()
    }

    /// The keyed digest of a command's body.
    pub fn digest(&self, body: &[u8]) -> Digest {
        self.keys().digest(body)
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, Keys<D>> {
        self.keys.lock().expect("no thread panics while it holds the keys")
    }
}

impl<D: Disk> Drop for Journal<D> {
    fn drop(&mut self) {
        self.pen.close();
        self.board.progress().closing = true;
        self.board.ring();
        if let Some(thread) = self.shelf_thread.take() {
            let _ended_or_panicked = thread.join();
        }
    }
}
