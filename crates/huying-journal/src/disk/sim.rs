//! A disk in memory that can lose its power.
//!
//! It keeps what was written apart from what was synced. [`SimDisk::crash`] then keeps any subset of the
//! writes that were not synced, each whole, in part or not at all, as a seed says; and any subset of the
//! changes of names whose folder was not synced. It can also stop at the n-th change, run full, or refuse to
//! sync.

use super::{Disk, DiskFile, Mode};
use std::{
    collections::BTreeMap,
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
};

/// A disk in memory; clones are the same disk.
#[derive(Clone, Default, Debug)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Default, Debug)]
struct State {
    files: BTreeMap<u64, Content>,
    names: BTreeMap<String, u64>,
    safe_names: BTreeMap<String, u64>,
    pending_names: Vec<NameChange>,
    next_file: u64,
    /// Counts crashes: a handle from before one is dead, as after a real one.
    life: u64,
    locked: bool,
    changes: u64,
    changes_left: Option<u64>,
    capacity_bytes: Option<u64>,
    syncs_fail: bool,
    lying_sync: bool,
}

#[derive(Default, Debug)]
struct Content {
    visible: Vec<u8>,
    safe: Vec<u8>,
    pending: Vec<(usize, Vec<u8>)>,
}

/// One change of names, which happens whole or not at all.
#[derive(Debug)]
struct NameChange {
    folder: String,
    set: Vec<(String, Option<u64>)>,
}

/// The generator SplitMix64: small, and the same on every machine.
#[derive(Clone, Debug)]
pub struct SplitMix(pub u64);

impl SplitMix {
    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.bits() % bound as u64).expect("a remainder is below its bound")
    }

    /// Fills bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.bits().to_le_bytes()[..chunk.len()]);
        }
    }
}

impl SimDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds the simulated disk")
    }

    /// Cuts the power: the disk is as a real one might be found afterwards, and the power is on again.
    pub fn crash(&self, seed: u64) {
        let mut random = SplitMix(seed);
        let mut state = self.state();
        for content in state.files.values_mut() {
            for (offset, bytes) in std::mem::take(&mut content.pending) {
                if let Some((from, to)) = surviving(&mut random, bytes.len()) {
                    put(&mut content.safe, offset + from, &bytes[from..to]);
                }
            }
            content.visible.clone_from(&content.safe);
        }
        let mut names = std::mem::take(&mut state.safe_names);
        for change in std::mem::take(&mut state.pending_names) {
            if random.below(2) == 0 {
                change.apply(&mut names);
            }
        }
        let State { files, .. } = &mut *state;
        files.retain(|file, _| names.values().any(|named| named == file));
        state.safe_names.clone_from(&names);
        state.names = names;
        state.life += 1;
        state.locked = false;
        state.changes_left = None;
        state.syncs_fail = false;
    }

    /// Lets so many changes (writes, syncs, new names) happen and fails all that come behind, until a crash.
    pub fn power_off_after(&self, changes: u64) {
        self.state().changes_left = Some(changes);
    }

    /// Changes made so far.
    pub fn changes(&self) -> u64 {
        self.state().changes
    }

    /// Gives the disk so many bytes of room, or no bound.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.state().capacity_bytes = bytes;
    }

    /// Bytes in all files.
    pub fn used_bytes(&self) -> u64 {
        self.state().files.values().map(|content| content.visible.len() as u64).sum()
    }

    /// Makes every sync fail, or work again.
    pub fn fail_syncs(&self, fail: bool) {
        self.state().syncs_fail = fail;
    }

    /// Makes every sync of a file report success without keeping anything: a disk that lies.
    pub fn lie_about_syncs(&self, lie: bool) {
        self.state().lying_sync = lie;
    }

    /// A file's bytes as a reader sees them now.
    pub fn bytes_of(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state();
        state.names.get(name).map(|file| state.files[file].visible.clone())
    }

    /// Puts a file's bytes in place, safely: for tests that damage or carry files.
    pub fn put_bytes(&self, name: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        let file = state.next_file;
        state.next_file += 1;
        state.files.insert(file, Content { visible: bytes.clone(), safe: bytes, pending: Vec::new() });
        state.names.insert(name.to_owned(), file);
        state.safe_names.insert(name.to_owned(), file);
    }

    /// Names of all files.
    pub fn names(&self) -> Vec<String> {
        self.state().names.keys().cloned().collect()
    }
}

/// Which part of an unsynced write survives: none, all, a head, a tail or a middle.
fn surviving(random: &mut SplitMix, length: usize) -> Option<(usize, usize)> {
    let cut = |random: &mut SplitMix| random.below(length + 1);
    match random.below(5) {
        0 => None,
        1 => Some((0, length)),
        2 => Some((0, cut(random))),
        3 => Some((cut(random), length)),
        _ => {
            let (one, other) = (cut(random), cut(random));
            Some((one.min(other), one.max(other)))
        }
    }
}

