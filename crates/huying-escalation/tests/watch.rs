//! The watch: what it names, when, in which order, and that only events end it.

#[path = "../../../tests/city/tiny.rs"]
mod tiny;

use huying_domain::vocabulary::review::CallBackWay;
use huying_domain::{
    command::Ask,
    ids::CaseId,
    record::{CommandId, Origin},
    refusal::Refusal,
    time::Timestamp,
    vocabulary::{Clock, Grade, ReturnGround, Rung, Solved, Stage},
    words::Words,
};
use huying_domain::{
    event::{
        Event,
        clocks::{ClockChange, Clocked},
        feedback::Verdict,
    },
    record::{Part, Subject},
    rules::Rules,
};
use huying_escalation::watch::{ASK_AGAIN_S, Overdue, Watch};
use proptest::prelude::*;
use tiny::{City, GRID, id, matter};

/// A watch that has seen the city's whole history.
fn watch(city: &City) -> Watch {
    let mut watch = Watch::default();
    city.history.iter().for_each(|record| watch.follow(record));
    watch
}

fn assign(city: &mut City, case: CaseId, lead: &str, rung: Rung) {
    let reason = Words::new("派单", "dispatched");
    city.ask(
        "centre",
        Some(case),
        Ask::Assign { lead: id(lead), co_handlers: vec![], told: vec![], rung, reason },
    );
}

/// Given a case at the grid since nine, two hours to accept, named by this watch.
fn at_the_grid() -> (City, CaseId) {
    let mut city = City::new();
    let (case, _) = city.call(matter("noise.neighbour", GRID));
    assign(&mut city, case, "grid-1-1", Rung::Grid);
    (city, case)
}

fn clocks(named: &[Overdue]) -> Vec<(CaseId, Clock)> {
    named.iter().map(|one| (one.case, one.clock)).collect()
}

/// Later than any instant of these tests.
const YEAR_3000: &str = "3000-01-01T00:00:00Z";

/// Every clock that the watch would ever name as things stand, in the order of their instants.
fn all(watch: &Watch) -> Vec<Overdue> {
    let (mut watch, late) = (watch.clone(), YEAR_3000.parse().expect("an instant"));
    let mut all = Vec::new();
    loop {
        let named = watch.overdue(late, usize::MAX);
        if named.is_empty() {
            break;
        }
        all.extend(named);
    }
    all.sort_unstable_by_key(|one| (one.scheduled, one.case, one.clock));
    all
}

/// Every clock that the door would act upon, as the watch would name it.
fn wanted(city: &City) -> Vec<Overdue> {
    let clocks =
        city.state.cases().flat_map(|case| case.clocks.iter().map(move |running| (case.id, running)));
    let mut wanted: Vec<_> = clocks
        .filter_map(|(case, running)| {
            let (clock, from, step) = (running.clock, running.from, running.step);
            running.next().map(|scheduled| Overdue { case, clock, scheduled, from, step, notice: None })
        })
        .collect();
    wanted.sort_unstable_by_key(|one| (one.scheduled, one.case, one.clock));
    wanted
}

/// Names whatever is due, puts it to the door, and follows; gives back what was refused.
fn sweep(city: &mut City, watch: &mut Watch) -> Vec<Refusal> {
    let centre = city.rules.centre().clone();
    let mut refused = Vec::new();
    for overdue in watch.overdue(city.now, usize::MAX) {
        match city.submit(Watch::command(&centre, &overdue, None)) {
            Ok(record) => watch.follow(&record),
            Err(refusal) => refused.push(refusal),
        }
    }
    refused
}

#[test]
fn a_clock_is_named_at_its_instant_and_not_before() {
    let (city, case) = at_the_grid();
    let mut watch = watch(&city);
    let due = watch.next_due().expect("a case always has a next instant");
    assert_eq!(due, city.now.plus_seconds(2 * 3600));
    assert_eq!(watch.overdue(Timestamp::from_millis(due.millis() - 1), 10), []);
    let named = watch.overdue(due, 10);
    let expected =
        Overdue { case, clock: Clock::Accept, scheduled: due, from: city.now, step: 0, notice: None };
    assert_eq!(named, [expected]);
}

