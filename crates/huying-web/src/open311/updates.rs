//! `GET`, `POST /servicerequestupdates`: what happened to cases, in the order of time; and a word from the feed that
//! brought one. The city says by itself how far a case is: from outside comes a reminder, or that it is not solved.

use super::{
    Asked,
    element::{Document, Element},
    filter::Stretch,
    instant,
    problem::{Problem, Problems},
    told,
};
use crate::{health::look, refused::Refused};
use axum::http::StatusCode;
use huying_domain::{
    ids::{CaseId, PersonId},
    record::Actor,
    vocabulary::Stage,
};
use huying_engine::doors::{
    act::{Act, read_ask},
    requests::{NEWS_MAX, NEWS_RECORDS_MAX, News},
};
use serde_json::json;
use std::sync::Arc;

/// How far back is looked where nothing is said.
const LATEST_S: i64 = 86_400;
/// Most characters of what is said: a note has 2,000, and says before it whose it is.
const WORDS_CHARS_MAX: usize = 1_900;
/// Most characters of a client's name for its update.
const NAME_CHARS_MAX: usize = 128;
/// As which person a feed speaks.
const PERSON: &str = "open311";
/// Every state of the extension; what is sent may be one of them.
const STATES: [&str; 14] = [
    "unchanged",
    "open",
    "closed",
    "fixed",
    "in_progress",
    "planned",
    "action_scheduled",
    "investigating",
    "duplicate",
    "not_councils_responsibility",
    "no_further_action",
    "internal_referral",
    "cancelled",
    "reopen",
];

pub(super) async fn list(asked: &Asked) -> Result<Document, Problems> {
    let mut problems = Vec::new();
    let stretch = Stretch::read(asked, "start_date", "end_date", &mut problems);
    Problems::none_of(problems)?;
    let now = asked.ground.doors.now().await.map_err(Refused::from)?;
    let to = stretch.to.unwrap_or(now);
    let from = stretch.from.unwrap_or(to.plus_seconds(-LATEST_S));
    let doors = Arc::clone(&asked.ground.doors);
    let news = tokio::task::spawn_blocking(move || doors.news(from, to)).await.map_err(Refused::fault)?;
    let news = news.map_err(Refused::fault)?.ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            format!("该时段的记录超过 {NEWS_RECORDS_MAX} 条，请缩短 start_date 至 end_date。"),
            format!("That stretch has more than {NEWS_RECORDS_MAX} records: ask for a shorter one."),
        )
    })?;
    let shown = look(&asked.ground, move |engine| {
        let requests = &engine.views().requests;
        let shown = news.into_iter().filter(|one| requests.shown(one.case).is_some());
        shown.take(NEWS_MAX).collect::<Vec<_>>()
    });
    let updates = shown.await?.iter().map(|one| update(asked, one)).collect();
    Ok(Document::listed("service_request_updates", "request_update", updates))
}

fn update(asked: &Asked, one: &News) -> Element {
    let zone = asked.zone();
    Element::Fields(vec![
        ("update_id", Element::text(format!("{}-{}", one.seq, one.nth))),
        ("service_request_id", Element::text(one.case.to_string())),
        ("status", Element::text(told::state(one.standing))),
        ("updated_datetime", Element::text(instant::shown(one.at, zone))),
        ("description", Element::text(asked.in_words(&told::words(one.standing, zone)))),
        ("media_url", Element::Nothing),
    ])
}

/// What is said of a case.
struct Word<'s> {
    case: CaseId,
    id: &'s str,
    reopen: bool,
    text: &'s str,
}

pub(super) async fn take(asked: &Asked) -> Result<Document, Problems> {
    let word = word(asked)?;
    let grant = asked.grant()?;
    // Another's case, a hidden one and one that is not there look alike.
    let request = asked.ground.doors.request(word.case).await;
    let own = request.is_ok_and(|request| request.source == grant.source);
    if !own {
        return Err(Problem::unknown("service_request_id", &word.case.to_string()).into());
    }
    let page = asked.ground.doors.page(word.case).await?;
    let said = format!("来电人补充：{}", word.text);
    let said = if word.reopen {
        let closed = matches!(page.case.stage, Stage::CalledBack | Stage::Closed);
        if closed && page.case.leg > page.rules.policy.reopenings_max {
            let (zh, en) = (
                "该诉求已多次返工，请致电人工处理。",
                "It was opened again before; call us, and a person will decide.",
            );
            return Err(Problem::new(StatusCode::CONFLICT, zh, en).into());
        }
        json!({ "ask": "reopen", "with": { "reason": said } })
    } else {
        json!({ "ask": "remind", "with": { "note": said } })
    };
    let (ask, private) = read_ask(said)?;
    let person = Some(PersonId::new(PERSON).expect("the word is a person id"));
    let actor = Actor { unit: page.rules.centre().clone(), person };
    let key = format!("{}/{}", grant.source, word.id);
    let act = Act { actor, key, case: word.case, saw: None, ask, private };
    asked.ground.doors.act(act, true).await?;
    let fields = vec![("update_id", Element::text(word.id)), ("account_id", Element::Nothing)];
    Ok(Document::listed("service_request_updates", "request_update", vec![Element::Fields(fields)]))
}

fn word(asked: &Asked) -> Result<Word<'_>, Problems> {
    let mut problems: Vec<Problem> = asked.grant().err().into_iter().collect();
    let mut must = |name: &str| {
        let said = asked.said.one(name);
        if said.is_none() {
            problems.push(Problem::missing(name));
        }
        said.unwrap_or_default()
    };
    let (case, id, text) = (must("service_request_id"), must("update_id"), must("description"));
    let (status, at) = (must("status"), must("updated_datetime"));
    let bad = |name: &str, said: &str, zh: &str, en: &str| {
        (!said.is_empty()).then(|| Problem::bad(name, said, zh, en))
    };
    let number: Option<CaseId> = case.parse().ok();
    if number.is_none() && !case.is_empty() {
        problems.push(Problem::unknown("service_request_id", case));
    }
    if instant::read(at, asked.zone(), instant::End::First).is_none() {
        let (zh, en) = ("应为带时区的 ISO 8601 时间", "write ISO 8601 with an offset");
        problems.extend(bad("updated_datetime", at, zh, en));
    }
    let state = status.to_ascii_lowercase();
    let reopen = state == "reopen";
    if !STATES.contains(&state.as_str()) {
        problems.extend(bad("status", status, "不是已知状态", "it is no known status"));
    } else if !reopen && !matches!(state.as_str(), "open" | "unchanged") {
        let (zh, en) = (
            "外部只可为 OPEN、UNCHANGED 或 REOPEN，其余由市里认定",
            "from outside it is OPEN, UNCHANGED or REOPEN; the rest is the city's to say",
        );
        problems.extend(bad("status", status, zh, en));
    }
    for (name, said, most) in [("description", text, WORDS_CHARS_MAX), ("update_id", id, NAME_CHARS_MAX)] {
        if said.chars().count() > most {
            let (zh, en) = (format!("超过 {most} 个字符"), format!("it has more than {most} characters"));
            problems.extend(bad(name, said, &zh, &en));
        }
    }
    Problems::none_of(problems)?;
    Ok(Word { case: number.expect("else there was a problem"), id, reopen, text })
}
