//! Intake in a process of its own: the call desk, the service of calls and the durable inbox, beside the engine.
//!
//! It opens calls as the engine's own doors do, by the same desk; each command goes to the engine as a request, and the
//! caller is answered when the engine has answered. The desk follows the echo, so that a second call about the same
//! matter finds the first.

use super::{RemoteError, counter::Counter, library::Library};
use crate::rulebook::{LABELS_AT, MODEL_AT, OUTLINES_AT};
use crate::{
    clock::Stopwatch,
    doors::{
        calls::{Caller, Naming},
        deed::{bad_subject, busy},
        desk::CallDesk,
        refused::status_of,
    },
    nerves::inbox::settle,
};
use huying_bus::{
    follow::{Followed, Following},
    inbox::{Inbox, Left},
    link::Link,
    message::answer::{CallAnswer, IntakeReply, RefusalMessage},
    service::{Reply, Request, Service, Works, host},
    subject::{
        Subject,
        filter::{Family, Filter},
        token::Station,
    },
    talk::NoAnswer,
};
use huying_domain::vocabulary::Channel;
use huying_intake::class::labels::Classes;
use huying_journal::seal::Entropy;
use std::{future::pending, sync::Arc, time::Duration};

/// Most messages with calls that are worked on at once.
const CALL_MESSAGES_AT_ONCE_MAX: usize = 256;
/// Pause before service or inbox are tried again, in milliseconds.
const AGAIN_AFTER_MS: u64 = 500;
/// Longest name that a sender may give to a message.
const MESSAGE_ID_BYTES_MAX: usize = 128;

/// Runs until the link is closed for good.
pub(super) async fn run(link: Link, entropy: Entropy) -> Result<(), RemoteError> {
    let counter = Counter::new(link.clone(), entropy).await;
    let beside = Library::new(link.clone());
    let text = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let outlines = text(beside.beside(OUTLINES_AT).await);
    let (model, labels) = (beside.beside(MODEL_AT).await, text(beside.beside(LABELS_AT).await));
    let classes = model.map(|model| Classes::read(&model, labels.as_deref())).transpose();
    let classes = classes.map_err(RemoteError::Classes)?.map(Arc::new);
    let mut desk = Some(outlines);
    let mut library = Library::new(link.clone());
    let mut following = Following::start(link.clone(), Station::Intake.name());
    let folding = async {
        loop {
            match following.next().await? {
                Followed::Record(record, last) => {
                    if let Some(rules) = library.follow(&record).await? {
                        let rules = Arc::new(rules);
                        match desk.take() {
                            Some(outlines) => {
                                let made = CallDesk::new(rules, outlines.as_deref());
                                let mut made = made.map_err(RemoteError::Outlines)?;
                                made.set_classes(classes.clone());
                                counter.open(made);
                            }
                            None => counter.obey(rules),
                        }
                    }
                    counter.follow(&record, last);
                }
                Followed::Empty => counter.caught_up(),
                Followed::Another => return Err(RemoteError::Another),
            }
        }
    };
    tokio::select! {
        ended = folding => ended,
        () = serve(&link, &counter) => Ok(()),
        () = empty(&link, &counter) => Ok(()),
    }
}

/// Answers calls as requests.
async fn serve(link: &Link, counter: &Counter) {
    counter.is_open().await;
    let service = Service {
        name: "huying-intake",
        description: "Takes one call or up to 64 and answers with case numbers or refusals",
        version: env!("CARGO_PKG_VERSION"),
        id: counter.drawn().to_string(),
        started: counter.started(),
        filter: Filter::Whole(Family::Intake),
        endpoint: "calls",
        queue_group: "intake",
        at_once_max: CALL_MESSAGES_AT_ONCE_MAX,
        metadata: vec![("form", "huying.v1".to_owned())],
    };
    loop {
        if let Err(error) = host(link, &service, &AtCounter(counter), pending()).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "calls are not served");
        }
        tokio::time::sleep(Duration::from_millis(AGAIN_AFTER_MS)).await;
    }
}

struct AtCounter<'c>(&'c Counter);

impl Works for AtCounter<'_> {
    fn is_urgent(&self, request: &Request) -> bool {
        matches!(request.subject.parse(), Ok(Subject::Intake { channel: Channel::Device, .. }))
    }

    async fn answer(&self, request: Request) -> Reply {
        let begun = Stopwatch::start();
        let reply = match request.subject.parse() {
            Ok(Subject::Intake { source, channel }) => {
                let named = request.message_id.filter(|id| (1..=MESSAGE_ID_BYTES_MAX).contains(&id.len()));
                let naming = named.map_or(Naming::Fresh, Naming::Message);
                let caller = Caller { source, channel, person: None, unit: None };
                IntakeReply { answers: self.0.calls(&caller, &naming, &request.payload).await }
            }
            _ => none_taken(bad_subject()),
        };
        made(&reply, begun)
    }

    fn busy(&self, _: &Request) -> Reply {
        made(&none_taken(busy()), Stopwatch::start())
    }
}

fn none_taken(refusal: RefusalMessage) -> IntakeReply {
    IntakeReply { answers: vec![CallAnswer::Refused { external_id: None, refusal }] }
}

fn made(reply: &IntakeReply, begun: Stopwatch) -> Reply {
    let none_taken = reply.answers.iter().all(|answer| matches!(answer, CallAnswer::Refused { .. }));
    let error = match reply.answers.first() {
        Some(CallAnswer::Refused { refusal, .. }) if none_taken => {
            Some((status_of(&refusal.code), format!("{}: {}", refusal.code, refusal.words.en)))
        }
        _ => None,
    };
    let body = serde_json::to_vec(reply).expect("an answer is JSON");
    Reply { body, error, took: begun.elapsed() }
}

/// Takes what feeds left.
async fn empty(link: &Link, counter: &Counter) {
    counter.is_open().await;
    loop {
        if let Err(error) = take_all(link, counter).await {
            tracing::info!(error = &error as &dyn std::error::Error, "the inbox is read anew");
        }
        tokio::time::sleep(Duration::from_millis(AGAIN_AFTER_MS)).await;
    }
}

async fn take_all(link: &Link, counter: &Counter) -> Result<(), NoAnswer> {
    link.is_up().await;
    let mut inbox = Inbox::open(link).await?;
    loop {
        for left in inbox.next().await? {
            let answers = answers(counter, &left).await;
            settle(&inbox, &left, answers).await?;
        }
    }
}

async fn answers(counter: &Counter, left: &Left) -> Vec<CallAnswer> {
    let (Some(source), Some(channel)) = (left.source.clone(), left.channel) else {
        return vec![CallAnswer::Refused { external_id: None, refusal: bad_subject() }];
    };
    let caller = Caller { source, channel, person: None, unit: None };
    counter.calls(&caller, &Naming::Inbox(left.id), &left.payload).await
}
