//! What a unit must know. Its kind stands in the subject.

use crate::message::assignment::DueLimit;
use huying_domain::{
    ids::{CaseId, Seq, UnitId},
    time::Timestamp,
    words::Words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A reminder, a supervisor's word, an escalation or an alarm. It never names the caller.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// The record that caused it.
    pub seq: Seq,
    /// When the engine decided.
    pub at: Timestamp,
    /// The case, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// Who says so; absent when a clock does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UnitId>,
    /// What is said.
    pub words: Words,
    /// The limit that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<DueLimit>,
    /// After this instant nobody needs it: a notice that waited through an outage is dropped, not delivered late.
    pub expires_at: Timestamp,
}
