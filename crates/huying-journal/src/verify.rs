//! `verify`: reads everything, changes nothing, needs no running engine and no key.
//!
//! It walks the log with its chain, compares sled's records with the log's byte by byte, the head file and a
//! published head with the chain, the two copies of the key file with each other, and the rule files with the hashes by
//! which records name them. sled cannot be opened
//! without writing into its folder, so a copy of it is opened, in a folder that the caller names.

use crate::{
    disk::{Disk, DiskFile, Mode, real::RealDisk},
    error::ShelfError,
    finding::{Kind, Verdict},
    frame::{self, Look, Salt},
    head::{self, HEAD_FILE, Head, HeadFound},
    journal::LOCK_FILE,
    keys::{self, KEY_FILES, KEYS_FOLDER, KEYS_HEADER_BYTES},
    recovery::read_identity,
    rotation,
    rulefiles::Published,
    seal::WRAPPED_KEY_BYTES,
    segment::{Identity, LOG_FOLDER, SegmentHeader, first_of_name, in_log, segment_name},
    shelf::{SHELF_FOLDER, Store, remove_half_snapshots},
    walk::{Stop, Walk},
};
use huying_domain::ids::Seq;
use std::{
    collections::VecDeque,
    fs::{self, File, TryLockError},
    io,
    path::Path,
};

/// sled's cache while its copy is compared.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// Records taken from sled at once.
const COMPARE_RECORDS: usize = 512;

/// Checks the journal in a folder. `expected` is a published head; `scratch` is an empty or missing folder
/// that takes a copy of sled and is removed afterwards; without one, sled is not looked at.
pub fn verify(dir: &Path, expected: Option<Head>, scratch: Option<&Path>) -> Verdict {
    let mut verdict = Verdict::default();
    if let Err(reason) = look(dir, expected, scratch, &mut verdict) {
        verdict.unreadable = Some(reason);
    }
    verdict
}

fn look(
    dir: &Path,
    expected: Option<Head>,
    scratch: Option<&Path>,
    verdict: &mut Verdict,
) -> Result<(), String> {
    let sentence = |error: io::Error| format!("the folder cannot be read: {error}");
    let _lock = lock(dir)?;
    let disk = RealDisk::existing(dir);
    let firsts: Vec<Seq> =
        disk.list(LOG_FOLDER).map_err(sentence)?.iter().filter_map(|name| first_of_name(name)).collect();
    let identity = read_identity(&disk, &firsts).map_err(|error| error.to_string())?;
    let identity = identity.ok_or("no segment has a readable header: there is no journal here")?;
    let store = match scratch {
        Some(scratch) if dir.join(SHELF_FOLDER).is_dir() => {
            open_copy(dir, scratch, verdict).map_err(sentence)?
        }
        _ => None,
    };
    let mut check = Check {
        disk: &disk,
        identity,
        salt: Salt::of(&identity.journal_id),
        known: known_heads(&disk, identity, expected, verdict).map_err(sentence)?,
        comparison: store.map(Comparison::new),
        published: Published::default(),
        verdict,
    };
    let walk = check.log(&firsts).map_err(sentence)?;
    check.ends(&walk);
    check.keys(walk.slot_max).map_err(sentence)?;
    check.published.check(check.disk, check.verdict).map_err(sentence)?;
    drop(check);
    scratch.map_or(Ok(()), |scratch| match fs::remove_dir_all(scratch) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(sentence(error)),
        _ => Ok(()),
    })
}

/// Takes the lock of a folder that has one, so that nobody writes meanwhile; nothing is made.
fn lock(dir: &Path) -> Result<Option<File>, String> {
    let file = match File::open(dir.join(LOCK_FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| format!("the lock cannot be read: {error}"))?,
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            Err("another process has this folder open 另一个进程正在使用该目录".to_owned())
        }
        Err(TryLockError::Error(error)) => Err(format!("the lock cannot be had: {error}")),
    }
}

