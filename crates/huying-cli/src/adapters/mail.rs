//! Telling by mail: each message goes to an SMTP server, in Chinese and English, and the server's *yes* is the receipt.

use super::reason;
use crate::failure::causes;
use huying_bus::message::tell::{Tell, TellReply};
use huying_domain::ids::{CaseId, Seq};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error as SmtpError,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use std::{
    collections::{BTreeMap, VecDeque},
    error::Error,
    sync::Mutex,
    time::Duration,
};
use thiserror::Error;

/// Longest that the SMTP server may take for one message; less than the engine waits for the adapter.
pub const SMTP_TIMEOUT_S: u64 = 8;
/// How many receipts are remembered, so that a message asked for twice is sent once.
pub const RECEIPTS_KEPT: usize = 10_000;
/// Replies of an SMTP server (RFC 5321, RFC 4954) that blame us and not the address: the operator has to see to it,
/// and the message waits.
const OUR_FAULT: [u16; 10] = [500, 501, 502, 503, 504, 530, 534, 535, 538, 554];

/// Where mail goes.
#[derive(Clone)]
pub struct SmtpSetup {
    /// `smtp://host:port` or `smtps://host:port`. Plain `smtp` to another machine is encrypted by STARTTLS, always.
    pub url: String,
    /// The sender, such as `12345热线 <noreply@city.example>`.
    pub from: String,
    /// User and password.
    pub login: Option<(String, String)>,
    /// Certificates of the authority that signed the server's, in PEM; the public ones where absent.
    pub authority: Option<Vec<u8>>,
}

