//! Facts of the fourth phase 反馈.

use crate::event::collect::Brief;
use crate::ids::TellChannel;
use crate::ids::UnitId;
use crate::time::Timestamp;
use crate::vocabulary::CloseCondition;
use crate::vocabulary::Grade;
use crate::vocabulary::Solved;
use crate::vocabulary::review::{BeyondPower, CallBackWay};
use crate::words::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Checked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Checked {
    /// Who checked; never the handler.
    pub by: UnitId,
    /// Whether the result stands.
    pub passed: bool,
    /// What was found.
    pub note: String,
    /// For work that does not stand and that nobody had been assigned: what an assignment needs to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brief: Option<Brief>,
}

/// The four elements of an answer 答复四要素.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Answered {
    /// When it was looked into.
    pub when: Timestamp,
    /// Whom we contacted, as a role and never a name.
    pub contacted: String,
    /// What was done.
    pub done: String,
    /// What will follow and by when, if anything is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_when: Option<String>,
    /// How many further callers wait for the same answer.
    #[serde(default)]
    pub members: u32,
}

/// The answer went on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PassedOn {
    /// How many of the lead's members have been served by now.
    pub served: u32,
    /// How many are left.
    pub left: u32,
    /// The condition on which the lead case may be closed now that none is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<CloseCondition>,
}

/// Telling was asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TellAsked {
    /// The channel: `callback-list`, `sms`, `mail` …
    pub channel: TellChannel,
}

/// Told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Told {
    /// The channel.
    pub channel: TellChannel,
    /// Its receipt.
    pub receipt: String,
    /// The condition on which the case may be closed now, where nothing else is owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<CloseCondition>,
}

/// One attempt to hear whether it helped.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CalledBack {
    /// The how-manieth attempt of this leg.
    pub attempt: u8,
    /// How it was tried; where nothing is said, by telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<CallBackWay>,
    /// What the caller said; none if not reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// What the caller said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// Whether the handler had been in touch.
    pub contacted: bool,
    /// Whether it is solved.
    pub solved: Solved,
    /// How satisfied; none if not asked or not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// What keeps the matter from being solved, where that is outside the unit's power: a person decides then whether
    /// it is worked on further.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<BeyondPower>,
}

/// Reopened against its own record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Reopened {
    /// Why.
    pub reason: Words,
    /// The new leg.
    pub leg: u8,
    /// Who dispatches it now.
    pub dispatcher: UnitId,
    /// What a new assignment needs to know.
    pub brief: Brief,
}

/// Closed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Closed {
    /// On which condition.
    pub condition: CloseCondition,
    /// In words, where a person decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}
