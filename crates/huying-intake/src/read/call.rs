//! One call as JSON: what telephone systems, apps and counters send over NATS and HTTP.
//!
//! The form is the public one of `schemas/` and of the message crate; both read the same examples in
//! `tests/`:
//!
//! ```json
//! {
//!   "external_id": "T-20261122-0042",
//!   "occurred_at": "2026-11-22T08:30:00+08:00",
//!   "kind": "complaint",
//!   "class": "noise-residential",
//!   "condition": "loud-music",
//!   "place": {
//!     "point": { "lon": 120.33, "lat": 36.07, "system": "gcj02" },
//!     "address": "…", "area": "370202001003"
//!   },
//!   "words": "…",
//!   "caller": { "number": "…", "name": "…", "home": "…" },
//!   "confidential": false,
//!   "accused": "unit-id",
//!   "department": "unit-id",
//!   "promised_by": "2026-11-29T17:00:00+08:00",
//!   "follows": "0-12",
//!   "photos": ["<the hash of a file that is kept>"],
//!   "settled": { "as": "refuse", "ground": "beyond_duty", "reason": "…", "guide": { "to": "way", "what": "…" } }
//! }
//! ```
//!
//! Every field may be absent, but either `words` or `class` must be there. An unknown field is refused, so
//! that a feed that misspells one learns of it. Texts are not blank and hold no control character but line
//! breaks and tabs.

use super::{ADDRESS_CHARS_MAX, CALL_BYTES_MAX, CALLER_FIELD_CHARS_MAX, field_at};
use crate::{
    coordinates::{CoordinateSystem, to_wgs84},
    profile::Profile,
    redact::{redact, summary_of},
    report::{Note, Report},
    unreadable::Unreadable,
    wording::kind_of,
};
use huying_domain::{
    area::Point,
    command::AtOnce,
    event::collect::Guide,
    private::{PRIVATE_FIELD_CHARS_MAX, Private},
    record::Hash,
    time::Timestamp,
    vocabulary::{CaseKind, Channel, Tag},
};
use serde::Deserialize;
use serde_json::error::Category;
use std::str::FromStr;

/// The class of a call whose words nobody has classed yet; routing sends it to the dispatcher's desk.
pub const WORDS_CLASS_UNKNOWN: &str = "unclassified";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    external_id: Option<String>,
    occurred_at: Option<String>,
    kind: Option<String>,
    class: Option<String>,
    condition: Option<String>,
    place: Option<Place>,
    words: Option<String>,
    caller: Option<Caller>,
    #[serde(default)]
    confidential: bool,
    accused: Option<String>,
    department: Option<String>,
    promised_by: Option<String>,
    settled: Option<AtOnce>,
    follows: Option<String>,
    #[serde(default)]
    photos: Vec<Hash>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    point: Option<Degrees>,
    address: Option<String>,
    area: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Degrees {
    lon: f64,
    lat: f64,
    #[serde(default)]
    system: CoordinateSystem,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Caller {
    number: Option<String>,
    name: Option<String>,
    home: Option<String>,
}

/// Reads one call. The channel is what the door knows; `received` is the instant at the door, since a time
/// that a client sends decides nothing. A profile says the source's kind where the words say none, and its
/// "no place".
pub fn read_json(
    profile: Option<&Profile>,
    channel: Channel,
    received: Timestamp,
    bytes: &[u8],
) -> Result<Report, Unreadable> {
    if bytes.len() > CALL_BYTES_MAX {
        return Err(Unreadable::too_long(""));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::not_utf8(""))?;
    let call: Call = serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Data => Unreadable::bad_shape(&field_at(text, &error)),
        Category::Io | Category::Syntax | Category::Eof => Unreadable::not_json(""),
    })?;
    let words = bounded("words", call.words, PRIVATE_FIELD_CHARS_MAX)?;
    let place = call.place.unwrap_or(Place { point: None, address: None, area: None });
    let mut notes = Vec::new();
    let point = place.point.map(wgs84).transpose()?.filter(|point| {
        let stands_in = profile.is_some_and(|profile| profile.is_no_place(*point));
        if stands_in {
            notes.push(Note::PlaceIsStandIn);
        }
        !stands_in
    });
    let address = bounded("place.address", place.address, ADDRESS_CHARS_MAX)?;
    if words.is_none() && call.class.is_none() {
        return Err(Unreadable::missing_class("class"));
    }
    let class = call.class.unwrap_or_else(|| WORDS_CLASS_UNKNOWN.to_owned());
    let kind = kind(call.kind, words.as_deref(), profile)?;
    // The caller's words are sealed whole. A summary that repeated them, redacted or not, would outlive an erasure.
    let about = about(kind, &class, call.condition.as_deref());
    let caller = call.caller.unwrap_or_default();
    Ok(Report {
        external: call
            .external_id
            .map(|id| id.parse().map_err(|_| Unreadable::bad_external_id("external_id")))
            .transpose()?,
        received,
        kind,
        channel,
        summary: summary_of(&about, address.as_deref(), &class),
        class: name("class", class)?,
        condition: call.condition.map(|text| name("condition", text)).transpose()?,
        department: call.department.map(|text| name("department", text)).transpose()?,
        point,
        area: place.area.map(|text| name("place.area", text)).transpose()?,
        area_hint: None,
        address,
        private: Private {
            number: bounded("caller.number", caller.number, CALLER_FIELD_CHARS_MAX)?,
            name: bounded("caller.name", caller.name, CALLER_FIELD_CHARS_MAX)?,
            address: bounded("caller.home", caller.home, ADDRESS_CHARS_MAX)?,
            words,
            remarks: None,
        },
        occurred_at: time("occurred_at", call.occurred_at)?,
        target: time("promised_by", call.promised_by)?,
        closed: None,
        snapshot: None,
        on_time: None,
        tags: if call.confidential { vec![Tag::Confidential] } else { Vec::new() },
        accused: call.accused.map(|text| name("accused", text)).transpose()?,
        settled: call.settled.map(redacted),
        follows: call.follows.map(|text| name("follows", text)).transpose()?,
        photos: call.photos,
        notes,
    })
}

