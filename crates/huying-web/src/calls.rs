//! `POST /v1/calls`: calls of a source, taken in as over NATS.

use crate::{
    keys::Grant,
    refused::{Refused, status_of},
    rights::Right,
    router::{BODY_BYTES_MAX, Ground},
    sign_in::who::Who,
};
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequestParts, Query, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use huying_domain::vocabulary::Channel;
use huying_engine::doors::{
    answer::{CallAnswer, IntakeReply},
    calls::{Caller, Naming},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// What the address says beside the path.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub(crate) struct On {
    /// How the calls came in; the key's first channel where it is not said.
    pub(crate) channel: Option<String>,
    /// Of a person's call: the ring at their seat from which the caller's number is taken.
    pub(crate) ring: Option<String>,
}

/// The header that names a message whose calls have no names of their own: sent again, they are the same calls.
const MESSAGE_NAME: &str = "idempotency-key";
/// Most bytes of that name.
const MESSAGE_NAME_BYTES_MAX: usize = 128;

/// As which source a person at the desk brings calls.
const DESK: &str = "desk";
/// As which source somebody brings what they have found themselves.
const PATROL: &str = "patrol";

/// Who brings calls: a feed with its key, or a call-taker who has signed in.
pub(crate) enum Bringer {
    /// A feed.
    Feed(Grant),
    /// A person.
    Person(Box<Who>),
}

impl FromRequestParts<Ground> for Bringer {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, ground: &Ground) -> Result<Self, Refused> {
        if parts.headers.contains_key(header::AUTHORIZATION) {
            return Grant::from_request_parts(parts, ground).await.map(Self::Feed);
        }
        match Who::from_request_parts(parts, ground).await {
            Ok(who) => Ok(Self::Person(Box::new(who))),
            // Who brought no cookie either is told of keys, as feeds are.
            Err(refused) if refused.code() == "no_session" => Err(Refused::no_key()),
            Err(refused) => Err(refused),
        }
    }
}

impl Bringer {
    fn caller(self, named: Option<&str>) -> Result<Caller, Refused> {
        match self {
            Self::Feed(grant) => {
                let channel = channel(&grant, named)?;
                Ok(Caller { source: grant.source, channel, person: None, unit: None })
            }
            Self::Person(who) => {
                let channel = named.unwrap_or(Channel::Call.name()).parse();
                let channel: Channel = channel.map_err(|_| Refused::bad_request("channel"))?;
                let patrols = channel == Channel::Patrol;
                who.must(if patrols { Right::Patrol } else { Right::TakeCalls })?;
                Ok(Caller {
                    source: if patrols { PATROL } else { DESK }.parse().expect("the word is a source id"),
                    channel,
                    person: Some(who.account.name),
                    // What somebody finds and puts right, their own unit has done.
                    unit: patrols.then_some(who.account.unit),
                })
            }
        }
    }
}

/// Takes the calls in and answers when they are on the disk.
pub(crate) async fn take(
    State(ground): State<Ground>,
    bringer: Bringer,
    Query(on): Query<On>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refused> {
    let mut body = body.map_err(|_| Refused::too_long(BODY_BYTES_MAX))?;
    if let (Bringer::Person(who), Some(ring)) = (&bringer, &on.ring) {
        who.must(Right::TakeCalls)?;
        let number = ground.desk.rings.of(&who.account.name, ring)?.number;
        body = with_number(&body, number)?;
    }
    let caller = bringer.caller(on.channel.as_deref())?;
    let reply = ground.doors.calls(&caller, &naming(&headers), &body).await;
    let status = status(&reply);
    let mut response = (status, Json(&reply)).into_response();
    if status == StatusCode::CREATED
        && let Some(CallAnswer::Taken { case, .. }) = reply.answers.first()
        && let Ok(place) = format!("/v1/cases/{case}").parse()
    {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// One call with the number of the ring that it came with, unless the call-taker has written another.
fn with_number(body: &[u8], number: String) -> Result<Bytes, Refused> {
    let mut call: Value = serde_json::from_slice(body).map_err(|error| Refused::misshapen(&error))?;
    let fields = call.as_object_mut().ok_or_else(|| Refused::bad_request("ring"))?;
    let caller = fields.entry("caller").or_insert_with(|| json!({}));
    let caller = caller.as_object_mut().ok_or_else(|| Refused::bad_request("caller"))?;
    caller.entry("number").or_insert(Value::String(number));
    Ok(Bytes::from(call.to_string()))
}

pub(crate) fn naming(headers: &HeaderMap) -> Naming {
    let name = headers.get(MESSAGE_NAME).and_then(|name| name.to_str().ok());
    name.filter(|name| !name.is_empty() && name.len() <= MESSAGE_NAME_BYTES_MAX)
        .map_or(Naming::Fresh, |name| Naming::Message(name.to_owned()))
}

fn channel(grant: &Grant, named: Option<&str>) -> Result<Channel, Refused> {
    let Some(named) = named else { return grant.channels.first().copied().ok_or_else(Refused::not_for_key) };
    let channel = named.parse().map_err(|_| Refused::not_for_key())?;
    if grant.channels.contains(&channel) { Ok(channel) } else { Err(Refused::not_for_key()) }
}

/// One call is told by the status alone; of several each has its own answer.
fn status(reply: &IntakeReply) -> StatusCode {
    match reply.answers.as_slice() {
        [CallAnswer::Taken { repeat: true, .. } | CallAnswer::Heard { .. }] => StatusCode::OK,
        [CallAnswer::Taken { .. }] => StatusCode::CREATED,
        [CallAnswer::Refused { refusal, .. }] => status_of(&refusal.code),
        _ => StatusCode::MULTI_STATUS,
    }
}
