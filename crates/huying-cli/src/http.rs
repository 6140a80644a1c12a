//! The HTTP door of a running engine, and what it reads beside the journal.

use crate::{
    exit::Exit,
    failure::Failure,
    live::folder::{entropy, outlines},
    words::Say,
};
use huying_bus::link::Link;
use huying_engine::{
    doors::LiveDoors,
    side::{Files, SideFile},
};
use huying_web::{
    callers::Typed,
    keys::ring::{KEYS_FILE, KeyRing},
    limit::{Limit, Tries},
    rings::Rings,
    router::{FrontDesk, Ground, HASHED_AT_ONCE_MAX},
    server::Web,
    sign_in::{
        account::{self, ACCOUNTS_FILE, Accounts, AccountsError, DemoAccount},
        arrivals::{ARRIVALS_FILE, Arrivals},
        provider::Providers,
        secret::Chance,
        session::{SESSIONS_FILE, Sessions},
    },
    stamped::Stamped,
    tls,
};
use std::{
    error::Error,
    io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, Mutex},
};
use tokio::sync::Semaphore;

/// Where HTTP is served unless something else is said: on this machine alone.
const ADDRESS: &str = "127.0.0.1:8311";
/// The file that makes the tokens of residents.
pub(crate) const RESIDENT_KEY: &str = "resident.key";
const RESIDENT_KEY_BYTES: usize = 32;

/// Where HTTP is served.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Where {
    /// Nowhere.
    None,
    /// At this address.
    At(SocketAddr),
}

impl FromStr for Where {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" { Ok(Self::None) } else { text.parse().map(Self::At) }
    }
}

/// The HTTP door.
#[derive(Clone, Debug, clap::Args)]
pub struct HttpArgs {
    /// The address of the HTTP door; none without one; port 0 takes a free one. HTTP 地址
    #[arg(long, default_value = ADDRESS)]
    pub http: Where,
    /// The chain of certificates in PEM: with it the door speaks TLS 证书
    #[arg(long, requires = "tls_key", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// The key of the certificates in PEM 私钥
    #[arg(long, requires = "tls_cert", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// The identity providers by which people may sign in too (OpenID Connect), in TOML 身份提供方
    #[arg(long, value_name = "FILE")]
    pub providers: Option<PathBuf>,
}

impl HttpArgs {
    /// What can be wrong with them is said before an engine begins, which would have to be stopped again.
    pub fn check(&self) -> Result<(), Failure> {
        let Where::At(address) = self.http else { return Ok(()) };
        self.tls()?;
        self.known_providers()?;
        // Somebody may still take it before the door opens; that is told then.
        TcpListener::bind(address).map(drop).map_err(|error| no_door(address, error))
    }

    fn tls(&self) -> Result<Option<tls::Config>, Failure> {
        let files = self.tls_cert.as_deref().zip(self.tls_key.as_deref());
        let config = files.map(|(certificates, key)| {
            tls::config(certificates, key).map_err(|error| Failure::unreadable(certificates.display(), error))
        });
        config.transpose()
    }

    fn known_providers(&self) -> Result<Providers, Failure> {
        let file = self.providers.as_deref();
        let known = file
            .map(|file| Providers::load(file).map_err(|error| Failure::unreadable(file.display(), error)));
        Ok(known.transpose()?.unwrap_or_default())
    }

    /// At this address, without TLS.
    pub const fn at(http: Where) -> Self {
        Self { http, tls_cert: None, tls_key: None, providers: None }
    }
}

/// An open door.
pub struct Http {
    web: Web,
    tls: bool,
    accounts: Vec<DemoAccount>,
}

/// Opens the door, if one is wanted.
pub fn start(
    args: &HttpArgs,
    data: &Path,
    doors: Arc<LiveDoors>,
    link: Option<&Link>,
    demo: bool,
) -> Result<Option<Http>, Failure> {
    let Where::At(address) = args.http else { return Ok(None) };
    let keys = Arc::new(keys(data)?);
    let state = link.map(Link::watch);
    let nats_up = Arc::new(move || state.as_ref().map(|state| state.borrow().up));
    let tls = args.tls()?;
    let private = tls.is_some() || address.ip().is_loopback();
    let providers = args.known_providers()?;
    let desk = front_desk(data, &doors, demo)?;
    let desk = Arc::new(FrontDesk { tls: tls.is_some(), private, providers, ..desk });
    let (accounts, desk_tls) = (desk.demo.clone(), desk.tls);
    let web = Web::start(address, tls, Ground { doors, keys, nats_up, desk })
        .map_err(|error| no_door(address, error))?;
    Ok(Some(Http { web, tls: desk_tls, accounts }))
}

