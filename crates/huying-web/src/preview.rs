//! `POST /v1/preview`: what would become of a call, while it is still being written.

use crate::{
    calls::On,
    health::look,
    refused::Refused,
    rights::Right,
    router::{BODY_BYTES_MAX, Ground},
    shown::{Row, Tongue},
    sign_in::who::Who,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Query, State, rejection::BytesRejection},
};
use huying_domain::{
    area::AreaCode,
    ids::{ClassId, ConditionId, UnitId},
    time::Timestamp,
    vocabulary::{CaseKind, Channel, Rung},
    words::Words,
};
use huying_engine::doors::preview::{Lead, Like, Preview};
use huying_projection::cases::query::Shown;
use schemars::JsonSchema;
use serde::Serialize;

/// Where it lies.
#[derive(Serialize, JsonSchema)]
struct Where {
    area: AreaCode,
    words: Words,
    /// The areas above it, the county first.
    path: Vec<Words>,
    /// Nobody finds the place; the area is the fallback.
    orphan: bool,
}

/// Who would get it.
#[derive(Serialize, JsonSchema)]
struct Route {
    lead: UnitId,
    words: Words,
    rung: Rung,
    rung_words: Words,
    on_duty: bool,
    staff: u32,
    told: Vec<UnitId>,
    reason: Words,
}

/// An open case that may be about the same.
#[derive(Serialize, JsonSchema)]
struct Alike {
    #[serde(flatten)]
    row: Row,
    /// How far apart.
    metres: Option<u32>,
    age_s: i64,
}

/// What would become of a call.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Foreseen {
    place: Where,
    class: ClassId,
    class_words: Words,
    condition: Option<ConditionId>,
    kind: CaseKind,
    summary: String,
    summary_words: Words,
    route: Option<Route>,
    accept_due: Option<Timestamp>,
    resolve_due: Option<Timestamp>,
    like: Vec<Alike>,
    now: Timestamp,
}

/// Looks at a call without taking it.
pub(crate) async fn see(
    State(ground): State<Ground>,
    who: Who,
    Query(on): Query<On>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Foreseen>, Refused> {
    who.must(Right::TakeCalls)?;
    let body = body.map_err(|_| Refused::too_long(BODY_BYTES_MAX))?;
    let channel = on.channel.as_deref().unwrap_or(Channel::Call.name());
    let channel = channel.parse().map_err(|_| Refused::bad_request("channel"))?;
    let seen = ground.doors.preview(channel, &body).await?;
    let told = look(&ground, move |engine| {
        let tongue = Tongue(engine.rules());
        let Preview { brief, kind, orphan, summary, lead, accept_due, resolve_due, like, now } = seen;
        let cases = &engine.views().cases;
        let alike = |Like { case, metres, age_s }: Like| {
            let row = cases.row(case).filter(|row| who.sight.sees(row))?;
            let shown = Shown { row, word: cases.word(row, now), next: row.next() };
            Some(Alike { row: tongue.row(&shown, &who.account, now), metres, age_s })
        };
        let mut path = Vec::new();
        let mut above = brief.area.parent();
        while let Some(area) = above {
            path.insert(0, tongue.area(area));
            above = area.parent();
        }
        Foreseen {
            place: Where { area: brief.area, words: tongue.area(brief.area), path, orphan },
            class_words: tongue.class(&brief.class),
            class: brief.class,
            condition: brief.condition,
            kind,
            summary_words: tongue.summary(&summary),
            summary,
            route: lead.map(|Lead { unit, rung, told, reason, on_duty }| Route {
                words: tongue.unit(&unit),
                staff: engine.rules().unit(&unit).map_or(0, |unit| unit.staff),
                lead: unit,
                rung,
                rung_words: Words::new(rung.zh(), rung.name()),
                on_duty,
                told,
                reason,
            }),
            accept_due,
            resolve_due,
            like: like.into_iter().filter_map(alike).collect(),
            now,
        }
    });
    Ok(Json(told.await?))
}
