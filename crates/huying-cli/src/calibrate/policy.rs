//! Fitted limits as a policy file: the base's head, ladder and limits stay, each fitted limit says its source.

use super::{Calibration, fit::Fitted};
use huying_domain::{
    ids::{ClassId, ConditionId},
    time::Timestamp,
};
use std::collections::BTreeMap;
use toml::{Table, Value};

/// What stands at the head of the file.
#[derive(Debug)]
pub struct Head {
    /// Its name.
    pub name: String,
    /// The file that it was fitted on.
    pub from: String,
    /// From when it holds: the end of what it was fitted on.
    pub valid_from: Timestamp,
}

/// Writes the policy. `base` is a policy that can be read; its own limit of every class is dropped, so that a class
/// without a history is unknown and not quietly on some other class's time.
pub fn policy(base: &str, head: &Head, calibration: &Calibration) -> Result<String, String> {
    let mut file: Table = toml::from_str(base).map_err(|error| error.to_string())?;
    let top = table(&mut file, "policy");
    let before = top.get("source").and_then(Value::as_str).unwrap_or_default().to_owned();
    top.insert("name".to_owned(), Value::from(head.name.as_str()));
    let source = format!("Resolve: fitted on {}. The rest: {before}", head.from);
    top.insert("source".to_owned(), Value::from(source));
    top.insert("valid_from".to_owned(), Value::from(head.valid_from.to_string()));
    table(&mut file, "limits").remove("resolve");
    let listed = file.remove("class").and_then(|value| value.try_into::<Vec<Table>>().ok());
    let named = |entry: Table| Some((entry.get("id")?.as_str()?.to_owned(), entry));
    let mut classes: BTreeMap<String, Table> =
        listed.unwrap_or_default().into_iter().filter_map(named).collect();
    for (id, fit) in &calibration.classes {
        let entry = classes.entry(id.to_string()).or_insert_with(|| class(id));
        if let Some(whole) = &fit.whole {
            entry.insert("source".to_owned(), Value::from(source_of(whole, head)));
            table(entry, "limits").insert("resolve".to_owned(), Value::from(whole.limit.to_string()));
        }
        let conditions = entry.remove("condition").and_then(|value| value.try_into::<Vec<Table>>().ok());
        let mut conditions: BTreeMap<String, Table> =
            conditions.unwrap_or_default().into_iter().filter_map(named).collect();
        for (id, own) in &fit.conditions {
            let entry = conditions.entry(id.to_string()).or_insert_with(|| condition(id));
            entry.insert("source".to_owned(), Value::from(source_of(own, head)));
            table(entry, "limits").insert("resolve".to_owned(), Value::from(own.limit.to_string()));
        }
        if !conditions.is_empty() {
            let conditions = conditions.into_values().map(Value::Table).collect();
            entry.insert("condition".to_owned(), Value::Array(conditions));
        }
    }
    file.insert("class".to_owned(), Value::Array(classes.into_values().map(Value::Table).collect()));
    toml::to_string(&file).map_err(|error| error.to_string())
}

fn source_of(fitted: &Fitted, head: &Head) -> String {
    format!("{} of {} promises in {}", fitted.agree, fitted.of, head.from)
}

/// An entry for a class that the base does not list: its id is all that is known of its name.
fn class(id: &ClassId) -> Table {
    entry(id.as_str(), "no promise was ever made")
}

fn condition(id: &ConditionId) -> Table {
    entry(id.as_str(), "")
}

fn entry(id: &str, source: &str) -> Table {
    [("id", id), ("zh", id), ("en", id), ("source", source)]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .collect()
}

fn table<'t>(of: &'t mut Table, key: &str) -> &'t mut Table {
    let value = of.entry(key).or_insert_with(|| Value::Table(Table::new()));
    if !value.is_table() {
        *value = Value::Table(Table::new());
    }
    value.as_table_mut().expect("it was just made one")
}
