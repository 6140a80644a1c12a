//! Rule files for whoever keeps the city's rules: what is in force, what another file would mean, bringing it into
//! force. Who publishes names the version that was looked at, and is refused when somebody was faster.

use super::Doors;
use crate::{
    door::Accepted,
    publishing::Trial,
    rulebook::{self, RulebookError},
};
use huying_bus::message::answer::RefusalMessage;
use huying_domain::{
    command::{Ask, Command},
    ids::{UnitId, Version},
    record::{Actor, CommandId, Hash, Origin, RuleFile, Subject},
    refusal::Refusal,
    rules::Rules,
};
use huying_journal::disk::Disk;
use std::{collections::BTreeMap, sync::Arc};

/// How often it is looked whether all cases are computed afresh.
const RECOMPUTED_LOOKS_MAX: usize = 2_000;

/// A rule file as it is in force.
#[derive(Clone, Debug)]
pub struct InForce {
    /// How often it was published.
    pub version: Version,
    /// The name of its bytes.
    pub hash: Hash,
    /// All rules.
    pub rules: Arc<Rules>,
    /// How many open cases each unit has.
    pub work: BTreeMap<UnitId, u64>,
}

/// What a rule file would mean.
#[derive(Clone, Debug)]
pub struct Tried {
    /// What it would mean for the open cases.
    pub trial: Trial,
    /// The version in force.
    pub version: Version,
    /// The name that its bytes would have.
    pub hash: Hash,
}

/// What somebody wants to bring into force.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Which file.
    pub file: RuleFile,
    /// What stands in it.
    pub bytes: Vec<u8>,
    /// The version that was looked at; none where it does not matter.
    pub saw: Option<Version>,
}

/// Why a rule file was not tried.
#[derive(Debug)]
pub enum Untried {
    /// The engine cannot be asked.
    Refused(RefusalMessage),
    /// The file is none.
    Unusable(RulebookError),
}

impl From<Refusal> for Untried {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(RefusalMessage::from(&refusal))
    }
}

impl<D: Disk> Doors<D> {
    /// How a rule file stands, and the rules as the loop has them: the desk may lag by a record.
    ///
    /// # Errors
    /// The engine is stopping or busy.
    pub async fn in_force(&self, file: RuleFile) -> Result<InForce, RefusalMessage> {
        let seen = self.look(move |engine| InForce {
            version: engine.state.version(&Subject::Rulebook(file)),
            hash: engine.in_force.get(&file).copied().unwrap_or(Hash::ZERO),
            rules: Arc::clone(engine.rules()),
            work: engine.work_of_units(),
        });
        seen.await.map_err(|refusal| RefusalMessage::from(&refusal))
    }

    /// What stands in the rule file that is in force.
    ///
    /// # Errors
    /// The engine is stopping or busy, or the rulebook is damaged.
    pub async fn rule_file(&self, file: RuleFile) -> Result<(Version, Vec<u8>), Untried> {
        let read = self.look(move |engine| {
            let hash = engine.in_force.get(&file).copied().unwrap_or(Hash::ZERO);
            let version = engine.state.version(&Subject::Rulebook(file));
            rulebook::fetch(&engine.disk, file, hash).map(|bytes| (version, bytes))
        });
        read.await?.map_err(Untried::Unusable)
    }

    /// What a rule file would mean for the open cases. Nothing is kept and nothing changes.
    ///
    /// # Errors
    /// The engine is stopping or busy, or the file cannot be used.
    pub async fn try_rules(&self, file: RuleFile, bytes: Vec<u8>) -> Result<Tried, Untried> {
        let tried = self.look(move |engine| {
            let now = engine.clock().now();
            let trial = engine.trial(file, &bytes, now)?;
            let version = engine.state.version(&Subject::Rulebook(file));
            Ok(Tried { trial, version, hash: Rules::hash(&bytes) })
        });
        tried.await?.map_err(Untried::Unusable)
    }

    /// Brings a rule file into force, and waits for the clocks that it moves. Says too how many cases are still to be
    /// computed afresh.
    ///
    /// # Errors
    /// The refusal of `decide`, or the file cannot be kept.
    pub async fn publish_rules(
        &self,
        actor: Actor,
        key: &str,
        publication: Publication,
    ) -> Result<(Accepted, usize), Untried> {
        let Publication { file, bytes, saw } = publication;
        let length = bytes.len() as u64;
        // The bytes stand in the rulebook before any record names them.
        let kept = self.look(move |engine| rulebook::keep(&engine.disk, &bytes)).await?;
        let hash = kept.map_err(Untried::Unusable)?;
        let name = actor.person.as_ref().map_or("", |person| person.as_str()).to_owned();
        let command = Command {
            id: CommandId::of_act(&format!("rules/{}/{name}", actor.unit), key, 0),
            actor,
            by: Origin::Person,
            because: None,
            saw,
            case: None,
            ask: Ask::PublishRules { file, hash, bytes: length },
            private: None,
        };
        let accepted = self.done(command).await.map_err(Untried::Refused)?;
        let mut left = 0;
        for _ in 0..RECOMPUTED_LOOKS_MAX {
            // Answered when all before is on the platter, so each look sees one batch more.
            left = self.look(|engine| engine.recomputing()).await?;
            if left == 0 {
                break;
            }
        }
        Ok((accepted, left))
    }
}
