//! Taking messages off a durable consumer that the engine made.

use crate::{link::Link, stream::Stream, talk::NoAnswer};
use async_nats::jetstream::consumer::{Consumer, pull};
use bytes::Bytes;
use futures::StreamExt;
use std::io;

/// A consumer, as its reader sees it.
#[derive(Debug)]
pub struct Queue(Consumer<pull::Config>);

/// A message that was taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// On which subject it was published.
    pub subject: String,
    /// What it says.
    pub payload: Bytes,
}

impl Queue {
    /// Finds the consumer.
    ///
    /// # Errors
    /// [`NoAnswer`]: the server is away, or the consumer has not been made yet.
    pub async fn open(link: &Link, stream: Stream, consumer: &str) -> Result<Self, NoAnswer> {
        let found = link.jetstream().get_consumer_from_stream(consumer, stream.name()).await;
        found.map(Self).map_err(NoAnswer::because)
    }

    /// Takes whatever is there, at most so many, and acknowledges it; nothing if nothing is there.
    ///
    /// # Errors
    /// [`NoAnswer`]: what was not acknowledged comes again.
    pub async fn take(&self, most: usize) -> Result<Vec<Taken>, NoAnswer> {
        let mut messages = self.0.fetch().max_messages(most).messages().await.map_err(NoAnswer::because)?;
        let mut taken = Vec::new();
        while let Some(message) = messages.next().await {
            let broken = |cause| NoAnswer::because(io::Error::other(cause));
            let message = message.map_err(broken)?;
            message.ack().await.map_err(broken)?;
            let subject = message.subject.to_string();
            taken.push(Taken { subject, payload: message.message.payload });
        }
        Ok(taken)
    }
}
