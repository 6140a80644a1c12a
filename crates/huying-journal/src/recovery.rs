//! Opening: what is found is made whole before anything is answered, or the journal does not open.
//!
//! In this order: the lock; the segments, walked frame by frame with the chain, holes healed from sled, a
//! torn tail cut; the last batch written anew and synced; records that only sled still has put back; the head
//! that was kept apart compared; the keys; sled brought up to date or built anew. Each step may be cut off by
//! a crash and is simply done again by the next start.

use crate::{
    disk::{Disk, DiskFile, Mode, is_full, write_zeroes},
    error::OpenError,
    frame::Salt,
    head::{self, Head, HeadFound},
    heal,
    journal::{Options, Shelf},
    log::{Appender, Batch, Log, Segment, make_segment},
    segment::{
        HeaderError, Identity, LOG_FOLDER, SEGMENT_HEADER_BYTES, SegmentHeader, first_of_name, in_log,
        segment_name,
    },
    shelf::Store,
    shelving::{self, ShelfFound},
    walk::{Stop, Walk},
};
use huying_domain::ids::Seq;
use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex},
};

/// Records put back into the log, or applied to sled, at once.
pub(crate) const RECOVERY_BATCH_RECORDS: usize = 512;

/// What was found at start and what was done about it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Whose journal it is.
    pub identity: Identity,
    /// Whether it was made just now.
    pub created: bool,
    /// The last record.
    pub head: Head,
    /// Readable records of a batch that was never whole and was cut; nobody had been answered.
    pub torn_records: u64,
    /// Bytes cut with it.
    pub torn_bytes: u64,
    /// Damaged records of the log that were healed from sled.
    pub healed_records: u64,
    /// Segment headers that were written anew.
    pub healed_headers: u64,
    /// Records that only sled still had, put back into the log.
    pub put_back_records: u64,
    /// Records that sled did not have yet.
    pub shelved_records: u64,
    /// Half-written snapshots of sled that were removed.
    pub half_snapshots_removed: usize,
    /// Where sled's folder went when it could not be used and was built anew.
    pub shelf_moved_to: Option<PathBuf>,
}

/// What recovery hands to the journal.
pub(crate) struct Recovered<D: Disk> {
    pub(crate) appender: Appender<D>,
    pub(crate) shelf: Option<Store>,
    pub(crate) batch: u64,
    pub(crate) slot_max: Option<u32>,
    pub(crate) opened: Opened,
}

/// The segments, walked.
struct Walked<F> {
    walk: Walk,
    segments: Vec<Arc<Segment<F>>>,
    /// Segment, first byte and end of the last batch.
    last_batch: Option<(usize, usize, usize)>,
}

/// Makes whole what is there.
pub(crate) fn recover<D: Disk>(disk: &Arc<D>, options: &mut Options) -> Result<Recovered<D>, OpenError> {
    let firsts = list_segments(&**disk)?;
    let mut found = match (&options.shelf, disk.folder()) {
        (Shelf::Sled { cache_bytes }, Some(dir)) => shelving::find(dir, *cache_bytes)?,
        _ => ShelfFound::none(),
    };
    let known = match read_identity(&**disk, &firsts)? {
        Some(identity) => Some(identity),
        None => found.identity()?,
    };
    let created = known.is_none();
    let identity = match known {
        Some(identity) => identity,
        None if firsts.is_empty() => new_identity(&**disk, options)?,
        None => return Err(OpenError::Damaged { seq: firsts[0], file: segment_name(firsts[0]), offset: 0 }),
    };
    if identity.clock_kind != options.clock_kind {
        return Err(OpenError::Clock { found: identity.clock_kind, asked: options.clock_kind });
    }
    let mut opened = Opened::new(identity, created, found.half_snapshots_removed);
    let mut walked = walk_all(disk, identity, &firsts, found.shelf.as_ref(), &mut opened)?;
    if walked.segments.is_empty() {
        let file = make_segment(&**disk, identity, Head::START, options.segment_bytes)
            .map_err(|error| full_or_failed(error, options.segment_bytes))?;
        walked.segments.push(Arc::new(Segment { first: 1, file, index: Mutex::new(Vec::new()) }));
    }
    settle(&**disk, &walked)?;
    let Walked { walk, segments, .. } = walked;
    let log = Arc::new(Log::new(Arc::clone(disk), identity, segments));
    let mut appender = Appender::after(log, options.segment_bytes, walk.offset as u64, walk.head)?;
    let mut end =
        End { head: walk.head, batch: walk.last.map_or(0, |last| last.batch), slot_max: walk.slot_max };
    if let Some(shelf) = &found.shelf {
        opened.put_back_records = put_back(shelf, &mut appender, &mut end)?;
    }
    check_head(&**disk, &appender.log, end.head)?;
    if let Some(dir) = disk.folder() {
        found.catch_up(dir, &appender.log, end.head, &mut opened)?;
    }
    opened.head = end.head;
    Ok(Recovered { appender, shelf: found.shelf, batch: end.batch, slot_max: end.slot_max, opened })
}

