//! `train`: a model out of classed titles, and what it says of itself.

use crate::stage::{huying, path};
use huying_intake::class::Classifier;
use serde_json::Value;
use std::{fmt::Write, fs};

/// Two made-up classes with eighty titles each.
fn titles() -> String {
    let mut told = "title,label1\n".to_owned();
    for nth in 0..80 {
        let street = char::from_u32(0x4E00 + nth * 7).expect("a Chinese letter");
        writeln!(told, "{street}街路面坑洼积水,道路\n{street}街工地拖欠工资,工资")
            .expect("a text takes text");
    }
    told
}

#[test]
fn the_model_and_the_report_are_the_same_each_time_and_tell_how_they_were_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("titles.csv"), titles()).expect("it can be written");
    let run = |out: &str, more: &[&str]| {
        let (titles, model, report) = (at("titles.csv"), at(out), at("report.json"));
        let args = ["train", path(&titles), "--out", path(&model), "--report", path(&report)];
        let did = huying(&[&args, more].concat()).ends(0);
        let report: Value =
            serde_json::from_slice(&fs::read(report).expect("it was written")).expect("it is JSON");
        (did, report, fs::read(model).expect("it was written"))
    };
    let (_, report, model) = run("classes.model", &[]);
    assert_eq!(run("again.model", &[]).2, model, "the same titles, the same bytes");
    assert_eq!(Classifier::from_bytes(&model).expect("a model").classes().len(), 2);
    assert_eq!(report["trained"].as_u64().zip(report["titles"].as_u64()).map(|(a, b)| a + b), Some(160));
    assert_eq!(report["also_trained"], 0);
    assert_eq!(report["macro_f1"], 1.0);
    assert_eq!(report["selective"].as_array().map(Vec::len), Some(3));
    assert_eq!(report["confusion"]["classes"], serde_json::json!(["工资", "道路"]));
    // Who measures with the titles that train is told so.
    let tested = at("titles.csv");
    let (did, report, _) = run("classes.model", &["--test", path(&tested), "--lang", "en"]);
    assert_eq!((&report["trained"], &report["also_trained"]), (&160.into(), &160.into()));
    assert!(did.out.contains("160 of them trained it too") && did.out.contains("道路"), "{}", did.out);
}

#[test]
fn titles_that_make_no_model_end_with_two_and_leave_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (titles, model) = (at("titles.csv"), at("classes.model"));
    let args = ["train", path(&titles), "--out", path(&model), "--json"];
    assert_eq!(huying(&args).ends(2).json()["error"], "cannot_read");
    fs::write(&titles, "title,label1\n路坏了,道路\n秘密,\n").expect("it can be written");
    let refused = huying(&args).ends(2);
    assert_eq!(refused.json()["error"], "bad_row");
    assert!(refused.err.contains("3") && !refused.err.contains("秘密"), "{}", refused.err);
    assert!(!model.exists());
}
