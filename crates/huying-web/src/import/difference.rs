//! What a table would change: what is new, what is other field by field, what is gone, and what cannot be.

use huying_domain::words::Words;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Most lines of each sort that an answer lists; the rest is counted.
pub const LINES_LISTED_MAX: usize = 500;

/// The fields of a thing as texts, in the order of its columns.
pub type Fields = Vec<String>;

/// One field that is other.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct FieldChange {
    /// The column.
    pub field: &'static str,
    /// What stands there now; absent of what is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// What would stand there; absent of what is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
}

/// One thing that is new, other or gone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Changed {
    /// The line of the file; absent of what is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Its name.
    pub key: String,
    /// Its fields, as far as they differ.
    pub fields: Vec<FieldChange>,
    /// What else follows from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Words>,
}

/// Why a row, or the lack of one, cannot be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct RowProblem {
    /// The line of the file; absent where the file lacks something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What it is about.
    pub key: String,
    /// The column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// Frozen: programs read it.
    pub code: &'static str,
    /// A sentence that says what to do.
    pub words: Words,
}

/// How many of each sort there are.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, JsonSchema)]
pub struct Counts {
    /// New.
    pub added: usize,
    /// Other.
    pub changed: usize,
    /// No longer there.
    pub gone: usize,
    /// As they were.
    pub same: usize,
    /// Cannot be.
    pub refused: usize,
}

/// What a table would change.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, JsonSchema)]
pub struct Difference {
    /// How many of each sort, listed or not.
    pub counts: Counts,
    /// What is new.
    pub added: Vec<Changed>,
    /// What is other.
    pub changed: Vec<Changed>,
    /// What is no longer there.
    pub gone: Vec<Changed>,
    /// What cannot be. While there is any, nothing is applied.
    pub refused: Vec<RowProblem>,
}

impl Difference {
    /// Between what is there and what a table says, both by name. The table's have their lines.
    pub fn between(
        columns: &[&'static str],
        before: &BTreeMap<String, Fields>,
        after: &BTreeMap<String, (u32, Fields)>,
    ) -> Self {
        let mut found = Self::default();
        for (key, (line, is)) in after {
            let was = before.get(key);
            let fields = changes(columns, was, Some(is));
            let changed = Changed { line: Some(*line), key: key.clone(), fields, note: None };
            match was {
                None => found.added.push(changed),
                Some(_) if changed.fields.is_empty() => found.counts.same += 1,
                Some(_) => found.changed.push(changed),
            }
        }
        for (key, was) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
            let fields = changes(columns, Some(was), None);
            found.gone.push(Changed { line: None, key: key.clone(), fields, note: None });
        }
        found
    }

    /// With what cannot be, by line; all of it counted, and no more listed than an answer holds.
    #[must_use]
    pub fn with(mut self, mut refused: Vec<RowProblem>) -> Self {
        refused.sort_by(|one, other| (one.line, &one.key).cmp(&(other.line, &other.key)));
        self.counts.added = self.added.len();
        self.counts.changed = self.changed.len();
        self.counts.gone = self.gone.len();
        self.counts.refused = refused.len();
        self.refused = refused;
        self
    }

    /// As much of it as an answer holds.
    #[must_use]
    pub fn listed(mut self) -> Self {
        for list in [&mut self.added, &mut self.changed, &mut self.gone] {
            list.truncate(LINES_LISTED_MAX);
        }
        self.refused.truncate(LINES_LISTED_MAX);
        self
    }

    /// Whether nothing would change.
    pub const fn is_nothing(&self) -> bool {
        let Counts { added, changed, gone, .. } = self.counts;
        added + changed + gone == 0
    }
}

fn changes(columns: &[&'static str], was: Option<&Fields>, is: Option<&Fields>) -> Vec<FieldChange> {
    let at = |fields: Option<&Fields>, n: usize| fields.and_then(|fields| fields.get(n)).cloned();
    let one = |(n, field): (usize, &&'static str)| {
        let (was, is) = (at(was, n), at(is, n));
        // What is new or gone is told by what stands in it.
        let differs = match (&was, &is) {
            (Some(was), Some(is)) => was != is,
            (one, other) => one.iter().chain(other).any(|text| !text.is_empty()),
        };
        differs.then_some(FieldChange { field, was, is })
    };
    columns.iter().enumerate().filter_map(one).collect()
}

/// A problem with a row.
pub(super) fn problem(
    (line, key): (u32, &str),
    field: &'static str,
    code: &'static str,
    (zh, en): (String, String),
) -> RowProblem {
    RowProblem { line: Some(line), key: key.to_owned(), field: Some(field), code, words: Words::new(zh, en) }
}
