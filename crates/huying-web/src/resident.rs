//! The resident's door: report, look, say that it is not solved, judge the answer. Nobody signs in; a token that only
//! this engine can make opens one case, and nothing of anybody else stands in what is told.

mod brought;

use self::brought::Brought;
use crate::{
    files::keep,
    limit::Anybody,
    refused::Refused,
    router::{Ground, Read},
    shown::Tongue,
};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use huying_domain::{
    case::Case,
    command::Ask,
    event::feedback::Verdict,
    ids::{CaseId, PersonId},
    private::{PRIVATE_FIELD_CHARS_MAX, Private},
    record::Actor,
    refusal::Refusal,
    time::Timestamp,
    vocabulary::{Channel, Clock, Grade, Outcome, Phase, Solved, Stage, review::CallBackWay},
    words::Words,
};
use huying_engine::doors::{
    act::{Act, read_ask},
    answer::{CallAnswer, RefusalMessage},
    calls::Caller,
    page::CasePage,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

/// Bytes of a token's seal: 80 bits, more than anybody tries at so many a minute.
const SEAL_BYTES: usize = 10;
/// Seconds of a day.
const DAY_S: i64 = 86_400;
/// As which source residents bring reports.
const SOURCE: &str = "resident";

/// A new token of a case, good for as many days as the policy says.
async fn token(ground: &Ground, case: CaseId) -> Result<String, Refused> {
    let now = ground.doors.now().await.map_err(|refusal| RefusalMessage::from(&refusal))?;
    let days = i64::from(ground.doors.rules().policy.token_days);
    Ok(sealed(&ground.desk.resident_key, case, now.seconds() / DAY_S + days))
}

/// The token of a case: its number, the last day on which it is good, and a seal over both that only this engine can
/// make.
fn sealed(key: &[u8], case: CaseId, until: i64) -> String {
    let mut mac = <Hmac<Sha256>>::new_from_slice(key).expect("a key of any length will do");
    mac.update(format!("huying.resident.v2 {case} {until}").as_bytes());
    format!("{case}.{until}.{}", BASE32_NOPAD.encode(&mac.finalize().into_bytes()[..SEAL_BYTES]))
}

/// The case that a token opens today.
async fn case_of(ground: &Ground, said: &str) -> Result<CaseId, Refused> {
    let now = ground.doors.now().await.map_err(|refusal| RefusalMessage::from(&refusal))?;
    opened(&ground.desk.resident_key, said, now.seconds() / DAY_S)
}

/// The case that a token opens on a day, counted from 1970.
fn opened(key: &[u8], said: &str, today: i64) -> Result<CaseId, Refused> {
    let mut parts = said.trim().split('.');
    let case: CaseId = parts.next().and_then(|case| case.parse().ok()).ok_or_else(Refused::not_found)?;
    let until: i64 = parts.next().and_then(|day| day.parse().ok()).ok_or_else(Refused::not_found)?;
    // Both are hashed before they are compared, so that the time taken tells nothing.
    use crate::sign_in::secret::token_hash;
    if token_hash(&sealed(key, case, until)) != token_hash(said.trim()) {
        return Err(Refused::not_found());
    }
    if today > until {
        let (zh, en) = (
            "查询码已过期，请凭受理编号和来电号码后四位重新查询，或致电查询。",
            "The token is no longer good; ask again with the number of the case and of your telephone, or call us.",
        );
        return Err(Refused::new(StatusCode::GONE, "token_expired", zh, en));
    }
    Ok(case)
}

/// A case that was taken, and how to look at it again.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reported {
    case: CaseId,
    /// Opens the case's page; shown once.
    token: String,
}

