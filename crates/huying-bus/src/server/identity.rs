//! What a server keeps from its first start: its name, its port, the key of its store.

use super::{Files, error::ServerError};
use crate::{
    private_file,
    roster::{Entropy, hex},
};
use serde::{Deserialize, Serialize};
use std::{fs, io, net::TcpListener};

/// Ports that the system does not give to outgoing connections, so that nobody sits on the server's by chance.
const PORT_FIRST: u16 = 20_000;
/// How many ports from there are looked at.
const PORTS: u16 = 10_000;
/// How many of them are tried before giving up.
const PORT_TRIES_MAX: u32 = 64;
/// Random bytes of the store's key.
const KEY_BYTES: usize = 32;
/// Random bytes of the server's name.
const NAME_BYTES: usize = 4;

/// The one address that the engine's own server listens on.
pub(super) const LOOPBACK: &str = "127.0.0.1";

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) port: u16,
    pub(super) store_key: String,
}

impl Identity {
    pub(super) fn open_or_create(
        files: &Files,
        port: Option<u16>,
        entropy: &mut Entropy<'_>,
    ) -> Result<Self, ServerError> {
        let path = files.identity();
        let failed = |source| ServerError::File { path: path.clone(), source };
        let kept = match fs::read_to_string(&path) {
            Ok(text) => {
                let kept: Result<Self, _> = toml::from_str(&text);
                kept.map_err(|_| ServerError::Identity { path: path.clone() })?
            }
            // With a new key, what the store holds could never be read again.
            Err(error) if error.kind() == io::ErrorKind::NotFound && files.store().exists() => {
                return Err(ServerError::Identity { path });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut key = [0; KEY_BYTES];
                entropy(&mut key);
                let mut name = [0; NAME_BYTES];
                entropy(&mut name);
                let port = port.map_or_else(|| free_port(entropy), Ok)?;
                Self { name: format!("huying-{}", hex(&name)), port, store_key: hex(&key) }
            }
            Err(error) => return Err(failed(error)),
        };
        Self { port: port.unwrap_or(kept.port), ..kept }.put(files)
    }

    /// The same server elsewhere.
    pub(super) fn at_another_port(
        self,
        files: &Files,
        entropy: &mut Entropy<'_>,
    ) -> Result<Self, ServerError> {
        let port = free_port(entropy)?;
        Self { port, ..self }.put(files)
    }

    fn put(self, files: &Files) -> Result<Self, ServerError> {
        let path = files.identity();
        let text = toml::to_string(&self).map_err(io::Error::other);
        let put = text.and_then(|text| private_file::write(&path, text.as_bytes()));
        put.map_err(|source| ServerError::File { path, source })?;
        Ok(self)
    }

    /// Whether somebody listens on the port.
    pub(super) fn is_port_taken(&self) -> bool {
        !is_free(self.port)
    }

    pub(super) fn url(&self) -> String {
        format!("nats://{LOOPBACK}:{}", self.port)
    }
}

fn free_port(entropy: &mut Entropy<'_>) -> Result<u16, ServerError> {
    let mut tried = [0; 2];
    for nth in 0..PORT_TRIES_MAX {
        entropy(&mut tried);
        let offset = (u32::from(u16::from_le_bytes(tried)) + nth) % u32::from(PORTS);
        let port = PORT_FIRST + u16::try_from(offset).expect("less than PORTS");
        if is_free(port) {
            return Ok(port);
        }
    }
    Err(ServerError::NoPort)
}

pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((LOOPBACK, port)).is_ok()
}
