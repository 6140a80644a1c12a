//! `POST /requests`: a report becomes a case, by the same door as a call.
//!
//! The same report of the same feed is the same case for as long as that case is open: a client that heard no answer
//! sends it again. When it is closed, the same words are a new matter.

use super::{
    Asked,
    element::{Document, Element},
    problem::{Problem, Problems},
    services::{CONDITION, class_of},
};
use crate::{calls::naming, health::look, keys::Grant, refused::Refused};
use axum::http::StatusCode;
use huying_domain::{
    area::AreaCode, ids::CaseId, private::PRIVATE_FIELD_CHARS_MAX, record::Hash, rules::policy::Class,
    vocabulary::Channel, words::Words,
};
use huying_engine::doors::{
    answer::CallAnswer,
    calls::{Caller, Naming},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Most characters of a description: the standard's.
const DESCRIPTION_CHARS_MAX: usize = 4_000;
/// Most characters of an address.
const ADDRESS_CHARS_MAX: usize = 400;
/// Most characters of what says who somebody is.
const PERSON_CHARS_MAX: usize = 64;
/// How often the same words may come again as a new matter, within the days in which repeats are known.
const SAME_WORDS_MAX: usize = 20;
/// The channels that fit best, where a key is good for several.
const CHANNELS: [Channel; 2] = [Channel::App, Channel::Web];

pub(super) async fn take(asked: &Asked) -> Result<Document, Problems> {
    let mut problems = Vec::new();
    let caller = asked.grant().and_then(caller).map_err(|problem| problems.push(problem));
    let call = call(asked, &mut problems);
    Problems::none_of(problems)?;
    let caller = caller.expect("else there was a problem");
    let (case, lead, repeat) = taken(asked, &caller, &call).await?;
    let notice = match lead {
        _ if repeat => {
            Some(Words::new("此前已收到同一诉求，编号不变。", "It had been taken before: the same number."))
        }
        Some(lead) => Some(Words::new(
            format!("与 {lead} 为同一事项，一并办理和答复。"),
            format!("The same matter as {lead}: handled and answered with it."),
        )),
        None => None,
    };
    let fields = vec![
        ("service_request_id", Element::text(case.to_string())),
        ("service_notice", Element::optional(notice.map(|words| asked.in_words(&words)))),
        ("account_id", Element::Nothing),
    ];
    Ok(Document::listed("service_requests", "request", vec![Element::Fields(fields)]))
}

/// As whom the holder of a key brings reports. A device's key is for alarms, which do not come this way.
fn caller(grant: &Grant) -> Result<Caller, Problem> {
    let has = |channel: &Channel| grant.channels.contains(channel);
    let other = grant.channels.iter().find(|channel| **channel != Channel::Device).copied();
    let channel = CHANNELS.into_iter().find(has).or(other).ok_or_else(|| {
        Problem::new(
            StatusCode::FORBIDDEN,
            "该密钥只能用于设备告警。",
            "The key is for the alarms of devices alone.",
        )
    })?;
    Ok(Caller { source: grant.source.clone(), channel, person: None })
}

async fn taken(
    asked: &Asked,
    caller: &Caller,
    call: &Value,
) -> Result<(CaseId, Option<CaseId>, bool), Problems> {
    let bytes = call.to_string();
    let named = naming(&asked.headers);
    if named != Naming::Fresh {
        return submitted(asked, caller, &named, &bytes).await;
    }
    let digest = Hash(Sha256::digest(bytes.as_bytes()).into());
    for nth in 0..SAME_WORDS_MAX {
        let name = Naming::Message(format!("open311/{digest}/{nth}"));
        let taken = submitted(asked, caller, &name, &bytes).await?;
        let (case, _, repeat) = taken;
        if !repeat || look(&asked.ground, move |engine| engine.views().requests.is_open(case)).await? {
            return Ok(taken);
        }
    }
    submitted(asked, caller, &Naming::Fresh, &bytes).await
}

async fn submitted(
    asked: &Asked,
    caller: &Caller,
    naming: &Naming,
    bytes: &str,
) -> Result<(CaseId, Option<CaseId>, bool), Problems> {
    let reply = asked.ground.doors.calls(caller, naming, bytes.as_bytes()).await;
    match reply.answers.into_iter().next() {
        Some(CallAnswer::Taken { case, lead, repeat, .. }) => Ok((case, lead, repeat)),
        Some(CallAnswer::Refused { refusal, .. }) => Err(refusal.into()),
        // A report is no sign of life, and each call is answered.
        Some(CallAnswer::Heard { .. }) | None => Err(Refused::late().into()),
    }
}

/// The report in the form of a call.
fn call(asked: &Asked, problems: &mut Vec<Problem>) -> Value {
    let mut call = Map::new();
    let class = match asked.said.one("service_code") {
        None => {
            problems.push(Problem::missing("service_code"));
            None
        }
        Some(code) => {
            let found = class_of(&asked.rules, code);
            if found.is_none() {
                problems.push(Problem::unknown("service_code", code));
            }
            found
        }
    };
    if let Some((id, class)) = class {
        call.insert("class".to_owned(), json!(id));
        if let Some(condition) = condition(asked, class, problems) {
            call.insert(CONDITION.to_owned(), json!(condition));
        }
    }
    call.insert("place".to_owned(), place(asked, problems));
    let (caller, mut lines) = person(asked, problems);
    call.insert("caller".to_owned(), caller);
    for (code, values) in asked.said.attributes() {
        if class.is_none_or(|(_, class)| code != CONDITION || class.conditions.is_empty()) {
            lines.push(format!("{code}: {}", values.join(", ")));
        }
    }
    lines.extend(asked.said.every("media_url").map(|url| format!("media_url: {url}")));
    if let Some(words) = words(asked, &lines, problems) {
        call.insert("words".to_owned(), json!(words));
    }
    Value::Object(call)
}

fn condition<'s>(asked: &'s Asked, class: &Class, problems: &mut Vec<Problem>) -> Option<&'s str> {
    let attributes = asked.said.attributes();
    let said = attributes.get(CONDITION).filter(|_| !class.conditions.is_empty())?;
    let known = |said: &&str| class.conditions.keys().any(|id| id.as_str() == *said);
    let name = "attribute[condition]";
    if let Some(wrong) = said.iter().find(|said| !known(said)) {
        let keys: Vec<_> = class.conditions.keys().map(|id| id.as_str()).collect();
        let keys = keys.join(", ");
        problems.push(Problem::bad(
            name,
            wrong,
            &format!("应为 {keys} 之一"),
            &format!("it is one of {keys}"),
        ));
        return None;
    }
    let first = *said.first()?;
    if said.iter().any(|other| *other != first) {
        problems.push(Problem::bad(name, &said.join(","), "只能选一个", "only one may be chosen"));
    }
    Some(first)
}

