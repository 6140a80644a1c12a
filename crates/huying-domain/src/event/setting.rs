//! Facts about the rules and the units, not about a case.

use crate::{
    area::AreaCode,
    ids::{PersonId, SourceId, UnitId},
    record::Hash,
    vocabulary::{Channel, Tag},
};
use compact_str::CompactString;
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

/// What of an account is other than before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountField {
    /// All of it: it was not there.
    Made,
    /// How people call them.
    Words,
    /// The unit for which they speak.
    Unit,
    /// Their roles.
    Roles,
    /// What they see.
    Area,
    /// The marks for which they are cleared.
    Cleared,
    /// The password; neither it nor its hash stands here.
    Password,
    /// The second factor; its secret does not stand here.
    SecondFactor,
    /// Who vouches for them.
    Provider,
    /// Whether they are let in at all.
    Lock,
}

/// An account was made or changed. The part's subject is the unit for which it speaks from now on; who did it stands in
/// the record, and no secret anywhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AccountSet {
    /// Whose.
    pub account: PersonId,
    /// What is other than before; at least one thing.
    pub changed: Vec<AccountField>,
    /// The unit for which it spoke before, where that was another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<UnitId>,
    /// Its roles now.
    #[schemars(with = "Vec<String>")]
    pub roles: Vec<CompactString>,
    /// What it sees now, where that is another area than its unit's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaCode>,
    /// The marks for which it is cleared now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleared: Vec<Tag>,
    /// Nobody signs in with it now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub locked: bool,
    /// The identity provider that said so, where no person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub by_provider: Option<CompactString>,
}

/// A feed has a further key, or none any more. The key stands nowhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct KeysSet {
    /// Whose keys.
    pub source: SourceId,
    /// On which channels the new key brings calls; none where keys were taken away.
    pub channels: Vec<Channel>,
    /// How many keys were taken away.
    pub revoked: u32,
}
