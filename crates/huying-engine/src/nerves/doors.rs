//! The doors over NATS: calls and the verbs of units, as services that tell who asks what they are.

use super::Ctx;
use crate::{
    clock::Stopwatch,
    doors::{
        calls::{Caller, Naming},
        deed::{bad_subject, busy},
        refused::status_of,
    },
};
use huying_bus::{
    message::answer::{CallAnswer, IntakeReply, RefusalMessage, UnitReply},
    service::{Reply, Request, Service, Works, host},
    subject::{
        Subject,
        filter::{Family, Filter},
        token::Station,
    },
};
use huying_domain::{time::Timestamp, vocabulary::Channel};
use huying_journal::disk::Disk;
use serde::Serialize;
use std::{sync::Arc, time::Duration};

/// Most messages with calls that are worked on at once: 64 calls each fill two batches of the loop.
const CALL_MESSAGES_AT_ONCE_MAX: usize = 256;
/// Most requests of units that are worked on at once.
const UNIT_REQUESTS_AT_ONCE_MAX: usize = 1_024;
/// Pause before a service that fell away is offered again.
const AGAIN_AFTER_MS: u64 = 500;
/// Longest name that a sender may give to a message.
const MESSAGE_ID_BYTES_MAX: usize = 128;

/// Runs until the nerves are told to stop.
pub(super) async fn run<D: Disk>(ctx: Arc<Ctx<D>>) {
    let Some(started) = ctx.now().await else { return };
    let units = serve(&ctx, units(&ctx, started), Units { ctx: &ctx });
    if ctx.elsewhere.contains(&Station::Intake) {
        return units.await;
    }
    let intake = serve(&ctx, intake(&ctx, started), Intake { ctx: &ctx });
    tokio::join!(units, intake);
}

async fn serve<D: Disk>(ctx: &Ctx<D>, service: Service, works: impl Works) {
    loop {
        tokio::select! { biased; () = ctx.stopped() => return, () = ctx.ground.may_serve() => {} }
        // Beside another journal's engine this one would be handed every second call of the other's city.
        let ending = async {
            tokio::select! { () = ctx.stopped() => {} () = ctx.ground.refused() => {} }
        };
        if let Err(error) = host(&ctx.link, &service, &works, ending).await {
            tracing::warn!(error = &error as &dyn std::error::Error, service = service.name, "not served");
        }
        let pause = tokio::time::sleep(Duration::from_millis(AGAIN_AFTER_MS));
        tokio::select! { biased; () = ctx.stopped() => return, () = pause => {} }
    }
}

/// The service of calls.
fn intake<D: Disk>(ctx: &Ctx<D>, started: Timestamp) -> Service {
    Service {
        name: "huying-intake",
        description: "Takes one call or up to 64 and answers with case numbers or refusals",
        endpoint: "calls",
        filter: Filter::Whole(Family::Intake),
        queue_group: "intake",
        at_once_max: CALL_MESSAGES_AT_ONCE_MAX,
        ..common(ctx, started)
    }
}

/// The service of units.
fn units<D: Disk>(ctx: &Ctx<D>, started: Timestamp) -> Service {
    Service {
        name: "huying-units",
        description: "Does what a unit asks in its own name",
        endpoint: "verbs",
        filter: Filter::Whole(Family::As),
        queue_group: "units",
        at_once_max: UNIT_REQUESTS_AT_ONCE_MAX,
        ..common(ctx, started)
    }
}

fn common<D: Disk>(ctx: &Ctx<D>, started: Timestamp) -> Service {
    let id = ctx.doors.drawn().to_string();
    let journal = ctx.identity.journal_id.iter().map(|byte| format!("{byte:02x}")).collect();
    Service {
        name: "huying",
        description: "",
        version: env!("CARGO_PKG_VERSION"),
        id,
        started,
        filter: Filter::Whole(Family::As),
        endpoint: "",
        queue_group: "huying",
        at_once_max: 1,
        metadata: vec![("journal", journal), ("form", "huying.v1".to_owned())],
    }
}

struct Intake<'c, D: Disk> {
    ctx: &'c Ctx<D>,
}

impl<D: Disk> Works for Intake<'_, D> {
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
                self.ctx.doors.calls(&caller, &naming, &request.payload).await
            }
            _ => none_taken(bad_subject()),
        };
        calls_reply(&reply, begun)
    }

    fn busy(&self, _: &Request) -> Reply {
        calls_reply(&none_taken(busy()), Stopwatch::start())
    }
}

struct Units<'c, D: Disk> {
    ctx: &'c Ctx<D>,
}

impl<D: Disk> Works for Units<'_, D> {
    fn is_urgent(&self, _: &Request) -> bool {
        false
    }

    async fn answer(&self, request: Request) -> Reply {
        let begun = Stopwatch::start();
        let reply = match request.subject.parse() {
            Ok(Subject::As { unit, verb }) => {
                self.ctx.doors.unit(&unit, verb, &request.payload, self.ctx.link.is_private()).await
            }
            _ => UnitReply::Refused { refusal: bad_subject() },
        };
        unit_reply(&reply, begun)
    }

    fn busy(&self, _: &Request) -> Reply {
        unit_reply(&UnitReply::Refused { refusal: busy() }, Stopwatch::start())
    }
}

fn none_taken(refusal: RefusalMessage) -> IntakeReply {
    IntakeReply { answers: vec![CallAnswer::Refused { external_id: None, refusal }] }
}

/// A message of which nothing was taken is an error in the convention's headers too, so that a plain client sees it.
fn calls_reply(reply: &IntakeReply, begun: Stopwatch) -> Reply {
    let refusal = |answer: &CallAnswer| match answer {
        CallAnswer::Refused { refusal, .. } => Some(error_of(refusal)),
        CallAnswer::Taken { .. } | CallAnswer::Heard { .. } => None,
    };
    let none_taken = reply.answers.iter().all(|answer| matches!(answer, CallAnswer::Refused { .. }));
    let error = reply.answers.first().filter(|_| none_taken).and_then(refusal);
    made(reply, error, begun)
}

fn unit_reply(reply: &UnitReply, begun: Stopwatch) -> Reply {
    let error = match reply {
        UnitReply::Refused { refusal } => Some(error_of(refusal)),
        UnitReply::Done { .. } | UnitReply::Revealed { .. } => None,
    };
    made(reply, error, begun)
}

fn error_of(refusal: &RefusalMessage) -> (u16, String) {
    (status_of(&refusal.code), format!("{}: {}", refusal.code, refusal.words.en))
}

fn made(reply: &impl Serialize, error: Option<(u16, String)>, begun: Stopwatch) -> Reply {
    let body = serde_json::to_vec(reply).expect("an answer is JSON");
    Reply { body, error, took: begun.elapsed() }
}
