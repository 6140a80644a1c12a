//! Reading what is safe: the newest from memory, the rest from sled, and from the log where sled has it not.

use crate::{
    board::Board,
    disk::Disk,
    error::{KeyError, ReadError},
    keys::{Keys, Slot},
    log::Log,
    shelf::{Store, external_key},
};
use huying_domain::{
    ids::{CaseId, Seq},
    private::Private,
    record::Record,
    wire,
};
use std::{
    ops::ControlFlow,
    sync::{
        Arc, Mutex,
        mpsc::{self, SyncSender},
    },
    thread,
};

/// Most records that one read gives.
pub const READ_RECORDS_MAX: usize = 4096;
/// Records that a thread which reads ahead hands over at once.
const AHEAD_BATCH_RECORDS: usize = 256;
/// Batches that it is ahead at most.
const AHEAD_BATCHES_MAX: usize = 8;

/// Reads a journal, from any thread. Clones read the same journal.
pub struct Reader<D: Disk> {
    log: Arc<Log<D>>,
    board: Arc<Board>,
    store: Option<Store>,
    keys: Arc<Mutex<Keys<D>>>,
}

impl<D: Disk> Clone for Reader<D> {
    fn clone(&self) -> Self {
        Self {
            log: Arc::clone(&self.log),
            board: Arc::clone(&self.board),
            store: self.store.clone(),
            keys: Arc::clone(&self.keys),
        }
    }
}

impl<D: Disk> Reader<D> {
    pub(crate) const fn new(
        log: Arc<Log<D>>,
        board: Arc<Board>,
        store: Option<Store>,
        keys: Arc<Mutex<Keys<D>>>,
    ) -> Self {
        Self { log, board, store, keys }
    }

    /// The last record that is safe.
    pub fn synced(&self) -> Seq {
        self.board.progress().synced.seq
    }

    /// The records from a seq on, at most `limit` and [`READ_RECORDS_MAX`]; none where nothing is safe yet.
    pub fn read(&self, from: Seq, limit: usize) -> Result<Vec<Record>, ReadError> {
        if from == 0 {
            return Err(ReadError::NotThere(0));
        }
        let limit = limit.min(READ_RECORDS_MAX);
        let mut records = Vec::new();
        let mut next = from;
        loop {
            let wanted = limit - records.len();
            let (synced, tail_first) = {
                let progress = self.board.progress();
                if let Some(tail) = progress.tail_from(next, wanted) {
                    records.extend(tail.iter().map(|one| one.record.clone()));
                    return Ok(records);
                }
                (progress.synced.seq, progress.tail.front().map(|one| one.record.seq))
            };
            let last = tail_first.map_or(synced, |first| first - 1).min(synced);
            if next > last || wanted == 0 {
                return Ok(records);
            }
            let count = usize::try_from(last - next + 1).unwrap_or(usize::MAX).min(wanted);
            records.extend(self.older(next, count)?);
            next = from + records.len() as u64;
        }
    }

    /// One record.
    pub fn record(&self, seq: Seq) -> Result<Record, ReadError> {
        self.read(seq, 1)?.pop().ok_or(ReadError::NotThere(seq))
    }

    /// Exactly these records, in this order.
    pub fn read_seqs(&self, seqs: &[Seq]) -> Result<Vec<Record>, ReadError> {
        seqs.iter().map(|&seq| self.record(seq)).collect()
    }

    /// Records that are not in memory any more: from sled as far as it has them whole, then from the log.
    fn older(&self, from: Seq, count: usize) -> Result<Vec<Record>, ReadError> {
        let mut records = Vec::new();
        if let Some(store) = &self.store {
            let found = store.bytes_from(from, count).unwrap_or_else(|fault| {
                tracing::warn!(%fault, seq = from, "sled cannot be read; reading the log");
                Vec::new()
            });
            let decoded = (from..)
                .zip(found)
                .map_while(|(seq, bytes)| wire::decode(&bytes).ok().filter(|record| record.seq == seq));
            records.extend(decoded);
        }
        let next = from + records.len() as u64;
        let last = from + count as u64 - 1;
        if next <= last {
            self.decode_log(next, last, &mut |record, _| {
                records.push(record);
                ControlFlow::Continue(())
            })?;
        }
        Ok(records)
    }

