//! A folder at rest: verify, look, back up, restore.

use crate::stage::{Running, city, huying, path, virtual_journal};
use huying_engine::{engine::Engine, start::Setup};
use huying_journal::disk::real::RealDisk;
use std::{fs, path::Path};

const CALLS: u32 = 12;

fn journal() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    virtual_journal(&data, CALLS);
    (folder, data)
}

fn head(data: &Path) -> String {
    let verdict = huying(&["verify", "--json", path(data)]).ends(0).json();
    verdict["head"].as_str().expect("a head").to_owned()
}

/// Flips one bit in the midst of the log's first record of a call.
fn flip(data: &Path) {
    let log = fs::read_dir(data.join("log")).expect("a log");
    let segment = log
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|end| end == "seg"))
        .expect("a segment");
    let mut bytes = fs::read(&segment).expect("it can be read");
    let word = b"road.pothole";
    let at = bytes.windows(word.len()).position(|part| part == word).expect("the class stands in the log");
    bytes[at] ^= 1;
    fs::write(&segment, bytes).expect("it can be written");
}

#[test]
fn verify_ends_with_nought_for_whole_one_for_broken_and_two_for_unreadable() {
    let (folder, data) = journal();
    let whole = huying(&["verify", "--lang", "en", path(&data)]).ends(0);
    assert!(whole.out.starts_with("Whole"), "{}", whole.out);
    let head = head(&data);
    huying(&["verify", path(&data), "--head", &head]).ends(0);
    let (seq, hash) = head.split_once(':').expect("SEQ:HASH");
    let other = if hash.starts_with('0') { "1" } else { "0" };
    let forged = format!("{seq}:{other}{}", &hash[1..]);
    let rewritten = huying(&["verify", "--json", path(&data), "--head", &forged]).ends(1).json();
    assert_eq!(rewritten["findings"][0]["kind"], "PublishedForeign");
    flip(&data);
    let broken = huying(&["verify", "--json", path(&data)]).ends(1).json();
    assert_eq!(broken["verdict"], "broken");
    assert_eq!(broken["findings"][0]["kind"], "LogDamaged");
    huying(&["verify", path(&folder.path().join("nowhere"))]).ends(2);
    huying(&["verify", path(&data), "--head", "seven"]).ends(2);
}

#[test]
fn looking_at_a_folder_at_rest_moves_nothing() {
    let (_folder, data) = journal();
    let before = head(&data);
    let case = huying(&["case", "0-1", "--json", "--data", path(&data)]).ends(0).json();
    assert_eq!(case["records"].as_array().expect("records").len(), 2, "a call and its assignment");
    assert_eq!(case["timeline"]["lines"][0]["event"], "case.registered/1");
    let why = huying(&["why", "0-1", "--json", "--data", path(&data)]).ends(0).json();
    for clock in why["clocks"].as_array().expect("clocks") {
        let segments = clock["segments"].as_array().expect("segments");
        let at = |text: &serde_json::Value| {
            let at: huying_domain::time::Timestamp = text.as_str().expect("an instant").parse().expect("one");
            at.seconds()
        };
        let counted = segments.iter().filter(|part| part["counted"] == true);
        let sum: i64 = counted.map(|part| at(&part["to"]) - at(&part["from"])).sum();
        assert_eq!(clock["elapsed_s"], sum, "what is counted adds up");
    }
    let people = huying(&["why", "0-1", "--data", path(&data)]).ends(0);
    assert!(people.out.contains("正常") && people.out.contains("工作时间"), "{}", people.out);
    let status = huying(&["status", "--json", "--data", path(&data)]).ends(0).json();
    assert_eq!((&status["cases"], &status["clock"]), (&CALLS.into(), &"virtual".into()));
    assert_eq!(status["open"]["within"], CALLS);
    assert_eq!(status["now"], "2026-11-18T01:11:00Z", "the clock stands at the last record");
    let unknown = huying(&["case", "0-99", "--json", "--data", path(&data)]).ends(1);
    assert_eq!(unknown.json()["error"], "unknown_case");
    assert_eq!(head(&data), before, "no record was added");
}

#[test]
fn a_journal_of_a_virtual_clock_is_not_gone_on_with_by_the_real_one() {
    let (_folder, data) = journal();
    let zh = huying(&["up", "--data", path(&data)]).ends(2);
    assert!(zh.err.contains("虚拟时钟"), "{}", zh.err);
    let en = huying(&["up", "--lang", "en", "--data", path(&data)]).ends(2);
    assert!(en.err.contains("virtual clock"), "{}", en.err);
}

#[test]
fn a_folder_that_another_process_holds_and_does_not_answer_for_is_left_alone() {
    let (_folder, data) = journal();
    let disk = RealDisk::new(&data).expect("the folder is there");
    let setup = Setup::at("2026-11-19T00:00:00Z".parse().expect("an instant"), None, Box::new(|_| {}));
    let held = Engine::start(disk, setup).expect("the engine starts");
    let did = huying(&["status", "--json", "--data", path(&data)]).ends(3);
    assert_eq!(did.json()["error"], "held");
    let verdict = huying(&["verify", "--json", path(&data)]).ends(0).json();
    assert_eq!((&verdict["running"], &verdict["verdict"]), (&true.into(), &"whole".into()));
    drop(held);
    huying(&["status", "--data", path(&data)]).ends(0);
}

#[test]
fn what_is_restored_from_a_backup_is_the_same_history_in_the_next_epoch() {
    let (folder, data) = journal();
    let before = head(&data);
    let (backup, restored) = (folder.path().join("backup"), folder.path().join("restored"));
    huying(&["backup", "--data", path(&data), "--to", path(&backup)]).ends(0);
    huying(&["backup", "--data", path(&data), "--to", path(&backup)]).ends(2);
    let json =
        huying(&["restore", "--json", "--from", path(&backup), "--data", path(&restored)]).ends(0).json();
    assert_eq!((&json["head"], &json["epoch"]), (&before.as_str().into(), &2.into()));
    huying(&["verify", path(&restored), "--head", &before]).ends(0);
    let told = |dir: &Path| huying(&["case", "0-3", "--json", "--data", path(dir)]).ends(0).json();
    assert_eq!(told(&data)["records"], told(&restored)["records"]);
}

#[test]
fn nothing_is_made_where_there_is_no_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = path(folder.path());
    for args in [&["status", "--data", dir][..], &["case", "0-1", "--data", dir], &["up", "--data", dir]] {
        huying(args).ends(2);
    }
    let entries = fs::read_dir(folder.path()).expect("it is there").count();
    assert_eq!(entries, 0, "a command that looks makes no folder");
    // A city alone makes it a journal.
    city().write(&folder.path().join("city")).expect("it can be written");
    let data = folder.path().join("data");
    let running = Running::start(&data, Some(&folder.path().join("city")));
    assert_eq!(running.stop(), 0);
    huying(&["verify", path(&data)]).ends(0);
}

#[test]
fn a_city_is_checked_and_its_errors_are_a_no() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("city");
    city().write(&dir).expect("it can be written");
    huying(&["city", "check", path(&dir)]).ends(0);
    let territory = dir.join("territory.csv");
    let text = fs::read_to_string(&territory).expect("it is there");
    fs::write(&territory, text.replace("211081001002,", "211081009002,")).expect("it can be written");
    let found = huying(&["city", "check", "--json", path(&dir)]).ends(1).json();
    assert!(found["findings"].as_array().is_some_and(|findings| !findings.is_empty()), "{found}");
    huying(&["city", "check", path(&folder.path().join("nowhere"))]).ends(2);
}
