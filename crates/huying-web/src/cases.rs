//! `GET /v1/cases/{id}`: to a feed, where the case is that it brought; to a person, its whole page. Nothing of the
//! caller stands in either.

use crate::{
    calls::Bringer,
    health::look,
    refused::Refused,
    rights::{ACTS, Act, Right, act_of},
    router::Ground,
    sentence::{Reach, named},
    shown::{Place, Tongue},
    sign_in::who::Who,
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use huying_domain::{
    area::AreaCode,
    command::Ask,
    ids::{CaseId, ClassId, ConditionId, PersonId, Seq, TellChannel, UnitId, Version},
    record::{Hash, Origin},
    time::Timestamp,
    vocabulary::{CaseKind, Channel, CloseCondition, Grade, Outcome, Phase, Rung, Solved, Stage, Tag},
    words::Words,
};
use huying_engine::doors::{act::may, page::CasePage, status::Sees};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// What stands for whatever of a caller is held. It is never a value: sent back, it changes nothing.
pub(crate) const MASK: &str = "•••";

/// What happened, in one line.
#[derive(Serialize, JsonSchema)]
struct Line {
    seq: Seq,
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    late_for: Option<Timestamp>,
    unit: UnitId,
    unit_words: Words,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    by: Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<Seq>,
    event: &'static str,
    words: Words,
}

/// Whom a channel was asked to tell.
#[derive(Serialize, JsonSchema)]
struct Told {
    channel: TellChannel,
    asked_at: Timestamp,
    told_at: Option<Timestamp>,
    receipt: Option<String>,
}

/// A photograph or paper.
#[derive(Serialize, JsonSchema)]
struct Evidence {
    hash: Hash,
    at: Timestamp,
    unit: UnitId,
}

/// What is held of the caller, masked.
#[derive(Serialize, JsonSchema)]
struct Caller {
    held: bool,
    number: Option<&'static str>,
    name: Option<&'static str>,
}

/// An act that may be asked now.
#[derive(Serialize, JsonSchema)]
pub(crate) struct MayAsk {
    ask: &'static str,
    words: Words,
}

/// What the caller said.
#[derive(Serialize, JsonSchema)]
struct Verdict {
    contacted: bool,
    solved: Solved,
    grade: Option<Grade>,
}

/// A case told whole.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Page {
    case: CaseId,
    version: Version,
    filed_at: Timestamp,
    phase: Phase,
    stage: Stage,
    stage_words: Words,
    rung: Rung,
    holder: UnitId,
    holder_words: Words,
    person: Option<PersonId>,
    co_handlers: Vec<UnitId>,
    handler: Option<UnitId>,
    class: ClassId,
    class_words: Words,
    condition: Option<ConditionId>,
    condition_words: Option<Words>,
    area: AreaCode,
    area_words: Words,
    area_path: Vec<Words>,
    place: Option<Place>,
    channel: Channel,
    kind: CaseKind,
    summary: String,
    summary_words: Words,
    tags: Vec<Tag>,
    lead: Option<CaseId>,
    members: Vec<CaseId>,
    leg: u8,
    returns: u8,
    orphan: bool,
    occurred_at: Option<Timestamp>,
    target: Option<Timestamp>,
    accused: Option<UnitId>,
    outcome: Option<Outcome>,
    closed: Option<CloseCondition>,
    verdict: Option<Verdict>,
    answer: Option<Words>,
    erased: bool,
    caller: Caller,
    /// The worst of its clocks; absent when none runs.
    word: Option<&'static str>,
    next: Option<Timestamp>,
    timeline: Vec<Line>,
    left_out: u64,
    /// Its clocks with their stretches, as `/clocks` gives them.
    clocks: Value,
    told: Vec<Told>,
    evidence: Vec<Evidence>,
    asks: Vec<MayAsk>,
    seq: Seq,
    now: Timestamp,
}

/// The clocks of a case.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Clocks {
    clocks: Value,
    now: Timestamp,
}

pub(crate) fn case_id(text: &str) -> Result<CaseId, Refused> {
    text.parse().map_err(|_| Refused::not_found())
}

