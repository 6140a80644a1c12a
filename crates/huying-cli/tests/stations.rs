//! Stations in processes of their own, with a real NATS server: the same day has the same head hash wherever they run,
//! also when one of them is killed; an engine on the machine's clock finds its stations again; and a whole day is
//! handled by departments that know nothing but what NATS tells them.

use huying_bus::{link::Link, role::Role, roster::Roster};
use huying_domain::ids::SourceId;
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long something that is bound to come may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// The stations that read records.
const STATIONS: &str = "routing,escalation,feedback";

fn demo(data: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_huying"));
    command.args(["demo", "--hours", "2", "--calls-per-hour", "40", "--seed", "5", "--headless", "--json"]);
    command.args(more).arg("--data").arg(data).stdin(Stdio::null());
    command
}

fn report(command: &mut Command) -> Value {
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complained}");
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}{complained}"))
}

#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what} did not come about");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The process that plays a part, as the parent wrote it down.
fn process(data: &Path, name: &str) -> Option<u64> {
    let text = fs::read_to_string(data.join("processes.json")).ok()?;
    serde_json::from_str::<Value>(&text).ok()?.get(name)?.as_u64()
}

fn kill(process: u64) {
    let killed = Command::new("kill").args(["-9", &process.to_string()]).status();
    assert!(killed.expect("kill is there").success(), "{process} is there to be killed");
}

#[test]
fn the_same_day_has_the_same_head_in_one_process_and_in_four_with_one_of_them_killed() {
    let folder = || tempfile::tempdir().expect("a folder");
    let here = report(&mut demo(folder().path(), &[]));
    assert_eq!(here["finished"], true);
    let apart = folder();
    let data = apart.path();
    let mut command = demo(data, &["--stations-elsewhere", STATIONS]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut killed = Vec::new();
    for name in ["routing", "feedback", "escalation", "routing"] {
        wait_until("a station's process", || process(data, name).is_some_and(|id| !killed.contains(&id)));
        // In the midst of its work: the day takes some seconds.
        thread::sleep(Duration::from_millis(400));
        let id = process(data, name).expect("it is written down");
        kill(id);
        killed.push(id);
    }
    let output = child.wait_with_output().expect("the program ends");
    let said = String::from_utf8_lossy(&output.stdout);
    let there: Value = serde_json::from_str(&said)
        .unwrap_or_else(|error| panic!("{error}: {said}{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(there["head"], here["head"], "wherever the stations run");
    assert_eq!(there["records"], here["records"]);
    let begun_anew = fs::read_to_string(data.join("routing.log")).expect("it complains somewhere");
    assert!(begun_anew.matches("NATS is there").count() >= 2, "the killed ones came back: {begun_anew}");
}

#[test]
fn a_day_is_handled_by_departments_that_know_only_what_nats_tells_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = report(&mut demo(folder.path(), &["--processes"]));
    assert_eq!(told["finished"], true, "every case is closed");
    assert_eq!(told["lost"], 0);
    assert_eq!(told["refused_at_door"], json!({}));
    let departments = &told["departments"];
    assert_eq!(
        departments["refused"],
        json!({}),
        "whoever knows only assignments asks nothing that is refused"
    );
    let handed = departments["handed"].as_u64().expect("a number");
    let assigned = told["assigned"].as_u64().expect("a number");
    assert!(assigned > 50 && handed >= assigned, "{handed} of {assigned} assignments reached a department");
    assert!(told["accepted"].as_u64() > Some(assigned / 2), "{told}");
}

/// The tiny city as a folder.
fn city(folder: &Path) -> PathBuf {
    let city = folder.join("city");
    let texts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/city");
    fs::create_dir(&city).expect("the folder is free");
    for file in ["policy.toml", "duty.toml", "calendar.toml", "territory.csv", "units.csv"] {
        fs::copy(texts.join(file), city.join(file)).expect("the tiny city has it");
    }
    let facts = "name_zh = \"小城\"\nname_en = \"Tiny\"\nzone = \"Asia/Shanghai\"\n\
                 county = \"211081\"\nfallback = \"211081\"\nsources = [\"made up for tests\"]\n";
    fs::write(city.join("city.toml"), facts).expect("the folder can be written");
    city
}

/// A process that says one line of JSON when it is ready, and ends with this value.
struct Running(Child);

impl Running {
    fn start(args: &[&str], data: &Path) -> (Self, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huying"));
        command.args(["--json", "up"]).args(args).arg("--data").arg(data);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("it was piped");
        BufReader::new(out).read_line(&mut line).expect("it says that it is ready");
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        (Self(child), ready)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        asked.expect("kill is there");
        self.0.wait().expect("the child is ours");
    }
}

#[test]
fn an_engine_on_the_machines_clock_finds_its_stations_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (city, data) = (city(folder.path()), folder.path().join("data"));
    let city = city.to_str().expect("a path in UTF-8");
    let all = "intake,routing,escalation,feedback";
    let (_engine, ready) =
        Running::start(&["--city", city, "--stations-elsewhere", all, "--http", "none"], &data);
    let url = ready["nats"].as_str().expect("its server has an address");
    let submit = |call: &str| {
        let file = folder.path().join("call.json");
        fs::write(&file, call).expect("the folder can be written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_huying"));
        command.args(["--json", "submit"]).arg(&file).arg("--data").arg(&data);
        report(&mut command)["case"].as_str().expect("a call becomes a case").to_owned()
    };
    let assigned = |case: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huying"));
        command.args(["--json", "case", case]).arg("--data").arg(&data);
        report(&mut command).to_string().contains("case.assigned/1")
    };
    let call = |n: u32| {
        json!({ "external_id": format!("c-{n}"), "class": "noise.neighbour",
            "place": { "area": "211081001001001" } })
        .to_string()
    };
    let first = submit(&call(1));
    assert!(!assigned(&first), "nobody routes yet");
    let stations = Running::start(&["--stations", all, "--nats", url], &data);
    wait_until("the assignment of what waited", || assigned(&first));
    drop(stations);
    let second = submit(&call(2));
    thread::sleep(Duration::from_millis(300));
    assert!(!assigned(&second), "the station is away, and the call was taken all the same");
    let _stations = Running::start(&["--stations", all, "--nats", url], &data);
    wait_until("the assignment of what came meanwhile", || assigned(&second));
    let taken = calls_over_nats(&data, url, &call(3), &call(4));
    assert_eq!(taken["answers"][0]["answer"], "taken", "{taken}");
    wait_until("the assignment of a call over NATS", || assigned("0-3"));
    wait_until("the assignment of a call that was left in the inbox", || assigned("0-4"));
}

/// As a feed: asks for one call, and leaves another in the durable inbox.
fn calls_over_nats(data: &Path, url: &str, asked: &str, left: &str) -> Value {
    let mut entropy = |bytes: &mut [u8]| bytes.fill(7);
    let mut roster = Roster::open_or_create(data, &mut entropy).expect("the engine made it");
    let source: SourceId = "app".parse().expect("a source");
    roster.grant_feed(source.clone(), &mut entropy).expect("there is room");
    let address = roster.address(&Role::Feed { source }, url).expect("it was let in");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let link = Link::connect(&address).await.expect("an address");
        link.is_up().await;
        let answer = link.ask("huying.v1.intake.app.call", asked.as_bytes().to_vec()).await;
        let left = link.jetstream().publish("huying.v1.inbox.app.call", left.to_owned().into()).await;
        left.expect("the link is up").await.expect("the stream keeps it");
        serde_json::from_slice(&answer.expect("intake answers")).expect("JSON")
    })
}
