//! The ledger: rates, cohorts, levels and the integrity page, and the list behind each number.

use crate::{
    story,
    town::{
        GRID, Town, answer, assign, call_back, check, close, id, join, register, register_solved, resolve,
        rules, tell, told, unit, words,
    },
    walk::{Step, walk},
};
use huying_domain::vocabulary::review::CallBackWay;
use huying_domain::{
    area::Level,
    command::Ask,
    event::{
        Event,
        collect::{ClassProposal, Corrected},
        errand::{Called, ReportedIn, Whistled},
        feedback::{CalledBack, Verdict},
        request::Extended,
    },
    record::{Hash, Part, Record, Subject},
    rules::scores::{Scores, Weights},
    time::Timestamp,
    vocabulary::{Clock, CloseCondition, Grade, Rung, Solved, governed::WhistleKind},
};
use huying_projection::{
    ledger::{
        Ledger,
        number::{Counts, Number, Page},
        rates::{CohortRates, Rates, Ratio},
        table::{By, Key, Question},
    },
    span::Span,
    tally::Tally,
};
use proptest::prelude::*;

const EVER: Span = Span { from: Timestamp::EPOCH, to: Timestamp::FAR };
const WAYS: [By; 6] =
    [By::All, By::Unit, By::Rung, By::Class, By::Area(Level::Grid), By::Area(Level::Street)];

fn ledger(town: &Town) -> Ledger {
    let mut ledger = Ledger::default();
    town.records.iter().for_each(|record| ledger.follow(record));
    ledger
}

fn question(span: Span, by: By) -> Question {
    Question { span, by, soon_days: 7 }
}

fn all(town: &Town) -> Counts {
    let lines = ledger(town).table(&question(EVER, By::All));
    lines.get(&Key::All).copied().unwrap_or_default()
}

fn of_unit(town: &Town, name: &str) -> Counts {
    let lines = ledger(town).table(&question(EVER, By::Unit));
    lines.get(&Key::Unit(unit(name))).copied().unwrap_or_default()
}

/// Numbers of a page that are not nought.
fn told_of(counts: &Counts, page: Page) -> Vec<(&'static str, u64)> {
    let numbers = Number::of(page).map(|number| (number.name(), counts.of(number)));
    numbers.filter(|(_, count)| *count > 0).collect()
}

pub(crate) fn district() -> Scores {
    Scores {
        source: "a district".to_owned(),
        weights: Some(Weights { response: 10, solution: 50, satisfaction: 40 }),
        basically_percent: 90,
        day_ends_hour: 12,
        month_begins_day: 19,
        small: 10,
        ..Scores::default()
    }
}

/// Nobody does anything until the resolve limit has passed: the instant at which it was due.
fn climbs_to_the_top(town: &mut Town, number: u64) -> Timestamp {
    let due = town.case(number).running(Clock::Resolve).expect("it runs").due;
    while town.next().is_some_and(|(next, _, _)| next <= due) {
        town.tick();
    }
    due
}

/// A person of the centre does it, and another one the rest.
fn finished_at_the_top(town: &mut Town, number: u64) {
    town.must("centre/wang", number, Ask::Accept).must("centre/wang", number, resolve());
    town.must("centre/qian", number, check(true)).must("centre/qian", number, answer());
    town.must("centre", number, told()).must("centre", number, call_back(Solved::Yes));
    town.must("centre/qian", number, close(CloseCondition::Confirmed));
}

/// From handling to called back with this verdict.
fn called_back(town: &mut Town, number: u64, verdict: Verdict) {
    let holder = town.case(number).holder.to_string();
    town.must(&holder, number, resolve()).must("centre/qian", number, check(true));
    town.must("centre/qian", number, answer()).must("centre", number, tell()).must("centre", number, told());
    town.must("centre", number, Ask::CallBack { way: CallBackWay::Phone, verdict: Some(verdict) });
}

