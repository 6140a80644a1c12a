//! `calibrate`: limits that a history holds are found again, and say where they come from.

#![expect(clippy::print_stderr, reason = "says what was skipped")]

use crate::stage::{huying, path};
use huying_domain::rules::policy::Policy;
use serde_json::json;
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// The day from which on the promises of the real file are held apart.
const REAL_UNTIL: &str = "2015-05-01";
/// How many of a hundred due instants of a real city our clocks have to give as that city promised them.
const AGREE_PERCENT_MIN: u64 = 96;

/// The columns.
const HEAD: &str = "case_enquiry_id,open_dt,target_dt,closed_dt,ontime_status,case_status,subject,reason,type,queue,\
    department,ward,precinct,neighborhood,latitude,longitude,source\n";

/// Twenty-one calls of three types, one a day from 5 January 2015 at ten: two working days, thirty days to the hour, and no
/// promise.
fn calls() -> String {
    let mut told = HEAD.to_owned();
    let promised = [
        ("05", "2015-01-07T10:00:00", "2015-02-04T10:00:00"),
        ("06", "2015-01-08T10:00:00", "2015-02-05T10:00:00"),
        ("07", "2015-01-09T10:00:00", "2015-02-06T10:00:00"),
        ("08", "2015-01-12T10:00:00", "2015-02-07T10:00:00"),
        ("09", "2015-01-13T10:00:00", "2015-02-08T10:00:00"),
        ("12", "2015-01-14T10:00:00", "2015-02-11T10:00:00"),
        ("13", "2015-01-15T10:00:00", "2015-02-12T10:00:00"),
    ];
    for (nth, (day, working, rolling)) in promised.iter().enumerate() {
        for (kind, target) in [("Pothole", *working), ("Tree", *rolling), ("Question", "")] {
            row(&mut told, &format!("{kind}{nth}"), kind, &format!("2015-01-{day}T10:00:00"), target);
        }
    }
    told
}

fn row(told: &mut String, name: &str, kind: &str, received: &str, target: &str) {
    writeln!(
        told,
        "{name},{received},{target},{received},ONTIME,Closed,Works,Street,{kind},Q,PWDx,Ward 7,1,N,,,Constituent Call"
    )
    .expect("a text takes text");
}

#[test]
fn limits_are_found_again_and_a_type_without_a_promise_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let (calls_csv, out) = (folder.path().join("calls.csv"), folder.path().join("policy.toml"));
    fs::write(&calls_csv, calls()).expect("it can be written");
    let args = ["calibrate", path(&calls_csv), "--profile", "boston311", "--until", "2015-01-12"];
    let said = huying(&[&args[..], &["--out", path(&out), "--json"]].concat()).ends(0).json();
    assert_eq!(said["fitted"]["agree"], 10);
    assert_eq!((&said["held_apart"]["agree"], &said["held_apart"]["of"]), (&4.into(), &4.into()));
    assert_eq!(said["without_target"], serde_json::json!(["question"]));
    let policy = Policy::parse(&fs::read_to_string(&out).expect("it was written")).expect("it is a policy");
    assert_eq!(policy.valid_from.expect("it says so").to_string(), "2015-01-12T05:00:00Z");
    let limit = |class: &str| {
        let class = policy.classes.iter().find(|(id, _)| id.as_str() == class).expect("it is listed").1;
        assert!(!class.source.is_empty());
        class.limits.values().next().map(ToString::to_string)
    };
    assert_eq!(limit("pothole").as_deref(), Some("17wh"), "two days of eight hours and a half");
    assert_eq!(limit("tree").as_deref(), Some("30rd"));
    assert_eq!(limit("question"), None, "what was never promised stays unknown");
}

#[test]
fn a_promise_that_is_missed_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let (calls_csv, policy, report) = (file("calls.csv"), file("policy.toml"), file("report.json"));
    let mut told = calls();
    // A type that was never promised anything before, and one whose limit became three days.
    row(&mut told, "H", "Hydrant", "2015-02-02T10:00:00", "2015-02-03T10:00:00");
    for day in 2..8 {
        let (received, target) =
            (format!("2015-03-{day:02}T10:00:00"), format!("2015-03-{:02}T10:00:00", day + 3));
        row(&mut told, &format!("T{day}"), "Tree", &received, &target);
    }
    // A holiday, 16 February, on which somebody worked: two days all the same.
    row(&mut told, "P", "Pothole", "2015-02-13T10:00:00", "2015-02-17T10:00:00");
    fs::write(&calls_csv, told).expect("it can be written");
    let of = ["--profile", "boston311"];
    let fit = ["calibrate", path(&calls_csv), "--until", "2015-01-20", "--out", path(&policy)];
    huying(&[&fit[..], &of].concat()).ends(0);
    let data = file("data");
    let replay = ["replay", path(&calls_csv), "--policy", path(&policy), "--report", path(&report)];
    let said = huying(&[&replay[..], &of, &["--data", path(&data)]].concat()).ends(0);
    assert!(said.out.contains("limit_changed 6"), "{}", said.out);
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(&report).expect("it was written")).expect("one object");
    let due = &report["due_agreement"];
    assert_eq!(due["misses"], json!({ "day_off": 1, "limit_changed": 6, "no_limit": 1 }));
    assert_eq!(due["most_missed"][0]["other"], json!(["3rd", 6]));
}

/// The outside oracle: limits that were fitted on the January to April of a real city reproduce the due instants that
/// it promised afterwards.
#[test]
fn a_real_citys_later_promises_are_what_its_earlier_ones_were() {
    let Some(calls_csv) = real_calls() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("policy.toml");
    let args = ["calibrate", path(&calls_csv), "--profile", "boston311", "--until", REAL_UNTIL];
    let said = huying(&[&args[..], &["--out", path(&out), "--json"]].concat()).ends(0).json();
    let count = |name: &str| said["held_apart"][name].as_u64().expect("a count");
    let (agree, of) = (count("agree"), count("of"));
    assert!(of > 25_000, "{of}");
    assert!(agree * 100 >= of * AGREE_PERCENT_MIN, "{agree} of {of}");
}

fn real_calls() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/calls");
    let file = folder.join("boston311_2015h1.csv.gz");
    let there = file.exists();
    if !there {
        eprintln!("skipped: ../shared/data/calls/boston311_2015h1.csv.gz is absent");
    }
    there.then_some(file)
}
