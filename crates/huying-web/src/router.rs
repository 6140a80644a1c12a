//! Which address leads where.
//!
//! | request | answer |
//! |---|---|
//! | `POST /v1/calls` | one call or a list of up to 64, in the form of `schemas/call.json`; `?channel=` names the channel, the header `Idempotency-Key` a message whose calls have no `external_id`. 201 for a new case, 200 for one that was taken before, 207 for a list, else a refusal |
//! | `GET /v1/cases/{id}` | where the case is, for the source that brought it |
//! | `/v1/…` | what `/openapi.json` says, written out of the code; `/docs/api` shows it |
//! | `/open311/v2/…` | GeoReport v2, for foreign programs: see `open311.rs` |
//! | `GET /healthz` | 200 while the loop turns |
//! | `GET /readyz` | 200 while calls are taken; says too whether NATS is there |
//! | `GET /metrics` | what Prometheus reads |

use crate::{
    acts, areas, board, callers,
    callers::Typed,
    calls, cases, catalogue, export, files, flows, grants, health,
    import::{routes as import, table::IMPORT_BYTES_MAX},
    keys::{Grant, ring::KeyRing},
    limit::{Limit, Tries},
    list, live, open311, openapi, operator, preview, rates,
    refused::Refused,
    resident, rings,
    rings::Rings,
    roster,
    rulebook::{self, RULES_BYTES_MAX},
    sign_in::{
        account::{Accounts, DemoAccount},
        arrivals::Arrivals,
        provider::{Providers, routes as provider},
        routes as sign_in,
        secret::Chance,
        session::Sessions,
    },
    stamped::Stamped,
    timing, ui,
    upload::UPLOAD_BYTES_MAX,
    work,
};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request, State},
    http::{HeaderName, HeaderValue, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use huying_domain::{refusal::Refusal, vocabulary::Channel};
use huying_engine::{
    doors::{LiveDoors, answer::RefusalMessage},
    side::{FILE_BYTES_MAX, Files},
};
use serde::de::DeserializeOwned;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::Semaphore, time::timeout};

/// Most bytes of a request's body: as many as a message with calls may have.
pub const BODY_BYTES_MAX: usize = 512 * 1024;
/// Most requests that are answered at once; further ones are told `busy`.
pub const REQUESTS_MAX: usize = 1_024;
/// How long a request may take.
pub const REQUEST_MAX_S: u64 = 30;
/// Most passwords that are hashed at once: each takes a core and 19 MiB for a while.
pub const HASHED_AT_ONCE_MAX: usize = 2;

/// Says whether NATS is there; none where the engine runs without it.
pub type NatsUp = Arc<dyn Fn() -> Option<bool> + Send + Sync>;

/// What the pages of this door stand on.
#[derive(Clone)]
pub struct Ground {
    /// The engine's doors.
    pub doors: Arc<LiveDoors>,
    /// The keys in force.
    pub keys: Arc<KeyRing>,
    /// Whether NATS is there.
    pub nats_up: NatsUp,
    /// Who may sign in, and what the door knows of itself.
    pub desk: Arc<FrontDesk>,
}

/// Who may sign in, and what the door knows of itself.
pub struct FrontDesk {
    /// The accounts.
    pub accounts: Accounts,
    /// The sessions.
    pub sessions: Sessions,
    /// Who else vouches for people.
    pub providers: Providers,
    /// When somebody last came in by each of them.
    pub arrivals: Stamped<Arrivals>,
    /// Randomness of the machine, never of a seed: sessions are drawn from it.
    pub chance: Chance,
    /// The accounts of the demo; none elsewhere.
    pub demo: Vec<DemoAccount>,
    /// The door speaks TLS.
    pub tls: bool,
    /// Nobody on the link can read along: TLS, or this machine alone.
    pub private: bool,
    /// The outlines of the city's areas as GeoJSON, where somebody has drawn them.
    pub outlines: Option<String>,
    /// Photographs, papers, sound.
    pub files: Arc<Mutex<Files>>,
    /// What makes the tokens of residents.
    pub resident_key: Vec<u8>,
    /// How often somebody may come who has not signed in.
    pub limit: Limit,
    /// What rings at which seat.
    pub rings: Rings,
    /// How many numbers people have typed of late.
    pub typed: Typed,
    /// How often the number of a case's caller was tried.
    pub tries: Tries,
    /// Passwords are hashed a few at a time.
    pub hashing: Semaphore,
}

