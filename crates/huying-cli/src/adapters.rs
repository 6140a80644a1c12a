//! Adapters: programs that tell residents on one channel. They are clients of the NATS server like any other, and
//! whoever writes another one, in another language, needs no more than the subject and the two messages.
//!
//! The route: a request on `huying.v1.tell.<channel>` is a probe or a message; the reply says told, later, or never
//! on this channel. The engine asks again until it has a receipt, so an adapter may see a message twice; case and
//! seq name it. What an adapter is told of the caller it neither keeps nor logs.

pub mod mail;

use self::mail::Mail;
use futures::{Stream, StreamExt};
use huying_bus::{
    link::Link,
    message::{
        tell::{RECEIPT_CHARS_MAX, TellReply, TellRequest},
        text::Text,
    },
    subject::{Subject, token::TellChannel},
    user::is_reply,
};
use std::pin::Pin;

/// Most messages that are handed over at once.
const AT_ONCE_MAX: usize = 8;
/// The queue group: several adapters of a channel share its messages.
const QUEUE: &str = "adapters";

/// What comes in on the adapter's subject.
type Requests = Pin<Box<dyn Stream<Item = async_nats::Message> + Send>>;

/// Answers the requests for mail until the subscription ends.
pub async fn serve_mail(link: &Link, mail: &Mail) -> Result<(), async_nats::SubscribeError> {
    let subject = Subject::Tell { channel: TellChannel::Mail }.to_string();
    let requests: Requests = Box::pin(link.client().queue_subscribe(subject, QUEUE.to_owned()).await?);
    requests.for_each_concurrent(AT_ONCE_MAX, |message| answer(link, mail, message)).await;
    Ok(())
}

async fn answer(link: &Link, mail: &Mail, message: async_nats::Message) {
    // Whoever asks could else make the adapter speak on any subject.
    let Some(reply_to) = message.reply.filter(|reply| is_reply(reply)) else { return };
    let reply = match serde_json::from_slice(&message.payload) {
        Ok(TellRequest::Probe(_)) => mail.ready().await,
        Ok(TellRequest::Tell(tell)) => mail.tell(&tell).await,
        Err(error) => {
            // A newer engine; what stands in the message is not said.
            tracing::warn!(line = error.line(), column = error.column(), "a request that cannot be read");
            TellReply::Later { reason: reason("the adapter cannot read this request") }
        }
    };
    let body = serde_json::to_vec(&reply).expect("a reply consists of texts");
    if let Err(error) = link.client().publish(reply_to, body.into()).await {
        tracing::warn!(%error, "a reply could not be sent; the engine will ask again");
    }
}

/// A reason or receipt within its bound.
fn reason(text: &str) -> Text<RECEIPT_CHARS_MAX> {
    let within: String = text.chars().filter(|c| !c.is_control()).take(RECEIPT_CHARS_MAX).collect();
    Text::new(within).unwrap_or_else(|_| Text::new("—").expect("a dash is some text"))
}
