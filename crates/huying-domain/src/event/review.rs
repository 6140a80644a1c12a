//! Facts that come after the end: appeals 申诉 of what was late, and looking again 回头看.

use crate::ids::UnitId;
use crate::time::Timestamp;
use crate::vocabulary::Clock;
use crate::vocabulary::ExemptGround;
use crate::vocabulary::review::LookKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A unit asks that a breach shall not count against it 申诉. Nothing changes until somebody decides.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Appealed {
    /// The unit that held the case when the clock was breached.
    pub unit: UnitId,
    /// The breached clock.
    pub clock: Clock,
    /// The breached instant.
    pub due: Timestamp,
    /// On which ground.
    pub ground: ExemptGround,
    /// In words.
    pub reason: String,
}

/// Decided. Where it is upheld, `Exempted` stands beside it; the breach stays a fact either way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AppealJudged {
    /// Who decided.
    pub by: UnitId,
    /// Who had asked.
    pub unit: UnitId,
    /// The breached clock.
    pub clock: Clock,
    /// Whether the breach no longer counts.
    pub upheld: bool,
    /// Why.
    pub note: String,
}

/// The day to look again has come, and somebody is asked to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LookAsked {
    /// The how-manieth time.
    pub count: u16,
}

/// Somebody looked again 回头看.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LookedAgain {
    /// Whether its day had come, or it was drawn as a sample.
    pub kind: LookKind,
    /// Whether the matter is still solved.
    pub stands: bool,
    /// What was found.
    pub note: String,
}
