//! Facts of the second phase 派遣: who has the case and how it climbs.

use crate::event::collect::Brief;
use crate::ids::PersonId;
use crate::ids::RulesLabel;
use crate::ids::UnitId;
use crate::vocabulary::EmergencyLine;
use crate::vocabulary::EscalationGround;
use crate::vocabulary::ReturnGround;
use crate::vocabulary::Rung;
use crate::words::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Given to a unit; the limits stand in the `Clocked` beside it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Assigned {
    /// The unit in the lead 主办.
    pub lead: UnitId,
    /// Units that help 协办.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co_handlers: Vec<UnitId>,
    /// Units that are told and do not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<UnitId>,
    /// Where on the ladder the lead stands.
    pub rung: Rung,
    /// Why this unit.
    pub reason: Words,
    /// Which leg of the case: 1, and one more for each reopening.
    pub leg: u8,
    /// The rules in force.
    pub rules: RulesLabel,
}

/// Signed for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// The unit that signed.
    pub unit: UnitId,
}

/// Given back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Returned {
    /// The unit that gives it back.
    pub unit: UnitId,
    /// On which ground.
    pub ground: ReturnGround,
    /// In words.
    pub reason: String,
    /// Who ought to have it, says the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<UnitId>,
    /// Who has to assign it now.
    pub receiver: UnitId,
    /// The how-manieth return of this leg.
    pub count: u8,
    /// What a new assignment needs to know.
    pub brief: Brief,
}

/// Decided by the level above.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Ruled {
    /// Who has it, and cannot return it.
    pub holder: UnitId,
    /// Why.
    pub reason: String,
}

/// The unit's person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Delegated {
    /// The person's account.
    pub person: PersonId,
}

/// Climbed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Escalated {
    /// From whom.
    pub from: UnitId,
    /// To whom.
    pub to: UnitId,
    /// The rung where it lies now.
    pub rung: Rung,
    /// Why.
    pub ground: EscalationGround,
    /// Rungs that had nobody and were skipped at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<UnitId>,
    /// In words.
    pub reason: Words,
}

/// The command centre still holds it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TopAsked {
    /// The how-manieth time.
    pub count: u16,
}

/// Reminded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Reminded {
    /// Who reminds.
    pub by: UnitId,
    /// What was said.
    pub note: String,
}

/// A one-key alarm 一键呼叫 rings at these units at once, until one of them answers or its `ring` clock is over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Alarmed {
    /// The how-manieth ring: 1, and one more each time that nobody answered.
    pub ring: u16,
    /// Who is rung.
    pub units: Vec<UnitId>,
    /// Units that would be rung and have nobody there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<UnitId>,
    /// The emergency line to which this ring hands the alarm over; its receipt is the fact `referred`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<EmergencyLine>,
    /// It is a drill, which counts in no figure and is handed over to nobody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drill: bool,
}