#[test]
fn the_three_rates_are_over_effective_call_backs_and_a_basic_satisfaction_counts_as_configured() {
    let mut town = Town::new();
    let said = [
        (true, Solved::Yes, Some(Grade::VerySatisfied)),
        (true, Solved::Yes, Some(Grade::Satisfied)),
        (true, Solved::Yes, Some(Grade::Basically)),
        (false, Solved::No, Some(Grade::Dissatisfied)),
        (true, Solved::Partly, None),
    ];
    for (contacted, solved, grade) in said {
        let number = town.handling("light");
        called_back(&mut town, number, Verdict { contacted, solved, grade, beyond: None });
    }
    town.handling("light");
    let rates = Rates::of(&of_unit(&town, "grid-1"), &district());
    assert_eq!((rates.response, rates.solution), (Ratio::new(4, 5), Ratio::new(3, 5)));
    assert_eq!(
        rates.satisfaction,
        Ratio { hundredths: 290, of: 4 },
        "who gave no grade is not asked about one"
    );
    assert_eq!(rates.satisfaction.percent().as_deref(), Some("72.50"));
    assert_eq!(rates.score_tenths, Some(670), "10 × 0.8 + 50 × 0.6 + 40 × 0.725");
    assert!(rates.small, "five call-backs say little");
    let without = Rates::of(&of_unit(&town, "grid-1"), &Scores::default());
    assert_eq!((without.score_tenths, without.satisfaction), (None, Ratio::new(3, 4)));
    let half = Scores { partly_percent: 50, ..district() };
    assert_eq!(Rates::of(&of_unit(&town, "grid-1"), &half).solution.percent().as_deref(), Some("70.00"));
}

#[test]
fn a_rate_over_nothing_is_none_and_not_nought() {
    let mut town = Town::new();
    town.handling("light");
    let counts = all(&town);
    let rates = Rates::of(&counts, &district());
    for ratio in [rates.response, rates.solution, rates.satisfaction] {
        assert_eq!((ratio.of, ratio.ten_thousandths(), ratio.percent()), (0, None, None));
    }
    assert_eq!(rates.score_tenths, None);
    let nobody = CohortRates::of(&Counts::default(), &district());
    assert_eq!(nobody.closing.percent(), None);
    // The public figure: 5912 of 6026 is printed as 98.11 %.
    assert_eq!(Ratio::new(5912, 6026).percent().as_deref(), Some("98.11"));
    assert_eq!(Ratio::new(1, 3).ten_thousandths(), Some(3333));
    assert_eq!(Ratio::new(2, 3).ten_thousandths(), Some(6667), "half up");
}

#[test]
fn a_case_is_due_once_and_closing_it_late_is_not_in_time() {
    let mut town = Town::new();
    let early = town.handling("light");
    town.finish(early);
    let late = town.handling("light");
    let due = climbs_to_the_top(&mut town, late);
    finished_at_the_top(&mut town, late);
    let counts = all(&town);
    let expected = [("due", 2), ("closed", 2), ("on_time", 1), ("late", 1)];
    assert_eq!(told_of(&counts, Page::Cohorts), expected);
    let rates = CohortRates::of(&counts, &Scores::default());
    assert_eq!((rates.closing, rates.on_time, rates.small), (Ratio::new(2, 2), Ratio::new(1, 2), false));
    // Only in the period in which it was due, whenever it was closed.
    let ledger = ledger(&town);
    let before = Span { from: Timestamp::EPOCH, to: due };
    let whole = |span| ledger.table(&question(span, By::All))[&Key::All].of(Number::Late);
    assert_eq!((whole(before), whole(Span { from: due, to: due.plus_seconds(1) })), (0, 1));
}

#[test]
fn a_reopening_leaves_the_bad_record_and_counts_again() {
    let mut town = Town::new();
    let number = town.handling("light");
    called_back(
        &mut town,
        number,
        Verdict { contacted: true, solved: Solved::No, grade: Some(Grade::Dissatisfied), beyond: None },
    );
    town.must("centre/li", number, Ask::Reopen { reason: words("仍不亮") });
    town.must("centre", number, assign("works", Rung::Department)).must("works", number, Ask::Accept);
    called_back(
        &mut town,
        number,
        Verdict { contacted: true, solved: Solved::Yes, grade: Some(Grade::Satisfied), beyond: None },
    );
    town.must("centre", number, close(CloseCondition::Confirmed));
    let (grid, works) = (of_unit(&town, "grid-1"), of_unit(&town, "works"));
    assert_eq!(
        (grid.of(Number::Effective), grid.of(Number::Solved), grid.of(Number::Dissatisfied)),
        (1, 0, 1)
    );
    assert_eq!(
        (works.of(Number::Effective), works.of(Number::Solved), works.of(Number::Satisfied)),
        (1, 1, 1)
    );
    assert_eq!(told_of(&grid, Page::Cohorts), [("due", 1), ("closed", 1), ("on_time", 1), ("reworked", 1)]);
    assert_eq!(told_of(&works, Page::Cohorts), [], "a case is due once");
}

