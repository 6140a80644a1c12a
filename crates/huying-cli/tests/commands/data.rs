//! What a city owes the people whose data it keeps.

use crate::{
    access::Client,
    past::Past,
    stage::{Running, call, city, huying, path},
};
use huying_journal::files::Files;
use huying_web::rights::Role;
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// How often it is looked whether a file is gone.
const LOOKS_MAX: usize = 500;

pub(crate) fn new_city() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    (folder, made, data)
}

fn master(data: &Path) -> Vec<u8> {
    fs::read(data.join("keys/master.key")).expect("it is there")
}

#[test]
fn a_master_key_is_rotated_on_a_free_folder_and_never_under_a_running_engine() {
    let (folder, city, data) = new_city();
    let running = Running::start(&data, Some(&city));
    running.submit(&call("K-1", "noise.neighbour")).ends(0);
    let old = master(&data);
    let refused = huying(&["key", "rotate", "--json", path(&data)]).ends(3).json();
    assert_eq!(refused["error"], "engine_runs");
    assert_eq!(master(&data), old);
    let backup = folder.path().join("backup");
    huying(&["backup", "--data", path(&data), "--to", path(&backup)]).ends(0);
    assert_eq!(running.stop(), 0);
    huying(&["key", "rotate", path(&folder.path().join("nowhere"))]).ends(2);
    let rotated = huying(&["key", "rotate", "--json", path(&data)]).ends(0).json();
    assert_eq!((&rotated["keys"], &rotated["erased"]), (&1024.into(), &0.into()));
    assert_ne!(master(&data), old);
    huying(&["verify", path(&data)]).ends(0);
    let number = |data: &Path| {
        huying(&["callbacks", "--json", "--ring", "0-1", "--data", path(data)]).ends(0).json()["number"]
            .clone()
    };
    let running = Running::start(&data, None);
    assert_eq!(number(&data), "13900000042", "what was sealed before opens");
    let again = running.submit(&call("K-1", "noise.neighbour")).ends(0).json();
    assert_eq!((&again["case"], &again["repeat"]), (&"0-1".into(), &true.into()));
    running.submit(&call("K-2", "road.pothole")).ends(0);
    assert_eq!(running.stop(), 0);
    let restored = folder.path().join("restored");
    huying(&["restore", "--from", path(&backup), "--data", path(&restored)]).ends(0);
    assert_eq!(number(&restored), "13900000042", "a backup made before has its own keys");
    assert_eq!(master(&restored), old);
}

/// Every text in a value, whatever it stands under.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(values) => values.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

fn call_of(name: &str, number: &str, who: &str, words: &str) -> String {
    format!(
        r#"{{"external_id":"{name}","class":"noise.neighbour","words":"{words}",
            "place":{{"area":"211081001001001"}},"caller":{{"number":"{number}","name":"{who}"}}}}"#
    )
}