/// A watch over so many cases more, each with an accept clock that is due this many seconds from the city's now.
fn with_more(city: &City, watch: &mut Watch, cases: std::ops::Range<u64>, due_s: impl Fn(u64) -> i64) {
    let mut record = city.history.last().expect("something has happened").clone();
    for number in cases {
        let started = ClockChange::Started {
            clock: Clock::Accept,
            from: city.now,
            due: city.now.plus_seconds(due_s(number)),
            limit: "2uh".parse().expect("a limit"),
            calendar: "continuous".parse().expect("a name"),
            provisional: false,
        };
        let events = vec![Event::Clocked(Clocked { changes: vec![started] })];
        record.parts = vec![Part { subject: Subject::Case(CaseId::new(0, number)), version: 1, events }];
        watch.follow(&record);
    }
}

/// T28: a watch that costs what runs is switched off in a city where much runs. Steps are counted, not seconds.
#[test]
fn asking_costs_what_is_due_and_not_what_runs() {
    let (city, _) = at_the_grid();
    let looked_at = |running: u64| {
        let mut watch = Watch::default();
        with_more(&city, &mut watch, 1..running + 1, |number| if number <= 3 { 60 } else { 86_400 });
        assert_eq!(watch.overdue(city.now, 10), [], "nothing is due yet");
        assert_eq!(watch.looked_at(), 1, "the earliest alone was looked at to know it");
        assert_eq!(watch.overdue(city.now.plus_seconds(60), 10).len(), 3);
        watch.looked_at()
    };
    assert_eq!(
        (looked_at(10), looked_at(10_000)),
        (5, 5),
        "the three, and the earliest that is not due, twice"
    );
}

#[test]
fn after_a_stop_each_clock_that_passed_is_looked_at_once_however_few_are_named_at_a_time() {
    let ((city, _), mut watch) = (at_the_grid(), Watch::default());
    with_more(&city, &mut watch, 1..5_001, |number| i64::try_from(number % 977).expect("small"));
    let (late, mut named, mut questions) = (city.now.plus_seconds(1_000), 0, 0);
    loop {
        let handful = watch.overdue(late, 7).len();
        questions += 1;
        if handful == 0 {
            break;
        }
        named += handful as u64;
    }
    assert_eq!(named, 5_000);
    assert!(watch.looked_at() <= named + questions, "{} in {questions} questions", watch.looked_at());
}

#[test]
fn the_command_is_the_same_whoever_makes_it_and_names_no_version() {
    let (city, case) = at_the_grid();
    let due = watch(&city).next_due().expect("a next instant");
    let named = watch(&city).overdue(due, 10);
    let command = Watch::command(city.rules.centre(), &named[0], Some(city.now));
    assert_eq!(command.id, CommandId::of_timer(case, Clock::Accept, 0, due));
    assert_eq!((command.by, command.saw, command.case), (Origin::Timer, None, Some(case)));
    let ask = Ask::CheckClock { clock: Clock::Accept, scheduled: due, away_since: Some(city.now) };
    assert_eq!(command.ask, ask);
}

#[test]
fn naming_a_clock_hides_it_for_a_while_and_does_not_end_its_watch() {
    let (city, _) = at_the_grid();
    let mut watch = watch(&city);
    let due = watch.next_due().expect("a next instant");
    let running = watch.len();
    let first = watch.overdue(due, 10);
    let hidden_until = due.plus_seconds(ASK_AGAIN_S);
    assert_eq!(watch.overdue(due, 10), []);
    assert_eq!(watch.next_due(), Some(hidden_until), "the host need not wake for what is hidden");
    assert_eq!(watch.overdue(Timestamp::from_millis(hidden_until.millis() - 1), 10), []);
    assert_eq!(watch.overdue(hidden_until, 10), first, "the same question, the same command id");
    assert_eq!(watch.len(), running);
}

#[test]
fn what_stays_refused_never_blocks_those_behind_it() {
    let mut city = City::new();
    let cases: Vec<CaseId> = (0..5).map(|_| city.call(matter("noise.neighbour", GRID)).0).collect();
    let mut watch = watch(&city);
    let due = watch.next_due().expect("a next instant");
    // Nothing is ever answered: every name goes unheard.
    let mut named = Vec::new();
    for step in 0..5 {
        named.extend(clocks(&watch.overdue(due.plus_seconds(step), 1)));
    }
    let dispatch: Vec<_> = cases.iter().map(|case| (*case, Clock::Dispatch)).collect();
    assert_eq!(named, dispatch);
}

