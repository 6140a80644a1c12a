//! Backing up and restoring.
//!
//! A backup is a folder of segments (without the zeroes behind the last record) with the head, and apart from
//! them, in a folder of its own, the keys. sled is not in it: it is rebuilt. Whoever keeps backups keeps the
//! `keys` folder elsewhere, and destroys it when its time is over: an erased key lives on in older copies of
//! that folder.
//!
//! A restore makes a journal of the same id and the next epoch, and erases what was erased, before anything
//! opens: what the backup's own list names, what other lists name (the living journal's, say), and what the
//! log itself says.

use crate::{
    disk::{Disk, DiskFile, Mode, real::RealDisk, write_zeroes},
    erasure::{self, ERASED_FILE, Erasure},
    error::{KeyError, OpenError, ReadError},
    frame::Salt,
    head::{HEAD_FILE, Head},
    keys::{KEY_FILES, KEYS_FOLDER, KEYS_HEADER_BYTES, MASTER_FILE, journal_of, offset_of, read_all},
    recovery,
    seal::{MasterKey, WRAPPED_KEY_BYTES, unwrap_key},
    segment::{LOG_FOLDER, SEGMENT_HEADER_BYTES, SegmentHeader, first_of_name},
    walk::{Stop, Walk},
};
use huying_domain::{event::Event, ids::Seq, wire};
use std::{
    fs::{self, File},
    io,
    ops::ControlFlow,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};
use thiserror::Error;

/// What stands beside the keys of a backup.
const NOTE: &str =
    "These are the keys of the personal data in this backup. Keep this folder apart from the log beside it,
and destroy it when its time is over: what was erased since can be read with it until then.
本目录为个人信息密钥。请与日志分开保管，到期销毁。
";
/// The name of that note.
const NOTE_FILE: &str = "NOTE.txt";
/// Zeroes kept at a segment's end: a record may end with its `prev` of 32 zeroes, and up to 7 follow it.
const KEPT_ZEROES_BYTES: u64 = 64;
/// A hole that is still there after so many looks is not a batch that is just being written.
const HOLE_LOOKS_MAX: u32 = 20;
/// Copied at once.
const COPY_CHUNK_BYTES: usize = 4 * 1024 * 1024;

