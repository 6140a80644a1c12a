//! What the stories play on: the program with a server of its own, and clients as processes.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

const LOOKS_MAX: u32 = 300;
const LOOK_EVERY: Duration = Duration::from_millis(50);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &Path) -> String {
    path.to_str().expect("plain names").to_owned()
}

pub(crate) fn schemas() -> String {
    text(&root().join("schemas"))
}

/// A file of the project.
pub(crate) fn project_file(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).expect("the project has it")
}

/// The schema that AsyncAPI itself gives out.
pub(crate) fn official() -> Option<String> {
    let path = root().join("tests/clients/node/node_modules/@asyncapi/specs/schemas/3.0.0.json");
    path.exists().then(|| text(&path))
}

/// Who connects where.
pub(crate) type Account = BTreeMap<&'static str, String>;

pub(crate) fn nobody() -> Account {
    BTreeMap::new()
}

/// A language's program, in the folder of its clients.
pub(crate) struct Language {
    program: PathBuf,
    folder: PathBuf,
}

/// Python with the packages of the clients; says so where they are absent.
pub(crate) fn python() -> Option<Language> {
    let program = root().join("tests/clients/.venv/bin/python");
    let there = program.exists();
    if !there {
        eprintln!("skipped: no Python packages; `make clients` brings them");
    }
    there.then(|| Language { program, folder: root().join("tests/clients/python") })
}

/// Node with this package of the clients; says so where it is absent.
pub(crate) fn node(package: &str) -> Option<Language> {
    let folder = root().join("tests/clients/node");
    let there = folder.join("node_modules").join(package).exists();
    if !there {
        eprintln!("skipped: no {package} for Node; `make clients` brings it");
    }
    there.then(|| Language { program: "node".into(), folder })
}

impl Language {
    pub(crate) fn command(&self, account: &Account, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).args(args).envs(account).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// Runs a client to its end.
    #[track_caller]
    pub(crate) fn runs(&self, account: &Account, args: &[&str]) -> String {
        let output = self.command(account, args).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{args:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// Runs a client that ends badly.
    #[track_caller]
    pub(crate) fn fails(&self, account: &Account, args: &[&str]) -> String {
        let output = self.command(account, args).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!output.status.success(), "{args:?} ended well: {said}");
        said
    }

    /// Starts a client that runs until its standard input ends, and waits for its first word.
    pub(crate) fn begins(&self, account: &Account, args: &[&str], word: &str) -> Client {
        let mut command = self.command(account, args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it speaks");
        assert_eq!(line.trim(), word);
        Client(child)
    }
}

/// A client that runs.
pub(crate) struct Client(Child);

impl Client {
    pub(crate) fn ends(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().expect("it ends").success());
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// So many calls about potholes, which are the works department's.
pub(crate) fn calls(count: u32) -> String {
    let call = |n: u32| {
        format!(
            r#"{{"external_id":"C-{n}","class":"road.pothole","words":"第{n}个坑","place":{{"area":"900001001001001"}},
                "caller":{{"number":"1390000{n:04}","name":"王小明"}}}}"#
        )
    };
    format!("[{}]", (1..=count).map(call).collect::<Vec<_>>().join(","))
}

/// The program, running.
pub(crate) struct Town {
    child: Child,
    url: String,
    http: String,
    folder: tempfile::TempDir,
}

fn huying(args: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_huying"));
    let output = command.args(args).arg("--json").output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{args:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&said).expect("one object")
}

impl Town {
    pub(crate) fn start() -> Self {
        Self::start_with(tempfile::tempdir().expect("a folder"), &["--http", "127.0.0.1:0"])
    }

    pub(crate) fn start_with(folder: tempfile::TempDir, args: &[&str]) -> Self {
        let city = text(&root().join("deploy/cities/sample"));
        let (child, url, http) = up(folder.path(), Some(&city), args);
        Self { child, url, http, folder }
    }

    /// The engine is killed, and another begins on the same folder.
    pub(crate) fn restarted(mut self) -> Self {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
        let (child, url, http) = up(self.folder.path(), None, &["--http", "127.0.0.1:0"]);
        (self.child, self.url, self.http) = (child, url, http);
        self
    }

    fn data(&self) -> String {
        text(&self.folder.path().join("data"))
    }

    pub(crate) fn path(&self, name: &str) -> String {
        text(&self.folder.path().join(name))
    }

    pub(crate) fn file(&self, name: &str, holds: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, holds).expect("it can be written");
        path
    }

    fn nats_account(&self, user: &str, password: &str) -> Account {
        BTreeMap::from([
            ("NATS_URL", self.url.clone()),
            ("NATS_USER", user.to_owned()),
            ("NATS_PASSWORD", password.to_owned()),
        ])
    }

    /// The same account at the server as it is now.
    pub(crate) fn at(&self, account: Account) -> Account {
        self.nats_account(&account["NATS_USER"], &account["NATS_PASSWORD"])
    }

