//! What echo, outbox, notices and the ground that they stand on ask of NATS, and nothing more.
//!
//! [`Link`] asks a server. The simulation of the whole house answers from memory, so that the same echo and the same
//! outbox are tried against a server that is away, loses acknowledgements, is wiped or comes back as it was an hour ago.

use crate::{
    consumers::{self, Readers},
    link::{Link, LinkState, is_up},
    stream::Stream,
    streams::{
        aside,
        error::{Api, ShapeError},
    },
};
use async_nats::{
    HeaderMap,
    jetstream::{
        ErrorCode,
        consumer::{AckPolicy, Consumer, DeliverPolicy, pull},
        context::{GetStreamErrorKind, PublishError},
        stream::{Config, RawMessageErrorKind},
    },
};
use bytes::Bytes;
use futures::{
    StreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use std::{
    future::{Future, IntoFuture as _},
    time::Duration,
};
use thiserror::Error;
use tokio::sync::watch;

/// How long the listing waits for the next message before it asks whether there is one.
const LISTING_SILENCE_S: u64 = 2;
/// After how long without its reader the server forgets a listing.
const LISTING_KEPT_S: u64 = 30;
/// Messages that the listing asks for at once.
const LISTING_BATCH_MESSAGES: usize = 1_000;

/// A message as it is handed to the client.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its subject.
    pub subject: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// The sequence under which a stream took a message, when it did.
pub type Acknowledged = BoxFuture<'static, Result<u64, PublishError>>;

/// A stream that the server has.
#[derive(Clone, Debug)]
pub struct Known {
    /// How it is set up.
    pub config: Config,
    /// Messages in it.
    pub messages: u64,
    /// The sequence of its last message, there or gone.
    pub last_sequence: u64,
}

/// A message that a stream holds, without its body.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its subject.
    pub subject: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its sequence.
    pub sequence: u64,
}

/// Messages of a stream, oldest first.
pub type Listing = BoxStream<'static, Result<Listed, ShapeError>>;

/// NATS, as far as what leaves the journal needs it.
pub trait Nats: Clone + Send + Sync + 'static {
    /// Tells each change of how the link stands.
    fn watch(&self) -> watch::Receiver<LinkState>;

    /// Hands a message to a stream; what comes back is awaited for its place there.
    fn publish(&self, message: Message) -> impl Future<Output = Result<Acknowledged, PublishError>> + Send;

    /// Hands a message to whoever listens now, a stream among them, and asks for no word about it.
    fn tell(&self, message: Message) -> impl Future<Output = Result<(), async_nats::PublishError>> + Send;

    /// Waits until everything that was handed over is written to the link, and says whether it was in time.
    fn written(&self, within: Duration) -> impl Future<Output = bool> + Send;

    /// Waits before the server is asked again.
    fn pause(&self, length: Duration) -> impl Future<Output = ()> + Send;

    /// A stream; none if the server has none of this name.
    fn known(&self, name: &str) -> impl Future<Output = Result<Option<Known>, ShapeError>> + Send;

    /// Makes a stream.
    fn create(&self, config: Config) -> impl Future<Output = Result<(), ShapeError>> + Send;

    /// Sets a stream up otherwise.
    fn update(&self, config: Config) -> impl Future<Output = Result<(), ShapeError>> + Send;

    /// Keeps what an earlier epoch has echoed under another name, and takes it away from RECORDS.
    fn set_aside(&self, records: &Known, epoch: u32) -> impl Future<Output = Result<(), ShapeError>> + Send;

    /// The body of the message with this sequence; none if it is not there.
    fn message(
        &self,
        stream: Stream,
        sequence: u64,
    ) -> impl Future<Output = Result<Option<Bytes>, ShapeError>> + Send;

    /// The body of the last message of a subject; none if there is none.
    fn last(
        &self,
        stream: Stream,
        subject: &str,
    ) -> impl Future<Output = Result<Option<Bytes>, ShapeError>> + Send;

    /// Lists what a stream holds.
    fn list(&self, stream: Stream) -> impl Future<Output = Result<Listing, ShapeError>> + Send;

    /// Makes the consumers that are wanted, and removes those of accounts that were revoked.
    fn keep_consumers(&self, readers: &Readers) -> impl Future<Output = Result<(), ShapeError>> + Send;

    /// How the link stands now.
    fn state(&self) -> LinkState {
        *self.watch().borrow()
    }

    /// Waits until the server answers, and says which connection it is.
    fn is_up(&self) -> impl Future<Output = u64> + Send {
        is_up(self.watch())
    }
}

impl Nats for Link {
    fn watch(&self) -> watch::Receiver<LinkState> {
        Link::watch(self)
    }