#[test]
fn clocks_are_named_in_the_order_of_their_instants_and_as_many_as_asked_for() {
    let mut city = City::new();
    let start = city.now;
    for minutes in [20, 5, 10] {
        city.now = start.max(city.now).plus_seconds(60 * minutes);
        city.call(matter("noise.neighbour", GRID));
    }
    let mut watch = watch(&city);
    let later = city.now.plus_seconds(86_400);
    let two = watch.overdue(later, 2);
    let one = watch.overdue(later, 2);
    assert_eq!((two.len(), one.len()), (2, 1));
    let instants: Vec<_> = two.iter().chain(&one).map(|one| one.scheduled).collect();
    assert!(instants.is_sorted(), "{instants:?}");
}

#[test]
fn of_a_case_with_several_clocks_past_the_earliest_is_named_first_and_the_next_when_asked_again() {
    let (city, _) = at_the_grid();
    let mut watch = watch(&city);
    let later = city.now.plus_seconds(7 * 86_400);
    let first: Vec<_> = (0..3).flat_map(|_| watch.overdue(later, 10)).map(|one| one.clock).collect();
    assert_eq!(first, [Clock::Accept, Clock::Contact, Clock::Hold]);
}

#[test]
fn a_clock_that_ended_is_never_named() {
    let (mut city, case) = at_the_grid();
    city.ask("grid-1-1", Some(case), Ask::Accept);
    let named = all(&watch(&city));
    assert!(!clocks(&named).contains(&(case, Clock::Accept)));
    assert!(clocks(&named).contains(&(case, Clock::Hold)));
}

#[test]
fn a_paused_clock_is_not_named_and_one_that_goes_on_is_named_at_its_new_instant() {
    let (mut city, case) = at_the_grid();
    city.now = city.now.plus_seconds(3600);
    let give_back =
        Ask::Return { ground: ReturnGround::Unclear, reason: "地址不清".to_owned(), proposed: None };
    city.ask("grid-1-1", Some(case), give_back);
    let named = clocks(&all(&watch(&city)));
    assert_eq!(named, [(case, Clock::Dispatch), (case, Clock::Resolve)]);
    city.now = city.now.plus_seconds(600);
    assign(&mut city, case, "grid-1-1", Rung::Grid);
    let named = all(&watch(&city));
    let accept = named.iter().find(|one| one.clock == Clock::Accept).expect("it goes on");
    assert_eq!(accept.scheduled, city.now.plus_seconds(3600), "an hour of its two was left");
}

#[test]
fn a_breach_that_moves_nothing_is_asked_again_with_the_next_step() {
    let mut city = City::new();
    let (case, _) = city.call(matter("noise.neighbour", GRID));
    let mut watch = watch(&city);
    for step in 0..3 {
        city.now = watch.next_due().expect("asked again");
        let named = watch.clone().overdue(city.now, 10);
        assert_eq!((named.len(), named[0].case, named[0].step), (1, case, step));
        assert_eq!(sweep(&mut city, &mut watch), []);
    }
}

#[test]
fn unanswered_a_case_climbs_rung_by_rung_to_the_centre_and_is_asked_there_for_ever() {
    let (mut city, case) = at_the_grid();
    let mut watch = watch(&city);
    let mut rungs = Vec::new();
    for _ in 0..40 {
        city.now = watch.next_due().expect("a case always has a next instant");
        sweep(&mut city, &mut watch);
        let rung = city.state.case(case).expect("open").rung;
        if rungs.last() != Some(&rung) {
            rungs.push(rung);
        }
    }
    assert_eq!(rungs, [Rung::Grid, Rung::Community, Rung::Street, Rung::Department, Rung::Centre][1..]);
    assert!(city.state.case(case).expect("open").top_asked > 2);
    assert!(watch.next_due().is_some());
}

#[test]
fn after_a_stop_each_missed_step_comes_once_and_in_order() {
    let (mut city, _) = at_the_grid();
    let mut watch = watch(&city);
    city.now = city.now.plus_seconds(3 * 86_400);
    let mut scheduled = Vec::new();
    loop {
        let due = watch.clone().overdue(city.now, usize::MAX);
        scheduled.extend(due.iter().map(|one| (one.scheduled, one.clock)));
        sweep(&mut city, &mut watch);
        if watch.next_due().is_none_or(|next| next > city.now) {
            break;
        }
    }
    let breaches = city.history.iter().flat_map(|record| &record.parts).flat_map(|part| &part.events);
    let breaches = breaches.filter(|event| event.tag() == "case.clock_breached/1").count();
    assert!(breaches >= 4, "accept at the grid, the community, the street, and so on: {scheduled:?}");
    assert!(scheduled.is_sorted(), "in order: {scheduled:?}");
    assert_eq!(scheduled.len(), breaches, "the door was asked and answered once for each step");
}

