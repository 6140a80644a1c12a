//! The PostgreSQL yardstick beside us: a program of its own, asked for one run at a time.

use crate::compared::Figures;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

/// Up to so many clients the row guard is the faster shape, above it the insert alone.
const GUARD_CLIENTS_MAX: usize = 16;

/// The running program.
pub struct Yardstick {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    /// What its server calls itself.
    pub server: String,
}

impl Yardstick {
    /// Starts it; its server makes its folder below `ground`.
    pub fn start(program: &Path, postgres: &Path, ground: &Path) -> Self {
        let mut command = Command::new(program);
        command.arg(postgres).arg(ground).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the yardstick is a program");
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().expect("it was asked for"));
        let mut yardstick = Self { child, to, from, server: String::new() };
        let hello = yardstick.line();
        yardstick.server = hello["server"].as_str().expect("it names its server").to_owned();
        yardstick
    }

    /// Which shape of the table the clients meet.
    pub const fn shape(clients: usize) -> &'static str {
        if clients > GUARD_CLIENTS_MAX { "insert" } else { "guard" }
    }

    /// One run in empty tables.
    pub fn run(&mut self, clients: usize, cases: u64) -> Figures {
        let to = self.to.as_mut().expect("it is open until it is dropped");
        writeln!(to, "{} {clients} {cases}", Self::shape(clients)).expect("the yardstick lives");
        let said = self.line();
        let count = |field: &str| said[field].as_u64().unwrap_or_else(|| panic!("{field} is missing"));
        let time = |field: &str| Duration::from_nanos(count(field));
        Figures {
            transitions: count("transitions"),
            answered: time("took_ns"),
            settled: time("took_ns"),
            p50: time("p50_ns"),
            p99: time("p99_ns"),
            spent: BTreeMap::from([
                ("server".to_owned(), time("server_cpu_ns")),
                ("clients".to_owned(), time("client_cpu_ns")),
            ]),
            memory_bytes: count("memory_bytes"),
        }
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("the yardstick lives");
        serde_json::from_str(&line).expect("it answers in JSON")
    }
}

impl Drop for Yardstick {
    /// It stops its server when nobody asks any more.
    fn drop(&mut self) {
        drop(self.to.take());
        drop(self.child.wait());
    }
}
