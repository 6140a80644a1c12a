//! The rulebook folder: each rule file under the hash of its bytes. Events name the hash; the bytes stand here.

use huying_domain::{
    record::{Hash, RuleFile},
    rules::{RuleTexts, Rules, RulesError},
};
use huying_intake::class::{file::MODEL_FILE, labels::LABELS_FILE};
use huying_journal::disk::{Disk, DiskFile, Mode, put_file};
use std::{collections::BTreeMap, io};
use thiserror::Error;

/// The folder within the data folder.
pub const FOLDER: &str = "rulebook";
/// The outlines of the city's areas in the data folder, as GeoJSON. No record names them.
pub const OUTLINES_FILE: &str = "areas.geojson";
/// Under which hash, which no content has, a station elsewhere asks for the outlines.
pub const OUTLINES_AT: Hash = Hash::ZERO;
/// Under which it asks for the model that proposes classes.
pub const MODEL_AT: Hash = numbered(1);
/// Under which it asks for what that model's labels mean in the city.
pub const LABELS_AT: Hash = numbered(2);
/// The files that stand in the data folder beside the rulebook, and that no record names.
pub const BESIDE: [(&str, Hash); 3] =
    [(OUTLINES_FILE, OUTLINES_AT), (MODEL_FILE, MODEL_AT), (LABELS_FILE, LABELS_AT)];
/// Most bytes of one rule file.
pub const RULE_FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Why the rules cannot be had.
#[derive(Debug, Error)]
pub enum RulebookError {
    /// The folder cannot be read or written.
    #[error("the rulebook folder cannot be used")]
    Disk(#[from] io::Error),
    /// A file is not there, or its bytes do not have the hash that is its name.
    #[error("the {} file {hash} is absent from the rulebook folder or altered", file.name())]
    Altered {
        /// Which file.
        file: RuleFile,
        /// Its name.
        hash: Hash,
    },
    /// A file is too long.
    #[error("a rule file of {0} bytes is longer than {RULE_FILE_BYTES_MAX}")]
    TooLong(usize),
    /// The files are no rules.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// A rule file was never published.
    #[error("the journal holds no published {} file", .0.name())]
    NeverPublished(RuleFile),
}

/// Puts a rule file into the folder, synced, before anything names it.
pub fn keep<D: Disk>(disk: &D, bytes: &[u8]) -> Result<Hash, RulebookError> {
    if bytes.len() > RULE_FILE_BYTES_MAX {
        return Err(RulebookError::TooLong(bytes.len()));
    }
    let hash = Rules::hash(bytes);
    if !disk.list(FOLDER)?.contains(&hash.to_string()) {
        put_file(disk, FOLDER, &hash.to_string(), bytes)?;
    }
    Ok(hash)
}

/// The bytes of a rule file, if they are there and have their hash.
pub fn fetch<D: Disk>(disk: &D, file: RuleFile, hash: Hash) -> Result<Vec<u8>, RulebookError> {
    let altered = RulebookError::Altered { file, hash };
    let Ok(open) = disk.open(&format!("{FOLDER}/{hash}"), Mode::Read) else { return Err(altered) };
    let length = usize::try_from(open.len()?).unwrap_or(usize::MAX);
    if length > RULE_FILE_BYTES_MAX {
        return Err(RulebookError::TooLong(length));
    }
    let bytes = open.bytes_at(0, length)?;
    if Rules::hash(&bytes) == hash { Ok(bytes) } else { Err(altered) }
}

const fn numbered(last: u8) -> Hash {
    let mut bytes = [0; 32];
    bytes[31] = last;
    Hash(bytes)
}

/// The bytes of whatever file of the folder has this hash, if one has, or of a file beside it.
pub(crate) fn bytes_of<D: Disk>(disk: &D, hash: Hash) -> Option<Vec<u8>> {
    if let Some((name, _)) = BESIDE.iter().find(|(_, at)| *at == hash) {
        let open = disk.open(name, Mode::Read).ok()?;
        let length =
            usize::try_from(open.len().ok()?).ok().filter(|length| *length <= RULE_FILE_BYTES_MAX)?;
        return open.bytes_at(0, length).ok();
    }
    // Which file it is matters only to the words of the error.
    fetch(disk, RuleFile::Policy, hash).ok()
}

/// Reads the rules that these hashes name.
pub fn read<D: Disk>(disk: &D, in_force: &BTreeMap<RuleFile, Hash>) -> Result<Rules, RulebookError> {
    let mut texts = RuleTexts::new();
    for file in RuleFile::ALL {
        let hash = *in_force.get(&file).ok_or(RulebookError::NeverPublished(file))?;
        texts.insert(file, fetch(disk, file, hash)?);
    }
    Ok(Rules::read(&texts)?)
}