#[test]
fn a_person_is_given_what_is_held_of_them_and_nothing_of_anybody_else() {
    let (folder, city, data) = new_city();
    let running = Running::start(&data, Some(&city));
    running.submit(&call_of("P-1", "13900000042", "王小明", "楼上半夜拖椅子")).ends(0);
    running.submit(&call_of("P-2", "13911111111", "李大方", "隔壁装修")).ends(0);
    running.submit(&call_of("P-3", "+86 139 0000 0042", "王小明", "隔壁也太吵")).ends(0);
    // A further caller of the other's case.
    let filing = r#"{"source":"hotline","channel":"call","kind":"help","summary":"同一噪声",
        "brief":{"class":"noise.neighbour","area":"211081001001001"}}"#;
    running
        .submit(&format!(
            r#"{{"ask":"join","with":{{"lead":"0-2","filing":{filing}}},
                "private":{{"number":"13900000042","words":"我也听见了"}}}}"#
        ))
        .ends(0);
    let to = folder.path().join("export.json");
    let args = ["person", "export", path(&data), "--phone", "139 0000 0042", "--purpose", "本人申请"];
    let told = huying(&[&args[..], &["--json", "--person", "zhao"]].concat()).ends(0).json();
    assert_eq!(told["form"], "huying.person-export/1");
    let cases = told["cases"].as_array().expect("cases");
    let names: Vec<_> = cases.iter().map(|case| case["case"].as_str().expect("a case")).collect();
    assert_eq!(names, ["0-1", "0-3", "0-4"]);
    assert_eq!(cases[0]["held"][0]["name"], "王小明");
    assert_eq!(cases[0]["held"][0]["words"], "楼上半夜拖椅子");
    assert_eq!(cases[2]["follows_another"], true);
    assert_eq!(cases[2]["held"][0]["words"], "我也听见了");
    let read = cases[0]["read_by"].as_array().expect("readings");
    assert_eq!((&read[0]["person"], &read[0]["purpose"]), (&"zhao".into(), &"本人申请".into()));
    let mut all = Vec::new();
    texts(&told, &mut all);
    for of_another in ["13911111111", "李大方", "隔壁装修"] {
        assert!(!all.iter().any(|text| text.contains(of_another)), "{of_another} is another's");
    }

    // Whoever is behind the other number is told nothing of who joined them.
    let other = huying(&[
        "person",
        "export",
        "--json",
        path(&data),
        "--phone",
        "13911111111",
        "--purpose",
        "本人申请",
    ]);
    let other = other.ends(0).json();
    assert_eq!(other["cases"][0]["followed_by"], 1);
    let mut all = Vec::new();
    texts(&other, &mut all);
    assert!(!all.iter().any(|text| text.contains("0-4") || text.contains("王小明")), "{all:?}");

    let said = huying(&[&args[..], &["--out", path(&to)]].concat()).ends(0);
    assert!(said.out.contains('3') && !said.out.contains("王小明"), "{}", said.out);
    for file in [&to, &to.with_extension("txt")] {
        assert_eq!(fs::metadata(file).expect("it is there").permissions().mode() & 0o777, 0o600);
        assert!(fs::read_to_string(file).expect("it can be read").contains("楼上半夜拖椅子"));
    }
    let before = huying(&["verify", "--json", path(&data)]).ends(0).json();
    let again = huying(&[&args[..], &["--out", path(&to), "--json"]].concat()).ends(2).json();
    assert_eq!(again["error"], "cannot_write", "nothing is written over");
    let after = huying(&["verify", "--json", path(&data)]).ends(0).json();
    assert_eq!(before["head"], after["head"], "what was not handed out was not read");
    assert_eq!(running.stop(), 0);

    // At rest the same; what is erased meanwhile is named as erased, and whose it was cannot be known.
    close(&data, "0-1");
    huying(&["erase", "0-1", "--data", path(&data), "--reason", "asked for"]).ends(0);
    let rest = huying(&[&args[..], &["--json", "--case", "0-1", "--case", "0-2"]].concat()).ends(0).json();
    assert_eq!(rest["cases"].as_array().map(Vec::len), Some(2));
    assert_eq!((&rest["erased"][0]["case"], &rest["not_held"][0]), (&"0-1".into(), &"0-2".into()));
    assert_eq!(rest["searched"]["erased_cases"], 1);
    assert!(rest["erased"][0]["reason"].as_str().is_some_and(|reason| reason == "asked for"));
    let nobody =
        ["person", "export", "--json", path(&data), "--phone", "13700000000", "--purpose", "本人申请"];
    assert_eq!(huying(&nobody).ends(0).json()["cases"].as_array().map(Vec::len), Some(0));
    assert_eq!(huying(&["person", "export", path(&data), "--phone", "-", "--purpose", "x"]).code, 2);
}

