//! Cuts of power under the program as people run it, on a file system of its own, and what reaches the device: the small
//! form of `make torture`.

#![expect(clippy::print_stderr, reason = "a story that is skipped says so")]

use std::{path::Path, process::Command};

const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const TRIALS: &str = "2";
const CALLS: &str = "20";

/// Runs a script of the torture and gives back what it said; none where what it needs is not here.
fn runs(script: &str, args: &[&str]) -> Option<String> {
    let project = Path::new(PROJECT);
    let mut command = Command::new("python3");
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(project.join("tests/torture").join(script));
    command.args(["--program", env!("CARGO_BIN_EXE_huying"), "--city"]);
    command.arg(project.join("deploy/cities/sample")).args(args);
    let Ok(output) = command.output() else {
        eprintln!("skipped: no python3; nothing was tried");
        return None;
    };
    let (said, why) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if why.contains("skipped:") {
        eprintln!("{}", why.trim());
        return None;
    }
    assert!(output.status.success(), "{said}{why}");
    Some(said.into_owned())
}

#[test]
fn no_answered_call_is_lost_when_the_power_is_cut() {
    let Some(said) = runs("power_cuts.py", &["--trials", TRIALS]) else { return };
    assert!(said.contains("2 passed, 0 failed"), "{said}");
}

#[test]
fn no_call_is_answered_before_the_device_was_asked_to_flush() {
    let Some(said) = runs("flushes.py", &["--calls", CALLS]) else { return };
    assert!(said.contains("20 calls answered one after another, 0 of them without a flush"), "{said}");
}
