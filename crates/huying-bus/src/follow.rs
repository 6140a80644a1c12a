//! Following the echo: every record once, in order, through every outage.

use crate::{link::Link, stream::Stream};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures::StreamExt;
use huying_domain::{
    ids::Seq,
    record::Record,
    wire::{self, WireError},
};
use std::{collections::BTreeMap, error::Error, sync::Arc, time::Duration};
use thiserror::Error;
use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
};

/// Pause before the stream is tried again, in milliseconds.
const TRY_AGAIN_MS: u64 = 500;
/// Records that are asked for at once.
const PULL_RECORDS: usize = 512;
/// How often the server says that it is still there while no record comes.
const HEARTBEAT_S: u64 = 5;
/// How long the server keeps the place of a reader that is gone.
const GONE_AFTER_S: u64 = 60;
/// Records that are read ahead of whoever folds them.
const AHEAD_RECORDS_MAX: usize = 1_024;

/// Why the echo cannot be followed on.
#[derive(Debug, Error)]
pub enum FollowError {
    /// A message is no record; this program is older than the engine, or the stream is not Huying's.
    #[error("message {seq} of the echo is no record")]
    NotARecord {
        /// Which message.
        seq: Seq,
        /// Why.
        #[source]
        source: WireError,
    },
}

/// What comes off the echo.
#[derive(Debug)]
pub enum Followed {
    /// The next record, and whether no other was waiting behind it.
    Record(Box<Record>, bool),
    /// Nothing is there yet: the reader has all of it.
    Empty,
    /// It is another journal, or the same after a restore: whatever was folded is void, the first record follows.
    Another,
}

/// A reader of the echo in a task of its own.
pub struct Following {
    come: mpsc::Receiver<Result<Followed, FollowError>>,
    again: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Following {
    /// Reads from the first record on; the name helps whoever looks at the server. Must be called within a runtime.
    pub fn start(link: Link, name: &str) -> Self {
        let (sender, come) = mpsc::channel(AHEAD_RECORDS_MAX);
        let again = Arc::new(Notify::new());
        let mut follower = Follower::new(link, name);
        let told = Arc::clone(&again);
        let task = tokio::spawn(async move {
            loop {
                let followed = tokio::select! {
                    followed = follower.next() => followed,
                    () = told.notified() => {
                        follower.messages = None;
                        continue;
                    }
                };
                let ends = followed.is_err();
                if sender.send(followed).await.is_err() || ends {
                    return;
                }
            }
        });
        Self { come, again, task }
    }

    /// What comes next. Dropping the wait loses nothing.
    pub async fn next(&mut self) -> Result<Followed, FollowError> {
        match self.come.recv().await {
            Some(followed) => followed,
            None => std::future::pending().await,
        }
    }

    /// Reads anew from where it is: something should have come and has not.
    pub fn look_again(&self) {
        self.again.notify_one();
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A reader of the echo.
struct Follower {
    link: Link,
    name: String,
    /// The last record that was handed out.
    through: Seq,
    /// Whose echo it is, as the stream says.
    journal: Option<BTreeMap<String, String>>,
    messages: Option<pull::Stream>,
}

type Broken = Box<dyn Error + Send + Sync>;

impl Follower {
    fn new(link: Link, name: &str) -> Self {
        Self { link, name: name.to_owned(), through: 0, journal: None, messages: None }
    }

    /// Waits for what comes next.
    async fn next(&mut self) -> Result<Followed, FollowError> {
        loop {
            let Some(messages) = &mut self.messages else {
                match self.open().await {
                    Ok(Some(first)) => return Ok(first),
                    Ok(None) => {}
                    Err(error) => {
                        tracing::debug!(error, "the echo cannot be read yet");
                        self.messages = None;
                        tokio::time::sleep(Duration::from_millis(TRY_AGAIN_MS)).await;
                    }
                }
                continue;
            };
            match messages.next().await {
                Some(Ok(message)) => {
                    let Ok(info) = message.info() else { continue };
                    let (seq, last) = (info.stream_sequence, info.pending == 0);
                    let record = wire::decode(&message.payload)
                        .map_err(|source| FollowError::NotARecord { seq, source })?;
                    if record.seq == self.through + 1 {
                        self.through = record.seq;
                        return Ok(Followed::Record(Box::new(record), last));
                    }
                    // A gap or a repeat: the stream was made anew under the reader.
                    tracing::info!(seq = record.seq, through = self.through, "the echo is read anew");
                    self.messages = None;
                }
                Some(Err(error)) => {
                    tracing::debug!(%error, "the echo broke off");
                    self.messages = None;
                    tokio::time::sleep(Duration::from_millis(TRY_AGAIN_MS)).await;
                }
                None => self.messages = None,
            }
        }
    }

    /// Begins behind the last record that was handed out, if it is still the same journal's echo.
    async fn open(&mut self) -> Result<Option<Followed>, Broken> {
        self.link.is_up().await;
        let stream = self.link.jetstream().get_stream(Stream::Records.name()).await?;
        let info = stream.cached_info();
        let journal: BTreeMap<_, _> = info.config.metadata.clone().into_iter().collect();
        let is_another = self.journal.as_ref().is_some_and(|known| *known != journal);
        if is_another {
            self.through = 0;
        }
        let behind = info.state.last_sequence > self.through;
        self.journal = Some(journal);
        // A name of its own for each place: permissions stand on names, and reply subjects end in one.
        let inbox = self.link.client().new_inbox();
        let place = inbox.rsplit('.').next().unwrap_or_default();
        let config = pull::Config {
            name: Some(format!("follow-{}-{place}", self.name)),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: self.through + 1 },
            ack_policy: AckPolicy::None,
            inactive_threshold: Duration::from_secs(GONE_AFTER_S),
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config).await?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(PULL_RECORDS)
            .heartbeat(Duration::from_secs(HEARTBEAT_S))
            .messages();
        self.messages = Some(messages.await?);
        Ok(match (is_another, behind) {
            (true, _) => Some(Followed::Another),
            (false, false) => Some(Followed::Empty),
            (false, true) => None,
        })
    }
}
