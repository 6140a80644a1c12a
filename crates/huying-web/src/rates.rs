//! `GET /v1/rates`: the ledger's pages: three rates, due cohorts, levels, integrity; each number with its list.

use crate::{
    health::look, refused::Refused, rights::Right, router::Ground, shown::Tongue, sign_in::who::Who,
};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use huying_domain::{area::Level, words::Words};
use huying_engine::engine::Engine;
use huying_projection::{
    ledger::{
        number::Number,
        rates::{CohortRates, Rates},
        table::{By, Key, Question},
    },
    period::Periods,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Most cases that one list names.
const ITEMS_MAX: usize = 500;

/// Which period, which lines; with a line and a number, the list behind it.
#[derive(Clone, Default, Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Which {
    /// The first reporting day, such as 2026-03-01; the month that runs where nothing is said.
    from: Option<String>,
    /// The last reporting day.
    to: Option<String>,
    /// `all`, `unit`, `rung`, `class`, or a level of territory.
    by: Option<String>,
    /// The line whose list is wanted, as `key` says it.
    key: Option<String>,
    /// The number whose list is wanted.
    number: Option<String>,
}

fn by(said: Option<&str>) -> Result<By, Refused> {
    Ok(match said.unwrap_or("unit") {
        "" | "unit" => By::Unit,
        "all" => By::All,
        "rung" => By::Rung,
        "class" => By::Class,
        level => By::Area(level.parse::<Level>().map_err(|_| Refused::bad_request("by"))?),
    })
}

fn day(said: Option<&str>, field: &str) -> Result<Option<Date>, Refused> {
    let said = said.filter(|text| !text.is_empty());
    said.map(|text| text.parse().map_err(|_| Refused::bad_request(field))).transpose()
}

/// Rates and cohorts, or the list behind one of their numbers.
pub(crate) async fn see(
    State(ground): State<Ground>,
    who: Who,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Value>, Refused> {
    who.must(Right::See)?;
    let Ok(Query(which)) = which else { return Err(Refused::bad_request("query")) };
    let (first, last) = (day(which.from.as_deref(), "from")?, day(which.to.as_deref(), "to")?);
    let by = by(which.by.as_deref())?;
    let number: Option<Number> = match which.number.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(name) => Some(name.parse().map_err(|_| Refused::bad_request("number"))?),
    };
    let told =
        look(&ground, move |engine| told(engine, &who, (first, last), by, which.key.as_deref().zip(number)));
    Ok(Json(told.await?))
}

fn told(
    engine: &mut Engine,
    who: &Who,
    (first, last): (Option<Date>, Option<Date>),
    by: By,
    wanted: Option<(&str, Number)>,
) -> Value {
    let now = engine.clock().now();
    let rules = engine.rules();
    let scores = &rules.policy.scores;
    let zone = rules.calendars.get(&rules.policy.calendar).expect("checked when the rules were read").zone();
    let periods = Periods::new(zone.clone(), scores);
    let month = periods.month_of(now);
    let (first, last) = (first.unwrap_or(month.0), last.unwrap_or(month.1));
    let question = Question { span: periods.days(first, last), by, soon_days: scores.reopened_soon_days };
    let ledger = &engine.views().ledger;
    // What another part of the city does is not theirs to see; sums over all are the whole city's.
    let theirs = |key: &Key| match key {
        Key::Unit(unit) => who.oversees(unit, rules),
        Key::Area(Some(area)) => who.sight.whole || who.sight.area.is_some_and(|mine| mine.covers(*area)),
        Key::All | Key::Rung(_) | Key::Class(_) | Key::Area(None) => who.sight.whole,
    };
    let table = ledger.table(&question);
    if let Some((line, number)) = wanted {
        let key = table.keys().find(|key| key.to_string() == line && theirs(key));
        let items = key.map(|key| ledger.list(&question, key, number)).unwrap_or_default();
        let total = items.len();
        let items: Vec<_> = items.into_iter().take(ITEMS_MAX).collect();
        return json!({ "total": total, "items": items, "seq": ledger.seq(), "now": now });
    }
    let tongue = Tongue(rules);
    let words = |key: &Key| match key {
        Key::Unit(unit) => tongue.unit(unit),
        Key::Class(class) => tongue.class(class),
        Key::Area(Some(area)) => tongue.area(*area),
        Key::Rung(Some(rung)) => Words::new(rung.zh(), rung.name()),
        Key::All => Words::new("全部", "all"),
        Key::Rung(None) | Key::Area(None) => Words::new("—", "—"),
    };
    let lines: Vec<_> = table
        .iter()
        .filter(|(key, _)| theirs(key))
        .map(|(key, counts)| {
            json!({
                "key": key.to_string(), "words": words(key), "counts": counts,
                "rates": Rates::of(counts, scores), "cohort": CohortRates::of(counts, scores),
            })
        })
        .collect();
    let numbers: Vec<_> = Number::ALL
        .iter()
        .map(|number| {
            json!({ "name": number.name(), "zh": number.zh(), "en": number.en(), "page": number.page() })
        })
        .collect();
    json!({
        "from": first.to_string(), "to": last.to_string(), "numbers": numbers, "lines": lines,
        "seq": ledger.seq(), "now": now,
    })
}
