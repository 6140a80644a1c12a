//! The process.

use super::{
    Files,
    error::ServerError,
    identity::{Identity, is_free},
    log,
    program::Program,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpStream},
    os::unix::process::CommandExt,
    process::{self, Command, Stdio},
    thread,
    time::Duration,
};

/// How often a starting or ending process is looked at.
const LOOK_EVERY_MS: u64 = 20;
/// How often a starting server is looked at before giving up: two minutes. It reads its store first.
const START_LOOKS_MAX: u32 = 6_000;
/// How often an ending server is looked at before it is killed: twenty seconds. It syncs its store.
const END_LOOKS_MAX: u32 = 1_000;
/// How long a first line may take once the port is open, in milliseconds.
const GREETING_WITHIN_MS: u64 = 1_000;
/// How often a taken port is tried: whoever ended just now may still hold it.
const PORT_LOOKS_MAX: u32 = 50;

pub(super) struct Child {
    process: process::Child,
}

impl Child {
    /// Starts the server and waits until it greets by its own name.
    pub(super) fn start(program: &Program, files: &Files, identity: &Identity) -> Result<Self, ServerError> {
        await_port(identity.port)?;
        let mut command = Command::new(program.path());
        command.arg("-c").arg(files.config());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // An interrupt at the terminal is the engine's; the server ends after it.
        command.process_group(0);
        let process = command.spawn().map_err(|source| ServerError::Spawn { source })?;
        let mut child = Self { process };
        for _ in 0..START_LOOKS_MAX {
            if child.has_ended() {
                return Err(ServerError::Ended { says: log::why_it_ended(files) });
            }
            if greets(identity) {
                return Ok(child);
            }
            pause();
        }
        child.end();
        Err(ServerError::Silent { within_s: LOOK_EVERY_MS * u64::from(START_LOOKS_MAX) / 1_000 })
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(super) fn has_ended(&mut self) -> bool {
        // Whoever cannot be asked is no child any more.
        self.process.try_wait().map_or(true, |status| status.is_some())
    }

    /// Asks it to end, and kills it when it does not.
    pub(super) fn end(&mut self) {
        if self.has_ended() {
            return;
        }
        // The process was not waited for, so the number is still its own.
        if let Err(error) = kill_process(Pid::from_child(&self.process), Signal::TERM) {
            tracing::warn!(%error, "nats-server could not be asked to end");
        }
        for _ in 0..END_LOOKS_MAX {
            if self.has_ended() {
                return;
            }
            pause();
        }
        tracing::warn!("nats-server does not end by itself and is killed");
        if let Err(error) = self.process.kill().and_then(|()| self.process.wait()) {
            tracing::error!(%error, "nats-server could not be killed");
        }
    }
}

pub(super) fn pause() {
    thread::sleep(Duration::from_millis(LOOK_EVERY_MS));
}

fn await_port(port: u16) -> Result<(), ServerError> {
    for _ in 0..PORT_LOOKS_MAX {
        if is_free(port) {
            return Ok(());
        }
        pause();
    }
    Err(ServerError::PortTaken { port })
}

/// Whether the server with this name answers on the port: its first line holds it.
fn greets(identity: &Identity) -> bool {
    let within = Duration::from_millis(GREETING_WITHIN_MS);
    let address = SocketAddr::from(([127, 0, 0, 1], identity.port));
    let Ok(stream) = TcpStream::connect_timeout(&address, within) else { return false };
    if stream.set_read_timeout(Some(within)).is_err() {
        return false;
    }
    let mut line = String::new();
    let read = BufReader::new(stream).read_line(&mut line);
    read.is_ok() && line.starts_with("INFO ") && line.contains(&format!("\"{}\"", identity.name))
}
