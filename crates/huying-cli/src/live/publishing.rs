//! Rule files: tried on the open cases, brought into force, and what that moved.

use super::{Answer, Publish, Published, Refused, desk::failed};
use crate::{failure::causes, words::Say};
use huying_domain::{
    command::Ask,
    event::clocks::ClockChange,
    ids::{CaseId, Seq},
    rules::Rules,
    time::Timestamp,
    vocabulary::Clock,
};
use huying_engine::{
    engine::Engine,
    publishing::{MovedDue, Trial, moved_by},
    rulebook,
};
use huying_journal::{disk::real::RealDisk, reader::Reader};
use std::{collections::BTreeMap, path::Path};

/// What a rule file would mean; a file that cannot be used is a reason, with everything that is wrong with it.
pub fn tried(engine: &Engine<RealDisk>, publish: &Publish, now: Timestamp) -> Result<Trial, Answer> {
    engine.trial(publish.file, &publish.bytes, now).map_err(|error| {
        let why = causes(Some(&error)).join(": ");
        let words = Say::RulesUnusable.with(&[("why", &why)]);
        Answer::Refused(Refused { code: "rules_unusable".to_owned(), words, field: None })
    })
}

/// Puts the bytes where a record may name them, and says what is to be asked.
pub fn kept(dir: &Path, publish: &Publish) -> Result<Ask, Answer> {
    let bytes = publish.bytes.len() as u64;
    match rulebook::keep(&RealDisk::existing(dir), &publish.bytes) {
        Ok(hash) => {
            debug_assert_eq!(hash, Rules::hash(&publish.bytes), "the name is the hash");
            Ok(Ask::PublishRules { file: publish.file, hash, bytes })
        }
        Err(error) => {
            let words = Say::CannotWrite.with(&[("path", &dir.join(rulebook::FOLDER).display())]);
            Err(failed("cannot_write", words, &error))
        }
    }
}

/// What a publication has moved, read from the records behind it.
pub fn published(reader: &Reader<RealDisk>, seq: Seq, trial: &Trial, left: u64) -> Answer {
    let was: BTreeMap<(CaseId, Clock), Timestamp> =
        trial.moves.iter().map(|one| ((one.case, one.clock), one.was)).collect();
    match moved_by(reader, seq) {
        Ok((changes, cases)) => {
            let moved = changes.into_iter().filter_map(|(case, change)| match change {
                ClockChange::Moved { clock, due, provisional } => {
                    let was = was.get(&(case, clock)).copied().unwrap_or(due);
                    Some(MovedDue { case, clock, was, due, provisional })
                }
                _ => None,
            });
            Answer::Published(Box::new(Published { seq, cases, moved: moved.collect(), left }))
        }
        Err(error) => failed("records_unreadable", Say::CannotReadRecords.with(&[]), &error),
    }
}
