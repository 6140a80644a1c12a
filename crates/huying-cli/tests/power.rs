//! Cuts of power under the program as people run it, on a file system of its own: the small form of `make torture`.

use std::{path::Path, process::Command};

const TRIALS: &str = "2";
const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[test]
fn no_answered_call_is_lost_when_the_power_is_cut() {
    let project = Path::new(PROJECT);
    let trial = project.join("tests/torture/power_cuts.py");
    let city = project.join("deploy/cities/sample");
    let mut command = Command::new("python3");
    command
        .arg(trial)
        .args(["--program", env!("CARGO_BIN_EXE_huying"), "--trials", TRIALS, "--city"])
        .arg(city);
    let Ok(output) = command.output() else {
        eprintln!("skipped: no python3; nothing was cut");
        return;
    };
    let (said, why) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if why.contains("skipped:") {
        eprintln!("{}", why.trim());
        return;
    }
    assert!(output.status.success(), "{said}{why}");
    assert!(said.contains("2 passed, 0 failed"), "{said}");
}