/// Takes a report in the form of a call (`schemas/call.json`), without what only officials name.
pub(crate) async fn report(
    State(ground): State<Ground>,
    _anybody: Anybody,
    headers: HeaderMap,
    Brought { call, photos }: Brought,
) -> Result<Response, Refused> {
    let Value::Object(mut call) = call else { return Err(Refused::bad_request("body")) };
    // Whose duty it is and by when is the city's to say; photographs are those that came along.
    for official in ["external_id", "department", "promised_by", "settled", "alive", "photos"] {
        call.remove(official);
    }
    let mut hashes = Vec::new();
    for photo in photos {
        hashes.push(keep(&ground, photo).await?);
    }
    if !hashes.is_empty() {
        call.insert("photos".to_owned(), json!(hashes));
    }
    let source = SOURCE.parse().expect("the word is a source id");
    let caller = Caller { source, channel: Channel::Web, person: None, unit: None };
    let bytes = Value::Object(call).to_string();
    let reply = ground.doors.calls(&caller, &crate::calls::naming(&headers), bytes.as_bytes()).await;
    match reply.answers.into_iter().next() {
        Some(CallAnswer::Taken { case, .. }) => {
            let token = token(&ground, case).await?;
            Ok((StatusCode::CREATED, Json(Reported { case, token })).into_response())
        }
        Some(CallAnswer::Refused { refusal, .. }) => Err(refusal.into()),
        // What is no report of a resident's has been taken out before.
        Some(CallAnswer::Heard { .. }) | None => Err(Refused::late()),
    }
}

/// What moves the promised instant, or where it counts.
const MOVED: [&str; 4] = ["case.suspended", "case.resumed", "case.extended", "case.rehomed"];

/// One of the four steps.
#[derive(Serialize, JsonSchema)]
struct Step {
    phase: Phase,
    words: Words,
    /// Since when; absent for what is still to come.
    at: Option<Timestamp>,
    now: bool,
}

/// A promised instant and why it moved.
#[derive(Serialize, JsonSchema)]
struct Moved {
    at: Timestamp,
    words: Words,
}

/// A case as its caller sees it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Status {
    case: CaseId,
    filed_at: Timestamp,
    summary: String,
    summary_words: Words,
    class_words: Words,
    stage: Stage,
    stage_words: Words,
    steps: Vec<Step>,
    holder_words: Words,
    /// By when it is to be solved.
    promised: Option<Timestamp>,
    moved: Vec<Moved>,
    answer: Option<Words>,
    /// `not_solved` and `grade`, where the moment allows them.
    asks: Vec<&'static str>,
    now: Timestamp,
}

/// Where the case of a token is.
pub(crate) async fn status(
    State(ground): State<Ground>,
    _anybody: Anybody,
    Path(token): Path<String>,
) -> Result<Json<Status>, Refused> {
    let page = ground.doors.page(case_of(&ground, &token).await?).await?;
    Ok(Json(told(page)))
}

fn told(page: CasePage) -> Status {
    let tongue = Tongue(&page.rules);
    let case = &page.case;
    let first = |names: &[&str]| {
        let mut lines = page.timeline.iter();
        lines.find(|line| names.iter().any(|name| line.event.starts_with(name))).map(|line| line.at)
    };
    let phase = case.stage.phase();
    let began = [
        (Phase::Collect, Some(case.filed_at)),
        (Phase::Dispatch, first(&["case.assigned"])),
        (Phase::Handle, first(&["case.accepted"])),
        (Phase::FeedBack, first(&["case.resolved", "case.refused", "case.referred", "case.answered"])),
    ];
    let steps = began.map(|(step, at)| Step {
        phase: step,
        words: Words::new(step.zh(), step.name()),
        at,
        now: step == phase,
    });
    let resolve: Vec<_> = page.tales.iter().filter(|tale| tale.clock == Clock::Resolve).collect();
    let moved = page.timeline.iter().filter(|line| MOVED.iter().any(|name| line.event.starts_with(name)));
    let mut asks = Vec::new();
    if case.stage != Stage::Following {
        asks.push("not_solved");
    }
    if is_asked(case) {
        asks.push("grade");
    }
    Status {
        case: case.id,
        filed_at: case.filed_at,
        summary: page.filing.summary.to_string(),
        summary_words: tongue.summary(&page.filing.summary),
        class_words: tongue.class(&case.brief.class),
        stage: case.stage,
        stage_words: Words::new(case.stage.zh(), case.stage.name()),
        steps: steps.into(),
        holder_words: tongue.unit(&case.holder),
        promised: resolve.last().and_then(|tale| tale.due),
        moved: moved.map(|line| Moved { at: line.at, words: line.words.clone() }).collect(),
        answer: page.answer.clone(),
        asks,
        now: page.now,
    }
}