/// For a restore: cuts a torn tail and begins a segment of the next epoch.
pub(crate) fn raise_epoch<D: Disk + Clone>(disk: &D) -> Result<(Log<D>, Head), OpenError> {
    let disk = Arc::new(disk.clone());
    let firsts = list_segments(&*disk)?;
    let found = read_identity(&*disk, &firsts)?;
    let damaged = || OpenError::Damaged { seq: 1, file: segment_name(1), offset: 0 };
    let mut identity = found.ok_or_else(damaged)?;
    let mut opened = Opened::new(identity, false, 0);
    let mut walked = walk_all(&disk, identity, &firsts, None, &mut opened)?;
    identity.epoch += 1;
    let head = walked.walk.head;
    let file = make_segment(&*disk, identity, head, SEGMENT_HEADER_BYTES as u64)?;
    if firsts.last() == Some(&(head.seq + 1)) {
        walked.segments.pop();
    }
    walked.segments.push(Arc::new(Segment { first: head.seq + 1, file, index: Mutex::new(Vec::new()) }));
    check_head(&*disk, &Log::new(Arc::clone(&disk), identity, walked.segments.clone()), head)?;
    Ok((Log::new(disk, identity, walked.segments), head))
}

impl Opened {
    const fn new(identity: Identity, created: bool, half_snapshots_removed: usize) -> Self {
        Self {
            identity,
            created,
            head: Head::START,
            torn_records: 0,
            torn_bytes: 0,
            healed_records: 0,
            healed_headers: 0,
            put_back_records: 0,
            shelved_records: 0,
            half_snapshots_removed,
            shelf_moved_to: None,
        }
    }
}

/// Where the log ends.
struct End {
    head: Head,
    batch: u64,
    slot_max: Option<u32>,
}

fn full_or_failed(error: io::Error, segment_bytes: u64) -> OpenError {
    if is_full(&error) {
        OpenError::DiskFull { segment_bytes, source: error }
    } else {
        OpenError::Disk(error)
    }
}

/// First seqs of the segments, in order; leftovers of a roll that a crash cut off are removed.
fn list_segments<D: Disk>(disk: &D) -> Result<Vec<Seq>, OpenError> {
    let mut firsts = Vec::new();
    for name in disk.list(LOG_FOLDER)? {
        if name.ends_with(".tmp") {
            disk.remove(&in_log(&name))?;
        }
        firsts.extend(first_of_name(&name));
    }
    Ok(firsts)
}

/// The journal that the segments belong to, with the highest epoch; `None` when no header can be read.
pub(crate) fn read_identity<D: Disk>(disk: &D, firsts: &[Seq]) -> Result<Option<Identity>, OpenError> {
    let mut identity: Option<Identity> = None;
    for &first in firsts {
        let name = segment_name(first);
        let page = disk.open(&in_log(&name), Mode::Read)?.bytes_at(0, SEGMENT_HEADER_BYTES)?;
        match SegmentHeader::decode(&page) {
            Ok(header) => {
                let foreign = identity.is_some_and(|known| known.journal_id != header.identity.journal_id);
                if foreign || header.first != first {
                    return Err(OpenError::Foreign { file: name });
                }
                identity = Some(header.identity);
            }
            Err(HeaderError::Damaged) => {}
            Err(HeaderError::Newer(_) | HeaderError::ForeignHash) => {
                return Err(OpenError::Foreign { file: name });
            }
        }
    }
    Ok(identity)
}

