//! Facts of the third phase 处置.

use crate::area::Point;
use crate::ids::UnitId;
use crate::record::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Contact with the caller.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Contacted {
    /// Whether the caller was reached.
    pub reached: bool,
}

/// Somebody is there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Arrived {
    /// Where the person's device says that it is; evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Point>,
}

/// A note on the way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Progressed {
    /// The note, redacted.
    pub note: String,
}

/// Done, says the handler.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Resolved {
    /// The unit that handled it; it may neither check nor close.
    pub unit: UnitId,
    /// Solved by whoever found it, without a work order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_the_spot: bool,
    /// What was done, redacted.
    pub result: String,
    /// Content hashes of photographs and papers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Hash>,
}
