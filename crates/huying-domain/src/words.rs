//! Sentences in both languages of the house.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One sentence in Chinese and in English; the one place where a reason is said to people.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Words {
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

impl Words {
    /// Says the same in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}
