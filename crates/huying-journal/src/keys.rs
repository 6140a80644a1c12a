//! The keys of personal data: two copies of a file of fixed slots, one key a case. Its form is frozen.
//!
//! `keys/a.keys` and `keys/b.keys` hold the same. Keys are made in blocks and synced in both copies *before*
//! the first record is sealed under one of them. Slots behind the greatest one that the log names were never
//! used by a record that is safe; they are made anew at the next start.
//!
//! | offset | bytes | what (numbers are little-endian) |
//! |---|---|---|
//! | 0 | 8 | `HUYINGKY` |
//! | 8 | 4 | version of the form, 1 |
//! | 12 | 4 | CRC-32C over bytes 16–111 |
//! | 16 | 16 | the journal's id |
//! | 32 | 4 | bytes of a slot, 72 |
//! | 36 | 4 | zero |
//! | 40 | 72 | the digest key, wrapped as slot 0xFFFFFFFF |
//! | 112 | 3984 | zero |
//! | 4096 + 72 n | 72 | key n: nonce 24, ciphertext 32, tag 16; all zero when erased |
//!
//! A key is wrapped by the master key with XChaCha20-Poly1305, bound to `huying.key.v1`, the journal's id and
//! the slot (big-endian). [`crate::rotation`] puts another master key in force.
//!
//! `keys/erased` lists what was erased: entries of 40 bytes, slot 4, CRC-32C of the other 36 bytes 4, and a hash
//! of 32: one entry with the SHA-256 of the slot's 72 bytes, one with that of the key itself (see
//! [`crate::erasure`]). The list is written first: an erasure that was cut off is finished at the next start, and
//! a restore applies the list. It names a key by its hash, so that a slot that was made anew is never taken for
//! the one that was erased, and by the key's own, so that it is found under whichever master key it was wrapped.

use crate::{
    disk::{Disk, DiskFile, Mode, put_file},
    erasure::{self, Erasure},
    error::KeyError,
    frame::number32,
    mirror,
    rotation::{self, Rewrap, Rotated},
    seal::{self, Entropy, KEY_BYTES, MasterKey, SecretKey, WRAPPED_KEY_BYTES},
};
use hmac::{Hmac, Mac};
use huying_domain::{
    command::Digest,
    ids::CaseId,
    private::Private,
    record::{CommandId, Record, Sealed},
};
use sha2::Sha256;
use std::collections::BTreeMap;

/// Keys made at once, in both copies, before the first of them is used.
pub const KEY_BLOCK_SLOTS: u32 = 1024;
/// Keys kept unwrapped in memory.
const KEYS_CACHED_MAX: usize = 4096;
/// The folder of the key files.
pub const KEYS_FOLDER: &str = "keys";
/// The two copies.
pub const KEY_FILES: [&str; 2] = ["a.keys", "b.keys"];
/// Bytes before the first slot.
pub const KEYS_HEADER_BYTES: usize = 4096;
/// The slot number that the digest key is wrapped as.
pub(crate) const DIGEST_SLOT: u32 = u32::MAX;
const MAGIC: &[u8; 8] = b"HUYINGKY";
const VERSION: u32 = 1;

/// The key files, open.
pub(crate) struct Keys<D: Disk> {
    disk: std::sync::Arc<D>,
    files: [D::File; 2],
    journal_id: [u8; 16],
    master: MasterKey,
    /// HMAC under the digest key, its key schedule done once.
    digest: Hmac<Sha256>,
    next_slot: u32,
    made: u32,
    cache: BTreeMap<u32, SecretKey>,
    entropy: Entropy,
}

/// What a slot holds.
pub(crate) enum Slot {
    /// A key.
    Key(SecretKey),
    /// Zeroes, in at least one copy: it was erased.
    Erased,
}