/// What was settled on the line, without what belongs to the caller alone.
fn redacted(settled: AtOnce) -> AtOnce {
    match settled {
        AtOnce::Refuse { ground, reason, guide } => {
            let guide = guide.map(|guide| match guide {
                Guide::Way(way) => Guide::Way(redact(&way)),
                Guide::Earlier(case) => Guide::Earlier(case),
            });
            AtOnce::Refuse { ground, reason: redact(&reason), guide }
        }
        AtOnce::Answer { contacted, done, by_when, verdict } => AtOnce::Answer {
            contacted: redact(&contacted),
            done: redact(&done),
            by_when: by_when.map(|text| redact(&text)),
            verdict,
        },
        AtOnce::Solve { result, evidence } => AtOnce::Solve { result: redact(&result), evidence },
        refer @ AtOnce::Refer { .. } => refer,
    }
}

/// What a call is about, without any word of the caller's.
fn about(kind: CaseKind, class: &str, condition: Option<&str>) -> String {
    match condition {
        Some(condition) => format!("{} · {class} · {condition}", kind.zh()),
        None => format!("{} · {class}", kind.zh()),
    }
}

/// The summary of a call by its kind, class and place.
pub(crate) fn summary(report: &Report) -> String {
    let condition = report.condition.as_ref().map(|condition| condition.as_str());
    let about = about(report.kind, report.class.as_str(), condition);
    summary_of(&about, report.address.as_deref(), report.class.as_str())
}

/// What the source says, else what the words tell, else what the source's callers mostly want.
fn kind(
    said: Option<String>,
    words: Option<&str>,
    profile: Option<&Profile>,
) -> Result<CaseKind, Unreadable> {
    match said {
        Some(said) => said.parse().map_err(|_| Unreadable::unknown_value("kind")),
        None => Ok(words
            .and_then(kind_of)
            .or(profile.map(|profile| profile.default_kind))
            .unwrap_or(CaseKind::Help)),
    }
}

fn name<T: FromStr>(field: &str, text: String) -> Result<T, Unreadable> {
    text.parse().map_err(|_| Unreadable::bad_name(field))
}

fn time(field: &str, text: Option<String>) -> Result<Option<Timestamp>, Unreadable> {
    text.map(|text| text.parse().map_err(|_| Unreadable::bad_time(field))).transpose()
}

fn wgs84(degrees: Degrees) -> Result<Point, Unreadable> {
    let bad = || Unreadable::bad_point("place.point");
    // Checked before and after: a conversion is only meant for points on the globe.
    Point::from_degrees(degrees.lon, degrees.lat).ok_or_else(bad)?;
    let (lon, lat) = to_wgs84(degrees.system, degrees.lon, degrees.lat);
    Point::from_degrees(lon, lat).ok_or_else(bad)
}

fn bounded(field: &str, text: Option<String>, chars_max: usize) -> Result<Option<String>, Unreadable> {
    let Some(text) = text else { return Ok(None) };
    if text.chars().count() > chars_max {
        return Err(Unreadable::too_long(field));
    }
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.trim().is_empty() || text.chars().any(control) {
        return Err(Unreadable::bad_shape(field));
    }
    Ok(Some(text))
}
