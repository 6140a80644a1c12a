//! The board, its lists and the health row.

use crate::{
    story,
    town::{self, Town, assign, filing, id, join, register, unit},
    walk::{Step, walk},
};
use huying_domain::{
    area::Level,
    command::Ask,
    ids::CaseId,
    record::Record,
    time::Timestamp,
    vocabulary::{Clock, Rung, Stage},
};
use huying_projection::{
    cases::{
        Cases,
        flow::{Counts, Stream},
        query::{Query, WallHour},
        sight::Sight,
    },
    health::Flaw,
    panorama::SOONEST_MAX,
    span::Span,
    word::{Word, WordCounts},
};
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn cases(records: &[Record]) -> Cases {
    let mut cases = Cases::default();
    records.iter().for_each(|record| cases.follow(record));
    cases
}

/// Given a town's records, at its instant, then the case stands under this word.
fn check(given: &Town, number: u64, then: Word) {
    let cases = cases(&given.records);
    let row = cases.row(id(number)).expect("an open case");
    assert_eq!(cases.word(row, given.now), then);
}

#[test]
fn a_case_is_approaching_past_four_fifths_and_overdue_at_the_instant_itself() {
    let mut town = Town::new();
    town.must("centre", 0, register("light"));
    check(&town, 1, Word::Within);
    town.wait(12);
    check(&town, 1, Word::Within);
    town.now = town.now.plus_seconds(1);
    check(&town, 1, Word::Approaching);
    town.now = town.now.plus_seconds(3 * 60 - 2);
    check(&town, 1, Word::Approaching);
    town.now = town.now.plus_seconds(1);
    check(&town, 1, Word::Breached);
}

#[test]
fn overdue_stays_on_the_board_while_the_clock_runs() {
    let mut town = Town::new();
    town.must("centre", 0, register("light")).tick();
    town.now = town.now.plus_seconds(-600);
    check(&town, 1, Word::Breached);
}

#[test]
fn a_case_without_a_resolve_limit_is_unknown_and_never_on_time() {
    let mut town = Town::under(town::rules_without_target());
    let number = town.handling("light");
    check(&town, number, Word::Unknown);
    let health = cases(&town.records).health(town.now);
    assert_eq!((health.no_target, health.orphans, health.no_next), (1, 0, 0));
}

#[test]
fn a_clock_that_stands_still_does_not_grow_late() {
    let mut town = Town::new();
    let number = town.handling("light");
    town.must("grid-1", number, town::give_back());
    let hold = |town: &Town| {
        let cases = cases(&town.records);
        cases.row(id(number)).and_then(|row| row.clock(Clock::Hold)).map(|hold| hold.word(town.now))
    };
    assert_eq!(hold(&town), Some(Word::Within));
    town.wait(60 * 24 * 9);
    assert_eq!(hold(&town), Some(Word::Within));
}

#[test]
fn a_case_that_follows_stands_as_its_lead() {
    let mut town = Town::new();
    town.must("centre", 0, register("light")).must("centre", 0, join(1)).wait(13);
    check(&town, 1, Word::Approaching);
    check(&town, 2, Word::Approaching);
    assert_eq!(cases(&town.records).health(town.now).no_next, 0);
}

#[test]
fn a_closed_case_leaves_and_a_reopened_one_comes_back() {
    let mut town = Town::new();
    let number = town.handling("light");
    town.finish(number);
    assert!(cases(&town.records).is_empty());
    town.must("centre/li", number, Ask::Reopen { reason: town::words("又坏了") });
    let cases = cases(&town.records);
    let row = cases.row(id(number)).expect("open again");
    assert_eq!((row.leg, row.stage, row.holder.as_str()), (2, Stage::Filed, "centre"));
}

