//! `POST /v1/callers`: who calls, and what of theirs is open. Asked for a ring at one's seat, or for a number that
//! somebody tells on the line.
//!
//! Only cases are told whose caller the asker may know: those that they see, and of which `reveal` would name the
//! caller. Hidden and absent look alike. Who types numbers asks so many an hour and no more.

use crate::{
    health::look,
    refused::Refused,
    rights::Right,
    rings::{RING_FIELD_CHARS_MAX, shown},
    router::{Ground, Read},
    sentence::{Reach, named},
    shown::{Tongue, name_of},
    sign_in::who::Who,
};
use axum::{Json, extract::State};
use huying_domain::{
    ids::{CaseId, ClassId, PersonId, UnitId},
    time::Timestamp,
    vocabulary::{CaseKind, Clock, Outcome, Stage, Tag},
    words::Words,
};
use huying_engine::{
    clock::machine,
    doors::{callers::CALLER_DAYS, page::CasePage},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// Most open cases of a caller that are shown: as many as there are keys for.
const OPEN_CASES_MAX: usize = 9;
/// Most closed ones.
const LAST_CASES_MAX: usize = 5;
/// Most cases of a number that are read for that.
const CASES_READ_MAX: usize = 40;
/// How many numbers somebody may type in an hour; rings are not counted.
pub const NUMBERS_PER_HOUR_MAX: u32 = 120;

const HOUR_S: i64 = 3_600;

/// Counts the numbers that people type.
#[derive(Default)]
pub struct Typed(Mutex<BTreeMap<PersonId, (i64, u32)>>);

impl Typed {
    fn lets(&self, who: &PersonId, now: Timestamp) -> bool {
        let mut typed = self.0.lock().expect("nobody panics while counting");
        let hour = now.seconds() / HOUR_S;
        let (since, count) = typed.entry(who.clone()).or_insert((hour, 0));
        if *since != hour {
            (*since, *count) = (hour, 0);
        }
        *count += 1;
        *count <= NUMBERS_PER_HOUR_MAX
    }
}

/// Whose cases: of a ring at one's seat, or of a number.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whose {
    ring: Option<String>,
    number: Option<String>,
}

/// The last thing that happened.
#[derive(Serialize, JsonSchema)]
struct Latest {
    at: Timestamp,
    words: Words,
}

/// A case of the caller's.
#[derive(Serialize, JsonSchema)]
struct Own {
    case: CaseId,
    filed_at: Timestamp,
    kind: CaseKind,
    stage: Stage,
    stage_words: Words,
    class: ClassId,
    class_words: Words,
    area_words: Words,
    holder_words: Words,
    summary_words: Words,
    /// The worst of its clocks; absent when none runs.
    word: Option<&'static str>,
    /// The clock that says by when something is owed to the caller: that of solving it while it runs, else the next one.
    clock_words: Option<Words>,
    /// By when.
    due: Option<Timestamp>,
    lead: Option<CaseId>,
    leg: u8,
    /// How it ended.
    outcome: Option<Outcome>,
    outcome_words: Option<Words>,
    latest: Option<Latest>,
}

/// Who calls.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Known {
    number: String,
    /// Only the end of the number is shown.
    masked: bool,
    /// Cases that are open, the newest first.
    open: Vec<Own>,
    /// The last that were closed.
    last: Vec<Own>,
    /// There are more than are told here.
    more: bool,
    /// For how many days back cases are known.
    days: i64,
    now: Timestamp,
}

/// Tells who calls.
pub(crate) async fn see(
    State(ground): State<Ground>,
    who: Who,
    Read(whose): Read<Whose>,
) -> Result<Json<Known>, Refused> {
    who.must(Right::TakeCalls)?;
    let by_ring = whose.ring.is_some();
    let number = number(&ground, &who, whose)?;
    let (doors, asked) = (Arc::clone(&ground.doors), number.clone());
    let found = tokio::task::spawn_blocking(move || doors.cases_of_number(&asked));
    let found = found.await.map_err(Refused::fault)?.map_err(Refused::fault)?;
    tracing::info!(account = %who.account.name, by_ring, cases = found.len(), "the cases of a number were looked up");
    let (mut open, mut last) = (Vec::new(), Vec::new());
    let mut more = found.len() > CASES_READ_MAX;
    let mut now = machine();
    for case in found.into_iter().take(CASES_READ_MAX) {
        let Ok(page) = ground.doors.page(case).await else { continue };
        if !may_know(&who, &page) {
            continue;
        }
        now = page.now;
        let is_open = page.case.stage != Stage::Closed;
        let (list, most) = if is_open { (&mut open, OPEN_CASES_MAX) } else { (&mut last, LAST_CASES_MAX) };
        if list.len() < most { list.push(own(page)) } else { more = true }
    }
    let cases: Vec<CaseId> = open.iter().map(|own: &Own| own.case).collect();
    let words = look(&ground, move |engine| {
        let now = engine.clock().now();
        let views = &engine.views().cases;
        let word = |case| views.row(case).map(|row| name_of(views.word(row, now)));
        cases.into_iter().map(word).collect::<Vec<_>>()
    });
    for (own, word) in open.iter_mut().zip(words.await?) {
        own.word = word;
    }
    let (number, masked) = shown(&who, &number);
    Ok(Json(Known { number, masked, open, last, more, days: CALLER_DAYS, now }))
}