#[test]
fn a_case_without_a_limit_is_unknown_and_never_in_time() {
    let mut town = Town::under(crate::town::rules_without_target());
    let number = town.handling("light");
    town.finish(number);
    assert_eq!(told_of(&all(&town), Page::Cohorts), [("no_target", 1)]);
}

#[test]
fn a_caller_who_joined_speaks_of_whoever_handled_the_lead() {
    let mut town = Town::new();
    let lead = town.handling("light");
    let member = town.state.next_case().number();
    town.must("centre", 0, join(lead));
    town.must("grid-1", lead, resolve()).must("centre/qian", lead, check(true)).must(
        "centre",
        lead,
        answer(),
    );
    town.must("centre", lead, Ask::PassOn);
    town.must("centre", member, told()).must("centre", member, call_back(Solved::Yes));
    let counts = of_unit(&town, "grid-1");
    assert_eq!((counts.of(Number::Opened), counts.of(Number::Effective), counts.of(Number::Due)), (2, 1, 1));
}

#[test]
fn what_is_solved_is_shared_out_among_the_levels() {
    let mut town = Town::new();
    let number = town.handling("light");
    town.must("grid-1", number, resolve());
    let number = town.state.next_case().number();
    town.must("centre", 0, register("noise")).must("centre", number, assign("police-desk", Rung::Department));
    town.must("police-desk", number, Ask::Accept).must("police-desk", number, resolve());
    town.must("grid-1/wang", 0, register_solved());
    let lines = ledger(&town).table(&question(EVER, By::Rung));
    let done = |rung| lines[&Key::Rung(rung)].of(Number::Done);
    assert_eq!((done(Some(Rung::Grid)), done(Some(Rung::Department)), done(None)), (1, 1, 1));
    assert_eq!(all(&town).of(Number::OnTheSpot), 1);
}

/// Somebody who wants to look better than the work: the rates do not move, and the page shows it.
#[test]
fn changing_the_class_of_a_late_case_moves_no_rate_and_lights_the_integrity_page() {
    let story = |gamed: bool| {
        let mut town = Town::new();
        let number = town.handling("light");
        climbs_to_the_top(&mut town, number);
        if gamed {
            let change = Corrected { class: Some("noise".parse().expect("a class")), ..Corrected::default() };
            town.must("centre", number, Ask::Correct(change));
        }
        finished_at_the_top(&mut town, number);
        town
    };
    let (honest, gamed) = (all(&story(false)), all(&story(true)));
    for page in [Page::Rates, Page::Cohorts, Page::Levels] {
        assert_eq!(told_of(&honest, page), told_of(&gamed, page));
    }
    assert_eq!(told_of(&honest, Page::Integrity), [("no_evidence", 1)]);
    let lit = [("reclassified", 1), ("reclassified_late", 1), ("no_evidence", 1)];
    assert_eq!(told_of(&gamed, Page::Integrity), lit);
    let lines = ledger(&story(true)).table(&question(EVER, By::Class));
    assert_eq!(
        lines[&Key::Class("noise".parse().expect("a class"))].of(Number::Late),
        1,
        "late in any class"
    );
}

/// A further record of the case, as its commands would leave it.
fn happens(ledger: &mut Ledger, town: &Town, number: u64, at: Timestamp, event: Event) {
    let last = town.records.last().expect("there is one");
    let part = Part { subject: Subject::Case(id(number)), version: 9, events: vec![event] };
    ledger.follow(&Record { seq: last.seq + 1, at, parts: vec![part], ..last.clone() });
}

