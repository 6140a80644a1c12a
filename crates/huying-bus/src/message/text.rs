//! Text from outside, bounded when it is read.

use huying_domain::refusal::Malformed;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// Text that is not blank, has at most `CHARS_MAX` characters, and no control character but line breaks and tabs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Text<const CHARS_MAX: usize>(String);

impl<const CHARS_MAX: usize> Text<CHARS_MAX> {
    /// Takes the text if it keeps within its bounds.
    pub fn new(text: impl Into<String>) -> Result<Self, Malformed> {
        let text = text.into();
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if text.trim().is_empty() || text.chars().count() > CHARS_MAX || text.chars().any(control) {
            return Err(Malformed::new("text", "some text within its bound, without control characters"));
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const CHARS_MAX: usize> TryFrom<String> for Text<CHARS_MAX> {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::new(text)
    }
}

/// Says how long the text is and never what it says: what comes from outside may name the caller.
impl<const CHARS_MAX: usize> fmt::Debug for Text<CHARS_MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} characters>", self.0.chars().count())
    }
}

impl<const CHARS_MAX: usize> JsonSchema for Text<CHARS_MAX> {
    fn schema_name() -> Cow<'static, str> {
        format!("Text{CHARS_MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": CHARS_MAX})
    }
}
