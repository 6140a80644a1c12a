//! From a label of the model to the city's own class, filing condition and department: `classes.toml` beside the model.
//!
//! ```toml
//! source = "the city's catalogue of 2026"
//! [[label]]
//! label = "环境保护"              # as the titles that trained the model are labelled
//! class = "noise.construction"   # of the policy
//! department = "environment"     # of the units; without it the duty list says whose it is
//! [[label.condition]]            # the first one of whose words the caller says
//! id = "night"
//! words = ["夜间", "半夜", "凌晨"]
//! ```
//!
//! A model whose labels are the city's classes needs no such file. A label that the file does not name is proposed
//! under its own name, and never surely.

use super::{Classifier, error::ClassError};
use crate::{
    read::{WORDS_CLASS_UNKNOWN, summary_of_call},
    redact::redact,
    report::Report,
};
use huying_domain::{
    event::collect::ClassProposal,
    ids::{ClassId, ConditionId, UnitId},
    rules::Rules,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The name of the file in a city's folder.
pub const LABELS_FILE: &str = "classes.toml";
/// Most bytes of that file: 1 MiB.
pub const LABELS_BYTES_MAX: u64 = 1024 * 1024;
/// How many digits of the model's hash a proposal bears.
const MODEL_DIGITS: usize = 8;

/// A model with what its labels mean in the city.
#[derive(Clone, PartialEq, Debug)]
pub struct Classes {
    model: Classifier,
    /// The first digits of the hash of the model's bytes.
    hash: String,
    /// None where the labels are the city's classes.
    labels: Option<BTreeMap<ClassId, Label>>,
}

/// What a label means.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    label: ClassId,
    class: ClassId,
    department: Option<UnitId>,
    #[serde(default)]
    condition: Vec<Condition>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    id: ConditionId,
    words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "source")]
    _source: String,
    label: Vec<Label>,
}

impl Classes {
    /// Reads the model, and the file that says what its labels mean.
    pub fn read(model: &[u8], labels: Option<&str>) -> Result<Self, ClassError> {
        let labels = labels.map(toml::from_str::<File>).transpose().map_err(|error| {
            let why = error.message().to_owned();
            ClassError::new(
                "labels_unreadable",
                format!("{LABELS_FILE} 不合格式：{why}"),
                format!("{LABELS_FILE} is not of its form: {why}"),
            )
        })?;
        let by_label =
            |file: File| file.label.into_iter().map(|label| (label.label.clone(), label)).collect();
        let mut hash = Rules::hash(model).to_string();
        hash.truncate(MODEL_DIGITS);
        Ok(Self { model: Classifier::from_bytes(model)?, hash, labels: labels.map(by_label) })
    }

    /// The model.
    pub const fn model(&self) -> &Classifier {
        &self.model
    }

    /// What the file names and the city's rules do not have: classes, conditions, departments, each as it is written;
    /// and labels of the model that mean nothing in the city.
    pub fn unknown_to(&self, rules: &Rules) -> Vec<String> {
        let mut unknown = Vec::new();
        for label in self.model.classes() {
            let known = match &self.labels {
                None => rules.policy.classes.contains_key(label),
                Some(labels) => labels.contains_key(label),
            };
            if !known {
                unknown.push(label.to_string());
            }
        }
        for label in self.labels.iter().flat_map(BTreeMap::values) {
            let Some(class) = rules.policy.classes.get(&label.class) else {
                unknown.push(label.class.to_string());
                continue;
            };
            let conditions = label.condition.iter().filter(|one| !class.conditions.contains_key(&one.id));
            unknown.extend(conditions.map(|condition| format!("{}/{}", label.class, condition.id)));
            unknown.extend(
                label.department.iter().filter(|unit| rules.unit(unit).is_none()).map(ToString::to_string),
            );
        }
        unknown
    }

    /// What the words of a call speak for, and the parts of the redacted words that say so, the strongest first. None
    /// where the call names its class, or has no words.
    ///
    /// Sure is only what the city's rules know: a class that a new policy no longer has waits for a person, and so do
    /// words of which the model knows nothing.
    pub fn propose(&self, rules: &Rules, report: &Report) -> Option<(ClassProposal, Vec<String>)> {
        if report.class.as_str() != WORDS_CLASS_UNKNOWN {
            return None;
        }
        Some(self.propose_of(rules, report.private.words.as_deref()?))
    }

    /// The same for words alone.
    pub fn propose_of(&self, rules: &Rules, words: &str) -> (ClassProposal, Vec<String>) {
        let words = redact(words);
        let Some(mut proposal) = self.model.propose(&words) else {
            let class = ClassId::new(WORDS_CLASS_UNKNOWN).expect("the word is a class");
            let proposal = ClassProposal {
                class,
                condition: None,
                department: None,
                confidence_permille: 0,
                second: None,
                sure: false,
                model: self.hash.clone(),
            };
            return (proposal, Vec::new());
        };
        let strongest = std::mem::take(&mut proposal.strongest);
        let label = self.labels.as_ref().and_then(|labels| labels.get(&proposal.class));
        let class = label.map_or(&proposal.class, |label| &label.class);
        let known = rules.policy.classes.get(class);
        let says = |condition: &&Condition| condition.words.iter().any(|word| words.contains(word.as_str()));
        let condition = label.and_then(|label| label.condition.iter().find(says)).map(|one| &one.id);
        let condition = condition.filter(|id| known.is_some_and(|class| class.conditions.contains_key(*id)));
        let department = label.and_then(|label| label.department.as_ref());
        let proposal = ClassProposal {
            class: class.clone(),
            condition: condition.cloned(),
            department: department.filter(|unit| rules.unit(unit).is_some()).cloned(),
            confidence_permille: proposal.confidence_permille,
            second: Some(self.meaning(&proposal.second)),
            sure: proposal.sure && known.is_some(),
            model: self.hash.clone(),
        };
        (proposal, strongest)
    }

    /// The city's class for a label, or the label where it has none.
    fn meaning(&self, label: &ClassId) -> ClassId {
        let known = self.labels.as_ref().and_then(|labels| labels.get(label));
        known.map_or(label, |known| &known.class).clone()
    }
}

/// Makes a report of the proposed class, where that is sure; what is not sure stays as it is, for a person.
pub fn follow(report: &mut Report, proposal: &ClassProposal) {
    if !proposal.sure || report.class.as_str() != WORDS_CLASS_UNKNOWN {
        return;
    }
    report.class = proposal.class.clone();
    report.condition = report.condition.take().or_else(|| proposal.condition.clone());
    report.department = report.department.take().or_else(|| proposal.department.clone());
    report.summary = summary_of_call(report);
}
