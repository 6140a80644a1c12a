//! Facts about the rules and the units, not about a case.

use crate::record::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A rule file came into force.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RulesPublished {
    /// SHA-256 of the file; the rulebook folder holds it under this name.
    pub hash: Hash,
    /// Its length in bytes.
    pub bytes: u64,
}

/// Somebody is there, or nobody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DutySet {
    /// Whether the unit has somebody on duty.
    pub on_duty: bool,
}