/// Makes a journal where there is none. A head file that was written speaks of records that are gone.
fn new_identity<D: Disk>(disk: &D, options: &mut Options) -> Result<Identity, OpenError> {
    if let Some(head) = head::raw(disk)? {
        return Err(OpenError::Lost { seq: 1, head });
    }
    let mut journal_id = [0; 16];
    (options.entropy)(&mut journal_id);
    Ok(Identity { journal_id, epoch: 1, clock_kind: options.clock_kind, created: options.now })
}

fn walk_all<D: Disk>(
    disk: &Arc<D>,
    identity: Identity,
    firsts: &[Seq],
    shelf: Option<&Store>,
    opened: &mut Opened,
) -> Result<Walked<D::File>, OpenError> {
    let mut walked = Walked { walk: Walk::new(), segments: Vec::new(), last_batch: None };
    let safe = match head::read(&**disk, identity.journal_id)? {
        HeadFound::Head(known) => known.seq,
        HeadFound::Nothing | HeadFound::Unreadable => 0,
    };
    let in_shelf = shelf.and_then(|shelf| shelf.applied().ok().flatten()).map_or(0, |applied| applied.seq);
    let may_cut_behind = if in_shelf >= safe { 0 } else { safe };
    for (place, &first) in firsts.iter().enumerate() {
        let name = segment_name(first);
        if first != walked.walk.head.seq + 1 {
            let seq = walked.walk.head.seq + 1;
            return Err(OpenError::Damaged { seq, file: name, offset: 0 });
        }
        let file = disk.open(&in_log(&name), Mode::Write)?;
        let mut segment = Walker {
            file,
            name,
            next_first: firsts.get(place + 1).copied(),
            may_cut_behind,
            salt: Salt::of(&identity.journal_id),
        };
        segment.run(&mut walked.walk, identity, shelf, opened)?;
        if let Some(from) = walked.walk.batch_start {
            walked.last_batch = Some((place, from, walked.walk.offset));
        }
        let index = Mutex::new(std::mem::take(&mut walked.walk.index));
        walked.segments.push(Arc::new(Segment { first, file: segment.file, index }));
    }
    Ok(walked)
}

/// One segment while it is walked.
struct Walker<F> {
    file: F,
    name: String,
    next_first: Option<Seq>,
    salt: Salt,
    /// What looks like a torn tail may go only behind this record: the head file knows it to have been safe, and
    /// sled does not have it. Before it, it is the damaged rest of something that was answered.
    may_cut_behind: Seq,
}

impl<F: DiskFile> Walker<F> {
    fn run(
        &mut self,
        walk: &mut Walk,
        identity: Identity,
        shelf: Option<&Store>,
        opened: &mut Opened,
    ) -> Result<(), OpenError> {
        let length = usize::try_from(self.file.len()?).map_err(io::Error::other)?;
        let mut data = self.file.bytes_at(0, length)?;
        self.check_header(&mut data, walk.head, identity, opened)?;
        walk.enter_segment();
        let at_start = walk.clone();
        loop {
            let stop = walk.run(&data, self.salt, &mut |_| {});
            let complete = self.next_first.is_none_or(|next| next == walk.head.seq + 1);
            let (seq, offset, next) = match (stop, self.next_first) {
                (Stop::Clean, _) if complete => return Ok(()),
                (Stop::Torn { .. }, Some(_)) if complete && walk.is_whole() => return Ok(()),
                (Stop::Torn { from, to }, None) => {
                    let kept = if walk.is_whole() { walk.head } else { walk.before_batch };
                    if kept.seq < self.may_cut_behind {
                        return Err(self.damaged(kept.seq + 1, from));
                    }
                    self.cut(&mut data, from, to)?;
                    opened.torn_bytes += (to - from) as u64;
                    if !walk.is_whole() {
                        opened.torn_records += walk.head.seq - walk.before_batch.seq;
                    }
                    walk.clone_from(&at_start);
                    continue;
                }
                (Stop::Hole { seq, offset, next }, _) => (seq, offset, next),
                (Stop::Clean | Stop::Torn { .. }, _) => (walk.head.seq + 1, walk.offset, None),
            };
            let hole = heal::Hole { seq, offset, next, next_first: self.next_first };
            let patch = shelf.and_then(|shelf| heal::patch(&hole, walk, &data, self.salt, shelf));
            let patch = patch.ok_or_else(|| self.damaged(seq, offset))?;
            self.file.write_at(offset as u64, &patch.bytes)?;
            self.file.sync()?;
            data[offset..offset + patch.bytes.len()].copy_from_slice(&patch.bytes);
            opened.healed_records += patch.records;
        }
    }

