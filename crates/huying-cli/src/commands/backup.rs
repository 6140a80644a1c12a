//! `backup`: a copy of the journal and of the rules that it names, of a running engine too.

use super::{
    beside::{self, copy},
    out_of_turn,
};
use crate::{
    failure::{Failure, Output},
    live::{Answer, Request, folder},
    words::{Lang, Say},
};
use huying_engine::rulebook;
use huying_journal::{
    backup::{BackupError, backup},
    keys::KEYS_FOLDER,
};
use serde_json::json;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Where from, where to.
#[derive(Clone, Debug, clap::Args)]
pub struct BackupArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
    /// An empty or missing folder; its subfolder `keys` is to be kept apart from the rest
    #[arg(long)]
    pub to: PathBuf,
}

/// Asks for the backup where an engine runs, else makes it.
pub fn run(args: &BackupArgs, lang: Lang) -> Result<Output, Failure> {
    let to = std::path::absolute(&args.to).map_err(|error| Failure::unreadable(args.to.display(), error))?;
    match folder::open(&args.data)?.ask(Request::Backup(to.clone()))? {
        Answer::BackedUp => {
            let keys = to.join(KEYS_FOLDER);
            let said = Say::BackedUp.filled(lang, &[("to", &to.display()), ("keys", &keys.display())]);
            Ok(Output::done(json!({ "backup": to, "keys": keys }), said))
        }
        answer => Err(out_of_turn(&answer)),
    }
}

/// Copies a journal, then the files that its records name: those are never altered, only added to, so whatever a
/// copied record names is there. With them goes what stands beside the journal.
pub fn back_up(dir: &Path, to: &Path) -> Result<(), BackupError> {
    backup(dir, to)?;
    copy_rules(dir, to)?;
    beside::out(dir, to, &to.join(KEYS_FOLDER))
}

/// Copies the rulebook and what stands beside it, and syncs them.
pub(super) fn copy_rules(from: &Path, to: &Path) -> Result<(), BackupError> {
    let copied = |path: &Path, source| BackupError::Copy { path: path.to_owned(), source };
    let book = from.join(rulebook::FOLDER);
    let into = to.join(rulebook::FOLDER);
    fs::create_dir_all(&into).map_err(|source| copied(&into, source))?;
    let entries = match fs::read_dir(&book) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        entries => entries
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(|source| copied(&book, source))?,
    };
    for entry in entries {
        // A file that is being written bears another name than its hash, and no record names it yet.
        if entry.path().extension().is_none() {
            copy(&entry.path(), &into.join(entry.file_name())).map_err(|source| copied(&book, source))?;
        }
    }
    for (name, _) in rulebook::BESIDE {
        let beside = from.join(name);
        if beside.exists() {
            copy(&beside, &to.join(name)).map_err(|source| copied(&beside, source))?;
        }
    }
    for folder in [into.as_path(), to] {
        File::open(folder).and_then(|open| open.sync_all()).map_err(|source| copied(folder, source))?;
    }
    Ok(())
}