/// Where a case is, for a feed; all of it, for a person who sees it.
pub(crate) async fn see(
    State(ground): State<Ground>,
    bringer: Bringer,
    Path(case): Path<String>,
) -> Result<Response, Refused> {
    let case = case_id(&case)?;
    match bringer {
        Bringer::Feed(grant) => {
            let status = ground.doors.case_status(case, Sees::Own(&grant.source)).await?;
            Ok(Json(status).into_response())
        }
        Bringer::Person(who) => Ok(Json(page(&ground, &who, case).await?).into_response()),
    }
}

/// Why is this red: each clock, stretch by stretch.
pub(crate) async fn clocks(
    State(ground): State<Ground>,
    who: Who,
    Path(case): Path<String>,
) -> Result<Json<Clocks>, Refused> {
    let told = seen(&ground, &who, case_id(&case)?).await?;
    let clocks = clocks_told(&told)?;
    Ok(Json(Clocks { clocks, now: told.now }))
}

/// The records' tale of a case, if the asker sees that case; else there is none.
pub(crate) async fn seen(ground: &Ground, who: &Who, id: CaseId) -> Result<CasePage, Refused> {
    who.must(Right::See)?;
    let page = ground.doors.page(id).await?;
    let case = &page.case;
    let units = [Some(&case.holder), case.handler.as_ref()];
    // Who is called late may see why, and appeal.
    let late = case.breaches.iter().map(|breach| &breach.holder);
    let units = units.into_iter().flatten().chain(&case.co_handlers).chain(late);
    if who.sight.covers(case.brief.area, &case.tags, units) {
        Ok(page)
    } else {
        Err(huying_domain::refusal::Refusal::UnknownCase(id).into())
    }
}

/// Examples of the acts that a person's roles may ask, for trying out which of them the moment allows. An act about a
/// breach is tried on one that counts: of the asker's own unit, where there is one.
fn examples(who: &Who, told: &CasePage) -> Vec<Ask> {
    let (centre, id) = (told.rules.centre(), told.case.id);
    let counts = || told.case.breaches.iter().filter(|breach| !breach.exempted);
    let own = counts().find(|breach| breach.holder == who.account.unit);
    let breach = own.or_else(|| counts().next());
    let read = |act: &&Act| {
        let example = act.example.replace("UNIT", centre.as_str()).replace("CASE", &id.to_string());
        let mut ask = json!({ "ask": act.ask });
        if !example.is_empty() {
            ask["with"] = serde_json::from_str(&example).ok()?;
        }
        if let (Some(breach), true) = (breach, ask.pointer("/with/due").is_some()) {
            ask["with"]["clock"] = json!(breach.clock);
            ask["with"]["due"] = json!(breach.due);
        }
        serde_json::from_value(ask).ok()
    };
    ACTS.iter().filter(|act| who.account.may_ask(act)).filter_map(|act| read(&act)).collect()
}

/// The page of a case as somebody sees it.
pub(crate) async fn page(ground: &Ground, who: &Who, id: CaseId) -> Result<Page, Refused> {
    let told = seen(ground, who, id).await?;
    let (actor, asks, case) = (who.actor(), examples(who, &told), told.case.clone());
    let may = look(ground, move |engine| {
        let now = engine.clock().now();
        let row = engine.views().cases.row(id);
        let word = row.map(|row| crate::shown::name_of(engine.views().cases.word(row, now)));
        let next = row.and_then(huying_projection::cases::row::Row::next);
        (may(engine, &actor, &case, &asks, now), word, next)
    });
    let (asks, word, next) = may.await?;
    let clocks = clocks_told(&told)?;
    Ok(whole(told, asks, word, next, clocks))
}

/// The clocks with their stretches, and why each counted, with units by their names.
fn clocks_told(told: &CasePage) -> Result<Value, Refused> {
    let mut clocks = serde_json::to_value(&told.tales).map_err(Refused::fault)?;
    let paused = told.case.clocks.iter().filter(|clock| clock.paused_at.is_some());
    let paused: Vec<&str> = paused.map(|clock| clock.clock.name()).collect();
    for tale in clocks.as_array_mut().into_iter().flatten() {
        let stands =
            tale["ended"].is_null() && tale["clock"].as_str().is_some_and(|name| paused.contains(&name));
        tale["paused"] = json!(stands);
        for stretch in tale["segments"].as_array_mut().into_iter().flatten() {
            let Ok(why) = serde_json::from_value::<Words>(stretch["why"].clone()) else { continue };
            stretch["why"] =
                serde_json::to_value(named(&why, &told.rules, Reach::Whole)).map_err(Refused::fault)?;
        }
    }
    Ok(clocks)
}

