//! The writer: takes one batch after the other to the platter, inline or in a thread of its own.
//!
//! A batch is written only after the one before it was synced. One batch may wait while one is being written;
//! a third makes the caller wait.

use crate::{
    board::Board,
    disk::Disk,
    error::Failure,
    head::{Head, HeadFile},
    log::{Appender, Batch, SPARE_FILE, make_spare},
    segment::in_log,
};
use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// After so many batches the head file is written even if the writer has no rest.
const HEAD_EVERY_BATCHES: u32 = 64;
/// After so long without a batch the head file is written.
const HEAD_IDLE_MS: u64 = 20;

/// Where batches are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Writer {
    /// By the caller: when `begin` comes back, the batch is safe.
    Inline,
    /// By a thread of the journal's own: one batch is synced while the next is decided.
    Thread,
}

/// The way to the writer.
pub(crate) enum Pen<D: Disk> {
    Inline(Box<Scribe<D>>),
    Thread { batches: Option<SyncSender<Batch>>, thread: Option<JoinHandle<()>> },
}

/// The one who writes.
pub(crate) struct Scribe<D: Disk> {
    appender: Appender<D>,
    head_file: HeadFile<D::File>,
    board: Arc<Board>,
    written_head: Head,
    head: Head,
    batches_since_head: u32,
    spare: Option<JoinHandle<io::Result<()>>>,
}

impl<D: Disk> Scribe<D> {
    pub(crate) fn new(
        appender: Appender<D>,
        head_file: HeadFile<D::File>,
        board: Arc<Board>,
        head: Head,
    ) -> Self {
        Self {
            appender,
            head_file,
            board,
            written_head: Head::START,
            head,
            batches_since_head: 0,
            spare: None,
        }
    }

    fn write(&mut self, batch: &Batch) {
        if self.board.progress().failed.is_some() {
            return;
        }
        if !self.appender.fits(batch.frames.len()) {
            self.join_spare();
        }
        match self.appender.append(batch) {
            Ok(()) => {
                self.head = batch.last;
                self.batches_since_head += 1;
                self.board.note_synced(batch.last);
            }
            Err(error) => self.board.note_failed(Failure::from(error)),
        }
    }

    fn write_head(&mut self) {
        self.batches_since_head = 0;
        if self.head == self.written_head || self.board.progress().failed.is_some() {
            return;
        }
        match self.head_file.write(self.head) {
            Ok(()) => self.written_head = self.head,
            Err(error) => self.board.note_failed(Failure::from(error)),
        }
    }

    /// Makes the next segment's file while this one fills. Failing is no harm: it is made anew when needed.
    fn prepare_spare(&mut self) {
        let log = &self.appender.log;
        let spare_wanted = self.spare.as_ref().is_none_or(JoinHandle::is_finished)
            && self.appender.is_half_full()
            && log.disk.open(&in_log(SPARE_FILE), crate::disk::Mode::Read).is_err();
        if spare_wanted {
            let (log, length) = (Arc::clone(log), self.appender.segment_bytes);
            let make = move || make_spare(&*log.disk, length).map(drop);
            self.spare = thread::Builder::new().name("huying-spare".to_owned()).spawn(make).ok();
        }
    }

    /// A spare that is still being made must be whole before a roll takes it.
    fn join_spare(&mut self) {
        if let Some(Ok(Err(error))) = self.spare.take().map(JoinHandle::join) {
            tracing::warn!(%error, "next segment not made ahead");
        }
    }

    fn run(mut self, batches: &Receiver<Batch>) {
        let idle = Duration::from_millis(HEAD_IDLE_MS);
        loop {
            match batches.recv_timeout(idle) {
                Ok(batch) => {
                    self.write(&batch);
                    if self.batches_since_head >= HEAD_EVERY_BATCHES {
                        self.write_head();
                    }
                    self.prepare_spare();
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.write_head();
                    match batches.recv() {
                        Ok(batch) => self.write(&batch),
                        Err(_) => break,
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.write_head();
        self.join_spare();
    }
}

/// Whoever waits for the writer hears of it when its thread panics.
struct TellIfGone(Arc<Board>);

impl Drop for TellIfGone {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.note_failed(Failure::WriterGone);
        }
    }
}

impl<D: Disk> Pen<D> {
    pub(crate) fn new(scribe: Scribe<D>, writer: Writer) -> io::Result<Self> {
        if writer == Writer::Inline {
            return Ok(Self::Inline(Box::new(scribe)));
        }
        let (batches, inbox) = sync_channel(1);
        let run = move || {
            let _told = TellIfGone(Arc::clone(&scribe.board));
            scribe.run(&inbox);
        };
        let thread = thread::Builder::new().name("huying-writer".to_owned()).spawn(run)?;
        Ok(Self::Thread { batches: Some(batches), thread: Some(thread) })
    }

    /// Hands a batch over; waits while one is waiting already.
    pub(crate) fn write(&mut self, batch: Batch) -> Result<(), Failure> {
        match self {
            Self::Inline(scribe) => {
                scribe.write(&batch);
                scribe.write_head();
                Ok(())
            }
            Self::Thread { batches, .. } => {
                let sent = batches.as_ref().is_some_and(|batches| batches.send(batch).is_ok());
                if sent { Ok(()) } else { Err(Failure::WriterGone) }
            }
        }
    }

    /// Writes what is waiting, then the head, and lets the thread go.
    pub(crate) fn close(&mut self) {
        if let Self::Thread { batches, thread } = self {
            drop(batches.take());
            if let Some(thread) = thread.take() {
                let _ended_or_panicked = thread.join();
            }
        }
    }
}