/// The whole door.
pub fn router(ground: Ground) -> Router {
    let turnstile = Arc::new(Semaphore::new(REQUESTS_MAX));
    Router::new()
        .route("/v1/sign-in", get(sign_in::ways))
        .route("/v1/sign-in/{provider}/start", get(provider::start))
        .route("/v1/sign-in/{provider}/back", get(provider::back))
        .route("/v1/session", get(sign_in::see).post(sign_in::begin).delete(sign_in::end))
        .route("/v1/session/password", post(sign_in::password))
        .route("/v1/session/totp", post(sign_in::totp))
        .route("/v1/catalogue", get(catalogue::see))
        .route("/v1/areas", get(areas::children))
        .route("/v1/territory.geojson", get(areas::outlines))
        .route("/v1/cases", get(list::page))
        .route("/v1/cases/{case}", get(cases::see))
        .route("/v1/cases/{case}/clocks", get(cases::clocks))
        .route("/v1/cases/{case}/acts", post(acts::act))
        .route("/v1/work", get(work::see))
        .route("/v1/units", get(roster::see))
        .route("/v1/units/{unit}/duty", post(roster::set_duty))
        .route("/v1/units/file/{form}", get(import::units_file))
        .route("/v1/people/file/{form}", get(import::people_file))
        .route("/v1/cases.csv", get(export::csv))
        .route("/v1/cases.xlsx", get(export::xlsx))
        .route("/v1/cases/{case}/files/{hash}", get(files::get))
        .route("/v1/policy", get(operator::policy))
        .route("/v1/calendars", get(rulebook::calendars))
        .route("/v1/audit", get(operator::audit))
        .route("/v1/accounts", get(operator::accounts).post(operator::put_account))
        .route("/v1/accounts/{account}/password", post(operator::password::draw))
        .route("/v1/accounts/{account}/{how}", post(operator::lock))
        .route("/v1/providers", get(operator::providers::see))
        .route("/v1/keys", get(grants::list).post(grants::make))
        .route("/v1/keys/{source}", delete(grants::revoke))
        .route("/v1/system", get(operator::system))
        .route("/v1/consumers", get(operator::consumers))
        .route("/v1/resident/status", post(resident::by_number))
        .route("/v1/resident/cases/{token}", get(resident::status))
        .route("/v1/resident/cases/{token}/not-solved", post(resident::not_solved))
        .route("/v1/resident/cases/{token}/grade", post(resident::grade))
        .route("/v1/calls", post(calls::take))
        .route("/v1/preview", post(preview::see))
        .merge(figures())
        .merge(ringing())
        .nest("/open311/v2", open311::routes())
        .layer(middleware::from_fn_with_state(turnstile, pass))
        .route("/v1/live", get(live::stream))
        .route("/openapi.json", get(openapi::json_document))
        .route("/docs/api", get(openapi::page))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(ui::page)
        .method_not_allowed_fallback(async || Refused::wrong_method())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .route("/v1/files", post(files::put).layer(DefaultBodyLimit::max(FILE_BYTES_MAX)))
        .route("/v1/resident/reports", post(resident::report).layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX)))
        .route("/v1/units/import", post(import::units).layer(DefaultBodyLimit::max(IMPORT_BYTES_MAX)))
        .route("/v1/people/import", post(import::people).layer(DefaultBodyLimit::max(IMPORT_BYTES_MAX)))
        .route(
            "/v1/rules/{file}",
            get(rulebook::text).post(rulebook::publish).layer(DefaultBodyLimit::max(RULES_BYTES_MAX)),
        )
        .route(
            "/v1/rules/{file}/preview",
            post(rulebook::preview).layer(DefaultBodyLimit::max(RULES_BYTES_MAX)),
        )
        .layer(middleware::map_response(harden))
        .with_state(ground)
}

/// The board and what stands behind its numbers.
fn figures() -> Router<Ground> {
    Router::new()
        .route("/v1/board", get(board::see))
        .route("/v1/flows", get(flows::see))
        .route("/v1/timing", get(timing::see))
        .route("/v1/timing/list", get(timing::list))
        .route("/v1/rates", get(rates::see))
}

/// What a call that comes in at the desk goes by.
fn ringing() -> Router<Ground> {
    Router::new()
        .route("/v1/callers", post(callers::see))
        .route("/v1/rings", get(rings::see).post(rings::ring))
        .route("/v1/rings/seat", post(rings::sit))
        .route("/v1/rings/{ring}", delete(rings::put_away))
}

/// What every answer says to browsers: take nothing from elsewhere, guess no types, be framed by nobody.
async fn harden(mut response: Response) -> Response {
    const SAID: [(HeaderName, &str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; \
             connect-src 'self'; worker-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; \
             form-action 'self'",
        ),
    ];
    let headers = response.headers_mut();
    for (name, value) in SAID {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A body in JSON, or the refusal that says what is wrong with it.
pub(crate) struct Read<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Read<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|_| Refused::too_long(BODY_BYTES_MAX))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| Refused::misshapen(&error))
    }
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
        ground.keys.all().of(key.trim()).cloned().ok_or_else(Refused::no_key)
    }
}
