//! What the stories play on: the program, the tiny city as a folder, a virtual journal, a running engine.

use huying_cli::city::{City, CityFacts};
use huying_domain::{
    record::RuleFile,
    rules::{RuleTexts, Rules},
    time::Timestamp,
    vocabulary::Channel,
};
use huying_engine::{
    door::{Answer, Lane, Ticket},
    engine::Engine,
    start::Setup,
};
use huying_intake::{
    open::{Opening, Placed, command_id, open},
    read::read_json,
};
use huying_journal::disk::real::RealDisk;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

/// Wednesday, 18 November 2026, 09:00 in the tiny city.
pub(crate) const WEDNESDAY_9: &str = "2026-11-18T09:00:00+08:00";
/// How often an answer that is on its way is asked for.
const ASKED_MAX: usize = 500;

/// The tiny city of the tests.
pub(crate) fn city() -> City {
    let texts: RuleTexts = [
        (RuleFile::Policy, include_str!("../../../../tests/city/policy.toml")),
        (RuleFile::Duty, include_str!("../../../../tests/city/duty.toml")),
        (RuleFile::Calendar, include_str!("../../../../tests/city/calendar.toml")),
        (RuleFile::Territory, include_str!("../../../../tests/city/territory.csv")),
        (RuleFile::Units, include_str!("../../../../tests/city/units.csv")),
    ]
    .into_iter()
    .map(|(file, text)| (file, text.as_bytes().to_vec()))
    .collect();
    let county = "211081".parse().expect("a code");
    let facts = CityFacts {
        name_zh: "小城".to_owned(),
        name_en: "Tiny".to_owned(),
        zone: "Asia/Shanghai".to_owned(),
        county,
        fallback: county,
        sources: vec!["made up for tests".to_owned()],
    };
    City { facts, texts, areas: None }
}

/// What the program did.
pub(crate) struct Did {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Did {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the program writes UTF-8");
        let code = output.status.code().expect("the program ends by itself");
        Self { code, out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// The one object on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }

    /// The same, which ended with this code.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }
}

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_huying"));
    command.args(args).env_remove("HUYING_LOG").env_remove("LC_ALL").env_remove("LC_MESSAGES");
    command.env("LANG", "C");
    command
}

/// Runs the program.
pub(crate) fn huying(args: &[&str]) -> Did {
    Did::of(&program(args).output().expect("the program starts"))
}

/// Runs the program with something to read.
pub(crate) fn huying_reads(args: &[&str], input: &str) -> Did {
    let mut child = program(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it was piped");
    stdin.write_all(input.as_bytes()).expect("the program reads");
    drop(stdin);
    Did::of(&child.wait_with_output().expect("the program ends"))
}

/// The path as an argument.
pub(crate) fn path(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// A call about this class in the first community's grid.
pub(crate) fn call(external: &str, class: &str) -> String {
    format!(
        r#"{{"external_id":"{external}","class":"{class}","words":"家门口的路坏了，我叫王小明",
            "place":{{"area":"211081001001001"}},"caller":{{"number":"13900000042","name":"王小明"}}}}"#
    )
}

/// A journal in virtual time: these calls came in on Wednesday at nine, one a minute, and were routed.
pub(crate) fn virtual_journal(dir: &Path, calls: u32) {
    let city = city();
    let rules = Rules::read(&city.texts).expect("the tiny city's rules hold together");
    let start: Timestamp = WEDNESDAY_9.parse().expect("an instant");
    let disk = RealDisk::new(dir).expect("the folder can be made");
    let mut next = 0_u8;
    let entropy = Box::new(move |bytes: &mut [u8]| {
        bytes.iter_mut().for_each(|byte| {
            next = next.wrapping_add(41);
            *byte = next;
        });
    });
    let setup = Setup::at(start, Some(city.texts), entropy);
    let mut engine = Engine::start(disk, setup).expect("the engine starts").engine;
    while !engine.step(start).expect("the disk holds").idle {}
    let handle = engine.handle();
    let source = "hotline".parse().expect("a source");
    let actor = huying_domain::record::Actor::unit(rules.centre().clone());
    for nth in 0..calls {
        let now = start.plus_seconds(i64::from(nth) * 60);
        let json = call(&format!("T-{nth}"), "road.pothole");
        let report = read_json(None, Channel::Call, now, json.as_bytes()).expect("a call");
        let command = open(
            &report,
            &Opening {
                source: &source,
                actor: &actor,
                by: huying_domain::record::Origin::Feed,
                id: command_id(&source, &report).expect("the call has a name"),
                placed: Placed { area: "211081001001001".parse().expect("a code"), orphan: false },
                proposal: None,
                threshold_permille: 1000,
                classed: None,
            },
        );
        let mut ticket: Ticket<Answer> = handle.submit(command, Lane::Ordinary).expect("there is room");
        while !engine.step(now).expect("the disk holds").idle {}
        assert!(ticket.try_take().is_some_and(|answer| answer.is_ok()), "the call was taken");
    }
}

/// An engine that runs as a process of its own.
pub(crate) struct Running {
    child: Child,
    data: PathBuf,
}

impl Running {
    /// Starts it without NATS and HTTP, and waits until it says that it is ready.
    pub(crate) fn start(data: &Path, city: Option<&Path>) -> Self {
        Self::start_with(data, city, &["--nats", "none", "--http", "none"]).0
    }

