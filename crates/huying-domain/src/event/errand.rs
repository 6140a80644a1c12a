//! Facts about units that have a part in a case without holding it: called by a whistle 吹哨, helping 协办, with a
//! task from a consultation 会商. The limit of each stands beside its name; the `Clocked` says when the next is due.

use crate::ids::UnitId;
use crate::limit::Limit;
use crate::time::Timestamp;
use crate::vocabulary::governed::ErrandKind;
use crate::vocabulary::governed::WhistleKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A unit that owes its part by an instant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Called {
    /// The errand's number within the case, from 1.
    pub number: u16,
    /// The unit.
    pub unit: UnitId,
    /// By when.
    pub due: Timestamp,
}

/// Units were called to the spot.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Whistled {
    /// Who whistled.
    pub by: UnitId,
    /// What for.
    pub kind: WhistleKind,
    /// In words.
    pub reason: String,
    /// Within which limit they have to be there.
    pub limit: Limit,
    /// The units.
    pub called: Vec<Called>,
}

/// There.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReportedIn {
    /// The errand.
    pub number: u16,
    /// The unit.
    pub unit: UnitId,
    /// When it was called.
    pub called_at: Timestamp,
    /// By when it ought to have been there.
    pub due: Timestamp,
    /// Whether that had passed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
}

/// Units were asked to help; their limits end before the lead's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HelpCalled {
    /// The unit in the lead, to which they report.
    pub lead: UnitId,
    /// The helpers.
    pub helpers: Vec<Called>,
}

/// A helper reported.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HelpReported {
    /// The errand.
    pub number: u16,
    /// The helper.
    pub unit: UnitId,
    /// To whom.
    pub lead: UnitId,
    /// What it did, or why it is not done yet.
    pub note: String,
    /// Whether its part is done; else this is a report on the way, and the limit stays.
    pub finished: bool,
    /// Whether the limit had passed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
}

/// Met and decided.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Consulted {
    /// Who called the meeting.
    pub by: UnitId,
    /// Who took part.
    pub participants: Vec<UnitId>,
    /// What was decided.
    pub decision: String,
    /// What somebody has to do by a date.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<Task>,
}

/// A task with its owner and date.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Task {
    /// The errand's number within the case.
    pub number: u16,
    /// Who owes it.
    pub owner: UnitId,
    /// What.
    pub what: String,
    /// By when.
    pub due: Timestamp,
}

/// Done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TaskFinished {
    /// The errand.
    pub number: u16,
    /// Who owed it.
    pub owner: UnitId,
    /// What came of it.
    pub note: String,
    /// Whether the date had passed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
}

/// Missed. It stays a fact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ErrandMissed {
    /// The errand.
    pub number: u16,
    /// What it was.
    pub kind: ErrandKind,
    /// Who owed it.
    pub unit: UnitId,
    /// To whom it is told: who holds the case.
    pub holder: UnitId,
    /// The instant.
    pub due: Timestamp,
}
