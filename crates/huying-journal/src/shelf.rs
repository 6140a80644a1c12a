//! The shelf: sled, where history is read. It follows the log and is rebuilt from it when it fails.
//!
//! | tree | key | value |
//! |---|---|---|
//! | `pages` | seq of the page's first record, 8 big-endian: 1, 17, 33 … | up to 16 records: length 4 little-endian, bytes |
//! | `cases` | shard 2, number 8, big-endian | the case's seqs, 8 big-endian each; written when it rests |
//! | `external` | day 4 big-endian, source, 0, the source's id | shard 2, number 8, big-endian |
//! | `meta` | `applied` | seq 8 big-endian, its hash 32 |
//! | `meta` | `identity` | a segment's header with first seq 1, see [`crate::segment`] |
//!
//! sled 0.34 is fast with few trees, keys in order of time, one writing thread and no timers. It is not
//! durable by itself, panics on damage and may hang: whatever it does is done in [`contained`] or behind a
//! caught panic, and the log stays the truth.

use crate::{
    board::Note,
    error::ShelfError,
    frame::number32,
    head::Head,
    segment::{Identity, SegmentHeader},
};
use huying_domain::{
    ids::{CaseId, Seq},
    record::Hash,
};
use sled::{
    Transactional,
    transaction::{ConflictableTransactionError, TransactionError},
};
use std::{
    convert::Infallible,
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

/// Records in one page.
pub const PAGE_RECORDS: u64 = 16;
/// sled's folder within the journal's.
pub const SHELF_FOLDER: &str = "sled";
/// Opening may take this long, and longer by the size of what is there.
const OPEN_MS_MIN: u64 = 60_000;
/// For each of so many bytes of files, opening may take a second longer.
const OPEN_BYTES_PER_SECOND_MIN: u64 = 4 * 1024 * 1024;
/// A lock that the former owner has not let go of yet is tried so often, …
const LOCK_TRIES_MAX: u32 = 100;
/// … so far apart.
const LOCK_RETRY_MS: u64 = 20;

/// sled, open. Clones are the same store.
#[derive(Clone)]
pub(crate) struct Store {
    db: sled::Db,
    pages: sled::Tree,
    cases: sled::Tree,
    external: sled::Tree,
    meta: sled::Tree,
}

/// Runs something that may panic or hang in a thread of its own, for so long at most. A hung thread is left
/// behind: nothing can end it but the end of the process.
pub fn contained<T: Send + 'static>(
    limit_ms: u64,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ShelfError> {
    let (result, inbox) = channel();
    let tell = move || {
        let _the_waiter_may_have_gone = result.send(catch_unwind(AssertUnwindSafe(run)));
    };
    thread::Builder::new().name("huying-shelf-open".to_owned()).spawn(tell)?;
    match inbox.recv_timeout(Duration::from_millis(limit_ms)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(ShelfError::Panicked),
        Err(RecvTimeoutError::Timeout) => Err(ShelfError::Hung(limit_ms)),
    }
}

/// Runs a call of sled and turns its panic into an error.
fn caught<T>(run: impl FnOnce() -> Result<T, ShelfError>) -> Result<T, ShelfError> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(Err(ShelfError::Panicked))
}

/// Removes the snapshots that a crash left half written: sled would not open with them. Says how many.
pub(crate) fn remove_half_snapshots(folder: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for name in names_in(folder)? {
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(folder.join(name))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Moves sled's folder aside as `shelf.broken-<n>`.
pub(crate) fn move_aside(dir: &Path) -> io::Result<PathBuf> {
    let free = (1_u32..).map(|n| dir.join(format!("shelf.broken-{n}"))).find(|path| !path.exists());
    let aside = free.expect("numbers do not run out");
    fs::rename(dir.join(SHELF_FOLDER), &aside)?;
    Ok(aside)
}

fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect(),
    }
}

fn bytes_in(folder: &Path) -> io::Result<u64> {
    let sizes =
        names_in(folder)?.into_iter().map(|name| fs::metadata(folder.join(name)).map(|meta| meta.len()));
    sizes.sum()
}