/// Whether the caller is asked now whether it helped.
fn is_asked(case: &Case) -> bool {
    let handled = matches!(case.outcome, Some(Outcome::Handled | Outcome::OnTheSpot | Outcome::WithLead));
    case.stage == Stage::Answered && handled
}

/// What the caller says of the result.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotSolved {
    reason: String,
    /// Whether somebody has been in touch; asked where there is an answer to judge.
    contacted: Option<bool>,
}

/// How the caller judges the answer.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Judged {
    solved: Solved,
    grade: Grade,
    /// Whether somebody has been in touch: the first of the three rates is made of it, so it is asked and never guessed.
    contacted: Option<bool>,
    reason: Option<String>,
    /// Whether somebody may call to ask more.
    #[serde(default)]
    may_call: bool,
}

fn actor(page: &CasePage) -> Actor {
    Actor {
        unit: page.rules.centre().clone(),
        person: Some(PersonId::new(SOURCE).expect("the word is a person id")),
    }
}

async fn ask(ground: &Ground, page: &CasePage, headers: &HeaderMap, said: Value) -> Result<(), Refused> {
    let (ask, private) = read_ask(said)?;
    act(ground, page, headers, ask, private).await
}

/// What the caller was asked, in one record with their own words, which are sealed.
async fn heard(
    ground: &Ground,
    page: &CasePage,
    headers: &HeaderMap,
    verdict: Verdict,
    words: Option<String>,
) -> Result<(), Refused> {
    let words = words.map(|words| words.chars().take(PRIVATE_FIELD_CHARS_MAX).collect());
    let private = words.map(|remarks| Private { remarks: Some(remarks), ..Private::default() });
    let said = Ask::CallBack { way: CallBackWay::Web, verdict: Some(verdict) };
    act(ground, page, headers, said, private).await
}

async fn act(
    ground: &Ground,
    page: &CasePage,
    headers: &HeaderMap,
    ask: Ask,
    private: Option<Private>,
) -> Result<(), Refused> {
    let key = crate::acts::key(ground, headers)?;
    let act = Act { actor: actor(page), key, case: page.case.id, saw: None, ask, private };
    ground.doors.act(act, true).await.map(|_| ()).map_err(Refused::from)
}

fn missing(field: &'static str) -> Refused {
    RefusalMessage::from(&Refusal::Missing(field)).into()
}

