//! The commit log: segments, appended to by one and read by many.

use crate::{
    disk::{Disk, DiskFile, Mode, write_zeroes},
    error::ReadError,
    frame::{self, FRAME_HEAD_BYTES, Look, Salt},
    head::Head,
    segment::{Identity, LOG_FOLDER, SEGMENT_HEADER_BYTES, SegmentHeader, in_log, segment_name},
    walk::INDEX_STRIDE_RECORDS,
};
use huying_domain::{
    ids::Seq,
    record::{Hash, RECORD_BYTES_MAX},
    wire,
};
use std::{
    io,
    ops::ControlFlow,
    sync::{Arc, Mutex, RwLock},
};

/// The file that becomes the next segment; a leftover is removed at start.
pub(crate) const SPARE_FILE: &str = "spare.tmp";
/// Bytes read at once in a bulk read.
const READ_CHUNK_BYTES: usize = 4 * 1024 * 1024;

/// One segment, open.
pub(crate) struct Segment<F> {
    pub(crate) first: Seq,
    pub(crate) file: F,
    /// Offsets of each [`INDEX_STRIDE_RECORDS`]th record from the first on.
    pub(crate) index: Mutex<Vec<u64>>,
}

/// All segments, oldest first.
pub(crate) struct Log<D: Disk> {
    pub(crate) disk: Arc<D>,
    pub(crate) identity: Identity,
    pub(crate) salt: Salt,
    segments: RwLock<Vec<Arc<Segment<D::File>>>>,
}

/// A batch as it goes to the disk.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The record before its first.
    pub(crate) before: Head,
    /// Its last record.
    pub(crate) last: Head,
    /// Its frames.
    pub(crate) frames: Vec<u8>,
    /// Offsets of its records within `frames`.
    pub(crate) offsets: Vec<usize>,
}

impl<D: Disk> Log<D> {
    pub(crate) fn new(disk: Arc<D>, identity: Identity, segments: Vec<Arc<Segment<D::File>>>) -> Self {
        let salt = Salt::of(&identity.journal_id);
        Self { disk, identity, salt, segments: RwLock::new(segments) }
    }

    /// The segments as they are now.
    pub(crate) fn segments(&self) -> Vec<Arc<Segment<D::File>>> {
        self.segments.read().expect("no thread panics while it holds the segments").clone()
    }

    fn push(&self, segment: Arc<Segment<D::File>>) {
        self.segments.write().expect("no thread panics while it holds the segments").push(segment);
    }