#[test]
fn the_health_row_names_the_oldest_that_nobody_signed_for_and_the_orphans() {
    let mut town = Town::new();
    let mut lost = filing("light");
    lost.orphan = true;
    for number in 1..=2 {
        town.must("centre", 0, Ask::Register(Box::new(lost.clone()))).wait(3);
        town.must("centre", number, assign("grid-1", Rung::Grid));
    }
    let since = town.now.plus_seconds(-180);
    let cases_now = cases(&town.records);
    let health = cases_now.health(town.now);
    assert_eq!((health.orphans, health.unaccepted, health.watch_lag_s), (2, 2, 0));
    assert_eq!(health.oldest_unaccepted, Some((id(1), since)));
    let orphans = Query { flaw: Some(Flaw::Orphan), ..Query::default() };
    assert_eq!(cases_now.list(&orphans, town.now), [id(1), id(2)]);
    town.wait(60);
    assert_eq!(cases(&town.records).health(town.now).watch_lag_s, 33 * 60);
    town.must("centre", 1, Ask::Rehome { to: "211081001001".parse().expect("well formed") });
    assert_eq!(cases(&town.records).health(town.now).orphans, 1);
}

#[test]
fn pages_join_without_gap_or_double_and_say_how_many_and_up_to_where() {
    let town = story::day();
    let cases = cases(&town.records);
    let (mut after, mut seen): (Option<CaseId>, Vec<CaseId>) = (None, Vec::new());
    loop {
        let page = cases.page(&Query::default(), town.now, after, 3);
        assert_eq!((page.total, page.seq), (cases.len() as u64, town.records.len() as u64));
        seen.extend(page.rows.iter().map(|shown| shown.row.case));
        after = page.after;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, cases.list(&Query::default(), town.now));
}

fn numbers_open_their_lists(town: &Town) {
    let (cases, now) = (cases(&town.records), town.now);
    let board = cases.board(now);
    let same = |counts: &WordCounts, query: &Query| {
        for word in Word::ALL {
            let query = Query { word: Some(word), ..query.clone() };
            assert_eq!(counts.of(word), cases.list(&query, now).len() as u64, "{query:?}");
        }
        assert_eq!(counts.all(), cases.list(query, now).len() as u64, "{query:?}");
    };
    same(&board.open, &Query::default());
    let rungs = |(rung, counts): (&Rung, _)| same(counts, &Query { rung: Some(*rung), ..Query::default() });
    board.rungs.iter().for_each(rungs);
    for (holder, counts) in &board.holders {
        same(counts, &Query { holder: Some(holder.clone()), ..Query::default() });
    }
    for (stage, counts) in &board.stages {
        same(counts, &Query { stage: Some(*stage), ..Query::default() });
    }
    let sums = [
        board.rungs.values().map(WordCounts::all).sum::<u64>(),
        board.holders.values().map(WordCounts::all).sum(),
        board.stages.values().map(WordCounts::all).sum(),
    ];
    assert_eq!(sums, [board.open.all(); 3]);
    let health = cases.health(now);
    let flaws = [
        (Flaw::Orphan, health.orphans),
        (Flaw::NoTarget, health.no_target),
        (Flaw::NoNext, health.no_next),
        (Flaw::Unaccepted, health.unaccepted),
    ];
    for (flaw, number) in flaws {
        assert_eq!(cases.list(&Query { flaw: Some(flaw), ..Query::default() }, now).len() as u64, number);
    }
}

