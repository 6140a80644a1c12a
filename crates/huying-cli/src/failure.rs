//! What a command says when it cannot do what was asked, and what it hands back when it can.

use crate::{
    exit::Exit,
    words::{Lang, Say},
};
use huying_domain::{refusal::Refusal, words::Words};
use serde_json::{Value, json};
use std::{error::Error, fmt};

/// Why a command came to nothing. What the caller does differently is the [`Exit`]; programs read the code.
#[derive(Debug)]
pub struct Failure {
    /// How the program ends.
    pub exit: Exit,
    /// A word for programs: a refusal's code, or what failed.
    pub code: String,
    /// The sentence for people.
    pub words: Words,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// A failure with a sentence of the catalogue.
    pub fn new(exit: Exit, code: &str, words: Words) -> Self {
        Self { exit, code: code.to_owned(), words, source: None }
    }

    /// A file or folder that cannot be read.
    pub fn unreadable(path: impl fmt::Display, source: impl Error + Send + Sync + 'static) -> Self {
        Self::new(Exit::Unreadable, "cannot_read", Say::CannotRead.with(&[("path", &path)])).because(source)
    }

    /// The same with its cause.
    #[must_use]
    pub fn because(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// The failure in one language, with its causes.
    pub fn sentence(&self, lang: Lang) -> String {
        let mut said = vec![lang.of(&self.words).to_owned()];
        said.extend(causes(self.source()));
        said.join("\n  ← ")
    }

    /// The failure for programs.
    pub fn json(&self) -> Value {
        json!({ "error": self.code, "words": self.words, "causes": causes(self.source()) })
    }
}

/// An error and what it came from, the nearest first. What a cause merely repeats is left out.
pub fn causes(error: Option<&(dyn Error + 'static)>) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let mut next = error;
    while let Some(cause) = next {
        let sentence = cause.to_string();
        if told.last() != Some(&sentence) {
            told.push(sentence);
        }
        next = cause.source();
    }
    told
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let exit = match refusal {
            Refusal::Busy | Refusal::Stopping => Exit::Held,
            _ => Exit::No,
        };
        Self::new(exit, refusal.code(), refusal.words())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words.en)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}

/// What a command hands back: one object for programs, a text for people.
#[derive(Debug)]
pub struct Output {
    /// How the program ends.
    pub exit: Exit,
    /// The one object that `--json` prints.
    pub json: Value,
    /// What people read.
    pub text: String,
}

impl Output {
    /// What was done, without a finding.
    pub const fn done(json: Value, text: String) -> Self {
        Self { exit: Exit::Done, json, text }
    }
}
