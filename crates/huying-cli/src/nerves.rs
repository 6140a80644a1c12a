//! The nerves of a running engine: a NATS server of its own or one to join, and the tasks that speak through it.
//!
//! The route: [`Parts::start`] finds and starts the server with the accounts of the data folder, connects the
//! engine's nerves, and watches the accounts file: whoever is let in by `huying nats grant` can connect within
//! seconds, and has a consumer. The parts end in the opposite order.

use crate::{commands::nats::unusable, exit::Exit, failure::Failure, live::folder::entropy, words::Say};
use huying_bus::{
    link::{Address, Link, Proof, Tls},
    role::Role,
    roster::{NATS_FOLDER, Roster},
    server::{
        Server, ServerSetup,
        error::ServerError,
        program::{PROGRAM_NAME, Program, ProgramError},
    },
};
use huying_domain::words::Words;
use huying_engine::{
    config,
    doors::Doors,
    engine::Engine,
    nerves::{Nerves, NervesError, NervesSetup, Progress, Subscribers},
};
use huying_journal::disk::real::RealDisk;
use std::{
    convert::Infallible,
    fs,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::sync::watch;

/// How often the accounts file is looked at.
const ACCOUNTS_LOOK_EVERY_S: u64 = 2;

/// Which server.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Which {
    /// One of the engine's own, on loopback.
    #[default]
    Own,
    /// None: calls come by HTTP and the command line, and nobody is sent anything.
    None,
    /// The one at this address.
    Join(String),
}

impl FromStr for Which {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "own" => Self::Own,
            "none" => Self::None,
            urls => Self::Join(urls.to_owned()),
        })
    }
}

/// Which server, and how it is reached.
#[derive(Clone, Default, Debug, clap::Args)]
pub struct NatsArgs {
    /// own: a NATS server of its own on loopback; none; or the URL of one to join, such as tls://nats.example:4222
    /// 消息服务
    #[arg(long, default_value = "own")]
    pub nats: Which,
    /// The port of the own server; without it a free one, kept from then on
    #[arg(long)]
    pub nats_port: Option<u16>,
    /// The program nats-server, 2.15 or newer; without it the one on PATH or in tools/
    #[arg(long)]
    pub nats_server: Option<PathBuf>,
    /// The user at a server that is joined; without it the role's own name
    #[arg(long)]
    pub nats_user: Option<String>,
    /// The file with the password at a server that is joined
    #[arg(long)]
    pub nats_password_file: Option<PathBuf>,
    /// The credentials file at a server that is joined and has operators and accounts
    #[arg(long, conflicts_with = "nats_password_file")]
    pub nats_creds: Option<PathBuf>,
    /// Certificates of the authority that signed the server's, in PEM
    #[arg(long)]
    pub nats_ca: Option<PathBuf>,
    /// The certificate with which the client proves itself, in PEM
    #[arg(long, requires = "nats_key")]
    pub nats_cert: Option<PathBuf>,
    /// The key of that certificate, in PEM
    #[arg(long, requires = "nats_cert")]
    pub nats_key: Option<PathBuf>,
}

impl NatsArgs {
    /// How a role reaches the server that is to be joined.
    pub fn address(&self, urls: &str, role: &Role) -> Result<Address, Failure> {
        let named = self.nats_user.as_deref().map(str::parse).transpose();
        let bad_user = || Failure::new(Exit::Unreadable, "bad_user", Say::AccountBadUser.with(&[]));
        let user = named.ok().flatten().or_else(|| role.user()).ok_or_else(bad_user)?;
        let proof = match (&self.nats_creds, &self.nats_password_file) {
            (Some(path), _) => Proof::Credentials(path.clone()),
            (None, Some(path)) => {
                let text =
                    fs::read_to_string(path).map_err(|error| Failure::unreadable(path.display(), error))?;
                Proof::Password(text.trim().to_owned())
            }
            (None, None) => {
                return Err(Failure::new(Exit::Unreadable, "needs_proof", Say::NatsNeedsProof.with(&[])));
            }
        };
        let wants_tls = urls.contains("tls://") || self.nats_ca.is_some() || self.nats_cert.is_some();
        let client = self.nats_cert.clone().zip(self.nats_key.clone());
        let tls = wants_tls.then(|| Tls { authority: self.nats_ca.clone(), client });
        Ok(Address { urls: urls.to_owned(), user, proof, tls })
    }
}

/// What runs beside the loop.
pub struct Parts {
    watcher: Option<(mpsc::Sender<()>, JoinHandle<()>)>,
    nerves: Option<Nerves>,
    url: String,
}

