//! Units with a part in a case that they do not hold: whistles, helpers, tasks; and those who watch.

use crate::town::{self, Town, assign, resolve, unit};
use huying_domain::{
    command::{Ask, TaskWanted},
    event::{Event, errand::Called},
    refusal::Refusal,
    time::Timestamp,
    vocabulary::{
        Clock, Rung, Stage,
        governed::{ErrandKind, SupervisionDegree, SupervisionGround, SuspensionGround, WhistleKind},
    },
};

fn whistle(units: &[&str]) -> Ask {
    let units = units.iter().map(|name| unit(name)).collect();
    Ask::Whistle { kind: WhistleKind::Emergency, units, reason: "井盖塌陷，车辆受困".to_owned() }
}

fn help(units: &[&str]) -> Ask {
    Ask::CallHelp { units: units.iter().map(|name| unit(name)).collect(), reason: "需断电".to_owned() }
}

fn report(finished: bool) -> Ask {
    Ask::Report { note: "已断电".to_owned(), finished }
}

fn handled() -> Town {
    let mut town = Town::new();
    town.handling("light");
    town
}

/// Lets the timers ask until the errand clock has; the others are answered on the way.
fn until_errand(town: &mut Town) -> Vec<Event> {
    loop {
        let (_, _, clock) = town.next().expect("some clock runs");
        let events = town.tick();
        if clock == Clock::Errand {
            return events;
        }
    }
}

#[test]
fn who_is_whistled_for_reports_in_within_the_limit_and_both_sides_are_measured() {
    let mut town = handled();
    let at = town.now;
    let record = town.ask("grid-1", 1, whistle(&["works", "police-desk"])).expect("it may");
    let Some(Event::Whistled(whistled)) = record.parts[0].events.first() else { panic!("{record:?}") };
    let due = at.plus_seconds(30 * 60);
    let called = |number, name| Called { number, unit: unit(name), due };
    assert_eq!(whistled.called, [called(1, "works"), called(2, "police-desk")]);
    assert_eq!(whistled.by, unit("grid-1"));
    town.wait(10).must("works", 1, Ask::ReportIn);
    assert!(town.case(1).co_handlers.contains(&unit("works")), "who is there helps");
    assert_eq!(town.ask("works", 1, Ask::ReportIn).err(), Some(Refusal::NotCalled), "once");
    let events = until_errand(&mut town);
    let Some(Event::ErrandMissed(missed)) = events.first() else { panic!("{events:?}") };
    assert_eq!(
        (missed.unit.clone(), missed.due, missed.kind),
        (unit("police-desk"), due, ErrandKind::ReportIn)
    );
    assert!(town.case(1).running(Clock::Errand).is_none(), "nothing more is to be waited for");
    town.wait(1);
    let record = town.ask("police-desk", 1, Ask::ReportIn).expect("late is better than never");
    assert!(
        matches!(&record.parts[0].events[0], Event::ReportedIn(event) if event.late && event.called_at == at)
    );
}

#[test]
fn a_whistle_moves_no_clock_of_the_case_and_wants_a_limit_of_the_policy() {
    let mut town = handled();
    let before: Vec<_> = town.case(1).clocks.clone();
    town.must("grid-1", 1, whistle(&["works"]));
    let own: Vec<_> = town.case(1).clocks.iter().filter(|one| one.clock != Clock::Errand).cloned().collect();
    assert_eq!(own, before);
    assert_eq!(
        town.ask("works", 1, whistle(&["police-desk"])).err(),
        Some(Refusal::NotYours),
        "the holder whistles"
    );
    let again = town.ask("grid-1", 1, whistle(&["works"])).err();
    assert_eq!(again, Some(Refusal::AlreadyCalled(unit("works"))));
    assert_eq!(town.ask("grid-1", 1, whistle(&[])).err(), Some(Refusal::Missing("units")));
    assert_eq!(town.ask("grid-1", 1, whistle(&["ghost"])).err(), Some(Refusal::UnknownUnit(unit("ghost"))));
    let mut town = Town::under(town::rules_without_acts());
    town.handling("light");
    assert_eq!(town.ask("grid-1", 1, whistle(&["works"])).err(), Some(Refusal::NotInPolicy("acts")));
}