fn open_copy(dir: &Path, scratch: &Path, verdict: &mut Verdict) -> io::Result<Option<Store>> {
    copy_folder(&dir.join(SHELF_FOLDER), scratch)?;
    remove_half_snapshots(scratch)?;
    match Store::open(scratch, CACHE_BYTES) {
        Ok(store) => Ok(Some(store)),
        Err(_) => {
            verdict.add(Kind::ShelfUnreadable, None, SHELF_FOLDER, None);
            Ok(None)
        }
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A head that is known from elsewhere, and what to say when the log does not have it.
struct Known {
    head: Head,
    file: String,
    ahead: Kind,
    foreign: Kind,
}

fn known_heads(
    disk: &RealDisk,
    identity: Identity,
    expected: Option<Head>,
    verdict: &mut Verdict,
) -> io::Result<Vec<Known>> {
    let mut known = Vec::new();
    match head::read(disk, identity.journal_id)? {
        HeadFound::Head(head) => {
            known.push(Known {
                head,
                file: in_log(HEAD_FILE),
                ahead: Kind::HeadAhead,
                foreign: Kind::HeadForeign,
            });
        }
        HeadFound::Nothing => {}
        HeadFound::Unreadable => verdict.add(Kind::HeadUnreadable, None, &in_log(HEAD_FILE), None),
    }
    let published = "published head".to_owned();
    let (ahead, foreign) = (Kind::PublishedAhead, Kind::PublishedForeign);
    known.extend(expected.map(|head| Known { head, file: published, ahead, foreign }));
    known.retain(|known| known.head.seq > 0);
    Ok(known)
}

struct Check<'a> {
    disk: &'a RealDisk,
    identity: Identity,
    salt: Salt,
    known: Vec<Known>,
    comparison: Option<Comparison>,
    published: Published,
    verdict: &'a mut Verdict,
}

impl Check<'_> {
    /// Walks all segments; behind damage it goes on with the next record that holds.
    fn log(&mut self, firsts: &[Seq]) -> io::Result<Walk> {
        let mut walk = Walk::new();
        for (place, &first) in firsts.iter().enumerate() {
            let name = in_log(&segment_name(first));
            let file = self.disk.open(&name, Mode::Read)?;
            let length = usize::try_from(file.len()?).map_err(io::Error::other)?;
            let data = file.bytes_at(0, length)?;
            let header = SegmentHeader::decode(&data).ok();
            if first != walk.head.seq + 1 {
                if first > walk.head.seq + 1 {
                    self.verdict.add(Kind::SegmentMissing, Some(walk.head.seq + 1), &name, None);
                }
                walk.jump(Head { seq: first - 1, hash: header.map_or(walk.head.hash, |header| header.prev) });
            } else if header.is_none_or(|header| header.prev != walk.head.hash) {
                self.verdict.add(Kind::HeaderDamaged, Some(first), &name, Some(0));
            }
            walk.enter_segment();
            self.segment(&mut walk, &data, &name, firsts.get(place + 1).copied());
        }
        Ok(walk)
    }

    fn segment(&mut self, walk: &mut Walk, data: &[u8], name: &str, next_first: Option<Seq>) {
        loop {
            let Self { salt, known, comparison, published, verdict, .. } = self;
            let stop = walk.run(data, *salt, &mut |found| {
                verdict.records += 1;
                published.follow(found.bytes);
                for known in known.iter().filter(|known| known.head.seq == found.head.seq) {
                    if known.head.hash != found.head.hash {
                        verdict.add(known.foreign, Some(found.head.seq), &known.file, None);
                    }
                }
                if let Some(comparison) = comparison {
                    comparison.compare(found.head.seq, found.bytes, verdict);
                }
            });
            let ends_here = next_first.is_none_or(|next| next == walk.head.seq + 1);
            match stop {
                Stop::Clean if ends_here => return,
                Stop::Torn { from, to } if next_first.is_none() => {
                    self.verdict.torn_bytes += (to - from) as u64;
                    self.verdict.records -= walk.drop_torn();
                    return;
                }
                Stop::Torn { from, .. } if ends_here && walk.is_whole() => {
                    self.verdict.add(Kind::BytesBehindEnd, None, name, Some(from as u64));
                    return;
                }
                Stop::Hole { seq, offset, next } => {
                    self.verdict.add(Kind::LogDamaged, Some(seq), name, Some(offset as u64));
                    let Some((at, _)) = next else { return };
                    let Look::Frame(found) = frame::look(data, at, self.salt) else { return };
                    walk.resume(at, &found);
                }
                Stop::Clean | Stop::Torn { .. } => {
                    let seq = walk.head.seq + 1;
                    self.verdict.add(Kind::LogDamaged, Some(seq), name, Some(walk.offset as u64));
                    return;
                }
            }
        }
    }

    /// What is known from elsewhere must not be ahead of the log.
    fn ends(&mut self, walk: &Walk) {
        self.verdict.head = Some(walk.head);
        for known in self.known.iter().filter(|known| known.head.seq > walk.head.seq) {
            self.verdict.add(known.ahead, Some(walk.head.seq + 1), &known.file, None);
        }
        if let Some(comparison) = &mut self.comparison {
            comparison.end(walk.head.seq, self.verdict);
            self.verdict.shelf_records = Some(comparison.compared);
        }
    }

    /// Compares the two copies of the key file, as far as slots were used.
    fn keys(&mut self, slot_max: Option<u32>) -> io::Result<()> {
        // Where a rotation was cut off behind its commit, the files that wait are the ones in force.
        let is_unfinished = rotation::is_unfinished(self.disk)?;
        let copy = |name: &str| match is_unfinished.then(|| rotation::next_of(name)) {
            Some(next) => keys::read_all(self.disk, &next)?
                .map_or_else(|| keys::read_all(self.disk, name), |copy| Ok(Some(copy))),
            None => keys::read_all(self.disk, name),
        };
        let copies = [copy(KEY_FILES[0])?, copy(KEY_FILES[1])?];
        for (name, copy) in KEY_FILES.iter().zip(&copies) {
            let header = copy.as_ref().and_then(|copy| copy.get(..KEYS_HEADER_BYTES));
            if header.and_then(|header| keys::check_header(header, &self.identity.journal_id)).is_none() {
                self.verdict.add(Kind::KeyFileDamaged, None, &format!("{KEYS_FOLDER}/{name}"), Some(0));
            }
        }
        let [Some(one), Some(other)] = copies else { return Ok(()) };
        for slot in slot_max.into_iter().flat_map(|slot_max| 0..=slot_max) {
            let offset = usize::try_from(keys::offset_of(slot)).map_err(io::Error::other)?;
            let place = offset..offset + WRAPPED_KEY_BYTES;
            if one.get(place.clone()).is_none() || one.get(place.clone()) != other.get(place) {
                let name = format!("{KEYS_FOLDER}/{}", KEY_FILES[1]);
                self.verdict.add(Kind::KeyMirrorDiffers, None, &name, Some(offset as u64));
            }
        }
        Ok(())
    }
}