    /// Starts it with these arguments, and says what it told when it was ready.
    pub(crate) fn start_with(data: &Path, city: Option<&Path>, more: &[&str]) -> (Self, Value) {
        let mut args = vec!["up", "--json", "--data", path(data)];
        args.extend(more);
        if let Some(city) = city {
            args.extend(["--city", path(city)]);
        }
        let mut child = program(&args).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it was piped");
        BufReader::new(stdout).read_line(&mut line).expect("the program writes");
        assert!(line.contains("\"ready\":true"), "the engine is not ready: {line}");
        let told = serde_json::from_str(&line).expect("one object");
        (Self { child, data: data.to_owned() }, told)
    }

    /// Plays a short demo with everybody in processes of their own, and waits until it stands still. Says what it
    /// told people.
    pub(crate) fn demo(data: &Path) -> (Self, String) {
        let short = ["--hours", "1", "--calls-per-hour", "10", "--speed", "max", "--http", "127.0.0.1:0"];
        let mut args = vec!["demo", "--processes", "--data", path(data)];
        args.extend(short);
        let mut child = program(&args).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut told = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("it was piped"));
        while !told.contains("按 Ctrl-C 结束") {
            assert!(stdout.read_line(&mut told).expect("the program writes") > 0, "it never stood: {told}");
        }
        (Self { child, data: data.to_owned() }, told)
    }

    /// Cuts it off: SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Asks it to stop: SIGTERM.
    pub(crate) fn stop(mut self) -> i32 {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill is there");
        assert!(told.success(), "the engine could not be told");
        self.child.wait().expect("it ends").code().expect("it ends by itself")
    }

    /// Submits.
    pub(crate) fn submit(&self, json: &str) -> Did {
        huying_reads(&["submit", "-", "--json", "--data", path(&self.data)], json)
    }

    /// Asks about a case until its timeline holds this event.
    pub(crate) fn until(&self, case: &str, event: &str) -> Value {
        let named = format!("case.{event}/");
        for _ in 0..ASKED_MAX {
            let told = huying(&["case", case, "--json", "--data", path(&self.data)]).ends(0).json();
            let lines = told["timeline"]["lines"].as_array().expect("lines");
            if lines.iter().any(|line| line["event"].as_str().is_some_and(|name| name.starts_with(&named))) {
                return told;
            }
        }
        panic!("{case} never came to {event}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A story that failed leaves no engine behind; one that ended has none any more.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
