//! Why the journal refuses. Each variant is something that the caller does differently.

use crate::{head::Head, segment::ClockKind};
use huying_domain::{
    ids::{CaseId, Seq},
    wire::WireError,
};
use std::{io, sync::Arc};
use thiserror::Error;

/// Why a journal does not open.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process has the folder.
    #[error("another process has this folder open 另一个进程正在使用该目录")]
    Held,
    /// There is no room for the next segment.
    #[error("the disk has no room for the next {segment_bytes} bytes of the log 磁盘空间不足")]
    DiskFull {
        /// Bytes that were asked for.
        segment_bytes: u64,
        /// The disk's own words.
        #[source]
        source: io::Error,
    },
    /// A record that had been safe is unreadable and sled has no copy that the chain proves.
    #[error("record {seq} is damaged in {file} at byte {offset} and there is no copy that the chain proves")]
    Damaged {
        /// The first unreadable record.
        seq: Seq,
        /// The file.
        file: String,
        /// Where in the file.
        offset: u64,
    },
    /// The head, kept apart, knows of records that neither copy has.
    #[error("records from {seq} on are lost: the head file knows {head} and neither the log nor sled has it")]
    Lost {
        /// The first lost record.
        seq: Seq,
        /// What the head file says.
        head: Head,
    },
    /// The log's record at the head's place is another one.
    #[error("the log's record {seq} is not the one that the head file knows")]
    ForeignHead {
        /// The record.
        seq: Seq,
    },
    /// sled holds records behind the log's end that do not join it.
    #[error("sled's record {seq} does not join the log's end")]
    ShelfForeign {
        /// The first that does not join.
        seq: Seq,
    },
    /// A segment of another journal, or of another version of the form, lies in the folder.
    #[error("{file} does not belong to this journal")]
    Foreign {
        /// The file.
        file: String,
    },
    /// The journal was written by another kind of clock.
    #[error("the journal runs on the {found:?} clock, not on the {asked:?} one")]
    Clock {
        /// The header's.
        found: ClockKind,
        /// The caller's.
        asked: ClockKind,
    },
    /// The keys cannot be had.
    #[error("the keys of personal data cannot be read")]
    Keys(#[from] KeyError),
    /// The disk failed.
    #[error("cannot read or write the journal's folder")]
    Disk(#[from] io::Error),
    /// sled failed while records were copied into it.
    #[error("cannot bring sled up to date")]
    Shelf(#[source] ShelfError),
}

/// Why keys cannot be had.
#[derive(Debug, Error)]
pub enum KeyError {
    /// Personal data were sealed, and both key files are gone.
    #[error("both key files are missing although record data were sealed under them")]
    Missing,
    /// Both copies of the header are damaged, belong to another journal, or are wrapped by another master
    /// key.
    #[error("the key files do not open: damaged, of another journal, or under another master key")]
    Unopenable,
    /// The master key's file is missing although keys were wrapped by it.
    #[error("the master key is missing although keys were wrapped by it")]
    MasterMissing,
    /// The master key's file is not 32 bytes long.
    #[error("the master key's file does not hold 32 bytes")]
    MasterMalformed,
    /// There is no key in this slot.
    #[error("key slot {0} was never made or does not open in either copy")]
    SlotUnreadable(u32),
    /// The ciphertext is not what this key made for this case and command.
    #[error("the sealed data of record {0} do not open under their key")]
    SealBroken(Seq),
    /// The disk failed.
    #[error("cannot read or write the key files")]
    Disk(#[from] io::Error),
}

/// Why a batch was not begun. Nothing of it was written.
#[derive(Debug, Error)]
pub enum AppendError {
    /// Nothing can be written any more.
    #[error("the journal has stopped")]
    Stopped(#[from] SyncError),
    /// The batch has no record, or more than [`crate::frame::BATCH_RECORDS_MAX`].
    #[error("a batch of {0} records cannot be written")]
    BatchSize(usize),
    /// One of the records has no wire form.
    #[error("draft {index} of the batch cannot be written")]
    Unwritable {
        /// Its place in the batch, from 0.
        index: usize,
        /// Why.
        #[source]
        source: WireError,
    },
    /// The case's key was erased, so nothing can be sealed for it.
    #[error("the key of {case} was erased: draft {index} cannot be sealed")]
    Erased {
        /// The case.
        case: CaseId,
        /// Its place in the batch, from 0.
        index: usize,
    },
    /// The keys cannot be had.
    #[error("cannot seal personal data")]
    Keys(#[from] KeyError),
}

/// The journal has stopped: what is not synced was never promised, and a restart begins from what is.
#[derive(Clone, Debug, Error)]
#[error("the journal stopped behind record {synced}: {failure}")]
pub struct SyncError {
    /// The last record that is safe.
    pub synced: Seq,
    /// What happened.
    #[source]
    pub failure: Failure,
}

/// What stopped a journal.
#[derive(Clone, Debug, Error)]
pub enum Failure {
    /// There was no room.
    #[error("the disk is full 磁盘空间不足")]
    DiskFull(#[source] Arc<io::Error>),
    /// The disk refused a write or a sync.
    #[error("the disk refused a write or a sync")]
    Disk(#[source] Arc<io::Error>),
    /// sled refused; it is rebuilt at the next start if need be.
    #[error("sled failed")]
    Shelf(#[source] Arc<ShelfError>),
    /// The writer's thread is gone.
    #[error("the writer's thread is gone")]
    WriterGone,
    /// The record asked for was never begun.
    #[error("record {0} was never begun")]
    NeverBegun(Seq),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if crate::disk::is_full(&error) {
            Self::DiskFull(Arc::new(error))
        } else {
            Self::Disk(Arc::new(error))
        }
    }
}

/// Why records cannot be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The record is not there: 0, not yet safe, or never written.
    #[error("record {0} is not there to be read")]
    NotThere(Seq),
    /// The record's bytes do not hold in the log.
    #[error("record {0} is damaged")]
    Damaged(Seq),
    /// The case does not rest: whoever holds its state knows its records.
    #[error("{0} is not among the cases at rest")]
    NotAtRest(CaseId),
    /// The bytes are no record that this version knows.
    #[error("record {seq} cannot be understood")]
    Wire {
        /// The record.
        seq: Seq,
        /// Why.
        #[source]
        source: WireError,
    },
    /// The disk failed.
    #[error("cannot read the log")]
    Disk(#[from] io::Error),
    /// sled failed.
    #[error("cannot read sled")]
    Shelf(#[from] ShelfError),
}

/// Why sled failed. Every panic and hang of it is contained and comes out as one of these.
#[derive(Debug, Error)]
pub enum ShelfError {
    /// sled's own words.
    #[error("sled reports a fault")]
    Sled(#[from] sled::Error),
    /// sled panicked.
    #[error("sled panicked")]
    Panicked,
    /// sled did not come back in time.
    #[error("sled did not open within {0} ms")]
    Hung(u64),
    /// A page does not hold what its key says.
    #[error("sled's page with record {0} is malformed")]
    Page(Seq),
    /// The folder of sled cannot be worked on.
    #[error("cannot work on sled's folder")]
    Folder(#[from] io::Error),
}
