//! What a station in a process of its own and the engine say to each other. MessagePack with field names: both ends
//! are Huying's own, and a command carries personal data that belong into no readable log.

use crate::{message::answer::RefusalMessage, subject::token::Station};
use huying_domain::{
    command::Command,
    ids::{CaseId, Seq, Version},
    refusal::Malformed,
    time::Timestamp,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Most commands in one message of a station: as many as a batch decides.
pub const COMMANDS_PER_MESSAGE_MAX: usize = 256;
/// Most bytes of one piece of a rule file: with room to spare in a NATS message of the default 1 MiB.
pub const RULES_PIECE_BYTES_MAX: usize = 512 * 1024;

/// What a station names after it has followed the records up to one of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Named {
    /// Which station; must be the subject's.
    pub station: Station,
    /// Every record up to this one has been followed, and whatever follows from them has been named by now.
    pub through: Seq,
    /// In virtual time: the round of the [`Tick`] that this answers; absent while the station knows of none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<u64>,
    /// More pieces of this answer follow; the last one has the word.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// For the watch: the next instant at which a clock wants to be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_due: Option<Timestamp>,
    /// The commands, in their order.
    pub commands: Vec<NamedCommand>,
}

/// One command that a station names.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NamedCommand {
    /// The command.
    pub command: Command,
    /// For a timer: the instant for which it was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<Timestamp>,
}

/// What became of the commands, in their order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NamedReply {
    /// One answer for each command.
    pub answers: Vec<NamedAnswer>,
    /// In virtual time: where the engine stands, so that a station that has just begun need not wait to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tick: Option<Tick>,
}

/// What became of one command.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamedAnswer {
    /// It is on the platter.
    Accepted {
        /// Its record.
        seq: Seq,
        /// The first case of the record.
        case: Option<CaseId>,
        /// That case's version after it.
        version: Version,
        /// It had been accepted before.
        repeat: bool,
    },
    /// It was refused, which for a station is an answer like any other.
    Refused {
        /// Why.
        refusal: RefusalMessage,
    },
    /// The engine waits for the other stations before it decides, or cannot take more: it is not lost, ask again
    /// with the same id when in doubt.
    Noted,
}

/// The virtual instant, and up to where a station must have followed before it looks at its clocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tick {
    /// Which question this is. It rises with each; the same again is the same question, and gets the same answer.
    pub round: u64,
    /// The instant.
    pub now: Timestamp,
    /// The last record that is on the platter.
    pub head: Seq,
}

/// Asks for a piece of a rule file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RulesAsk {
    /// From which byte on.
    pub offset: u64,
}

/// A piece of a rule file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RulesPiece {
    /// How long the whole is, in bytes; absent when nobody has it.
    pub bytes: Option<u64>,
    /// The piece, at most [`RULES_PIECE_BYTES_MAX`].
    #[serde(with = "serde_bytes")]
    pub piece: Vec<u8>,
}

/// The bytes of a message.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    rmp_serde::to_vec_named(message).expect("a message consists of maps, texts and numbers")
}

/// Reads a message.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    rmp_serde::from_slice(bytes)
        .map_err(|_| Malformed::new("station message", "MessagePack with field names"))
}