/// sled's records beside the log's.
struct Comparison {
    store: Store,
    applied: Seq,
    waiting: VecDeque<Vec<u8>>,
    waiting_first: Seq,
    compared: u64,
    broken: bool,
}

impl Comparison {
    fn new(store: Store) -> Self {
        let applied = store.applied();
        let broken = applied.is_err();
        let applied = applied.ok().flatten().map_or(0, |applied| applied.seq);
        Self { store, applied, waiting: VecDeque::new(), waiting_first: 1, compared: 0, broken }
    }

    fn compare(&mut self, seq: Seq, bytes: &[u8], verdict: &mut Verdict) {
        if seq > self.applied || self.broken {
            return;
        }
        while self.waiting_first < seq && self.waiting.pop_front().is_some() {
            self.waiting_first += 1;
        }
        if self.waiting.is_empty() {
            self.waiting_first = seq;
            match self.store.bytes_from(seq, COMPARE_RECORDS) {
                Ok(found) => self.waiting.extend(found),
                Err(ShelfError::Page(_)) => {}
                Err(_) => {
                    self.broken = true;
                    verdict.add(Kind::ShelfUnreadable, Some(seq), SHELF_FOLDER, None);
                    return;
                }
            }
        }
        self.compared += 1;
        if self.waiting.front().is_none_or(|found| found != bytes) {
            verdict.add(Kind::ShelfDiffers, Some(seq), SHELF_FOLDER, None);
        }
    }

    fn end(&mut self, log_end: Seq, verdict: &mut Verdict) {
        if self.broken {
            return;
        }
        if self.applied > log_end {
            verdict.add(Kind::ShelfAhead, Some(log_end + 1), SHELF_FOLDER, None);
        }
        if self.store.bytes_from(self.applied + 1, 1).is_ok_and(|found| !found.is_empty()) {
            verdict.add(Kind::ShelfBeyondApplied, Some(self.applied + 1), SHELF_FOLDER, None);
        }
    }
}
