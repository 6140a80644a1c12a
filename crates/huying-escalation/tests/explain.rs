//! Clocks that explain themselves: what they counted adds up, and says why.

#[path = "../../../tests/city/tiny.rs"]
mod tiny;

use huying_domain::{
    command::Ask,
    ids::CaseId,
    limit::Limit,
    record::Record,
    time::Timestamp,
    vocabulary::{Clock, ExemptGround, ReturnGround, Rung},
    words::Words,
};
use huying_escalation::{
    explain::{
        explain,
        tale::{Tale, Verdict},
    },
    watch::Watch,
};
use proptest::prelude::*;
use tiny::{City, GRID, id, matter};

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn assign(city: &mut City, case: CaseId, lead: &str, rung: Rung) {
    let reason = Words::new("派单", "dispatched");
    city.ask(
        "centre",
        Some(case),
        Ask::Assign { lead: id(lead), co_handlers: vec![], told: vec![], rung, reason },
    );
}

/// A matter of this class is filed and given to this unit at once, on Wednesday at nine.
fn given(class: &str, lead: &str, rung: Rung) -> (City, CaseId) {
    let mut city = City::new();
    let (case, _) = city.call(matter(class, GRID));
    assign(&mut city, case, lead, rung);
    (city, case)
}

/// The last tale of a clock, as it stands at an instant.
fn tale(city: &City, case: CaseId, clock: Clock, now: Timestamp) -> Tale {
    let tales = explain(&city.rules, &city.history, case, now);
    tales.into_iter().rfind(|tale| tale.clock == clock).expect("the case has had this clock")
}

fn check(city: &City, case: CaseId, (clock, now): (Clock, &str), then: (i64, Verdict)) -> Tale {
    let tale = tale(city, case, clock, at(now));
    assert_eq!((tale.elapsed_s, tale.verdict), then, "{tale:#?}");
    tale
}

/// The laws of every tale, whatever happened.
fn adds_up(tale: &Tale, now: Timestamp) {
    let counted: i64 = tale.segments.iter().filter(|part| part.counted).map(|part| part.seconds()).sum();
    assert_eq!(counted, tale.elapsed_s, "{tale:#?}");
    let mut cursor = tale.from;
    for part in &tale.segments {
        assert_eq!(part.from, cursor, "without a gap: {tale:#?}");
        assert!(part.to > part.from && !part.why.zh.is_empty() && !part.why.en.is_empty(), "{part:?}");
        cursor = part.to;
    }
    assert_eq!(cursor, tale.ended.unwrap_or(now).max(tale.from), "until the end or now: {tale:#?}");
}

#[test]
fn working_hours_count_inside_shifts_and_say_why_not_outside() {
    let (city, case) = given("noise.neighbour", "grid-1-1", Rung::Grid);
    let tale =
        check(&city, case, (Clock::Contact, "2026-11-18T15:00:00+08:00"), (4 * 3600, Verdict::Breached));
    let told: Vec<_> =
        tale.segments.iter().map(|part| (part.seconds(), part.counted, part.why.zh.as_str())).collect();
    assert_eq!(
        told,
        [(3 * 3600, true, "工作时间"), (2 * 3600, false, "非工作时段"), (3600, true, "工作时间")]
    );
    assert_eq!(tale.whole_s, Some(4 * 3600));
}

#[test]
fn a_clock_is_within_until_four_fifths_are_gone_then_approaching_then_breached() {
    let (city, case) = given("noise.construction", "urban", Rung::Department);
    for (now, elapsed_s, verdict) in [
        ("2026-11-18T09:00:00+08:00", 0, Verdict::Within),
        ("2026-11-18T10:36:00+08:00", 5760, Verdict::Within),
        ("2026-11-18T10:36:01+08:00", 5761, Verdict::Approaching),
        ("2026-11-18T10:59:59+08:00", 7199, Verdict::Approaching),
        ("2026-11-18T11:00:00+08:00", 7200, Verdict::Breached),
    ] {
        check(&city, case, (Clock::Resolve, now), (elapsed_s, verdict));
    }
}

#[test]
fn the_three_words_are_the_same_everywhere() {
    let words = [Verdict::Within, Verdict::Approaching, Verdict::Breached].map(Verdict::zh);
    assert_eq!(words, ["正常", "临期", "超期"]);
}