impl<D: Disk> Keys<D> {
    /// Opens the key files of a journal, making them for one that has nothing sealed yet, healing one copy
    /// from the other, finishing erasures that were cut off.
    pub(crate) fn open(
        disk: std::sync::Arc<D>,
        journal_id: [u8; 16],
        master: MasterKey,
        mut entropy: Entropy,
        used: Option<u32>,
    ) -> Result<Self, KeyError> {
        let headers = read_headers(&*disk)?;
        let opened = headers.iter().map(|header| {
            let header = header.as_deref()?;
            let wrapped = check_header(header, &journal_id)?;
            seal::unwrap_key(&master, &journal_id, DIGEST_SLOT, wrapped)
        });
        let opened: Vec<Option<SecretKey>> = opened.collect();
        let digest_key = match (opened.iter().flatten().next(), &headers) {
            (Some(key), _) => key.clone(),
            (None, [None, None]) if used.is_none() => make_files(&*disk, &journal_id, &master, &mut entropy)?,
            (None, [None, None]) => return Err(KeyError::Missing),
            (None, _) => return Err(KeyError::Unopenable),
        };
        for (copy, other) in [(0, 1), (1, 0)] {
            if opened[copy].is_none() && opened[other].is_some() {
                tracing::warn!(file = KEY_FILES[copy], "key file healed from its mirror");
                let whole = read_all(&*disk, KEY_FILES[other])?.unwrap_or_default();
                put_file(&*disk, KEYS_FOLDER, KEY_FILES[copy], &whole)?;
            }
        }
        let next_slot = used.map_or(0, |used| used + 1);
        let open = |name: &str| disk.open(&format!("{KEYS_FOLDER}/{name}"), Mode::Write);
        let files = [open(KEY_FILES[0])?, open(KEY_FILES[1])?];
        let cache = BTreeMap::new();
        let digest = Hmac::new_from_slice(&digest_key.0).expect("HMAC takes keys of any length");
        let keys =
            Self { disk, files, journal_id, master, digest, next_slot, made: next_slot, cache, entropy };
        for erasure in erasure::read(&*keys.disk)? {
            keys.finish(&erasure)?;
        }
        mirror::heal(&keys.files, &keys.master, &journal_id, used)?;
        Ok(keys)
    }

    /// The next slot that no case has, its key safe in both copies.
    pub(crate) fn new_slot(&mut self) -> Result<u32, KeyError> {
        if self.next_slot == self.made {
            self.make_block()?;
        }
        let slot = self.next_slot;
        self.next_slot += 1;
        Ok(slot)
    }

    fn make_block(&mut self) -> Result<(), KeyError> {
        let mut block = Vec::with_capacity(KEY_BLOCK_SLOTS as usize * WRAPPED_KEY_BYTES);
        for slot in self.made..self.made + KEY_BLOCK_SLOTS {
            let wrapped = seal::new_wrapped(&self.master, &self.journal_id, slot, &mut self.entropy);
            block.extend_from_slice(&wrapped);
        }
        for file in &self.files {
            file.write_at(offset_of(self.made), &block)?;
            file.sync()?;
        }
        self.made += KEY_BLOCK_SLOTS;
        Ok(())
    }

    /// What a slot holds; the mirror answers where the first copy does not.
    pub(crate) fn slot(&mut self, slot: u32) -> Result<Slot, KeyError> {
        if let Some(key) = self.cache.get(&slot) {
            return Ok(Slot::Key(key.clone()));
        }
        let mut zeroed = false;
        for file in &self.files {
            let wrapped = file.bytes_at(offset_of(slot), WRAPPED_KEY_BYTES)?;
            if let Some(key) = seal::unwrap_key(&self.master, &self.journal_id, slot, &wrapped) {
                if self.cache.len() >= KEYS_CACHED_MAX {
                    self.cache.pop_first();
                }
                self.cache.insert(slot, key.clone());
                return Ok(Slot::Key(key));
            }
            zeroed |= wrapped.len() == WRAPPED_KEY_BYTES && wrapped.iter().all(|&byte| byte == 0);
        }
        if zeroed { Ok(Slot::Erased) } else { Err(KeyError::SlotUnreadable(slot)) }
    }

