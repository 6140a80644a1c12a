//! Facts about those who watch: supervision 督办 and instruction 批示. No clock moves by them.

use crate::ids::UnitId;
use crate::vocabulary::governed::SupervisionDegree;
use crate::vocabulary::governed::SupervisionGround;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Supervised.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Supervised {
    /// Who supervises.
    pub by: UnitId,
    /// Who is supervised: the holder at that instant.
    pub unit: UnitId,
    /// How hard.
    pub degree: SupervisionDegree,
    /// Why.
    pub ground: SupervisionGround,
    /// What is demanded.
    pub note: String,
}

/// Instructed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Instructed {
    /// Whose instruction.
    pub by: UnitId,
    /// What it says.
    pub text: String,
}
