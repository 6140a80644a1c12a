//! Messages to residents: the request to an adapter and what it answers.

use crate::message::{call::NUMBER_CHARS_MAX, text::Text};
use huying_domain::{
    ids::{CaseId, Seq},
    time::Timestamp,
    words::Words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most characters of an adapter's receipt.
pub const RECEIPT_CHARS_MAX: usize = 200;

/// What a resident ought to hear, asked of the adapter of one channel.
///
/// It is retried from the journal until a receipt comes, so an adapter may see it twice: `case` and `seq` name it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tell {
    /// The case.
    pub case: CaseId,
    /// The record that asked for it.
    pub seq: Seq,
    /// The how-manieth attempt, from 1.
    pub attempt: u16,
    /// The number or account that the caller left; absent where none was left or it is erased. Only the call-back
    /// list is asked then: whoever keeps it has the answer ready for a caller who asks again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Text<NUMBER_CHARS_MAX>>,
    /// What is said; the adapter chooses the language.
    pub words: Words,
    /// After this instant it must not be delivered any more: the next attempt may begin then. An adapter that does
    /// not hand over at once has to look at it.
    pub expires_at: Timestamp,
}

/// Asks an adapter whether it, and what lies behind it, could tell somebody now. It tells nobody anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellProbe {
    /// The how-manieth since the engine started, from 1.
    pub probe: u64,
}

/// What an adapter is asked on its subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TellRequest {
    /// Whether it is ready.
    Probe(TellProbe),
    /// To tell a resident.
    Tell(Box<Tell>),
}

/// Says which telling it is, and neither to whom nor what.
impl fmt::Debug for Tell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, seq, attempt, .. } = self;
        f.debug_struct("Tell")
            .field("case", case)
            .field("seq", seq)
            .field("attempt", attempt)
            .finish_non_exhaustive()
    }
}

/// What the adapter answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
pub enum TellReply {
    /// Handed over; this receipt becomes the fact `told`.
    Told {
        /// The adapter's own name for the delivery.
        receipt: Text<RECEIPT_CHARS_MAX>,
    },
    /// To a probe: it could tell somebody now.
    Ready,
    /// Not now; it will be asked again. To a probe: what lies behind it does not answer.
    Later {
        /// Why, for the operator.
        reason: Text<RECEIPT_CHARS_MAX>,
    },
    /// Never on this channel: the number does not exist. Another channel is asked.
    Undeliverable {
        /// Why, for the operator.
        reason: Text<RECEIPT_CHARS_MAX>,
    },
}