#[test]
fn nobody_is_called_to_a_case_about_itself() {
    let mut filing = town::filing("light");
    filing.brief.accused = Some(unit("works"));
    let mut town = Town::new();
    town.must("centre", 0, Ask::Register(Box::new(filing)));
    town.must("centre", 1, assign("grid-1", Rung::Grid)).must("grid-1", 1, Ask::Accept);
    for ask in [whistle(&["works"]), help(&["works"])] {
        assert_eq!(town.ask("grid-1", 1, ask).err(), Some(Refusal::AboutThatUnit(unit("works"))));
    }
}

#[test]
fn a_helpers_limit_ends_before_the_leads() {
    let mut town = Town::new();
    town.must("centre", 0, town::register("light"));
    let order = Ask::Assign {
        lead: unit("grid-1"),
        co_handlers: vec![unit("works")],
        told: vec![],
        rung: Rung::Grid,
        reason: town::words("主办与协办"),
    };
    town.must("centre", 1, order);
    let case = town.case(1);
    let lead = case.running(Clock::Resolve).expect("it has a limit").due;
    let own = case.errand_of(ErrandKind::Help, &unit("works")).expect("it helps").due;
    assert_eq!(own, town.now.plus_seconds(40 * 3600), "80 % of 50 hours");
    assert!(own < lead);
    town.must("grid-1", 1, Ask::Accept).wait(60).must("grid-1", 1, help(&["police-desk"]));
    let later = town.case(1).errand_of(ErrandKind::Help, &unit("police-desk")).expect("it helps").due;
    assert!(later < lead && later > town.now);
}

#[test]
fn a_helper_reports_to_the_lead_and_leads_nothing() {
    let mut town = handled();
    town.must("grid-1", 1, help(&["works"]));
    assert_eq!(town.ask("works", 1, resolve()).err(), Some(Refusal::NotYours));
    assert_eq!(town.ask("works", 1, town::give_back()).err(), Some(Refusal::NotYours));
    assert_eq!(town.ask("police-desk", 1, report(true)).err(), Some(Refusal::NotCalled));
    town.must("works", 1, report(false));
    assert!(
        town.case(1).errand_of(ErrandKind::Help, &unit("works")).is_some(),
        "a report on the way ends nothing"
    );
    let record = town.ask("works", 1, report(true)).expect("it may");
    assert!(matches!(&record.parts[0].events[0], Event::HelpReported(event) if event.lead == unit("grid-1")));
    assert!(town.case(1).errands.is_empty() && town.case(1).running(Clock::Errand).is_none());
}

#[test]
fn a_helpers_limit_stands_still_while_the_case_rests() {
    let mut town = handled();
    town.must("grid-1", 1, help(&["works"])).wait(60);
    let due = |town: &Town| town.case(1).errand_of(ErrandKind::Help, &unit("works")).expect("it helps").due;
    let left = due(&town).seconds_since(town.now);
    let until = town.now.plus_seconds(400 * 3600);
    let rest =
        Ask::Suspend { ground: SuspensionGround::Planned, until, reason: "列入明年计划".to_owned() };
    town.must("grid-1", 1, rest).must("centre/li", 1, Ask::Grant { note: String::new() });
    let events = town.tick();
    assert!(
        matches!(events.first(), Some(Event::Resumed(_))),
        "nobody misses anything meanwhile: {events:?}"
    );
    assert_eq!(due(&town).seconds_since(town.now), left);
}

fn task(owner: &str, due: Timestamp) -> TaskWanted {
    TaskWanted { owner: unit(owner), what: "移交图纸".to_owned(), due }
}

