//! Facts of the first phase 采集, and what may happen to what was written down at any time.

use crate::area::AreaCode;
use crate::area::Point;
use crate::ids::CaseId;
use crate::ids::ClassId;
use crate::ids::ConditionId;
use crate::ids::ExternalId;
use crate::ids::RulesLabel;
use crate::ids::SourceId;
use crate::ids::UnitId;
use crate::record::Hash;
use crate::summary::Summary;
use crate::time::Timestamp;
use crate::vocabulary::CancelGround;
use crate::vocabulary::CaseKind;
use crate::vocabulary::Channel;
use crate::vocabulary::EmergencyLine;
use crate::vocabulary::RefusalGround;
use crate::vocabulary::Tag;
use crate::words::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a station needs of a case to route it, repeated in each event that asks for a new holder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Brief {
    /// Class of the matter.
    pub class: ClassId,
    /// Filing condition, where the class has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionId>,
    /// Where it lies.
    pub area: AreaCode,
    /// The unit that the case is about, which may never hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accused: Option<UnitId>,
    /// The department that the source itself names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<UnitId>,
}

/// What was written down at the desk, without anything of the caller.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Filing {
    /// The feed or desk.
    pub source: SourceId,
    /// How it came in.
    pub channel: Channel,
    /// The source's own name for the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<ExternalId>,
    /// What the caller wants.
    pub kind: CaseKind,
    /// Class, condition, area, accused, department.
    pub brief: Brief,
    /// Where exactly, in WGS-84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Point>,
    /// No area was found for the place; the area is the named fallback.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub orphan: bool,
    /// What it is about, redacted: no number, no name, no home address.
    pub summary: Summary,
    /// When it happened, says the source; evidence only, the engine's own time decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// The instant by which the source promised a result, where it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Timestamp>,
    /// Marks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// What a program made of the caller's words, where the call named no class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<ClassProposal>,
    /// Content hashes of the photographs that came with the call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<Hash>,
}

impl Filing {
    /// Whether a person has to say of which class it is before it is routed.
    pub fn waits_for_class(&self) -> bool {
        self.proposal.as_ref().is_some_and(|proposal| !proposal.sure)
    }
}

/// What a program made of the caller's words. No word of theirs stands here: the reasons are told to whoever has the
/// words before them, and made again of the sealed ones by the same model.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ClassProposal {
    /// The class.
    pub class: ClassId,
    /// The filing condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionId>,
    /// The department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<UnitId>,
    /// How likely, in thousandths.
    pub confidence_permille: u16,
    /// The likeliest class but one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<ClassId>,
    /// Sure enough to be followed; where not, a person decides.
    pub sure: bool,
    /// The first digits of the hash of the model that proposed it.
    pub model: String,
}

/// A call became a case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Registered {
    /// What was written down.
    pub filing: Filing,
    /// Who dispatches it, and holds it until then.
    pub dispatcher: UnitId,
    /// The rules in force.
    pub rules: RulesLabel,
}

/// A further call joined a lead case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Joined {
    /// What was written down.
    pub filing: Filing,
    /// The case that it follows.
    pub lead: CaseId,
    /// Who answers for it meanwhile.
    pub dispatcher: UnitId,
}

/// The lead case has a further caller.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MemberAdded {
    /// The further caller's case.
    pub member: CaseId,
}

/// Only what changed is present.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Corrected {
    /// New class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassId>,
    /// New condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionId>,
    /// New kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<CaseKind>,
    /// New redacted summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    /// New place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Point>,
}

/// Marks that were added.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Tagged {
    /// The marks.
    pub tags: Vec<Tag>,
}

/// Not taken on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// The listed ground.
    pub ground: RefusalGround,
    /// What the caller will hear.
    pub reason: String,
    /// Where the caller is pointed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide: Option<Guide>,
}

/// Where a caller is pointed to whose demand is not taken on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "to", content = "what", rename_all = "snake_case")]
pub enum Guide {
    /// The court, office, market or society that can help.
    Way(String),
    /// The caller's own earlier case about the same matter, of which the progress or the result is told.
    Earlier(CaseId),
}

impl Guide {
    /// The rest of a sentence that says where to turn.
    pub fn words(&self) -> Words {
        match self {
            Self::Way(way) => Words::new(format!("；可向{way}反映"), format!("; you can turn to: {way}")),
            Self::Earlier(case) => Words::new(
                format!("；此前工单 {case} 正在或已经办理"),
                format!("; see the earlier case {case}"),
            ),
        }
    }
}

/// Handed to an emergency line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Referred {
    /// The line.
    pub line: EmergencyLine,
    /// The line's own receipt, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

/// Ended without being handled.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Cancelled {
    /// The ground.
    pub ground: CancelGround,
    /// In words.
    pub reason: String,
}

/// A caller's number was read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Revealed {
    /// What for.
    pub purpose: String,
}

/// The key is gone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Erased {
    /// Why.
    pub reason: String,
    /// The slot of the key file that was zeroed, if the case had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<u32>,
}

/// Lies elsewhere now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Rehomed {
    /// Where it lay.
    pub from: AreaCode,
    /// Where it lies.
    pub to: AreaCode,
}
