//! Walking a segment's bytes: which records hold, and what stands where they end.
//!
//! A batch is written only after the one before was synced. So bad frames with nothing behind them but frames
//! of the same batch are a *torn tail*: nobody was answered, the whole batch may go. A valid frame of a later
//! batch behind a bad one means that the bad one had been safe: that is *damage*, a hole in the history.

use crate::{
    frame::{self, Frame, FrameHead, Look, Salt},
    head::Head,
    segment::SEGMENT_HEADER_BYTES,
};
use huying_domain::ids::Seq;

/// Every so many records, a record's offset is kept in memory, so that a read need not walk a whole segment.
pub const INDEX_STRIDE_RECORDS: u64 = 64;

/// How far a walk has come: through all segments so far and within this one.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    /// The last record that holds.
    pub(crate) head: Head,
    /// Its frame's batch, index and count; none before the first.
    pub(crate) last: Option<FrameHead>,
    /// Where the batch of that frame begins in this segment; none when it began in an earlier one.
    pub(crate) batch_start: Option<usize>,
    /// The head as it was before that batch.
    pub(crate) before_batch: Head,
    /// Greatest key slot seen.
    pub(crate) slot_max: Option<u32>,
    /// Offset behind the last frame that holds.
    pub(crate) offset: usize,
    /// Offsets of records, one in [`INDEX_STRIDE_RECORDS`], counted from the segment's first.
    pub(crate) index: Vec<u64>,
    /// Records of this segment that hold.
    pub(crate) records: u64,
}

/// What stands where the frames that hold end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stop {
    /// The last batch is whole and only zeroes follow.
    Clean,
    /// A batch that was never whole; from its first byte to the last that is not zero.
    Torn {
        /// Where the batch begins.
        from: usize,
        /// Behind the last byte that is not zero.
        to: usize,
    },
    /// Records that were safe are unreadable.
    Hole {
        /// The first unreadable one.
        seq: Seq,
        /// Where it ought to stand.
        offset: usize,
        /// The next frame that holds, and where.
        next: Option<(usize, FrameHead)>,
    },
}

impl Walk {
    /// Before the first record of the journal.
    pub(crate) const fn new() -> Self {
        Self {
            head: Head::START,
            last: None,
            batch_start: None,
            before_batch: Head::START,
            slot_max: None,
            offset: SEGMENT_HEADER_BYTES,
            index: Vec::new(),
            records: 0,
        }
    }

    /// Begins the next segment.
    pub(crate) fn enter_segment(&mut self) {
        self.offset = SEGMENT_HEADER_BYTES;
        self.batch_start = None;
        self.index.clear();
        self.records = 0;
    }

    /// Walks as far as records hold. Each is told to `each` with its bytes.
    pub(crate) fn run(&mut self, data: &[u8], salt: Salt, each: &mut dyn FnMut(&Frame<'_>)) -> Stop {
        loop {
            match frame::look(data, self.offset, salt) {
                Look::Frame(found) if self.joins(&found) => {
                    each(&found);
                    self.take(&found);
                }
                Look::Frame(_) => return self.hole(data, salt),
                Look::Blank if self.is_whole() && is_blank(data, self.offset) => return Stop::Clean,
                Look::Blank | Look::Bad => return self.torn_or_hole(data, salt),
            }
        }
    }

    /// Goes on behind a head that something else knows, with the next segment's first batch.
    pub(crate) fn jump(&mut self, head: Head) {
        self.head = head;
        self.last = self.last.map(|last| FrameHead { index: 0, count: 1, ..last });
    }

    /// Goes on at a frame that holds behind a hole.
    pub(crate) fn resume(&mut self, at: usize, found: &Frame<'_>) {
        let FrameHead { batch, index, count, .. } = found.head;
        let before = FrameHead { index: index.wrapping_sub(1), ..found.head };
        let whole = FrameHead { batch: batch.saturating_sub(1), index: 0, count: 1, ..found.head };
        self.last = Some(if index > 0 && index < count { before } else { whole });
        let hash = frame::prev_of(found.bytes).unwrap_or(self.head.hash);
        self.head = Head { seq: found.head.seq - 1, hash };
        self.offset = at;
    }

    /// Goes back before a batch that is not whole; says how many of its records held.
    pub(crate) fn drop_torn(&mut self) -> u64 {
        if self.is_whole() {
            return 0;
        }
        let dropped = self.head.seq - self.before_batch.seq;
        self.head = self.before_batch;
        dropped
    }

    /// Whether the last batch has all its frames.
    pub(crate) fn is_whole(&self) -> bool {
        self.last.is_none_or(|last| last.index + 1 == last.count)
    }

    /// Whether a frame whose checksum holds is the one that comes next.
    fn joins(&self, found: &Frame<'_>) -> bool {
        let head = &found.head;
        let placed = match &self.last {
            Some(last) if last.index + 1 < last.count => {
                (head.batch, head.index, head.count) == (last.batch, last.index + 1, last.count)
            }
            last => head.index == 0 && head.count > 0 && head.batch > last.map_or(0, |last| last.batch),
        };
        placed
            && head.seq == self.head.seq + 1
            && frame::prev_of(found.bytes) == Some(self.head.hash)
            && huying_domain::wire::hash(found.bytes) == head.hash
    }

    fn take(&mut self, found: &Frame<'_>) {
        if found.head.index == 0 {
            self.batch_start = Some(self.offset);
            self.before_batch = self.head;
        }
        if self.records.is_multiple_of(INDEX_STRIDE_RECORDS) {
            self.index.push(self.offset as u64);
        }
        self.records += 1;
        self.slot_max = self.slot_max.max(found.head.slot);
        self.head = Head { seq: found.head.seq, hash: found.head.hash };
        self.last = Some(found.head);
        self.offset = found.end;
    }

    fn torn_or_hole(&self, data: &[u8], salt: Salt) -> Stop {
        let torn_batch = match self.last {
            Some(last) if !self.is_whole() => last.batch,
            last => last.map_or(0, |last| last.batch) + 1,
        };
        let mut offset = self.offset;
        while let Some((at, found)) = frame::next_frame(data, offset, salt) {
            if found.head.batch != torn_batch {
                return self.hole(data, salt);
            }
            offset = found.end.max(at + 1);
        }
        let from = if self.is_whole() { self.offset } else { self.batch_start.unwrap_or(self.offset) };
        let used = data.iter().rposition(|&byte| byte != 0).map_or(from, |last| last + 1);
        Stop::Torn { from, to: used.max(from) }
    }

    fn hole(&self, data: &[u8], salt: Salt) -> Stop {
        let mut offset = self.offset;
        let next = loop {
            match frame::next_frame(data, offset + 1, salt) {
                Some((at, found)) if found.head.seq > self.head.seq + 1 => break Some((at, found.head)),
                Some((at, _)) => offset = at,
                None => break None,
            }
        };
        Stop::Hole { seq: self.head.seq + 1, offset: self.offset, next }
    }
}

fn is_blank(data: &[u8], from: usize) -> bool {
    data.get(from..).unwrap_or_default().iter().all(|&byte| byte == 0)
}
