//! The schemas of events and commands: they lie in `schemas/` for those who read the journal or write to a door,
//! and say what the types say.

#[expect(dead_code, reason = "the town serves other laws too")]
#[path = "town/town.rs"]
mod town;
#[expect(dead_code, reason = "the walk serves other laws too")]
#[path = "town/walk.rs"]
mod walk;

use huying_domain::{command::Ask, event::Event, vocabulary::Clock, wire};
use schemars::{JsonSchema, schema_for};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, fs, path::Path};

const BLESS: &str = "HUYING_BLESS";

/// Given a type, its schema in the folder is that of today; with `HUYING_BLESS=1` it is written.
fn check<T: JsonSchema>(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas").join(file);
    let today = serde_json::to_string_pretty(&schema_for!(T)).expect("a schema is JSON") + "\n";
    if std::env::var_os(BLESS).is_some() {
        fs::write(&path, &today).expect("the folder of schemas");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == today,
        "schemas/{file} is not what the types say; run the test with {BLESS}=1 and commit it"
    );
}

#[test]
fn the_schema_of_events_is_what_the_types_say() {
    check::<Event>("events.schema.json");
}

#[test]
fn the_schema_of_commands_is_what_the_types_say() {
    check::<Ask>("commands.schema.json");
}

#[test]
fn every_event_of_the_golden_journal_meets_the_schema() {
    let schema = serde_json::to_value(schema_for!(Event)).expect("a schema is JSON");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/v1.records");
    let file = fs::read(path).expect("the golden journal");
    let (mut bytes, mut seen) = (&file[..], BTreeSet::new());
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let (frame, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        bytes = rest;
        let record = wire::decode(frame).expect("an old record");
        for event in record.parts.iter().flat_map(|part| &part.events) {
            meets(&schema, &serde_json::to_value(event).expect("JSON"));
            seen.insert(event.tag());
        }
    }
    assert_eq!(seen.len(), 36, "the golden journal of version one tells each of the 36 events of its day");
    let tags = Event::TAGS.iter().copied().collect();
    assert!(seen.is_subset(&tags), "an old event is no longer known: {seen:?}");
}

#[test]
fn every_command_meets_the_schema_and_comes_back_from_json() {
    let schema = serde_json::to_value(schema_for!(Ask)).expect("a schema is JSON");
    let mut asks: Vec<Ask> = (0..=255).map(|what| walk::ask(what, 3)).collect();
    asks.push(Ask::Reveal { purpose: "回访".to_owned() });
    let scheduled = town::MORNING.parse().expect("an instant");
    asks.push(Ask::CheckClock { clock: Clock::Hold, scheduled, away_since: Some(scheduled) });
    asks.push(Ask::CheckNotice { clock: Clock::Hold, step: 1, scheduled });
    asks.push(Ask::Recompute);
    let mut seen = BTreeSet::new();
    for ask in asks {
        let json = serde_json::to_value(&ask).expect("JSON");
        meets(&schema, &json);
        assert_eq!(json["ask"], ask.name(), "the name of an ask is its name on the wire");
        seen.insert(ask.name());
        assert_eq!(serde_json::from_value::<Ask>(json).expect("it comes back"), ask);
    }
    let variants = schema["oneOf"].as_array().expect("a choice").len();
    assert_eq!(seen.len(), variants, "an ask has no example among {seen:?}");
}

fn meets(schema: &Value, value: &Value) {
    if let Err(why) = fits(schema, schema, value) {
        panic!("{value} does not meet its schema: {why}");
    }
}

/// Whether a value meets the part of the schema language that is generated here. Stricter than the language in
/// one thing: a field that the schema does not name is an error.
fn fits(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let Some(rules) = schema.as_object() else { return Ok(()) };
    for (rule, want) in rules {
        match rule.as_str() {
            "$ref" => {
                let path = want.as_str().and_then(|path| path.strip_prefix('#')).expect("a path in the file");
                fits(root, root.pointer(path).ok_or("a reference leads nowhere")?, value)?;
            }
            "oneOf" | "anyOf" => {
                let choices = want.as_array().expect("choices");
                let fitting = choices.iter().filter(|choice| fits(root, choice, value).is_ok()).count();
                if fitting == 0 || (rule == "oneOf" && fitting > 1) {
                    return Err(format!("{fitting} choices fit {value}"));
                }
            }
            "type" => type_fits(want, value)?,
            "const" if want != value => return Err(format!("{value} is not {want}")),
            "enum" if !want.as_array().expect("members").contains(value) => {
                return Err(format!("{value} is not among {want}"));
            }
            "required" => {
                let mut names = want.as_array().expect("names").iter().filter_map(Value::as_str);
                if let Some(name) = names.find(|name| value.get(name).is_none()) {
                    return Err(format!("{name} is missing in {value}"));
                }
            }
            "properties" => fields_fit(root, want.as_object().expect("fields"), value)?,
            "items" => value.as_array().into_iter().flatten().try_for_each(|item| fits(root, want, item))?,
            "minimum" if value.as_i64() < want.as_i64() => return Err(format!("{value} is below {want}")),
            "maximum" if value.as_i64() > want.as_i64() => return Err(format!("{value} is above {want}")),
            _ => {}
        }
    }
    Ok(())
}

fn fields_fit(root: &Value, fields: &Map<String, Value>, value: &Value) -> Result<(), String> {
    for (name, inner) in value.as_object().into_iter().flatten() {
        let schema = fields.get(name).ok_or_else(|| format!("the schema does not name {name}"))?;
        fits(root, schema, inner)?;
    }
    Ok(())
}

fn type_fits(want: &Value, value: &Value) -> Result<(), String> {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("a type that no event has: {other}"),
    };
    let names = want.as_array().map_or_else(|| vec![want], |names| names.iter().collect());
    let fits = names.into_iter().filter_map(Value::as_str).any(is);
    if fits { Ok(()) } else { Err(format!("{value} is no {want}")) }
}
