//! The durable inbox: what feeds left, taken one by one and let go only when it is a case, a receipt or in
//! quarantine.
//!
//! A message is acknowledged after everything that follows from it is kept. Whoever is killed in between is handed
//! it again; the ids of its calls are the same then, so nothing happens twice.

use crate::{
    consumers,
    header::{QUARANTINE_REASON, QUARANTINE_SEQUENCE, QUARANTINE_SUBJECT},
    link::Link,
    message::answer::InboxReceipt,
    stream::Stream,
    subject::{SOURCE_UNKNOWN, Subject},
    talk::NoAnswer,
};
use async_nats::{
    HeaderMap,
    jetstream::{
        AckKind, Message,
        consumer::{Consumer, pull},
        message::PublishMessage,
    },
};
use bytes::Bytes;
use futures::{StreamExt, stream::ReadyChunks};
use huying_domain::{ids::SourceId, record::CommandId, time::Timestamp, vocabulary::Channel};
use std::{io, time::Duration};

/// Most messages that are taken together, so that their calls share a batch.
pub const INBOX_TOGETHER_MAX: usize = 64;
/// Most bytes that are asked for at once.
const INBOX_PULL_BYTES: usize = 8 * 1024 * 1024;
/// How often the server says that it is still there while nothing comes.
const HEARTBEAT_S: u64 = 5;
/// How long a question for messages stands.
const PULL_STANDS_S: u64 = 30;
/// After how long a message that could not be taken is handed out again.
pub const AGAIN_AFTER_MS: u64 = 500;

/// The inbox as its one reader sees it.
pub struct Inbox {
    link: Link,
    created: Timestamp,
    messages: ReadyChunks<pull::Stream>,
}

/// A message that was left.
#[derive(Debug)]
pub struct Left {
    /// Who left it, where its subject says so.
    pub source: Option<SourceId>,
    /// How its calls came in, where its subject says so.
    pub channel: Option<Channel>,
    /// Its place in the inbox.
    pub sequence: u64,
    /// It was handed out before: what was done then is not known.
    pub again: bool,
    /// What names its calls where they have no name of their own.
    pub id: CommandId,
    /// The bytes.
    pub payload: Bytes,
    message: Message,
}

impl Inbox {
    /// Opens the inbox. The engine has made the stream and the consumer before.
    ///
    /// # Errors
    /// [`NoAnswer`]: the server is away, or neither is there yet.
    pub async fn open(link: &Link) -> Result<Self, NoAnswer> {
        let stream = link.jetstream().get_stream(Stream::Inbox.name()).await.map_err(NoAnswer::because)?;
        let created = stream.cached_info().created.unix_timestamp_nanos() / 1_000_000;
        let created = Timestamp::from_millis(i64::try_from(created).unwrap_or_default());
        let consumer: Consumer<pull::Config> = link
            .jetstream()
            .get_consumer_from_stream(consumers::INBOX, Stream::Inbox.name())
            .await
            .map_err(NoAnswer::because)?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(INBOX_TOGETHER_MAX)
            .max_bytes_per_batch(INBOX_PULL_BYTES)
            .heartbeat(Duration::from_secs(HEARTBEAT_S))
            .expires(Duration::from_secs(PULL_STANDS_S))
            .messages()
            .await
            .map_err(NoAnswer::because)?;
        Ok(Self { link: link.clone(), created, messages: messages.ready_chunks(INBOX_TOGETHER_MAX) })
    }

    /// Waits for what comes next: whatever is there, at most [`INBOX_TOGETHER_MAX`].
    ///
    /// # Errors
    /// [`NoAnswer`]: the server is away; what was handed out and not let go comes again.
    pub async fn next(&mut self) -> Result<Vec<Left>, NoAnswer> {
        let none = || NoAnswer::because(io::Error::other("the inbox is closed"));
        let messages = self.messages.next().await.ok_or_else(none)?;
        let left = |message| self.left(message);
        let mut all = Vec::with_capacity(messages.len());
        for message in messages {
            all.push(left(message.map_err(NoAnswer::because)?)?);
        }
        Ok(all)
    }

    fn left(&self, message: Message) -> Result<Left, NoAnswer> {
        let broken = |cause| NoAnswer::because(io::Error::other(cause));
        let info = message.info().map_err(broken)?;
        let (sequence, again) = (info.stream_sequence, info.delivered > 1);
        let (source, channel) = match message.subject.as_str().parse() {
            Ok(Subject::Inbox { source, channel }) => (Some(source), Some(channel)),
            _ => (source_in(&message.subject), None),
        };
        let id = CommandId::of_message(self.created, sequence);
        let payload = message.payload.clone();
        Ok(Left { source, channel, sequence, again, id, payload, message })
    }

    /// Keeps a receipt for the source.
    ///
    /// # Errors
    /// [`NoAnswer`]: it may not be kept; the message must not be let go.
    pub async fn receipt(&self, left: &Left, receipt: &InboxReceipt) -> Result<(), NoAnswer> {
        let Some(source) = left.source.clone() else { return Ok(()) };
        let body = serde_json::to_vec(receipt).expect("a receipt is JSON");
        self.publish(left, Subject::Receipt { source }, HeaderMap::new(), body.into()).await
    }

    /// Keeps a message that could not be read, as it came, for a person.
    ///
    /// # Errors
    /// [`NoAnswer`]: it may not be kept; the message must not be let go.
    pub async fn quarantine(&self, left: &Left, reason: &str) -> Result<(), NoAnswer> {
        let unknown = || SourceId::new(SOURCE_UNKNOWN).expect("the word is a source id");
        let source = left.source.clone().unwrap_or_else(unknown);
        let mut headers = HeaderMap::new();
        headers.insert(QUARANTINE_REASON, reason);
        headers.insert(QUARANTINE_SUBJECT, left.message.subject.as_str());
        headers.insert(QUARANTINE_SEQUENCE, left.sequence.to_string().as_str());
        self.publish(left, Subject::Quarantine { source }, headers, left.payload.clone()).await
    }

    /// Publishes once: a message with this id that is there already is not kept a second time.
    async fn publish(
        &self,
        left: &Left,
        subject: Subject,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(), NoAnswer> {
        let message = PublishMessage::build().headers(headers).payload(body).message_id(left.id.to_string());
        let sent = self.link.jetstream().send_publish(subject.to_string(), message).await;
        sent.map_err(NoAnswer::because)?.await.map_err(NoAnswer::because)?;
        Ok(())
    }
}

impl Left {
    /// Lets the message go: everything that follows from it is kept.
    ///
    /// # Errors
    /// [`NoAnswer`]: it comes again.
    pub async fn done(&self) -> Result<(), NoAnswer> {
        self.message.ack().await.map_err(|cause| NoAnswer::because(io::Error::other(cause)))
    }

    /// Has it handed out again a little later.
    ///
    /// # Errors
    /// [`NoAnswer`]: it comes again when the server has waited long enough.
    pub async fn later(&self) -> Result<(), NoAnswer> {
        let nak = AckKind::Nak(Some(Duration::from_millis(AGAIN_AFTER_MS)));
        self.message.ack_with(nak).await.map_err(|cause| NoAnswer::because(io::Error::other(cause)))
    }
}

/// The source in the subject of a message whose channel nobody knows.
fn source_in(subject: &str) -> Option<SourceId> {
    subject.split('.').nth(3)?.parse().ok()
}