/// Why a backup or a restore did not come about.
#[derive(Debug, Error)]
pub enum BackupError {
    /// A file cannot be read or written.
    #[error("cannot copy {path}")]
    Copy {
        /// The file.
        path: PathBuf,
        /// The disk's own words.
        #[source]
        source: io::Error,
    },
    /// There is something in the folder already.
    #[error("{0} is not empty")]
    NotEmpty(PathBuf),
    /// There are no segments.
    #[error("{0} holds no journal")]
    NoJournal(PathBuf),
    /// The backup's log is damaged.
    #[error("the backup's log does not hold")]
    Log(#[from] OpenError),
    /// The backup's log cannot be read.
    #[error("the backup's log cannot be read")]
    Read(#[from] ReadError),
    /// The keys cannot be worked on.
    #[error("the backup's keys cannot be worked on")]
    Keys(#[from] KeyError),
}

/// Copies a journal, living or at rest. What was safe when the copying began is in the copy.
pub fn backup(dir: &Path, to: &Path) -> Result<(), BackupError> {
    let segments = segments_in(dir)?;
    make_empty(to)?;
    let head = format!("{LOG_FOLDER}/{HEAD_FILE}");
    copy_if_there(dir, to, &head, false)?;
    let (last, full) = segments.split_last().ok_or_else(|| BackupError::NoJournal(dir.to_owned()))?;
    for name in full {
        copy_if_there(dir, to, &format!("{LOG_FOLDER}/{name}"), true)?;
    }
    write_file(&to.join(LOG_FOLDER).join(last), &whole_batches(&dir.join(LOG_FOLDER).join(last), last)?)?;
    for name in [KEY_FILES[0], KEY_FILES[1], MASTER_FILE, ERASED_FILE] {
        copy_if_there(dir, to, &format!("{KEYS_FOLDER}/{name}"), false)?;
    }
    write_file(&to.join(KEYS_FOLDER).join(NOTE_FILE), NOTE.as_bytes())?;
    sync_folders(to)
}

/// The header and the whole batches of the last segment, which may be written to meanwhile: a later batch may be
/// seen where an earlier one was not yet. Such a hole is gone when one looks again; one that stays is damage.
fn whole_batches(path: &Path, name: &str) -> Result<Vec<u8>, BackupError> {
    let copy = |source| BackupError::Copy { path: path.to_owned(), source };
    let damaged = |seq, offset: usize| {
        BackupError::Log(OpenError::Damaged { seq, file: name.to_owned(), offset: offset as u64 })
    };
    let mut looks = 0;
    loop {
        let mut data = fs::read(path).map_err(copy)?;
        let header = SegmentHeader::decode(&data);
        let header = header.map_err(|_| damaged(first_of_name(name).unwrap_or(0), 0))?;
        let mut walk = Walk::new();
        walk.jump(Head { seq: header.first - 1, hash: header.prev });
        match walk.run(&data, Salt::of(&header.identity.journal_id), &mut |_| {}) {
            Stop::Clean => data.truncate(walk.offset),
            Stop::Torn { from, .. } => data.truncate(from),
            Stop::Hole { .. } if looks < HOLE_LOOKS_MAX => {
                looks += 1;
                continue;
            }
            Stop::Hole { seq, offset, .. } => return Err(damaged(seq, offset)),
        }
        return Ok(data);
    }
}

/// Carries the list of what was erased since into an older backup.
pub fn carry_erasures(dir: &Path, backup: &Path) -> Result<(), BackupError> {
    copy_if_there(dir, backup, &format!("{KEYS_FOLDER}/{ERASED_FILE}"), false)?;
    sync_folders(backup)
}

/// What a restore made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Restored {
    /// The last record.
    pub head: Head,
    /// The new epoch.
    pub epoch: u32,
    /// Slots that hold no key because it was erased.
    pub erased_slots: usize,
}

/// Makes a journal of a backup in an empty folder. `keys` is where the backup's keys are kept, if not within
/// it; `lists` are further lists of erased keys.
pub fn restore(
    from: &Path,
    to: &Path,
    keys: Option<&Path>,
    lists: &[PathBuf],
) -> Result<Restored, BackupError> {
    let segments = segments_in(from)?;
    make_empty(to)?;
    for name in segments.iter().map(String::as_str).chain([HEAD_FILE]) {
        copy_if_there(from, to, &format!("{LOG_FOLDER}/{name}"), false)?;
    }
    let keys = keys.map_or_else(|| from.join(KEYS_FOLDER), Path::to_owned);
    for name in [KEY_FILES[0], KEY_FILES[1], MASTER_FILE, ERASED_FILE] {
        copy_one(&keys.join(name), &to.join(KEYS_FOLDER).join(name), false)?;
    }
    let disk = RealDisk::new(to).map_err(|source| BackupError::Copy { path: to.to_owned(), source })?;
    let mut listed = Vec::new();
    for list in lists {
        let bytes = fs::read(list).map_err(|source| BackupError::Copy { path: list.clone(), source })?;
        listed.extend(erasure::parse(&bytes));
    }
    listed.extend(erasure::read(&disk).map_err(KeyError::Disk)?);
    let (log, head) = recovery::raise_epoch(&disk)?;
    let in_log = erased_in(&log, head)?;
    let erased_slots = erase_all(&disk, &listed, &in_log)?;
    sync_folders(to)?;
    Ok(Restored { head, epoch: log.identity.epoch, erased_slots })
}

/// Slots that the log says were erased.
fn erased_in<D: Disk>(log: &crate::log::Log<D>, head: Head) -> Result<Vec<u32>, BackupError> {
    let mut slots = Vec::new();
    let mut fault = None;
    if head.seq > 0 {
        log.read(1, head.seq, &mut |seq: Seq, bytes| match wire::decode(bytes) {
            Ok(record) => {
                let events = record.parts.iter().flat_map(|part| &part.events);
                slots.extend(events.filter_map(|event| match event {
                    Event::Erased(erased) => erased.slot,
                    _ => None,
                }));
                ControlFlow::Continue(())
            }
            Err(source) => {
                fault = Some(ReadError::Wire { seq, source });
                ControlFlow::Break(())
            }
        })?;
    }
    fault.map_or(Ok(slots), |fault| Err(fault.into()))
}

/// Zeroes every slot that holds a listed key, and every slot that the log names; lists them all.
fn erase_all(disk: &RealDisk, listed: &[Erasure], in_log: &[u32]) -> Result<usize, KeyError> {
    let mut slots: Vec<u32> = Vec::new();
    let known = erasure::read(disk)?;
    for entry in listed.iter().filter(|entry| !known.contains(entry)) {
        erasure::append(disk, entry)?;
    }
    for name in KEY_FILES {
        let path = format!("{KEYS_FOLDER}/{name}");
        let file = match disk.open(&path, Mode::Write) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        let length = file.len()?;
        let master = read_all(disk, MASTER_FILE)?.and_then(|bytes| Some(MasterKey(bytes.try_into().ok()?)));
        let header = file.bytes_at(0, KEYS_HEADER_BYTES)?;
        let opener = master.as_ref().zip(journal_of(&header));
        for (slot, named_by_log) in
            listed.iter().map(|entry| (entry.slot, false)).chain(in_log.iter().map(|&slot| (slot, true)))
        {
            let (from, to) = (offset_of(slot), offset_of(slot) + WRAPPED_KEY_BYTES as u64);
            if to > length {
                continue;
            }
            let wrapped = file.bytes_at(from, WRAPPED_KEY_BYTES)?;
            let is_zero = wrapped.iter().all(|&byte| byte == 0);
            // The list may name the key itself, where another master key wraps it in the living journal.
            let key = opener.and_then(|(master, id)| unwrap_key(master, id, slot, &wrapped).zip(Some(id)));
            let is_listed = listed.contains(&Erasure::of(slot, &wrapped))
                || key.is_some_and(|(key, id)| listed.contains(&Erasure::of_key(id, slot, &key)));
            if is_zero || named_by_log || is_listed {
                write_zeroes(&file, from, to)?;
                slots.push(slot);
            }
        }
        file.sync()?;
    }
    slots.sort_unstable();
    slots.dedup();
    Ok(slots.len())
}

fn segments_in(dir: &Path) -> Result<Vec<String>, BackupError> {
    let names = RealDisk::existing(dir).list(LOG_FOLDER);
    let mut names = names.map_err(|source| BackupError::Copy { path: dir.join(LOG_FOLDER), source })?;
    names.retain(|name| first_of_name(name).is_some());
    if names.is_empty() { Err(BackupError::NoJournal(dir.to_owned())) } else { Ok(names) }
}

fn make_empty(to: &Path) -> Result<(), BackupError> {
    let copy = |source| BackupError::Copy { path: to.to_owned(), source };
    if fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(BackupError::NotEmpty(to.to_owned()));
    }
    for folder in [LOG_FOLDER, KEYS_FOLDER] {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(to.join(folder)).map_err(copy)?;
    }
    Ok(())
}

fn copy_if_there(from: &Path, to: &Path, name: &str, without_zeroes: bool) -> Result<(), BackupError> {
    copy_one(&from.join(name), &to.join(name), without_zeroes)
}

/// Copies a file, if it is there, for its owner alone; zeroes at its end need not go along.
fn copy_one(from: &Path, to: &Path, without_zeroes: bool) -> Result<(), BackupError> {
    let copy = |source| BackupError::Copy { path: from.to_owned(), source };
    let source = match File::open(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened.map_err(copy)?,
    };
    let target = create(to).map_err(copy)?;
    let (mut offset, mut end) = (0, 0);
    loop {
        let mut chunk = DiskFile::bytes_at(&source, offset, COPY_CHUNK_BYTES).map_err(copy)?;
        let read = chunk.len();
        if read == 0 {
            break;
        }
        if without_zeroes {
            chunk.truncate(chunk.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1));
        }
        DiskFile::write_at(&target, offset, &chunk).map_err(copy)?;
        if !chunk.is_empty() {
            end = offset + chunk.len() as u64;
        }
        offset += read as u64;
    }
    let kept = (end + KEPT_ZEROES_BYTES).max(SEGMENT_HEADER_BYTES as u64).min(offset);
    target.set_len(if without_zeroes { kept } else { offset }).map_err(copy)?;
    target.sync_all().map_err(copy)
}

fn create(path: &Path) -> io::Result<File> {
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let copy = |source| BackupError::Copy { path: path.to_owned(), source };
    let file = create(path).map_err(copy)?;
    DiskFile::write_at(&file, 0, bytes).map_err(copy)?;
    file.sync_all().map_err(copy)
}

fn sync_folders(dir: &Path) -> Result<(), BackupError> {
    for folder in [LOG_FOLDER, KEYS_FOLDER, "."] {
        let path = dir.join(folder);
        let synced = File::open(&path).and_then(|folder| folder.sync_all());
        synced.map_err(|source| BackupError::Copy { path, source })?;
    }
    Ok(())
}
