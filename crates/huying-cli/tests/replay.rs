//! Replays and demos as stories: every call becomes something, every caller is answered, the same seed leaves
//! the same head, and a stop in the middle changes nothing.

use huying_cli::{
    demo::{self, DemoApart, DemoArgs},
    http::Where,
    people::folder::STAMP_FILE,
    progress::{Progress, Silent},
    replay::{self, ReplayArgs},
    report::Report,
};
use huying_journal::{head::HEAD_FILE, verify::verify};
use serde_json::Value;
use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

const NYC_HEADER: &str = "unique_key,created_date,closed_date,agency,complaint_type,descriptor,location_type,\
incident_zip,borough,latitude,longitude,snapshot_utc";
const BOSTON_HEADER: &str = "case_enquiry_id,open_dt,target_dt,closed_dt,ontime_status,case_status,subject,reason,\
type,queue,department,ward,precinct,neighborhood,latitude,longitude,source";

/// What differs between a run and the same one that was stopped: the machine's clock, the folder, and the
/// hashes, because personal data are sealed with other random bytes after each start.
const OF_ONE_RUN: [&str; 8] = [
    "commits",
    "commit_seconds",
    "wall_seconds",
    "records_per_second",
    "assignment_wall_us",
    "acts_refused",
    "data",
    "head",
];

/// How long the story waits for the program that it will kill.
const KILL_PATIENCE: Duration = Duration::from_secs(60);

fn nyc_row(key: u32, minute: u32, closed: &str, kind: &str, lat: &str, lon: &str) -> String {
    let opened = format!("2026-03-02T{:02}:{:02}:00.000", 8 + minute / 60, minute % 60);
    format!(
        "{key},{opened},{closed},DOT,{kind},Pothole,Street,10001,QUEENS,{lat},{lon},2026-03-05T12:00:00Z\n"
    )
}

/// Thirty rows of our own: twenty that are read, of which four repeat another and three are never closed, and
/// ten that cannot be read.
fn thirty_rows() -> Vec<u8> {
    let mut text = format!("{NYC_HEADER}\n");
    for nth in 0..16 {
        let lat = format!("40.7{nth:02}");
        let closed =
            if nth % 5 == 4 { String::new() } else { format!("2026-03-0{}T15:00:00.000", 2 + nth % 3) };
        text += &nyc_row(1000 + nth, nth * 3, &closed, "Street Condition", &lat, "-73.9");
    }
    for nth in 0..4 {
        text += &nyc_row(
            2000 + nth,
            nth * 3 + 1,
            "2026-03-02T16:00:00.000",
            "Street Condition",
            &format!("40.7{nth:02}"),
            "-73.9",
        );
    }
    let mut bad = vec![
        nyc_row(3000, 1, "", "Noise", "40.7", "-73.9").replace("3000,", ","),
        nyc_row(3001, 1, "", "Noise", "40.7", "-73.9").replace("3001,", &format!("{},", "9".repeat(65))),
        nyc_row(3002, 1, "", "Noise", "40.7", "-73.9").replace("2026-03-02T08:01:00.000", ""),
        nyc_row(3003, 1, "", "Noise", "40.7", "-73.9").replace("2026-03-02T08:01:00.000", "yesterday"),
        nyc_row(3004, 1, "", "Noise", "95.0", "-73.9"),
        nyc_row(3005, 1, "", "Noise", "north", "-73.9"),
        nyc_row(3006, 1, "", "", "40.7", "-73.9"),
        nyc_row(3007, 1, "", &"long ".repeat(1000), "40.7", "-73.9"),
        "3008,2026-03-02T08:01:00.000,too,few\n".to_owned(),
    ];
    text += &bad.drain(..).collect::<String>();
    let mut bytes = text.into_bytes();
    let mut not_utf8 = nyc_row(3009, 1, "", "NoiseX", "40.7", "-73.9").into_bytes();
    let at = not_utf8.iter().position(|byte| *byte == b'X').expect("it was written there");
    not_utf8[at] = 0xff;
    bytes.extend(not_utf8);
    bytes
}

/// Waits until the file was seen with so many contents: the program writes it behind its commits.
fn wait_for_news(file: &Path, mut looks: u32) {
    let patience = Instant::now();
    let mut last = fs::read(file).ok();
    while looks > 0 && patience.elapsed() < KILL_PATIENCE {
        thread::sleep(Duration::from_millis(20));
        let now = fs::read(file).ok();
        looks -= u32::from(now != last);
        last = now;
    }
}

struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn calls(&self, bytes: &[u8]) -> PathBuf {
        let path = self.path("calls.csv");
        fs::write(&path, bytes).expect("the calls are written");
        path
    }

    fn replay(&self, calls: &Path, profile: &str, data: &str, seed: u64) -> Report {
        let args = replay_args(calls, profile, &self.path(data), seed);
        replay::run(&args, &AtomicBool::new(false), &mut Silent).expect("it runs")
    }
}