fn put(target: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let end = offset + bytes.len();
    if target.len() < end {
        target.resize(end, 0);
    }
    target[offset..end].copy_from_slice(bytes);
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<String, u64>) {
        for (name, file) in &self.set {
            match file {
                Some(file) => names.insert(name.clone(), *file),
                None => names.remove(name),
            };
        }
    }
}

fn folder_of(name: &str) -> String {
    name.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
}

fn dead() -> io::Error {
    io::Error::other("the power is off")
}

impl State {
    /// Counts a change, or fails it when the power is off.
    fn change(&mut self, life: Option<u64>) -> io::Result<()> {
        if life.is_some_and(|life| life != self.life) {
            return Err(dead());
        }
        if let Some(left) = &mut self.changes_left {
            *left = left.checked_sub(1).ok_or_else(dead)?;
        }
        self.changes += 1;
        Ok(())
    }

    fn rename_set(&mut self, folder: String, set: Vec<(String, Option<u64>)>) {
        let change = NameChange { folder, set };
        change.apply(&mut self.names);
        self.pending_names.push(change);
    }
}

impl Disk for SimDisk {
    type File = SimFile;
    type Lock = SimLock;

    fn lock(&self, _: &str) -> io::Result<Option<SimLock>> {
        let mut state = self.state();
        if std::mem::replace(&mut state.locked, true) {
            return Ok(None);
        }
        Ok(Some(SimLock { disk: self.clone(), life: state.life }))
    }

    fn open(&self, name: &str, mode: Mode) -> io::Result<SimFile> {
        let mut state = self.state();
        if mode == Mode::Create {
            state.change(None)?;
            let file = state.next_file;
            state.next_file += 1;
            state.files.insert(file, Content::default());
            state.rename_set(folder_of(name), vec![(name.to_owned(), Some(file))]);
        }
        let file = *state.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(SimFile { disk: self.clone(), file, life: state.life })
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let prefix = format!("{folder}/");
        let state = self.state();
        let inside = state.names.keys().filter_map(|name| name.strip_prefix(&prefix));
        Ok(inside.filter(|name| !name.contains('/')).map(str::to_owned).collect())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        state.change(None)?;
        let file = *state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        state.rename_set(folder_of(to), vec![(from.to_owned(), None), (to.to_owned(), Some(file))]);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        state.change(None)?;
        state.rename_set(folder_of(name), vec![(name.to_owned(), None)]);
        Ok(())
    }

    fn sync_dir(&self, folder: &str) -> io::Result<()> {
        let mut state = self.state();
        state.change(None)?;
        if state.syncs_fail {
            return Err(io::Error::other("the folder cannot be synced"));
        }
        let State { pending_names, safe_names, .. } = &mut *state;
        pending_names.retain(|change| {
            let stays = change.folder != folder;
            if !stays {
                change.apply(safe_names);
            }
            stays
        });
        Ok(())
    }

    fn folder(&self) -> Option<&Path> {
        None
    }
}

/// An open file of the simulated disk.
#[derive(Debug)]
pub struct SimFile {
    disk: SimDisk,
    file: u64,
    life: u64,
}

impl DiskFile for SimFile {
    fn len(&self) -> io::Result<u64> {
        let state = self.disk.state();
        state.files.get(&self.file).map(|content| content.visible.len() as u64).ok_or_else(dead)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let state = self.disk.state();
        let visible = &state.files.get(&self.file).ok_or_else(dead)?.visible;
        let from = usize::try_from(offset).map_or(visible.len(), |offset| offset.min(visible.len()));
        let length = buffer.len().min(visible.len() - from);
        buffer[..length].copy_from_slice(&visible[from..from + length]);
        Ok(length)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let used = self.disk.used_bytes();
        let mut state = self.disk.state();
        state.change(Some(self.life))?;
        let offset = usize::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput)?;
        let capacity = state.capacity_bytes;
        let content = state.files.get_mut(&self.file).ok_or_else(dead)?;
        let grown = (offset + bytes.len()).saturating_sub(content.visible.len()) as u64;
        if grown > 0 && capacity.is_some_and(|capacity| used + grown > capacity) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        put(&mut content.visible, offset, bytes);
        content.pending.push((offset, bytes.to_vec()));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        state.change(Some(self.life))?;
        if state.syncs_fail {
            return Err(io::Error::other("the file cannot be synced"));
        }
        if state.lying_sync {
            return Ok(());
        }
        let content = state.files.get_mut(&self.file).ok_or_else(dead)?;
        for (offset, bytes) in std::mem::take(&mut content.pending) {
            put(&mut content.safe, offset, &bytes);
        }
        Ok(())
    }
}

/// The simulated folder's lock.
#[derive(Debug)]
pub struct SimLock {
    disk: SimDisk,
    life: u64,
}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.life == self.life {
            state.locked = false;
        }
    }
}