    fn damaged(&self, seq: Seq, offset: usize) -> OpenError {
        OpenError::Damaged { seq, file: self.name.clone(), offset: offset as u64 }
    }

    /// Takes a torn batch away.
    fn cut(&self, data: &mut [u8], from: usize, to: usize) -> Result<(), OpenError> {
        write_zeroes(&self.file, from as u64, to as u64)?;
        self.file.sync()?;
        data[from..to].fill(0);
        Ok(())
    }

    /// Checks that the segment goes on where the one before ended; a damaged header is written anew, for all
    /// that it says is known.
    fn check_header(
        &self,
        data: &mut Vec<u8>,
        before: Head,
        identity: Identity,
        opened: &mut Opened,
    ) -> Result<(), OpenError> {
        match SegmentHeader::decode(data) {
            Ok(header) if header.prev == before.hash => Ok(()),
            Ok(_) => Err(OpenError::Damaged { seq: before.seq + 1, file: self.name.clone(), offset: 64 }),
            Err(_) => {
                let header = SegmentHeader { identity, first: before.seq + 1, prev: before.hash }.encode();
                self.file.write_at(0, &header)?;
                self.file.sync()?;
                data.resize(data.len().max(header.len()), 0);
                data[..header.len()].copy_from_slice(&header);
                opened.healed_headers += 1;
                Ok(())
            }
        }
    }
}

/// The last batch may stand in the machine's memory only: writes it anew and syncs, names included.
fn settle<D: Disk>(disk: &D, walked: &Walked<D::File>) -> Result<(), OpenError> {
    if let Some((place, from, to)) = walked.last_batch {
        let file = &walked.segments[place].file;
        let bytes = file.bytes_at(from as u64, to - from)?;
        file.write_at(from as u64, &bytes)?;
        file.sync()?;
    }
    if let Some(last) = walked.segments.last() {
        last.file.sync()?;
    }
    disk.sync_dir(LOG_FOLDER)?;
    Ok(())
}

/// sled ahead means that the log lost its tail: puts those records back where the chain joins.
fn put_back<D: Disk>(shelf: &Store, appender: &mut Appender<D>, end: &mut End) -> Result<u64, OpenError> {
    let Some(applied) = shelf.applied().map_err(OpenError::Shelf)? else { return Ok(0) };
    let first = end.head.seq + 1;
    while end.head.seq < applied.seq {
        let seq = end.head.seq + 1;
        let records = shelf.bytes_from(seq, RECOVERY_BATCH_RECORDS).unwrap_or_default();
        let records = heal::chained(end.head, records).map_err(|seq| OpenError::ShelfForeign { seq })?;
        if records.is_empty() {
            return Err(OpenError::ShelfForeign { seq });
        }
        let before = end.head;
        let frames = heal::frames(before, &records, end.batch + 1, appender.log.salt);
        end.head = frames.last;
        end.batch += 1;
        end.slot_max = end.slot_max.max(frames.slot_max);
        let batch = Batch { before, last: frames.last, frames: frames.bytes, offsets: frames.offsets };
        appender.append(&batch).map_err(|error| full_or_failed(error, appender.segment_bytes))?;
    }
    Ok(end.head.seq + 1 - first)
}

/// The head kept apart may lag; ahead of the log means a loss, another hash means another history.
fn check_head<D: Disk>(disk: &D, log: &Log<D>, end: Head) -> Result<(), OpenError> {
    let known = match head::read(disk, log.identity.journal_id)? {
        HeadFound::Head(known) if known.seq > 0 => known,
        HeadFound::Head(_) | HeadFound::Nothing => return Ok(()),
        HeadFound::Unreadable => {
            tracing::warn!("head file is unreadable and is written anew");
            return Ok(());
        }
    };
    if known.seq > end.seq {
        return Err(OpenError::Lost { seq: end.seq + 1, head: known });
    }
    let same = log.hash_of(known.seq).is_some_and(|hash| hash == known.hash);
    if same { Ok(()) } else { Err(OpenError::ForeignHead { seq: known.seq }) }
}
