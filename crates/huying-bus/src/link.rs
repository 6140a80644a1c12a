//! The connection to the server: one for each process, which comes back by itself.
//!
//! [`Link::connect`] does not wait for the server: an engine takes calls while NATS is away. Whoever has something
//! to do watches [`Link::watch`]: each connection has a number, so that what must be compared anew after an outage
//! is compared once for each.

use crate::{stream::DOMAIN, user::User};
use async_nats::{Client, ConnectOptions, Event, jetstream};
use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};
use thiserror::Error;
use tokio::sync::watch;

/// How long a request waits for its answer.
pub const REQUEST_TIMEOUT_S: u64 = 10;
/// How often a silent connection is tried: after two silent tries it is made anew.
pub const PING_EVERY_S: u64 = 5;
/// Longest pause between two tries to connect.
pub const RECONNECT_PAUSE_MAX_MS: u64 = 2_000;
/// Shortest pause between two tries to connect, doubled at each.
const RECONNECT_PAUSE_MIN_MS: u64 = 50;
/// Messages on their way to the connection's task; publishing waits beyond it.
const CLIENT_QUEUE_MESSAGES: usize = 8_192;
/// Messages that wait for the reader of one subscription.
const SUBSCRIPTION_QUEUE_MESSAGES: usize = 65_536;

/// Where a server is and as whom one speaks to it.
#[derive(Clone)]
pub struct Address {
    /// `nats://host:port`, or several behind commas.
    pub urls: String,
    /// The user; its reply prefix follows from it.
    pub user: User,
    /// How the user proves it.
    pub proof: Proof,
    /// Encryption of the link.
    pub tls: Option<Tls>,
}

/// How a user proves who it is.
#[derive(Clone)]
pub enum Proof {
    /// A password.
    Password(String),
    /// A credentials file of a server with operators and accounts.
    Credentials(PathBuf),
}

/// Encryption of the link.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// Certificates of the authority that signed the server's, in PEM; the public ones where absent.
    pub authority: Option<PathBuf>,
    /// Certificate and key with which the client proves itself, in PEM.
    pub client: Option<(PathBuf, PathBuf)>,
}

/// Says where and as whom, and never with which password.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { urls, user, tls, .. } = self;
        f.debug_struct("Address")
            .field("urls", urls)
            .field("user", user)
            .field("tls", tls)
            .finish_non_exhaustive()
    }
}

impl Address {
    /// Whether nobody on the way can read along: encrypted, or all servers on this machine.
    pub fn is_private(&self) -> bool {
        let on_loopback = |url: &str| {
            let host = url.trim().rsplit("://").next().unwrap_or_default();
            let host = host.rsplit('@').next().unwrap_or_default();
            host.starts_with("127.") || host.starts_with("[::1]") || host.starts_with("localhost")
        };
        self.tls.is_some() || self.urls.split(',').all(|url| url.starts_with("tls://") || on_loopback(url))
    }
}

/// Why a link cannot even be tried.
#[derive(Debug, Error)]
pub enum LinkError {
    /// The credentials file cannot be read.
    #[error("the credentials file {} cannot be read", path.display())]
    Credentials {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The addresses are none.
    #[error("cannot connect to {urls}")]
    Connect {
        /// The addresses.
        urls: String,
        /// Why.
        #[source]
        source: async_nats::ConnectError,
    },
}

/// How the link stands.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct LinkState {
    /// Whether the server answers now.
    pub up: bool,
    /// The how-manieth connection it is, or was.
    pub connection: u64,
}

/// A connection that comes back by itself. Clones share it.
#[derive(Clone)]
pub struct Link {
    client: Client,
    jetstream: jetstream::Context,
    user: User,
    private: bool,
    state: watch::Receiver<LinkState>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("user", &self.user)
            .field("state", &*self.state.borrow())
            .finish_non_exhaustive()
    }
}

