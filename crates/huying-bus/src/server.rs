//! The engine's own `nats-server`: a child process on loopback, watched until it is stopped.
//!
//! Its files lie in `nats/` of the data folder: what it is called, where it listens and with which key its store is
//! encrypted (made at the first start and kept, so that clients find it again), its configuration with the users
//! of the [`Roster`], its log, its store. Whoever starts it must hold the data folder: there is one server a folder.
//!
//! A test starts one so; it lies in a folder of its own and ends with the value:
//!
//! ```ignore
//! let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/nats-server");
//! let program = Program::find(None, std::env::var_os("PATH").as_deref(), &[beside])?;
//! let mut entropy = |bytes: &mut [u8]| rand::rngs::OsRng.try_fill_bytes(bytes).expect("the system has entropy");
//! let mut roster = Roster::open_or_create(folder, &mut entropy)?;
//! roster.grant_unit("street-7".parse()?, &mut entropy)?;
//! let setup = ServerSetup { program, data: folder.to_owned(), port: None };
//! let server = Server::start(setup, &roster, &mut entropy)?;
//! let link = Link::connect(&roster.address(&Role::Engine, server.url()).expect("there is an engine")).await?;
//! ```

use crate::roster::{Entropy, NATS_FOLDER, Roster};
use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
};

mod child;
mod config;
pub mod error;
mod identity;
mod log;
mod orphan;
pub mod program;
mod watcher;

use self::{
    child::Child,
    error::ServerError,
    identity::Identity,
    program::Program,
    watcher::{Order, Watcher},
};

/// How many ports are tried at a first start: between finding one and listening on it, somebody else may.
const PORTS_MAX: u32 = 5;

/// What a server needs to start.
#[derive(Clone, Debug)]
pub struct ServerSetup {
    /// The program.
    pub program: Program,
    /// The data folder; the server's files go into `nats/` of it.
    pub data: PathBuf,
    /// The port on loopback. Where absent, the one of the last start, or a free one at the first.
    pub port: Option<u16>,
}

/// A running server. It ends with this value, or by [`Server::stop`].
pub struct Server {
    url: String,
    files: Files,
    orders: mpsc::Sender<Order>,
    watcher: Option<JoinHandle<()>>,
    seen: Arc<Seen>,
}

/// What can be read of the child from outside.
#[derive(Debug, Default)]
struct Seen {
    pid: AtomicU32,
    restarts: AtomicU32,
}

/// Where the server's files lie.
#[derive(Clone, Debug)]
struct Files {
    folder: PathBuf,
}

impl Files {
    /// What is made at the first start and kept.
    fn identity(&self) -> PathBuf {
        self.folder.join("server.toml")
    }

    fn config(&self) -> PathBuf {
        self.folder.join("server.conf")
    }

    /// A configuration that is tried before it takes the other's place.
    fn tried_config(&self) -> PathBuf {
        self.folder.join("tried.conf")
    }

    fn pid(&self) -> PathBuf {
        self.folder.join("server.pid")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn store(&self) -> PathBuf {
        self.folder.join("store")
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("url", &self.url).field("seen", &self.seen).finish_non_exhaustive()
    }
}

impl Server {
    /// Starts the server with the users of the roster, and returns when it answers. A server that an engine left
    /// behind when it was killed is ended first. Blocks; call it outside of a runtime, or let it be blocking there.
    pub fn start(
        setup: ServerSetup,
        roster: &Roster,
        entropy: &mut Entropy<'_>,
    ) -> Result<Self, ServerError> {
        let files = files(&setup.data)?;
        orphan::end(&files)?;
        let mut identity = Identity::open_or_create(&files, setup.port, entropy)?;
        // Nobody knows a port yet that was found a moment ago: another one does as well.
        let mut ports_left = if setup.port.is_none() && !files.store().exists() { PORTS_MAX } else { 1 };
        let child = loop {
            let text = config::text(&files, &identity, &roster.accounts_text());
            config::put(&files, &setup.program, &text)?;
            ports_left -= 1;
            match Child::start(&setup.program, &files, &identity) {
                Ok(child) => break child,
                Err(error) if ports_left > 0 && identity.is_port_taken() => {
                    tracing::warn!(port = identity.port, %error, "somebody else took the port; another is tried");
                    identity = identity.at_another_port(&files, entropy)?;
                }
                Err(error) => return Err(error),
            }
        };
        let seen = Arc::new(Seen::default());
        seen.pid.store(child.id(), Ordering::Relaxed);
        let (orders, queue) = mpsc::channel();
        let url = identity.url();
        let watcher = Watcher {
            program: setup.program,
            files: files.clone(),
            identity,
            child: Some(child),
            seen: Arc::clone(&seen),
            restarts_in_a_row: 0,
        };
        let watcher = thread::Builder::new()
            .name("nats-server".to_owned())
            .spawn(move || watcher.watch(&queue))
            .map_err(|source| ServerError::Spawn { source })?;
        Ok(Self { url, files, orders, watcher: Some(watcher), seen })
    }

    /// Ends the server of a data folder that an engine left behind when it was killed, if there is one. Whoever calls
    /// this knows that the engine is gone.
    pub fn end_left_behind(data: &Path) -> Result<(), ServerError> {
        orphan::end(&files(data)?)
    }

    /// Where it answers: `nats://127.0.0.1:<port>`, the same after each start.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process that is the server now; 0 while it is being started again.
    pub fn pid(&self) -> u32 {
        self.seen.pid.load(Ordering::Relaxed)
    }

    /// How often it died and was started again.
    pub fn restarts(&self) -> u32 {
        self.seen.restarts.load(Ordering::Relaxed)
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
        &self.files.folder
    }

    /// Takes over a changed roster: the server is ended in order and started again, for a running one does not join
    /// new accounts with the streams. Clients come back by themselves. Returns when it answers again; an unchanged
    /// roster changes nothing.
    pub fn reload(&self, roster: &Roster) -> Result<(), ServerError> {
        let (answer, answered) = mpsc::channel();
        let accounts = roster.accounts_text();
        let gone = || ServerError::Gone;
        self.orders.send(Order::Reload { accounts, answer }).map_err(|_| gone())?;
        answered.recv().map_err(|_| gone())?
    }

    /// Ends the server in order: what it holds is synced, and no process is left.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let Some(watcher) = self.watcher.take() else { return };
        // A watcher that is gone has nothing left to stop.
        let _ = self.orders.send(Order::Stop);
        if watcher.join().is_err() {
            tracing::error!("the watcher of nats-server ended in disorder");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// The configuration names full paths, and the orphan is known by them.
fn files(data: &Path) -> Result<Files, ServerError> {
    let folder = data.join(NATS_FOLDER);
    let at = |source: io::Error| ServerError::File { path: folder.clone(), source };
    crate::private_file::folder(&folder).map_err(at)?;
    Ok(Files { folder: folder.canonicalize().map_err(at)? })
}