/// Whoever sees a part sees that part alone: each number of the panorama opens its list under the same eyes.
fn the_panorama_opens_its_lists(town: &Town, sight: &Sight) {
    let (cases, now) = (cases(&town.records), town.now);
    let asked = Query { sight: sight.clone(), ..Query::default() };
    let seen = cases.panorama(&asked, now, None, &TimeZone::UTC);
    let long = |query: Query| cases.list(&query, now).len() as u64;
    assert_eq!(seen.open.all(), long(asked.clone()));
    for (area, counts) in &seen.areas {
        assert_eq!(counts.all(), long(Query { area: Some(*area), ..asked.clone() }));
    }
    // Under an area, what lies right at it stands under its own code, and its list leaves out what lies below.
    for under in seen.areas.keys() {
        let within = Query { area: Some(*under), ..asked.clone() };
        for (area, counts) in &cases.panorama(&within, now, Some(*under), &TimeZone::UTC).areas {
            assert_eq!(
                counts.all(),
                long(Query { area: Some(*area), itself: area == under, ..asked.clone() })
            );
        }
    }
    for (class, counts) in &seen.classes {
        assert_eq!(counts.all(), long(Query { class: Some(class.clone()), ..asked.clone() }));
    }
    let sums = [
        seen.areas.values().map(WordCounts::all).sum::<u64>(),
        seen.classes.values().map(WordCounts::all).sum(),
        seen.hours.iter().flatten().sum(),
    ];
    assert_eq!(sums, [seen.open.all(); 3]);
    for flaw in Flaw::ALL {
        let number = seen.flaws.get(&flaw).copied().unwrap_or_default();
        assert_eq!(number, long(Query { flaw: Some(flaw), ..asked.clone() }));
    }
    let ever = Span { from: Timestamp::EPOCH, to: now.plus_seconds(1) };
    let flow = cases.flow(&asked, ever);
    let listed = Stream::ALL.map(|stream| cases.flowed(stream, &asked, ever).len() as u64);
    assert_eq!([flow.filed, flow.closed, flow.breached], listed);
    let first = cases.by_due(&asked, now, None, SOONEST_MAX);
    assert_eq!(seen.soonest, first.rows.iter().map(|shown| shown.row.case).collect::<Vec<_>>());
    for (weekday, hours) in seen.hours.iter().enumerate() {
        for (hour, number) in hours.iter().enumerate() {
            let on = WallHour { weekday: Some(weekday), hour: Some(hour), zone: TimeZone::UTC };
            assert_eq!(*number, long(Query { filed_on: Some(on), ..asked.clone() }));
        }
    }
    let rows: Vec<_> = cases.rows().filter(|row| sight.sees(row)).map(|row| row.case).collect();
    assert_eq!(cases.list(&asked, now), rows);
    let mut by_due = Vec::new();
    let mut after = None;
    loop {
        let page = cases.by_due(&asked, now, after, 3);
        by_due.extend(page.rows.iter().map(|shown| (shown.next.unwrap_or(Timestamp::FAR), shown.row.case)));
        after = by_due.last().copied();
        if page.after.is_none() {
            break;
        }
    }
    assert!(by_due.is_sorted(), "soonest first");
    assert_eq!(by_due.len(), rows.len(), "each once");
}

/// What a walk over glances counts and finds is what a walk over the rows would, asked one at a time.
fn glances_are_the_rows(town: &Town) {
    let cases = cases(&town.records);
    for hours in [0, 1, 30] {
        let now = town.now.plus_seconds(hours * 3_600);
        let all = Query::default();
        let seen: Vec<_> = cases.meant(&all, now).map(|(row, word)| (row.case, word)).collect();
        let rows: Vec<_> = cases.rows().map(|row| (row.case, cases.word(row, now))).collect();
        assert_eq!(seen, rows);
        let first = cases.by_due(&all, now, None, 1);
        let soonest = cases.rows().map(|row| (row.next().unwrap_or(Timestamp::FAR), row.case)).min();
        assert_eq!(first.rows.first().map(|shown| shown.row.case), soonest.map(|(_, case)| case));
        for row in cases.rows() {
            let asked = [
                Query { holder: Some(row.holder.clone()), ..Query::default() },
                Query { class: Some(row.class.clone()), rung: Some(row.rung), ..Query::default() },
                Query { kind: Some(row.kind), channel: Some(row.channel), ..Query::default() },
                Query { area: Some(row.area), itself: true, stage: Some(row.stage), ..Query::default() },
                Query { tag: row.tags.first().copied(), ..Query::default() },
                Query { filed_from: Some(row.filed_at), ..Query::default() },
                Query { filed_to: Some(row.filed_at.plus_seconds(1)), ..Query::default() },
            ];
            for query in asked {
                let alike = cases.rows().filter(|other| {
                    query.holder.as_ref().is_none_or(|_| other.holder == row.holder)
                        && query.class.as_ref().is_none_or(|_| other.class == row.class)
                        && query.rung.is_none_or(|_| other.rung == row.rung)
                        && query.kind.is_none_or(|_| other.kind == row.kind)
                        && query.channel.is_none_or(|_| other.channel == row.channel)
                        && query.area.is_none_or(|_| other.area == row.area)
                        && query.stage.is_none_or(|_| other.stage == row.stage)
                        && query.tag.is_none_or(|tag| other.tags.contains(&tag))
                        && query.filed_from.is_none_or(|from| other.filed_at >= from)
                        && query.filed_to.is_none_or(|to| other.filed_at < to)
                });
                let alike: Vec<_> = alike.map(|other| other.case).collect();
                assert_eq!(cases.list(&query, now), alike, "{query:?}");
            }
        }
    }
}

