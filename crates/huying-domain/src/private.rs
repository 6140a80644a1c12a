//! What belongs to the caller alone. It never stands in an event; it travels sealed beside them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most characters of each private field.
pub const PRIVATE_FIELD_CHARS_MAX: usize = 4_000;

/// Personal data of one command: encrypted under the case's key before it reaches the log.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Private {
    /// The caller's telephone number or account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The caller's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The caller's home address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The caller's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Remarks of whoever acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
}

impl Private {
    /// Whether nothing is held.
    pub const fn is_empty(&self) -> bool {
        self.number.is_none()
            && self.name.is_none()
            && self.address.is_none()
            && self.words.is_none()
            && self.remarks.is_none()
    }

    /// The fields with their names, those that are present.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("number", &self.number),
            ("name", &self.name),
            ("address", &self.address),
            ("words", &self.words),
            ("remarks", &self.remarks),
        ]
        .into_iter()
        .filter_map(|(name, field)| field.as_deref().map(|text| (name, text)))
    }
}

/// Says which fields are present and never what they hold, so that no log can leak them.
impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.fields().map(|(name, _)| name)).finish()
    }
}