#[test]
fn a_matter_without_a_target_is_unknown_and_never_on_time() {
    let (mut city, case) = given("advice", "grid-1-1", Rung::Grid);
    let tale = check(&city, case, (Clock::Resolve, "2026-11-18T10:00:00+08:00"), (3600, Verdict::Unknown));
    assert_eq!((tale.due, tale.limit, tale.ended), (None, None, None));
    city.ask("grid-1-1", Some(case), Ask::Accept);
    city.now = at("2026-11-18T11:00:00+08:00");
    city.ask("grid-1-1", Some(case), Ask::Resolve { result: "已答复".to_owned(), evidence: vec![] });
    let tale = check(&city, case, (Clock::Resolve, "2026-11-19T10:00:00+08:00"), (7200, Verdict::Unknown));
    assert_eq!(tale.ended, Some(city.now));
}

#[test]
fn a_return_stops_the_holders_clocks_and_not_the_cases_own() {
    let (mut city, case) = given("noise.neighbour", "grid-1-1", Rung::Grid);
    city.now = at("2026-11-18T10:00:00+08:00");
    let reason = "地址不清".to_owned();
    city.ask("grid-1-1", Some(case), Ask::Return { ground: ReturnGround::Unclear, reason, proposed: None });
    city.now = at("2026-11-18T10:10:00+08:00");
    assign(&mut city, case, "grid-1-1", Rung::Grid);
    let now = "2026-11-18T11:00:00+08:00";
    let accept = check(&city, case, (Clock::Accept, now), (6600, Verdict::Approaching));
    let paused = &accept.segments[1];
    assert_eq!((paused.seconds(), paused.counted), (600, false));
    assert_eq!(paused.why.zh, "grid-1-1退回（信息不清），等待重新派单");
    assert_eq!(accept.whole_s, Some(7200), "a pause neither gives nor takes");
    assert_eq!(accept.due, Some(at("2026-11-18T11:10:00+08:00")));
    check(&city, case, (Clock::Resolve, now), (7200, Verdict::Within));
}

#[test]
fn work_done_in_time_stays_in_time_however_long_the_check_takes() {
    let (mut city, case) = given("noise.construction", "urban", Rung::Department);
    city.ask("urban", Some(case), Ask::Accept);
    city.now = at("2026-11-18T10:45:00+08:00");
    city.ask("urban", Some(case), Ask::Resolve { result: "已制止".to_owned(), evidence: vec![] });
    city.now = at("2026-11-18T17:00:00+08:00");
    check(&city, case, (Clock::Resolve, "2026-11-18T16:00:00+08:00"), (6300, Verdict::Approaching));
    city.ask("centre", Some(case), Ask::Check { passed: true, note: "属实".to_owned() });
    let tale = check(&city, case, (Clock::Resolve, "2026-11-20T10:00:00+08:00"), (6300, Verdict::Within));
    assert_eq!(
        tale.segments.last().map(|part| part.why.en.as_str()),
        Some("done by urban, waits for the check")
    );
}

#[test]
fn a_breach_stays_and_an_exemption_stands_beside_it() {
    let (mut city, case) = given("noise.neighbour", "grid-1-1", Rung::Grid);
    let mut watch = Watch::default();
    city.history.iter().for_each(|record| watch.follow(record));
    let away_since = city.now;
    city.now = at("2026-11-18T11:20:00+08:00");
    let named = watch.overdue(city.now, 10);
    let command = Watch::command(city.rules.centre(), &named[0], Some(away_since));
    city.submit(command).expect("the clock is due");
    let tale = tale(&city, case, Clock::Accept, city.now);
    assert_eq!(tale.holder, id("community-1"), "the next rung has a clock of its own");
    let tales = explain(&city.rules, &city.history, case, city.now);
    let first = tales.iter().find(|tale| tale.clock == Clock::Accept).expect("the grid's");
    assert_eq!((first.holder.as_str(), first.verdict), ("grid-1-1", Verdict::Breached));
    assert_eq!(first.breached, Some(at("2026-11-18T11:00:00+08:00")));
    assert!(first.exempted.is_some() && first.ended.is_some());
    assert_eq!(tale.from, at("2026-11-18T11:00:00+08:00"), "counted from the scheduled instant");
}

#[test]
fn an_exemption_is_of_the_breach_that_it_names_and_of_no_later_clock() {
    let (mut city, case) = given("noise.neighbour", "grid-1-1", Rung::Grid);
    let mut watch = Watch::default();
    city.history.iter().for_each(|record| watch.follow(record));
    city.now = at("2026-11-18T11:00:00+08:00");
    let named = watch.overdue(city.now, 10);
    let command = Watch::command(city.rules.centre(), &named[0], None);
    city.submit(command).expect("the clock is due");
    let ground = ExemptGround::ForceMajeure;
    let exempt =
        Ask::Exempt { clock: Clock::Accept, due: city.now, ground, reason: "道路管制".to_owned() };
    city.ask("centre", Some(case), exempt);
    let tales = explain(&city.rules, &city.history, case, city.now);
    let told: Vec<_> = tales.iter().filter(|tale| tale.clock == Clock::Accept).collect();
    assert_eq!(told.len(), 2, "the next rung has a clock of its own");
    assert_eq!((told[0].exempted, told[1].exempted), (Some(ground), None));
}

