//! A new master key: every key is unwrapped under the old one and wrapped under the new, and the old one is destroyed.
//!
//! It must be whole at every instant, so the new files lie beside the old ones until they are safe:
//!
//! 1. `a.keys.next` and `b.keys.next` are written and synced, then their names;
//! 2. `master.key.next` is put in place: **from here on the new key is in force**, whatever is cut off;
//! 3. each old file is overwritten with zeroes, synced, and the new one takes its name; the master key comes last.
//!
//! Where `master.key.next` lies at a start, step 3 is done (again); where it does not, what else bears `.next` was
//! never in force and is taken away. So after any crash exactly one master key opens everything.
//!
//! Whatever was erased stays so: an erased slot is zeroes in the new files too. Backups made before keep their own
//! master key beside their own key files; the list of erasures names a key by itself and not only by its wrapping
//! ([`crate::erasure`]), so a restore of an older backup still erases what was erased after the rotation.

use crate::{
    disk::{Disk, DiskFile, Mode, put_file, write_zeroes},
    error::{KeyError, OpenError},
    journal::{Journal, LOCK_FILE, Options},
    keys::{
        DIGEST_SLOT, KEY_BLOCK_SLOTS, KEY_FILES, KEYS_FOLDER, KEYS_HEADER_BYTES, MASTER_FILE, check_header,
        header_of, offset_of,
    },
    seal::{self, Entropy, KEY_BYTES, MasterKey, SecretKey, WRAPPED_KEY_BYTES},
};

/// What a file bears behind its name until it is in force.
const NEXT: &str = ".next";

/// What a rotation did.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Rotated {
    /// Keys that are wrapped by the new master key now.
    pub keys: u32,
    /// Slots that hold none, because it was erased.
    pub erased: u32,
}

/// Draws a new master key and wraps every key of a free folder by it. The journal is opened for as long as that
/// takes, so an erasure that was cut off is finished first, and nobody else has the folder.
pub fn rotate<D: Disk + Clone>(disk: &D, options: Options) -> Result<Rotated, OpenError> {
    let (journal, _) = Journal::open(disk.clone(), options)?;
    Ok(journal.rotate_master()?)
}

/// The name under which a file of the keys' folder waits to be in force.
pub(crate) fn next_of(name: &str) -> String {
    format!("{name}{NEXT}")
}

/// Whether the new files are in force although not all of them bear their names yet.
pub(crate) fn is_unfinished<D: Disk>(disk: &D) -> std::io::Result<bool> {
    let next = next_of(MASTER_FILE);
    Ok(disk.list(KEYS_FOLDER)?.contains(&next))
}

/// Finishes a rotation that was cut off. Where somebody else has the folder it is theirs to finish.
pub(crate) fn finish_if_cut_off<D: Disk>(disk: &D) -> Result<(), KeyError> {
    if is_unfinished(disk)?
        && let Some(_lock) = disk.lock(LOCK_FILE)?
        && is_unfinished(disk)?
    {
        tracing::warn!("a rotation of the master key was cut off and is finished");
        put_in_force(disk)?;
    }
    Ok(())
}

/// One copy of every key, wrapped anew.
pub(crate) struct Rewrap<'a, D: Disk> {
    pub(crate) disk: &'a D,
    pub(crate) files: &'a [D::File; 2],
    pub(crate) journal_id: &'a [u8; 16],
    pub(crate) old: &'a MasterKey,
    /// Slots below this one may be named by a record.
    pub(crate) used: u32,
    pub(crate) entropy: &'a mut Entropy,
}

