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
use std::collections::{BTreeSet, VecDeque};

/// The accepted commands of the last days. Refusals are not remembered.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    /// One for each record, oldest first: there is no gap between their numbers.
    accepted: VecDeque<First>,
    /// The number of the oldest.
    oldest: Seq,
    /// The beginning of each id, and the record's number.
    by_id: BTreeSet<(u64, Seq)>,
}

#[derive(Clone, Copy, Debug)]
struct First {
    command: CommandId,
    digest: Digest,
    case: Option<CaseId>,
    version: Version,
    /// Seconds since 1970; enough until 2106.
    at_s: u32,
}

impl Repeats {
    /// The first answer, if the command was accepted before.
    pub(crate) fn find(&self, id: CommandId, digest: Digest) -> Option<Answer> {
        let begin = beginning(id);
        let alike = self.by_id.range((begin, Seq::MIN)..=(begin, Seq::MAX));
        let (seq, first) = alike
            .filter_map(|(_, seq)| Some((*seq, self.first(*seq)?)))
            .find(|(_, first)| first.command == id)?;
        if first.digest != digest {
            return Some(Err(Refusal::ReusedId));
        }
        Some(Ok(Accepted { seq, case: first.case, version: first.version, repeat: true }))
    }

    fn first(&self, seq: Seq) -> Option<&First> {
        self.accepted.get(usize::try_from(seq.checked_sub(self.oldest)?).ok()?)
    }

    /// Remembers an accepted command and hands out its answer. Records come one after the other.
    pub(crate) fn note(&mut self, record: &Record, seq: Seq) -> Accepted {
        let part = record.parts.first();
        let case = part.and_then(|part| part.case());
        let version = part.map_or(0, |part| part.version_after());
        if self.accepted.is_empty() {
            self.oldest = seq;
        }
        debug_assert_eq!(seq, self.oldest + self.accepted.len() as u64, "no record is left out");
        let (command, digest, at_s) = (record.command, record.digest, seconds(record.at));
        self.accepted.push_back(First { command, digest, case, version, at_s });
        self.by_id.insert((beginning(command), seq));
        Accepted { seq, case, version, repeat: false }
    }

    /// Forgets what is older than the bound.
    pub(crate) fn forget_before(&mut self, instant: Timestamp) {
        while let Some(first) = self.accepted.pop_front_if(|first| first.at_s < seconds(instant)) {
            self.by_id.remove(&(beginning(first.command), self.oldest));
            self.oldest += 1;
        }
    }
}

fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.seconds()).unwrap_or(u32::MAX)
}

/// The first half of an id. Two commands that have the same are told apart by the whole.
fn beginning(id: CommandId) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = id.0;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;
    use huying_domain::{
        ids::UnitId,
        record::{Actor, Hash, Origin},
    };

    fn record(id: [u8; 16], at_s: i64) -> Record {
        Record {
            seq: 0,
            at: Timestamp::from_seconds(at_s),
            late_for: None,
            actor: Actor::unit(UnitId::new("centre").expect("a unit id")),
            by: Origin::Person,
            because: None,
            command: CommandId(id),
            digest: Digest(id),
            parts: Vec::new(),
            sealed: None,
            prev: Hash::ZERO,
        }
    }

    #[test]
    fn ids_that_begin_alike_are_told_apart_and_forgotten_one_by_one() {
        let (one, other, third) = ([7; 16], [[7; 8], [8; 8]].concat().try_into().expect("16 bytes"), [9; 16]);
        let mut repeats = Repeats::default();
        for (seq, id, at_s) in [(5, one, 10), (6, other, 20), (7, third, 30)] {
            repeats.note(&record(id, at_s), seq);
        }
        let seq = |repeats: &Repeats, id| {
            let answer = repeats.find(CommandId(id), Digest(id))?;
            Some(answer.expect("the same body").seq)
        };
        assert_eq!([one, other, third].map(|id| seq(&repeats, id)), [Some(5), Some(6), Some(7)]);
        assert!(matches!(repeats.find(CommandId(other), Digest(one)), Some(Err(Refusal::ReusedId))));
        repeats.forget_before(Timestamp::from_seconds(20));
        assert_eq!([one, other, third].map(|id| seq(&repeats, id)), [None, Some(6), Some(7)]);
        repeats.forget_before(Timestamp::from_seconds(31));
        assert_eq!(repeats.by_id.len(), 0);
        repeats.note(&record(one, 40), 8);
        assert_eq!(seq(&repeats, one), Some(8));
    }
}
