//! Calls as feeds send them, one or up to 64 in a message.

use crate::message::{place::Place, text::Text};
use huying_domain::{
    command::AtOnce,
    ids::{CaseId, ClassId, ConditionId, ExternalId, UnitId},
    private::PRIVATE_FIELD_CHARS_MAX,
    record::Hash,
    time::Timestamp,
    vocabulary::CaseKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::value::RawValue;
use std::fmt;
use thiserror::Error;

/// Most calls in one message: a batch is decided and synced together, and must not hold others up.
pub const CALLS_PER_MESSAGE_MAX: usize = 64;
/// Most bytes of one message with calls; half of what the server takes by default.
pub const CALL_MESSAGE_BYTES_MAX: usize = 512 * 1024;
/// Most characters of a telephone number or an account.
pub const NUMBER_CHARS_MAX: usize = 64;
/// Most characters of a caller's name.
pub const CALLER_NAME_CHARS_MAX: usize = 64;

/// One call: whatever the source knows of it. What must be there (words or a class) is intake's to say.
///
/// Source and channel stand in the subject, where permissions can see them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The source's own name for the call. Sent again with the same body, it gets the first answer again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// When it happened, says the source: evidence, while the engine's own time starts the clocks.
    #[serde(default, deserialize_with = "written", skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// What the caller wants; read out of the words where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<CaseKind>,
    /// The class in the city's catalogue; read out of the words where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassId>,
    /// The filing condition, where the class has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionId>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The caller's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Text<PRIVATE_FIELD_CHARS_MAX>>,
    /// Who calls; absent for devices and for the anonymous.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// 保密: the caller asks that contact data be kept secret, from the handler too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confidential: bool,
    /// The unit that the call is about, which will never hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accused: Option<UnitId>,
    /// The department that the source itself names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<UnitId>,
    /// The instant by which the source has promised a result.
    #[serde(default, deserialize_with = "written", skip_serializing_if = "Option::is_none")]
    pub promised_by: Option<Timestamp>,
    /// What the call-taker has settled while the caller was on the line: not taken on, handed to an emergency line, or
    /// a question answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<AtOnce>,
    /// The open case whose matter this is, says whoever took the call: a small case of its own follows it. Where that
    /// case takes no further callers the call is refused, and not made a case by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<CaseId>,
    /// Content hashes of photographs that came along, of files that the engine keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<Hash>,
    /// Alone in a message of the channel `device`: the device of this name is alive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alive: Option<ExternalId>,
}

/// Who calls. It is sealed before it is stored and never goes to a unit unasked.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// Telephone number or account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Text<NUMBER_CHARS_MAX>>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<CALLER_NAME_CHARS_MAX>>,
    /// Home address, where it is not the place of the matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Text<{ crate::message::place::ADDRESS_CHARS_MAX }>>,
}

/// Says which fields are present and never what they hold.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields =
            [("number", self.number.is_some()), ("name", self.name.is_some()), ("home", self.home.is_some())];
        f.debug_list().entries(fields.iter().filter(|(_, held)| *held).map(|(name, _)| name)).finish()
    }
}

/// An instant as JSON writes it; a bare number says nothing of its unit.
fn written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}

/// Why a message cannot even be cut into calls; nothing in it is taken.
#[derive(Debug, Error)]
pub enum Unsplittable {
    /// The feed must cut its batch.
    #[error("a message of {bytes} bytes is longer than {CALL_MESSAGE_BYTES_MAX}")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// The feed must cut its batch.
    #[error("{calls} calls in one message are not 1 to {CALLS_PER_MESSAGE_MAX}")]
    WrongCount {
        /// How many there are.
        calls: usize,
    },
    /// The feed must mend its form.
    #[error("neither a JSON object nor a list of them")]
    NotJson(#[source] serde_json::Error),
}

/// Cuts a message into its calls, each as it stands: an object is one call, a list up to 64.
///
/// The calls are not read here, so that one unreadable call is refused alone and the others are taken.
pub fn split(message: &[u8]) -> Result<Vec<&RawValue>, Unsplittable> {
    if message.len() > CALL_MESSAGE_BYTES_MAX {
        return Err(Unsplittable::TooLong { bytes: message.len() });
    }
    let is_list = message.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let calls: Vec<&RawValue> = if is_list {
        serde_json::from_slice(message).map_err(Unsplittable::NotJson)?
    } else {
        vec![serde_json::from_slice(message).map_err(Unsplittable::NotJson)?]
    };
    if (1..=CALLS_PER_MESSAGE_MAX).contains(&calls.len()) {
        Ok(calls)
    } else {
        Err(Unsplittable::WrongCount { calls: calls.len() })
    }
}
