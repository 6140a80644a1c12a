//! What stands beside the journal and is no part of it: photographs and papers, and what lets people and programs in.
//!
//! In a backup all that opens something lies in the folder of the keys. Sessions are not kept: whoever was signed in
//! signs in again.

mod unread;

pub(super) use self::unread::unread;
use crate::http::RESIDENT_KEY;
use huying_bus::roster::{self, NATS_FOLDER};
use huying_domain::record::Hash;
use huying_journal::{
    backup::BackupError,
    files::{FILES_FOLDER, FILES_KEY, FILES_KEY_NEXT},
};
use huying_web::{keys::ring::KEYS_FILE, sign_in::account::ACCOUNTS_FILE};
use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// What opens something, by its place in the data folder.
fn secrets() -> [PathBuf; 6] {
    let of_nats = Path::new(NATS_FOLDER).join(roster::ACCOUNTS_FILE);
    let [files, next, residents, accounts, feeds] =
        [FILES_KEY, FILES_KEY_NEXT, RESIDENT_KEY, ACCOUNTS_FILE, KEYS_FILE].map(PathBuf::from);
    [files, next, residents, accounts, feeds, of_nats]
}

/// Copies it out of a data folder into a backup, which has its keys in a folder of their own. A file is there before a
/// record names it, so this comes behind the log.
pub(super) fn out(data: &Path, backup: &Path, keys: &Path) -> Result<(), BackupError> {
    copy_files(data, backup)?;
    copy_secrets(data, keys)
}

/// Copies it back into a data folder.
pub(super) fn back(backup: &Path, keys: &Path, data: &Path) -> Result<(), BackupError> {
    copy_files(backup, data)?;
    copy_secrets(keys, data)
}

fn copy_files(from: &Path, to: &Path) -> Result<(), BackupError> {
    let (from, into) = (from.join(FILES_FOLDER), to.join(FILES_FOLDER));
    let failed = |path: &Path, source| BackupError::Copy { path: path.to_owned(), source };
    let entries = match fs::read_dir(&from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|source| failed(&from, source))?,
    };
    DirBuilder::new().recursive(true).mode(0o700).create(&into).map_err(|source| failed(&into, source))?;
    for entry in entries {
        let entry = entry.map_err(|source| failed(&from, source))?;
        // What bears another name than a hash is being written, and no record names it yet.
        if entry.file_name().to_string_lossy().parse::<Hash>().is_ok() {
            let copied = copy(&entry.path(), &into.join(entry.file_name()));
            copied.map_err(|source| failed(&entry.path(), source))?;
        }
    }
    sync(&into).map_err(|source| failed(&into, source))
}

fn copy_secrets(from: &Path, to: &Path) -> Result<(), BackupError> {
    for name in secrets() {
        let (from, to) = (from.join(&name), to.join(&name));
        let failed = |source| BackupError::Copy { path: from.clone(), source };
        if !from.exists() {
            continue;
        }
        if let Some(folder) = to.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
            copy(&from, &to).and_then(|()| sync(folder)).map_err(failed)?;
        }
    }
    Ok(())
}

/// With the rights of the original, which are its owner's alone.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    File::open(to)?.sync_all()
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
