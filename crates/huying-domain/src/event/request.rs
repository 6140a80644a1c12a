//! Facts about what is asked of the level above: time 延期, rest 挂账, an end 终止; and what the caller hears of it.

use crate::event::errand::Called;
use crate::ids::TellChannel;
use crate::ids::UnitId;
use crate::time::Timestamp;
use crate::vocabulary::governed::RequestKind;
use crate::vocabulary::governed::SuspensionGround;
use crate::vocabulary::governed::TerminationGround;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Request {
    /// The resolve limit is to end later.
    Extension {
        /// When.
        until: Timestamp,
    },
    /// Nothing is to be handled for a while.
    Suspension {
        /// Why.
        ground: SuspensionGround,
        /// Until when.
        until: Timestamp,
    },
    /// The handling is to be given up.
    Termination {
        /// Why.
        ground: TerminationGround,
    },
}

impl Request {
    /// Its kind.
    pub const fn kind(&self) -> RequestKind {
        match self {
            Self::Extension { .. } => RequestKind::Extension,
            Self::Suspension { .. } => RequestKind::Suspension,
            Self::Termination { .. } => RequestKind::Termination,
        }
    }
}

/// Asked. Nothing moves until somebody above decides.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Requested {
    /// The unit that asks.
    pub unit: UnitId,
    /// What it asks.
    pub request: Request,
    /// In words.
    pub reason: String,
}

/// Denied: no clock moves and nothing is counted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Denied {
    /// Who decided.
    pub by: UnitId,
    /// What had been asked.
    pub kind: RequestKind,
    /// Why not.
    pub note: String,
}

/// Extended. The new instants stand in the `Clocked` beside it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Extended {
    /// Who granted it.
    pub by: UnitId,
    /// Who had asked.
    pub unit: UnitId,
    /// When the result was due before.
    pub was: Timestamp,
    /// When it is due now.
    pub until: Timestamp,
    /// The how-manieth of this leg.
    pub count: u8,
    /// In words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// How many further callers are to hear of it too.
    #[serde(default, skip_serializing_if = "is_none")]
    pub members: u32,
}

/// Suspended: the clocks of the handling stand still and one of its own runs until the end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Suspended {
    /// Who granted it.
    pub by: UnitId,
    /// Who had asked.
    pub unit: UnitId,
    /// Why.
    pub ground: SuspensionGround,
    /// When it goes on by itself.
    pub until: Timestamp,
    /// In words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// How many further callers are to hear of it too.
    #[serde(default, skip_serializing_if = "is_none")]
    pub members: u32,
}

/// Goes on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Resumed {
    /// Who let it go on before its day; none where the day came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UnitId>,
    /// The instant that had been set.
    pub until: Timestamp,
    /// The limits of helpers, which stood still too, as they are now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub helpers: Vec<Called>,
    /// How many further callers are to hear of it too.
    #[serde(default, skip_serializing_if = "is_none")]
    pub members: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
const fn is_none(members: &u32) -> bool {
    *members == 0
}

/// What becomes of a limit, as a further caller hears it of the case that leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum LimitNews {
    /// More time was granted.
    Extended {
        /// Until then.
        until: Timestamp,
    },
    /// It rests.
    Suspended {
        /// Why.
        ground: SuspensionGround,
        /// Until then.
        until: Timestamp,
    },
    /// It goes on.
    Resumed,
}

/// The news went on to further callers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NewsPassed {
    /// How many of the lead's members were looked at by now.
    pub served: u32,
    /// How many are left.
    pub left: u32,
}

/// Given up; the caller is owed an answer all the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Terminated {
    /// Who approved.
    pub by: UnitId,
    /// Who had asked.
    pub unit: UnitId,
    /// On which listed ground.
    pub ground: TerminationGround,
    /// What the caller will hear.
    pub reason: String,
}

/// What becomes of the limit is to be told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct InformAsked {
    /// The channel: `callback-list`, `sms`, `mail` …
    pub channel: TellChannel,
    /// For a further caller: what is told of the case that leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub news: Option<LimitNews>,
}

/// The caller heard of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Informed {
    /// The channel.
    pub channel: TellChannel,
    /// Its receipt.
    pub receipt: String,
}