    async fn publish(&self, message: Message) -> Result<Acknowledged, PublishError> {
        let Message { subject, headers, body } = message;
        let sent = self.jetstream().publish_with_headers(subject, headers, body).await?;
        Ok(Box::pin(async move { sent.into_future().await.map(|ack| ack.sequence) }))
    }

    async fn tell(&self, message: Message) -> Result<(), async_nats::PublishError> {
        let Message { subject, headers, body } = message;
        self.client().publish_with_headers(subject, headers, body).await
    }

    async fn written(&self, within: Duration) -> bool {
        tokio::time::timeout(within, self.client().flush()).await.is_ok()
    }

    async fn pause(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }

    async fn known(&self, name: &str) -> Result<Option<Known>, ShapeError> {
        match self.jetstream().get_stream(name).await {
            Ok(stream) => {
                let info = stream.cached_info();
                let (messages, last_sequence) = (info.state.messages, info.state.last_sequence);
                Ok(Some(Known { config: info.config.clone(), messages, last_sequence }))
            }
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(said) if said.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                    Ok(None)
                }
                _ => Err(ShapeError::api(error)),
            },
        }
    }

    async fn create(&self, config: Config) -> Result<(), ShapeError> {
        self.jetstream().create_stream(config).await.map(drop).api()
    }

    async fn update(&self, config: Config) -> Result<(), ShapeError> {
        self.jetstream().update_stream(config).await.map(drop).api()
    }

    async fn set_aside(&self, records: &Known, epoch: u32) -> Result<(), ShapeError> {
        aside::set_aside(self, records, epoch).await
    }

    async fn message(&self, stream: Stream, sequence: u64) -> Result<Option<Bytes>, ShapeError> {
        let stream = self.jetstream().get_stream_no_info(stream.name()).await.api()?;
        match stream.get_raw_message(sequence).await {
            Ok(message) => Ok(Some(message.payload)),
            Err(error) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => Ok(None),
            Err(error) => Err(ShapeError::api(error)),
        }
    }

    async fn last(&self, stream: Stream, subject: &str) -> Result<Option<Bytes>, ShapeError> {
        let stream = self.jetstream().get_stream_no_info(stream.name()).await.api()?;
        match stream.get_last_raw_message_by_subject(subject).await {
            Ok(message) => Ok(Some(message.payload)),
            Err(error) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => Ok(None),
            Err(error) => Err(ShapeError::api(error)),
        }
    }

    async fn list(&self, stream: Stream) -> Result<Listing, ShapeError> {
        let listed = Headers::begin(self, stream).await?;
        Ok(stream::try_unfold(listed, Headers::next).boxed())
    }

    async fn keep_consumers(&self, readers: &Readers) -> Result<(), ShapeError> {
        consumers::keep(self, readers).await
    }
}

/// A listing under way: headers alone.
struct Headers {
    consumer: Consumer<pull::Config>,
    messages: pull::Stream,
    left: u64,
}

impl Headers {
    async fn begin(link: &Link, stream: Stream) -> Result<Self, ShapeError> {
        let config = pull::Config {
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::None,
            headers_only: true,
            memory_storage: true,
            inactive_threshold: Duration::from_secs(LISTING_KEPT_S),
            ..pull::Config::default()
        };
        let stream = link.jetstream().get_stream_no_info(stream.name()).await.api()?;
        let consumer = stream.create_consumer(config).await.api()?;
        let left = consumer.cached_info().num_pending;
        let messages =
            consumer.stream().max_messages_per_batch(LISTING_BATCH_MESSAGES).messages().await.api()?;
        Ok(Self { consumer, messages, left })
    }

    async fn next(mut self) -> Result<Option<(Listed, Self)>, ShapeError> {
        while self.left > 0 {
            let silence = Duration::from_secs(LISTING_SILENCE_S);
            match tokio::time::timeout(silence, self.messages.next()).await {
                Ok(Some(message)) => {
                    let message = message.api()?;
                    let info = message.info().map_err(NoInfo).api()?;
                    self.left = info.pending;
                    let sequence = info.stream_sequence;
                    let async_nats::Message { subject, headers, .. } = message.message;
                    let (subject, headers) = (subject.to_string(), headers.unwrap_or_default());
                    return Ok(Some((Listed { subject, headers, sequence }, self)));
                }
                Ok(None) => return Err(ShapeError::api(Ended)),
                // The last ones may have come of age meanwhile.
                Err(_) => self.left = self.consumer.get_info().await.api()?.num_pending,
            }
        }
        Ok(None)
    }
}

#[derive(Debug, Error)]
#[error("the listing ended before its end")]
struct Ended;

#[derive(Debug, Error)]
#[error("a listed message does not say where it stands: {0}")]
struct NoInfo(async_nats::Error);
