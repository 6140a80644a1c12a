//! `/v1/rules/{file}`, `GET /v1/calendars`: the rule files as they are in force, what another one would mean for the
//! open cases, and bringing it into force. Who publishes names the version that was shown.

use crate::{
    acts::key, import::routes::untried, refused::Refused, rights::Right, router::Ground, sign_in::who::Who,
};
use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, Query, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse, Response},
};
use huying_domain::{
    ids::{CalendarName, CaseId, Seq, Version},
    record::{Hash, RuleFile},
    rules::Rules,
    time::Timestamp,
    vocabulary::Clock,
    words::Words,
};
use huying_engine::doors::rules::Publication;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most bytes of a rule file over this door; a longer one is published on the command line.
pub(crate) const RULES_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most clocks or cases that a preview lists; the rest is counted.
const LISTED_MAX: usize = 200;
const VERSION_HEADER: HeaderName = HeaderName::from_static("x-huying-version");

/// A clock that would be due at another instant.
#[derive(Serialize, JsonSchema)]
struct Moves {
    case: CaseId,
    clock: Clock,
    was: Timestamp,
    due: Timestamp,
    /// That lies beyond the published days, too.
    provisional: bool,
}

/// What a rule file would mean. Nothing is kept and nothing changes.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Foreseen {
    /// What names the file.
    hash: Hash,
    /// The version in force; `saw` of the request that publishes.
    version: Version,
    /// It is in force already.
    same: bool,
    /// From when a policy holds, if it says so.
    valid_from: Option<Timestamp>,
    /// Open cases.
    open: u64,
    /// Of these, late already.
    late_now: u64,
    /// In time now, and late at once if they had been measured so from the start.
    late_at_once: u64,
    /// Would lose their resolve limit.
    loses_target: u64,
    /// Cases of which a clock moves, and how many clocks that are.
    moved_cases: u64,
    moved_clocks: u64,
    /// The first of the clocks that move.
    moves: Vec<Moves>,
    /// The first of the cases that would be late.
    late: Vec<Moves>,
}

/// A rule file that is in force now.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Published {
    /// The record that says so.
    seq: Seq,
    version: Version,
    /// Cases whose clocks are still to be computed afresh; the engine goes on.
    left: usize,
    /// It had been taken before; this is the first answer again.
    repeat: bool,
}

/// What was looked at.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Saw {
    /// The version that the preview named.
    saw: Option<Version>,
}

fn named(file: &str) -> Result<RuleFile, Refused> {
    RuleFile::ALL.into_iter().find(|one| one.name() == file).ok_or_else(Refused::not_found)
}

/// The text of a rule file.
pub(crate) async fn text(
    State(ground): State<Ground>,
    who: Who,
    Path(file): Path<String>,
) -> Result<Response, Refused> {
    who.must(Right::Rules)?;
    let file = named(&file)?;
    let (version, bytes) = ground.doors.rule_file(file).await.map_err(untried)?;
    let form = match file {
        RuleFile::Territory | RuleFile::Units => "csv",
        RuleFile::Policy | RuleFile::Duty | RuleFile::Calendar => "toml",
    };
    let said = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.{form}\"", file.name())),
        (VERSION_HEADER, version.to_string()),
    ];
    Ok((said, bytes).into_response())
}

