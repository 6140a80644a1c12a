//! Photographs and papers of cases whose personal data were erased are destroyed with them.
//!
//! A record goes on naming them by their hashes, which tell nothing. The same content may stand under another case, too:
//! it stays until that one is erased as well. What a crash left over, the next call destroys.

use crate::{
    disk::Disk,
    error::{KeyError, ReadError},
    files::destroy,
    reader::Reader,
};
use huying_domain::{
    event::Event,
    ids::CaseId,
    record::{Hash, Record},
};
use std::{collections::BTreeSet, io, ops::ControlFlow, path::Path};
use thiserror::Error;

/// Why files could not be destroyed.
#[derive(Debug, Error)]
pub enum ShredError {
    /// The records cannot be read.
    #[error("it cannot be read which files are to be destroyed")]
    Read(#[from] ReadError),
    /// A key cannot be read.
    #[error("it cannot be read whether a key was erased")]
    Key(#[from] KeyError),
    /// A file cannot be written or removed.
    #[error("a file cannot be destroyed")]
    Disk(#[from] io::Error),
}

/// Destroys the files that only erased cases name, and says how many there were. It reads the log twice, and twice
/// more where anything was erased.
///
/// # Errors
/// The log cannot be read, or a file cannot be destroyed.
pub fn shred<D: Disk>(reader: &Reader<D>, data: &Path) -> Result<u64, ShredError> {
    let erased = erased(reader)?;
    if erased.is_empty() {
        return Ok(0);
    }
    let mut doomed: BTreeSet<Hash> = BTreeSet::new();
    named(reader, &mut |case, hash| {
        if erased.contains(&case) {
            doomed.insert(*hash);
        }
    })?;
    named(reader, &mut |case, hash| {
        if !erased.contains(&case) {
            doomed.remove(hash);
        }
    })?;
    let mut destroyed = 0;
    for hash in doomed {
        destroyed += u64::from(destroy(data, hash)?);
    }
    Ok(destroyed)
}

/// The cases with files whose personal data were erased: a record says so, or, in a folder that was restored from an older
/// backup, their key is no more.
fn erased<D: Disk>(reader: &Reader<D>) -> Result<BTreeSet<CaseId>, ShredError> {
    let (mut erased, mut have_files) = (BTreeSet::new(), BTreeSet::new());
    each_event(reader, &mut |case, event| match event {
        Event::Erased(_) => drop(erased.insert(case)),
        event if !files_of(event).is_empty() => drop(have_files.insert(case)),
        _ => {}
    })?;
    let mut fault = None;
    reader.scan(1, &mut |record: &Record, _| {
        let sealed = record.sealed.as_ref().zip(record.parts.first().and_then(|part| part.case()));
        if let Some((sealed, case)) = sealed.filter(|(_, case)| have_files.remove(case)) {
            match reader.is_erased(sealed.slot) {
                Ok(true) => drop(erased.insert(case)),
                Ok(false) => {}
                Err(error) => fault = Some(error),
            }
        }
        if fault.is_some() || have_files.is_empty() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    fault.map_or(Ok(erased), |error| Err(error.into()))
}

/// Every file that a record names, with its case.
fn named<D: Disk>(reader: &Reader<D>, each: &mut dyn FnMut(CaseId, &Hash)) -> Result<(), ReadError> {
    each_event(reader, &mut |case, event| files_of(event).iter().for_each(|hash| each(case, hash)))
}

/// The files that came with a call, or that stand as evidence of what was done.
fn files_of(event: &Event) -> &[Hash] {
    match event {
        Event::Registered(event) => &event.filing.photos,
        Event::Joined(event) => &event.filing.photos,
        Event::Resolved(event) => &event.evidence,
        _ => &[],
    }
}

fn each_event<D: Disk>(reader: &Reader<D>, each: &mut dyn FnMut(CaseId, &Event)) -> Result<(), ReadError> {
    reader.scan(1, &mut |record: &Record, _| {
        for part in &record.parts {
            if let Some(case) = part.case() {
                part.events.iter().for_each(|event| each(case, event));
            }
        }
        ControlFlow::Continue(())
    })
}
