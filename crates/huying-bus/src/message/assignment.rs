//! Work for a unit. Nothing here can name the caller: who needs the number asks to `reveal` it.

use huying_domain::{
    area::{AreaCode, Level},
    ids::{CaseId, ClassId, ConditionId, Seq, UnitId, Version},
    time::Timestamp,
    vocabulary::{CaseKind, Clock, Rung, Tag},
    words::Words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a unit ought to have in its queue for one case. A later message on the same subject replaces it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Assignment {
    /// The case.
    pub case: CaseId,
    /// The record that caused this message.
    pub seq: Seq,
    /// The case's version at that record, to send as `saw` with the first request.
    pub version: Version,
    /// What the unit is to this case.
    pub part: WorkPart,
    /// What the caller wants.
    pub kind: CaseKind,
    /// The class in the city's catalogue.
    pub class: ClassId,
    /// The filing condition, on which the limits hang.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionId>,
    /// What it is about, redacted.
    pub summary: String,
    /// The area where it lies, as exactly as it is known.
    pub area: AreaCode,
    /// The level of that area.
    pub level: Level,
    /// The point, in WGS-84 degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<PublicPoint>,
    /// Where on the ladder the unit stands with it.
    pub rung: Rung,
    /// Why this unit.
    pub reason: Words,
    /// When each clock that runs for this unit is due.
    pub limits: Vec<DueLimit>,
    /// The unit in the lead 主办.
    pub lead: UnitId,
    /// The units that help 协办.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co_handlers: Vec<UnitId>,
    /// 保密, 敏感: who sees a mark treats the case accordingly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// The how-manieth time that the case is worked on: 1, and one more for each reopening.
    pub leg: u8,
}

/// What a unit is to a case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkPart {
    /// 主办: holds it.
    Lead,
    /// 协办: helps.
    CoHandler,
    /// 一键呼叫: is rung by an alarm, together with others. The first to `accept` has it; an emergency line takes it
    /// over with `refer` and its receipt.
    Ring,
    /// Is told and owes nothing, as the grid when a department's matter goes past it.
    Told,
    /// No longer has it: the message stands in the place of the earlier one.
    Withdrawn,
}

/// Degrees of WGS-84; what goes out knows one system only.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PublicPoint {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
}

/// A clock and the instant at which its limit is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DueLimit {
    /// Which clock.
    pub clock: Clock,
    /// When it is due.
    pub due: Timestamp,
    /// Beyond the last published calendar: it will be computed anew.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}