    fn decode_log(
        &self,
        from: Seq,
        to: Seq,
        each: &mut dyn FnMut(Record, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let mut fault = None;
        self.log.read(from, to, &mut |seq, bytes| match wire::decode(bytes) {
            Ok(record) => each(record, bytes),
            Err(source) => {
                fault = Some(ReadError::Wire { seq, source });
                ControlFlow::Break(())
            }
        })?;
        fault.map_or(Ok(()), Err)
    }

    /// Tells every safe record from a seq on, with its bytes, straight from the segments: for replays.
    pub fn scan(
        &self,
        from: Seq,
        each: &mut dyn FnMut(&Record, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        self.decode_safe(from, &mut |record, bytes| each(&record, bytes))
    }

    fn decode_safe(
        &self,
        from: Seq,
        each: &mut dyn FnMut(Record, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let (from, synced) = (from.max(1), self.synced());
        if from > synced { Ok(()) } else { self.decode_log(from, synced, each) }
    }

    /// The same without the bytes, read and decoded ahead by a thread of its own: for whoever folds many records and
    /// has a second core for it. What is told, in which order, and where it ends is the same.
    pub fn scan_ahead(
        &self,
        from: Seq,
        each: &mut dyn FnMut(&Record) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let (sender, receiver) = mpsc::sync_channel(AHEAD_BATCHES_MAX);
        thread::scope(|scope| {
            let ahead = thread::Builder::new().name("huying-ahead".to_owned());
            let reading = ahead.spawn_scoped(scope, move || self.hand_over(from, &sender))?;
            // Whoever hands over ends when nobody takes any more.
            let stopped = receiver.into_iter().flatten().try_for_each(|record| each(&record)).is_break();
            let read = reading.join().expect("reading does not panic");
            if stopped { Ok(()) } else { read }
        })
    }

    /// Hands over every safe record from a seq on, some at a time, until all are read or nobody takes them.
    fn hand_over(&self, from: Seq, to: &SyncSender<Vec<Record>>) -> Result<(), ReadError> {
        let mut batch = Vec::with_capacity(AHEAD_BATCH_RECORDS);
        let read = self.decode_safe(from, &mut |record, _| {
            batch.push(record);
            if batch.len() < AHEAD_BATCH_RECORDS {
                return ControlFlow::Continue(());
            }
            let full = std::mem::replace(&mut batch, Vec::with_capacity(AHEAD_BATCH_RECORDS));
            to.send(full).map_or(ControlFlow::Break(()), ControlFlow::Continue)
        });
        // Those before a fault are told too, as they are without a thread.
        drop(to.send(batch));
        read
    }

    /// The records of a case that rests, as [`crate::journal::Journal::rest`] noted them.
    pub fn history(&self, case: CaseId) -> Result<Vec<Record>, ReadError> {
        let seqs = match self.known_seqs(case) {
            Some(seqs) => seqs,
            None => return Err(ReadError::NotAtRest(case)),
        };
        self.read_seqs(&seqs)
    }

    pub(crate) fn known_seqs(&self, case: CaseId) -> Option<Vec<Seq>> {
        let noted = self.board.progress().rested.get(&case).cloned();
        noted.or_else(|| self.store.as_ref()?.seqs_of(case).ok().flatten())
    }

    /// The case that a source's id on a day (counted from 1970-01-01) became.
    pub fn external(&self, day: u32, source: &str, external_id: &str) -> Result<Option<CaseId>, ReadError> {
        let key = external_key(day, source, external_id);
        if let Some(case) = self.board.progress().externals.get(&key) {
            return Ok(Some(*case));
        }
        match &self.store {
            Some(store) => Ok(store.external(&key)?),
            None => Ok(None),
        }
    }

    /// Whether the key in a slot was erased.
    pub(crate) fn is_erased(&self, slot: u32) -> Result<bool, KeyError> {
        let mut keys = self.keys.lock().expect("no thread panics while it holds the keys");
        Ok(matches!(keys.slot(slot)?, Slot::Erased))
    }

    /// The personal data that a record carries; `None` when it carries none or their key was erased.
    pub fn open_sealed(&self, case: CaseId, record: &Record) -> Result<Option<Private>, KeyError> {
        self.keys.lock().expect("no thread panics while it holds the keys").open_sealed(case, record)
    }
}
