//! A running engine, asked through the socket in its folder.

use crate::stage::{Running, call, city, huying, huying_reads, path};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Every byte of every file in a folder, one after the other.
fn bytes_of(dir: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).expect("it is there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(bytes_of(&path));
        } else if path.is_file() {
            all.extend(fs::read(&path).expect("it can be read"));
        }
    }
    all
}

fn holds(dir: &Path, text: &str) -> bool {
    bytes_of(dir).windows(text.len()).any(|part| part == text.as_bytes())
}

fn new_city() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    (folder, made, data)
}

#[test]
fn a_call_becomes_a_case_that_outlives_a_cut() {
    let (_folder, city, data) = new_city();
    let running = Running::start(&data, Some(&city));
    let socket = fs::metadata(data.join("engine.socket")).expect("the socket is there");
    assert_eq!(socket.permissions().mode() & 0o777, 0o600, "the socket is its owner's alone");
    let first = running.submit(&call("A-1", "road.pothole")).ends(0).json();
    assert_eq!((&first["case"], &first["repeat"]), (&"0-1".into(), &false.into()));
    running.until("0-1", "assigned");
    let why = huying(&["why", "0-1", "--lang", "en", "--data", path(&data)]).ends(0);
    assert!(why.out.contains("within") && why.out.contains("resolve"), "{}", why.out);
    let whole = huying(&["verify", "--json", path(&data)]).ends(0).json();
    assert_eq!((&whole["running"], &whole["verdict"]), (&true.into(), &"whole".into()));
    let head = whole["head"].as_str().expect("a head").to_owned();
    running.kill();
    assert!(data.join("engine.socket").exists(), "a cut leaves the socket behind");
    huying(&["verify", path(&data), "--head", &head]).ends(0);
    let running = Running::start(&data, None);
    let again = running.submit(&call("A-1", "road.pothole")).ends(0).json();
    assert_eq!((&again["case"], &again["repeat"]), (&"0-1".into(), &true.into()));
    let other = running.submit(&call("A-1", "light.street")).ends(1).json();
    assert_eq!(other["error"], "reused_id");
    let status = huying(&["status", "--json", "--data", path(&data)]).ends(0).json();
    assert_eq!((&status["cases"], &status["running"]), (&1.into(), &true.into()));
    assert!(status["metrics"].as_str().is_some_and(|text| text.contains("huying_open_cases 1")));
    assert_eq!(running.stop(), 0);
    assert!(!data.join("engine.socket").exists(), "a clean stop takes the socket away");
}

#[test]
fn what_is_erased_is_in_neither_the_folder_nor_a_fresh_backup() {
    let (folder, city, data) = new_city();
    let running = Running::start(&data, Some(&city));
    running.submit(&call("B-1", "noise.neighbour")).ends(0);
    let open = huying(&["erase", "0-1", "--json", "--data", path(&data), "--reason", "asked for"]).ends(1);
    assert_eq!(open.json()["error"], "wrong_stage");
    let act = |json: &str| running.submit(json).ends(0).json();
    act(r#"{"case":"0-1","ask":"cancel","with":{"ground":"withdrawn","reason":"来电人撤回"},"person":"li"}"#);
    act(r#"{"case":"0-1","ask":"answer","with":{"when":"2026-11-18T09:00:00+08:00","contacted":"来电人",
            "done":"已按其意愿撤回"}}"#);
    act(r#"{"case":"0-1","ask":"confirm_told","with":{"channel":"callback-list","receipt":"r-1"}}"#);
    running.until("0-1", "closed");
    let why = huying(&["why", "0-1", "--data", path(&data)]).ends(0);
    assert!(why.out.contains("正常"), "a case at rest is read from its records: {}", why.out);
    huying(&["erase", "0-1", "--data", path(&data), "--reason", "asked for"]).ends(0);
    let twice = huying(&["erase", "0-1", "--json", "--data", path(&data), "--reason", "again"]).ends(1);
    assert_eq!(twice.json()["error"], "nothing_to_erase");
    let backup = folder.path().join("backup");
    huying(&["backup", "--data", path(&data), "--to", path(&backup)]).ends(0);
    assert_eq!(running.stop(), 0);
    for text in ["13900000042", "王小明", "家门口的路坏了"] {
        assert!(!holds(&data, text) && !holds(&backup, text), "{text} is still there");
    }
    huying(&["verify", path(&data)]).ends(0);
    let restored = folder.path().join("restored");
    let made = huying(&["restore", "--json", "--from", path(&backup), "--data", path(&restored)]).ends(0);
    assert_eq!(made.json()["erased_keys"], 1);
    let later = Running::start(&restored, None);
    assert_eq!(later.until("0-1", "erased")["case"], "0-1");
}

#[test]
fn a_closed_case_is_erased_in_a_folder_at_rest_too() {
    let (_folder, city, data) = new_city();
    let running = Running::start(&data, Some(&city));
    running.submit(&call("C-1", "noise.neighbour")).ends(0);
    for act in [
        r#"{"case":"0-1","ask":"cancel","with":{"ground":"withdrawn","reason":"撤回"}}"#,
        r#"{"case":"0-1","ask":"answer","with":{"when":"2026-11-18T09:00:00+08:00","contacted":"本人","done":"撤回"}}"#,
        r#"{"case":"0-1","ask":"confirm_told","with":{"channel":"callback-list","receipt":"r-1"}}"#,
    ] {
        running.submit(act).ends(0);
    }
    running.until("0-1", "closed");
    assert_eq!(running.stop(), 0);
    let erased = huying(&["erase", "0-1", "--json", "--data", path(&data), "--reason", "asked for"]).ends(0);
    assert_eq!(erased.json()["erased"], true);
    huying(&["verify", path(&data)]).ends(0);
}

#[test]
fn what_cannot_be_taken_is_refused_with_a_code_and_both_languages() {
    let (_folder, city, data) = new_city();
    let nobody =
        huying_reads(&["submit", "-", "--json", "--data", path(&city)], &call("D-1", "road.pothole"));
    assert_eq!(nobody.ends(2).json()["error"], "no_journal");
    let running = Running::start(&data, Some(&city));
    for (json, code, error) in [
        (r#"{"case":"0-9","ask":"accept"}"#, 1, "unknown_case"),
        (r#"{"external_id":"D-2"}"#, 1, "missing_class"),
        (r#"{"class":"road.pothole","colour":"red"}"#, 1, "bad_shape"),
        (r#"{"case":"0-9","ask":"vanish"}"#, 2, "not_a_command"),
        ("seven", 2, "not_a_command"),
    ] {
        let refused = running.submit(json).ends(code).json();
        assert_eq!(refused["error"], error, "{json}");
        let words = &refused["words"];
        assert!(words["zh"].as_str().is_some_and(|zh| !zh.is_ascii()), "{words}");
        assert!(words["en"].as_str().is_some_and(|en| !en.is_empty()), "{words}");
    }
    assert_eq!(running.stop(), 0);
    let gone = huying_reads(&["submit", "-", "--json", "--data", path(&data)], &call("D-3", "road.pothole"));
    assert_eq!(gone.ends(3).json()["error"], "not_running");
}
