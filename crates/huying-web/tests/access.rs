//! The access matrix: what is printed is what the code says, and every ask of the domain has its line.

use huying_domain::command::Ask;
use huying_web::rights::{ACTS, NOT_HERE, matrix};
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn the_printed_matrix_is_that_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ACCESS.md");
    let printed = std::fs::read_to_string(path).expect("docs/ACCESS.md is there; `make access` writes it");
    assert!(printed == matrix(), "docs/ACCESS.md is not that of the code: run `make access`");
}

#[test]
fn every_ask_is_a_persons_with_roles_or_a_programs() {
    let schema = schemars::schema_for!(Ask).to_value();
    let variants = schema["oneOf"].as_array().expect("asks are listed");
    let name =
        |variant: &Value| variant.pointer("/properties/ask/const").and_then(Value::as_str).map(str::to_owned);
    let asks: BTreeSet<String> = variants.iter().filter_map(name).collect();
    let here = ACTS.iter().map(|act| act.ask);
    let known: BTreeSet<String> = here.chain(NOT_HERE).map(str::to_owned).collect();
    assert_eq!(asks, known, "give each ask its roles in rights.rs, or name it among those that programs ask");
    for act in ACTS {
        assert!(!act.roles.is_empty() && !act.zh.is_empty() && !act.en.is_empty(), "{}", act.ask);
    }
}

#[test]
fn the_example_of_each_act_can_be_read() {
    for act in ACTS {
        let with = match act.example {
            "" => String::new(),
            example => format!(r#","with":{}"#, example.replace("UNIT", "centre").replace("CASE", "0-1")),
        };
        let ask: Ask = serde_json::from_str(&format!(r#"{{"ask":"{}"{with}}}"#, act.ask))
            .unwrap_or_else(|error| panic!("{}: {error}", act.ask));
        assert_eq!(ask.name(), act.ask);
    }
}
