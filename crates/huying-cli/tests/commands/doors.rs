//! A running engine with its own NATS server and its HTTP door.

use crate::stage::{Running, call, city, huying, path};
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::Command,
    thread,
    time::Duration,
};

/// How often something that comes within seconds is looked for, and how long apart.
const LOOKS_MAX: usize = 200;
const LOOK_EVERY_MS: u64 = 100;

fn new_city() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    (folder, made, data)
}

/// What HTTP answered.
struct Answered {
    status: u16,
    head: String,
    body: String,
}

impl Answered {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.head, self.body))
    }
}

/// One request over a plain socket.
fn http(address: &str, method: &str, target: &str, key: Option<&str>, body: &str) -> Answered {
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).expect("the door is open");
    let key = key.map(|key| format!("authorization: Bearer {key}\r\n")).unwrap_or_default();
    let length = body.len();
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nhost: door\r\nconnection: close\r\n{key}content-length: {length}\r\n\r\n{body}"
    )
    .expect("the door listens");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("the door answers in UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Answered { status, head: head.to_owned(), body: body.to_owned() }
}

fn until(what: &str, mut there: impl FnMut() -> bool) {
    for _ in 0..LOOKS_MAX {
        if there() {
            return;
        }
        thread::sleep(Duration::from_millis(LOOK_EVERY_MS));
    }
    panic!("{what}");
}

fn grant(data: &std::path::Path, source: &str) -> String {
    let args = ["http", "grant", "--json", "--data", path(data), "--source", source, "--channel", "call"];
    huying(&args).ends(0).json()["key"].as_str().expect("a key").to_owned()
}

