//! What moves a clock, and what never does.

use crate::town::{Town, assign, check, filing, give_back, register, resolve, unit, words};
use huying_domain::{
    case::Running,
    command::Ask,
    event::{Event, collect::Corrected},
    record::Origin,
    refusal::Refusal,
    time::Timestamp,
    vocabulary::{CaseKind, Clock, ExemptGround, Rung, Stage, Tag},
};

const HOLDERS: [Clock; 3] = [Clock::Accept, Clock::Contact, Clock::Hold];

fn running(town: &Town, clock: Clock) -> Running {
    town.case(1).running(clock).unwrap_or_else(|| panic!("{clock} does not run")).clone()
}

fn assigned() -> Town {
    let mut town = Town::new();
    town.must("centre", 0, register("light")).wait(5).must("centre", 1, assign("grid-1", Rung::Grid));
    town
}

fn later(at: Timestamp, minutes: i64) -> Timestamp {
    at.plus_seconds(minutes * 60)
}

#[test]
fn the_clock_starts_at_dispatch_and_not_at_acceptance() {
    let mut town = assigned();
    let from = town.now;
    town.wait(20).must("grid-1", 1, Ask::Accept);
    assert_eq!(running(&town, Clock::Resolve).from, from);
    assert_eq!(running(&town, Clock::Hold).from, from);
    assert!(town.case(1).running(Clock::Accept).is_none());
}

#[test]
fn no_correction_mark_note_reminder_or_move_touches_a_clock() {
    let mut town = assigned();
    town.must("grid-1", 1, Ask::Accept);
    let before = town.case(1).clocks.clone();
    let whole = Corrected {
        class: Some("noise".parse().expect("well formed")),
        condition: Some("night".parse().expect("well formed")),
        kind: Some(CaseKind::Complaint),
        summary: Some("改写".into()),
        place: None,
    };
    let asks = [
        Ask::Correct(whole),
        Ask::Tag { tags: vec![Tag::Sensitive] },
        Ask::Progress { note: "已拍照".to_owned() },
        Ask::Delegate { person: "wang".parse().expect("well formed") },
        Ask::Contact { reached: false },
        Ask::Reveal { purpose: "联系".to_owned() },
    ];
    for ask in asks {
        town.wait(1).must("grid-1", 1, ask);
    }
    town.must("centre", 1, Ask::Remind { note: "请快".to_owned() });
    town.must("centre", 1, Ask::Rehome { to: "211081001001".parse().expect("well formed") });
    assert_eq!(town.case(1).clocks, before);
}

#[test]
fn a_return_pauses_the_holder_and_never_the_case() {
    let mut town = assigned();
    let resolve_due = running(&town, Clock::Resolve).due;
    town.wait(10).must("grid-1", 1, give_back());
    for clock in HOLDERS {
        assert_eq!(running(&town, clock).paused_at, Some(town.now));
    }
    let case = running(&town, Clock::Resolve);
    assert_eq!((case.paused_at, case.due), (None, resolve_due));
}

#[test]
fn the_same_unit_again_goes_on_with_what_was_left() {
    let mut town = assigned();
    let before: Vec<_> = HOLDERS.map(|clock| running(&town, clock).due).to_vec();
    town.wait(10).must("grid-1", 1, give_back()).wait(7).must("centre", 1, assign("grid-1", Rung::Grid));
    for (clock, due) in HOLDERS.into_iter().zip(before) {
        let now = running(&town, clock);
        assert_eq!((now.due, now.paused_at), (later(due, 7), None), "{clock}");
    }
}

#[test]
fn another_unit_starts_its_own_clocks_and_the_case_keeps_its_own() {
    let mut town = assigned();
    let resolve_due = running(&town, Clock::Resolve).due;
    town.wait(10).must("grid-1", 1, give_back()).wait(7).must("centre", 1, assign("comm-1", Rung::Community));
    assert_eq!(running(&town, Clock::Accept).due, later(town.now, 30));
    assert_eq!(running(&town, Clock::Resolve).due, resolve_due);
    let held = town.now;
    town.wait(3).must(
        "centre",
        1,
        Ask::Reassign { lead: unit("street-1"), rung: Rung::Street, reason: words("改派") },
    );
    assert_eq!(running(&town, Clock::Hold).from, later(held, 3));
    assert_eq!(running(&town, Clock::Resolve).due, resolve_due);
}