#[test]
fn a_task_of_a_consultation_has_an_owner_and_a_date_that_a_timer_watches() {
    let mut town = handled();
    let (soon, later) = (town.now.plus_seconds(2 * 3600), town.now.plus_seconds(5 * 3600));
    let consult = |tasks| Ask::Consult {
        participants: vec![unit("grid-1"), unit("works")],
        decision: "先断电，后移杆".to_owned(),
        tasks,
    };
    assert_eq!(town.ask("grid-1", 1, consult(vec![])).err(), Some(Refusal::NotYours));
    let now = town.now;
    let past = town.ask("centre/li", 1, consult(vec![task("works", now)])).err();
    assert_eq!(past, Some(Refusal::NotLater { field: "due", than: now }));
    town.must("centre/li", 1, consult(vec![task("works", later), task("police-desk", soon)]));
    assert_eq!(town.case(1).running(Clock::Errand).map(|one| one.due), Some(soon), "the earliest wakes");
    let done = |number| Ask::FinishTask { number, note: "已办".to_owned() };
    assert_eq!(town.ask("grid-1", 1, done(2)).err(), Some(Refusal::NotYours));
    assert_eq!(town.ask("works", 1, done(9)).err(), Some(Refusal::NoSuchTask(9)));
    let events = until_errand(&mut town);
    assert!(matches!(events.first(), Some(Event::ErrandMissed(event)) if event.number == 2));
    assert_eq!(town.case(1).running(Clock::Errand).map(|one| one.due), Some(later), "then the next");
    town.must("works", 1, done(1)).must("police-desk", 1, done(2));
    assert!(town.case(1).errands.is_empty());
}

#[test]
fn tasks_are_owed_until_the_result_stands_and_nothing_ticks_behind_it() {
    let mut town = handled();
    let due = town.now.plus_seconds(30 * 24 * 3600);
    let consult = Ask::Consult {
        participants: vec![unit("works")],
        decision: "补种树木".to_owned(),
        tasks: vec![task("works", due)],
    };
    town.must("centre/li", 1, consult).must("grid-1", 1, help(&["police-desk"])).must("grid-1", 1, resolve());
    let kinds: Vec<ErrandKind> = town.case(1).errands.iter().map(|errand| errand.kind).collect();
    assert_eq!(kinds, [ErrandKind::Task]);
    town.must("centre/qian", 1, town::check(true));
    assert!(town.case(1).errands.is_empty() && town.case(1).running(Clock::Errand).is_none());
}

#[test]
fn supervision_names_its_degree_and_a_ground_that_is_met() {
    let mut town = handled();
    let supervise =
        |ground| Ask::Supervise {
            degree: SupervisionDegree::Listed, ground, note: "三日内办结".to_owned()
        };
    let clocks = town.case(1).clocks.clone();
    let overdue = || supervise(SupervisionGround::Overdue);
    assert_eq!(town.ask("centre/li", 1, overdue()).err(), Some(Refusal::GroundNotMet));
    assert_eq!(town.ask("grid-1", 1, overdue()).err(), Some(Refusal::NotYours));
    town.must("street-1", 1, supervise(SupervisionGround::Shirked));
    town.must("centre/li", 1, Ask::Instruct { text: "主要领导包案".to_owned() });
    assert_eq!(town.case(1).clocks, clocks, "who watches moves no clock");
    town.tick();
    town.must("centre/li", 1, overdue());
}

#[test]
fn a_refused_stage_names_what_is_allowed_there() {
    let words = Refusal::WrongStage { stage: Stage::Suspended }.words();
    assert!(words.en.contains("resume") && words.zh.contains("恢复办理"), "{words:?}");
    assert!(!words.en.contains("resolve"), "{words:?}");
    assert!(!words.en.contains("pass_on"), "what programs do is no advice: {words:?}");
}