fn replay_args(calls: &Path, profile: &str, data: &Path, seed: u64) -> ReplayArgs {
    ReplayArgs {
        calls: calls.to_owned(),
        profile: profile.to_owned(),
        policy: None,
        data: Some(data.to_owned()),
        city: None,
        speed: "max".to_owned(),
        report: None,
        seed,
        limit: None,
        http: Where::None,
    }
}

fn demo_args(data: &Path, hours: u32, calls_per_hour: u32) -> DemoArgs {
    DemoArgs {
        data: Some(data.to_owned()),
        hours,
        calls_per_hour,
        speed: "max".to_owned(),
        headless: true,
        report: None,
        seed: 7,
        http: Where::None,
        apart: DemoApart::default(),
    }
}

/// Asks to stop at the `left`th look at the progress.
struct StopAt<'s> {
    left: u32,
    stop: &'s AtomicBool,
}

impl Progress for StopAt<'_> {
    fn begin(&mut self, _: &str, _: Option<u64>) {}
    fn at(&mut self, _: u64, _: &str) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            self.stop.store(true, Ordering::Relaxed);
        }
    }
    fn end(&mut self) {}
}

fn counts(report: &Report) -> Value {
    let mut value = serde_json::to_value(report).expect("a report is JSON");
    let map = value.as_object_mut().expect("an object");
    for of_one_run in OF_ONE_RUN {
        map.remove(of_one_run).expect("the report has it");
    }
    value
}

fn sum(counts: &std::collections::BTreeMap<String, u64>) -> u64 {
    counts.values().sum()
}

fn all_is_answered(report: &Report) {
    assert!(report.finished, "every case is closed");
    assert_eq!((report.lost, report.open), (0, 0));
    let became = report.cases + report.joined;
    assert_eq!(sum(&report.closed), became, "each is closed once");
    assert!(report.answered >= became && report.told >= became, "each caller was answered and told");
}

fn is_whole(data: &Path) {
    let verdict = verify(data, None, None);
    assert_eq!(verdict.exit_code(), 0, "{verdict:?}");
}

#[test]
fn every_row_becomes_a_case_or_joins_one_or_is_counted_with_its_reason() {
    let stage = Stage::new();
    let report = stage.replay(&stage.calls(&thirty_rows()), "nyc311", "data", 1);
    assert_eq!((report.calls, report.cases, report.joined), (30, 16, 4));
    let bad: Vec<_> = report.bad_rows.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
    let expected = [
        ("bad_external_id", 1),
        ("bad_point", 2),
        ("bad_time", 1),
        ("missing_class", 1),
        ("missing_external_id", 1),
        ("missing_time", 1),
        ("not_utf8", 1),
        ("too_long", 1),
        ("wrong_columns", 1),
    ];
    assert_eq!(bad, expected);
    assert_eq!(report.censored, 3);
    all_is_answered(&report);
    is_whole(&stage.path("data"));
}

#[test]
fn the_same_seed_leaves_the_same_head_and_another_seed_another() {
    let stage = Stage::new();
    let calls = stage.calls(&thirty_rows());
    let [first, again, other] =
        [("a", 1), ("b", 1), ("c", 2)].map(|(data, seed)| stage.replay(&calls, "nyc311", data, seed));
    assert_eq!(first.head.hash, again.head.hash);
    assert_eq!(counts(&first), counts(&again));
    assert_ne!(first.head.hash, other.head.hash);
}

#[test]
fn a_replay_that_was_stopped_goes_on_and_ends_with_the_same_counts() {
    let stage = Stage::new();
    let calls = stage.calls(&thirty_rows());
    let whole = stage.replay(&calls, "nyc311", "whole", 1);
    let stop = AtomicBool::new(false);
    let args = replay_args(&calls, "nyc311", &stage.path("parts"), 1);
    let first = replay::run(&args, &stop, &mut StopAt { left: 2, stop: &stop }).expect("it runs");
    assert!(!first.finished && first.open > 0, "it was stopped in the middle");
    let second = stage.replay(&calls, "nyc311", "parts", 1);
    assert_eq!(counts(&second), counts(&whole));
    let third = stage.replay(&calls, "nyc311", "parts", 1);
    assert_eq!(third.head.hash, second.head.hash, "a finished one adds nothing");
    is_whole(&stage.path("parts"));
}

#[test]
fn a_replay_with_an_address_can_be_looked_at_when_it_is_over() {
    let stage = Stage::new();
    let calls = stage.calls(&thirty_rows());
    let http = "127.0.0.1:0".parse().expect("an address");
    let args = ReplayArgs { http, ..replay_args(&calls, "nyc311", &stage.path("shown"), 1) };
    let (report, still) = replay::play(&args, &AtomicBool::new(false), &mut Silent).expect("it runs");
    assert!(report.finished);
    let still = still.expect("it goes on standing there");
    let door = still.http.as_ref().expect("with a door").address();
    drop(TcpStream::connect(door).expect("somebody looks in"));
    still.end();
    assert!(TcpStream::connect(door).is_err(), "and then nobody is there");
}

