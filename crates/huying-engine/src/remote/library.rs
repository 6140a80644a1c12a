//! The rules in force, fetched from the engine by the hash of their content.

use super::RemoteError;
use huying_bus::{
    link::Link,
    message::station::{RULES_PIECE_BYTES_MAX, RulesAsk, RulesPiece, decode, encode},
    subject::Subject,
};
use huying_domain::{
    event::Event,
    record::{self, Hash, Record, RuleFile},
    rules::{RuleTexts, Rules},
};
use std::time::Duration;

use crate::rulebook::RULE_FILE_BYTES_MAX;

/// Pause before a file is asked for again, in milliseconds.
const ASK_AGAIN_MS: u64 = 500;

/// The rule files in force as far as the records have been followed.
pub(super) struct Library {
    link: Link,
    in_force: RuleTexts,
}

impl Library {
    pub(super) const fn new(link: Link) -> Self {
        Self { link, in_force: RuleTexts::new() }
    }

    /// The rules that a record puts into force; none while it names no file or one is still missing. A new journal
    /// names the files one by one.
    pub(super) async fn follow(&mut self, record: &Record) -> Result<Option<Rules>, RemoteError> {
        let mut changed = false;
        for (file, hash) in published(record) {
            let bytes = self.fetch(hash).await;
            changed |= self.in_force.insert(file, bytes.clone()) != Some(bytes);
        }
        if !changed || self.in_force.len() < RuleFile::ALL.len() {
            return Ok(None);
        }
        Ok(Some(Rules::read(&self.in_force)?))
    }

    /// A file that stands beside the rules, where there is one: see [`crate::rulebook::BESIDE`].
    pub(super) async fn beside(&self, hash: Hash) -> Option<Vec<u8>> {
        // Whether there is one is asked until somebody answers.
        loop {
            match self.link.ask(Subject::Rules { hash }, encode(&RulesAsk { offset: 0 })).await {
                Ok(answer) => match decode::<RulesPiece>(&answer) {
                    Ok(RulesPiece { bytes: None, .. }) => return None,
                    Ok(_) => {
                        if let Some(bytes) = self.try_fetch(hash).await {
                            return Some(bytes);
                        }
                    }
                    Err(error) => tracing::warn!(%error, "a file beside the rules cannot be understood"),
                },
                Err(error) => tracing::debug!(%error, "a file beside the rules does not come"),
            }
            tokio::time::sleep(Duration::from_millis(ASK_AGAIN_MS)).await;
        }
    }

    /// Asks until the whole file is here and has its hash.
    async fn fetch(&self, hash: Hash) -> Vec<u8> {
        loop {
            match self.try_fetch(hash).await {
                Some(bytes) if Rules::hash(&bytes) == hash => return bytes,
                Some(_) => tracing::warn!(%hash, "the rule file that came is another"),
                None => tracing::debug!(%hash, "the rule file does not come"),
            }
            tokio::time::sleep(Duration::from_millis(ASK_AGAIN_MS)).await;
        }
    }

    async fn try_fetch(&self, hash: Hash) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            let ask = encode(&RulesAsk { offset: bytes.len() as u64 });
            let answer = self.link.ask(Subject::Rules { hash }, ask).await.ok()?;
            let RulesPiece { bytes: whole, piece } = decode(&answer).ok()?;
            let whole = usize::try_from(whole?).ok().filter(|whole| *whole <= RULE_FILE_BYTES_MAX)?;
            if piece.len() > RULES_PIECE_BYTES_MAX || bytes.len() + piece.len() > whole {
                return None;
            }
            let nothing = piece.is_empty();
            bytes.extend(piece);
            if bytes.len() == whole {
                return Some(bytes);
            }
            if nothing {
                return None;
            }
        }
    }
}

/// The rule files that a record names.
fn published(record: &Record) -> Vec<(RuleFile, Hash)> {
    let mut files = Vec::new();
    for part in &record.parts {
        for event in &part.events {
            if let (Event::RulesPublished(event), record::Subject::Rulebook(file)) = (event, &part.subject) {
                files.push((*file, event.hash));
            }
        }
    }
    files
}