impl<D: Disk> Rewrap<'_, D> {
    /// Wraps all keys by a new master key and puts it in force.
    pub(crate) fn run(mut self) -> Result<Rotated, KeyError> {
        take_away_leftovers(self.disk)?;
        let mut new = MasterKey([0; KEY_BYTES]);
        (self.entropy)(&mut new.0);
        let rotated = self.write_beside(&new)?;
        put_file(self.disk, KEYS_FOLDER, &next_of(MASTER_FILE), &new.0)?;
        put_in_force(self.disk)?;
        Ok(rotated)
    }

    fn write_beside(&mut self, new: &MasterKey) -> Result<Rotated, KeyError> {
        let beside = |name: &str| self.disk.open(&in_keys(&next_of(name)), Mode::Create);
        let beside = [beside(KEY_FILES[0])?, beside(KEY_FILES[1])?];
        let digest = self.digest_key()?;
        let wrapped = seal::wrap_key(new, self.journal_id, DIGEST_SLOT, &digest, self.entropy);
        let header = header_of(self.journal_id, &wrapped);
        for file in &beside {
            file.write_at(0, &header)?;
        }
        let mut rotated = Rotated::default();
        let slots = self.slots()?;
        let mut first = 0;
        while first < slots {
            let behind = (first + KEY_BLOCK_SLOTS).min(slots);
            let block = self.block(new, first, behind, &mut rotated)?;
            for file in &beside {
                file.write_at(offset_of(first), &block)?;
            }
            first = behind;
        }
        for file in &beside {
            file.sync()?;
        }
        self.disk.sync_dir(KEYS_FOLDER)?;
        Ok(rotated)
    }

    /// The slots from `first` to before `behind`, wrapped anew. A key that neither copy holds and that a record may
    /// name stops everything: the old files stay as they are.
    fn block(
        &mut self,
        new: &MasterKey,
        first: u32,
        behind: u32,
        rotated: &mut Rotated,
    ) -> Result<Vec<u8>, KeyError> {
        let length = (behind - first) as usize * WRAPPED_KEY_BYTES;
        let read = |file: &D::File| file.bytes_at(offset_of(first), length);
        let copies = [read(&self.files[0])?, read(&self.files[1])?];
        let mut block = vec![0; length];
        for (place, slot) in (first..behind).enumerate() {
            let place = place * WRAPPED_KEY_BYTES..(place + 1) * WRAPPED_KEY_BYTES;
            let wrapped = copies.each_ref().map(|copy| copy.get(place.clone()));
            let opened = wrapped.iter().flatten();
            let key =
                opened.clone().find_map(|bytes| seal::unwrap_key(self.old, self.journal_id, slot, bytes));
            let is_erased = opened.clone().any(|bytes| bytes.iter().all(|&byte| byte == 0));
            if let Some(key) = key {
                let anew = seal::wrap_key(new, self.journal_id, slot, &key, self.entropy);
                block[place].copy_from_slice(&anew);
                rotated.keys += 1;
            } else if slot < self.used && !is_erased {
                return Err(KeyError::SlotUnreadable(slot));
            } else if slot < self.used {
                rotated.erased += 1;
            }
        }
        Ok(block)
    }

    /// How many slots the longer of the copies has.
    fn slots(&self) -> Result<u32, KeyError> {
        let length = self.files[0].len()?.max(self.files[1].len()?);
        let slots = length.saturating_sub(KEYS_HEADER_BYTES as u64) / WRAPPED_KEY_BYTES as u64;
        Ok(u32::try_from(slots).unwrap_or(u32::MAX))
    }

    fn digest_key(&self) -> Result<SecretKey, KeyError> {
        for file in self.files {
            let header = file.bytes_at(0, KEYS_HEADER_BYTES)?;
            let wrapped = check_header(&header, self.journal_id);
            let key =
                wrapped.and_then(|bytes| seal::unwrap_key(self.old, self.journal_id, DIGEST_SLOT, bytes));
            if let Some(key) = key {
                return Ok(key);
            }
        }
        Err(KeyError::Unopenable)
    }
}

fn in_keys(name: &str) -> String {
    format!("{KEYS_FOLDER}/{name}")
}

/// What an earlier rotation left that never came to be in force.
fn take_away_leftovers<D: Disk>(disk: &D) -> Result<(), KeyError> {
    for name in KEY_FILES {
        disk.remove(&in_keys(&next_of(name)))?;
    }
    Ok(disk.sync_dir(KEYS_FOLDER)?)
}

/// Lets the new files take the names of the old, which are overwritten first: on a disk that writes in place
/// nothing is left that the old master key opens. The new master key is the last to move: as long as it waits,
/// whoever starts comes here again.
fn put_in_force<D: Disk>(disk: &D) -> Result<(), KeyError> {
    let waiting = disk.list(KEYS_FOLDER)?;
    for name in KEY_FILES {
        if waiting.contains(&next_of(name)) {
            destroy(disk, name)?;
            disk.rename(&in_keys(&next_of(name)), &in_keys(name))?;
        }
    }
    disk.sync_dir(KEYS_FOLDER)?;
    destroy(disk, MASTER_FILE)?;
    disk.rename(&in_keys(&next_of(MASTER_FILE)), &in_keys(MASTER_FILE))?;
    Ok(disk.sync_dir(KEYS_FOLDER)?)
}

/// Overwrites a file with zeroes and waits until they are on the platter.
fn destroy<D: Disk>(disk: &D, name: &str) -> Result<(), KeyError> {
    let file = match disk.open(&in_keys(name), Mode::Write) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    write_zeroes(&file, 0, file.len()?)?;
    Ok(file.sync()?)
}