#[test]
fn calls_come_in_over_http_while_nats_is_there_and_while_it_is_away() {
    let (_folder, city, data) = new_city();
    let (running, told) = Running::start_with(&data, Some(&city), &["--http", "127.0.0.1:0"]);
    let at = told["http"].as_str().expect("an address").to_owned();
    let no_key = http(&at, "POST", "/v1/calls", None, &call("A-1", "road.pothole"));
    assert_eq!((no_key.status, no_key.json()["code"].clone()), (401, "no_key".into()));
    let key = grant(&data, "hotline");
    let mine = Some(key.as_str());
    until("the key was never taken over", || http(&at, "GET", "/v1/cases/0-1", mine, "").status == 404);
    let taken = http(&at, "POST", "/v1/calls", mine, &call("A-1", "road.pothole"));
    assert_eq!(taken.status, 201, "{}", taken.body);
    assert!(taken.head.contains("location: /v1/cases/0-1"), "{}", taken.head);
    let again = http(&at, "POST", "/v1/calls", mine, &call("A-1", "road.pothole"));
    assert_eq!((again.status, again.json()["answers"][0]["case"].clone()), (200, "0-1".into()));
    let status = http(&at, "GET", "/v1/cases/0-1", mine, "");
    assert_eq!(status.status, 200, "{}", status.body);
    assert!(!status.body.contains("13900000042") && !status.body.contains("王小明"), "{}", status.body);
    let misspelt = http(&at, "POST", "/v1/calls", mine, r#"{"class":"road.pothole","colour":"red"}"#);
    assert_eq!(misspelt.status, 422, "{}", misspelt.body);
    assert_eq!(http(&at, "POST", "/v1/calls?channel=app", mine, "{}").status, 403);
    assert_eq!(http(&at, "POST", "/v1/calls", mine, "{").status, 400);
    let two = format!("[{},{}]", call("A-2", "road.pothole"), r#"{"class":"road.pothole","colour":"red"}"#);
    let mixed = http(&at, "POST", "/v1/calls", mine, &two);
    assert_eq!(mixed.status, 207, "{}", mixed.body);
    assert_eq!(mixed.json()["answers"][0]["answer"], "taken", "{}", mixed.body);
    assert_eq!(mixed.json()["answers"][1]["answer"], "refused", "{}", mixed.body);
    let other = grant(&data, "other");
    until("the second key was never taken over", || {
        http(&at, "POST", "/v1/calls", Some(&other), "{").status == 400
    });
    assert_eq!(http(&at, "GET", "/v1/cases/0-1", Some(&other), "").status, 404, "a case of another source");
    assert_eq!(http(&at, "GET", "/healthz", None, "").status, 200);
    until("NATS never came", || http(&at, "GET", "/readyz", None, "").json()["nats"] == "up");
    let pid = std::fs::read_to_string(data.join("nats/server.pid")).expect("a server's process");
    let told = Command::new("kill").args(["-STOP", pid.trim()]).status().expect("kill is there");
    assert!(told.success());
    let deaf = http(&at, "POST", "/v1/calls", mine, &call("A-3", "road.pothole"));
    assert_eq!(deaf.status, 201, "{}", deaf.body);
    let killed = Command::new("kill").args(["-KILL", pid.trim()]).status().expect("kill is there");
    assert!(killed.success());
    let away = http(&at, "POST", "/v1/calls", mine, &call("A-4", "road.pothole"));
    assert_eq!(away.status, 201, "{}", away.body);
    let metrics = http(&at, "GET", "/metrics", None, "").body;
    assert!(metrics.contains("huying_commands_accepted_total{ask=\"register\"}"), "{metrics}");
    until("NATS never came back", || http(&at, "GET", "/readyz", None, "").json()["nats"] == "up");
    assert_eq!(running.stop(), 0);
}

#[test]
fn what_a_start_does_not_read_beside_the_journal_verify_names() {
    let (_folder, city, data) = new_city();
    let (running, _) = Running::start_with(&data, Some(&city), &["--http", "127.0.0.1:0"]);
    assert_eq!(running.stop(), 0);
    grant(&data, "hotline");
    let whole = huying(&["verify", "--json", path(&data)]).ends(0).json();
    assert_eq!(whole["beside"], serde_json::json!([]));
    let names = [
        "accounts.json",
        "http-keys.toml",
        "areas.geojson",
        "resident.key",
        "files.key",
        "nats/accounts.toml",
        "arrivals.json",
        "devices.csv",
        "classes.model",
    ];
    for name in names {
        let file = data.join(name);
        let before = std::fs::read(&file).ok();
        std::fs::write(&file, "[").expect("it can be written");
        let told = huying(&["verify", "--json", path(&data)]).ends(1).json();
        assert_eq!(told["verdict"], "unreadable_beside", "{name}: {told}");
        assert_eq!(told["beside"].as_array().map(Vec::len), Some(1), "{told}");
        let words = told["beside"][0]["words"].to_string();
        assert!(words.contains(name), "{name} is named: {words}");
        let mut up = Command::new("timeout");
        up.args(["60", env!("CARGO_BIN_EXE_huying"), "up", "--http", "127.0.0.1:0", "--data", path(&data)]);
        if !name.starts_with("nats/") {
            up.args(["--nats", "none"]);
        }
        let refused = up.output().expect("timeout is there");
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "a start refuses {name}: {said}");
        match before {
            Some(bytes) => std::fs::write(&file, bytes).expect("it can be written"),
            None => std::fs::remove_file(&file).expect("it can be removed"),
        }
    }
    huying(&["verify", path(&data)]).ends(0);
}

#[test]
fn a_demo_with_processes_says_that_nats_is_there_and_ends_well_when_it_is_told_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let (running, told) = Running::demo(&folder.path().join("data"));
    let at = told.lines().find_map(|line| line.strip_prefix("网页 ")).expect("where its pages are");
    until("it never said that NATS is there", || http(at, "GET", "/readyz", None, "").json()["nats"] == "up");
    assert_eq!(running.stop(), 0, "its day was over");
}

#[test]
fn accounts_are_given_shown_renewed_and_taken_away() {
    let (_folder, city, data) = new_city();
    let running = Running::start(&data, Some(&city));
    let data = path(&data);
    let given = huying(&["nats", "grant", "--json", "--data", data, "--unit", "street-1"]).ends(0).json();
    let password = given["password"].as_str().expect("a password").to_owned();
    assert_eq!(given["user"], "unit-street-1");
    let again = huying(&["nats", "grant", "--json", "--data", data, "--unit", "street-1"]).ends(0).json();
    assert_eq!(again["password"], password.as_str(), "given already, nothing changes");
    let renewed =
        huying(&["nats", "renew", "--json", "--data", data, "--user", "unit-street-1"]).ends(0).json();
    assert_ne!(renewed["password"], password.as_str());
    let listed = huying(&["nats", "list", "--data", data]).ends(0);
    assert!(listed.out.contains("unit-street-1") && !listed.out.contains(&password), "{}", listed.out);
    huying(&["nats", "revoke", "--data", data, "--user", "unit-street-1"]).ends(0);
    let gone = huying(&["nats", "revoke", "--json", "--data", data, "--user", "unit-street-1"]).ends(1);
    assert_eq!(gone.json()["error"], "unknown_user");
    let nobody = huying(&["nats", "grant", "--json", "--data", data, "--unit", "a", "--unit", "b"]).ends(2);
    assert_eq!(nobody.json()["error"], "needs_user");
    assert_eq!(running.stop(), 0);
}
