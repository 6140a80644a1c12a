//! `POST /requests`: a report becomes a case, by the same door as a call.
//!
//! The same report of the same feed is the same case for as long as that case is open: a client that heard no answer
//! sends it again. When it is closed, the same words are a new matter.

use super::{
    Asked,
    element::{Document, Element},
    problem::{Problem, Problems},
    said::Said,
    services::{CONDITION, class_of},
};
use crate::{calls::naming, files::keep, health::look, keys::Grant, refused::Refused};
use axum::http::StatusCode;
use huying_domain::{
    area::AreaCode,
    ids::CaseId,
    private::PRIVATE_FIELD_CHARS_MAX,
    record::Hash,
    rules::{Rules, policy::Class},
    vocabulary::Channel,
    words::Words,
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
    let mut call = call(Form { rules: &asked.rules, said: &asked.said }, &mut problems);
    Problems::none_of(problems)?;
    let caller = caller.expect("else there was a problem");
    let mut photos = Vec::new();
    for photo in asked.said.photos() {
        photos.push(keep(&asked.ground, photo.clone()).await?);
    }
    if !photos.is_empty() {
        call["photos"] = json!(photos);
    }
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
    Ok(Caller { source: grant.source.clone(), channel, person: None, unit: None })
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

/// What is read, under which rules.
#[derive(Clone, Copy)]
struct Form<'f> {
    rules: &'f Rules,
    said: &'f Said,
}

/// The report in the form of a call.
fn call(form: Form<'_>, problems: &mut Vec<Problem>) -> Value {
    let mut call = Map::new();
    let class = match form.said.one("service_code") {
        None => {
            problems.push(Problem::missing("service_code"));
            None
        }
        Some(code) => {
            let found = class_of(form.rules, code);
            if found.is_none() {
                problems.push(Problem::unknown("service_code", code));
            }
            found
        }
    };
    if let Some((id, class)) = class {
        call.insert("class".to_owned(), json!(id));
        if let Some(condition) = condition(form, class, problems) {
            call.insert(CONDITION.to_owned(), json!(condition));
        }
    }
    call.insert("place".to_owned(), place(form, problems));
    let (caller, mut lines) = person(form, problems);
    call.insert("caller".to_owned(), caller);
    for (code, values) in form.said.attributes() {
        if class.is_none_or(|(_, class)| code != CONDITION || class.conditions.is_empty()) {
            lines.push(format!("{code}: {}", values.join(", ")));
        }
    }
    // Photographs that came along stand before addresses of them.
    let addressed = form.said.photos().is_empty();
    lines.extend(form.said.every("media_url").filter(|_| addressed).map(|url| format!("media_url: {url}")));
    if let Some(words) = words(form, &lines, problems) {
        call.insert("words".to_owned(), json!(words));
    }
    Value::Object(call)
}

fn condition<'s>(form: Form<'s>, class: &Class, problems: &mut Vec<Problem>) -> Option<&'s str> {
    let attributes = form.said.attributes();
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

