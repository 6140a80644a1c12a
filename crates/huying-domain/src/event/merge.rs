//! Facts of 并单: two cases about one matter become one, and may become two again. Each merge is one record with
//! two parts.

use crate::ids::CaseId;
use crate::ids::PersonId;
use crate::ids::UnitId;
use crate::time::Timestamp;
use crate::vocabulary::Rung;
use crate::vocabulary::Stage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The case follows another one from now on. Its clocks stand still, and its caller is answered with the lead.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Merged {
    /// The case that it follows.
    pub into: CaseId,
    /// Why.
    pub reason: String,
    /// Who answers for it meanwhile.
    pub dispatcher: UnitId,
}

/// The lead case has taken another one in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TookIn {
    /// The case that follows it now.
    pub merged: CaseId,
    /// Since when the matter has been known: the earliest filing of all that were taken in.
    pub filed_at: Timestamp,
    /// The stricter limit that it has from that case, where it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict: Option<Timestamp>,
}

/// The case goes its own way again, from where it stood.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Unmerged {
    /// The case that it followed.
    pub from: CaseId,
    /// Why.
    pub reason: String,
    /// Where it stands again.
    pub stage: Stage,
    /// Who has it again.
    pub holder: UnitId,
    /// The holder's person, if one had been named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Where on the ladder.
    pub rung: Rung,
}

/// The lead case has let one go.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LetGo {
    /// The case that goes its own way.
    pub unmerged: CaseId,
    /// Since when the matter of what is left has been known.
    pub filed_at: Timestamp,
    /// The stricter limit that it has from another case that it took in, where it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict: Option<Timestamp>,
}
