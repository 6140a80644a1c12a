//! `GET /v1/cases`: the list behind each number, page by page.

use crate::{
    health::look,
    refused::Refused,
    rights::Right,
    router::Ground,
    shown::{Row, Tongue, word_of},
    sign_in::who::Who,
};
use axum::{
    Json,
    extract::{Query as Said, State, rejection::QueryRejection},
};
use huying_domain::{
    ids::{CaseId, Seq},
    rules::Rules,
    time::Timestamp,
};
use huying_projection::{
    cases::query::{Order, PAGE_ROWS_MAX, Query, WallHour},
    health::Flaw,
    panorama::{DAY_HOURS, WEEK_DAYS},
};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Rows of a page where nothing is said.
const PAGE_ROWS: usize = 50;

/// Which cases are meant; what is absent does not narrow. Boards and lists read the same words.
#[derive(Clone, Default, Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Filter {
    word: Option<String>,
    rung: Option<String>,
    stage: Option<String>,
    holder: Option<String>,
    /// That area or below it.
    area: Option<String>,
    /// With `true`: right at that area, and nothing below it.
    itself: Option<bool>,
    class: Option<String>,
    /// `orphan`, `no_target`, `no_next` or `unaccepted`.
    flaw: Option<String>,
    kind: Option<String>,
    channel: Option<String>,
    tag: Option<String>,
    filed_from: Option<String>,
    filed_to: Option<String>,
    /// The weekday of filing on the city's wall, 0 for Monday.
    weekday: Option<u8>,
    /// The hour of filing on the city's wall.
    hour: Option<u8>,
}

fn read<T: FromStr>(said: Option<&str>, field: &str) -> Result<Option<T>, Refused> {
    said.filter(|text| !text.is_empty())
        .map(|text| text.parse().map_err(|_| Refused::bad_request(field)))
        .transpose()
}

/// The zone of the wall on which the city tells its days and hours.
pub(crate) fn zone(rules: &Rules) -> &TimeZone {
    rules.calendars.get(&rules.policy.calendar).expect("checked when the rules were read").zone()
}

/// The flaw of this name.
fn flaw_of(name: &str) -> Option<Flaw> {
    match name {
        "orphan" => Some(Flaw::Orphan),
        "no_target" => Some(Flaw::NoTarget),
        "no_next" => Some(Flaw::NoNext),
        "unaccepted" => Some(Flaw::Unaccepted),
        _ => None,
    }
}

impl Filter {
    /// The question that this asks for somebody.
    pub(crate) fn query(&self, who: &Who, rules: &Rules) -> Result<Query, Refused> {
        fn one<T>(said: Option<&str>, of: fn(&str) -> Option<T>, field: &str) -> Result<Option<T>, Refused> {
            let said = said.filter(|text| !text.is_empty());
            said.map(|text| of(text).ok_or_else(|| Refused::bad_request(field))).transpose()
        }
        Ok(Query {
            rung: read(self.rung.as_deref(), "rung")?,
            holder: read(self.holder.as_deref(), "holder")?,
            stage: read(self.stage.as_deref(), "stage")?,
            word: one(self.word.as_deref(), word_of, "word")?,
            area: read(self.area.as_deref(), "area")?,
            itself: self.itself.unwrap_or_default(),
            class: read(self.class.as_deref(), "class")?,
            flaw: one(self.flaw.as_deref(), flaw_of, "flaw")?,
            kind: read(self.kind.as_deref(), "kind")?,
            channel: read(self.channel.as_deref(), "channel")?,
            tag: read(self.tag.as_deref(), "tag")?,
            filed_from: read(self.filed_from.as_deref(), "filed_from")?,
            filed_to: read(self.filed_to.as_deref(), "filed_to")?,
            filed_on: self.filed_on(rules)?,
            sight: who.sight.clone(),
        })
    }

    fn filed_on(&self, rules: &Rules) -> Result<Option<WallHour>, Refused> {
        let below = |said: Option<u8>, end: usize, field: &str| match said.map(usize::from) {
            Some(said) if said >= end => Err(Refused::bad_request(field)),
            said => Ok(said),
        };
        let weekday = below(self.weekday, WEEK_DAYS, "weekday")?;
        let hour = below(self.hour, DAY_HOURS, "hour")?;
        let asked = weekday.is_some() || hour.is_some();
        Ok(asked.then(|| WallHour { weekday, hour, zone: zone(rules).clone() }))
    }
}

/// Which page.
#[derive(Clone, Default, Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Turn {
    /// What the page before said.
    after: Option<String>,
    /// Rows of a page, at most 500.
    limit: Option<usize>,
    /// `id` or `due`.
    order: Option<String>,
}

/// A page of a list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Page {
    rows: Vec<Row>,
    /// How many there are on all pages.
    total: u64,
    /// Where the next page begins; absent on the last.
    after: Option<String>,
    seq: Seq,
    now: Timestamp,
}

/// The place behind which a page begins: a case, and for the order by due instants the instant too.
#[derive(Clone, Copy)]
struct Behind(Option<Timestamp>, CaseId);

impl FromStr for Behind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once('_') {
            None => Ok(Self(None, text.parse().map_err(|_| ())?)),
            Some((at, case)) => {
                let millis = at.parse().map_err(|_| ())?;
                Ok(Self(Some(Timestamp::from_millis(millis)), case.parse().map_err(|_| ())?))
            }
        }
    }
}

/// A page of the list behind a number.
pub(crate) async fn page(
    State(ground): State<Ground>,
    who: Who,
    filter: Result<Said<Filter>, QueryRejection>,
    turn: Result<Said<Turn>, QueryRejection>,
) -> Result<Json<Page>, Refused> {
    who.must(Right::See)?;
    let (Ok(Said(filter)), Ok(Said(turn))) = (filter, turn) else {
        return Err(Refused::bad_request("query"));
    };
    let query = filter.query(&who, &ground.doors.rules())?;
    let behind: Option<Behind> = read(turn.after.as_deref(), "after")?;
    let order = match turn.order.as_deref() {
        None | Some("" | "id") => Order::Id,
        Some("due") => Order::Due,
        Some(_) => return Err(Refused::bad_request("order")),
    };
    let limit = turn.limit.unwrap_or(PAGE_ROWS).clamp(1, PAGE_ROWS_MAX);
    let page = look(&ground, move |engine| {
        let now = engine.clock().now();
        let cases = &engine.views().cases;
        let page = match order {
            Order::Id => cases.page(&query, now, behind.map(|Behind(_, case)| case), limit),
            Order::Due => {
                let behind = behind.map(|Behind(at, case)| (at.unwrap_or(Timestamp::EPOCH), case));
                cases.by_due(&query, now, behind, limit)
            }
        };
        let tongue = Tongue(engine.rules());
        let last = page.rows.last().map(|shown| shown.next.unwrap_or(Timestamp::FAR).millis());
        let after = page.after.map(|case| match order {
            Order::Id => case.to_string(),
            Order::Due => format!("{}_{case}", last.unwrap_or_default()),
        });
        let rows = page.rows.iter().map(|shown| tongue.row(shown, &who.account, now)).collect();
        Page { rows, total: page.total, after, seq: page.seq, now }
    });
    Ok(Json(page.await?))
}
