//! The list of erased keys. Its form stands in [`crate::keys`].
//!
//! An entry names a key by the hash of its wrapping, or by the hash of the key itself: the first is found without a
//! master key, the second under whichever master key the key was wrapped. Whoever has the list learns nothing: a key
//! is 32 random bytes and cannot be found by trying.

use crate::{
    disk::{Disk, DiskFile, Mode},
    frame::number32,
    keys::{KEYS_FOLDER, read_all},
    seal::SecretKey,
};
use sha2::{Digest as _, Sha256};
use std::io;

/// Name of the list in the keys' folder.
pub(crate) const ERASED_FILE: &str = "erased";
const ENTRY_BYTES: usize = 40;

/// One erased key: its slot, and the hash of the wrapping that stood there, or of the key in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Erasure {
    pub(crate) slot: u32,
    pub(crate) hash: [u8; 32],
}

impl Erasure {
    pub(crate) fn of(slot: u32, wrapped: &[u8]) -> Self {
        Self { slot, hash: Sha256::digest(wrapped).into() }
    }

    /// The entry that names the key itself.
    pub(crate) fn of_key(journal_id: &[u8; 16], slot: u32, key: &SecretKey) -> Self {
        let hash = Sha256::new_with_prefix(b"huying.erased.v1").chain_update(journal_id);
        Self { slot, hash: hash.chain_update(slot.to_be_bytes()).chain_update(key.0).finalize().into() }
    }

    fn encode(&self) -> [u8; ENTRY_BYTES] {
        let mut entry = [0; ENTRY_BYTES];
        entry[..4].copy_from_slice(&self.slot.to_le_bytes());
        entry[8..].copy_from_slice(&self.hash);
        let crc = self.checksum();
        entry[4..8].copy_from_slice(&crc.to_le_bytes());
        entry
    }

    fn checksum(&self) -> u32 {
        crc32c::crc32c_append(crc32c::crc32c(&self.slot.to_le_bytes()), &self.hash)
    }
}

/// The entries of a list. One that does not hold was cut off while it was written, and nothing was zeroed by
/// it.
pub(crate) fn parse(list: &[u8]) -> Vec<Erasure> {
    let entries = list.chunks_exact(ENTRY_BYTES).filter_map(|entry| {
        let hash = entry[8..].try_into().expect("an entry ends with 32 bytes");
        let erasure = Erasure { slot: number32(entry, 0), hash };
        (erasure.checksum() == number32(entry, 4)).then_some(erasure)
    });
    entries.collect()
}

/// The journal's list.
pub(crate) fn read<D: Disk>(disk: &D) -> io::Result<Vec<Erasure>> {
    Ok(parse(&read_all(disk, ERASED_FILE)?.unwrap_or_default()))
}

/// Adds an entry and waits until it is safe.
pub(crate) fn append<D: Disk>(disk: &D, erasure: &Erasure) -> io::Result<()> {
    let name = format!("{KEYS_FOLDER}/{ERASED_FILE}");
    let file = match disk.open(&name, Mode::Write) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => disk.open(&name, Mode::Create),
        opened => opened,
    }?;
    let end = file.len()?.next_multiple_of(ENTRY_BYTES as u64);
    file.write_at(end, &erasure.encode())?;
    file.sync()?;
    disk.sync_dir(KEYS_FOLDER)
}