#[test]
fn a_whistle_scores_who_blew_it_and_who_was_called() {
    let mut town = Town::new();
    let number = town.handling("light");
    let mut ledger = ledger(&town);
    let called = |number, name: &str| Called { number, unit: unit(name), due: town.now.plus_seconds(1800) };
    let whistled = Whistled {
        by: unit("grid-1"),
        kind: WhistleKind::ALL[0],
        reason: "多部门联合处置".to_owned(),
        limit: "30um".parse().expect("a limit"),
        called: vec![called(1, "works"), called(2, "police-desk"), called(3, "street-1")],
    };
    happens(&mut ledger, &town, number, town.now, Event::Whistled(whistled));
    for (errand, name, late) in [(1, "works", false), (2, "police-desk", true)] {
        let at = town.now.plus_seconds(600);
        let (due, called_at) = (town.now, town.now);
        let there = ReportedIn { number: errand, unit: unit(name), called_at, due, late };
        happens(&mut ledger, &town, number, at, Event::ReportedIn(there));
    }
    let verdict = Verdict { contacted: true, solved: Solved::Yes, grade: None, beyond: None };
    let heard = CalledBack { attempt: 1, way: None, verdict: Some(verdict) };
    happens(&mut ledger, &town, number, town.now.plus_seconds(900), Event::CalledBack(heard));
    let lines = ledger.table(&question(EVER, By::Unit));
    let of = |name: &str| told_of(&lines[&Key::Unit(unit(name))], Page::Whistles);
    assert_eq!(of("grid-1"), [("blown", 3), ("whistle_effective", 1), ("whistle_solved", 1)]);
    let works = [("called", 1), ("reported", 1), ("reported_in_time", 1)];
    assert_eq!(of("works"), [&works[..], &[("whistle_effective", 1), ("whistle_solved", 1)]].concat());
    assert_eq!(of("police-desk")[..2], [("called", 1), ("reported", 1)], "there, and late");
    assert_eq!(
        of("street-1")[..2],
        [("called", 1), ("whistle_effective", 1)],
        "who stayed away is scored too"
    );
    let list = ledger.list(&question(EVER, By::All), &Key::All, Number::Called);
    let units: Vec<_> = list.iter().map(|item| item.unit.as_str()).collect();
    assert_eq!(units, ["works", "police-desk", "street-1"]);
}

#[test]
fn time_and_rest_that_were_granted_after_the_limit_had_passed_are_shown_so() {
    let mut town = Town::new();
    let number = town.handling("light");
    let due = town.case(number).running(Clock::Resolve).expect("it runs").due;
    let mut ledger = ledger(&town);
    let extended = || {
        let (by, unit, note) = (unit("centre"), unit("grid-1"), String::new());
        Event::Extended(Extended {
            by,
            unit,
            was: due,
            until: due.plus_seconds(3600),
            count: 1,
            note,
            members: 0,
        })
    };
    happens(&mut ledger, &town, number, due.plus_seconds(-1), extended());
    happens(&mut ledger, &town, number, due, extended());
    let lines = ledger.table(&question(EVER, By::Unit));
    let line = told_of(&lines[&Key::Unit(unit("grid-1"))], Page::Integrity);
    assert_eq!(line, [("extended", 2), ("extended_late", 1)]);
}

#[test]
fn that_a_person_names_the_class_of_which_a_program_was_not_sure_is_no_change_of_it() {
    let mut town = Town::new();
    let mut filing = crate::town::filing("unclassified");
    filing.proposal = Some(ClassProposal {
        class: "noise".parse().expect("a class"),
        condition: None,
        department: None,
        confidence_permille: 500,
        second: None,
        sure: false,
        model: "0a1b2c3d".to_owned(),
    });
    town.must("centre", 0, Ask::Register(Box::new(filing)));
    let class =
        |name: &str| Corrected { class: Some(name.parse().expect("a class")), ..Corrected::default() };
    town.must("centre/li", 1, Ask::Correct(class("light")));
    assert_eq!(all(&town).of(Number::Reclassified), 0);
    town.must("centre/li", 1, Ask::Correct(class("noise")));
    assert_eq!(all(&town).of(Number::Reclassified), 1);
}

#[test]
fn work_with_a_photograph_is_not_without_evidence() {
    let mut town = Town::new();
    let number = town.handling("light");
    town.must("grid-1", number, Ask::Resolve { result: "已修复".to_owned(), evidence: vec![Hash([9; 32])] });
    town.must("centre/qian", number, check(true)).must("centre/qian", number, answer());
    town.must("centre", number, told()).must("centre", number, call_back(Solved::Yes));
    town.must("centre/qian", number, close(CloseCondition::Confirmed));
    assert_eq!(told_of(&all(&town), Page::Integrity), []);
}

#[test]
fn a_case_that_comes_back_within_a_week_is_shown_to_whoever_had_closed_it() {
    for (minutes, soon) in [(60, 1), (7 * 24 * 60 + 1, 0)] {
        let mut town = Town::new();
        let number = town.handling("light");
        town.finish(number).wait(minutes).must("centre/li", number, Ask::Reopen { reason: words("又坏了") });
        assert_eq!(of_unit(&town, "grid-1").of(Number::ReopenedSoon), soon, "after {minutes} minutes");
    }
}

