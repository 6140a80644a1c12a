//! The two copies of the key file, slot by slot: what one has lost is healed from the other.
//!
//! A slot of zeroes stays as it is. Zeroes are what an erasure leaves, and whose words nobody may read any more are not
//! made readable again because one byte of a list was lost: `verify` goes on naming the difference.

use crate::{
    disk::DiskFile,
    keys::{KEY_FILES, offset_of},
    seal::{self, MasterKey, WRAPPED_KEY_BYTES},
};
use std::io;

/// Slots that are compared at once.
const SLOTS_AT_ONCE: u32 = 16_384;

/// Heals the slots up to the last one in use, and says how many.
pub(crate) fn heal<F: DiskFile>(
    files: &[F; 2],
    master: &MasterKey,
    journal_id: &[u8; 16],
    used: Option<u32>,
) -> io::Result<u64> {
    let Some(last) = used else { return Ok(0) };
    let mut healed = 0;
    let mut first = 0;
    while first <= last {
        let count = SLOTS_AT_ONCE.min(last - first + 1);
        let read = |file: &F| file.bytes_at(offset_of(first), count as usize * WRAPPED_KEY_BYTES);
        let copies = [read(&files[0])?, read(&files[1])?];
        if copies[0] != copies[1] {
            for slot in first..first + count {
                let at = (slot - first) as usize * WRAPPED_KEY_BYTES;
                let [one, other] = copies.each_ref().map(|copy| wrapped_at(copy, at));
                for (copy, lost, kept) in [(0, one, other), (1, other, one)] {
                    let is_erased = |wrapped: &[u8]| wrapped.iter().all(|&byte| byte == 0);
                    let opens = |wrapped| seal::unwrap_key(master, journal_id, slot, wrapped).is_some();
                    let Some(kept) = kept.filter(|kept| opens(kept)) else { continue };
                    if lost.is_none_or(|lost| !is_erased(lost) && !opens(lost)) {
                        tracing::warn!(file = KEY_FILES[copy], slot, "key healed from the mirror");
                        files[copy].write_at(offset_of(slot), kept)?;
                        healed += 1;
                    }
                }
            }
        }
        first += count;
    }
    if healed > 0 {
        files[0].sync()?;
        files[1].sync()?;
    }
    Ok(healed)
}

/// A slot's bytes; none where the copy ends before it.
fn wrapped_at(copy: &[u8], at: usize) -> Option<&[u8]> {
    copy.get(at..at + WRAPPED_KEY_BYTES)
}
