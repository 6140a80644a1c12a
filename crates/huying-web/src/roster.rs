//! `GET /v1/units`, `POST /v1/units/{unit}/duty`: who is there, and how their work arrives.

use crate::{
    acts::{Taken, key},
    health::look,
    refused::Refused,
    rights::Right,
    router::{Ground, Read},
    shown::Counts,
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
    vocabulary::Stage,
    words::Words,
};
use huying_engine::engine::Engine;
use huying_projection::{cases::query::Query, word::WordCounts};
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
    let near = |unit: &&Unit| who.oversees(&unit.id, rules);
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
