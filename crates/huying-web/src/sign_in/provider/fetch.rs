//! Asking a provider: one request a connection, in bounded time, of bounded length; no redirect is followed.

use super::{ProvidersError, is_guarded};
use axum::http::{Method, Request, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::{error::Error as StdError, io, path::Path, sync::Arc, time::Duration};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        self, ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};
use url::Url;

/// How long a provider may take to answer, connecting included.
const FETCH_MAX_S: u64 = 8;
/// Most bytes of its answer.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Why a provider was not heard.
#[derive(Debug, Error)]
pub(super) enum FetchError {
    /// It is at no address that could be asked.
    #[error("the address {0} is not one to be asked")]
    Address(String),
    /// It did not answer in time.
    #[error("no answer within {FETCH_MAX_S} s")]
    Late,
    /// The connection failed.
    #[error("the connection failed")]
    Link(#[from] io::Error),
    /// It is not HTTP.
    #[error("the exchange failed")]
    Http(#[from] hyper::Error),
    /// The answer is longer than any that is expected, or breaks off.
    #[error("the answer cannot be read")]
    Body(#[source] Box<dyn StdError + Send + Sync>),
    /// It answered that it could not, or would not.
    #[error("it answered {status} {error}")]
    Status {
        /// The status.
        status: u16,
        /// The code of the error, where it is one of OAuth's.
        error: String,
    },
    /// The answer is no JSON.
    #[error("the answer is no JSON")]
    Shape(#[from] serde_json::Error),
}

/// What is asked of a provider.
pub(super) struct Ask<'a> {
    pub(super) url: &'a str,
    pub(super) authorization: Option<String>,
    /// A form to be posted; without one it is a reading.
    pub(super) form: Option<String>,
}

impl<'a> Ask<'a> {
    pub(super) const fn read(url: &'a str) -> Self {
        Self { url, authorization: None, form: None }
    }
}

/// The way to a provider.
pub(super) struct Line(Arc<ClientConfig>);

impl Line {
    /// Trusting the certificates of this file, or, without one, those that browsers trust.
    pub(super) fn new(ca: Option<&Path>) -> Result<Self, ProvidersError> {
        let mut roots = RootCertStore::empty();
        match ca {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(path) => {
                let io = |error: rustls::pki_types::pem::Error| ProvidersError::Io {
                    path: path.to_owned(),
                    source: io::Error::other(error),
                };
                for certificate in CertificateDer::pem_file_iter(path).map_err(io)? {
                    roots.add(certificate.map_err(io)?)?;
                }
            }
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = builder.with_safe_default_protocol_versions()?.with_root_certificates(roots);
        Ok(Self(Arc::new(config.with_no_client_auth())))
    }

    /// Asks, and reads the answer as JSON.
    pub(super) async fn ask(&self, ask: Ask<'_>) -> Result<Value, FetchError> {
        let exchange = self.exchange(ask);
        timeout(Duration::from_secs(FETCH_MAX_S), exchange).await.map_err(|_| FetchError::Late)?
    }

    async fn exchange(&self, ask: Ask<'_>) -> Result<Value, FetchError> {
        let unfit = || FetchError::Address(ask.url.to_owned());
        let url = Url::parse(ask.url).ok().filter(is_guarded).ok_or_else(unfit)?;
        let (host, port) = url.host_str().zip(url.port_or_known_default()).ok_or_else(unfit)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let told = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let target = url.query().map_or_else(|| url.path().to_owned(), |q| format!("{}?{q}", url.path()));
        let method = if ask.form.is_some() { Method::POST } else { Method::GET };
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header(header::HOST, told)
            .header(header::ACCEPT, "application/json")
            .header(header::CONNECTION, "close");
        if let Some(authorization) = ask.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if ask.form.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(Full::new(Bytes::from(ask.form.unwrap_or_default())));
        let request = request.map_err(|_| FetchError::Address(ask.url.to_owned()))?;
        let stream = TcpStream::connect((bare.as_str(), port)).await?;
        if url.scheme() == "http" {
            return send(stream, request).await;
        }
        let name = ServerName::try_from(bare).map_err(|_| FetchError::Address(ask.url.to_owned()))?;
        send(TlsConnector::from(Arc::clone(&self.0)).connect(name, stream).await?, request).await
    }
}

async fn send<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Value, FetchError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the sender, and what goes wrong on it the sender is told.
    tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
    let bytes = body.map_err(FetchError::Body)?.to_bytes();
    if !status.is_success() {
        let told: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let error = told["error"].as_str().unwrap_or_default().chars().take(64).collect();
        return Err(FetchError::Status { status: status.as_u16(), error });
    }
    Ok(serde_json::from_slice(&bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls;
    use std::process::Command;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };
    use tokio_rustls::TlsAcceptor;

    /// A certificate that this machine's address signs for itself; none where there is no openssl.
    fn certified(folder: &Path) -> bool {
        let mut openssl = Command::new("openssl");
        openssl.current_dir(folder).args(["req", "-x509", "-newkey", "ec", "-pkeyopt"]).args([
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=provider",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
        ]);
        openssl.output().is_ok_and(|output| output.status.success())
    }

    /// A provider that says by its address what it is asked to do, over TLS.
    async fn serve(folder: &Path) -> String {
        let config =
            tls::config(&folder.join("cert.pem"), &folder.join("key.pem")).expect("they were just made");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let url = format!("https://{}", listener.local_addr().expect("it is bound"));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = TlsAcceptor::from(Arc::clone(&config)).accept(stream).await else {
                    continue;
                };
                let mut asked = vec![0; 1_024];
                let length = stream.read(&mut asked).await.unwrap_or(0);
                let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
                let (status, body) = match asked.split(' ').nth(1) {
                    Some("/long") => ("200 OK", format!("{:?}", "x".repeat(ANSWER_BYTES_MAX))),
                    Some("/elsewhere") => ("302 Found\r\nlocation: /", "{}".to_owned()),
                    Some("/no") => ("400 Bad Request", r#"{"error":"invalid_grant"}"#.to_owned()),
                    Some("/page") => ("200 OK", "<html>".to_owned()),
                    _ => ("200 OK", r#"{"ok":true}"#.to_owned()),
                };
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                let _sent = stream.write_all(answer.as_bytes()).await;
                let _closed = stream.shutdown().await;
            }
        });
        url
    }

    #[tokio::test]
    async fn a_provider_is_heard_over_tls_whose_certificate_is_known_and_within_bounds() {
        let folder = tempfile::tempdir().expect("a folder");
        if !certified(folder.path()) {
            eprintln!("skipped: a provider over TLS, for want of openssl");
            return;
        }
        let url = serve(folder.path()).await;
        let line = Line::new(Some(&folder.path().join("cert.pem"))).expect("it can be read");
        let asked = |path: &str| format!("{url}{path}");
        let ok = line.ask(Ask::read(&asked("/"))).await.expect("it answers");
        assert_eq!(ok["ok"], true);
        let known = Line::new(None).expect("the authorities of browsers");
        assert!(matches!(known.ask(Ask::read(&asked("/"))).await, Err(FetchError::Link(_))), "a stranger");
        assert!(matches!(line.ask(Ask::read(&asked("/long"))).await, Err(FetchError::Body(_))));
        assert!(matches!(line.ask(Ask::read(&asked("/page"))).await, Err(FetchError::Shape(_))));
        let refused = line.ask(Ask::read(&asked("/no"))).await;
        assert!(
            matches!(refused, Err(FetchError::Status { status: 400, error }) if error == "invalid_grant")
        );
        let elsewhere = line.ask(Ask::read(&asked("/elsewhere"))).await;
        assert!(matches!(elsewhere, Err(FetchError::Status { status: 302, .. })), "no redirect is followed");
    }

    #[tokio::test]
    async fn nothing_is_asked_in_the_clear_of_another_machine() {
        let line = Line::new(None).expect("the authorities of browsers");
        for url in ["http://id.example/", "ftp://127.0.0.1/", "id.example", "http://10.0.0.1/"] {
            let asked = line.ask(Ask::read(url)).await;
            assert!(matches!(asked, Err(FetchError::Address(_))), "{url}: {asked:?}");
        }
    }
}
