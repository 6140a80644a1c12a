//! Stations in processes of their own, with a real NATS server: the same day has the same head hash wherever they run,
//! also when one of them is killed; an engine on the machine's clock finds its stations again; and a whole day is
//! handled by departments that know nothing but what NATS tells them.

use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

#[path = "commands/stage.rs"]
#[expect(dead_code, reason = "the stage has more than these stories need")]
mod stage;

/// How long something that is bound to come may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of the first segment that are written when the day is about half over.
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

/// Records that sled has by now: the day goes on while it is looked at.
fn written(data: &Path) -> u64 {
    let head = fs::read(data.join("log").join("head")).ok();
    head.map_or(0, |bytes| bytes.len() as u64)
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
    // Killed early, and again each time that it was begun anew: the day is over before long.
    let mut killed = Vec::new();
    for name in ["routing", "feedback", "escalation", "routing"] {
        wait_until("a station's process", || process(data, name).is_some_and(|id| !killed.contains(&id)));
        thread::sleep(Duration::from_millis(300));
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
}
