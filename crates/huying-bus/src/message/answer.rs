//! What whoever asked is answered.

use crate::message::call::Caller;
use huying_domain::{
    ids::{CaseId, ClassId, ConditionId, ExternalId, Seq, UnitId, Version},
    refusal::Refusal,
    words::Words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A refusal as it travels: what a program reads, what people read, and which field to mend.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RefusalMessage {
    /// The refusal's own code, such as `reused_id`; frozen.
    pub code: String,
    /// The reason in both languages; its wording may change.
    #[serde(flatten)]
    pub words: Words,
    /// The field that has to be mended, as a path such as `place.point`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl From<&Refusal> for RefusalMessage {
    fn from(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code().to_owned(),
            words: refusal.words(),
            field: refusal.field().map(str::to_owned),
        }
    }
}

/// The reply to a message with calls: one answer for each call, in their order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct IntakeReply {
    /// The answers, as many as there were calls; one alone when the message could not be cut into calls.
    pub answers: Vec<CallAnswer>,
}

/// What became of one call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum CallAnswer {
    /// It is a case, and was on the disk before this answer left.
    Taken {
        /// The source's own name for the call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_id: Option<ExternalId>,
        /// The case.
        case: CaseId,
        /// The lead case that it joined.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lead: Option<CaseId>,
        /// The call had been taken before; this is the first answer again.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        repeat: bool,
        /// What the words speak for, where the call named no class and the city has a model.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proposal: Option<ProposalMessage>,
    },
    /// It was a sign of life of a device: nothing to do, and nothing is written.
    Heard {
        /// The device.
        device: ExternalId,
    },
    /// It was not taken.
    Refused {
        /// The source's own name for the call, if it could be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_id: Option<ExternalId>,
        /// Why.
        refusal: RefusalMessage,
    },
}

/// What the words of a call speak for. Below the city's threshold the case waits at the desk for a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProposalMessage {
    /// The class.
    pub class: ClassId,
    /// The filing condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionId>,
    /// The department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<UnitId>,
    /// How likely, in thousandths.
    pub confidence_permille: u16,
    /// The likeliest class but one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<ClassId>,
    /// It is followed; where not, a person decides.
    pub sure: bool,
    /// The parts of the redacted words that spoke for it most, the strongest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strongest: Vec<String>,
}

/// What became of one message in the durable inbox.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct InboxReceipt {
    /// The message's sequence in the inbox, which the source learnt when it published.
    pub sequence: u64,
    /// One answer for each call, in their order.
    pub answers: Vec<CallAnswer>,
    /// The message could not be read and lies in quarantine.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quarantined: bool,
}

/// What a unit is answered when it does something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum UnitReply {
    /// It is a fact, and was on the disk before this answer left.
    Done {
        /// The record that holds it.
        seq: Seq,
        /// The case's version after it, to send as `saw` with the next request.
        version: Version,
        /// It had been done before; this is the first answer again.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        repeat: bool,
    },
    /// The caller, to the holder who asked with a purpose.
    Revealed {
        /// The record that keeps who read this and why.
        seq: Seq,
        /// The caller.
        caller: Caller,
    },
    /// It was not done.
    Refused {
        /// Why.
        refusal: RefusalMessage,
    },
}
