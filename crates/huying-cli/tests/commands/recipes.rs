//! The recipes of `deploy/README.md`, walked through line by line as they are printed there.

use crate::{
    data::new_city,
    stage::{call, huying, path},
};
use serde_json::Value;
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Command,
};

/// What systemd does with the unit of `deploy/systemd`, as far as a recipe asks for it.
const SYSTEMCTL: &str = r#"#!/bin/sh
case "$1" in
start)
    [ -d "$DATA" ] || set -- start huying --city "$CITY"
    shift 2
    setsid huying up --data "$DATA" --nats none --http none --json "$@" > "$PLACE/ready" 2>> "$PLACE/log" &
    echo $! > "$PLACE/pid"
    for _ in $(seq 400); do grep -q '"ready":true' "$PLACE/ready" && exit 0; sleep 0.05; done
    exit 1 ;;
stop)
    kill "$(cat "$PLACE/pid")"
    for _ in $(seq 400); do flock -n "$DATA/lock" true && exit 0; sleep 0.05; done
    exit 1 ;;
esac
"#;

/// The first block of commands under a heading.
fn recipe(heading: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/README.md");
    let text = fs::read_to_string(file).expect("it is there");
    let (_, under) = text.split_once(&format!("\n## {heading}\n")).expect("the heading is there");
    let (_, block) = under.split_once("```sh\n").expect("a block of commands");
    block.split_once("```").expect("it ends").0.to_owned()
}

/// A machine on which the program is installed and the unit is known.
struct Machine {
    place: tempfile::TempDir,
}

impl Machine {
    fn of(place: tempfile::TempDir) -> Self {
        let bin = place.path().join("bin");
        fs::create_dir(&bin).expect("it can be made");
        symlink(env!("CARGO_BIN_EXE_huying"), bin.join("huying")).expect("it can be made");
        fs::write(bin.join("systemctl"), SYSTEMCTL).expect("it can be written");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(bin.join("systemctl"), mode).expect("it is ours");
        Self { place }
    }

    /// Runs lines as an operator would type them; each has to succeed.
    fn types(&self, lines: &str) {
        let at = |name: &str| self.place.path().join(name);
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("sh");
        shell.args(["-eu", "-c", lines]).env("PATH", format!("{}:{path}", at("bin").display()));
        for (name, file) in
            [("DATA", "data"), ("BACKUP", "backup"), ("KEYS", "apart"), ("RESTORED", "restored")]
        {
            shell.env(name, at(file));
        }
        shell.env("CITY", at("city")).env("PLACE", at("")).env("NEW", env!("CARGO_BIN_EXE_huying"));
        let done = shell.output().expect("there is a shell");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{lines}\n{said}\n{}", String::from_utf8_lossy(&done.stdout));
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Ok(pid) = fs::read_to_string(self.place.path().join("pid")) {
            _ = Command::new("kill").arg(pid.trim()).status();
        }
    }
}

#[test]
fn an_upgrade_and_a_restore_go_as_they_are_printed() {
    let (place, _city, data) = new_city();
    let machine = Machine::of(place);
    machine.types("systemctl start huying");
    let taken = |name: &str| {
        let call = call(name, "noise.neighbour");
        crate::stage::huying_reads(&["submit", "-", "--json", "--data", path(&data)], &call).ends(0).json()
    };
    assert_eq!(taken("before")["case"], "0-1");
    machine.types(&recipe("Upgrading"));
    assert_eq!(taken("behind")["case"], "0-2");
    machine.types(r#"mv "$BACKUP/keys" "$KEYS""#);
    machine.types(&recipe("Restoring"));
    let told = huying(&["status", "--json", "--data", path(&data)]).ends(0).json();
    assert_ne!(told, Value::Null);
    let first = taken("before");
    assert_eq!(
        (&first["case"], &first["repeat"]),
        (&"0-1".into(), &true.into()),
        "what was backed up is there"
    );
    // What came in behind the backup is not, and its number is given again: the journal goes on in another epoch.
    assert_eq!(taken("behind")["case"], "0-2");
    machine.types("systemctl stop huying");
}
