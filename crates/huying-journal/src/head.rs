//! The head: the last record known to be safe, kept apart from the log. Its form is frozen.
//!
//! The file `log/head` has two slots at offsets 0 and 4096, written in turn, each synced before the other is
//! written, so that one of them always holds. It is written after the log's sync and may lag: behind is
//! normal, ahead of both copies of the records means that records were lost.
//!
//! | offset in slot | bytes | what (numbers are little-endian) |
//! |---|---|---|
//! | 0 | 8 | `HUYINGHD` |
//! | 8 | 8 | seq |
//! | 16 | 32 | hash of that record |
//! | 48 | 4 | CRC-32C over the journal's id and bytes 0–47 |

use crate::{
    disk::{Disk, DiskFile, Mode},
    frame::{number32, number64},
    segment::{LOG_FOLDER, in_log},
};
use huying_domain::{ids::Seq, record::Hash};
use std::{fmt, io, str::FromStr};

/// Name of the file in the log's folder.
pub const HEAD_FILE: &str = "head";
const SLOT_BYTES: u64 = 4096;
const USED_BYTES: usize = 52;
const MAGIC: &[u8; 8] = b"HUYINGHD";

/// A record's position and hash: whoever holds it can prove later that nothing before it was altered.
/// Written `SEQ:HASH`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// Position of the last record; 0 before the first.
    pub seq: Seq,
    /// Its hash; all zero before the first.
    pub hash: Hash,
}

impl Head {
    /// Before the first record.
    pub const START: Self = Self { seq: 0, hash: Hash::ZERO };
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

/// A text is not `SEQ:HASH`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a head is written SEQ:HASH, the hash in 64 hexadecimal digits")]
pub struct NotAHead;

impl FromStr for Head {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        let (seq, hash) = text.split_once(':').ok_or(NotAHead)?;
        let seq = seq.parse().map_err(|_| NotAHead)?;
        Ok(Self { seq, hash: hash.parse().map_err(|_| NotAHead)? })
    }
}

/// The head file, open for writing.
pub(crate) struct HeadFile<F> {
    file: F,
    journal_id: [u8; 16],
    next_slot: u64,
}

impl<F: DiskFile> HeadFile<F> {
    /// Opens the file for a journal, making it when it is not there.
    pub(crate) fn open<D: Disk<File = F>>(disk: &D, journal_id: [u8; 16]) -> io::Result<Self> {
        let name = in_log(HEAD_FILE);
        let file = match disk.open(&name, Mode::Write) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let file = disk.open(&name, Mode::Create)?;
                crate::disk::write_zeroes(&file, 0, 2 * SLOT_BYTES)?;
                file.sync()?;
                disk.sync_dir(LOG_FOLDER)?;
                file
            }
            opened => opened?,
        };
        let slots = read_slots(&file, journal_id)?;
        let newest = if slots[1].map(|head| head.seq) > slots[0].map(|head| head.seq) { 1 } else { 0 };
        Ok(Self { file, journal_id, next_slot: 1 - newest })
    }

    /// Writes a head and waits until it is safe.
    pub(crate) fn write(&mut self, head: Head) -> io::Result<()> {
        self.file.write_at(self.next_slot * SLOT_BYTES, &encode(head, &self.journal_id))?;
        self.file.sync()?;
        self.next_slot = 1 - self.next_slot;
        Ok(())
    }
}

/// What a head file says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HeadFound {
    /// There is no file, or nothing was written into it yet.
    Nothing,
    /// The newest of the slots that hold.
    Head(Head),
    /// Both slots were written and neither holds.
    Unreadable,
}

/// Reads the head file of a journal.
pub(crate) fn read<D: Disk>(disk: &D, journal_id: [u8; 16]) -> io::Result<HeadFound> {
    let file = match disk.open(&in_log(HEAD_FILE), Mode::Read) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HeadFound::Nothing),
        opened => opened?,
    };
    let newest = read_slots(&file, journal_id)?.into_iter().flatten().max_by_key(|head| head.seq);
    if let Some(head) = newest {
        return Ok(HeadFound::Head(head));
    }
    let written =
        |slot: u64| file.bytes_at(slot * SLOT_BYTES, USED_BYTES).map(|bytes| bytes.iter().any(|&b| b != 0));
    Ok(if written(0)? && written(1)? { HeadFound::Unreadable } else { HeadFound::Nothing })
}

fn read_slots<F: DiskFile>(file: &F, journal_id: [u8; 16]) -> io::Result<[Option<Head>; 2]> {
    let slot =
        |number: u64| file.bytes_at(number * SLOT_BYTES, USED_BYTES).map(|bytes| decode(&bytes, &journal_id));
    Ok([slot(0)?, slot(1)?])
}

fn encode(head: Head, journal_id: &[u8; 16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(USED_BYTES);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&head.seq.to_le_bytes());
    bytes.extend_from_slice(&head.hash.0);
    let crc = crc32c::crc32c_append(crc32c::crc32c(journal_id), &bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8], journal_id: &[u8; 16]) -> Option<Head> {
    let (used, _) = bytes.split_at_checked(USED_BYTES)?;
    let crc = crc32c::crc32c_append(crc32c::crc32c(journal_id), &used[..48]);
    let holds = &used[..8] == MAGIC && crc == number32(used, 48);
    holds.then(|| Head {
        seq: number64(used, 8),
        hash: Hash(used[16..48].try_into().expect("32 bytes were cut out")),
    })
}

/// What the file says of a journal that is not known any more; `None` where nothing was ever written.
pub(crate) fn raw<D: Disk>(disk: &D) -> io::Result<Option<Head>> {
    let file = match disk.open(&in_log(HEAD_FILE), Mode::Read) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut newest: Option<Head> = None;
    for slot in [0, 1] {
        let bytes = file.bytes_at(slot * SLOT_BYTES, USED_BYTES)?;
        if bytes.len() == USED_BYTES && &bytes[..8] == MAGIC {
            let hash = Hash(bytes[16..48].try_into().expect("32 bytes were cut out"));
            let head = Head { seq: number64(&bytes, 8), hash };
            newest = newest.into_iter().chain([head]).max_by_key(|head| head.seq);
        }
    }
    Ok(newest)
}
