//! `GET /v1/areas`, `GET /v1/territory.geojson`: the territory as a tree and as a map with its load.

use crate::{
    health::look,
    list::Filter,
    refused::Refused,
    rights::Right,
    router::Ground,
    shown::{Counts, Tongue},
    sign_in::who::Who,
};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
};
use huying_domain::{
    area::{AreaCode, Level},
    ids::UnitId,
    rules::Rules,
    words::Words,
};
use huying_projection::word::WordCounts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Under which area.
#[derive(Clone, Default, Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Under {
    under: Option<String>,
    /// Of the map: county, street, community, grid or micro_grid.
    level: Option<String>,
}

/// One area.
#[derive(Serialize, JsonSchema)]
struct Area {
    area: AreaCode,
    words: Words,
    level: Level,
    unit: Option<UnitId>,
}

/// An area and those right below it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Children {
    area: Option<Area>,
    children: Vec<Area>,
}

fn area(rules: &Rules, code: AreaCode) -> Area {
    let unit = rules.units.of_area(code).map(|unit| unit.id.clone());
    Area { area: code, words: Tongue(rules).area(code), level: code.level(), unit }
}

fn code(said: Option<&str>) -> Result<Option<AreaCode>, Refused> {
    let said = said.filter(|text| !text.is_empty());
    said.map(|text| text.parse().map_err(|_| Refused::bad_request("under"))).transpose()
}

/// The areas right below one; without one, the topmost.
pub(crate) fn right_below(under: Option<AreaCode>, rules: &Rules) -> impl Iterator<Item = AreaCode> {
    let level = match under {
        None => Some(Level::County),
        Some(code) => Level::ALL.into_iter().rev().find(|level| *level < code.level()),
    };
    let below = level.into_iter().flat_map(|level| rules.territory.codes(level));
    below.filter(move |code| under.is_none_or(|under| under.covers(*code)))
}

/// The same, told.
pub(crate) async fn children(
    State(ground): State<Ground>,
    _who: Who,
    under: Result<Query<Under>, QueryRejection>,
) -> Result<Json<Children>, Refused> {
    let Ok(Query(under)) = under else { return Err(Refused::bad_request("under")) };
    let under = code(under.under.as_deref())?;
    let rules = ground.doors.rules();
    let children = right_below(under, &rules).map(|code| area(&rules, code)).collect();
    Ok(Json(Children { area: under.map(|code| area(&rules, code)), children }))
}

/// The outlines of one level with what is open there; a city that has none drawn gives an empty collection.
pub(crate) async fn outlines(
    State(ground): State<Ground>,
    who: Who,
    under: Result<Query<Under>, QueryRejection>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Response, Refused> {
    who.must(Right::See)?;
    let (Ok(Query(said)), Ok(Query(filter))) = (under, filter) else {
        return Err(Refused::bad_request("query"));
    };
    let level: Level = said
        .level
        .as_deref()
        .unwrap_or(Level::Street.name())
        .parse()
        .map_err(|_| Refused::bad_request("level"))?;
    let (under, query) = (code(said.under.as_deref())?, filter.query(&who, &ground.doors.rules())?);
    let (seq, counts) = look(&ground, move |engine| {
        let (now, cases) = (engine.clock().now(), &engine.views().cases);
        let mut counts: BTreeMap<AreaCode, WordCounts> = BTreeMap::new();
        for (area, within) in cases.areas(&query, now) {
            if let Some(area) = area.at(level) {
                counts.entry(area).or_default().add(&within);
            }
        }
        (cases.seq(), counts)
    })
    .await?;
    let rules = ground.doors.rules();
    let drawn = ground.desk.outlines.clone();
    let features =
        tokio::task::spawn_blocking(move || features(drawn.as_deref(), level, under, &counts, &rules));
    let features = features.await.unwrap_or_default();
    let told = json!({ "type": "FeatureCollection", "seq": seq, "features": features });
    Ok(([(header::CONTENT_TYPE, "application/geo+json")], told.to_string()).into_response())
}

fn features(
    drawn: Option<&str>,
    level: Level,
    under: Option<AreaCode>,
    counts: &BTreeMap<AreaCode, WordCounts>,
    rules: &Rules,
) -> Vec<Value> {
    let parsed: Option<Value> = drawn.and_then(|text| serde_json::from_str(text).ok());
    let listed = parsed.as_ref().and_then(|map| map["features"].as_array());
    let shown = |feature: &Value| {
        let properties = &feature["properties"];
        let said = ["code", "area", "id"].into_iter().find_map(|name| properties.get(name));
        let text = said.map(|said| said.as_str().map_or_else(|| said.to_string(), str::to_owned))?;
        let code: AreaCode = text.parse().ok()?;
        if code.level() != level || under.is_some_and(|under| !under.covers(code)) {
            return None;
        }
        let counts = Counts::from(&counts.get(&code).copied().unwrap_or_default());
        Some(json!({
            "type": "Feature",
            "geometry": feature["geometry"],
            "properties": { "area": code, "words": Tongue(rules).area(code), "counts": counts },
        }))
    };
    listed.into_iter().flatten().filter_map(shown).collect()
}