/// Why mail cannot be sent at all.
#[derive(Debug, Error)]
pub enum SmtpSetupError {
    /// The URL is none of SMTP.
    #[error("{0} is not smtp://host:port or smtps://host:port")]
    Url(String),
    /// The sender is no address.
    #[error("the sender is not a mail address")]
    From(#[from] lettre::address::AddressError),
    /// The certificates or the host's name are none.
    #[error("the link to the SMTP server cannot be encrypted")]
    Tls(#[source] SmtpError),
}

/// Sends mail.
pub struct Mail {
    smtp: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    sent: Mutex<Sent>,
}

/// The receipts given out, the oldest first.
#[derive(Default)]
struct Sent {
    receipts: BTreeMap<(CaseId, Seq), String>,
    order: VecDeque<(CaseId, Seq)>,
}

impl Mail {
    /// An adapter for this SMTP server. Nothing is sent yet, and the server need not be there.
    pub fn new(setup: &SmtpSetup) -> Result<Self, SmtpSetupError> {
        let from = setup.from.parse()?;
        let (wrapped, host, port) = parts(&setup.url)?;
        let local = is_loopback(&host);
        let tls = if local && !wrapped {
            Tls::None
        } else {
            let parameters = TlsParameters::builder(host.clone());
            let parameters = match &setup.authority {
                Some(pem) => {
                    parameters.add_root_certificate(Certificate::from_pem(pem).map_err(SmtpSetupError::Tls)?)
                }
                None => parameters,
            };
            let parameters = parameters.build().map_err(SmtpSetupError::Tls)?;
            if wrapped { Tls::Wrapper(parameters) } else { Tls::Required(parameters) }
        };
        let mut smtp = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .timeout(Some(Duration::from_secs(SMTP_TIMEOUT_S)));
        if let Some((user, password)) = &setup.login {
            smtp = smtp.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self { smtp: smtp.build(), from, sent: Mutex::default() })
    }

    /// Whether the SMTP server answers now.
    pub async fn ready(&self) -> TellReply {
        match tokio::time::timeout(Duration::from_secs(SMTP_TIMEOUT_S / 2), self.smtp.test_connection()).await
        {
            Ok(Ok(true)) => TellReply::Ready,
            Ok(Ok(false)) => TellReply::Later { reason: reason("the SMTP server does not answer") },
            Ok(Err(error)) => TellReply::Later { reason: reason(&why(&error)) },
            Err(_) => TellReply::Later { reason: reason("the SMTP server takes too long") },
        }
    }

    /// Sends one message, or says why not. A message that was sent before gets its receipt again.
    pub async fn tell(&self, tell: &Tell) -> TellReply {
        if let Some(receipt) = self.sent_before(tell) {
            return TellReply::Told { receipt: reason(&receipt) };
        }
        let id = format!("<{}.{}@{}>", tell.case, tell.seq, self.from.email.domain());
        let to = tell.to.as_ref().map(|to| to.as_str().parse::<Address>());
        let Some(Ok(to)) = to else {
            return TellReply::Undeliverable { reason: reason("not a mail address") };
        };
        let Some(message) = self.message(tell, &id, to) else {
            return TellReply::Undeliverable { reason: reason("no mail can be made of it") };
        };
        let sending = self.smtp.send(message);
        match tokio::time::timeout(Duration::from_secs(SMTP_TIMEOUT_S), sending).await {
            Ok(Ok(response)) => {
                // The server's own words may hold the address; its code does not.
                let receipt = format!("{id} SMTP {}", response.code());
                self.note(tell, receipt.clone());
                TellReply::Told { receipt: reason(&receipt) }
            }
            Ok(Err(error)) => refused(&error),
            Err(_) => TellReply::Later { reason: reason("the SMTP server takes too long") },
        }
    }

    fn sent_before(&self, tell: &Tell) -> Option<String> {
        let sent = self.sent.lock().expect("nobody panics while holding the receipts");
        sent.receipts.get(&(tell.case, tell.seq)).cloned()
    }

    fn note(&self, tell: &Tell, receipt: String) {
        let mut sent = self.sent.lock().expect("nobody panics while holding the receipts");
        let key = (tell.case, tell.seq);
        if sent.receipts.insert(key, receipt).is_none() {
            sent.order.push_back(key);
        }
        if sent.order.len() > RECEIPTS_KEPT
            && let Some(oldest) = sent.order.pop_front()
        {
            sent.receipts.remove(&oldest);
        }
    }

    /// The mail. Its Message-ID names the message, so that a reader's program shows a second sending as the same.
    fn message(&self, tell: &Tell, id: &str, to: Address) -> Option<Message> {
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let subject = format!("您反映的事项（编号{0}）的答复 / Answer about your matter no. {0}", tell.case);
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .message_id(Some(id.to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()));
        message.body(format!("{}\n\n{}\n", tell.words.zh, tell.words.en)).ok()
    }
}

/// Whether it is the address's fault, for ever, or may be mended.
fn refused(error: &SmtpError) -> TellReply {
    let code = error.status().map(u16::from);
    match code {
        Some(code) if error.is_permanent() && !OUR_FAULT.contains(&code) => {
            TellReply::Undeliverable { reason: reason(&format!("SMTP {code}")) }
        }
        _ => TellReply::Later { reason: reason(&why(error)) },
    }
}

/// What went wrong, without the server's words: they may hold the address.
fn why(error: &SmtpError) -> String {
    match error.status() {
        Some(code) => format!("SMTP {}", u16::from(code)),
        None => causes(Some(error as &(dyn Error + 'static))).join(": "),
    }
}

/// Whether the link is encrypted from its first byte, the host, the port.
fn parts(url: &str) -> Result<(bool, String, u16), SmtpSetupError> {
    let malformed = || SmtpSetupError::Url(url.to_owned());
    let (scheme, rest) = url.split_once("://").ok_or_else(malformed)?;
    let (wrapped, otherwise) = match scheme {
        "smtp" => (false, 587),
        "smtps" => (true, 465),
        _ => return Err(malformed()),
    };
    let rest = rest.trim_end_matches('/');
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| malformed())?),
        None => (rest, otherwise),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if host.is_empty() || !host.chars().all(plain) {
        return Err(malformed());
    }
    Ok((wrapped, host.to_owned(), port))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.starts_with("127.")
}
