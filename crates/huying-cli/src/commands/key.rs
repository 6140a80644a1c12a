//! `key`: other keys for the personal data and the files of a folder at rest.

use crate::{
    exit::Exit,
    failure::{Failure, Output},
    live::{
        client::Client,
        folder::{clock_kind, entropy, no_journal, not_started},
    },
    words::{Lang, Say},
};
use huying_engine::{clock::Clock, start::StartError};
use huying_journal::{
    disk::real::RealDisk,
    error::{KeyError, OpenError},
    files,
    journal::{Options, SEGMENT_BYTES, Shelf},
    keys::{KEYS_FOLDER, MASTER_FILE},
    rotation::rotate,
    seal::MasterKey,
    writer::Writer,
};
use serde_json::json;
use std::path::PathBuf;

/// What is done with the master key.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum KeyCommand {
    /// Wrap every key of personal data by a new master key, seal every file by a new key, and destroy the old ones 更换主密钥
    Rotate(RotateArgs),
}

/// Which folder.
#[derive(Clone, Debug, clap::Args)]
pub struct RotateArgs {
    /// The data folder; no engine may run on it
    pub dir: PathBuf,
}

/// Does it.
pub fn run(command: &KeyCommand, lang: Lang) -> Result<Output, Failure> {
    match command {
        KeyCommand::Rotate(args) => rotated(args, lang),
    }
}

/// A living folder is refused and not asked: while all keys are wrapped anew no call could be sealed.
fn rotated(args: &RotateArgs, lang: Lang) -> Result<Output, Failure> {
    let dir = args.dir.as_path();
    let clock_kind = clock_kind(dir)?.ok_or_else(|| no_journal(dir))?;
    if Client::connect(dir)?.is_some() {
        let words = Say::KeyEngineRuns.with(&[("dir", &dir.display())]);
        return Err(Failure::new(Exit::Held, "engine_runs", words));
    }
    let disk = RealDisk::new(dir).map_err(|error| Failure::unreadable(dir.display(), error))?;
    let unopened = |error: OpenError| match error {
        OpenError::Keys(KeyError::SlotUnreadable(slot)) => {
            let words = Say::KeySlotUnreadable.with(&[("slot", &slot)]);
            Failure::new(Exit::Unreadable, "key_unreadable", words).because(KeyError::SlotUnreadable(slot))
        }
        error => not_started(dir, StartError::Journal(error)),
    };
    let mut random = entropy();
    let master_key = MasterKey::load_or_create(&disk, &mut random).map_err(|error| unopened(error.into()))?;
    let options = Options {
        shelf: Shelf::None,
        writer: Writer::Inline,
        clock_kind,
        segment_bytes: SEGMENT_BYTES,
        now: Clock::system().now(),
        master_key,
        entropy: random,
    };
    let rotated = rotate(&disk, options).map_err(unopened)?;
    let resealed =
        files::reseal(dir, entropy()).map_err(|error| Failure::unreadable(dir.display(), error))?;
    if !resealed.unopened.is_empty() {
        let (count, names) = (resealed.unopened.len(), resealed.unopened.join(", "));
        let words = Say::FilesUnopened.with(&[("count", &count), ("names", &names)]);
        return Err(Failure::new(Exit::Unreadable, "files_unopened", words));
    }
    let file = dir.join(KEYS_FOLDER).join(MASTER_FILE);
    let fills: &[(&str, &dyn std::fmt::Display)] = &[
        ("keys", &rotated.keys),
        ("erased", &rotated.erased),
        ("files", &resealed.files),
        ("file", &file.display()),
    ];
    let json = json!({
        "rotated": true, "keys": rotated.keys, "erased": rotated.erased, "files": resealed.files, "master_key": file,
    });
    Ok(Output::done(json, Say::KeyRotated.filled(lang, fills)))
}
