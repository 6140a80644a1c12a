//! The asking end of the socket.

use super::{
    Answer, Request, SOCKET_FILE,
    frame::{self, FrameError},
};
use crate::{exit::Exit, failure::Failure, words::Say};
use std::{io, os::unix::net::UnixStream, path::Path, time::Duration};

/// How long an answer is waited for: a backup of a large journal takes its time.
const ANSWER_WAIT_S: u64 = 600;

/// A connection to a running engine.
#[derive(Debug)]
pub struct Client {
    stream: UnixStream,
}

impl Client {
    /// Connects to the engine that runs on a folder; none where nobody listens.
    pub fn connect(dir: &Path) -> Result<Option<Self>, Failure> {
        let path = dir.join(SOCKET_FILE);
        let stream = match UnixStream::connect(&path) {
            Ok(stream) => stream,
            // A refused connection is the socket of an engine that was killed.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) =>
            {
                return Ok(None);
            }
            Err(error) => {
                let words = Say::SocketFailed.with(&[("path", &path.display())]);
                return Err(Failure::new(Exit::Held, "socket", words).because(error));
            }
        };
        let waits = stream.set_read_timeout(Some(Duration::from_secs(ANSWER_WAIT_S)));
        waits.expect("the wait is not zero");
        Ok(Some(Self { stream }))
    }

    /// Asks, and waits for the answer.
    pub fn ask(&mut self, request: &Request) -> Result<Answer, Failure> {
        frame::write(&mut self.stream, request).map_err(broken)?;
        match frame::read(&mut self.stream) {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(gone()),
            Err(FrameError::Io(error)) => Err(gone().because(error)),
            Err(error) => Err(broken(error)),
        }
    }
}

fn gone() -> Failure {
    Failure::new(Exit::Held, "engine_gone", Say::EngineGone.with(&[]))
}

fn broken(error: FrameError) -> Failure {
    Failure::new(Exit::Fault, "protocol", Say::ProtocolBroken.with(&[])).because(error)
}