impl Store {
    /// Opens sled, contained.
    pub(crate) fn open(folder: &Path, cache_bytes: u64) -> Result<Self, ShelfError> {
        let limit_ms = OPEN_MS_MIN + 1000 * (bytes_in(folder)? / OPEN_BYTES_PER_SECOND_MIN);
        let folder = folder.to_owned();
        contained(limit_ms, move || Self::open_here(&folder, cache_bytes))?
    }

    fn open_here(folder: &Path, cache_bytes: u64) -> Result<Self, ShelfError> {
        let config = sled::Config::new()
            .path(folder)
            .mode(sled::Mode::HighThroughput)
            .cache_capacity(cache_bytes)
            .flush_every_ms(None);
        let mut tries = 0;
        let db = loop {
            match config.open() {
                Err(error) if is_locked(&error) && tries < LOCK_TRIES_MAX => {
                    tries += 1;
                    thread::sleep(Duration::from_millis(LOCK_RETRY_MS));
                }
                opened => break opened?,
            }
        };
        let tree = |name: &str| db.open_tree(name);
        let (pages, cases) = (tree("pages")?, tree("cases")?);
        let (external, meta) = (tree("external")?, tree("meta")?);
        let shelf = Self { pages, cases, external, meta, db };
        if let Some(applied) = shelf.applied()? {
            shelf.bytes_from(applied.seq, 1)?;
        }
        Ok(shelf)
    }

    /// The last record in sled.
    pub(crate) fn applied(&self) -> Result<Option<Head>, ShelfError> {
        caught(|| {
            let Some(value) = self.meta.get("applied")? else { return Ok(None) };
            let (seq, hash) = value.split_first_chunk::<8>().ok_or(ShelfError::Page(0))?;
            let hash = Hash(hash.try_into().map_err(|_| ShelfError::Page(0))?);
            Ok(Some(Head { seq: Seq::from_be_bytes(*seq), hash }))
        })
    }

    /// Whose records these are.
    pub(crate) fn identity(&self) -> Result<Option<Identity>, ShelfError> {
        let value = caught(|| Ok(self.meta.get("identity")?))?;
        Ok(value.and_then(|value| SegmentHeader::decode(&value).ok()).map(|header| header.identity))
    }

    /// Notes whose records these are.
    pub(crate) fn set_identity(&self, identity: Identity) -> Result<(), ShelfError> {
        let header = SegmentHeader { identity, first: 1, prev: Hash::ZERO };
        caught(|| Ok(self.meta.insert("identity", header.encode()).map(drop)?))
    }

    /// Adds records behind those that are there, and notes, in one transaction.
    pub(crate) fn apply(
        &self,
        records: &[(Seq, &[u8])],
        last: Head,
        notes: &[Note],
    ) -> Result<(), ShelfError> {
        let pages = self.pages_with(records)?;
        let applied = [&last.seq.to_be_bytes()[..], &last.hash.0].concat();
        let trees = (&self.pages, &self.cases, &self.external, &self.meta);
        caught(|| {
            let result = trees.transaction(|(pages_tree, cases, external, meta)| {
                for (first, page) in &pages {
                    pages_tree.insert(&first.to_be_bytes(), page.as_slice())?;
                }
                for note in notes {
                    match note {
                        Note::Rest { case, seqs } => cases.insert(&case_key(*case), seq_list(seqs))?,
                        Note::External { key, case } => external.insert(key.as_slice(), &case_key(*case))?,
                    };
                }
                if !records.is_empty() {
                    meta.insert("applied", applied.as_slice())?;
                }
                Ok::<(), ConflictableTransactionError<Infallible>>(())
            });
            result.map_err(|error| match error {
                TransactionError::Storage(error) => ShelfError::Sled(error),
                TransactionError::Abort(never) => match never {},
            })
        })
    }

    /// The pages that these records make, the first one filled up from what is there.
    fn pages_with(&self, records: &[(Seq, &[u8])]) -> Result<Vec<(Seq, Vec<u8>)>, ShelfError> {
        let mut pages: Vec<(Seq, Vec<u8>)> = Vec::new();
        for &(seq, bytes) in records {
            let first = page_of(seq);
            if pages.last().is_none_or(|(last, _)| *last != first) {
                let there = if seq == first { Vec::new() } else { self.page_until(first, seq)? };
                pages.push((first, there));
            }
            let (_, page) = pages.last_mut().expect("a page was just pushed");
            page.extend_from_slice(&u32::try_from(bytes.len()).expect("a record fits").to_le_bytes());
            page.extend_from_slice(bytes);
        }
        Ok(pages)
    }

