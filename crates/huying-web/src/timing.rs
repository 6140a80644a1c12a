//! `GET /v1/timing`: how long each clock took each unit, and the list behind each of its numbers.

use crate::{
    health::look, refused::Refused, rights::Right, router::Ground, shown::Tongue, sign_in::who::Who,
};
use axum::{
    Json,
    extract::{Query as Said, State, rejection::QueryRejection},
};
use huying_domain::{
    ids::{CaseId, Seq, UnitId},
    time::Timestamp,
    vocabulary::Clock,
    words::Words,
};
use huying_engine::engine::Engine;
use huying_projection::timing::{
    Line,
    taken::{Count, End, LISTED_MAX},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long a clock took a unit.
#[derive(Serialize, JsonSchema)]
struct Took {
    clock: Clock,
    unit: UnitId,
    words: Words,
    met: u64,
    /// Those met that were not breached before.
    in_time: u64,
    /// Ended otherwise: the case climbed, was returned, refused, cancelled.
    unmet: u64,
    breached: u64,
    median_s: Option<u64>,
    p90_s: Option<u64>,
}

/// How long clocks took.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Timing {
    lines: Vec<Took>,
    seq: Seq,
    now: Timestamp,
}

/// Which number's list is wanted.
#[derive(Clone, Default, Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Which {
    clock: Option<String>,
    unit: Option<String>,
    /// `met`, `in_time`, `unmet` or `breached`.
    number: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct OfEnd {
    case: CaseId,
    /// When the clock ended or ran out.
    at: Timestamp,
    /// Elapsed seconds without those in which it stood still, where what it measured happened.
    seconds: Option<u64>,
}

/// The list behind a number.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Ends {
    total: u64,
    /// The newest first, at most `listed_max` of them.
    items: Vec<OfEnd>,
    listed_max: usize,
    seq: Seq,
    now: Timestamp,
}

fn lines(engine: &mut Engine, who: &Who) -> Timing {
    let now = engine.clock().now();
    let rules = engine.rules();
    let took = |line: Line| Took {
        words: Tongue(rules).unit(&line.unit),
        clock: line.clock,
        unit: line.unit,
        met: line.met,
        in_time: line.in_time,
        unmet: line.unmet,
        breached: line.breached,
        median_s: line.median_s,
        p90_s: line.p90_s,
    };
    let views = engine.views();
    let lines = views.timings.lines().filter(|line| who.oversees(&line.unit, rules)).map(took).collect();
    Timing { lines, seq: views.cases.seq(), now }
}

/// How long each clock took the units that the asker sees.
pub(crate) async fn see(State(ground): State<Ground>, who: Who) -> Result<Json<Timing>, Refused> {
    who.must(Right::See)?;
    Ok(Json(look(&ground, move |engine| lines(engine, &who)).await?))
}

/// The clocks behind one of the numbers; nothing where the unit is not the asker's to see.
pub(crate) async fn list(
    State(ground): State<Ground>,
    who: Who,
    which: Result<Said<Which>, QueryRejection>,
) -> Result<Json<Ends>, Refused> {
    who.must(Right::See)?;
    let Ok(Said(which)) = which else { return Err(Refused::bad_request("query")) };
    let clock = which.clock.as_deref().and_then(|name| name.parse::<Clock>().ok());
    let clock = clock.ok_or_else(|| Refused::bad_request("clock"))?;
    let unit = which.unit.as_deref().and_then(|name| name.parse::<UnitId>().ok());
    let unit = unit.ok_or_else(|| Refused::bad_request("unit"))?;
    let count = which.number.as_deref().and_then(Count::of);
    let count = count.ok_or_else(|| Refused::bad_request("number"))?;
    let listed = look(&ground, move |engine| {
        let now = engine.clock().now();
        let views = engine.views();
        let taken = views.timings.of(clock, &unit).filter(|_| who.oversees(&unit, engine.rules()));
        let item = |End { case, at, seconds }: End| OfEnd { case, at, seconds };
        Ends {
            total: taken.map(|taken| taken.count(count)).unwrap_or_default(),
            items: taken.map(|taken| taken.list(count)).unwrap_or_default().into_iter().map(item).collect(),
            listed_max: LISTED_MAX,
            seq: views.cases.seq(),
            now,
        }
    });
    Ok(Json(listed.await?))
}
