//! `GET /v1/units`, `POST /v1/units/{unit}/duty`, `GET /v1/timing`: who is there, how their work arrives, how long
//! things take.

use crate::{
    acts::{Taken, key},
    health::look,
    refused::Refused,
    rights::Right,
    router::{Ground, Read},
    shown::{Counts, Tongue},
    sign_in::who::Who,
};
use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use huying_domain::{
    area::AreaCode,
    command::Ask,
    ids::{CaseId, Seq, UnitId},
    rules::units::Unit,
    time::Timestamp,
    vocabulary::{Clock, Stage},
    words::Words,
};
use huying_engine::engine::Engine;
use huying_projection::{cases::query::Query, timing::Line, word::WordCounts};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most units of one answer.
const UNITS_MAX: usize = 10_000;

/// How work arrives over NATS.
#[derive(Serialize, JsonSchema)]
struct Arrives {
    sent: u64,
    delivered: u64,
    acked: u64,
    oldest_unaccepted_s: Option<i64>,
}

/// Work that nobody takes up.
#[derive(Serialize, JsonSchema)]
struct Untaken {
    case: CaseId,
    since: Timestamp,
    due: Timestamp,
}

/// One unit.
#[derive(Serialize, JsonSchema)]
struct OfUnit {
    unit: UnitId,
    words: Words,
    area: Option<AreaCode>,
    parent: Option<UnitId>,
    staff: u32,
    on_duty: bool,
    /// It has no people, or nobody is there.
    vacant: bool,
    open: Counts,
    unaccepted: u64,
    delivery: Option<Arrives>,
    silent: Option<Untaken>,
}

/// The units that the asker sees.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Roster {
    units: Vec<OfUnit>,
    /// Some found no room.
    more: bool,
    seq: Seq,
    now: Timestamp,
}

/// Who is there, and how their work arrives.
pub(crate) async fn see(State(ground): State<Ground>, who: Who) -> Result<Json<Roster>, Refused> {
    who.must(Right::Roster)?;
    Ok(Json(look(&ground, move |engine| roster(engine, &who)).await?))
}

fn roster(engine: &mut Engine, who: &Who) -> Roster {
    let now = engine.clock().now();
    let cases = &engine.views().cases;
    let mut open: BTreeMap<&UnitId, (WordCounts, u64)> = BTreeMap::new();
    let query = Query { sight: who.sight.clone(), ..Query::default() };
    for (row, word) in cases.meant(&query, now) {
        let (counts, unaccepted) = open.entry(&row.holder).or_default();
        counts.count(word);
        *unaccepted += u64::from(row.stage == Stage::Assigned);
    }
    let rules = engine.rules();
    let own = &who.account.unit;
    let near = |unit: &&Unit| who.sight.whole || unit.id == *own || rules.supervises(own, &unit.id);
    let mut units: Vec<OfUnit> = rules
        .units
        .iter()
        .filter(near)
        .take(UNITS_MAX + 1)
        .map(|unit| {
            let (counts, unaccepted) = open.get(&unit.id).copied().unwrap_or_default();
            let delivery = engine.views().delivery.units.get(&unit.id);
            let on_duty = engine.state().on_duty(&unit.id);
            OfUnit {
                unit: unit.id.clone(),
                words: unit.name.clone(),
                area: unit.area,
                parent: unit.parent.clone(),
                staff: unit.staff,
                on_duty,
                vacant: unit.staff == 0 || !on_duty,
                open: Counts::from(&counts),
                unaccepted,
                delivery: delivery.map(|told| Arrives {
                    sent: told.arrival.sent,
                    delivered: told.arrival.delivered,
                    acked: told.arrival.acked,
                    oldest_unaccepted_s: told.oldest_unaccepted_s,
                }),
                silent: delivery.and_then(|told| told.silent).map(|told| Untaken {
                    case: told.case,
                    since: told.since,
                    due: told.due,
                }),
            }
        })
        .collect();
    let more = units.len() > UNITS_MAX;
    units.truncate(UNITS_MAX);
    Roster { units, more, seq: cases.seq(), now }
}

/// Whether somebody is there.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnDuty {
    on_duty: bool,
}

/// Says that a unit has somebody on duty, or nobody.
pub(crate) async fn set_duty(
    State(ground): State<Ground>,
    who: Who,
    Path(unit): Path<String>,
    headers: HeaderMap,
    Read(said): Read<OnDuty>,
) -> Result<Json<Taken>, Refused> {
    who.must(Right::SetDuty)?;
    let unit: UnitId = unit.parse().map_err(|_| Refused::not_found())?;
    let ask = Ask::SetDuty { unit, on_duty: said.on_duty };
    let done = ground.doors.set(who.actor(), &key(&ground, &headers)?, ask).await?;
    let (seq, repeat) = (done.seq, done.repeat);
    Ok(Json(Taken { seq, case: None, version: Some(done.version), repeat, caller: None }))
}

/// How long a clock took a unit.
#[derive(Serialize, JsonSchema)]
struct Took {
    clock: Clock,
    unit: UnitId,
    words: Words,
    met: u64,
    unmet: u64,
    breached: u64,
    median_s: Option<u64>,
    p90_s: Option<u64>,
}

/// How long clocks took.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Timing {
    lines: Vec<Took>,
    now: Timestamp,
}

/// How long each clock took the units that the asker sees.
pub(crate) async fn timing(State(ground): State<Ground>, who: Who) -> Result<Json<Timing>, Refused> {
    who.must(Right::See)?;
    let told = look(&ground, move |engine| {
        let now = engine.clock().now();
        let (rules, own) = (engine.rules(), &who.account.unit);
        let near = |line: &Line| who.sight.whole || line.unit == *own || rules.supervises(own, &line.unit);
        let took = |line: Line| Took {
            words: Tongue(rules).unit(&line.unit),
            clock: line.clock,
            unit: line.unit,
            met: line.met,
            unmet: line.unmet,
            breached: line.breached,
            median_s: line.median_s,
            p90_s: line.p90_s,
        };
        Timing { lines: engine.views().timings.lines().filter(near).map(took).collect(), now }
    });
    Ok(Json(told.await?))
}
