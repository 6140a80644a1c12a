//! `GET /v1/flows`: the cases behind what came in, was closed and became late today, or yesterday until this hour.

use crate::{
    health::look,
    list::{Filter, zone},
    refused::Refused,
    rights::Right,
    router::Ground,
    sign_in::who::Who,
};
use axum::{
    Json,
    extract::{Query as Said, State, rejection::QueryRejection},
};
use huying_domain::{
    ids::{CaseId, Seq},
    time::Timestamp,
};
use huying_engine::engine::Engine;
use huying_projection::{
    cases::{
        flow::{Counts, Stream},
        query::Query,
    },
    period::Periods,
    span::Span,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most cases that one list names; how many there are is told all the same.
const ITEMS_MAX: usize = 500;
/// Seconds of a day.
const DAY_S: i64 = 86_400;

/// The numbers of one day.
#[derive(Serialize, JsonSchema)]
pub(crate) struct OfDay {
    filed: u64,
    closed: u64,
    breached: u64,
}

impl From<Counts> for OfDay {
    fn from(Counts { filed, closed, breached }: Counts) -> Self {
        Self { filed, closed, breached }
    }
}

/// Today beside yesterday until the same hour.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Flows {
    today: OfDay,
    yesterday: OfDay,
}

/// Which number's list is wanted.
#[derive(Clone, Default, Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Which {
    /// `filed`, `closed` or `breached`.
    number: Option<String>,
    /// `today`, which it is where nothing is said, or `yesterday`, until the same hour.
    day: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Item {
    case: CaseId,
    /// When it came in, was closed or became late.
    at: Timestamp,
}

/// The list behind a number.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Listed {
    total: u64,
    /// At most 500 of them, by case.
    items: Vec<Item>,
    seq: Seq,
    now: Timestamp,
}

#[derive(Clone, Copy)]
enum Day {
    Today,
    Yesterday,
}

/// The reporting day that runs, until now; or the one before, until this hour.
fn span(engine: &Engine, day: Day, now: Timestamp) -> Span {
    let rules = engine.rules();
    let periods = Periods::new(zone(rules).clone(), &rules.policy.scores);
    let today = periods.day_of(now);
    match day {
        // What has just happened bears this very instant.
        Day::Today => Span { from: periods.day(today).from, to: now.plus_seconds(1) },
        Day::Yesterday => {
            let day = periods.day(today.yesterday().unwrap_or(today));
            Span { from: day.from, to: now.plus_seconds(1 - DAY_S) }
        }
    }
}

/// The numbers under a board's question.
pub(crate) fn flows(engine: &Engine, query: &Query, now: Timestamp) -> Flows {
    let cases = &engine.views().cases;
    let of = |day| cases.flow(query, span(engine, day, now)).into();
    Flows { today: of(Day::Today), yesterday: of(Day::Yesterday) }
}

/// The list behind one of them.
pub(crate) async fn see(
    State(ground): State<Ground>,
    who: Who,
    filter: Result<Said<Filter>, QueryRejection>,
    which: Result<Said<Which>, QueryRejection>,
) -> Result<Json<Listed>, Refused> {
    who.must(Right::See)?;
    let (Ok(Said(filter)), Ok(Said(which))) = (filter, which) else {
        return Err(Refused::bad_request("query"));
    };
    let query = filter.query(&who, &ground.doors.rules())?;
    let stream = which.number.as_deref().and_then(Stream::of);
    let stream = stream.ok_or_else(|| Refused::bad_request("number"))?;
    let day = match which.day.as_deref() {
        None | Some("" | "today") => Day::Today,
        Some("yesterday") => Day::Yesterday,
        Some(_) => return Err(Refused::bad_request("day")),
    };
    let listed = look(&ground, move |engine| {
        let now = engine.clock().now();
        let cases = &engine.views().cases;
        let flowed = cases.flowed(stream, &query, span(engine, day, now));
        let total = flowed.len() as u64;
        let items = flowed.into_iter().take(ITEMS_MAX).map(|(case, at)| Item { case, at }).collect();
        Listed { total, items, seq: cases.seq(), now }
    });
    Ok(Json(listed.await?))
}