    /// Seals personal data; `None` when the slot was erased.
    pub(crate) fn seal(
        &mut self,
        slot: u32,
        case: CaseId,
        command: CommandId,
        private: &Private,
    ) -> Result<Option<Sealed>, KeyError> {
        let Slot::Key(key) = self.slot(slot)? else { return Ok(None) };
        Ok(Some(seal::seal(&key, slot, case, command, private, &mut self.entropy)))
    }

    /// Opens what a record sealed; `None` when nothing was, or the key is gone.
    pub(crate) fn open_sealed(&mut self, case: CaseId, record: &Record) -> Result<Option<Private>, KeyError> {
        let Some(sealed) = &record.sealed else { return Ok(None) };
        match self.slot(sealed.slot)? {
            Slot::Key(key) => seal::open(&key, case, record, sealed).map(Some),
            Slot::Erased => Ok(None),
        }
    }

    /// Destroys a key: lists it, zeroes it in both copies, each step synced. Nothing happens a second time.
    pub(crate) fn erase(&mut self, slot: u32) -> Result<(), KeyError> {
        self.cache.remove(&slot);
        let mut listed = Vec::new();
        for file in &self.files {
            let wrapped = file.bytes_at(offset_of(slot), WRAPPED_KEY_BYTES)?;
            if wrapped.iter().all(|&byte| byte == 0) {
                continue;
            }
            let key = seal::unwrap_key(&self.master, &self.journal_id, slot, &wrapped);
            let of_key = key.map(|key| Erasure::of_key(&self.journal_id, slot, &key));
            for erasure in of_key.into_iter().chain([Erasure::of(slot, &wrapped)]) {
                if !listed.contains(&erasure) {
                    erasure::append(&*self.disk, &erasure)?;
                    listed.push(erasure);
                }
            }
        }
        for erasure in &listed {
            self.finish(erasure)?;
        }
        Ok(())
    }

    /// Zeroes the slot wherever it still holds the key that was listed, or what a cut of power left of it.
    fn finish(&self, erasure: &Erasure) -> Result<(), KeyError> {
        for file in &self.files {
            let wrapped = file.bytes_at(offset_of(erasure.slot), WRAPPED_KEY_BYTES)?;
            let holds = wrapped.iter().any(|&byte| byte != 0);
            let key = seal::unwrap_key(&self.master, &self.journal_id, erasure.slot, &wrapped);
            let is_meant = match &key {
                Some(key) => Erasure::of_key(&self.journal_id, erasure.slot, key) == *erasure,
                None => holds,
            };
            if Erasure::of(erasure.slot, &wrapped) == *erasure || is_meant {
                file.write_at(offset_of(erasure.slot), &[0; WRAPPED_KEY_BYTES])?;
                file.sync()?;
            }
        }
        Ok(())
    }

    /// Wraps every key by a new master key; see [`crate::rotation`]. What is in memory is of no use afterwards.
    pub(crate) fn rotate(&mut self) -> Result<Rotated, KeyError> {
        self.cache.clear();
        let (files, journal_id, old, used) = (&self.files, &self.journal_id, &self.master, self.next_slot);
        Rewrap { disk: &*self.disk, files, journal_id, old, used, entropy: &mut self.entropy }.run()
    }

    /// The keyed digest of a command's body.
    pub(crate) fn digest(&self, body: &[u8]) -> Digest {
        let mut mac = self.digest.clone();
        mac.update(body);
        let whole = mac.finalize().into_bytes();
        Digest(whole[..16].try_into().expect("SHA-256 has more than 16 bytes"))
    }
}

/// Where a slot stands in either copy.
pub(crate) const fn offset_of(slot: u32) -> u64 {
    KEYS_HEADER_BYTES as u64 + slot as u64 * WRAPPED_KEY_BYTES as u64
}