/// A report for the old days asks for the old tree.
#[test]
fn a_case_counts_where_it_lay_then() {
    let mut town = Town::new();
    let number = town.handling("light");
    let moved = town.wait(60).now;
    town.must("centre/li", number, Ask::Rehome { to: "211081001001".parse().expect("a code") });
    town.wait(60).must("grid-1", number, resolve());
    let ledger = ledger(&town);
    let table = ledger.table(&question(EVER, By::Area(Level::Grid)));
    let (before, after) = (&table[&Key::Area(Some(GRID.parse().expect("a code")))], &table[&Key::Area(None)]);
    assert_eq!((before.of(Number::Opened), before.of(Number::Done)), (1, 0));
    assert_eq!((after.of(Number::Opened), after.of(Number::Done)), (0, 1));
    let streets = ledger.table(&question(EVER, By::Area(Level::Street)));
    let street = &streets[&Key::Area(Some("211081001".parse().expect("a code")))];
    assert_eq!((street.of(Number::Opened), street.of(Number::Done)), (1, 1), "the street loses none");
    let entry = ledger.entry(id(number)).expect("it is kept");
    assert_ne!(entry.area_at(moved.plus_seconds(-1)), entry.area_at(moved));
}

#[test]
fn the_town_has_no_scores_of_its_own() {
    assert_eq!(rules().policy.scores, Scores::default());
}

#[test]
fn every_number_has_a_name_of_its_own() {
    for number in Number::ALL {
        assert_eq!(number.name().parse(), Ok(*number));
        assert_eq!(number.zh().parse(), Ok(*number));
        assert!(!number.en().is_empty());
    }
    assert!("nothing".parse::<Number>().is_err());
}

fn holds(town: &Town) -> Result<(), TestCaseError> {
    let ledger = ledger(town);
    let whole = all(town);
    for by in WAYS {
        let asked = question(EVER, by);
        let mut sum = Counts::default();
        for (line, counts) in ledger.table(&asked) {
            sum.add(&counts);
            let absent = Number::ALL.iter().find(|number| counts.of(**number) == 0);
            let present = Number::ALL.iter().filter(|number| counts.of(**number) > 0);
            for number in present.chain(absent) {
                let list = ledger.list(&asked, &line, *number);
                prop_assert_eq!(list.len() as u64, counts.of(*number), "{:?} {}", &line, number);
                let mut once = list.clone();
                once.sort_unstable();
                once.dedup();
                // A whistle calls several units, and a case may be whistled for again: there the calls are counted.
                let counts_calls = matches!(
                    number,
                    Number::Blown | Number::Called | Number::Reported | Number::ReportedInTime
                );
                prop_assert!(
                    counts_calls || once.len() == list.len(),
                    "a case stands twice behind {}",
                    number
                );
            }
        }
        prop_assert_eq!(sum, whole, "the lines by {:?} are the whole", by);
    }
    // The same counted otherwise.
    let mut tally = Tally::default();
    town.records.iter().for_each(|record| tally.follow(record));
    prop_assert_eq!(whole.of(Number::Opened), tally.cases + tally.joined + tally.reopened);
    prop_assert_eq!(whole.of(Number::Effective), tally.verdicts_solved.values().sum::<u64>());
    prop_assert_eq!(whole.of(Number::Contacted), tally.verdicts_contacted);
    prop_assert_eq!(whole.of(Number::Graded), tally.verdicts_grade.values().sum::<u64>());
    prop_assert_eq!(whole.of(Number::Cancelled), tally.cancelled.values().sum::<u64>());
    prop_assert_eq!(whole.of(Number::Due), whole.of(Number::Closed) + whole.of(Number::Open));
    prop_assert!(whole.of(Number::OnTime) <= whole.of(Number::Closed));
    prop_assert!(whole.of(Number::Exempted) <= whole.of(Number::Late));
    Ok(())
}

#[test]
fn the_numbers_of_the_story_open_their_lists() {
    holds(&story::day()).expect("they do");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn each_number_opens_its_list_and_the_lists_length_is_the_number(
        steps in prop::collection::vec(any::<Step>(), 1..250),
    ) {
        let mut town = Town::new();
        walk(&mut town, &steps);
        holds(&town)?;
    }
}
