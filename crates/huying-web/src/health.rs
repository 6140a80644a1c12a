//! What operators and their programs ask.

use crate::{refused::Refused, router::Ground};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huying_domain::ids::Seq;
use huying_engine::engine::Engine;
use serde::Serialize;
use std::time::Duration;
use tokio::time::timeout;

/// How long the loop may take to say that it turns.
const LOOP_ANSWERS_WITHIN_S: u64 = 5;

/// What `/readyz` tells.
#[derive(Serialize)]
struct Ready {
    ready: bool,
    /// The last record on the disk.
    head: Seq,
    /// The clock jumped and the timers wait for a person; calls are taken all the same.
    clock_held: bool,
    /// Records that sled does not hold yet.
    shelf_lag_records: u64,
    /// `up`, `away` or `none`. While it is away, calls are taken and clocks run.
    nats: &'static str,
}

pub(crate) async fn look<R: Send + 'static>(
    ground: &Ground,
    see: impl FnOnce(&mut Engine) -> R + Send + 'static,
) -> Result<R, Refused> {
    let ticket = ground.doors.handle().look(see).map_err(|_| Refused::late())?;
    let seen = timeout(Duration::from_secs(LOOP_ANSWERS_WITHIN_S), ticket.answer()).await;
    seen.ok().flatten().ok_or_else(Refused::late)
}

/// Whether the loop turns.
pub(crate) async fn alive(State(ground): State<Ground>) -> Result<Response, Refused> {
    look(&ground, |_| ()).await?;
    Ok((StatusCode::OK, "ok\n").into_response())
}

/// Whether calls are taken, and how everything stands.
pub(crate) async fn ready(State(ground): State<Ground>) -> Result<Response, Refused> {
    let nats = match (ground.nats_up)() {
        Some(true) => "up",
        Some(false) => "away",
        None => "none",
    };
    let ready = look(&ground, move |engine| Ready {
        ready: true,
        head: engine.journal().synced_head().seq,
        clock_held: engine.clock().is_held(),
        shelf_lag_records: engine.journal().shelf_lag(),
        nats,
    });
    Ok(Json(ready.await?).into_response())
}

/// What Prometheus reads.
pub(crate) async fn metrics(State(ground): State<Ground>) -> Result<Response, Refused> {
    let text = look(&ground, |engine| engine.metrics()).await?.text();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