#[test]
fn one_may_ask_how_it_stood_on_a_day_in_the_past() {
    let (mut city, case) = given("noise.neighbour", "grid-1-1", Rung::Grid);
    let then = at("2026-11-18T10:00:00+08:00");
    let before = explain(&city.rules, &city.history, case, then);
    city.now = at("2026-11-18T10:30:00+08:00");
    city.ask("grid-1-1", Some(case), Ask::Accept);
    assert_eq!(explain(&city.rules, &city.history, case, then), before);
    assert_ne!(explain(&city.rules, &city.history, case, city.now), before);
}

#[test]
fn other_cases_of_the_same_history_are_not_told() {
    let (mut city, case) = given("noise.neighbour", "grid-1-1", Rung::Grid);
    let before = explain(&city.rules, &city.history, case, city.now);
    city.call(matter("light.street", GRID));
    assert_eq!(explain(&city.rules, &city.history, case, city.now), before);
}

/// Time passes, somebody acts; the door takes it or not.
fn live(city: &mut City, watch: &mut Watch, case: CaseId, act: u8) {
    let holder = city.state.case(case).expect("open").holder.as_str().to_owned();
    let text = || "说明".to_owned();
    let ask = match act {
        0 => Ask::Accept,
        1 => Ask::Return { ground: ReturnGround::Unclear, reason: text(), proposed: None },
        2 => Ask::Assign {
            lead: id("grid-1-1"),
            co_handlers: vec![],
            told: vec![],
            rung: Rung::Grid,
            reason: Words::new("派单", "dispatched"),
        },
        3 => Ask::Resolve { result: text(), evidence: vec![] },
        4 => Ask::Check { passed: false, note: text() },
        _ => Ask::Contact { reached: true },
    };
    let unit = if matches!(act, 2 | 4) { "centre" } else { &holder };
    let command = city.person(unit, Some(case), ask);
    if let Ok(record) = city.submit(command) {
        watch.follow(&record);
    }
    for overdue in watch.overdue(city.now, usize::MAX) {
        let command = Watch::command(city.rules.centre(), &overdue, None);
        if let Ok(record) = city.submit(command) {
            watch.follow(&record);
        }
    }
}

fn is_in_seconds(limit: Limit) -> Option<i64> {
    match limit {
        Limit::UrgentSeconds(seconds) | Limit::WorkingSeconds(seconds) => Some(seconds.into()),
        Limit::WorkingDays(_) | Limit::NaturalDays(_) | Limit::RollingDays(_) | Limit::Given(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The sum of the counted stretches is the elapsed time, always; what a limit in hours counts in all is the
    /// limit itself, however often it was paused; and a clock that the door breached is told as breached.
    #[test]
    fn every_tale_adds_up(
        acts in proptest::collection::vec((0_u8..6, 0_i64..40_000), 1..40),
        class in prop_oneof![Just("noise.neighbour"), Just("light.street"), Just("noise.construction"), Just("advice")],
    ) {
        let mut city = City::new();
        let (case, record) = city.call(matter(class, GRID));
        let mut watch = Watch::default();
        watch.follow(&record);
        for (act, seconds) in acts {
            city.now = city.now.plus_seconds(seconds);
            live(&mut city, &mut watch, case, act);
        }
        let now = city.now.plus_seconds(1800);
        let tales = explain(&city.rules, &city.history, case, now);
        for tale in &tales {
            adds_up(tale, now);
            let in_time = tale.breached.is_none() && tale.due.is_some_and(|due| now < due);
            if let Some(whole) = tale.limit.and_then(is_in_seconds).filter(|_| in_time) {
                prop_assert_eq!(tale.whole_s, Some(whole), "{:#?}", tale);
            }
            if tale.breached.is_some() {
                prop_assert_eq!(tale.verdict, Verdict::Breached);
            }
        }
        let open = city.state.case(case).expect("open");
        for running in &open.clocks {
            let told = tales.iter().rfind(|tale| tale.clock == running.clock).expect("every clock is told");
            prop_assert_eq!(told.due, Some(running.due));
            prop_assert_eq!((told.from, told.ended), (running.from, None));
        }
        let first = explain(&city.rules, &[] as &[Record], case, now);
        prop_assert_eq!(first, vec![]);
    }
}
