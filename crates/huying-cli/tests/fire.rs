//! kill -9, a full disk, a lost way to NATS: the small form of `make torture`, on the program as people run it.

#![expect(clippy::print_stderr, reason = "a story that is skipped says so")]

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const KILLS: &str = "6";
const DAMAGED: &str = "8";
/// The faults of the small form; a crowd that hangs over TLS is in `make torture` alone, for the time that it takes.
const TRIALS: [&str; 9] =
    ["two-engines", "full-disk", "read-only", "clock", "hanging", "flood", "never-acks", "one-way", "burst"];
/// One torture at a time: each takes the whole machine.
static ALONE: Mutex<()> = Mutex::new(());

/// Runs a script of the torture and gives back what it said; none where what it needs is not here.
fn runs(script: &str, args: &[&str]) -> Option<String> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let project = Path::new(PROJECT);
    let python = project.join("tests/clients/.venv/bin/python");
    if !python.exists() {
        eprintln!("skipped: no Python packages; `make clients` brings them");
        return None;
    }
    let mut command = Command::new(python);
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(project.join("tests/torture").join(script));
    command.args(["--program", env!("CARGO_BIN_EXE_huying"), "--city"]);
    command.arg(project.join("deploy/cities/sample")).args(args);
    let output = command.output().expect("python starts");
    let (said, why) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}{why}");
    said.lines().filter(|line| line.contains("skipped:")).for_each(|line| eprintln!("{line}"));
    Some(said.into_owned())
}

/// The server that `make nats` brings, where none is on PATH.
fn server() -> Option<PathBuf> {
    let brought = Path::new(PROJECT).join("tools/nats-server");
    brought.exists().then_some(brought)
}

#[test]
fn nothing_that_anybody_was_told_is_lost_or_doubled_by_kill_9_of_the_engine_and_its_server() {
    let server = server();
    let mut args = vec!["--kills", KILLS];
    args.extend(server.iter().flat_map(|path| ["--nats-server", path.to_str().expect("plain names")]));
    let Some(said) = runs("kills.py", &args) else { return };
    assert!(said.contains(&format!("{KILLS} kills, 0 wrong")), "{said}");
}

#[test]
fn a_second_engine_a_bad_disk_a_wrong_clock_a_crowd_a_flood_a_cut_way_and_a_burst_lose_nothing() {
    let mut args = vec!["--burst", "200", "--only"];
    args.extend(TRIALS);
    let Some(said) = runs("faults.py", &args) else { return };
    for trial in TRIALS {
        let outcome = said.lines().find(|line| line.starts_with(&format!("{trial}: ")));
        let tried = outcome.is_some_and(|line| line.contains(": passed: ") || line.contains(": skipped: "));
        assert!(tried, "{trial}: {said}");
    }
}

#[test]
fn a_damaged_folder_is_healed_or_refused_and_nothing_else_is_taken_for_the_truth() {
    let Some(said) = runs("damage.py", &["--trials", DAMAGED]) else { return };
    assert!(said.contains(&format!("{DAMAGED} damaged folders of")) && said.contains(", 0 wrong"), "{said}");
}

#[test]
fn no_log_at_its_loudest_holds_a_callers_number_name_or_words_or_any_key_password_or_token() {
    let server = server();
    let args: Vec<_> =
        server.iter().flat_map(|path| ["--nats-server", path.to_str().expect("plain names")]).collect();
    let Some(said) = runs("logs.py", &args) else { return };
    assert!(said.contains("secrets looked for, 0 found"), "{said}");
}