/// The view is what the state is, though it never saw the rules.
fn rows_agree_with_the_state(town: &Town) {
    let cases = cases(&town.records);
    let open: Vec<_> = town.state.cases().filter(|case| case.stage.is_open()).collect();
    assert_eq!(open.len(), cases.len());
    for case in open {
        let row = cases.row(case.id).expect("open here too");
        let seen = (row.stage, row.rung, &row.holder, row.next(), &row.class, row.area, row.lead, row.leg);
        let brief = &case.brief;
        let is = (case.stage, case.rung, &case.holder, case.next_instant(), &brief.class, brief.area);
        assert_eq!(seen, (is.0, is.1, is.2, is.3, is.4, is.5, case.lead, case.leg), "{}", case.id);
    }
}

#[test]
fn each_number_of_the_story_opens_its_list() {
    let town = story::day();
    numbers_open_their_lists(&town);
    rows_agree_with_the_state(&town);
    assert!(cases(&town.records).board(town.now).holders.contains_key(&unit("centre")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_number_opens_its_list_whatever_happened(steps in prop::collection::vec(any::<Step>(), 1..150)) {
        let mut town = Town::new();
        walk(&mut town, &steps);
        numbers_open_their_lists(&town);
        let street = town.state.cases().find_map(|case| case.brief.area.at(Level::Street));
        for sight in [
            Sight::default(),
            Sight { whole: false, area: street, unit: None, sensitive: false },
            Sight { whole: false, area: None, unit: Some(unit("works")), sensitive: false },
        ] {
            the_panorama_opens_its_lists(&town, &sight);
        }
        rows_agree_with_the_state(&town);
        glances_are_the_rows(&town);
    }
}

#[test]
fn one_case_costs_itself_and_a_board_a_page_or_a_list_looks_at_each_open_case_once() {
    const OPEN: u64 = 400;
    let mut town = Town::new();
    for _ in 0..OPEN {
        town.must("centre", 0, register("light"));
    }
    let (cases, now, all) = (cases(&town.records), town.now, Query::default());
    let cost = |ask: &dyn Fn()| {
        let before = cases.looked_at();
        ask();
        cases.looked_at() - before
    };
    assert_eq!(cost(&|| _ = cases.row(id(OPEN)).map(|row| cases.word(row, now))), 0);
    assert_eq!(cost(&|| drop(cases.board(now))), OPEN);
    assert_eq!(cost(&|| drop(cases.panorama(&all, now, None, &TimeZone::UTC))), OPEN);
    assert_eq!(cost(&|| _ = cases.health(now)), OPEN);
    assert_eq!(cost(&|| drop(cases.page(&all, now, Some(id(OPEN / 2)), 50))), OPEN);
    assert_eq!(cost(&|| drop(cases.by_due(&all, now, None, 50))), OPEN);
    assert_eq!(cost(&|| drop(cases.list(&all, now))), OPEN);
    let days = Span { from: Timestamp::EPOCH, to: now };
    assert_eq!(cost(&|| _ = cases.flow(&all, days)), 0, "what happened is kept apart from what is open");
}

#[test]
fn what_came_in_became_late_and_was_closed_counts_each_case_once_on_its_own_day() {
    let mut town = Town::new();
    let begun = town.now;
    town.must("centre", 0, register("light"));
    town.wait(16).tick();
    let cases = cases(&town.records);
    let asked = Query::default();
    let until = |to| Span { from: begun, to };
    let late = cases.flowed(Stream::Late, &asked, until(town.now.plus_seconds(1)));
    assert_eq!(late.keys().copied().collect::<Vec<_>>(), [id(1)]);
    let whole = cases.flow(&asked, until(town.now.plus_seconds(1)));
    assert_eq!(whole, Counts { filed: 1, closed: 0, breached: 1 });
    // Before the instant of the breach it had only come in, and to who does not see it nothing happened.
    assert_eq!(cases.flow(&asked, until(late[&id(1)])), Counts { filed: 1, closed: 0, breached: 0 });
    let blind = Query { sight: Sight { whole: false, area: None, unit: None, sensitive: false }, ..asked };
    assert_eq!(cases.flow(&blind, until(town.now.plus_seconds(1))), Counts::default());
}
