//! TLS before the door: two files, a chain of certificates and its key. Behind a proxy that speaks TLS neither is
//! needed.

use crate::{
    gate::{Gate, Guest},
    limit::Peer,
};
use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use std::{io, net::SocketAddr, path::Path, sync::Arc, time::Duration};
use thiserror::Error;
use tokio::{sync::mpsc, time::timeout};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    },
    server::TlsStream,
};

/// How long a handshake may take.
const HANDSHAKE_MAX_S: u64 = 10;
/// Most connections that have shaken hands and were not yet taken over.
const SHAKEN_MAX: usize = 64;

/// Why TLS cannot be spoken.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read, or holds no PEM of that kind.
    #[error("the certificates or their key cannot be read")]
    Pem(#[from] pem::Error),
    /// Certificates and key are not fit for a server.
    #[error("the certificates cannot be used")]
    Unfit(#[from] rustls::Error),
}

/// What the door needs to speak TLS.
pub type Config = Arc<ServerConfig>;

/// What a server needs to speak TLS 1.2 and 1.3.
///
/// # Errors
/// A file cannot be read; certificates and key do not fit together.
pub fn config(certificates: &Path, key: &Path) -> Result<Config, TlsError> {
    let chain = CertificateDer::pem_file_iter(certificates)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(key)?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = builder.with_safe_default_protocol_versions()?.with_no_client_auth();
    Ok(Arc::new(config.with_single_cert(chain, key)?))
}

/// A gate behind which hands are shaken. Each handshake is a task of its own: a slow one keeps nobody waiting.
pub(crate) struct TlsGate {
    shaken: mpsc::Receiver<(TlsStream<Guest>, SocketAddr)>,
    address: SocketAddr,
}

impl TlsGate {
    pub(crate) fn new(mut gate: Gate, config: Arc<ServerConfig>) -> io::Result<Self> {
        let address = gate.local_addr()?;
        let (sender, shaken) = mpsc::channel(SHAKEN_MAX);
        let acceptor = TlsAcceptor::from(config);
        tokio::spawn(async move {
            while !sender.is_closed() {
                let (guest, from) =
                    tokio::select! { come = gate.accept() => come, () = sender.closed() => return };
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                tokio::spawn(async move {
                    let shaking = timeout(Duration::from_secs(HANDSHAKE_MAX_S), acceptor.accept(guest));
                    if let Ok(Ok(stream)) = shaking.await {
                        // The door is closing: the connection ends here.
                        _ = sender.send((stream, from)).await;
                    }
                });
            }
        });
        Ok(Self { shaken, address })
    }
}

impl Listener for TlsGate {
    type Io = TlsStream<Guest>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        match self.shaken.recv().await {
            Some(come) => come,
            // The task ends only with this receiver.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Connected<IncomingStream<'_, TlsGate>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsGate>) -> Self {
        Self { address: *stream.remote_addr(), asked: stream.io().get_ref().0.asked.clone() }
    }
}
