//! Foreign programs that speak Open311, as PyPI has them, against the door as people run it; and the door's two forms
//! read by a parser that we did not write.

use crate::stage::{Language, Town, nobody, python};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Reports of the feed that `open311.py fill` brings: more than a page of chicagorequests.
const MANY: usize = 203;

/// What nobody may be shown: who reports, and in which words.
const SEALED: [&str; 6] = ["王小明", "小明", "13900000042", "wang@example.com", "井盖没了", "第0个坑"];

fn runs(python: &Language, client: &str, at: &(String, String)) -> Value {
    let said = python.runs(&nobody(), &["open311.py", client, &at.0, &at.1]);
    serde_json::from_str(&said).expect("one object")
}

fn numbers(told: &Value) -> BTreeSet<String> {
    told.as_array().expect("numbers").iter().map(|one| one.as_str().expect("a text").to_owned()).collect()
}

#[test]
fn foreign_readers_of_open311_find_every_report_and_no_other() {
    let Some(python) = python() else { return };
    let town = Town::start();
    let at = town.open311("app1");
    let brought = numbers(&runs(&python, "fill", &at)["numbers"]);
    assert_eq!(brought.len(), MANY, "each report is a case of its own");
    let geo = runs(&python, "georeport", &at);
    for form in ["json", "xml"] {
        let told = &geo[form];
        assert_eq!(told["services"], json!(["other", "road.manhole"]), "{form}: {told}");
        assert_eq!((told["rows"].as_u64(), told["one"].as_bool()), (Some(MANY as u64), Some(true)), "{form}");
        assert!(told["due"].as_str().expect("an instant").ends_with("+08:00"), "{form}: {told}");
    }
    let values = &geo["json"]["definition"]["attributes"][0];
    assert_eq!((&values["code"], &values["values"][0]["key"]), (&json!("condition"), &json!("missing")));
    let chicago = runs(&python, "chicagorequests", &at);
    assert!(chicago["days"].as_u64() >= Some(2), "{chicago}");
    assert_eq!(numbers(&chicago["numbers"]), brought, "page after page");
    assert_eq!(chicago["numbers"].as_array().map(Vec::len), Some(MANY), "none comes twice");
    assert_eq!((&chicago["updated"], &chicago["later"]), (&json!(MANY), &json!(0)));
}

#[test]
fn a_foreign_robot_brings_a_report_and_follows_it_and_nobody_reads_who_reports() {
    let Some(python) = python() else { return };
    let town = Town::start();
    let at = town.open311("robot");
    let told = runs(&python, "civicbot", &at);
    let number = told["first"]["service_request_id"].as_str().expect("a number").to_owned();
    assert_eq!(told["again"]["service_request_id"], number, "the same report twice is one case");
    assert!(
        told["again"]["service_notice"].is_string() && told["first"]["service_notice"].is_null(),
        "{told}"
    );
    assert!(told["wrong"][0].as_str().is_some_and(|why| why.contains("missing")), "{told}");
    assert_eq!(
        (&told["one"]["status"], &told["one"]["service_code"]),
        (&json!("open"), &json!("road.manhole"))
    );
    assert_eq!((&told["one"]["lat"], &told["one"]["long"]), (&json!(36.05), &json!(120.35)), "the block");
    assert_eq!(told["token"][0], json!({ "service_request_id": number, "token": number }));
    assert_eq!((&told["page"], &told["by_number"]), (&json!([number]), &json!([number])));
    let sent = runs(&python, "upload", &at);
    assert_eq!(sent["status"], 200, "{sent}");
    assert!(sent["number"].as_str().is_some_and(|number| number.starts_with("0-")), "{sent}");
    for word in SEALED {
        assert!(!told.to_string().contains(word), "{word}: {told}");
    }
    // The condition is on record; what the definition does not know is kept among the sealed words.
    let events = town.events(&number);
    assert!(events.contains(r#""condition":"missing""#) && !events.contains("王小明"), "{events}");

    let both = runs(&python, "both", &at);
    let (xml, json_) = ("text/xml; charset=utf-8", "application/json; charset=utf-8");
    for (path, said) in both.as_object().expect("addresses") {
        let status = match path.split('?').next().unwrap_or_default() {
            "nothing" | "requests/0-9999" => 404,
            hostile if hostile.contains('%') => 404,
            "requests" if path.contains("page=-1") => 400,
            _ => 200,
        };
        let root = said[4].as_str().unwrap_or_default();
        assert_eq!(*said, json!([status, status, xml, json_, root, true]), "{path}");
        assert_eq!(root == "errors", status != 200, "{path}");
    }
    assert_eq!(both.as_object().map(serde_json::Map::len), Some(16));
}