    /// Tells the bytes of each record from a seq up to another one, both included.
    pub(crate) fn read(
        &self,
        from: Seq,
        to: Seq,
        each: &mut dyn FnMut(Seq, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let segments = self.segments();
        let start = segments.partition_point(|segment| segment.first <= from).checked_sub(1);
        let start = start.ok_or(ReadError::NotThere(from))?;
        let mut next = from;
        for (place, segment) in segments.iter().enumerate().skip(start) {
            let end = segments.get(place + 1).map_or(to, |following| to.min(following.first - 1));
            if next > end {
                continue;
            }
            if self.read_segment(segment, next, end, each)?.is_break() {
                return Ok(());
            }
            next = end + 1;
            if next > to {
                return Ok(());
            }
        }
        Err(ReadError::NotThere(next))
    }

    /// The hash of one record, over its bytes as they stand.
    pub(crate) fn hash_of(&self, seq: Seq) -> Option<Hash> {
        let mut hash = None;
        let read = self.read(seq, seq, &mut |_, bytes| {
            hash = Some(wire::hash(bytes));
            ControlFlow::Break(())
        });
        read.ok().and(hash)
    }

    fn read_segment(
        &self,
        segment: &Segment<D::File>,
        from: Seq,
        to: Seq,
        each: &mut dyn FnMut(Seq, &[u8]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ReadError> {
        let (mut next, mut offset) = segment.near(from);
        let wanted = usize::try_from(to - from + 1).unwrap_or(usize::MAX);
        let chunk_bytes = if wanted > 256 { READ_CHUNK_BYTES } else { RECORD_BYTES_MAX / 4 };
        while next <= to {
            let mut chunk = segment.file.bytes_at(offset, chunk_bytes)?;
            if let Look::Bad = frame::look(&chunk, 0, self.salt) {
                chunk = segment.file.bytes_at(offset, RECORD_BYTES_MAX + FRAME_HEAD_BYTES)?;
            }
            let mut at = 0;
            while let Look::Frame(found) = frame::look(&chunk, at, self.salt) {
                if found.head.seq != next {
                    return Err(ReadError::Damaged(next));
                }
                if next >= from && each(next, found.bytes).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                at = found.end;
                next += 1;
                if next > to {
                    break;
                }
            }
            if at == 0 {
                return Err(ReadError::Damaged(next));
            }
            offset += at as u64;
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl<F> Segment<F> {
    /// The nearest record at or before a seq whose offset is known.
    fn near(&self, seq: Seq) -> (Seq, u64) {
        let index = self.index.lock().expect("no thread panics while it holds the index");
        let place =
            (seq.saturating_sub(self.first) / INDEX_STRIDE_RECORDS).min(index.len().saturating_sub(1) as u64);
        let offset = usize::try_from(place).ok().and_then(|place| index.get(place).copied());
        (self.first + place * INDEX_STRIDE_RECORDS, offset.unwrap_or(SEGMENT_HEADER_BYTES as u64))
    }
}

/// The one who appends.
pub(crate) struct Appender<D: Disk> {
    pub(crate) log: Arc<Log<D>>,
    pub(crate) segment_bytes: u64,
    segment: Arc<Segment<D::File>>,
    /// Where the next frame goes, and how long the file is.
    end: u64,
    length: u64,
    /// Records in the segment so far.
    records: u64,
}

impl<D: Disk> Appender<D> {
    /// Goes on behind what is there.
    pub(crate) fn after(log: Arc<Log<D>>, segment_bytes: u64, end: u64, last: Head) -> io::Result<Self> {
        let segment = log.segments().last().cloned().expect("a log has at least one segment");
        let length = segment.file.len()?;
        let records = last.seq + 1 - segment.first;
        Ok(Self { log, segment_bytes, segment, end, length, records })
    }

    /// Writes a batch and waits until it is on the platter.
    pub(crate) fn append(&mut self, batch: &Batch) -> io::Result<()> {
        let bytes = batch.frames.len() as u64;
        if !self.fits(batch.frames.len()) {
            self.roll(batch.before, bytes)?;
        }
        self.segment.file.write_at(self.end, &batch.frames)?;
        self.segment.file.sync()?;
        let mut index = self.segment.index.lock().expect("no thread panics while it holds the index");
        for &offset in &batch.offsets {
            if self.records.is_multiple_of(INDEX_STRIDE_RECORDS) {
                index.push(self.end + offset as u64);
            }
            self.records += 1;
        }
        drop(index);
        self.end += bytes;
        Ok(())
    }

    /// Whether so many bytes go into the segment that is open.
    pub(crate) const fn fits(&self, bytes: usize) -> bool {
        self.end + bytes as u64 <= self.length
    }

    /// Whether a spare segment will be wanted soon.
    pub(crate) const fn is_half_full(&self) -> bool {
        self.end > self.length / 2
    }

    /// Begins a new segment, or makes an empty one longer.
    fn roll(&mut self, before: Head, bytes: u64) -> io::Result<()> {
        let length = self.segment_bytes.max(SEGMENT_HEADER_BYTES as u64 + bytes);
        if self.records == 0 {
            write_zeroes(&self.segment.file, self.length, length)?;
            self.length = length;
            return self.segment.file.sync();
        }
        let file = make_segment(&*self.log.disk, self.log.identity, before, length)?;
        self.segment = Arc::new(Segment { first: before.seq + 1, file, index: Mutex::new(Vec::new()) });
        self.log.push(Arc::clone(&self.segment));
        self.length = self.segment.file.len()?;
        self.end = SEGMENT_HEADER_BYTES as u64;
        self.records = 0;
        Ok(())
    }
}

/// Makes a segment that begins behind a record, from the spare one if there is one that is long enough.
pub(crate) fn make_segment<D: Disk>(
    disk: &D,
    identity: Identity,
    before: Head,
    length: u64,
) -> io::Result<D::File> {
    let spare = in_log(SPARE_FILE);
    let file = match disk.open(&spare, Mode::Write) {
        Ok(file) if file.len()? >= length => file,
        _ => make_spare(disk, length)?,
    };
    let header = SegmentHeader { identity, first: before.seq + 1, prev: before.hash };
    file.write_at(0, &header.encode())?;
    file.sync()?;
    disk.rename(&spare, &in_log(&segment_name(header.first)))?;
    disk.sync_dir(LOG_FOLDER)?;
    Ok(file)
}

/// Makes a file of zeroes that will become a segment.
pub(crate) fn make_spare<D: Disk>(disk: &D, length: u64) -> io::Result<D::File> {
    let file = disk.open(&in_log(SPARE_FILE), Mode::Create)?;
    write_zeroes(&file, 0, length)?;
    file.sync()?;
    Ok(file)
}
