//! `GET /v1/board`: the whole of what a supervisor sees, under the same filter as the lists.

use crate::{
    areas::right_below,
    flows::{Flows, flows},
    health::look,
    list::{Filter, zone},
    refused::Refused,
    rights::Right,
    router::Ground,
    shown::{Counts, Row, Tongue},
    sign_in::{
        routes::{Scope, scope},
        who::Who,
    },
};
use axum::{
    Json,
    extract::{Query as Said, State, rejection::QueryRejection},
};
use huying_domain::{
    area::{AreaCode, Level},
    ids::{CaseId, ClassId, Seq, TellChannel, UnitId},
    time::Timestamp,
    vocabulary::{Rung, Stage},
    words::Words,
};
use huying_engine::engine::Engine;
use huying_projection::{
    cases::query::{Query, Shown},
    health::Flaw,
    panorama::Panorama,
    word::WordCounts,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Most units on one board; those with the most overdue cases come first.
const HOLDERS_MAX: usize = 200;
/// Most classes on one board; the most frequent come first.
const CLASSES_MAX: usize = 50;
/// Most areas that are shown though nothing is open there.
const QUIET_AREAS_MAX: usize = 500;

#[derive(Serialize, JsonSchema)]
struct OfRung {
    rung: Rung,
    words: Words,
    counts: Counts,
}

#[derive(Serialize, JsonSchema)]
struct OfStage {
    stage: Stage,
    words: Words,
    counts: Counts,
}

#[derive(Serialize, JsonSchema)]
struct OfUnit {
    unit: UnitId,
    words: Words,
    counts: Counts,
}

#[derive(Serialize, JsonSchema)]
struct OfArea {
    area: AreaCode,
    /// What lies right at the area that is looked at; its list asks for `itself` too.
    itself: bool,
    words: Words,
    level: Level,
    counts: Counts,
}

#[derive(Serialize, JsonSchema)]
struct OfClass {
    class: ClassId,
    words: Words,
    counts: Counts,
}

/// Since when a case has waited.
#[derive(Serialize, JsonSchema)]
struct Waiting {
    case: CaseId,
    since: Timestamp,
}

/// A unit that does not take up what was sent to it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SilentUnit {
    unit: UnitId,
    words: Words,
    case: CaseId,
    since: Timestamp,
    due: Timestamp,
}

/// A way of telling residents by which nobody can be told now.
#[derive(Serialize, JsonSchema)]
pub(crate) struct BrokenWay {
    channel: TellChannel,
    /// The adapter's own words, or that nobody answered.
    why: String,
    since: Timestamp,
}

/// Numbers that must be nought, and how far behind things are. They are the whole city's.
#[derive(Serialize, JsonSchema)]
pub(crate) struct HealthRow {
    orphans: u64,
    no_target: u64,
    no_next: u64,
    unaccepted: u64,
    oldest_unaccepted: Option<Waiting>,
    watch_lag_s: i64,
    clock_held: bool,
    /// `up`, `away` or `none`.
    nats: &'static str,
    silent: Vec<SilentUnit>,
    /// Found by the self-test at the start and each minute from then on.
    broken_ways: Vec<BrokenWay>,
    shelf_lag_records: u64,
}

/// The board.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Board {
    seq: Seq,
    now: Timestamp,
    scope: Scope,
    open: Counts,
    rungs: Vec<OfRung>,
    stages: Vec<OfStage>,
    holders: Vec<OfUnit>,
    areas: Vec<OfArea>,
    classes: Vec<OfClass>,
    /// Open cases by weekday (Monday first) and hour of their filing.
    hours: Vec<Vec<u64>>,
    health: HealthRow,
    /// What came in, was closed and became late today, and yesterday until the same hour.
    flows: Flows,
    /// The cases whose next instant comes first.
    at_risk: Vec<Row>,
}

/// What NATS is to this engine, in one word.
pub(crate) fn nats_word(ground: &Ground) -> &'static str {
    match (ground.nats_up)() {
        Some(true) => "up",
        Some(false) => "away",
        None => "none",
    }
}