#[test]
fn nothing_of_a_closed_case_ticks() {
    let mut city = City::new();
    let (case, _) = city.call(matter("light.street", GRID));
    for act in [6, 1, 3, 4, 5, 7, 8, 9] {
        one_act(&mut city, case, act);
    }
    assert_eq!(city.state.case(case).expect("in memory").stage, Stage::Closed);
    let watch = watch(&city);
    assert!(watch.is_empty());
    assert_eq!(watch.next_due(), None);
}

/// One act among many; whether the door takes it depends on where the case is.
fn one_act(city: &mut City, case: CaseId, act: u8) {
    let Some(found) = city.state.case(case) else { return };
    let holder = found.holder.as_str().to_owned();
    let text = || "说明".to_owned();
    let words = || Words::new("说明", "as said");
    let give = |rules: &Rules, lead: &str| Ask::Assign {
        lead: id(lead),
        co_handlers: vec![],
        told: vec![],
        rung: if lead == "urban" { Rung::Department } else { rules.policy.ladder[0] },
        reason: words(),
    };
    let channel = "callback-list".parse().expect("a channel");
    let said =
        |solved| Some(Verdict { contacted: true, solved, grade: Some(Grade::Satisfied), beyond: None });
    let (unit, ask) = match act {
        0 => ("centre", give(&city.rules, "grid-1-1")),
        1 => (holder.as_str(), Ask::Accept),
        2 => (holder.as_str(), Ask::Return { ground: ReturnGround::Unclear, reason: text(), proposed: None }),
        3 => (holder.as_str(), Ask::Resolve { result: text(), evidence: vec![] }),
        4 => ("centre", Ask::Check { passed: true, note: text() }),
        5 => ("centre", Ask::Answer { when: city.now, contacted: text(), done: text(), by_when: None }),
        6 => ("centre", give(&city.rules, "urban")),
        7 => ("centre", Ask::ConfirmTold { channel, receipt: text() }),
        8 => ("centre", Ask::CallBack { way: CallBackWay::Phone, verdict: said(Solved::Yes) }),
        9 => {
            let condition = huying_domain::vocabulary::CloseCondition::Confirmed;
            ("centre", Ask::Close { condition, reason: String::new() })
        }
        10 => ("centre", Ask::CallBack { way: CallBackWay::Phone, verdict: said(Solved::No) }),
        11 => ("centre", Ask::Reopen { reason: words() }),
        12 => ("centre", Ask::Check { passed: false, note: text() }),
        13 => (holder.as_str(), Ask::Escalate { reason: words() }),
        14 => (holder.as_str(), Ask::Contact { reached: true }),
        _ => ("centre", Ask::Rule { holder: id("urban"), rung: Rung::Department, reason: text() }),
    };
    let command = city.person(unit, Some(case), ask);
    _ = city.submit(command);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever people and time do, the watch names exactly the clocks on which the door would act: the same
    /// instants, the same beginnings, the same steps.
    #[test]
    fn the_watch_knows_what_the_door_knows(
        acts in proptest::collection::vec((0_usize..3, 0_u8..16, prop_oneof![Just(0_i64), 1..200_000_i64]), 1..60)
    ) {
        let mut city = City::new();
        let cases: Vec<CaseId> = ["noise.neighbour", "light.street", "advice"]
            .iter()
            .map(|class| city.call(matter(class, GRID)).0)
            .collect();
        let mut watch = watch(&city);
        let mut seen = city.history.len();
        for (which, act, seconds) in acts {
            city.now = city.now.plus_seconds(seconds);
            sweep(&mut city, &mut watch);
            seen = seen.max(city.history.len());
            one_act(&mut city, cases[which], act);
            city.history[seen..].iter().for_each(|record| watch.follow(record));
            seen = city.history.len();
            let expected = wanted(&city);
            let fresh = self::watch(&city);
            prop_assert_eq!(fresh.len(), expected.len());
            prop_assert_eq!(all(&fresh), &expected[..]);
            prop_assert_eq!(all(&watch), expected);
        }
    }
}
