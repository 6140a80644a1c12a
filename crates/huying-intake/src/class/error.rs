//! Why a model cannot be trained or read: a code for programs and a sentence for people.

use huying_domain::words::Words;
use thiserror::Error;

/// Why there is no model. It names the row or the part of the file, never what a title says.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{}", words.en)]
pub struct ClassError {
    /// A word for programs, such as `model_corrupt`.
    pub code: &'static str,
    /// The reason for people.
    pub words: Words,
}

impl ClassError {
    pub(super) fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, words: Words::new(zh, en) }
    }

    /// A row of the labelled titles that cannot be used.
    pub(super) fn row(line: u64, zh: &str, en: &str) -> Self {
        Self::new("bad_row", format!("第 {line} 行：{zh}"), format!("line {line}: {en}"))
    }

    /// A model file whose digest holds and whose content does not, or whose digest does not hold.
    pub(super) fn corrupt(zh: &str, en: &str) -> Self {
        Self::new(
            "model_corrupt",
            format!("模型文件已损坏：{zh}"),
            format!("the model file is corrupt: {en}"),
        )
    }
}
