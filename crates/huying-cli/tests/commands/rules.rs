//! Rule files are tried, published, and say what they moved; of a running engine and in a folder at rest.

use crate::stage::{Running, call, city, huying, path};
use huying_domain::record::RuleFile;
use jiff::{ToSpan, civil::Date};
use serde_json::Value;
use std::{fs, path::PathBuf};

/// The tiny city, where a pothole may wait for sixty working days and a burst main may not.
fn patient_city() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    let mut city = city();
    let policy = city.texts.get_mut(&RuleFile::Policy).expect("a policy");
    let text = String::from_utf8(policy.clone()).expect("a text");
    let patient = text.replace("limits = { resolve = \"2wd\" }", "limits = { resolve = \"60wd\" }");
    assert_ne!(patient, text);
    *policy = patient.into_bytes();
    city.write(&made).expect("it can be written");
    (folder, made, data)
}

/// Calendars that know every year, with ten days off from the tenth day on.
fn holidays() -> String {
    let known = include_str!("../../../../tests/city/calendar.toml");
    let today: Date = jiff::Zoned::now().date();
    let (first, last) = (today.saturating_add(10.days()), today.saturating_add(20.days()));
    let more = format!(
        "    {{ from = \"{first}\", to = \"{last}\", zh = \"长假\", en = \"holidays\" }},\n]\nworkdays = ["
    );
    known.replace("]\nworkdays = [", &more).replace("2026-12-31", "2099-12-31")
}

fn resolve_due(data: &std::path::Path, case: &str) -> Value {
    let why = huying(&["why", case, "--json", "--data", path(data)]).ends(0).json();
    let clocks = why["clocks"].as_array().expect("clocks").iter();
    clocks
        .clone()
        .find(|clock| clock["clock"] == "resolve")
        .map(|clock| clock["due"].clone())
        .expect("it runs")
}

#[test]
fn published_calendars_move_what_lay_beyond_and_the_command_says_what() {
    let (folder, city, data) = patient_city();
    let running = Running::start(&data, Some(&city));
    for name in ["C-1", "C-2", "C-3"] {
        running.submit(&call(name, "road.pothole")).ends(0);
    }
    running.submit(&call("C-4", "water.burst")).ends(0);
    running.until("0-3", "assigned");
    running.until("0-4", "assigned");
    let before = [resolve_due(&data, "0-1"), resolve_due(&data, "0-4")];
    let file = folder.path().join("calendar.toml");
    fs::write(&file, holidays()).expect("it can be written");

    let tried = huying(&["rules", "preview", "--json", path(&file), path(&data)]).ends(0).json();
    let resolves = |told: &Value| -> Vec<(String, Value)> {
        let moved = told.as_array().expect("a list").iter().filter(|one| one["clock"] == "resolve");
        moved.map(|one| (one["case"].as_str().expect("a case").to_owned(), one["due"].clone())).collect()
    };
    let wanted = resolves(&tried["moves"]);
    assert_eq!(wanted.iter().map(|(case, _)| case.as_str()).collect::<Vec<_>>(), ["0-1", "0-2", "0-3"]);
    assert_eq!(resolve_due(&data, "0-1"), before[0], "to try moves nothing");

    let told =
        huying(&["rules", "publish", "--json", path(&file), path(&data), "--person", "zhao"]).ends(0).json();
    assert_eq!((&told["cases"], &told["left"]), (&3.into(), &0.into()), "{told}");
    assert_eq!(resolves(&told["moved"]), wanted);
    assert_eq!(told["moved"][0]["was"], before[0]);
    assert_eq!(
        (resolve_due(&data, "0-1"), resolve_due(&data, "0-4")),
        (wanted[0].1.clone(), before[1].clone())
    );
    let case = huying(&["case", "0-1", "--json", "--data", path(&data)]).ends(0).json();
    let last = case["records"].as_array().and_then(|records| records.last()).expect("records");
    assert_eq!((&last["by"], &last["because"]), (&"timer".into(), &told["seq"]), "{last}");
    let again = huying(&["rules", "publish", path(&file), path(&data)]).ends(0);
    assert!(again.out.contains("0 张工单"), "{}", again.out);

    let broken = folder.path().join("units.csv");
    fs::write(&broken, "id,area\n").expect("it can be written");
    let refused = huying(&["rules", "publish", "--json", path(&broken), path(&data)]).ends(1).json();
    assert_eq!(refused["error"], "rules_unusable");
    let nameless = folder.path().join("new.toml");
    fs::write(&nameless, holidays()).expect("it can be written");
    huying(&["rules", "publish", path(&nameless), path(&data)]).ends(2);
    huying(&["rules", "preview", "--as", "calendar", path(&nameless), path(&data)]).ends(0);
    assert_eq!(running.stop(), 0);
    assert_eq!(resolve_due(&data, "0-2"), wanted[1].1, "a restart knows it");
    huying(&["verify", path(&data)]).ends(0);
}

#[test]
fn a_folder_at_rest_moves_them_too_and_a_policy_waits_for_its_day() {
    let (folder, city, data) = patient_city();
    let running = Running::start(&data, Some(&city));
    running.submit(&call("D-1", "road.pothole")).ends(0);
    running.until("0-1", "assigned");
    assert_eq!(running.stop(), 0);
    let before = resolve_due(&data, "0-1");
    let file = folder.path().join("calendar.toml");
    fs::write(&file, holidays()).expect("it can be written");
    let told = huying(&["rules", "publish", "--json", path(&file), path(&data)]).ends(0).json();
    assert_eq!((&told["cases"], &told["moved"][0]["was"]), (&1.into(), &before), "{told}");
    assert_ne!(resolve_due(&data, "0-1"), before);

    let text = fs::read_to_string(city.join("policy.toml")).expect("a policy");
    let later = text.replace(
        "\ncentre = \"centre\"",
        "\ncentre = \"centre\"\nvalid_from = \"2199-01-01T00:00:00+08:00\"",
    );
    assert_ne!(later, text);
    let policy = folder.path().join("policy.toml");
    fs::write(&policy, later).expect("it can be written");
    let early = huying(&["rules", "publish", "--json", path(&policy), path(&data)]).ends(1).json();
    assert_eq!(early["error"], "not_in_force_yet");
    let tried = huying(&["rules", "preview", "--json", path(&policy), path(&data)]).ends(0).json();
    assert_eq!((&tried["open"], &tried["late_at_once"]), (&1.into(), &0.into()), "{tried}");
    let said = huying(&["rules", "preview", "--lang", "en", path(&policy), path(&data)]).ends(0);
    assert!(said.out.contains("cannot be published before"), "{}", said.out);
}