/// The health row. The numbers of cases are asked by the same question as their lists, under the asker's eyes.
fn health_row(
    engine: &mut Engine,
    query: &Query,
    nats: &'static str,
    counted: &BTreeMap<Flaw, u64>,
) -> HealthRow {
    let now = engine.clock().now();
    let clock_held = engine.clock().is_held();
    let cases = &engine.views().cases;
    let whole = cases.health(now);
    let long = |flaw| {
        // The panorama has counted them under the same question, unless that names a flaw itself.
        if query.flaw.is_none() {
            return counted.get(&flaw).copied().unwrap_or_default();
        }
        let query = Query { flaw: Some(flaw), ..query.clone() };
        cases.meant(&query, now).count() as u64
    };
    let seen = |case: &CaseId| cases.row(*case).is_some_and(|row| query.sight.sees(row));
    let tongue = Tongue(engine.rules());
    let silent = engine.views().delivery.silent().filter(|(_, told)| seen(&told.case));
    HealthRow {
        orphans: long(Flaw::Orphan),
        no_target: long(Flaw::NoTarget),
        no_next: long(Flaw::NoNext),
        unaccepted: long(Flaw::Unaccepted),
        oldest_unaccepted: whole
            .oldest_unaccepted
            .filter(|(case, _)| seen(case))
            .map(|(case, since)| Waiting { case, since }),
        watch_lag_s: whole.watch_lag_s,
        clock_held,
        nats,
        silent: silent
            .map(|(unit, told)| SilentUnit {
                unit: unit.clone(),
                words: tongue.unit(unit),
                case: told.case,
                since: told.since,
                due: told.due,
            })
            .collect(),
        broken_ways: engine
            .views()
            .ways
            .broken()
            .map(|(channel, way)| BrokenWay {
                channel: channel.clone(),
                why: way.broken.clone().unwrap_or_default(),
                since: way.since,
            })
            .collect(),
        shelf_lag_records: engine.journal().shelf_lag(),
    }
}

/// The board as somebody sees it.
pub(crate) async fn see(
    State(ground): State<Ground>,
    who: Who,
    filter: Result<Said<Filter>, QueryRejection>,
) -> Result<Json<Board>, Refused> {
    who.must(Right::See)?;
    let Ok(Said(filter)) = filter else { return Err(Refused::bad_request("query")) };
    let query = filter.query(&who, &ground.doors.rules())?;
    let nats = nats_word(&ground);
    Ok(Json(look(&ground, move |engine| board(engine, &query, &who, nats)).await?))
}

fn board(engine: &mut Engine, query: &Query, who: &Who, nats: &'static str) -> Board {
    let now = engine.clock().now();
    let rules = engine.rules();
    let scope = scope(&who.account, rules);
    let under = query.area.or(scope.area);
    let seen = engine.views().cases.panorama(query, now, under, zone(rules));
    let Panorama { seq, open, rungs, stages, holders, mut areas, classes, hours, flaws, soonest } = seen;
    for quiet in right_below(under, engine.rules()).take(QUIET_AREAS_MAX) {
        areas.entry(quiet).or_default();
    }
    let health = health_row(engine, query, nats, &flaws);
    let (tongue, cases) = (Tongue(engine.rules()), &engine.views().cases);
    let rows = soonest.into_iter().filter_map(|case| cases.row(case));
    let at_risk = rows.map(|row| Shown { row, word: cases.word(row, now), next: row.next() });
    let at_risk = at_risk.map(|shown| tongue.row(&shown, &who.account, now)).collect();
    let mut holders: Vec<_> = holders.iter().collect();
    holders
        .sort_by_key(|(unit, counts)| (std::cmp::Reverse((counts.breached, counts.all())), (*unit).clone()));
    let mut classes: Vec<_> = classes.iter().collect();
    classes.sort_by_key(|(class, counts)| (std::cmp::Reverse(counts.all()), (*class).clone()));
    let of_unit = |(unit, counts): &(&UnitId, &WordCounts)| OfUnit {
        unit: (*unit).clone(),
        words: tongue.unit(unit),
        counts: Counts::from(*counts),
    };
    let of_class = |(class, counts): &(&ClassId, &WordCounts)| OfClass {
        class: (*class).clone(),
        words: tongue.class(class),
        counts: Counts::from(*counts),
    };
    let of_area = |(area, counts): (&AreaCode, &WordCounts)| OfArea {
        area: *area,
        itself: under == Some(*area),
        words: tongue.area(*area),
        level: area.level(),
        counts: counts.into(),
    };
    Board {
        seq,
        now,
        open: Counts::from(&open),
        rungs: rungs
            .iter()
            .map(|(rung, counts)| OfRung {
                rung: *rung,
                words: Words::new(rung.zh(), rung.name()),
                counts: counts.into(),
            })
            .collect(),
        stages: stages
            .iter()
            .map(|(stage, counts)| OfStage {
                stage: *stage,
                words: Words::new(stage.zh(), stage.name()),
                counts: counts.into(),
            })
            .collect(),
        holders: holders.iter().take(HOLDERS_MAX).map(of_unit).collect(),
        areas: areas.iter().map(of_area).collect(),
        classes: classes.iter().take(CLASSES_MAX).map(of_class).collect(),
        hours: hours.iter().map(|day| day.to_vec()).collect(),
        flows: flows(engine, query, now),
        health,
        at_risk,
        scope,
    }
}