impl Link {
    /// Begins to connect, and goes on trying for ever. Must be called within a tokio runtime.
    pub async fn connect(address: &Address) -> Result<Self, LinkError> {
        let (changed, state) = watch::channel(LinkState::default());
        let changed = Arc::new(changed);
        let options = options(address).await?.event_callback(move |event| {
            let changed = Arc::clone(&changed);
            async move { note(&changed, &event) }
        });
        let client = options
            .connect(address.urls.as_str())
            .await
            .map_err(|source| LinkError::Connect { urls: address.urls.clone(), source })?;
        let mut jetstream = jetstream::with_domain(client.clone(), DOMAIN);
        jetstream.set_timeout(Duration::from_secs(REQUEST_TIMEOUT_S));
        Ok(Self { client, jetstream, user: address.user.clone(), private: address.is_private(), state })
    }

    /// The client.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// JetStream through the same connection.
    pub const fn jetstream(&self) -> &jetstream::Context {
        &self.jetstream
    }

    /// As whom it speaks.
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// Whether nobody on the way can read along.
    pub const fn is_private(&self) -> bool {
        self.private
    }

    /// How the link stands now.
    pub fn state(&self) -> LinkState {
        *self.state.borrow()
    }

    /// Tells each change of how the link stands.
    pub fn watch(&self) -> watch::Receiver<LinkState> {
        self.state.clone()
    }

    /// Waits until the server answers, and says which connection it is.
    pub async fn is_up(&self) -> u64 {
        is_up(self.state.clone()).await
    }
}

pub(crate) async fn is_up(mut state: watch::Receiver<LinkState>) -> u64 {
    let connection = state.wait_for(|state| state.up).await.map(|state| state.connection);
    match connection {
        Ok(connection) => connection,
        // The client is gone and with it whoever could wait for it.
        Err(_) => std::future::pending().await,
    }
}

async fn options(address: &Address) -> Result<ConnectOptions, LinkError> {
    let options = ConnectOptions::new()
        .name(format!("huying {}", address.user))
        .custom_inbox_prefix(address.user.reply_prefix())
        .retry_on_initial_connect()
        .ping_interval(Duration::from_secs(PING_EVERY_S))
        .request_timeout(Some(Duration::from_secs(REQUEST_TIMEOUT_S)))
        .client_capacity(CLIENT_QUEUE_MESSAGES)
        .subscription_capacity(SUBSCRIPTION_QUEUE_MESSAGES)
        .reconnect_delay_callback(|attempts| {
            let doubled = RECONNECT_PAUSE_MIN_MS << attempts.min(10);
            Duration::from_millis(doubled.min(RECONNECT_PAUSE_MAX_MS))
        });
    let options = match &address.proof {
        Proof::Password(password) => options.user_and_password(address.user.to_string(), password.clone()),
        Proof::Credentials(path) => options
            .credentials_file(path)
            .await
            .map_err(|source| LinkError::Credentials { path: path.clone(), source })?,
    };
    let Some(tls) = &address.tls else { return Ok(options) };
    let options = options.require_tls(true);
    let options = match &tls.authority {
        Some(path) => options.add_root_certificates(path.clone()),
        None => options,
    };
    Ok(match &tls.client {
        Some((certificate, key)) => options.add_client_certificate(certificate.clone(), key.clone()),
        None => options,
    })
}

fn note(changed: &watch::Sender<LinkState>, event: &Event) {
    match event {
        Event::Connected => {
            changed.send_modify(|state| *state = LinkState { up: true, connection: state.connection + 1 });
            tracing::info!("NATS is there");
        }
        Event::Disconnected | Event::Closed => {
            changed.send_modify(|state| state.up = false);
            tracing::warn!("NATS is away");
        }
        Event::ServerError(error) => tracing::warn!(%error, "NATS complains"),
        Event::ClientError(error) => tracing::debug!(%error, "NATS client"),
        Event::SlowConsumer(id) => tracing::warn!(id, "messages wait too long for their reader"),
        other => tracing::debug!(%other, "NATS link"),
    }
}