/// The caller says that it is not solved: before the answer that reminds the holder, after it that is their verdict,
/// and once it is closed it is opened again, as often as the policy lets it.
pub(crate) async fn not_solved(
    State(ground): State<Ground>,
    _anybody: Anybody,
    Path(token): Path<String>,
    headers: HeaderMap,
    Read(NotSolved { reason, contacted }): Read<NotSolved>,
) -> Result<StatusCode, Refused> {
    if reason.trim().is_empty() {
        return Err(missing("reason"));
    }
    let page = ground.doors.page(case_of(&ground, &token).await?).await?;
    let words = format!("来电人表示未解决：{reason}");
    let said = match page.case.stage {
        _ if is_asked(&page.case) => {
            let contacted = contacted.ok_or_else(|| missing("contacted"))?;
            let verdict = Verdict { contacted, solved: Solved::No, grade: None, beyond: None };
            heard(&ground, &page, &headers, verdict, Some(reason)).await?;
            return Ok(StatusCode::ACCEPTED);
        }
        Stage::CalledBack | Stage::Closed => {
            again(page.case.leg, page.rules.policy.reopenings_max)?;
            json!({ "ask": "reopen", "with": { "reason": words } })
        }
        _ => json!({ "ask": "remind", "with": { "note": words } }),
    };
    ask(&ground, &page, &headers, said).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Whether a resident opens it again by themselves, in its how-manieth leg it is; else a person decides.
fn again(leg: u8, reopenings_max: u8) -> Result<(), Refused> {
    if leg <= reopenings_max {
        return Ok(());
    }
    let (zh, en) = (
        "该诉求已多次返工，请致电人工处理。",
        "It was opened again before; call us, and a person will decide.",
    );
    Err(Refused::new(StatusCode::CONFLICT, "call_us", zh, en))
}

/// The caller judges the answer.
pub(crate) async fn grade(
    State(ground): State<Ground>,
    _anybody: Anybody,
    Path(token): Path<String>,
    headers: HeaderMap,
    Read(said): Read<Judged>,
) -> Result<StatusCode, Refused> {
    let page = ground.doors.page(case_of(&ground, &token).await?).await?;
    let Judged { solved, grade, contacted, reason, may_call } = said;
    let contacted = contacted.ok_or_else(|| missing("contacted"))?;
    let words = reason.filter(|reason| !reason.trim().is_empty()).map(|reason| {
        let call = if may_call { "可回电 (may be called)" } else { "不必回电 (need not be called)" };
        format!("{reason}（{call}）")
    });
    let verdict = Verdict { contacted, solved, grade: Some(grade), beyond: None };
    heard(&ground, &page, &headers, verdict, words).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Who asks by number.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ByNumber {
    case: CaseId,
    /// The last four digits of the number that was left.
    number_end: String,
}

/// The token of a case, to who knows the last digits of the number that was left. Wrong and absent look alike, and a few
/// wrong tries close this way to the case for an hour, whoever tries.
pub(crate) async fn by_number(
    State(ground): State<Ground>,
    _anybody: Anybody,
    Read(ByNumber { case, number_end }): Read<ByNumber>,
) -> Result<Json<Reported>, Refused> {
    /// How many digits are asked for.
    const DIGITS: usize = 4;
    let now = ground.doors.now().await.map_err(|refusal| RefusalMessage::from(&refusal))?;
    if !ground.desk.tries.lets(case, now) {
        return Err(Refused::too_often());
    }
    let known = ground.doors.number_ends_with(case, number_end.trim()).await;
    if number_end.trim().len() == DIGITS && known {
        ground.desk.tries.right(case);
        let token = token(&ground, case).await?;
        Ok(Json(Reported { case, token }))
    } else {
        Err(Refused::not_found())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use huying_domain::event::Event;

    #[test]
    fn every_event_that_is_looked_for_is_one() {
        let looked_for = MOVED.iter().chain(&[
            "case.assigned",
            "case.accepted",
            "case.resolved",
            "case.refused",
            "case.referred",
            "case.answered",
        ]);
        for name in looked_for {
            let there = Event::TAGS.iter().any(|tag| tag.split('/').next() == Some(*name));
            assert!(there, "{name} is no event");
        }
    }

    #[test]
    fn a_token_is_good_through_its_last_day_and_gone_after_it_and_a_forged_one_was_never_there() {
        let (key, case) = (b"a key of this engine".as_slice(), "0-7".parse().expect("a case"));
        let token = sealed(key, case, 20_000);
        let said = |key: &[u8], token: &str, today| {
            opened(key, token, today)
                .map_err(|refused| (refused.status().as_u16(), refused.code().to_owned()))
        };
        assert_eq!(said(key, &token, 20_000), Ok(case));
        assert_eq!(said(key, &token, 20_001), Err((410, "token_expired".to_owned())));
        // Whoever moves the day, or comes from another engine, learns nothing: not even that it has passed.
        for (key, token) in [(key, token.replace("20000", "20002")), (b"another".as_slice(), token)] {
            assert_eq!(said(key, &token, 20_001).map_err(|(status, _)| status), Err(404), "{token}");
        }
    }

    #[test]
    fn who_has_had_it_opened_again_as_often_as_the_policy_lets_is_asked_to_call() {
        assert!(again(1, 2).is_ok() && again(2, 2).is_ok());
        let refused = again(3, 2).expect_err("a person decides");
        assert_eq!((refused.status().as_u16(), refused.code()), (409, "call_us"));
    }
}
