//! Healing: records that the log lost, taken from sled where the chain proves each of them.

use crate::{
    frame::{self, FrameHead, Look, Salt},
    head::Head,
    segment::SEGMENT_HEADER_BYTES,
    shelf::Store,
    walk::Walk,
};
use huying_domain::{ids::Seq, wire};

/// Records that were safe and are unreadable.
pub(crate) struct Hole {
    /// The first of them.
    pub(crate) seq: Seq,
    /// Where it ought to stand.
    pub(crate) offset: usize,
    /// The next frame that holds in the same segment.
    pub(crate) next: Option<(usize, FrameHead)>,
    /// The first seq of the next segment.
    pub(crate) next_first: Option<Seq>,
}

/// What goes into a hole.
pub(crate) struct Patch {
    pub(crate) bytes: Vec<u8>,
    pub(crate) records: u64,
}

/// Frames made of records.
pub(crate) struct Frames {
    pub(crate) bytes: Vec<u8>,
    pub(crate) offsets: Vec<usize>,
    pub(crate) last: Head,
    pub(crate) slot_max: Option<u32>,
}

/// The records, each proven by the chain; or the seq of the first that does not join.
pub(crate) fn chained(before: Head, records: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, Seq> {
    let mut head = before;
    for bytes in &records {
        let seq = head.seq + 1;
        let joins = wire::decode(bytes).is_ok_and(|record| record.prev == head.hash && record.seq == seq);
        if !joins || frame::prev_of(bytes) != Some(head.hash) {
            return Err(seq);
        }
        head = Head { seq, hash: wire::hash(bytes) };
    }
    Ok(records)
}

/// Frames for records that are one batch.
pub(crate) fn frames(before: Head, records: &[Vec<u8>], batch: u64, salt: Salt) -> Frames {
    let count = u32::try_from(records.len()).expect("a batch is small");
    let places = (0..count).map(|index| (batch, index, count));
    frames_at(before, records, &places.collect::<Vec<_>>(), salt)
}

fn frames_at(before: Head, records: &[Vec<u8>], places: &[(u64, u32, u32)], salt: Salt) -> Frames {
    let mut made = Frames { bytes: Vec::new(), offsets: Vec::new(), last: before, slot_max: None };
    for (bytes, &(batch, index, count)) in records.iter().zip(places) {
        let sealed = wire::decode(bytes).ok().and_then(|record| record.sealed);
        let slot = sealed.map(|sealed| sealed.slot);
        let (seq, hash) = (made.last.seq + 1, wire::hash(bytes));
        made.offsets.push(made.bytes.len());
        frame::put(&mut made.bytes, salt, &FrameHead { batch, seq, index, count, slot, hash }, bytes);
        made.slot_max = made.slot_max.max(slot);
        made.last = Head { seq, hash };
    }
    made
}

/// The bytes that fill a hole, if sled has records for all of it that chain at both ends and have the right
/// length.
pub(crate) fn patch(hole: &Hole, walk: &Walk, data: &[u8], salt: Salt, shelf: &Store) -> Option<Patch> {
    let next_seq = hole.next.map(|(_, head)| head.seq).or(hole.next_first)?;
    let wanted = usize::try_from(next_seq.checked_sub(hole.seq)?).ok()?;
    let records = chained(walk.head, shelf.bytes_from(hole.seq, wanted).ok()?).ok()?;
    if records.len() != wanted || wanted == 0 {
        return None;
    }
    let places = places(walk.last.as_ref(), hole.next.map(|(_, head)| head), u32::try_from(wanted).ok()?)?;
    let made = frames_at(walk.head, &records, &places, salt);
    let room = match hole.next {
        Some((at, _)) => {
            let Look::Frame(next) = frame::look(data, at, salt) else { return None };
            (frame::prev_of(next.bytes) == Some(made.last.hash)).then_some(at - hole.offset)
        }
        None => Some(data.len() - hole.offset.max(SEGMENT_HEADER_BYTES)),
    }?;
    let fits = if hole.next.is_some() { made.bytes.len() == room } else { made.bytes.len() <= room };
    let mut bytes = made.bytes;
    bytes.resize(room, 0);
    fits.then_some(Patch { bytes, records: wanted as u64 })
}

/// Batch, index and count for each frame of a hole. Where the borders of whole batches inside it are not
/// known any more, they become one: it was whole and synced all the same.
fn places(last: Option<&FrameHead>, next: Option<FrameHead>, wanted: u32) -> Option<Vec<(u64, u32, u32)>> {
    let last_batch = last.map_or(0, |last| last.batch);
    let mut places = Vec::new();
    if let Some(last) = last {
        let rest = (last.index + 1..last.count).take(wanted as usize);
        places.extend(rest.map(|index| (last.batch, index, last.count)));
    }
    let head = match next {
        Some(next) if next.batch != last_batch => {
            (0..next.index).map(|index| (next.batch, index, next.count)).collect()
        }
        _ => Vec::new(),
    };
    let middle = wanted.checked_sub(u32::try_from(places.len() + head.len()).ok()?)?;
    if middle > 0 && next.is_some_and(|next| next.batch <= last_batch + 1) {
        return None;
    }
    places.extend((0..middle).map(|index| (last_batch + 1, index, middle)));
    places.extend(head);
    Some(places)
}
