//! Services: who asks on a subject is answered, and who asks `$SRV.PING`, `INFO` or `STATS` finds out who answers
//! there (the micro convention of NATS, ADR-32).
//!
//! Answers go to users' own reply subjects and nowhere else. A client library's own services answer wherever they
//! are asked to: a department could ask `$SRV.PING` with a stream's subject as the reply, and the engine, which may
//! publish everything, would write there in its own name. Hence these.
//!
//! Bounded, and never silent: at most `at_once_max` ordinary requests are worked on, the next is told that it is
//! `busy`. Urgent ones are not; beyond [`URGENT_AT_ONCE_MAX`] they wait where they are, in the server's and the
//! client's buffers.

pub mod micro;

use self::micro::{Endpoint, Tally};
use crate::{link::Link, subject::filter::Filter, talk::NoAnswer, user::is_reply};
use async_nats::{HeaderMap, Message, Subscriber};
use bytes::Bytes;
use futures::{
    FutureExt, StreamExt,
    future::Either,
    stream::{FuturesUnordered, SelectAll, select_all},
};
use huying_domain::time::Timestamp;
use std::{future::Future, time::Duration};

/// Most urgent requests that are worked on at once; further ones wait and are never told `busy`.
pub const URGENT_AT_ONCE_MAX: usize = 1_024;
/// How long what was asked before a stop may take to be answered.
pub const DRAIN_MAX_S: u64 = 3;
/// The header that names a message, so that it is the same when it is sent again.
const MESSAGE_ID: &str = crate::header::MESSAGE_ID;
/// The convention's headers of a refused request.
const ERROR: &str = "Nats-Service-Error";
const ERROR_CODE: &str = "Nats-Service-Error-Code";

/// A service of one endpoint.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name: letters, digits, dash.
    pub name: &'static str,
    /// What it is for, in one line.
    pub description: &'static str,
    /// The version of the program.
    pub version: &'static str,
    /// What tells this host from others of the same service.
    pub id: String,
    /// Since when it answers.
    pub started: Timestamp,
    /// What is answered.
    pub filter: Filter,
    /// The name of its endpoint.
    pub endpoint: &'static str,
    /// Whoever shares it answers in turn.
    pub queue_group: &'static str,
    /// Most ordinary requests that are worked on at once.
    pub at_once_max: usize,
    /// Further facts for whoever asks for them.
    pub metadata: Vec<(&'static str, String)>,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// On which subject.
    pub subject: String,
    /// The name that the sender gave to the message.
    pub message_id: Option<String>,
    /// The bytes.
    pub payload: Bytes,
}

/// The answer to a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// The bytes.
    pub body: Vec<u8>,
    /// Where nothing was done: a number as HTTP has it, and why in English.
    pub error: Option<(u16, String)>,
    /// How long it took.
    pub took: Duration,
}

/// What a service does.
pub trait Works {
    /// Whether this request must not be told to come back later.
    fn is_urgent(&self, request: &Request) -> bool;
    /// Answers it.
    fn answer(&self, request: Request) -> impl Future<Output = Reply> + Send;
    /// What is said where too many ask at once.
    fn busy(&self, request: &Request) -> Reply;
}

/// Answers until `stopped`, and then whatever was asked before.
pub async fn host(
    link: &Link,
    service: &Service,
    works: &impl Works,
    stopped: impl Future<Output = ()>,
) -> Result<(), NoAnswer> {
    let client = link.client();
    let mut asked = client
        .queue_subscribe(service.filter.to_string(), service.queue_group.to_owned())
        .await
        .map_err(NoAnswer::because)?;
    let mut looks = looks(link, service).await?;
    let mut tally = Tally::default();
    let (mut ordinary, mut urgent) = (FuturesUnordered::new(), FuturesUnordered::new());
    futures::pin_mut!(stopped);
    loop {
        let step = tokio::select! {
            biased;
            () = &mut stopped => break,
            Some(done) = ordinary.next(), if !ordinary.is_empty() => Step::Done(done),
            Some(done) = urgent.next(), if !urgent.is_empty() => Step::Done(done),
            Some(look) = looks.next() => Step::Look(look),
            message = asked.next(), if urgent.len() < URGENT_AT_ONCE_MAX => match message {
                Some(message) => Step::Asked(message),
                None => break,
            },
        };
        match step {
            Step::Done((reply, to)) => send(link, &mut tally, reply, to).await,
            Step::Look(look) => tell(link, service, &tally, look).await,
            Step::Asked(message) => {
                // Whoever names no place of a user's own for the answer is not worked for.
                let Some((request, to)) = request_of(message) else { continue };
                if works.is_urgent(&request) {
                    urgent.push(works.answer(request).map(move |reply| (reply, to)));
                } else if ordinary.len() < service.at_once_max {
                    ordinary.push(works.answer(request).map(move |reply| (reply, to)));
                } else {
                    send(link, &mut tally, works.busy(&request), to).await;
                }
            }
        }
    }
    drop((asked, looks));
    let rest = async {
        let mut left = futures::stream::select(
            ordinary.map(Either::<_, (Reply, String)>::Left),
            urgent.map(Either::<(Reply, String), _>::Right),
        );
        while let Some(done) = left.next().await {
            let (reply, to) = done.into_inner();
            send(link, &mut tally, reply, to).await;
        }
    };
    if tokio::time::timeout(Duration::from_secs(DRAIN_MAX_S), rest).await.is_err() {
        tracing::warn!(service = service.name, "stopped before everybody was answered; they ask again");
    }
    Ok(())
}

enum Step {
    Done((Reply, String)),
    Look(Message),
    Asked(Message),
}

fn request_of(message: Message) -> Option<(Request, String)> {
    let reply = message.reply.as_ref().map(ToString::to_string).filter(|reply| is_reply(reply))?;
    let named = message.headers.as_ref().and_then(|headers| headers.get(MESSAGE_ID));
    let message_id = named.map(ToString::to_string);
    let request = Request { subject: message.subject.to_string(), message_id, payload: message.payload };
    Some((request, reply))
}

async fn send(link: &Link, tally: &mut Tally, reply: Reply, to: String) {
    tally.count(&reply);
    let body = Bytes::from(reply.body);
    let sent = match reply.error {
        None => link.client().publish(to, body).await,
        Some((code, why)) => {
            let mut headers = HeaderMap::new();
            headers.insert(ERROR_CODE, code.to_string().as_str());
            headers.insert(ERROR, one_line(&why).as_str());
            link.client().publish_with_headers(to, headers, body).await
        }
    };
    if let Err(error) = sent {
        tracing::debug!(%error, "not answered; whoever asked asks again");
    }
}

/// A header holds one line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

async fn looks(link: &Link, service: &Service) -> Result<SelectAll<Subscriber>, NoAnswer> {
    let mut all = Vec::new();
    for subject in micro::subjects(service.name, &service.id) {
        all.push(link.client().subscribe(subject).await.map_err(NoAnswer::because)?);
    }
    Ok(select_all(all))
}

async fn tell(link: &Link, service: &Service, tally: &Tally, look: Message) {
    let Some(reply) = look.reply.filter(|reply| is_reply(reply)) else { return };
    let endpoint = Endpoint {
        name: service.endpoint,
        subject: service.filter.to_string(),
        queue_group: service.queue_group,
    };
    let Some(body) = micro::told(service, &endpoint, tally, &look.subject) else { return };
    if let Err(error) = link.client().publish(reply, Bytes::from(body)).await {
        tracing::debug!(%error, "not answered; whoever asked asks again");
    }
}
