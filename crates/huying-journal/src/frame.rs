//! The frame: how one record stands in a segment. Its form is frozen.
//!
//! | offset | bytes | what (numbers are little-endian) |
//! |---|---|---|
//! | 0 | 4 | length of the record's bytes, 1 to [`RECORD_BYTES_MAX`] |
//! | 4 | 4 | CRC-32C over the journal's id, bytes 0–3, bytes 8–71 and the record's bytes |
//! | 8 | 8 | number of the batch; grows from batch to batch, from 1 |
//! | 16 | 8 | seq of the record |
//! | 24 | 4 | index of the frame in its batch, from 0 |
//! | 28 | 4 | count of frames in the batch |
//! | 32 | 4 | key slot of the sealed part, or 0xFFFFFFFF |
//! | 36 | 4 | zero |
//! | 40 | 32 | SHA-256 of the record's bytes |
//! | 72 | length | the record's bytes |
//! | … | 0–7 | zeroes up to a multiple of 8 |
//!
//! A frame of which all 72 first bytes are zero is none: the segment ends there. The checksum starts with the
//! journal's id, so that a frame of another journal, or one written out in somebody's words, is not taken for
//! one. The last 32 bytes of a record are its `prev`, because `prev` is its last field: the chain is checked
//! without decoding.

use huying_domain::{
    ids::Seq,
    record::{Hash, RECORD_BYTES_MAX},
};

/// Bytes of a frame before the record.
pub const FRAME_HEAD_BYTES: usize = 72;
/// Frames start at multiples of this many bytes within their segment.
pub const FRAME_ALIGN_BYTES: usize = 8;
/// Most frames in one batch.
pub const BATCH_RECORDS_MAX: usize = 4096;
/// In the place of a slot: nothing is sealed.
const NO_SLOT: u32 = u32::MAX;

/// What a frame says about its record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameHead {
    /// Number of the batch.
    pub batch: u64,
    /// Seq of the record.
    pub seq: Seq,
    /// Index of the frame in its batch.
    pub index: u32,
    /// Count of frames in the batch.
    pub count: u32,
    /// Key slot of the sealed part.
    pub slot: Option<u32>,
    /// SHA-256 of the record's bytes.
    pub hash: Hash,
}

/// A frame whose checksum holds.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// What it says about its record.
    pub head: FrameHead,
    /// The record's bytes.
    pub bytes: &'a [u8],
    /// Offset behind the frame.
    pub end: usize,
}

/// What stands at an offset.
#[derive(Clone, Copy, Debug)]
pub enum Look<'a> {
    /// A frame whose checksum holds.
    Frame(Frame<'a>),
    /// Zeroes, or the file's end.
    Blank,
    /// Something else.
    Bad,
}

/// The beginning of every frame's checksum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Salt(u32);

impl Salt {
    /// The beginning that belongs to a journal.
    pub fn of(journal_id: &[u8; 16]) -> Self {
        Self(crc32c::crc32c(journal_id))
    }
}

/// Bytes that a record of this length takes with its frame.
pub const fn framed_bytes(length: usize) -> usize {
    (FRAME_HEAD_BYTES + length).next_multiple_of(FRAME_ALIGN_BYTES)
}

/// Appends a frame.
pub fn put(into: &mut Vec<u8>, salt: Salt, head: &FrameHead, bytes: &[u8]) {
    let start = into.len();
    let length = u32::try_from(bytes.len()).expect("a record is at most RECORD_BYTES_MAX long");
    into.reserve(framed_bytes(bytes.len()));
    into.extend_from_slice(&length.to_le_bytes());
    into.extend_from_slice(&[0; 4]);
    into.extend_from_slice(&head.batch.to_le_bytes());
    into.extend_from_slice(&head.seq.to_le_bytes());
    into.extend_from_slice(&head.index.to_le_bytes());
    into.extend_from_slice(&head.count.to_le_bytes());
    into.extend_from_slice(&head.slot.unwrap_or(NO_SLOT).to_le_bytes());
    into.extend_from_slice(&[0; 4]);
    into.extend_from_slice(&head.hash.0);
    into.extend_from_slice(bytes);
    let crc = checksum(salt, &into[start..]);
    into[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
    into.resize(start + framed_bytes(bytes.len()), 0);
}

/// Looks at an offset of a segment's bytes.
pub fn look(data: &[u8], offset: usize, salt: Salt) -> Look<'_> {
    let Some(head) = data.get(offset..offset + FRAME_HEAD_BYTES) else {
        let rest = data.get(offset..).unwrap_or_default();
        return if rest.iter().all(|&byte| byte == 0) { Look::Blank } else { Look::Bad };
    };
    let length = number32(head, 0) as usize;
    if length == 0 {
        return if head.iter().all(|&byte| byte == 0) { Look::Blank } else { Look::Bad };
    }
    let whole =
        if length <= RECORD_BYTES_MAX { data.get(offset..offset + FRAME_HEAD_BYTES + length) } else { None };
    match whole {
        Some(whole) if checksum(salt, whole) == number32(head, 4) => Look::Frame(Frame {
            head: read_head(head),
            bytes: &whole[FRAME_HEAD_BYTES..],
            end: offset + framed_bytes(length),
        }),
        _ => Look::Bad,
    }
}

/// The first frame behind an offset whose checksum holds, with its offset.
pub fn next_frame(data: &[u8], behind: usize, salt: Salt) -> Option<(usize, Frame<'_>)> {
    let from = behind.next_multiple_of(FRAME_ALIGN_BYTES);
    (from..data.len()).step_by(FRAME_ALIGN_BYTES).find_map(|offset| match look(data, offset, salt) {
        Look::Frame(frame) => Some((offset, frame)),
        Look::Blank | Look::Bad => None,
    })
}

/// The hash of the record before, which stands in the last bytes of a record.
pub fn prev_of(bytes: &[u8]) -> Option<Hash> {
    bytes.last_chunk::<32>().map(|prev| Hash(*prev))
}

fn checksum(salt: Salt, frame: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c_append(salt.0, &frame[..4]), &frame[8..])
}

fn read_head(head: &[u8]) -> FrameHead {
    let slot = number32(head, 32);
    FrameHead {
        batch: number64(head, 8),
        seq: number64(head, 16),
        index: number32(head, 24),
        count: number32(head, 28),
        slot: (slot != NO_SLOT).then_some(slot),
        hash: Hash(head[40..72].try_into().expect("32 bytes were cut out")),
    }
}

/// A little-endian number of four bytes.
pub(crate) fn number32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes were cut out"))
}

/// A little-endian number of eight bytes.
pub(crate) fn number64(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes were cut out"))
}