    /// A page's records before a seq.
    fn page_until(&self, first: Seq, seq: Seq) -> Result<Vec<u8>, ShelfError> {
        let page = caught(|| Ok(self.pages.get(first.to_be_bytes())?))?.ok_or(ShelfError::Page(first))?;
        let mut kept = 0;
        for record in split(&page, first)?.iter().take(usize::try_from(seq - first).unwrap_or(0)) {
            kept += 4 + record.len();
        }
        Ok(page[..kept].to_vec())
    }

    /// Bytes of the records from a seq on, at most `limit`; fewer where sled has no more.
    pub(crate) fn bytes_from(&self, from: Seq, limit: usize) -> Result<Vec<Vec<u8>>, ShelfError> {
        caught(|| {
            let mut found = Vec::new();
            let mut next = from;
            for entry in self.pages.range(page_of(from).to_be_bytes()..) {
                let (key, page) = entry?;
                let first =
                    key.as_ref().try_into().map(Seq::from_be_bytes).map_err(|_| ShelfError::Page(next))?;
                if first != page_of(next) || found.len() >= limit {
                    break;
                }
                let skip = usize::try_from(next - first).unwrap_or(0);
                for record in split(&page, first)?.into_iter().skip(skip).take(limit - found.len()) {
                    found.push(record.to_vec());
                    next += 1;
                }
            }
            Ok(found)
        })
    }

    /// The seqs of a case that rests.
    pub(crate) fn seqs_of(&self, case: CaseId) -> Result<Option<Vec<Seq>>, ShelfError> {
        let list = caught(|| Ok(self.cases.get(case_key(case))?))?;
        Ok(list.map(|list| {
            let seqs = list.chunks_exact(8).map(|seq| Seq::from_be_bytes(seq.try_into().expect("8 bytes")));
            seqs.collect()
        }))
    }

    /// The case that a source's id names.
    pub(crate) fn external(&self, key: &[u8]) -> Result<Option<CaseId>, ShelfError> {
        let value = caught(|| Ok(self.external.get(key)?))?;
        Ok(value.and_then(|value| {
            let (shard, number) = value.split_first_chunk::<2>()?;
            Some(CaseId::new(u16::from_be_bytes(*shard), u64::from_be_bytes(number.try_into().ok()?)))
        }))
    }

    /// Lets sled write out what it holds in memory.
    pub(crate) fn flush(&self) -> Result<(), ShelfError> {
        caught(|| Ok(self.db.flush().map(drop)?))
    }
}

/// The key of a source's id on a day.
pub(crate) fn external_key(day: u32, source: &str, id: &str) -> Vec<u8> {
    [&day.to_be_bytes()[..], source.as_bytes(), &[0], id.as_bytes()].concat()
}

/// Whether somebody else still has sled's folder.
pub(crate) fn is_locked(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(error) if error.to_string().contains("could not acquire lock"))
}

const fn page_of(seq: Seq) -> Seq {
    (seq - 1) / PAGE_RECORDS * PAGE_RECORDS + 1
}

fn split(page: &[u8], first: Seq) -> Result<Vec<&[u8]>, ShelfError> {
    let mut records = Vec::with_capacity(PAGE_RECORDS as usize);
    let mut rest = page;
    while !rest.is_empty() {
        let bytes = rest
            .get(..4)
            .map(|length| number32(length, 0) as usize)
            .and_then(|length| rest.get(4..4 + length));
        let bytes = bytes.ok_or(ShelfError::Page(first))?;
        records.push(bytes);
        rest = &rest[4 + bytes.len()..];
    }
    Ok(records)
}

fn case_key(case: CaseId) -> [u8; 10] {
    let mut key = [0; 10];
    key[..2].copy_from_slice(&case.shard().to_be_bytes());
    key[2..].copy_from_slice(&case.number().to_be_bytes());
    key
}

fn seq_list(seqs: &[Seq]) -> Vec<u8> {
    seqs.iter().flat_map(|seq| seq.to_be_bytes()).collect()
}