/// What another file would mean for the open cases.
pub(crate) async fn preview(
    State(ground): State<Ground>,
    who: Who,
    Path(file): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Foreseen>, Refused> {
    who.must(Right::SetRules)?;
    let file = named(&file)?;
    let bytes = body.map_err(|_| Refused::too_long(RULES_BYTES_MAX))?;
    let tried = ground.doors.try_rules(file, bytes.to_vec()).await.map_err(untried)?;
    let in_force = ground.doors.in_force(file).await?;
    let trial = tried.trial;
    let moves = trial.moves.into_iter().take(LISTED_MAX).map(|one| Moves {
        case: one.case,
        clock: one.clock,
        was: one.was,
        due: one.due,
        provisional: one.provisional,
    });
    let late = trial.late.into_iter().take(LISTED_MAX).map(|one| Moves {
        case: one.case,
        clock: one.clock,
        was: one.was,
        due: one.due,
        provisional: false,
    });
    Ok(Json(Foreseen {
        hash: tried.hash,
        version: tried.version,
        same: in_force.hash == tried.hash,
        valid_from: trial.valid_from,
        open: trial.open,
        late_now: trial.late_now,
        late_at_once: trial.late_at_once,
        loses_target: trial.loses_target,
        moved_cases: trial.moved_cases,
        moved_clocks: trial.moved_clocks,
        moves: moves.collect(),
        late: late.collect(),
    }))
}

/// Brings a file into force.
pub(crate) async fn publish(
    State(ground): State<Ground>,
    who: Who,
    Path(file): Path<String>,
    saw: Result<Query<Saw>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Published>, Refused> {
    who.must(Right::SetRules)?;
    let file = named(&file)?;
    let Ok(Query(Saw { saw })) = saw else { return Err(Refused::bad_request("saw")) };
    let bytes = body.map_err(|_| Refused::too_long(RULES_BYTES_MAX))?.to_vec();
    // A file that cannot be used is told with all that is wrong with it, and not only that something is.
    ground.doors.try_rules(file, bytes.clone()).await.map_err(untried)?;
    let publication = Publication { file, bytes, saw };
    let key = key(&ground, &headers)?;
    let (done, left) = ground.doors.publish_rules(who.actor(), &key, publication).await.map_err(untried)?;
    Ok(Json(Published { seq: done.seq, version: done.version, left, repeat: done.repeat }))
}

/// Days off that follow one another.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Stretch {
    from: String,
    to: Option<String>,
    #[serde(default)]
    zh: String,
    #[serde(default)]
    en: String,
}

#[derive(Deserialize)]
struct DaysForm {
    name: CalendarName,
    #[serde(default)]
    source: String,
    published_from: Option<String>,
    #[serde(default)]
    off: Vec<Stretch>,
    #[serde(default)]
    workdays: Vec<String>,
}

#[derive(Deserialize)]
struct CalendarForm {
    name: CalendarName,
    #[serde(default)]
    week: BTreeMap<String, Vec<String>>,
    days: Option<CalendarName>,
}

#[derive(Deserialize)]
struct FileForm {
    calendar: Vec<CalendarForm>,
    #[serde(default)]
    days: Vec<DaysForm>,
}

/// A calendar with its days.
#[derive(Serialize, JsonSchema)]
struct OneCalendar {
    name: CalendarName,
    words: Words,
    source: String,
    zone: String,
    /// Open day and night.
    continuous: bool,
    /// Shifts by day of the week, `mon` to `sun`; a day without an entry has none.
    week: BTreeMap<String, Vec<String>>,
    /// The table of days that it has.
    days: Option<CalendarName>,
    published_until: Option<String>,
    /// Units whose clocks run on it.
    units: usize,
    /// Matters run on it where their class names no other.
    of_policy: bool,
}

/// A table of days off and make-up days.
#[derive(Serialize, JsonSchema)]
struct DayTable {
    name: CalendarName,
    source: String,
    published_from: Option<String>,
    off: Vec<Stretch>,
    /// Worked all the same 调休.
    workdays: Vec<String>,
}

/// The calendars in force.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CalendarsTold {
    version: Version,
    calendars: Vec<OneCalendar>,
    days: Vec<DayTable>,
    now: Timestamp,
}

/// The calendars in force, with their days.
pub(crate) async fn calendars(
    State(ground): State<Ground>,
    who: Who,
) -> Result<Json<CalendarsTold>, Refused> {
    who.must(Right::Rules)?;
    let (version, bytes) = ground.doors.rule_file(RuleFile::Calendar).await.map_err(untried)?;
    let rules = ground.doors.rules();
    let now = ground.doors.now().await?;
    let text = String::from_utf8(bytes).map_err(Refused::fault)?;
    let form: FileForm = toml::from_str(&text).map_err(Refused::fault)?;
    let calendars = form.calendar.into_iter().filter_map(|form| told(&rules, form)).collect();
    let days = form.days.into_iter().map(|DaysForm { name, source, published_from, off, workdays }| {
        DayTable { name, source, published_from, off, workdays }
    });
    Ok(Json(CalendarsTold { version, calendars, days: days.collect(), now }))
}

/// None where the rules at hand lag behind the file by a record.
fn told(rules: &Rules, form: CalendarForm) -> Option<OneCalendar> {
    let calendar = rules.calendars.get(&form.name)?;
    let (zh, en) = calendar.titles();
    Some(OneCalendar {
        words: Words::new(zh, en),
        source: calendar.source().to_owned(),
        zone: calendar.zone().iana_name().unwrap_or("UTC").to_owned(),
        continuous: calendar.is_continuous(),
        week: form.week,
        days: form.days,
        published_until: calendar.published_until().map(|date| date.to_string()),
        units: rules.units.iter().filter(|unit| unit.calendar == form.name).count(),
        of_policy: rules.policy.calendar == form.name,
        name: form.name,
    })
}