#[test]
fn work_finished_at_the_instant_of_its_limit_is_on_time_and_a_second_later_is_not() {
    let row = |key: u32, closed: &str, flag: &str| {
        format!(
            "{key},2015-01-05T09:00:00,2015-01-07T17:00:00,{closed},{flag},Closed,PW,Pothole,Pothole Repair,Q,PWDx,\
             Ward 3,301,Downtown,42.3{key},-71.05,Constituent Call\n"
        )
    };
    let mut text = format!("{BOSTON_HEADER}\n");
    text += &row(10, "2015-01-07T16:59:59", "ONTIME");
    text += &row(20, "2015-01-07T17:00:00", "ONTIME");
    text += &row(30, "2015-01-07T17:00:01", "OVERDUE");
    text += &row(40, "2015-01-07T17:00:01", "ONTIME");
    text += &row(50, "2015-01-06T17:00:00", "");
    let stage = Stage::new();
    let report = stage.replay(&stage.calls(text.as_bytes()), "boston311", "data", 1);
    all_is_answered(&report);
    let agreement = report.on_time_agreement.expect("the source has flags");
    assert_eq!((agreement.agree, agreement.of, agreement.without_flag), (3, 4, 1));
    let [differs] = &agreement.disagreements[..] else { panic!("one differs") };
    assert_eq!((differs.external.as_str(), differs.ours, differs.theirs), ("40", false, true));
}

#[test]
fn a_foreign_folder_and_another_simulation_are_refused_with_a_sentence() {
    let stage = Stage::new();
    let calls = stage.calls(&thirty_rows());
    let foreign = stage.path("foreign");
    fs::create_dir(&foreign).expect("a folder");
    fs::write(foreign.join("letter.txt"), "mine").expect("a file");
    let run = |data: &Path, seed| {
        let args = replay_args(&calls, "nyc311", data, seed);
        replay::run(&args, &AtomicBool::new(false), &mut Silent)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert!(run(&foreign, 1).is_err_and(|sentence| sentence.contains("is not empty")));
    assert!(!foreign.join(STAMP_FILE).exists(), "nothing was written into it");
    let own = stage.path("own");
    assert_eq!(run(&own, 1), Ok(()));
    assert!(run(&own, 2).is_err_and(|sentence| sentence.contains("another simulation")));
}

#[test]
fn the_demo_answers_every_caller_and_the_same_seed_leaves_the_same_head() {
    let stage = Stage::new();
    let run = |data: &str| {
        demo::run(&demo_args(&stage.path(data), 3, 40), &AtomicBool::new(false), &mut Silent)
            .expect("it runs")
    };
    let (first, again) = (run("a"), run("b"));
    all_is_answered(&first);
    assert_eq!(first.head.hash, again.head.hash);
    assert!(first.joined > 0 && first.reopened + sum(&first.escalated) > 0, "it is a city and no clockwork");
    is_whole(&stage.path("a"));
}

#[test]
fn a_demo_day_has_something_of_everything_beside_the_main_flow() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = demo_args(&folder.path().join("demo"), 12, 240);
    let report = demo::run(&args, &AtomicBool::new(false), &mut Silent).expect("the demo runs");
    all_is_answered(&report);
    let wanted = [
        "requested",
        "extended",
        "denied",
        "suspended",
        "resumed",
        "informed",
        "terminated",
        "whistled",
        "reported_in",
        "help_called",
        "help_reported",
        "consulted",
        "supervised",
        "reminded",
    ];
    let never: Vec<_> = wanted.iter().filter(|what| !report.beside.contains_key(**what)).collect();
    assert!(never.is_empty(), "{never:?} never happened: {:?}", report.beside);
    assert!(
        report.alarms["alarms"] > 0 && report.noticed.len() > 1,
        "{:?} {:?}",
        report.alarms,
        report.noticed
    );
    assert!(report.acts_refused.is_empty(), "{:?}", report.acts_refused);
}

#[test]
fn a_demo_that_was_killed_goes_on_loses_no_call_and_ends_with_the_same_counts() {
    let stage = Stage::new();
    let whole = demo::run(&demo_args(&stage.path("whole"), 4, 60), &AtomicBool::new(false), &mut Silent);
    let whole = whole.expect("it runs");
    let data = stage.path("killed");
    for looks in [15, 30] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_huying"))
            .args([
                "demo",
                "--hours",
                "4",
                "--calls-per-hour",
                "60",
                "--seed",
                "7",
                "--headless",
                "--speed",
                "7200",
            ])
            .arg("--data")
            .arg(&data)
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        wait_for_news(&data.join(HEAD_FILE), looks);
        child.kill().expect("it can be killed");
        child.wait().expect("it is gone");
    }
    let rest = demo::run(&demo_args(&data, 4, 60), &AtomicBool::new(false), &mut Silent).expect("it runs");
    all_is_answered(&rest);
    assert!(rest.assignment_wall_us.count < rest.cases, "some of it was there from before");
    assert_eq!(counts(&rest), counts(&whole));
    is_whole(&data);
}
