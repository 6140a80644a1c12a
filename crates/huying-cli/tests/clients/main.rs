//! Clients in other languages, against the program as people run it: a department in Python and one in Node, a call
//! centre, whoever asks which services there are, and a validator that we did not write.
//!
//! They need what `make clients` brings; without it they say so and are skipped.

#![expect(clippy::print_stderr, reason = "a story that is skipped says so")]

mod open311;
mod sign_in;
mod stage;

use crate::stage::{Town, calls, node, python};

#[test]
fn a_department_takes_up_asks_and_resolves_in_python() {
    let Some(python) = python() else { return };
    let town = Town::start();
    let feed = town.grant(&["--source", "hotline"]);
    let works = town.grant(&["--unit", "works"]);
    let said = python.runs(&feed, &["feed.py", "hotline", &town.file("calls.json", &calls(2))]);
    let taken: Vec<&str> = said.lines().collect();
    let [first, second, again, other, receipt] = taken.as_slice() else { panic!("five answers: {said}") };
    assert_eq!((*first, *second), ("taken 0-1 False", "taken 0-2 False"));
    assert_eq!((*again, *other), ("taken 0-1 True", "taken 0-2 True"), "the first answers again");
    assert_eq!(*receipt, "receipt taken 0-3");
    let did = python.runs(&works, &["department.py", "works", "3"]);
    for case in ["0-1", "0-2", "0-3"] {
        for verb in ["accept done", "reveal revealed", "resolve done"] {
            assert!(did.contains(&format!("{case} {verb}")), "{did}");
        }
        assert!(town.events(case).contains("case.resolved/1"));
        assert!(town.events(case).contains("case.revealed/1"), "who read the number is written down");
    }
}

#[test]
fn a_department_in_node_that_was_off_comes_back_and_finds_what_it_owes() {
    let (Some(node), Some(python)) = (node("@nats-io/jetstream"), python()) else { return };
    let town = Town::start();
    let feed = town.grant(&["--source", "hotline"]);
    let works = town.grant(&["--unit", "works"]);
    // Nobody is there while five calls come in, and the engine itself is away for a moment.
    python.runs(&feed, &["feed.py", "hotline", &town.file("calls.json", &calls(5))]);
    let town = town.restarted();
    for number in 1..=6 {
        town.until(&format!("0-{number}"), "case.assigned/1");
    }
    let works = town.at(works);
    let did = node.runs(&works, &["department.mjs", "works", "6"]);
    for number in 1..=6 {
        assert!(did.contains(&format!("0-{number} resolve done")), "{did}");
    }
    assert_eq!(did.lines().count(), 18, "each was done once: {did}");
}

#[test]
fn whoever_asks_which_services_there_are_is_told_as_nats_tells() {
    let Some(python) = python() else { return };
    let town = Town::start();
    let works = town.grant(&["--unit", "works"]);
    let said = python.runs(&works, &["services.py"]);
    let answers: Vec<serde_json::Value> =
        said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for kind in ["ping", "info", "stats"] {
        let of_kind =
            |answer: &&serde_json::Value| answer["type"] == format!("io.nats.micro.v1.{kind}_response");
        let mut names: Vec<_> =
            answers.iter().filter(of_kind).filter_map(|answer| answer["name"].as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["huying-intake", "huying-units"], "{kind}");
    }
}

#[test]
fn every_message_that_passes_is_what_the_document_says() {
    let Some(python) = python() else { return };
    let town = Town::start();
    let feed = town.grant(&["--source", "hotline"]);
    let works = town.grant(&["--unit", "works"]);
    let capture = python.begins(&town.engine(), &["capture.py", &town.path("captured")], "listening");
    python.runs(&feed, &["feed.py", "hotline", &town.file("calls.json", &calls(3))]);
    python.runs(&works, &["department.py", "works", "4"]);
    python.runs(&works, &["services.py"]);
    town.answer_and_tell("0-1");
    capture.ends();
    let validate = |captured: &str| ["validate.py".to_owned(), stage::schemas(), town.path(captured)];
    let said = python.runs(&works, &validate("captured").each_ref().map(String::as_str));
    for channel in [
        "intake",
        "intakeAnswers",
        "inbox",
        "receipt",
        "as",
        "unitAnswers",
        "assignment",
        "record",
        "services",
        "aboutServices",
    ] {
        assert!(
            said.lines().any(|line| line.split_whitespace().nth(1) == Some(channel)),
            "{channel}: {said}"
        );
    }
    assert!(said.contains(" 0 not valid"), "{said}");
    // A call that is not what the document says is seen by the validator, and refused by the engine.
    let capture = python.begins(&town.engine(), &["capture.py", &town.path("bad")], "listening");
    let refused = town.file("bad.json", r#"[{"external_id":"bad","colour":"red"}]"#);
    let said = python.runs(&feed, &["feed.py", "hotline", &refused]);
    assert_eq!(
        said.lines().map(str::trim).collect::<Vec<_>>(),
        ["refused  False", "refused  False", "receipt refused"]
    );
    capture.ends();
    let said = python.fails(&works, &validate("bad").each_ref().map(String::as_str));
    assert!(said.contains("huying.v1.intake.hotline.call") && !said.contains("intakeAnswers ["), "{said}");
}

#[test]
fn the_document_is_what_asyncapi_says_a_document_is() {
    let (Some(python), Some(official)) = (python(), stage::official()) else { return };
    let said = python.runs(&stage::nobody(), &["check_asyncapi.py", &stage::schemas(), &official]);
    assert!(said.contains("valid"), "{said}");
}

#[test]
fn every_figure_that_alerts_and_board_name_is_one_that_the_engine_gives() {
    let Some(python) = python() else { return };
    let town = Town::start();
    let feed = town.grant(&["--source", "hotline"]);
    let works = town.grant(&["--unit", "works"]);
    python.runs(&feed, &["feed.py", "hotline", &town.file("calls.json", &calls(1))]);
    python.runs(&works, &["department.py", "works", "2"]);
    town.answer_and_tell("0-1");
    town.refuses(&["callbacks", "--told", "0-1", "--person", "clerk-7"]);
    // The units' figures are read from their consumers every other second.
    let given = town.metrics_with("huying_unit_oldest_unaccepted_seconds{");
    for file in
        ["deploy/prometheus/rules.yml", "deploy/prometheus/rules.test.yml", "deploy/grafana/huying.json"]
    {
        let text = stage::project_file(file);
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let named: std::collections::BTreeSet<&str> =
            words.filter(|word| word.starts_with("huying_")).collect();
        assert!(named.len() > 10, "{file} names figures");
        for name in named {
            let forms = [format!("# TYPE {name} "), format!("\n{name}{{"), format!("\n{name} ")];
            let is_given = forms.iter().any(|form| given.contains(form));
            assert!(is_given, "{file} names {name}, which the engine does not give");
        }
    }
}
