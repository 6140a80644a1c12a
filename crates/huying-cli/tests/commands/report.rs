//! `rates`, `cohorts`, `levels`, `integrity`: pages over periods, and the list behind each of their numbers.

use crate::stage::{huying, path, virtual_journal};
use serde_json::Value;

const CALLS: u32 = 5;

fn told(page: &str, data: &std::path::Path, more: &[&str]) -> Value {
    huying(&[&[page, "--json", "--data", path(data)], more].concat()).ends(0).json()
}

#[test]
fn every_number_of_every_page_opens_as_many_cases() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    virtual_journal(&data, CALLS);
    let rates = told("rates", &data, &["--ever", "--by", "rung"]);
    let lines = rates["lines"].as_array().expect("lines");
    let whole = lines.last().expect("the whole");
    assert_eq!((&whole["by"], &whole["numbers"]["opened"]), (&"all".into(), &CALLS.into()));
    assert_eq!(whole["rates"][0].get("percent"), None, "nobody was called back: there is no rate");
    for line in &lines[..lines.len() - 1] {
        let key = line["key"].as_str().expect("a rung");
        for (number, count) in line["numbers"].as_object().expect("numbers") {
            let args = ["--ever", "--by", "rung", "--line", key, "--list", number];
            let list = told("rates", &data, &args)["list"].as_array().expect("a list").len();
            assert_eq!(list as u64, count.as_u64().expect("a number"), "{number} of {key}");
        }
    }
    let due = told("cohorts", &data, &["--ever", "--by", "street"]);
    let line = due["lines"].as_array().expect("lines").last().expect("the whole");
    let listed = told("cohorts", &data, &["--ever", "--list", "应结案"]);
    assert_eq!(line["numbers"]["due"], listed["list"].as_array().expect("a list").len());
    for page in ["levels", "integrity"] {
        assert_eq!(told(page, &data, &["--ever"])["lines"].as_array().expect("lines").len(), 1);
    }
}

#[test]
fn a_period_is_the_citys_and_today_is_the_day_of_its_clock() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    virtual_journal(&data, CALLS);
    let opened = |more: &[&str]| {
        let told = told("rates", &data, more);
        told["lines"].as_array().and_then(|lines| lines.last()).expect("the whole")["numbers"]["opened"]
            .clone()
    };
    assert_eq!(opened(&["--day", "today"]), CALLS, "the virtual clock stands on that Wednesday");
    assert_eq!(opened(&["--day", "2026-11-18"]), CALLS);
    assert_eq!(opened(&["--day", "2026-11-19"]), 0);
    assert_eq!(opened(&["--month", "2026-11"]), CALLS);
    assert_eq!(opened(&["--from", "2026-11-01", "--to", "2026-11-17"]), 0);
    let people = huying(&["rates", "--lang", "en", "--data", path(&data)]).ends(0);
    assert!(people.out.contains("2026-11-01 to 2026-11-30"), "{}", people.out);
    assert!(people.out.contains("Asia/Shanghai"), "{}", people.out);
}

#[test]
fn what_no_report_can_mean_is_refused_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    virtual_journal(&data, 1);
    let asked = |more: &[&str]| huying(&[&["cohorts", "--lang", "en", "--data", path(&data)], more].concat());
    let unknown = asked(&["--list", "solved"]).ends(2);
    assert!(unknown.err.contains("on_time"), "it says what the page has: {}", unknown.err);
    asked(&["--from", "2026-11-02", "--to", "2026-11-01"]).ends(1);
    asked(&["--month", "2026-13"]).ends(1);
    asked(&["--month", "yesterday"]).ends(2);
    let line = asked(&["--ever", "--list", "due", "--line", "nobody"]).ends(1);
    assert!(line.err.contains("nobody"), "{}", line.err);
}
