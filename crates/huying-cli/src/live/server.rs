//! The answering end of the socket: a thread that takes connections, and one for each of them.

use super::{
    Request, SOCKET_FILE,
    desk::Desk,
    frame::{self, FrameError},
};
use huying_journal::segment::LOG_FOLDER;
use std::{
    fs, io,
    os::unix::{
        fs::PermissionsExt,
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// Most connections at once; a further one is closed unheard.
pub const CONNECTIONS_MAX: usize = 32;
/// How long a connection may say nothing.
const SILENCE_MAX_S: u64 = 60;
/// Only the owner reads and writes the socket.
const SOCKET_MODE: u32 = 0o600;

/// A socket that is listened at.
#[derive(Debug)]
pub struct Server {
    path: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens in a folder whose lock the caller holds: a socket that lies there is stale and is replaced.
    pub fn start(dir: &Path, desk: Desk) -> io::Result<Self> {
        let path = dir.join(SOCKET_FILE);
        // Bound where only the owner may look, and moved when its mode is set: nobody slips in between.
        let aside = dir.join(LOG_FOLDER).join(SOCKET_FILE);
        match fs::remove_file(&aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&aside)?;
        fs::set_permissions(&aside, fs::Permissions::from_mode(SOCKET_MODE))?;
        fs::rename(&aside, &path)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("socket".to_owned())
            .spawn(move || listen(&listener, &Arc::new(desk), &stopped))?;
        Ok(Self { path, stop, thread: Some(thread) })
    }

    /// Listens no more and takes the socket away. Connections that wait for an answer still get it.
    pub fn close(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // The listener sleeps until somebody knocks.
        drop(UnixStream::connect(&self.path));
        if let Some(thread) = self.thread.take() {
            let _ended_or_panicked = thread.join();
        }
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, "cannot take the socket away");
        }
    }
}

fn listen(listener: &UnixListener, desk: &Arc<Desk>, stop: &AtomicBool) {
    let open = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let stream = match stream {
            Ok(stream) => stream,
            Err(error) => {
                tracing::warn!(%error, "connection failed");
                continue;
            }
        };
        if open.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS_MAX {
            open.fetch_sub(1, Ordering::Relaxed);
            tracing::warn!(connections = CONNECTIONS_MAX, "too many connections");
            continue;
        }
        let (desk, closed) = (Arc::clone(desk), Arc::clone(&open));
        let begun = thread::Builder::new().name("connection".to_owned()).spawn(move || {
            if let Err(error) = converse(stream, &desk) {
                tracing::debug!(error = &error as &dyn std::error::Error, "talk broke off");
            }
            closed.fetch_sub(1, Ordering::Relaxed);
        });
        if let Err(error) = begun {
            open.fetch_sub(1, Ordering::Relaxed);
            tracing::warn!(%error, "connection not served");
        }
    }
}

fn converse(mut stream: UnixStream, desk: &Desk) -> Result<(), FrameError> {
    stream.set_read_timeout(Some(Duration::from_secs(SILENCE_MAX_S)))?;
    while let Some(request) = frame::read::<Request>(&mut stream)? {
        let answer = desk.answer(request);
        match frame::write(&mut stream, &answer) {
            Err(FrameError::TooLong(_)) => frame::write(&mut stream, &Desk::too_long())?,
            written => written?,
        }
    }
    Ok(())
}