fn number(ground: &Ground, who: &Who, whose: Whose) -> Result<String, Refused> {
    match (whose.ring, whose.number) {
        (Some(ring), None) => Ok(ground.desk.rings.of(&who.account.name, &ring)?.number),
        (None, Some(number)) => {
            if number.chars().count() > RING_FIELD_CHARS_MAX {
                return Err(Refused::bad_request("number"));
            }
            if !ground.desk.typed.lets(&who.account.name, machine()) {
                return Err(Refused::too_often());
            }
            Ok(number)
        }
        _ => Err(Refused::bad_request("number")),
    }
}

/// Whether somebody sees a case and may know whose it is: what `decide` says of a reading, so that a number leads to no
/// case from which the number could not be read.
fn may_know(who: &Who, page: &CasePage) -> bool {
    let (case, unit) = (&page.case, &who.account.unit);
    let units = [Some(&case.holder), case.handler.as_ref()];
    let units = units.into_iter().flatten().chain(&case.co_handlers);
    if case.erased || !who.sight.covers(case.brief.area, &case.tags, units) {
        return false;
    }
    let accused = case.brief.accused.as_ref();
    if accused.is_some_and(|accused| page.rules.is_or_is_below(unit, accused)) {
        return false;
    }
    let holds = |holder: &UnitId| holder == unit || case.co_handlers.contains(unit);
    let protected = case.tags.contains(&Tag::Confidential)
        || case.kind == CaseKind::Accusation
        || case.brief.accused.is_some();
    unit == page.rules.centre() || (holds(&case.holder) && !protected)
}

fn own(page: CasePage) -> Own {
    let tongue = Tongue(&page.rules);
    let case = &page.case;
    let running = || case.clocks.iter().filter(|clock| clock.paused_at.is_none());
    let solve = running().find(|clock| clock.clock == Clock::Resolve);
    let owed = solve.or_else(|| running().min_by_key(|clock| clock.due));
    let owed = owed.map(|running| (running.clock, running.due));
    // What clocks do is told by the due instant.
    let told = page.timeline.iter().rev().find(|line| !line.event.starts_with("case.clocked"));
    let latest = told.map(|line| Latest {
        at: line.at,
        words: named(&line.words, &page.rules, Reach::of(line.by, line.event)),
    });
    Own {
        case: case.id,
        filed_at: case.filed_at,
        kind: case.kind,
        stage: case.stage,
        stage_words: Words::new(case.stage.zh(), case.stage.name()),
        class: case.brief.class.clone(),
        class_words: tongue.class(&case.brief.class),
        area_words: tongue.area(case.brief.area),
        holder_words: tongue.unit(&case.holder),
        summary_words: tongue.summary(&page.filing.summary),
        word: None,
        clock_words: owed.map(|(clock, _)| Words::new(clock.zh(), clock.name())),
        due: owed.map(|(_, due)| due),
        lead: case.lead,
        leg: case.leg,
        outcome: case.outcome,
        outcome_words: case.outcome.map(|outcome| Words::new(outcome.zh(), outcome.name())),
        latest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_types_numbers_all_day_is_stopped_for_the_hour_and_others_are_not() {
        let (typed, now) = (Typed::default(), Timestamp::from_seconds(7_200));
        let person = |name: &str| PersonId::new(name).expect("a name");
        assert!((0..NUMBERS_PER_HOUR_MAX).all(|_| typed.lets(&person("li"), now)));
        assert!(!typed.lets(&person("li"), now.plus_seconds(HOUR_S - 1)));
        assert!(typed.lets(&person("wang"), now) && typed.lets(&person("li"), now.plus_seconds(HOUR_S)));
    }
}
