//! GeoReport v2 under `/open311/v2`, for the programs that speak it: apps that bring reports, sites that show them.
//!
//! | request | answer |
//! |---|---|
//! | `GET /discovery` | what there is |
//! | `GET /services`, `/services/{code}` | the classes of the policy and their filing conditions |
//! | `POST /requests` | a report becomes a case, its photographs with it; with the key of a feed |
//! | `GET /requests`, `/requests/{id}` | cases, as everybody may see them |
//! | `GET /tokens/{token}` | the number behind a token |
//! | `GET`, `POST /servicerequestupdates` | what happened; a word from who brought the report |
//!
//! Each ends in `.xml` or `.json`; both are written from one [`element`]. It reads liberally ([`said`], [`instant`]) and
//! writes strictly. What it shows comes from `huying_projection::requests`, where no caller and no written word is; what
//! it takes goes through the same doors as every call and act.

mod discovery;
mod element;
mod filter;
mod instant;
mod problem;
mod report;
mod requests;
mod said;
mod services;
mod told;
mod updates;

use self::{
    element::{Document, Format},
    problem::{Problem, Problems},
    said::Said,
};
use crate::{
    keys::Grant,
    limit::Anybody,
    refused::Refused,
    router::{BODY_BYTES_MAX, Ground},
    shown::Tongue,
    upload::{self, UPLOAD_BYTES_MAX, is_multipart},
};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request, State},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use huying_domain::{area::Level, rules::Rules, words::Words};
use jiff::tz::TimeZone;
use std::sync::Arc;

/// What is asked here, once its form is known.
struct Asked {
    ground: Ground,
    rules: Arc<Rules>,
    said: Said,
    headers: HeaderMap,
    /// Of the key that came along; none without a key, or with one that nobody has.
    grant: Option<Grant>,
    english: bool,
}

/// The addresses.
pub(crate) fn routes() -> Router<Ground> {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX))
}

/// Answers everything under this door, so that refusals too are told as the standard says.
async fn answer(State(ground): State<Ground>, request: Request) -> Response {
    let path = request.uri().path().trim_matches('/').to_owned();
    let Some((path, format)) = Format::of(&path) else {
        let told = "格式只有 .xml 和 .json。 Bad extension. We support .xml and .json";
        return (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], told)
            .into_response();
    };
    let method = request.method().clone();
    let document = match asked(ground, request).await {
        Ok(asked) => led(&asked, &method, path).await,
        Err(problems) => Err(problems),
    };
    match document {
        Ok(document) => document.answer(StatusCode::OK, format),
        Err(problems) => problems.answer(format),
    }
}

async fn led(asked: &Asked, method: &Method, path: &str) -> Result<Document, Problems> {
    asked.is_for_us()?;
    let (room, name) = path.split_once('/').unwrap_or((path, ""));
    let name = percent(name);
    match (method.as_str(), room, name.as_str()) {
        ("GET" | "HEAD", "discovery", "") => discovery::see(asked).await,
        ("GET" | "HEAD", "services", "") => Ok(services::list(asked)),
        ("GET" | "HEAD", "services" | "service", code) if !code.is_empty() => {
            services::definition(asked, code)
        }
        ("GET" | "HEAD", "requests", "") => requests::list(asked).await,
        ("GET" | "HEAD", "requests" | "request", id) if !id.is_empty() => requests::one(asked, id).await,
        ("GET" | "HEAD", "tokens", token) if !token.is_empty() => requests::token(asked, token).await,
        ("GET" | "HEAD", "servicerequestupdates", "") => updates::list(asked).await,
        ("POST", "requests", "") => report::take(asked).await,
        ("POST", "servicerequestupdates", "") => updates::take(asked).await,
        (_, "discovery" | "services" | "requests" | "tokens" | "servicerequestupdates", _) => {
            Err(Refused::wrong_method().into())
        }
        _ => Err(Refused::not_found().into()),
    }
}

/// A segment of an address as it was meant.
fn percent(segment: &str) -> String {
    let plain = segment.replace('+', "%2B").replace(['&', '='], "");
    form_urlencoded::parse(plain.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

/// Reads what stands in the address and the body, and whose key it is. Who brings a key in force is not counted.
async fn asked(ground: Ground, request: Request) -> Result<Asked, Problems> {
    let (mut parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let is_post = parts.method == Method::POST;
    let kind = content_type(&parts).to_owned();
    let (place, bytes_max) =
        if is_multipart(&kind) { (upload::place().await, UPLOAD_BYTES_MAX) } else { (None, BODY_BYTES_MAX) };
    let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), &ground).await;
    let bytes = bytes.ok().filter(|bytes| bytes.len() <= bytes_max);
    let bytes = bytes.ok_or_else(|| Problems::from(Refused::too_long(bytes_max)))?;
    let said =
        if is_post { Said::read(&query, &kind, bytes)? } else { Said::read(&query, "", Bytes::new())? };
    drop(place);
    let bearer = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = said.one("api_key").or_else(|| bearer.and_then(|value| value.strip_prefix("Bearer ")));
    let keys = ground.keys.all();
    let grant = key.and_then(|key| keys.of(key.trim())).cloned();
    if grant.is_none() {
        Anybody::from_request_parts(&mut parts, &ground).await.map_err(Problems::from)?;
    }
    let english = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let english = english.is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("en"));
    let rules = ground.doors.rules();
    Ok(Asked { ground, rules, said, headers: parts.headers, grant, english })
}

fn content_type(parts: &Parts) -> &str {
    parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

impl Asked {
    /// One endpoint, one city: its name is the code of its county. Who names another one is at the wrong door.
    fn is_for_us(&self) -> Result<(), Problems> {
        let Some(named) = self.said.one("jurisdiction_id") else { return Ok(()) };
        let mut counties = self.rules.territory.codes(Level::County);
        if counties.any(|county| county.to_string() == named) {
            return Ok(());
        }
        Err(Problem::unknown("jurisdiction_id", named).into())
    }

    /// What may be brought with the key that came along.
    fn grant(&self) -> Result<&Grant, Problem> {
        self.grant.as_ref().ok_or_else(Problem::no_key)
    }

    fn zone(&self) -> &TimeZone {
        let policy = &self.rules.policy;
        self.rules.calendars.get(&policy.calendar).expect("checked when the rules were read").zone()
    }

    fn tongue(&self) -> Tongue<'_> {
        Tongue(&self.rules)
    }

    /// In the language that was asked for; in Chinese where none was.
    fn in_words(&self, words: &Words) -> String {
        if self.english { words.en.to_string() } else { words.zh.to_string() }
    }
}
