//! `calibrate`: limits that a history holds are found again, and say where they come from.

use crate::stage::{huying, path};
use huying_domain::rules::policy::Policy;
use std::{fmt::Write, fs};

/// Thirty calls of three types, one a day from 5 January 2015 at ten: two working days, thirty days to the hour, and no
/// promise.
fn calls() -> String {
    let mut told =
        "case_enquiry_id,open_dt,target_dt,closed_dt,ontime_status,case_status,subject,reason,type,queue,\
                    department,ward,precinct,neighborhood,latitude,longitude,source\n"
            .to_owned();
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
            writeln!(
                told,
                "{kind}{nth},2015-01-{day}T10:00:00,{target},,ONTIME,Open,Works,Street,{kind},Q,PWDx,Ward 7,1,N,,,\
                 Constituent Call"
            )
            .expect("a text takes text");
        }
    }
    told
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