fn place(asked: &Asked, problems: &mut Vec<Problem>) -> Value {
    let mut place = Map::new();
    let before = problems.len();
    let mut degrees = |name: &str, most: f64| {
        let said = asked.said.one(name)?;
        let degrees = said.parse::<f64>().ok().filter(|degrees| degrees.abs() <= most);
        if degrees.is_none() {
            let (zh, en) =
                (format!("应为 ±{most} 以内的十进制度"), format!("it is a decimal within ±{most}"));
            problems.push(Problem::bad(name, said, &zh, &en));
        }
        degrees
    };
    let (lat, lon) = (degrees("lat", 90.0), degrees("long", 180.0));
    match (asked.said.one("lat"), asked.said.one("long")) {
        (Some(_), None) => problems.push(Problem::missing("long")),
        (None, Some(_)) => problems.push(Problem::missing("lat")),
        _ => {}
    }
    if let (Some(lat), Some(lon)) = (lat, lon) {
        place.insert("point".to_owned(), json!({ "lon": lon, "lat": lat }));
    }
    if let Some(address) = short(asked, "address_string", ADDRESS_CHARS_MAX, problems) {
        place.insert("address".to_owned(), json!(address));
    }
    if let Some(said) = asked.said.one("address_id") {
        let area = said.parse::<AreaCode>().ok().filter(|area| asked.rules.territory.name(*area).is_some());
        match area {
            Some(area) => drop(place.insert("area".to_owned(), json!(area))),
            None => problems.push(Problem::unknown("address_id", said)),
        }
    }
    if place.is_empty() && problems.len() == before {
        let (zh, en) = (
            "缺少位置：请给出 lat 与 long，或 address_string，或 address_id。",
            "The place is missing: send lat and long, or address_string, or address_id.",
        );
        problems.push(Problem::new(StatusCode::BAD_REQUEST, zh, en));
    }
    Value::Object(place)
}

/// Who reports, and what else was said of them. All of it is sealed.
fn person(asked: &Asked, problems: &mut Vec<Problem>) -> (Value, Vec<String>) {
    let mut said =
        |name: &'static str| short(asked, name, PERSON_CHARS_MAX, problems).map(|value| (name, value));
    let names = [said("first_name"), said("last_name")];
    let mut ways: Vec<_> =
        ["phone", "email", "account_id", "device_id"].into_iter().filter_map(said).collect();
    let mut caller = Map::new();
    let name: Vec<_> = names.into_iter().flatten().map(|(_, value)| value).collect();
    let name = name.join(" ");
    if name.chars().count() > PERSON_CHARS_MAX {
        problems.push(too_long("first_name, last_name", PERSON_CHARS_MAX));
    } else if !name.is_empty() {
        caller.insert("name".to_owned(), json!(name));
    }
    if !ways.is_empty() {
        caller.insert("number".to_owned(), json!(ways.remove(0).1));
    }
    let rest = ways.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    (Value::Object(caller), rest)
}

/// The description, and below it what has no place of its own.
fn words(asked: &Asked, lines: &[String], problems: &mut Vec<Problem>) -> Option<String> {
    let description = asked.said.one("description").map(printable);
    if description.as_ref().is_some_and(|text| text.chars().count() > DESCRIPTION_CHARS_MAX) {
        problems.push(too_long("description", DESCRIPTION_CHARS_MAX));
        return None;
    }
    let lines = lines.iter().map(|line| printable(line));
    let words = description.into_iter().chain(lines).collect::<Vec<_>>().join("\n");
    if words.chars().count() > PRIVATE_FIELD_CHARS_MAX {
        problems.push(too_long(
            "description, attribute, media_url, email, account_id, device_id",
            PRIVATE_FIELD_CHARS_MAX,
        ));
    }
    (!words.is_empty()).then_some(words)
}

fn short(asked: &Asked, name: &str, chars_max: usize, problems: &mut Vec<Problem>) -> Option<String> {
    let said = asked.said.one(name).map(printable)?;
    if said.chars().count() > chars_max {
        problems.push(too_long(name, chars_max));
        return None;
    }
    Some(said)
}

fn too_long(names: &str, chars_max: usize) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        format!("{names} 共超过 {chars_max} 个字符。"),
        format!("{names} has more than {chars_max} characters."),
    )
}

/// Without characters that no screen shows: they are the client's mistake and no reason to lose a report.
fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_control() && !matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
    text.chars().map(shown).collect()
}
