//! The post office of the stories: a real SMTP server in a process of its own, and what it took.

use huying_bus::message::{tell::Tell, text::Text};
use huying_cli::adapters::mail::SmtpSetup;
use huying_domain::{ids::CaseId, time::Timestamp, words::Words};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// The mails that were taken.
pub(crate) struct Mails {
    folder: tempfile::TempDir,
}

impl Mails {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("mails")
    }

    pub(crate) fn all(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path()).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("a mail")).collect()
    }
}

/// The server.
pub(crate) struct SmtpServer {
    child: Child,
    port: u16,
}

impl SmtpServer {
    /// Starts it; none where the Python packages of the tests are absent.
    pub(crate) fn start(mails: &Mails, port: Option<u16>) -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let python = root.join("tests/clients/.venv/bin/python");
        let script = root.join("tests/clients/python/smtpd.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(mails.path())
            .arg(port.unwrap_or(0).to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
        let port = line.trim().parse().expect("the server prints its port");
        Some(Self { child, port })
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Ends it, and says on which port it was.
    pub(crate) fn stop(mut self) -> u16 {
        drop(self.child.stdin.take());
        self.child.wait().expect("it ends");
        self.port
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

pub(crate) fn setup(url: &str) -> SmtpSetup {
    let from = "12345热线 <hotline@city.example>".to_owned();
    SmtpSetup { url: url.to_owned(), from, login: None, authority: None }
}

pub(crate) fn tell(to: &str, seq: u64) -> Tell {
    Tell {
        case: CaseId::new(0, 1),
        seq,
        attempt: 1,
        to: Some(Text::new(to).expect("some text")),
        words: Words::new("已修好。", "Mended."),
        expires_at: Timestamp::FAR,
    }
}