    /// Lets somebody connect, and waits until the engine has made what they fetch from.
    pub(crate) fn grant(&self, whom: &[&str]) -> Account {
        let granted = huying(&[&["nats", "grant", "--data", &self.data()], whom].concat());
        let account = self.nats_account(
            granted["user"].as_str().expect("a user"),
            granted["password"].as_str().expect("a password"),
        );
        // The accounts are looked at every two seconds, and the consumer is made behind that.
        thread::sleep(Duration::from_secs(4));
        account
    }

    /// Does something to its accounts.
    pub(crate) fn account(&self, did: &str, args: &[&str]) -> Value {
        huying(&[&["account", did, "--data", &self.data()], args].concat())
    }

    /// Where the Open311 door is, and a key of a feed for it.
    pub(crate) fn open311(&self, source: &str) -> (String, String) {
        let granted =
            huying(&["http", "grant", "--data", &self.data(), "--source", source, "--channel", "app"]);
        let key = granted["key"].as_str().expect("a key").to_owned();
        (format!("{}/open311/v2", self.http), key)
    }

    /// The engine's own account, which may hear everything.
    pub(crate) fn engine(&self) -> Account {
        let accounts = std::fs::read_to_string(self.folder.path().join("data/nats/accounts.toml"));
        let accounts = accounts.expect("the accounts are there");
        let mut user = "";
        for line in accounts.lines() {
            match line.split_once(" = ").map(|(name, value)| (name, value.trim_matches('"'))) {
                Some(("user", value)) => user = value,
                Some(("password", value)) if user == "engine" => return self.nats_account("engine", value),
                _ => {}
            }
        }
        panic!("there is no engine among the accounts");
    }

    /// What the engine gives to Prometheus.
    pub(crate) fn metrics(&self) -> String {
        let status = huying(&["status", "--data", &self.data()]);
        status["metrics"].as_str().expect("metrics are text").to_owned()
    }

    /// The metrics, once this figure is among them.
    pub(crate) fn metrics_with(&self, figure: &str) -> String {
        for _ in 0..LOOKS_MAX {
            let metrics = self.metrics();
            if metrics.contains(figure) {
                return metrics;
            }
            thread::sleep(LOOK_EVERY);
        }
        panic!("{figure} was never given");
    }

    /// Asks what is refused.
    pub(crate) fn refuses(&self, args: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huying"));
        let output = command.args(args).args(["--data", &self.data()]).output().expect("the program starts");
        assert_eq!(output.status.code(), Some(1), "{args:?}");
    }

    /// What happened to a case, as text.
    pub(crate) fn events(&self, case: &str) -> String {
        huying(&["case", case, "--data", &self.data()])["records"].to_string()
    }

    pub(crate) fn until(&self, case: &str, event: &str) {
        for _ in 0..LOOKS_MAX {
            if self.events(case).contains(event) {
                return;
            }
            thread::sleep(LOOK_EVERY);
        }
        panic!("{case} never came to {event}");
    }

    /// A clerk checks, answers, and somebody calls: the case's caller is told.
    pub(crate) fn answer_and_tell(&self, case: &str) {
        let data = self.data();
        let submit = |ask: &str| {
            let act = format!(r#"{{"case":"{case}",{ask}}}"#);
            huying(&["submit", &self.file("act.json", &act), "--data", &data]);
        };
        submit(r#""ask":"check","with":{"passed":true,"note":"属实"}"#);
        submit(
            r#""ask":"answer","with":{"when":"2026-11-18T10:00:00+08:00","contacted":"来电人","done":"已修好","by_when":null}"#,
        );
        self.until(case, "case.tell_asked/1");
        let listed = huying(&["callbacks", "--data", &data]);
        assert_eq!(listed["untold"][0]["case"], case);
        assert_eq!(listed["untold"][0]["has_number"], true);
        let number = huying(&["callbacks", "--ring", case, "--data", &data, "--person", "clerk-7"]);
        assert_eq!(number["number"], "13900000001");
        huying(&["callbacks", "--told", case, "--data", &data, "--person", "clerk-7"]);
        assert!(self.events(case).contains("case.told/1") && self.events(case).contains("case.revealed/1"));
        assert_eq!(huying(&["callbacks", "--data", &data])["untold"].as_array().map(Vec::len), Some(0));
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        // In order, so that its server ends with it.
        let pid = self.child.id().to_string();
        let _told = Command::new("kill").arg(pid).status();
        let _reaped = self.child.wait();
    }
}

fn up(folder: &Path, city: Option<&str>, with: &[&str]) -> (Child, String, String) {
    let data = text(&folder.join("data"));
    let mut args = vec!["up", "--json", "--data", &data];
    args.extend(city.into_iter().flat_map(|city| ["--city", city]));
    let mut command = Command::new(env!("CARGO_BIN_EXE_huying"));
    let mut child = command.args(args).args(with).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it speaks");
    let ready: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let at = |name: &str| ready[name].as_str().expect("where it answers").to_owned();
    let (url, http) = (at("nats"), at("http"));
    (child, url, http)
}
