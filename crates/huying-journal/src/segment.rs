//! The segment: one file of the commit log. Its form is frozen.
//!
//! It is named after its first seq, `log/00000000000000000001.seg`, and begins with a header of
//! [`SEGMENT_HEADER_BYTES`]; frames follow, see [`crate::frame`]; zeroes fill the rest.
//!
//! | offset | bytes | what (numbers are little-endian) |
//! |---|---|---|
//! | 0 | 8 | `HUYINGLG` |
//! | 8 | 4 | version of the form, 1 |
//! | 12 | 4 | CRC-32C over bytes 16–127 |
//! | 16 | 16 | the journal's id |
//! | 32 | 4 | epoch: 1, and one more with each restore |
//! | 36 | 1 | clock: 1 the system's, 2 virtual |
//! | 37 | 3 | zero |
//! | 40 | 16 | name of the chain's hash, padded with zeroes: `sha-256` |
//! | 56 | 8 | first seq |
//! | 64 | 32 | hash of the record before the first |
//! | 96 | 8 | when the journal was made, milliseconds since 1970-01-01T00:00:00Z |
//! | 104 | 24 | zero |
//! | 128 | 3968 | zero |

use crate::frame::{number32, number64};
use huying_domain::{ids::Seq, record::Hash, time::Timestamp};
use thiserror::Error;

/// Bytes before a segment's first frame: one page.
pub const SEGMENT_HEADER_BYTES: usize = 4096;
/// Bytes of the header that mean something and are under its checksum.
const HEADER_USED_BYTES: usize = 128;
/// The folder of the segments and the head file.
pub const LOG_FOLDER: &str = "log";
const MAGIC: &[u8; 8] = b"HUYINGLG";
const VERSION: u32 = 1;
const HASH_NAME: &[u8; 16] = b"sha-256\0\0\0\0\0\0\0\0\0";

/// Which clock a journal's instants come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClockKind {
    /// The machine's clock.
    System,
    /// A clock that a simulation moves.
    Virtual,
}

impl ClockKind {
    /// The byte that stands for it in headers.
    pub const fn byte(self) -> u8 {
        match self {
            Self::System => 1,
            Self::Virtual => 2,
        }
    }

    /// The clock that a byte stands for.
    pub const fn of_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::System),
            2 => Some(Self::Virtual),
            _ => None,
        }
    }
}

/// What tells one journal from another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Drawn when the journal was made; it never changes.
    pub journal_id: [u8; 16],
    /// 1, and one more with each restore.
    pub epoch: u32,
    /// Which clock its instants come from.
    pub clock_kind: ClockKind,
    /// When it was made.
    pub created: Timestamp,
}

/// The header of one segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SegmentHeader {
    /// The journal.
    pub identity: Identity,
    /// Seq of the first record.
    pub first: Seq,
    /// Hash of the record before the first.
    pub prev: Hash,
}

/// Why bytes are no header.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum HeaderError {
    /// The bytes are damaged or were never a header.
    #[error("the segment's header is damaged")]
    Damaged,
    /// A version of the form that this program does not know.
    #[error("the segment has form {0}, which a newer version wrote")]
    Newer(u32),
    /// A hash that this program does not know.
    #[error("the segment's chain uses a hash that this version does not know")]
    ForeignHash,
}

impl SegmentHeader {
    /// The header's page.
    pub fn encode(&self) -> Vec<u8> {
        let mut page = vec![0; SEGMENT_HEADER_BYTES];
        page[..8].copy_from_slice(MAGIC);
        page[8..12].copy_from_slice(&VERSION.to_le_bytes());
        page[16..32].copy_from_slice(&self.identity.journal_id);
        page[32..36].copy_from_slice(&self.identity.epoch.to_le_bytes());
        page[36] = self.identity.clock_kind.byte();
        page[40..56].copy_from_slice(HASH_NAME);
        page[56..64].copy_from_slice(&self.first.to_le_bytes());
        page[64..96].copy_from_slice(&self.prev.0);
        page[96..104].copy_from_slice(&self.identity.created.millis().to_le_bytes());
        let crc = crc32c::crc32c(&page[16..HEADER_USED_BYTES]);
        page[12..16].copy_from_slice(&crc.to_le_bytes());
        page
    }

    /// The header that a segment's bytes begin with.
    pub fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        let page = bytes.get(..SEGMENT_HEADER_BYTES).ok_or(HeaderError::Damaged)?;
        if &page[..8] != MAGIC || crc32c::crc32c(&page[16..HEADER_USED_BYTES]) != number32(page, 12) {
            return Err(HeaderError::Damaged);
        }
        match number32(page, 8) {
            VERSION => {}
            newer => return Err(HeaderError::Newer(newer)),
        }
        if &page[40..56] != HASH_NAME {
            return Err(HeaderError::ForeignHash);
        }
        let array = |from: usize| page[from..from + 16].try_into().expect("16 bytes were cut out");
        Ok(Self {
            identity: Identity {
                journal_id: array(16),
                epoch: number32(page, 32),
                clock_kind: ClockKind::of_byte(page[36]).ok_or(HeaderError::Damaged)?,
                created: Timestamp::from_millis(number64(page, 96).cast_signed()),
            },
            first: number64(page, 56),
            prev: Hash(page[64..96].try_into().expect("32 bytes were cut out")),
        })
    }
}

/// The name of the segment that begins with a seq, without its folder.
pub fn segment_name(first: Seq) -> String {
    format!("{first:020}.seg")
}

/// The first seq that a file's name tells, if it is a segment.
pub fn first_of_name(name: &str) -> Option<Seq> {
    let digits = name.strip_suffix(".seg")?;
    (digits.len() == 20).then(|| digits.parse().ok()).flatten()
}

/// A file's name with the log's folder before it.
pub fn in_log(name: &str) -> String {
    format!("{LOG_FOLDER}/{name}")
}
