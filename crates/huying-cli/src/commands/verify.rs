//! `verify`: is the journal whole, and would a start read what stands beside it? Exit 0 whole, 1 broken, 2 not to be read.
//! Reads only, needs no key.
//!
//! **While an engine holds the folder**, live or simulated, the log, the key files and the rule files are read as they stand and
//! sled is not compared, for sled cannot be read beside its writer. A batch on its way to the platter looks torn, which is nothing broken. A write
//! that passes through the very bytes that are read could look like damage: so only a finding that stays through
//! [`LOOKS_MAX`] looks counts.

use super::beside;
use crate::{
    exit::Exit,
    failure::{Failure, Output},
    words::{Lang, Say},
};
use huying_engine::rulebook;
use huying_journal::{
    finding::Verdict,
    head::{Head, NotAHead},
    journal::LOCK_FILE,
    keys::KEYS_FOLDER,
    segment::LOG_FOLDER,
    verify::verify,
};
use serde_json::{Value, json};
use std::{
    fs::{File, TryLockError},
    io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

/// How often a journal under a running engine is looked at before a finding is believed.
pub const LOOKS_MAX: usize = 3;
/// Most findings that are written out for people; programs get all that were kept.
const FINDINGS_SHOWN_MAX: usize = 20;

/// Which journal, and what was published of it.
#[derive(Clone, Debug, clap::Args)]
pub struct VerifyArgs {
    /// The data folder
    pub dir: PathBuf,
    /// A head that was published: history must still lead to it
    #[arg(long, value_name = "SEQ:HASH", value_parser = head)]
    pub head: Option<Head>,
}

fn head(text: &str) -> Result<Head, NotAHead> {
    text.parse()
}

/// What was seen.
struct Seen {
    verdict: Verdict,
    /// Files beside the journal that a start would refuse.
    beside: Vec<Failure>,
    /// An engine holds the folder.
    running: bool,
}

/// Checks.
pub fn run(args: &VerifyArgs, lang: Lang) -> Result<Output, Failure> {
    let unreadable = |error: io::Error| Failure::unreadable(args.dir.display(), error);
    let running = is_held(&args.dir).map_err(unreadable)?;
    let scratch = tempfile::tempdir().map_err(unreadable)?;
    let verdict = if running {
        beside_engine(&args.dir, args.head, scratch.path()).map_err(unreadable)?
    } else {
        verify(&args.dir, args.head, Some(&scratch.path().join("sled")))
    };
    let seen = Seen { beside: beside::unread(&args.dir), verdict, running };
    let exit = match seen.verdict.exit_code() {
        0 if seen.beside.is_empty() => Exit::Done,
        0 | 1 => Exit::No,
        _ => Exit::Unreadable,
    };
    Ok(Output { exit, json: for_programs(&seen), text: for_people(&seen, lang) })
}

/// Whether a process holds the folder; nothing is made, and the lock is let go at once.
fn is_held(dir: &Path) -> io::Result<bool> {
    let lock = match File::open(dir.join(LOCK_FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        opened => opened?,
    };
    match lock.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Reads the folder through links, so that its lock, which the engine holds, is left alone.
fn beside_engine(dir: &Path, head: Option<Head>, scratch: &Path) -> io::Result<Verdict> {
    let dir = dir.canonicalize()?;
    for folder in [LOG_FOLDER, KEYS_FOLDER, rulebook::FOLDER] {
        symlink(dir.join(folder), scratch.join(folder))?;
    }
    let mut verdict = verify(scratch, head, None);
    for _ in 1..LOOKS_MAX {
        if verdict.exit_code() == 0 {
            break;
        }
        verdict = verify(scratch, head, None);
    }
    Ok(verdict)
}

fn for_programs(seen: &Seen) -> Value {
    let Seen { verdict, beside, running } = seen;
    let findings: Vec<Value> = verdict
        .findings
        .iter()
        .map(|finding| {
            json!({
                "kind": format!("{:?}", finding.kind),
                "seq": finding.seq,
                "file": finding.file,
                "offset": finding.offset,
                "sentence": finding.to_string(),
            })
        })
        .collect();
    json!({
        "verdict": match verdict.exit_code() {
            0 if beside.is_empty() => "whole",
            0 => "unreadable_beside",
            1 if verdict.is_mendable() => "mendable",
            1 => "broken",
            _ => "unreadable",
        },
        "records": verdict.records,
        "head": verdict.head.map(|head| head.to_string()),
        "shelf_records": verdict.shelf_records,
        "torn_bytes": verdict.torn_bytes,
        "running": running,
        "findings": findings,
        "beside": beside.iter().map(Failure::json).collect::<Vec<_>>(),
        "unreadable": verdict.unreadable,
    })
}

fn for_people(seen: &Seen, lang: Lang) -> String {
    let Seen { verdict, beside, running } = seen;
    if let Some(why) = &verdict.unreadable {
        return Say::CannotVerify.filled(lang, &[("why", why)]);
    }
    let mut said = Vec::new();
    let head = verdict.head.unwrap_or(Head::START);
    if verdict.findings.is_empty() {
        said.push(Say::Whole.filled(lang, &[("records", &verdict.records), ("head", &head)]));
    } else {
        let count = verdict.findings.len();
        if verdict.is_mendable() {
            said.push(Say::Mendable.filled(lang, &[("records", &verdict.records), ("head", &head)]));
        }
        said.push(Say::Broken.filled(lang, &[("count", &count), ("records", &verdict.records)]));
        said.extend(verdict.findings.iter().take(FINDINGS_SHOWN_MAX).map(|finding| format!("  {finding}")));
        if count > FINDINGS_SHOWN_MAX {
            said.push(Say::LeftOut.filled(lang, &[("count", &(count - FINDINGS_SHOWN_MAX))]));
        }
    }
    if let Some(records) = verdict.shelf_records {
        said.push(Say::ShelfCompared.filled(lang, &[("records", &records)]));
    }
    if verdict.torn_bytes > 0 {
        said.push(Say::TornTail.filled(lang, &[("bytes", &verdict.torn_bytes)]));
    }
    if !beside.is_empty() {
        said.push(Say::UnreadBeside.filled(lang, &[("count", &beside.len())]));
        said.extend(beside.iter().map(|failure| format!("  {}", failure.sentence(lang))));
    }
    if *running {
        said.push(Say::WhileRunning.text(lang).to_owned());
    }
    said.join("\n")
}