#[test]
fn the_promised_instant_is_the_limit() {
    let mut town = Town::new();
    let mut filing = filing("light");
    filing.target = Some(later(town.now, 77));
    town.must("centre", 0, Ask::Register(Box::new(filing))).must("centre", 1, assign("grid-1", Rung::Grid));
    assert_eq!(running(&town, Clock::Resolve).due, later(town.now, 77));
}

#[test]
fn work_that_does_not_stand_goes_on_with_the_rest_of_its_time() {
    let mut town = assigned();
    let due = running(&town, Clock::Resolve).due;
    town.must("grid-1", 1, Ask::Accept).wait(30).must("grid-1", 1, resolve());
    town.wait(11).must("centre/qian", 1, check(false));
    assert_eq!((town.case(1).stage, town.case(1).holder.as_str()), (Stage::Handling, "grid-1"));
    assert_eq!(running(&town, Clock::Resolve).due, later(due, 11));
    assert!(town.case(1).running(Clock::Accept).is_none(), "it was signed for long ago");
}

#[test]
fn a_limit_is_missed_at_the_instant_it_names_and_not_before() {
    let mut town = assigned();
    let due = running(&town, Clock::Accept).due;
    let ask = |scheduled| Ask::CheckClock { clock: Clock::Accept, scheduled, away_since: None };
    town.now = due.plus_seconds(-1);
    assert_eq!(town.ask_as("centre", Origin::Timer, 1, ask(due)).err(), Some(Refusal::NotYetDue { due }));
    town.now = due;
    let other = Some(Refusal::NoSuchClock);
    assert_eq!(town.ask_as("centre", Origin::Timer, 1, ask(later(due, 1))).err(), other);
    assert!(town.ask_as("centre", Origin::Timer, 1, ask(due)).is_ok());
    assert_eq!(town.ask_as("centre", Origin::Timer, 1, ask(due)).err(), other, "the same question twice");
}

#[test]
fn overdue_is_a_fact_that_stays_and_an_exemption_stands_beside_it() {
    let mut town = Town::new();
    town.must("centre", 0, register("light"));
    let (from, due) = (running(&town, Clock::Dispatch).from, running(&town, Clock::Dispatch).due);
    town.now = later(due, 240);
    let ask = Ask::CheckClock { clock: Clock::Dispatch, scheduled: due, away_since: Some(from) };
    let record = town.ask_as("centre", Origin::Timer, 1, ask).expect("it is due").clone();
    let [Event::ClockBreached(breach), Event::Exempted(exempted)] = &record.parts[0].events[..] else {
        panic!("a breach and an exemption: {:?}", record.parts[0].events)
    };
    assert_eq!((breach.due, exempted.due, exempted.ground), (due, due, ExemptGround::Outage));
    assert_eq!(record.late_for, Some(due));
    assert!(running(&town, Clock::Dispatch).breached);
}

#[test]
fn an_outage_that_began_within_the_limit_exempts_nobody() {
    let mut town = Town::new();
    town.must("centre", 0, register("light"));
    let dispatch = running(&town, Clock::Dispatch);
    town.now = later(dispatch.due, 240);
    let away = Some(later(dispatch.from, 1));
    let ask = Ask::CheckClock { clock: Clock::Dispatch, scheduled: dispatch.due, away_since: away };
    let record = town.ask_as("centre", Origin::Timer, 1, ask).expect("it is due");
    assert_eq!(record.parts[0].events.len(), 1);
}

#[test]
fn a_breached_resolve_limit_stays_breached_and_the_rung_still_acts() {
    let mut town = Town::new();
    let mut filing = filing("light");
    filing.target = Some(later(town.now, 40));
    town.must("centre", 0, Ask::Register(Box::new(filing))).must("centre", 1, assign("grid-1", Rung::Grid));
    town.must("grid-1", 1, Ask::Accept).must("grid-1", 1, Ask::Contact { reached: true }).tick();
    assert!(running(&town, Clock::Resolve).breached);
    assert_eq!(town.case(1).next_instant(), Some(running(&town, Clock::Hold).due));
    town.tick();
    assert!(running(&town, Clock::Resolve).breached, "climbing does not heal it");
}
