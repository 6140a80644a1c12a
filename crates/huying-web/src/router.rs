//! Which address leads where.
//!
//! | request | answer |
//! |---|---|
//! | `POST /v1/calls` | one call or a list of up to 64, in the form of `schemas/call.json`; `?channel=` names the channel, the header `Idempotency-Key` a message whose calls have no `external_id`. 201 for a new case, 200 for one that was taken before, 207 for a list, else a refusal |
//! | `GET /v1/cases/{id}` | where the case is, for the source that brought it |
//! | `GET /healthz` | 200 while the loop turns |
//! | `GET /readyz` | 200 while calls are taken; says too whether NATS is there |
//! | `GET /metrics` | what Prometheus reads |

use crate::{
    calls, cases, health,
    keys::{Grant, Keys},
    refused::Refused,
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts, Request, State},
    http::{header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use huying_domain::{refusal::Refusal, vocabulary::Channel};
use huying_engine::doors::{LiveDoors, answer::RefusalMessage};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, watch},
    time::timeout,
};

/// Most bytes of a request's body: as many as a message with calls may have.
pub const BODY_BYTES_MAX: usize = 512 * 1024;
/// Most requests that are answered at once; further ones are told `busy`.
pub const REQUESTS_MAX: usize = 1_024;
/// How long a request may take.
pub const REQUEST_MAX_S: u64 = 30;

/// Says whether NATS is there; none where the engine runs without it.
pub type NatsUp = Arc<dyn Fn() -> Option<bool> + Send + Sync>;

/// What the pages of this door stand on.
#[derive(Clone)]
pub struct Ground {
    /// The engine's doors.
    pub doors: Arc<LiveDoors>,
    /// The keys in force.
    pub keys: watch::Receiver<Arc<Keys>>,
    /// Whether NATS is there.
    pub nats_up: NatsUp,
}

/// The whole door.
pub fn router(ground: Ground) -> Router {
    let turnstile = Arc::new(Semaphore::new(REQUESTS_MAX));
    Router::new()
        .route("/v1/calls", post(calls::take))
        .route("/v1/cases/{case}", get(cases::status))
        .layer(middleware::from_fn_with_state(turnstile, pass))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(async || Refused::not_found())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(ground)
}

/// Lets so many through at once, each for so long.
async fn pass(State(turnstile): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    let place =
        if is_alarm(&request) { turnstile.acquire().await.ok() } else { turnstile.try_acquire().ok() };
    let Some(_place) = place else {
        return Refused::from(RefusalMessage::from(&Refusal::Busy)).into_response();
    };
    match timeout(Duration::from_secs(REQUEST_MAX_S), next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refused::late().into_response(),
    }
}

/// An alarm waits for its place and is never told to come back later.
fn is_alarm(request: &Request) -> bool {
    let alarm = format!("channel={}", Channel::Device);
    request.uri().query().is_some_and(|query| query.split('&').any(|said| said == alarm))
}

impl FromRequestParts<Ground> for Grant {
    type Rejection = Refused;

    /// The grant of the key in `Authorization: Bearer <key>`.
    async fn from_request_parts(parts: &mut Parts, ground: &Ground) -> Result<Self, Refused> {
        let key = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(Refused::no_key)?;
        let keys = Arc::clone(&ground.keys.borrow());
        keys.of(key.trim()).cloned().ok_or_else(Refused::no_key)
    }
}
