//! `GET /v1/work`: what a unit has to do, and of that what is one person's own.

use crate::{
    health::look,
    refused::Refused,
    rights::Right,
    router::Ground,
    shown::{Row, Tongue},
    sign_in::who::Who,
};
use axum::{
    Json,
    extract::{Query as Said, State, rejection::QueryRejection},
};
use huying_domain::{ids::Seq, time::Timestamp, vocabulary::Stage};
use huying_projection::cases::{
    query::{PAGE_ROWS_MAX, Query, Shown},
    row,
    sight::Sight,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whose work.
#[derive(Clone, Default, Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Whose {
    /// `unit` (what the unit holds), `mine` (of that, what was given to me), `all` (and what it helps with or handled).
    who: Option<String>,
}

/// Work, soonest due first.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Work {
    rows: Vec<Row>,
    total: u64,
    seq: Seq,
    now: Timestamp,
}

/// The work of the asker's unit.
pub(crate) async fn see(
    State(ground): State<Ground>,
    who: Who,
    whose: Result<Said<Whose>, QueryRejection>,
) -> Result<Json<Work>, Refused> {
    who.must(Right::Work)?;
    let Ok(Said(Whose { who: whose })) = whose else { return Err(Refused::bad_request("who")) };
    let whose = whose.unwrap_or_default();
    if !matches!(whose.as_str(), "" | "unit" | "mine" | "all") {
        return Err(Refused::bad_request("who"));
    }
    let work = look(&ground, move |engine| {
        let now = engine.clock().now();
        let (cases, unit) = (&engine.views().cases, &who.account.unit);
        let mine = |row: &row::Row| {
            let case = engine.state().case(row.case);
            case.is_some_and(|case| case.person.as_ref() == Some(&who.account.name))
        };
        let theirs = |row: &&row::Row| {
            let holds = row.holder == *unit && row.stage != Stage::Following;
            match whose.as_str() {
                "mine" => holds && mine(row),
                "all" => holds || row.co_handlers.contains(unit) || row.handler.as_ref() == Some(unit),
                _ => holds || row.co_handlers.contains(unit),
            }
        };
        let seen = |row: &&row::Row| who.sight.sees(row);
        // What the unit has to do with, narrowed before a row is opened.
        let own = Sight { whole: false, area: None, unit: Some(unit.clone()), sensitive: true };
        let query = Query { sight: own, ..Query::default() };
        let near = cases.meant(&query, now).map(|(row, _)| row);
        let mut rows: Vec<_> = near.filter(theirs).filter(seen).collect();
        let total = rows.len() as u64;
        rows.sort_by_key(|row| (row.next().unwrap_or(Timestamp::FAR), row.case));
        rows.truncate(PAGE_ROWS_MAX);
        let tongue = Tongue(engine.rules());
        let shown = |row| Shown { row, word: cases.word(row, now), next: row.next() };
        let rows = rows.into_iter().map(|row| tongue.row(&shown(row), &who.account, now)).collect();
        Work { rows, total, seq: cases.seq(), now }
    });
    Ok(Json(work.await?))
}