/// Withdraws, answers, tells: the case closes by itself.
fn close(data: &Path, case: &str) {
    let running = Running::start(data, None);
    for act in [
        r#""ask":"cancel","with":{"ground":"withdrawn","reason":"撤回"}"#,
        r#""ask":"answer","with":{"when":"2026-11-18T09:00:00+08:00","contacted":"本人","done":"撤回"}"#,
        r#""ask":"confirm_told","with":{"channel":"callback-list","receipt":"r-1"}"#,
    ] {
        running.submit(&format!(r#"{{"case":"{case}",{act}}}"#)).ends(0);
    }
    running.until(case, "closed");
    assert_eq!(running.stop(), 0);
}

const RETENTION: &str = r#"
[[retention]]
days = 30
source = "made up for the tests"
[[retention]]
class = "noise.neighbour"
days = 3
source = "made up for the tests: noise is soon forgotten"
"#;

#[test]
fn what_is_kept_too_long_is_proposed_and_erased_only_when_a_person_confirms() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut past = Past::begin(&data, RETENTION);
    for name in ["R-1", "R-2", "R-3"] {
        past.closed(name, "noise.neighbour");
    }
    past.closed("R-4", "road.pothole");
    let reopened = past.closed("R-5", "noise.neighbour");
    past.reopen(reopened);
    past.days(2);
    past.closed("R-6", "noise.neighbour");
    past.days(3);
    drop(past);
    let due = |cases: &Value| -> Vec<String> {
        let names = cases["due"].as_array().expect("a list").iter();
        names.map(|one| one["case"].as_str().expect("a case").to_owned()).collect()
    };
    let list = || huying(&["retention", "--json", path(&data)]).ends(0).json();
    let told = list();
    assert_eq!(due(&told), ["0-1", "0-2", "0-3"], "{told}");
    assert_eq!((&told["kept"], &told["without_rule"]), (&2.into(), &0.into()));
    assert_eq!((&told["due"][0]["days"], &told["due"][0]["own_rule"]), (&3.into(), &true.into()));
    assert_eq!(told["due"][0]["due_since"], "2026-11-21T16:00:00Z", "midnight behind the third whole day");
    huying(&["retention", path(&data), "--confirm"]).ends(2);
    assert_eq!(due(&list()).len(), 3, "nothing is erased by looking");

    let confirm = |more: &[&str]| {
        let args =
            ["retention", "--json", path(&data), "--confirm", "--reason", "季度清理", "--person", "zhao"];
        huying(&[&args[..], more].concat())
    };
    assert_eq!(confirm(&["--cases", "0-1,0-4"]).ends(1).json()["error"], "not_proposed");
    assert_eq!(
        confirm(&["--until", "2026-11-21"]).ends(0).json()["erased"].as_array().map(Vec::len),
        Some(0)
    );
    let first = confirm(&["--limit", "1"]).ends(0).json();
    assert_eq!((&first["erased"][0]["case"], &first["left"]), (&"0-1".into(), &2.into()));
    assert_eq!(due(&list()), ["0-2", "0-3"], "the next run goes on");
    assert_eq!(confirm(&["--cases", "0-3"]).ends(0).json()["erased"][0]["case"], "0-3");
    assert_eq!(confirm(&[]).ends(0).json()["left"], 0);
    assert_eq!(due(&list()), Vec::<String>::new());
    let case = huying(&["case", "0-1", "--json", "--data", path(&data)]).ends(0).json();
    let last = case["records"].as_array().and_then(|records| records.last()).expect("records").to_string();
    for part in ["erased", "zhao", "季度清理", "noise is soon forgotten"] {
        assert!(last.contains(part), "{part} in {last}");
    }
    let number = |case: &str| {
        let told = huying(&["callbacks", "--json", "--ring", case, "--data", path(&data)]);
        told.json()["number"].clone()
    };
    assert!(number("0-1").is_null() && number("0-4") == "13900000042");
    huying(&["verify", path(&data)]).ends(0);
}

#[test]
fn a_running_engine_proposes_too_and_a_policy_without_rules_proposes_nothing() {
    let (_folder, city, data) = new_city();
    let running = Running::start(&data, Some(&city));
    running.submit(&call("Q-1", "noise.neighbour")).ends(0);
    let told = huying(&["retention", "--json", path(&data)]).ends(0).json();
    assert_eq!((&told["total"], &told["without_rule"]), (&0.into(), &0.into()));
    for act in [
        r#"{"case":"0-1","ask":"cancel","with":{"ground":"withdrawn","reason":"撤回"}}"#,
        r#"{"case":"0-1","ask":"answer","with":{"when":"2026-11-18T09:00:00+08:00","contacted":"本人","done":"撤回"}}"#,
        r#"{"case":"0-1","ask":"confirm_told","with":{"channel":"callback-list","receipt":"r-1"}}"#,
    ] {
        running.submit(act).ends(0);
    }
    running.until("0-1", "closed");
    let told = huying(&["retention", "--json", path(&data)]).ends(0).json();
    assert_eq!((&told["total"], &told["without_rule"]), (&0.into(), &1.into()));
    let sample = ["sample", "--json", path(&data), "--period", "ever", "--seed", "7", "--permille", "1"];
    let drawn = huying(&sample).ends(0).json();
    assert_eq!((&drawn["closed"], &drawn["picked"][0]["case"]), (&1.into(), &"0-1".into()));
}

#[test]
fn a_sample_is_drawn_again_from_its_seed_and_nobody_checks_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut past = Past::begin(&data, "");
    for n in 0..40 {
        past.closed(&format!("S-{n}"), "noise.neighbour");
    }
    let solved = past.solved("S-solved", "road.pothole", "sun");
    past.days(1);
    drop(past);
    let draw = |more: &[&str]| {
        let args = ["sample", "--json", path(&data), "--period", "2026-11"];
        huying(&[&args[..], more].concat()).ends(0).json()
    };
    let picked = |drawn: &Value| -> Vec<String> {
        let cases = drawn["picked"].as_array().expect("a list").iter();
        cases.map(|one| one["case"].as_str().expect("a case").to_owned()).collect()
    };
    let first = draw(&["--seed", "7", "--permille", "200"]);
    assert_eq!((&first["closed"], picked(&first).len()), (&41.into(), 9));
    assert_eq!(picked(&first), picked(&draw(&["--seed", "7", "--permille", "200"])), "the same seed");
    assert_ne!(picked(&first), picked(&draw(&["--seed", "8", "--permille", "200"])), "another seed");
    let more = picked(&draw(&["--seed", "7", "--permille", "400"]));
    assert!(picked(&first).iter().all(|case| more.contains(case)), "a larger sample holds the smaller");
    let per_unit = draw(&["--seed", "7", "--permille", "20", "--per", "unit"]);
    assert!(picked(&per_unit).contains(&solved.to_string()), "no unit is left out: {per_unit}");
    let told = per_unit["picked"].as_array().expect("a list");
    let told = told.iter().find(|one| one["case"] == solved.to_string().as_str()).expect("drawn");
    let handler = told["handler"].as_str().expect("a unit");
    let checkers = told["may_check"].as_array().expect("a list");
    assert!(!checkers.is_empty() && checkers.iter().all(|one| one["unit"] != handler), "{told}");
    let centre = checkers.iter().find(|one| one["unit"] == "centre").expect("the centre may");
    assert_eq!((&told["closed_by"], &told["closer"]), (&"centre".into(), &"sun".into()));
    assert_eq!(centre["not"][0], "sun", "who closed it does not check it");
    assert!(told["command"].as_str().is_some_and(|command| command.contains("look_again")));
    assert_eq!(draw(&["--seed", "7", "--permille", "1000"])["picked"].as_array().map(Vec::len), Some(41));
    let before =
        ["sample", "--json", path(&data), "--period", "2026-10", "--seed", "7", "--permille", "1000"];
    assert_eq!(huying(&before).ends(0).json()["closed"], 0);
    huying(&["sample", path(&data), "--period", "ever", "--seed", "7", "--permille", "1001"]).ends(2);
}