fn make_files<D: Disk>(
    disk: &D,
    journal_id: &[u8; 16],
    master: &MasterKey,
    entropy: &mut Entropy,
) -> Result<SecretKey, KeyError> {
    let wrapped = seal::new_wrapped(master, journal_id, DIGEST_SLOT, entropy);
    let header = header_of(journal_id, &wrapped);
    for name in KEY_FILES {
        put_file(disk, KEYS_FOLDER, name, &header)?;
    }
    seal::unwrap_key(master, journal_id, DIGEST_SLOT, &wrapped).ok_or(KeyError::Unopenable)
}

/// What stands before the first slot.
pub(crate) fn header_of(journal_id: &[u8; 16], wrapped: &[u8; WRAPPED_KEY_BYTES]) -> Vec<u8> {
    let mut header = vec![0; KEYS_HEADER_BYTES];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    header[16..32].copy_from_slice(journal_id);
    header[32..36].copy_from_slice(&u32::try_from(WRAPPED_KEY_BYTES).expect("72 fits").to_le_bytes());
    header[40..112].copy_from_slice(wrapped);
    let crc = crc32c::crc32c(&header[16..112]);
    header[12..16].copy_from_slice(&crc.to_le_bytes());
    header
}

/// The wrapped digest key of a header that holds and belongs to this journal.
pub(crate) fn check_header<'a>(header: &'a [u8], journal_id: &[u8; 16]) -> Option<&'a [u8]> {
    let holds = header.len() == KEYS_HEADER_BYTES
        && &header[..8] == MAGIC
        && number32(header, 8) == VERSION
        && number32(header, 12) == crc32c::crc32c(&header[16..112])
        && header[16..32] == journal_id[..]
        && number32(header, 32) as usize == WRAPPED_KEY_BYTES;
    holds.then(|| &header[40..112])
}

/// The journal that a header says it belongs to.
pub(crate) fn journal_of(header: &[u8]) -> Option<&[u8; 16]> {
    header.get(16..32)?.try_into().ok()
}

fn read_headers<D: Disk>(disk: &D) -> Result<[Option<Vec<u8>>; 2], KeyError> {
    let read = |name: &str| match disk.open(&format!("{KEYS_FOLDER}/{name}"), Mode::Read) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        opened => opened?.bytes_at(0, KEYS_HEADER_BYTES).map(Some),
    };
    Ok([read(KEY_FILES[0])?, read(KEY_FILES[1])?])
}

/// A file of the keys' folder, whole; `None` when it is not there.
pub(crate) fn read_all<D: Disk>(disk: &D, name: &str) -> std::io::Result<Option<Vec<u8>>> {
    match disk.open(&format!("{KEYS_FOLDER}/{name}"), Mode::Read) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        opened => {
            let file = opened?;
            let length = usize::try_from(file.len()?).map_err(std::io::Error::other)?;
            file.bytes_at(0, length).map(Some)
        }
    }
}

/// The name of the master key's file.
pub const MASTER_FILE: &str = "master.key";

impl MasterKey {
    /// Reads `keys/master.key`, making it at the first start. Whoever runs the city keeps a copy elsewhere:
    /// without it no sealed word can be read again. A rotation that was cut off is finished first.
    pub fn load_or_create<D: Disk>(disk: &D, entropy: &mut Entropy) -> Result<Self, KeyError> {
        rotation::finish_if_cut_off(disk)?;
        if let Some(bytes) = read_all(disk, MASTER_FILE)? {
            return bytes.try_into().map(Self).map_err(|_| KeyError::MasterMalformed);
        }
        let wrapped_before = disk.list(KEYS_FOLDER)?.iter().any(|name| KEY_FILES.contains(&name.as_str()));
        if wrapped_before {
            return Err(KeyError::MasterMissing);
        }
        let mut master = Self([0; KEY_BYTES]);
        entropy(&mut master.0);
        put_file(disk, KEYS_FOLDER, MASTER_FILE, &master.0)?;
        Ok(master)
    }
}
