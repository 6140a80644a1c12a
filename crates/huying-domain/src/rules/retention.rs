//! How long personal data are kept: the `[[retention]]` of the policy file. What is due is proposed; a person confirms.
//!
//! ```toml
//! [[retention]]
//! days = 1095                          # natural days after the day of closing
//! source = "archives rule of the city's hotline, art. 12"
//! [[retention]]
//! class = "noise.construction"         # this class alone; without a class, all that have none of their own
//! days = 365
//! source = "…"
//! ```
//!
//! A policy without any keeps everything until somebody erases it case by case.

use crate::ids::ClassId;
use jiff::{ToSpan, civil::Date};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Longest time for which data are kept: a hundred years. A longer one is a slip of the pen.
pub const RETENTION_DAYS_MAX: u32 = 36_600;

/// How long personal data are kept.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Retention {
    rules: Vec<Rule>,
}

/// How long those of a class are kept, or those of every class without a rule of its own.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The class; none for all others.
    pub class: Option<ClassId>,
    /// Natural days after the day on which the case was closed.
    pub days: u32,
    /// Who says so.
    pub source: String,
}

impl From<Vec<Rule>> for Retention {
    fn from(rules: Vec<Rule>) -> Self {
        Self { rules }
    }
}

impl Retention {
    /// Whether nothing is ever proposed.
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rule of a class: its own, else that of all others; none where its data are kept.
    pub fn rule(&self, class: &ClassId) -> Option<&Rule> {
        let own = self.rules.iter().find(|rule| rule.class.as_ref() == Some(class));
        own.or_else(|| self.rules.iter().find(|rule| rule.class.is_none()))
    }

    /// What in it contradicts itself, or names a class that the policy does not have.
    pub fn contradictions<C>(&self, classes: &BTreeMap<ClassId, C>) -> Vec<String> {
        let mut findings = Vec::new();
        for (at, rule) in self.rules.iter().enumerate() {
            let name = rule.class.as_ref().map_or("all others", ClassId::as_str);
            if self.rules[..at].iter().any(|earlier| earlier.class == rule.class) {
                findings.push(format!("[[retention]] names {name} twice"));
            }
            if rule.class.as_ref().is_some_and(|class| !classes.contains_key(class)) {
                findings.push(format!("[[retention]] names the class {name}, which is absent"));
            }
            if !(1..=RETENTION_DAYS_MAX).contains(&rule.days) {
                findings.push(format!(
                    "[[retention]] of {name} is a number of days from 1 to {RETENTION_DAYS_MAX}"
                ));
            }
            if rule.source.trim().is_empty() {
                findings.push(format!("[[retention]] of {name} does not say who says so: source is empty"));
            }
        }
        findings
    }
}

impl Rule {
    /// The first day on which the data of a case that was closed on this day are kept for no reason any more.
    pub fn due(&self, closed: Date) -> Date {
        closed.saturating_add((i64::from(self.days.min(RETENTION_DAYS_MAX)) + 1).days())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(id: &str) -> ClassId {
        ClassId::new(id).expect("a class")
    }

    fn rule(id: Option<&str>, days: u32, source: &str) -> Rule {
        Rule { class: id.map(class), days, source: source.to_owned() }
    }

    #[test]
    fn a_class_has_its_own_rule_or_that_of_all_others_or_none() {
        let own = Retention::from(vec![rule(None, 1095, "a"), rule(Some("noise"), 30, "b")]);
        assert_eq!(own.rule(&class("noise")).map(|rule| rule.days), Some(30));
        assert_eq!(own.rule(&class("road")).map(|rule| rule.days), Some(1095));
        assert_eq!(Retention::from(vec![rule(Some("noise"), 30, "b")]).rule(&class("road")), None);
        assert_eq!(Retention::default().rule(&class("noise")), None);
    }

    #[test]
    fn each_whole_day_counts_and_the_day_of_closing_does_not() {
        let closed = Date::constant(2026, 2, 27);
        assert_eq!(rule(None, 1, "a").due(closed), Date::constant(2026, 3, 1));
        assert_eq!(rule(None, 365, "a").due(closed), Date::constant(2027, 2, 28));
        assert_eq!(rule(None, u32::MAX, "a").due(Date::MAX), Date::MAX, "never a fault");
    }

    #[test]
    fn what_makes_no_sense_is_found() {
        let classes = BTreeMap::from([(class("noise"), ())]);
        let found = |rules: Vec<Rule>| Retention::from(rules).contradictions(&classes);
        assert_eq!(found(vec![rule(None, 1095, "a"), rule(Some("noise"), 1, "b")]), Vec::<String>::new());
        for (rules, said) in [
            (vec![rule(None, 5, "a"), rule(None, 6, "a")], "twice"),
            (vec![rule(Some("nois"), 5, "a")], "absent"),
            (vec![rule(None, 0, "a")], "days"),
            (vec![rule(None, 5, " ")], "source"),
        ] {
            let findings = found(rules);
            assert!(findings.len() == 1 && findings[0].contains(said), "{findings:?}");
        }
    }
}
