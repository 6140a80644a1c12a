//! What names a command: the parts from which its id is made.

use crate::{
    ids::{CaseId, ExternalId, Seq, SourceId},
    record::CommandId,
    time::Timestamp,
    vocabulary::Clock,
};
use sha2::{Digest as _, Sha256};

impl CommandId {
    /// The id that these parts make: SHA-256 over each part behind its length, the first 16 bytes. Frozen.
    fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"huying.command.v1");
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize()[..16]);
        Self(id)
    }

    /// The id of a call that its source names: the same call sent twice is one command.
    pub fn of_call(source: &SourceId, external: &ExternalId) -> Self {
        Self::of(&[b"call", source.as_str().as_bytes(), external.as_str().as_bytes()])
    }

    /// The id of a message in a durable inbox without a name of its own: the stream's creation and its sequence.
    pub fn of_message(stream_created: Timestamp, sequence: u64) -> Self {
        Self::of(&[b"message", &stream_created.millis().to_be_bytes(), &sequence.to_be_bytes()])
    }

    /// The id of the `n`th command that a station names because of a record.
    pub fn of_station(station: &str, cause: Seq, n: u32) -> Self {
        Self::of(&[b"station", station.as_bytes(), &cause.to_be_bytes(), &n.to_be_bytes()])
    }

    /// The id of a timer's question: the case, its clock, the step, and the instant for which it was set.
    pub fn of_timer(case: CaseId, clock: Clock, step: u32, scheduled: Timestamp) -> Self {
        let case_bytes = [&case.shard().to_be_bytes()[..], &case.number().to_be_bytes()[..]].concat();
        Self::of(&[
            b"timer",
            &case_bytes,
            clock.name().as_bytes(),
            &step.to_be_bytes(),
            &scheduled.millis().to_be_bytes(),
        ])
    }

    /// The id of the question whether a planned notice is to be given out.
    pub fn of_notice(case: CaseId, clock: Clock, step: u8, scheduled: Timestamp) -> Self {
        let case_bytes = [&case.shard().to_be_bytes()[..], &case.number().to_be_bytes()[..]].concat();
        let scheduled = scheduled.millis().to_be_bytes();
        Self::of(&[b"notice", &case_bytes, clock.name().as_bytes(), &[step], &scheduled])
    }

    /// The id of something that one party does for the `n`th time to a thing: simulated people, command lines.
    pub fn of_act(party: &str, thing: &str, n: u64) -> Self {
        Self::of(&[b"act", party.as_bytes(), thing.as_bytes(), &n.to_be_bytes()])
    }
}
