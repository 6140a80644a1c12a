//! What some asks consist of.

use crate::{
    event::{collect::Guide, feedback::Verdict},
    ids::UnitId,
    record::Hash,
    time::Timestamp,
    vocabulary::{EmergencyLine, RefusalGround},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A task that somebody is to have, with its owner and date.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TaskWanted {
    /// Who owes it.
    pub owner: UnitId,
    /// What.
    pub what: String,
    /// By when.
    pub due: Timestamp,
}

/// What is settled with the call itself: by a call-taker while the caller is on the line, or by whoever found the matter
/// and put it right.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum AtOnce {
    /// It was put right on the spot 当场办结, with evidence: it is still checked, answered and called back.
    Solve {
        /// What was done.
        result: String,
        /// Content hashes of photographs and papers.
        evidence: Vec<Hash>,
    },
    /// The demand is not taken on.
    Refuse {
        /// The listed ground.
        ground: RefusalGround,
        /// What the caller was told.
        reason: String,
        /// Where the caller was pointed to.
        guide: Option<Guide>,
    },
    /// Handed to an emergency line.
    Refer {
        /// The line.
        line: EmergencyLine,
        /// Its receipt.
        receipt: Option<String>,
    },
    /// A question, suggestion or praise that was answered on the line.
    Answer {
        /// On whose word the answer rests, as a role and never a name.
        contacted: String,
        /// The answer.
        done: String,
        /// What follows and by when.
        by_when: Option<String>,
        /// What the caller said of it; none if the caller was not asked.
        verdict: Option<Verdict>,
    },
}