impl Parts {
    /// Starts what the arguments ask for, beside an engine that does not run yet; none where no NATS is wanted.
    pub fn start(
        engine: &mut Engine<RealDisk>,
        data: &Path,
        args: &NatsArgs,
        doors: Arc<Doors<RealDisk>>,
    ) -> Result<Option<Self>, Failure> {
        let urls = match &args.nats {
            Which::None => return Ok(None),
            Which::Own => None,
            Which::Join(urls) => Some(urls.clone()),
        };
        let mut entropy = entropy();
        let roster = Roster::open_or_create(data, &mut *entropy).map_err(unusable)?;
        let (server, address) = match urls {
            Some(urls) => (None, args.address(&urls, &Role::Engine)?),
            None => {
                let server = own_server(data, args, &roster)?;
                let address =
                    roster.address(&Role::Engine, server.url()).expect("every roster has an engine");
                (Some(server), address)
            }
        };
        let url = address.urls.clone();
        let (changed, subscribers) = watch::channel(subscribers(&roster));
        let nerves = Nerves::start(engine, NervesSetup { address, subscribers, doors }).map_err(no_nerves)?;
        let watcher = watch_accounts(data.to_owned(), server, changed);
        Ok(Some(Self { watcher: Some(watcher), nerves: Some(nerves), url }))
    }

    /// Where the server answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The connection.
    pub fn link(&self) -> Option<&Link> {
        self.nerves.as_ref().map(Nerves::link)
    }

    /// How far echo and outbox have come.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        let nerves = self.nerves.as_ref();
        nerves.map_or_else(|| watch::channel(Progress::default()).1, Nerves::progress)
    }

    /// Ends the nerves, then the server.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(nerves) = self.nerves.take() {
            nerves.stop();
        }
        if let Some((stop, thread)) = self.watcher.take() {
            drop(stop);
            if thread.join().is_err() {
                tracing::error!("the watcher of the accounts panicked");
            }
        }
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts a server with the accounts of the data folder.
pub fn own_server(data: &Path, args: &NatsArgs, roster: &Roster) -> Result<Server, Failure> {
    let (path, places) = config::program_places(PROGRAM_NAME);
    let program = Program::find(args.nats_server.as_deref(), path.as_deref(), &places).map_err(no_program)?;
    let setup = ServerSetup { program, data: data.to_owned(), port: args.nats_port };
    Server::start(setup, roster, &mut *entropy()).map_err(no_server)
}

fn subscribers(roster: &Roster) -> Subscribers {
    Subscribers { units: roster.units(), all_units: roster.has_all_units(), feeds: roster.feeds() }
}

/// Looks at the accounts file until it is told to stop, which ends the server too.
fn watch_accounts(
    data: PathBuf,
    server: Option<Server>,
    changed: watch::Sender<Subscribers>,
) -> (mpsc::Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = mpsc::channel::<()>();
    let look = move || {
        let mut seen = stamp(&data);
        let every = Duration::from_secs(ACCOUNTS_LOOK_EVERY_S);
        while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
            let now = stamp(&data);
            if now != seen {
                seen = now;
                take_over(&data, server.as_ref(), &changed);
            }
        }
        if let Some(server) = server {
            server.stop();
        }
    };
    let named = thread::Builder::new().name("accounts".to_owned());
    (stop, named.spawn(look).expect("the machine has room for a thread"))
}

/// What tells one state of the accounts file from another: it is written aside and moved, so each has its own.
fn stamp(data: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let file = fs::metadata(data.join(NATS_FOLDER).join("accounts.toml")).ok()?;
    Some((file.ino(), file.len()))
}

fn take_over(data: &Path, server: Option<&Server>, changed: &watch::Sender<Subscribers>) {
    let roster = match Roster::open_or_create(data, &mut *entropy()) {
        Ok(roster) => roster,
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the accounts cannot be read; the old ones stay"
            );
            return;
        }
    };
    if let Some(Err(error)) = server.map(|server| server.reload(&roster)) {
        tracing::error!(error = &error as &dyn std::error::Error, "the server keeps the old accounts");
    }
    changed.send_replace(subscribers(&roster));
}

fn no_program(error: ProgramError) -> Failure {
    Failure::new(Exit::Unreadable, "no_nats_server", error.words()).because(error)
}

fn no_server(error: ServerError) -> Failure {
    Failure::new(Exit::Fault, "nats_server", error.words()).because(error)
}

fn no_nerves(error: NervesError) -> Failure {
    let words: Words = Say::NervesFailed.with(&[]);
    Failure::new(Exit::Fault, "nerves", words).because(error)
}
