//! Plain questions and answers over the link: subject and bytes in, bytes out.

use crate::{link::Link, user::is_reply};
use bytes::Bytes;
use futures::StreamExt;
use std::{error::Error, fmt::Display, future::Future};
use thiserror::Error;

/// Most requests that one server of answers works on at once.
pub const REQUESTS_AT_ONCE_MAX: usize = 16;

/// No answer came: the server is away, nobody listens, or whoever listens is slow. Ask again.
#[derive(Debug, Error)]
#[error("no answer")]
pub struct NoAnswer(#[source] Box<dyn Error + Send + Sync>);

impl NoAnswer {
    /// What stands in the way; an answer that cannot be read is none.
    pub fn because(cause: impl Error + Send + Sync + 'static) -> Self {
        Self(Box::new(cause))
    }
}

/// What is said on a subject, as a listener gets it.
pub struct Heard(async_nats::Subscriber);

impl Heard {
    /// The next bytes; none when the link is closed for good.
    pub async fn next(&mut self) -> Option<Bytes> {
        self.0.next().await.map(|message| message.payload)
    }
}

impl Link {
    /// Asks, and waits for the answer, at most [`REQUEST_TIMEOUT_S`](crate::link::REQUEST_TIMEOUT_S).
    pub async fn ask(&self, subject: impl Display, question: Vec<u8>) -> Result<Bytes, NoAnswer> {
        let answer = self.client().request(subject.to_string(), Bytes::from(question)).await;
        answer.map(|message| message.payload).map_err(NoAnswer::because)
    }

    /// Says something to whoever listens.
    pub async fn tell(&self, subject: impl Display, words: Vec<u8>) -> Result<(), NoAnswer> {
        let told = self.client().publish(subject.to_string(), Bytes::from(words)).await;
        told.map_err(NoAnswer::because)
    }

    /// Listens to a subject, through every outage.
    pub async fn listen(&self, subject: impl Display) -> Result<Heard, NoAnswer> {
        self.client().subscribe(subject.to_string()).await.map(Heard).map_err(NoAnswer::because)
    }

    /// Answers every question on the subjects of a filter until the link is closed for good. Answers go to nobody
    /// but to a user's own reply subject; a question that `answer` has nothing to say to is left unanswered.
    pub async fn serve<F: Future<Output = Option<Vec<u8>>>>(
        &self,
        filter: impl Display,
        answer: impl Fn(String, Bytes) -> F,
    ) -> Result<(), NoAnswer> {
        let Heard(asked) = self.listen(filter).await?;
        let answered = asked.for_each_concurrent(REQUESTS_AT_ONCE_MAX, |message| {
            let reply = message.reply.filter(|reply| is_reply(reply));
            let answer = answer(message.subject.to_string(), message.payload);
            async move {
                let (Some(reply), Some(bytes)) = (reply, answer.await) else { return };
                if let Err(error) = self.client().publish(reply, Bytes::from(bytes)).await {
                    tracing::debug!(%error, "not answered; whoever asked asks again");
                }
            }
        });
        answered.await;
        Ok(())
    }
}