#[expect(clippy::too_many_lines, reason = "one line for each field of the page")]
fn whole(
    told: CasePage,
    asks: Vec<&'static str>,
    word: Option<&'static str>,
    next: Option<Timestamp>,
    clocks: Value,
) -> Page {
    let CasePage {
        case,
        filing,
        timeline,
        left_out,
        told,
        evidence,
        answer,
        has_private,
        rules,
        now,
        seq,
        ..
    } = told;
    let tongue = Tongue(&rules);
    let class = rules.policy.classes.get(&case.brief.class);
    let condition = case.brief.condition.as_ref().and_then(|id| class?.conditions.get(id));
    let mut area_path = Vec::new();
    let mut above = case.brief.area.parent();
    while let Some(area) = above {
        area_path.insert(0, tongue.area(area));
        above = area.parent();
    }
    let held = has_private && !case.erased;
    let (written, about) = (filing.summary.to_string(), tongue.summary(&filing.summary));
    let line = |line: huying_projection::timeline::Line| Line {
        seq: line.seq,
        at: line.at,
        late_for: line.late_for,
        unit_words: tongue.unit(&line.actor.unit),
        unit: line.actor.unit,
        person: line.actor.person,
        by: line.by,
        because: line.because,
        event: line.event,
        words: {
            let words = named(&line.words, &rules, Reach::of(line.by, line.event));
            // How the call was written down is told by names, not ids.
            Words::new(words.zh.replace(&written, &about.zh), words.en.replace(&written, &about.en))
        },
    };
    Page {
        case: case.id,
        version: case.version,
        filed_at: case.filed_at,
        phase: case.stage.phase(),
        stage: case.stage,
        stage_words: Words::new(case.stage.zh(), case.stage.name()),
        rung: case.rung,
        holder_words: tongue.unit(&case.holder),
        holder: case.holder,
        person: case.person,
        co_handlers: case.co_handlers.into_vec(),
        handler: case.handler,
        class_words: tongue.class(&case.brief.class),
        condition_words: condition.map(|condition| Words::new(&condition.zh, &condition.en)),
        condition: case.brief.condition,
        class: case.brief.class,
        area: case.brief.area,
        area_words: tongue.area(case.brief.area),
        area_path,
        place: filing.place.map(Place::from),
        channel: filing.channel,
        kind: case.kind,
        summary_words: about.clone(),
        summary: filing.summary.to_string(),
        tags: case.tags.into_vec(),
        lead: case.lead,
        members: case.members.into_vec(),
        leg: case.leg,
        returns: case.returns,
        orphan: filing.orphan,
        occurred_at: filing.occurred_at,
        target: case.target,
        accused: case.brief.accused,
        outcome: case.outcome,
        closed: case.closed,
        verdict: case.verdict.map(|said| Verdict {
            contacted: said.contacted,
            solved: said.solved,
            grade: said.grade,
        }),
        answer,
        erased: case.erased,
        caller: Caller { held, number: held.then_some(MASK), name: held.then_some(MASK) },
        word,
        next,
        timeline: timeline.into_iter().map(line).collect(),
        left_out,
        clocks,
        told: told
            .into_iter()
            .map(|told| Told {
                channel: told.channel,
                asked_at: told.asked_at,
                told_at: told.told_at,
                receipt: told.receipt,
            })
            .collect(),
        evidence: evidence
            .into_iter()
            .map(|one| Evidence { hash: one.hash, at: one.at, unit: one.unit })
            .collect(),
        asks: asks
            .into_iter()
            .filter_map(act_of)
            .map(|act| MayAsk { ask: act.ask, words: act.words() })
            .collect(),
        seq,
        now,
    }
}
