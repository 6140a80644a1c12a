//! Tallies, days and timelines.

use crate::{
    story,
    town::{Town, assign, id, register},
    walk::{Step, walk},
};
use huying_domain::{
    record::Record,
    vocabulary::{CancelGround, Clock, CloseCondition, Grade, RefusalGround, ReturnGround, Rung, Solved},
};
use huying_projection::{
    days::Days,
    span::{Span, day_of},
    tally::{Share, Tally},
    timeline::Timeline,
};
use jiff::{civil::date, tz::TimeZone};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").expect("built in")
}

fn tally(records: &[Record]) -> Tally {
    let mut tally = Tally::default();
    records.iter().for_each(|record| tally.follow(record));
    tally
}

#[test]
fn the_tally_of_the_story_is_what_was_told() {
    let tally = tally(&story::day().records);
    assert_eq!((tally.cases, tally.joined, tally.censored), (10, 9, 1));
    assert_eq!(tally.refused, BTreeMap::from([(RefusalGround::BeyondDuty, 1)]));
    assert_eq!(tally.cancelled, BTreeMap::from([(CancelGround::Withdrawn, 1)]));
    assert_eq!(tally.returned, BTreeMap::from([(ReturnGround::NotOurDuty, 1)]));
    assert_eq!(tally.assigned, BTreeMap::from([(Rung::Grid, 4), (Rung::Department, 1)]));
    assert_eq!(tally.resolved, BTreeMap::from([(Rung::Grid, 3), (Rung::Department, 1)]));
    assert_eq!((tally.resolved_on_the_spot, tally.checks_passed, tally.checks_failed), (1, 3, 2));
    assert_eq!((tally.answered, tally.answered_with_lead), (7, 9));
    assert_eq!((tally.called_back, tally.reopened, tally.skipped), (3, 1, 1));
    assert_eq!(tally.verdicts_solved, BTreeMap::from([(Solved::Yes, 1), (Solved::No, 1)]));
    assert_eq!(tally.verdicts_grade, BTreeMap::from([(Grade::Satisfied, 2)]));
    assert_eq!(tally.exempted, BTreeMap::from([(Clock::Dispatch, 1)]));
    let closed = [
        (CloseCondition::Confirmed, 1),
        (CloseCondition::Refused, 1),
        (CloseCondition::Referred, 1),
        (CloseCondition::Cancelled, 2),
    ];
    assert_eq!(tally.closed, BTreeMap::from(closed));
    assert_eq!(tally.resolved_share(Rung::Grid), Share { numerator: 3, denominator: 4 });
    assert_eq!(tally.solved_share(), Share { numerator: 1, denominator: 2 });
}

#[test]
fn a_breach_counts_once_however_often_the_engine_asks_again() {
    let mut town = Town::new();
    town.must("centre", 0, register("light"));
    (0..4).for_each(|_| drop(town.tick()));
    let tally = tally(&town.records);
    assert_eq!((tally.breached.get(&Clock::Dispatch), tally.asked_again), (Some(&1), 3));
}

#[test]
fn a_day_ends_at_midnight_on_the_wall_of_the_city() {
    let new_years_eve = date(2026, 12, 31);
    let day = Span::of_day(&zone(), new_years_eve);
    let last = "2026-12-31T23:59:59.999+08:00".parse().expect("well formed");
    let first_of_next = "2027-01-01T00:00:00+08:00".parse().expect("well formed");
    assert!(day.contains(last) && !day.contains(first_of_next) && day.to == first_of_next);
    assert_eq!(day_of(&zone(), last), new_years_eve);
    assert_eq!(day_of(&zone(), first_of_next), date(2027, 1, 1));

    let mut town = Town::new();
    for at in [last, first_of_next] {
        town.now = at;
        town.must("centre", 0, register("light"));
    }
    let mut days = Days::new(zone());
    town.records.iter().for_each(|record| days.follow(record));
    let cases = |day| days.day(day).map_or(0, |tally| tally.cases);
    assert_eq!((cases(new_years_eve), cases(date(2027, 1, 1))), (1, 1));
}

#[test]
fn a_day_with_a_changed_clock_has_its_own_length() {
    let boston = TimeZone::get("America/New_York").expect("built in");
    let hours = |day| {
        let span = Span::of_day(&boston, day);
        span.to.seconds_since(span.from) / 3600
    };
    assert_eq!((hours(date(2026, 3, 8)), hours(date(2026, 11, 1)), hours(date(2026, 7, 1))), (23, 25, 24));
}

#[test]
fn the_timeline_tells_every_event_of_the_case_in_both_languages() {
    let town = story::day();
    for number in 1..town.state.next_case().number() {
        let mut timeline = Timeline::new(id(number), zone());
        town.records.iter().for_each(|record| timeline.follow(record));
        let parts = town.records.iter().flat_map(|record| &record.parts);
        let own = parts.filter(|part| part.case() == Some(id(number)));
        assert_eq!(timeline.lines.len(), own.map(|part| part.events.len()).sum::<usize>());
        assert!(timeline.lines.iter().all(|line| !line.words.zh.is_empty() && !line.words.en.is_empty()));
    }
}

#[test]
fn what_was_said_with_a_decision_stands_on_its_line() {
    let town = story::governed::day();
    let mut timeline = Timeline::new(id(1), zone());
    town.records.iter().for_each(|record| timeline.follow(record));
    for decided in ["case.denied/1", "case.extended/1", "case.suspended/1"] {
        let line = timeline.lines.iter().find(|line| line.event == decided).expect("it was decided");
        assert!(line.words.zh.ends_with("：情况属实"), "{}", line.words.zh);
        assert!(line.words.en.ends_with(": 情况属实"), "{}", line.words.en);
    }
}

#[test]
fn the_timeline_shows_instants_on_the_wall_of_the_city() {
    let mut town = Town::new();
    town.must("centre", 0, register("light")).must("centre", 1, assign("grid-1", Rung::Grid));
    let mut timeline = Timeline::new(id(1), zone());
    town.records.iter().for_each(|record| timeline.follow(record));
    let said = &timeline.lines[1].words;
    assert_eq!(said.zh, "派遣计时开始（15um），应于 2026-11-23 09:15:00 前完成");
    assert_eq!(said.en, "the dispatch clock runs (15um), due 2026-11-23 09:15:00");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_days_add_up_to_the_whole(steps in prop::collection::vec(any::<Step>(), 1..200)) {
        let mut town = Town::new();
        walk(&mut town, &steps);
        let mut days = Days::new(zone());
        town.records.iter().for_each(|record| days.follow(record));
        let sum = days.from_to(date(2026, 1, 1), date(2099, 1, 1));
        let whole = tally(&town.records);
        prop_assert_eq!(serde_json::to_value(&sum).expect("well formed"), serde_json::to_value(&whole).expect("well formed"));
        prop_assert_eq!(whole.records, town.records.len() as u64);
    }
}