#[test]
fn photographs_and_who_may_come_in_are_in_a_backup_and_photographs_are_sealed_by_another_key() {
    let (folder, city, data) = new_city();
    let (running, told) = Running::start_with(&data, Some(&city), &["--http", "127.0.0.1:0"]);
    let worker = Client::at(told["http"].as_str().expect("an address"));
    let worker = worker.signed_in(&data, "worker", "grid-1-1", Role::Handler);
    let kept = worker.ask("POST", "/v1/files", "", "%PDF-1.7 what was seen");
    assert_eq!(kept.status, 201, "{}", kept.body);
    let hash = kept.json()["hash"].as_str().expect("a hash").parse().expect("it is one");
    huying(&["http", "grant", "--data", path(&data), "--source", "hotline", "--channel", "call"]).ends(0);
    huying(&["nats", "grant", "--data", path(&data), "--source", "hotline"]).ends(0);
    let backup = folder.path().join("backup");
    huying(&["backup", "--data", path(&data), "--to", path(&backup)]).ends(0);
    assert_eq!(running.stop(), 0);
    let at = |dir: &Path, name: &str| fs::read(dir.join(name)).unwrap_or_else(|_| panic!("{name} is there"));
    let sealed = |dir: &Path| at(dir, &format!("files/{hash}"));
    let opened = |dir: &Path| {
        let files = Files::open(dir, Box::new(|_| {})).expect("the key is there");
        files.get(hash).expect("it opens").map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let apart = folder.path().join("apart");
    fs::rename(backup.join("keys"), &apart).expect("on one disk");
    let restored = folder.path().join("restored");
    huying(&["restore", "--from", path(&backup), "--data", path(&restored), "--keys", path(&apart)]).ends(0);
    for name in ["accounts.json", "http-keys.toml", "resident.key", "nats/accounts.toml", "files.key"] {
        assert!(!backup.join(name).exists(), "{name} opens something and is kept with the keys");
        assert_eq!(at(&restored, name), at(&data, name), "{name}");
    }
    assert_eq!(opened(&restored).as_deref(), Some("%PDF-1.7 what was seen"));
    let before = sealed(&data);
    let rotated = huying(&["key", "rotate", "--json", path(&data)]).ends(0).json();
    assert_eq!(rotated["files"], 1);
    assert_ne!(sealed(&data), before);
    assert_eq!(opened(&data), opened(&restored));
}

/// A case that came with a photograph of its own and that a grid's worker solved with this one, closed after everything that has to happen before.
fn closed_with(running: &Running, worker: &Client, name: &str, photograph: &str) -> String {
    let kept = |bytes: &str| {
        let kept = worker.ask("POST", "/v1/files", "", bytes);
        kept.json()["hash"].as_str().expect("a hash").to_owned()
    };
    let mut call: Value = serde_json::from_str(&call(name, "noise.neighbour")).expect("a call");
    call["photos"] = json!([kept(&format!("%PDF-1.7 brought with {name}"))]);
    let case = running.submit(&call.to_string()).ends(0).json()["case"].as_str().map(str::to_owned);
    let case = case.expect("a case");
    running.until(&case, "assigned");
    let hash = kept(photograph);
    for (ask, with) in [("accept", json!({})), ("resolve", json!({ "result": "已劝止", "evidence": [hash] }))]
    {
        let done = worker.post(&format!("/v1/cases/{case}/acts"), &json!({ "ask": ask, "with": with }));
        assert_eq!(done.status, 200, "{ask}: {}", done.body);
    }
    let acts = [
        ("check", r#"{"passed":true,"note":"属实"}"#),
        ("answer", r#"{"when":"2026-11-18T09:00:00+08:00","contacted":"本人","done":"已劝止"}"#),
        ("confirm_told", r#"{"channel":"callback-list","receipt":"r-1"}"#),
        ("call_back", r#"{"verdict":{"contacted":true,"solved":"yes","grade":"very_satisfied"}}"#),
    ];
    for (ask, with) in acts {
        let act = format!(r#"{{"case":"{case}","ask":"{ask}","with":{with},"person":"li"}}"#);
        running.submit(&act).ends(0);
    }
    running.until(&case, "closed");
    case
}

#[test]
fn a_photograph_is_destroyed_with_the_last_case_that_names_it() {
    let (folder, city, data) = new_city();
    let (running, told) =
        Running::start_with(&data, Some(&city), &["--nats", "none", "--http", "127.0.0.1:0"]);
    let worker = Client::at(told["http"].as_str().expect("an address"));
    let worker = worker.signed_in(&data, "worker", "grid-1-1", Role::Handler);
    let (one, both) = ("%PDF-1.7 the first alone", "%PDF-1.7 both of them");
    let first = closed_with(&running, &worker, "P-1", one);
    let second = closed_with(&running, &worker, "P-2", both);
    let third = closed_with(&running, &worker, "P-3", both);
    let files = || fs::read_dir(data.join("files")).expect("it is there").count();
    let erase = |case: &str| huying(&["erase", case, "--data", path(&data), "--reason", "asked for"]).ends(0);
    assert_eq!(files(), 5);
    let backup = folder.path().join("backup");
    huying(&["backup", "--data", path(&data), "--to", path(&backup)]).ends(0);
    erase(&second);
    erase(&first);
    for _ in 0..LOOKS_MAX {
        if files() == 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(files(), 2, "what another case names stays, the others are gone");
    assert_eq!(running.stop(), 0);
    erase(&third);
    assert_eq!(files(), 0, "in a folder at rest too");
    // The backup is older than the erasures; the list of the living folder names their keys.
    let (restored, list) = (folder.path().join("restored"), data.join("keys/erased"));
    let args = ["restore", "--from", path(&backup), "--data", path(&restored), "--erased", path(&list)];
    huying(&args).ends(0);
    let kept = restored.join("files");
    assert_eq!(fs::read_dir(&kept).expect("it is there").count(), 5);
    let running = Running::start(&restored, None);
    for _ in 0..LOOKS_MAX {
        if fs::read_dir(&kept).expect("it is there").next().is_none() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(running.stop(), 0);
    assert!(
        fs::read_dir(&kept).expect("it is there").next().is_none(),
        "a restore brings no photograph back"
    );
}
