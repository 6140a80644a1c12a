//! `restore`: makes a data folder of a backup, with everything erased that was erased since.

use super::{backup::copy_rules, beside};
use crate::{
    exit::Exit,
    failure::{Failure, Output},
    words::{Lang, Say},
};
use huying_journal::{
    backup::{BackupError, restore},
    keys::KEYS_FOLDER,
};
use serde_json::json;
use std::path::PathBuf;

/// Where from, where to.
#[derive(Clone, Debug, clap::Args)]
pub struct RestoreArgs {
    /// The backup
    #[arg(long)]
    pub from: PathBuf,
    /// An empty or missing folder that becomes the data folder
    #[arg(long)]
    pub data: PathBuf,
    /// The folder of the backup's keys, where they are kept apart
    #[arg(long)]
    pub keys: Option<PathBuf>,
    /// A further list of erased keys: the file `keys/erased` of the living journal or of a newer backup
    #[arg(long)]
    pub erased: Vec<PathBuf>,
}

/// Restores; the journal goes on in the next epoch.
pub fn run(args: &RestoreArgs, lang: Lang) -> Result<Output, Failure> {
    let failed = |error: BackupError| {
        Failure::new(Exit::Unreadable, "restore", Say::RestoreFailed.with(&[])).because(error)
    };
    let restored = restore(&args.from, &args.data, args.keys.as_deref(), &args.erased).map_err(failed)?;
    copy_rules(&args.from, &args.data).map_err(failed)?;
    let keys = args.keys.clone().unwrap_or_else(|| args.from.join(KEYS_FOLDER));
    beside::back(&args.from, &keys, &args.data).map_err(failed)?;
    let (head, epoch, erased) = (restored.head, restored.epoch, restored.erased_slots);
    let said = Say::Restored.filled(lang, &[("head", &head), ("epoch", &epoch), ("erased", &erased)]);
    let json = json!({ "head": head.to_string(), "epoch": epoch, "erased_keys": erased });
    Ok(Output::done(json, said))
}
