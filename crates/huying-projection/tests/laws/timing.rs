//! What clocks took.

use crate::{
    story,
    town::{Town, assign, check as checked, give_back, register, resolve, unit},
};
use huying_domain::{
    command::Ask,
    event::Event,
    record::Record,
    vocabulary::{Clock, Rung},
};
use huying_projection::timing::{
    Timing,
    taken::{Count, LISTED_MAX},
};

fn timing(records: &[Record]) -> Timing {
    let mut timing = Timing::default();
    records.iter().for_each(|record| timing.follow(record));
    timing
}

/// Given a town's records, then the unit met, did not meet and breached so many, and the median took so long.
fn check(given: &Town, (clock, name): (Clock, &str), then: (u64, u64, u64, Option<u64>)) {
    let timing = timing(&given.records);
    let taken = timing.of(clock, &unit(name)).cloned().unwrap_or_default();
    let [met, unmet, breached] = [Count::Met, Count::Unmet, Count::Breached].map(|count| taken.count(count));
    assert_eq!((met, unmet, breached, taken.seconds().at(50)), then, "{clock} of {name}");
}

#[test]
fn signing_takes_from_dispatch_to_the_signature() {
    let mut town = Town::new();
    town.must("centre", 0, register("light")).wait(2).must("centre", 1, assign("grid-1", Rung::Grid));
    town.now = town.now.plus_seconds(200);
    town.must("grid-1", 1, Ask::Accept);
    check(&town, (Clock::Dispatch, "centre"), (1, 0, 0, Some(120)));
    check(&town, (Clock::Accept, "grid-1"), (1, 0, 0, Some(200)));
}

#[test]
fn who_never_signs_has_met_nothing() {
    let mut town = Town::new();
    town.must("centre", 0, register("light")).must("centre", 1, assign("grid-1", Rung::Grid)).tick();
    check(&town, (Clock::Accept, "grid-1"), (0, 1, 1, None));
    check(&town, (Clock::Hold, "grid-1"), (0, 1, 0, None));
}

#[test]
fn the_work_takes_until_its_result_and_not_until_the_check() {
    let mut town = Town::new();
    let number = town.handling("light");
    town.now = town.now.plus_seconds(100);
    town.must("grid-1", number, resolve()).wait(30).must("centre/qian", number, checked(true));
    check(&town, (Clock::Resolve, "grid-1"), (1, 0, 0, Some(100)));
    check(&town, (Clock::Check, "centre"), (1, 0, 0, Some(1804)));
}

#[test]
fn a_return_leaves_its_stretch_out_of_the_holders_time_and_not_out_of_the_cases() {
    let mut town = Town::new();
    let number = town.handling("light");
    town.now = town.now.plus_seconds(50);
    town.must("grid-1", number, give_back());
    town.now = town.now.plus_seconds(90);
    town.must("centre", number, assign("grid-1", Rung::Grid));
    town.now = town.now.plus_seconds(60);
    town.must("grid-1", number, Ask::Accept).must("grid-1", number, resolve());
    town.must("centre/qian", number, checked(true));
    check(&town, (Clock::Hold, "grid-1"), (1, 0, 0, Some(110)));
    check(&town, (Clock::Resolve, "grid-1"), (1, 0, 0, Some(200)));
}

#[test]
fn the_whole_is_the_sum_of_its_units() {
    let town = story::day();
    let timing = timing(&town.records);
    for clock in Clock::ALL {
        let lines: Vec<_> = timing.lines().filter(|line| line.clock == *clock).collect();
        let whole = timing.whole(*clock);
        assert_eq!(whole.count(Count::Met), lines.iter().map(|line| line.met).sum::<u64>());
        assert_eq!(whole.count(Count::Breached), lines.iter().map(|line| line.breached).sum::<u64>());
        assert_eq!(whole.seconds().count(), whole.count(Count::Met));
        assert!(lines.iter().all(|line| line.median_s <= line.p90_s));
    }
}

#[test]
fn what_was_done_late_is_done_and_not_in_time() {
    let mut town = Town::new();
    town.must("centre", 0, register("light"));
    let late = |events: &[Event]| events.iter().any(|event| matches!(event, Event::ClockBreached(_)));
    while !late(&town.tick()) {}
    town.must("centre", 1, assign("grid-1", Rung::Grid));
    let timing = timing(&town.records);
    let taken = timing.of(Clock::Dispatch, &unit("centre")).expect("it was measured");
    assert_eq!(Count::ALL.map(|count| taken.count(count)), [1, 0, 0, 1], "met, in time, unmet, breached");
}

#[test]
fn each_list_is_as_long_as_its_number_and_the_newest_comes_first() {
    let town = story::day();
    let timing = timing(&town.records);
    let mut listed = 0;
    for line in timing.lines() {
        let taken = timing.of(line.clock, &line.unit).expect("it has a line");
        for count in Count::ALL {
            let list = taken.list(count);
            assert_eq!(
                list.len() as u64,
                taken.count(count),
                "{} of {}: {}",
                line.clock,
                line.unit,
                count.name()
            );
            assert!(list.is_sorted_by(|newer, older| newer.at >= older.at));
            assert!(
                list.iter().all(|end| end.seconds.is_some() == matches!(count, Count::Met | Count::InTime))
            );
            listed += list.len();
        }
        assert_eq!(
            [line.met, line.in_time, line.unmet, line.breached],
            Count::ALL.map(|count| taken.count(count))
        );
    }
    assert!(listed > 0);
}

#[test]
fn a_long_list_names_the_newest_and_counts_all() {
    let mut town = Town::new();
    let numbers: Vec<u64> = (0..LISTED_MAX + 5).map(|_| town.handling("light")).collect();
    let timing = timing(&town.records);
    let taken = timing.of(Clock::Accept, &unit("grid-1")).expect("it was measured");
    let list = taken.list(Count::Met);
    assert_eq!((taken.count(Count::Met), list.len()), (LISTED_MAX as u64 + 5, LISTED_MAX));
    assert!(list.iter().map(|end| end.case.number()).eq(numbers.into_iter().rev().take(LISTED_MAX)));
}