fn place(form: Form<'_>, problems: &mut Vec<Problem>) -> Value {
    let mut place = Map::new();
    let before = problems.len();
    let mut degrees = |name: &str, most: f64| {
        let said = form.said.one(name)?;
        let degrees = said.parse::<f64>().ok().filter(|degrees| degrees.abs() <= most);
        if degrees.is_none() {
            let (zh, en) =
                (format!("应为 ±{most} 以内的十进制度"), format!("it is a decimal within ±{most}"));
            problems.push(Problem::bad(name, said, &zh, &en));
        }
        degrees
    };
    let (lat, lon) = (degrees("lat", 90.0), degrees("long", 180.0));
    match (form.said.one("lat"), form.said.one("long")) {
        (Some(_), None) => problems.push(Problem::missing("long")),
        (None, Some(_)) => problems.push(Problem::missing("lat")),
        _ => {}
    }
    if let (Some(lat), Some(lon)) = (lat, lon) {
        place.insert("point".to_owned(), json!({ "lon": lon, "lat": lat }));
    }
    if let Some(address) = short(form, "address_string", ADDRESS_CHARS_MAX, problems) {
        place.insert("address".to_owned(), json!(address));
    }
    if let Some(said) = form.said.one("address_id") {
        let area = said.parse::<AreaCode>().ok().filter(|area| form.rules.territory.name(*area).is_some());
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
fn person(form: Form<'_>, problems: &mut Vec<Problem>) -> (Value, Vec<String>) {
    let mut said =
        |name: &'static str| short(form, name, PERSON_CHARS_MAX, problems).map(|value| (name, value));
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
fn words(form: Form<'_>, lines: &[String], problems: &mut Vec<Problem>) -> Option<String> {
    let description = form.said.one("description").map(printable);
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

fn short(form: Form<'_>, name: &str, chars_max: usize, problems: &mut Vec<Problem>) -> Option<String> {
    let said = form.said.one(name).map(printable)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use huying_domain::record::RuleFile;

    fn rules() -> Rules {
        let texts = [
            (RuleFile::Policy, include_str!("../../../../tests/city/policy.toml")),
            (RuleFile::Duty, include_str!("../../../../tests/city/duty.toml")),
            (RuleFile::Calendar, include_str!("../../../../tests/city/calendar.toml")),
            (RuleFile::Territory, include_str!("../../../../tests/city/territory.csv")),
            (RuleFile::Units, include_str!("../../../../tests/city/units.csv")),
        ];
        let texts = texts.into_iter().map(|(file, text)| (file, text.as_bytes().to_vec())).collect();
        Rules::read(&texts).expect("the tiny city's rules hold together")
    }

    /// The call that a body becomes, and how many things are wrong with it.
    fn read(body: &str) -> (Value, usize) {
        let (rules, mut problems) = (rules(), Vec::new());
        let said = Said::read("", "", body.as_bytes().to_vec().into()).expect("a form");
        (call(Form { rules: &rules, said: &said }, &mut problems), problems.len())
    }

    #[test]
    fn a_report_is_a_call_and_what_has_no_place_of_its_own_is_kept_among_the_words() {
        let (call, wrong) = read(
            "service_code=road.pothole&attribute%5Bcondition%5D=deep&attribute[colour][]=red&attribute[colour][]=blue&lat=41.5&long=123\
             &address_string=%E6%9F%90%E8%B7%AF&description=a%0Bb&phone=139&email=w@x.y&first_name=F&last_name=L&media_url=http://p/1",
        );
        let wanted = json!({
            "class": "road.pothole", "condition": "deep", "caller": { "name": "F L", "number": "139" },
            "place": { "point": { "lat": 41.5, "lon": 123.0 }, "address": "某路" },
            "words": "a b\nemail: w@x.y\ncolour: red, blue\nmedia_url: http://p/1",
        });
        assert_eq!((call, wrong), (wanted, 0));
        let (call, wrong) = read("service_code=heat.cold&address_id=211081001001001&attribute[condition]=x");
        assert_eq!((call["words"].clone(), wrong), (json!("condition: x"), 0), "a class without conditions");
    }

    #[test]
    fn each_thing_that_is_wrong_is_told_and_an_alarm_is_no_report() {
        for (body, wrong) in [
            ("", 2),
            ("service_code=alarm.press&address_string=a", 1),
            ("service_code=gone&lat=1", 2),
            ("service_code=heat.cold&lat=91&long=181", 2),
            ("service_code=heat.cold&lat=NaN&long=1e3", 2),
            ("service_code=heat.cold&address_id=1", 1),
            ("service_code=road.pothole&attribute[condition]=shallow&address_string=a", 1),
            ("service_code=heat.cold&lat=-90&long=180", 0),
        ] {
            assert_eq!(read(body).1, wrong, "{body}");
        }
    }

    #[test]
    fn four_thousand_characters_are_taken_and_one_more_is_not_wherever_it_comes_from() {
        let report = |more: &str, chars: usize| {
            read(&format!("service_code=heat.cold&address_string=a&description={}{more}", "x".repeat(chars)))
                .1
        };
        assert_eq!((report("", 4_000), report("", 4_001)), (0, 1));
        assert_eq!((report("&phone=1", 4_000), report("&media_url=http://p/1", 4_000)), (0, 1));
        assert_eq!(read(&format!("service_code=heat.cold&address_string={}", "x".repeat(401))).1, 1);
        assert_eq!(read(&format!("service_code=heat.cold&address_string=a&phone={}", "1".repeat(65))).1, 1);
    }
}
