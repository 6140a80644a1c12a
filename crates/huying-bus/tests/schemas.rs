//! The schemas that others were given are those of the types.

use huying_bus::{
    asyncapi::document,
    schema::files,
    subject::{Subject, filter::Family},
};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn the_schemas_in_the_project_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    for (name, text) in files() {
        let given = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            given == text,
            "schemas/{name} differs from its type: run `make schemas`, and see whether readers can still follow"
        );
    }
}

/// Whether an address such as `huying.v1.tell.{channel}` is the subject's.
fn fits(address: &str, subject: &str) -> bool {
    let (address, subject): (Vec<_>, Vec<_>) = (address.split('.').collect(), subject.split('.').collect());
    let is = |(held, token): (&&str, &&str)| held.starts_with('{') || held == token;
    address.len() == subject.len() && address.iter().zip(&subject).all(is)
}

#[test]
fn the_document_has_one_channel_for_each_family_of_subjects() {
    let document = document();
    let channels = document["channels"].as_object().expect("channels");
    let addresses: Vec<&str> = channels.values().filter_map(|channel| channel["address"].as_str()).collect();
    let subjects = [
        "huying.v1.intake.hotline.call",
        "huying.v1.inbox.hotline.call",
        "huying.v1.as.street-7.accept",
        "huying.v1.assignment.street-7.0-12",
        "huying.v1.notice.street-7.reminder",
        "huying.v1.tell.mail",
        "huying.v1.record.0-12",
        "huying.v1.receipt.hotline",
        "huying.v1.quarantine.hotline",
        "huying.v1.station.routing",
        "huying.v1.clock",
        &format!("huying.v1.rules.{}", "0".repeat(64)),
    ];
    assert_eq!(subjects.len(), Family::ALL.len(), "one of each family");
    for subject in subjects {
        assert!(subject.parse::<Subject>().is_ok(), "{subject}");
        assert_eq!(addresses.iter().filter(|address| fits(address, subject)).count(), 1, "{subject}");
    }
}

/// Every `$ref` in a value.
fn refs(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| match value {
            Value::String(to) if name == "$ref" => drop(found.insert(to.clone())),
            value => refs(value, found),
        }),
        Value::Array(values) => values.iter().for_each(|value| refs(value, found)),
        _ => {}
    }
}

#[test]
fn whatever_the_document_refers_to_is_there() {
    let document = document();
    let mut found = BTreeSet::new();
    refs(&document, &mut found);
    let files: BTreeSet<&str> = files().iter().map(|(name, _)| *name).collect();
    for to in &found {
        match to.strip_prefix('#') {
            Some(pointer) => assert!(document.pointer(pointer).is_some(), "{to}"),
            None => assert!(to.strip_prefix("./").is_some_and(|name| files.contains(name)), "{to}"),
        }
    }
    let mut left: BTreeSet<&str> =
        files.into_iter().filter(|name| !found.contains(&format!("./{name}"))).collect();
    left.remove("asyncapi.json");
    assert!(left.is_empty(), "schemas that no message of the document has: {left:?}");
}
