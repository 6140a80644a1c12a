//! Repeats: the id of a command names one command. Same id and body, the first answer again; same id, other body,
//! refused.

use crate::door::{Accepted, Answer};
use huying_domain::{
    command::Digest,
    ids::{CaseId, Seq, Version},
    record::{CommandId, Record},
    refusal::Refusal,
    time::Timestamp,
};
use std::collections::{BTreeMap, VecDeque};

/// The accepted commands of the last days. Refusals are not remembered.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    first: BTreeMap<CommandId, First>,
    by_age: VecDeque<(Timestamp, CommandId)>,
}

#[derive(Clone, Copy, Debug)]
struct First {
    digest: Digest,
    seq: Seq,
    case: Option<CaseId>,
    version: Version,
}

impl Repeats {
    /// The first answer, if the command was accepted before.
    pub(crate) fn find(&self, id: CommandId, digest: Digest) -> Option<Answer> {
        let first = self.first.get(&id)?;
        if first.digest != digest {
            return Some(Err(Refusal::ReusedId));
        }
        Some(Ok(Accepted { seq: first.seq, case: first.case, version: first.version, repeat: true }))
    }

    /// Remembers an accepted command and hands out its answer.
    pub(crate) fn note(&mut self, record: &Record, seq: Seq) -> Accepted {
        let part = record.parts.first();
        let case = part.and_then(|part| part.case());
        let version = part.map_or(0, |part| part.version_after());
        self.first.insert(record.command, First { digest: record.digest, seq, case, version });
        self.by_age.push_back((record.at, record.command));
        Accepted { seq, case, version, repeat: false }
    }

    /// Forgets what is older than the bound.
    pub(crate) fn forget_before(&mut self, instant: Timestamp) {
        while let Some((_, id)) = self.by_age.pop_front_if(|(at, _)| *at < instant) {
            self.first.remove(&id);
        }
    }
}
