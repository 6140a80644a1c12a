//! What a case is about, in words without anything of the caller: written once, shown by several read models.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, fmt, ops::Deref, sync::Arc};

/// A redacted summary. Whoever copies it has the same one.
#[derive(Clone, PartialEq, Eq)]
pub struct Summary(Arc<str>);

impl Deref for Summary {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Default for Summary {
    fn default() -> Self {
        Self("".into())
    }
}

impl From<&str> for Summary {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Summary {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Summary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// On the wire it is a text like any other.
impl JsonSchema for Summary {
    fn inline_schema() -> bool {
        String::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        String::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}