fn no_door(address: SocketAddr, error: impl Error + Send + Sync + 'static) -> Failure {
    let words = Say::HttpFailed.with(&[("addr", &address)]);
    Failure::new(Exit::Unreadable, "http", words).because(error)
}

/// Who may sign in. In a demo everybody may: its accounts are made anew.
fn front_desk(data: &Path, doors: &LiveDoors, demo: bool) -> Result<FrontDesk, Failure> {
    let accounts = accounts(data)?;
    let sessions = SideFile::new(data, SESSIONS_FILE);
    let sessions = Sessions::open(sessions.clone())
        .map_err(|error| Failure::unreadable(sessions.path().display(), error))?;
    let arrivals = arrivals(data)?;
    let chance = Chance::new(entropy());
    let files = Files::open(data, entropy()).map_err(|error| Failure::unreadable(data.display(), error))?;
    let resident_key = resident_key(data, &chance)?;
    let demo = if demo {
        account::demo(&accounts, &doors.rules(), &chance).map_err(|error| unusable(data, error))?
    } else {
        Vec::new()
    };
    Ok(FrontDesk {
        accounts,
        sessions,
        providers: Providers::default(),
        arrivals,
        chance,
        demo,
        tls: false,
        private: false,
        outlines: outlines(data)?,
        files: Arc::new(Mutex::new(files)),
        resident_key,
        rings: Rings::default(),
        typed: Typed::default(),
        tries: Tries::default(),
        limit: Limit::default(),
        hashing: Semaphore::new(HASHED_AT_ONCE_MAX),
    })
}

/// What makes the tokens of residents; drawn once, so that a token opens its case for as long as the folder lives.
fn resident_key(data: &Path, chance: &Chance) -> Result<Vec<u8>, Failure> {
    if let Some(key) = known_resident_key(data)? {
        return Ok(key);
    }
    let mut key = vec![0; RESIDENT_KEY_BYTES];
    chance.fill(&mut key);
    let side = SideFile::new(data, RESIDENT_KEY);
    side.write(&key).map_err(|error| Failure::unreadable(side.path().display(), error))?;
    Ok(key)
}

/// The key of residents' tokens, if it was drawn. A part of one is refused: whoever knew the rest could make tokens.
pub(crate) fn known_resident_key(data: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let side = SideFile::new(data, RESIDENT_KEY);
    let unreadable = |error| Failure::unreadable(side.path().display(), error);
    match side.read().map_err(unreadable)? {
        Some(key) if key.len() != RESIDENT_KEY_BYTES => {
            let says =
                format!("the key of residents' tokens has {} bytes and not {RESIDENT_KEY_BYTES}", key.len());
            Err(unreadable(io::Error::new(io::ErrorKind::InvalidData, says)))
        }
        key => Ok(key),
    }
}

/// Whoever signed in by a provider, as it is noted in a data folder.
pub(crate) fn arrivals(data: &Path) -> Result<Stamped<Arrivals>, Failure> {
    let side = SideFile::new(data, ARRIVALS_FILE);
    Stamped::open(side.clone()).map_err(|error| Failure::unreadable(side.path().display(), error))
}

/// The accounts of a data folder.
pub fn accounts(data: &Path) -> Result<Accounts, Failure> {
    Accounts::open(SideFile::new(data, ACCOUNTS_FILE)).map_err(|error| unusable(data, error))
}

/// Why accounts cannot be used.
pub fn unusable(data: &Path, error: AccountsError) -> Failure {
    Failure::unreadable(data.join(ACCOUNTS_FILE).display(), error)
}

impl Http {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.web.address()
    }

    /// Where it is, as a browser writes it.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.address())
    }

    /// The accounts of the demo; none elsewhere.
    pub fn demo_accounts(&self) -> &[DemoAccount] {
        &self.accounts
    }

    /// Closes the door.
    pub fn stop(self) {
        self.web.stop();
    }
}

/// The keys of a data folder; none where nobody was let in yet.
pub fn keys(data: &Path) -> Result<KeyRing, Failure> {
    KeyRing::open(SideFile::new(data, KEYS_FILE))
        .map_err(|error| Failure::unreadable(data.join(KEYS_FILE).display(), error))
}
