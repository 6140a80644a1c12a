//! The rows of a call file, all of them in memory, in the order of their instants.

use flate2::read::MultiGzDecoder;
use huying_domain::{ids::UnitId, time::Timestamp};
use huying_intake::{
    profile::Profile,
    read::{MissingColumn, Rows},
    report::Report,
};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, Read, Seek},
    path::{Path, PathBuf},
};
use thiserror::Error;

/// Most rows of one replay: they are held in memory, about a kilobyte each.
pub const ROWS_MAX: usize = 5_000_000;
/// Of the file's SHA-256, the hexadecimal digits by which a data folder knows it again.
const DIGEST_DIGITS: usize = 16;
/// How a packed file begins, by RFC 1952.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Why a call file cannot be replayed.
#[derive(Debug, Error)]
pub enum RowsError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A column of the profile is absent.
    #[error("{} is not a file of this profile", path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// Which column.
        #[source]
        source: MissingColumn,
    },
    /// More rows than fit.
    #[error("{} has more than {ROWS_MAX} rows", .0.display())]
    TooMany(PathBuf),
    /// Not one row.
    #[error("{} holds no row that can be read", .0.display())]
    Empty(PathBuf),
}

/// What a call file holds.
#[derive(Debug, Default)]
pub struct CallFile {
    /// The reports that could be read, by instant; those of one instant in the order of the file.
    pub reports: Vec<Report>,
    /// Rows that could not be read, by reason.
    pub bad_rows: BTreeMap<String, u64>,
    /// Fields that were not believed, by what was wrong.
    pub notes: BTreeMap<String, u64>,
    /// The departments that the rows name.
    pub departments: BTreeSet<UnitId>,
    /// The first digits of the file's SHA-256.
    pub digest: String,
    /// The latest instant that any row names as received or closed.
    pub end: Timestamp,
}

impl CallFile {
    /// Reads a file, packed or plain. With `limit` only so many rows.
    pub fn read(path: &Path, profile: &Profile, limit: Option<usize>) -> Result<Self, RowsError> {
        let unreadable = |source| RowsError::Read { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(unreadable)?;
        let digest = digest_of(&mut file).map_err(unreadable)?;
        let mut magic = [0; 2];
        let packed = file.read_exact(&mut magic).is_ok() && magic == GZIP_MAGIC;
        file.rewind().map_err(unreadable)?;
        let stream: Box<dyn Read> = if packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
        let rows = Rows::new(profile, stream)
            .map_err(|source| RowsError::Columns { path: path.to_owned(), source })?;
        let mut read = Self { digest, ..Self::default() };
        for (nth, (_, row)) in rows.enumerate().take(limit.unwrap_or(usize::MAX)) {
            if nth >= ROWS_MAX {
                return Err(RowsError::TooMany(path.to_owned()));
            }
            match row {
                Ok(report) => read.take_in(report),
                Err(unreadable) => *read.bad_rows.entry(unreadable.code.to_owned()).or_default() += 1,
            }
        }
        if read.reports.is_empty() {
            return Err(RowsError::Empty(path.to_owned()));
        }
        read.reports.sort_by_key(|report| report.received);
        Ok(read)
    }

    /// How many rows there are, the bad ones too.
    pub fn rows(&self) -> u64 {
        self.reports.len() as u64 + self.bad_rows.values().sum::<u64>()
    }

    fn take_in(&mut self, report: Report) {
        for note in &report.notes {
            *self.notes.entry(note.name().to_owned()).or_default() += 1;
        }
        self.departments.extend(report.department.clone());
        self.end = self.end.max(report.received).max(report.closed.unwrap_or_default());
        self.reports.push(report);
    }
}

fn digest_of(file: &mut File) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(file, &mut hasher)?;
    file.rewind()?;
    let mut digest: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    digest.truncate(DIGEST_DIGITS);
    Ok(digest)
}
