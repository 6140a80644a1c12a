//! The people of the units in a process of their own, as the driver knows them.
//!
//! They fetch their work and act through NATS like any department. That virtual time does not run away from them is
//! agreed on beside it, over the child's standard input and output: the driver tells the instant and up to which
//! record everything was posted ([`Turn`]); they fetch what there is, do what is due, and answer when they will act
//! next ([`Done`]). NATS itself knows nothing of this.

use super::children::{log, not_begun};
use crate::failure::Failure;
use huying_domain::{ids::Seq, time::Timestamp};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};
use thiserror::Error;

/// The driver's word: it is this instant, and everything up to this record was posted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Turn {
    /// The instant.
    pub now: Timestamp,
    /// The record.
    pub posted: Seq,
}

/// The departments' word: whatever was due is done and answered.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Done {
    /// When they act next; none while they have nothing to do.
    pub next: Option<Timestamp>,
    /// How many requests were made in this turn.
    pub asked: u64,
    /// Cases that were handed to a unit, ever.
    pub handed: u64,
    /// Requests that were refused, ever, by verb and code.
    pub refused: BTreeMap<String, u64>,
}

/// The process of the departments has ended or speaks nonsense.
#[derive(Debug, Error)]
#[error("the process of the departments is gone")]
pub struct Gone;

/// The driver's end.
pub struct Departments {
    to: ChildStdin,
    from: mpsc::Receiver<Done>,
    told: Option<Turn>,
    done: Done,
}

impl Departments {
    /// Starts the process; the child itself is handed on to whoever watches children.
    pub fn start(program: &Path, data: &Path, url: &str, seed: u64) -> Result<(Self, Child), Failure> {
        let failed = |error| not_begun("departments", error);
        let mut child = Command::new(program)
            .args(["departments", "--nats", url, "--seed", &seed.to_string(), "--data"])
            .arg(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log(data, "departments").map_err(failed)?)
            .spawn()
            .map_err(failed)?;
        let no_pipe = || not_begun("departments", io::ErrorKind::BrokenPipe.into());
        let to = child.stdin.take().ok_or_else(no_pipe)?;
        let out = child.stdout.take().ok_or_else(no_pipe)?;
        let (sender, from) = mpsc::channel();
        thread::Builder::new()
            .name("departments".to_owned())
            .spawn(move || listen(out, &sender))
            .map_err(failed)?;
        Ok((Self { to, from, told: None, done: Done::default() }, child))
    }

    /// What they said last.
    pub const fn done(&self) -> &Done {
        &self.done
    }

    /// Whether they have something to do or to learn.
    pub fn want(&self, now: Timestamp, posted: Seq) -> bool {
        let knows = self.told.is_some_and(|told| told.posted >= posted);
        !knows || self.done.next.is_some_and(|next| next <= now)
    }

    /// Gives them the turn.
    pub fn give(&mut self, turn: Turn) -> Result<(), Gone> {
        self.told = Some(turn);
        let mut line = serde_json::to_string(&turn).expect("an instant and a number");
        line.push('\n');
        self.to.write_all(line.as_bytes()).and_then(|()| self.to.flush()).map_err(|_| Gone)
    }

    /// Waits a little for the end of their turn.
    pub fn wait(&mut self, patience: Duration) -> Result<Option<&Done>, Gone> {
        match self.from.recv_timeout(patience) {
            Ok(done) => {
                self.done = done;
                Ok(Some(&self.done))
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Gone),
        }
    }
}

fn listen(out: ChildStdout, to: &mpsc::Sender<Done>) {
    for line in BufReader::new(out).lines() {
        let Some(done) = line.ok().and_then(|line| serde_json::from_str(&line).ok()) else { return };
        if to.send(done).is_err() {
            return;
        }
    }
}
