//! After the end: appeals and exemptions, which leave the breach a fact, and looking again 回头看.

use crate::town::{self, Town, call_back, resolve};
use huying_domain::{
    command::Ask,
    event::Event,
    record::Origin,
    refusal::Refusal,
    time::Timestamp,
    vocabulary::{
        Clock, CloseCondition, ExemptGround, Rung, Solved, Stage,
        review::{BeyondPower, LookKind},
    },
};

/// A case that the works department closed late: it had been given it five hours before the limit.
fn closed_late() -> (Town, Timestamp) {
    let mut town = Town::new();
    town.handling("light");
    let due = town.case(1).running(Clock::Resolve).expect("it runs").due;
    while town.next().is_some_and(|(at, _, _)| at < due.plus_seconds(-5 * 3_600)) {
        town.tick();
    }
    let (lead, rung, reason) = (town::unit("works"), Rung::Department, town::words("改派"));
    town.must("centre/li", 1, Ask::Reassign { lead, rung, reason }).must("works", 1, Ask::Accept);
    while town.case(1).breach(Clock::Resolve, due).is_none() {
        town.tick();
    }
    town.finish(1);
    (town, due)
}

fn appeal(due: Timestamp) -> Ask {
    let (clock, ground) = (Clock::Resolve, ExemptGround::ThirdParty);
    Ask::Appeal { clock, due, ground, reason: "等待供电公司".to_owned() }
}

fn judge(upheld: bool) -> Ask {
    Ask::JudgeAppeal { upheld, note: "情况属实".to_owned() }
}

fn exempt(due: Timestamp) -> Ask {
    let (clock, ground) = (Clock::Resolve, ExemptGround::ForceMajeure);
    Ask::Exempt { clock, due, ground, reason: "暴雨红色预警".to_owned() }
}

fn look(kind: LookKind, stands: bool) -> Ask {
    Ask::LookAgain { kind, stands, note: "到现场看过".to_owned() }
}

#[test]
fn an_upheld_appeal_exempts_and_the_breach_stays() {
    let (mut town, due) = closed_late();
    town.must("works/wang", 1, appeal(due));
    town.must("centre/qian", 1, judge(true));
    let breach = town.case(1).breach(Clock::Resolve, due).expect("it stays a fact");
    assert!(breach.exempted && town.case(1).missed);
    let again = town.ask("works/wang", 1, appeal(due)).err();
    assert_eq!(again, Some(Refusal::AppealedAlready), "a case has one");
    assert_eq!(town.ask("centre/qian", 1, judge(true)).err(), Some(Refusal::NothingAsked));
}

#[test]
fn an_appeal_that_is_not_upheld_changes_nothing() {
    let (mut town, due) = closed_late();
    town.must("works/wang", 1, appeal(due)).must("centre/qian", 1, judge(false));
    assert!(!town.case(1).breach(Clock::Resolve, due).expect("a fact").exempted);
}

#[test]
fn who_may_appeal_of_what_and_when() {
    let (mut town, due) = closed_late();
    let mut refused = |who: &str, ask| town.ask(who, 1, ask).err();
    assert_eq!(refused("police-desk", appeal(due)), Some(Refusal::NotYours), "only who was late");
    let other = due.plus_seconds(1);
    assert_eq!(refused("works", appeal(other)), Some(Refusal::NoSuchBreach));
    assert_eq!(refused("centre/qian", judge(true)), Some(Refusal::NothingAsked));
    let outage = Ask::Appeal {
        clock: Clock::Resolve,
        due,
        ground: ExemptGround::Outage,
        reason: "系统故障".to_owned(),
    };
    assert_eq!(refused("works", outage), Some(Refusal::GroundNotMet), "the engine knows when it was away");
    // Only of what is closed.
    let open = town.handling("light");
    let refusal = town.ask("grid-1", open, appeal(due)).err();
    assert_eq!(refusal, Some(Refusal::WrongStage { stage: Stage::Handling }));
}

#[test]
fn who_asks_does_not_decide_and_only_the_centre_decides() {
    let (mut town, due) = closed_late();
    town.must("works/wang", 1, appeal(due));
    assert_eq!(town.ask("street-1/zhao", 1, judge(true)).err(), Some(Refusal::NotYours));
    assert_eq!(town.ask("works/zhao", 1, judge(true)).err(), Some(Refusal::NotYours));
    let by_program = town.ask_as("centre", Origin::Station, 1, judge(true)).err();
    assert_eq!(by_program, Some(Refusal::PersonDecides));
}

#[test]
fn the_centre_exempts_without_an_appeal_and_only_once() {
    let (mut town, due) = closed_late();
    assert_eq!(town.ask("works", 1, exempt(due)).err(), Some(Refusal::NotYours));
    town.must("centre/zhou", 1, exempt(due));
    assert!(town.case(1).breach(Clock::Resolve, due).expect("a fact").exempted);
    assert_eq!(town.ask("centre/zhou", 1, exempt(due)).err(), Some(Refusal::NothingNew));
}

#[test]
fn on_its_day_somebody_is_asked_to_look_again_until_they_do() {
    let mut town = Town::under(town::rules_that_look_again());
    town.handling("light");
    town.finish(1);
    let closed = town.now;
    let next = town.case(1).next_instant().expect("it will be looked at");
    assert!(next.seconds_since(closed) >= 30 * 86_400);
    let events = town.tick();
    assert!(matches!(events[0], Event::LookAsked(_)), "it is no breach");
    assert!(!town.case(1).missed && town.case(1).stage == Stage::Closed);
    town.tick();
    assert_eq!(town.case(1).look_asked, 2);
    town.must("centre/zhou", 1, look(LookKind::Planned, true));
    assert_eq!((town.case(1).next_instant(), town.case(1).look_asked), (None, 0));
}

#[test]
fn what_came_back_is_reopened_on_its_own_record() {
    let mut town = Town::under(town::rules_that_look_again());
    town.handling("light");
    town.finish(1);
    town.tick();
    let record = town.ask("centre/zhou", 1, look(LookKind::Planned, false)).expect("it may");
    let tags: Vec<_> = record.parts[0].events.iter().map(Event::tag).collect();
    assert_eq!(tags, ["case.looked_again/1", "case.reopened/1", "case.clocked/1"]);
    let case = town.case(1);
    assert_eq!((case.stage, case.leg), (Stage::Filed, 2));
    assert!(case.running(Clock::LookAgain).is_none() && case.running(Clock::Dispatch).is_some());
}

#[test]
fn a_sample_is_looked_at_by_neither_the_handler_nor_the_closer_and_leaves_the_planned_day() {
    let mut town = Town::under(town::rules_that_look_again());
    town.handling("light");
    town.finish(1);
    let planned = town.case(1).next_instant();
    for who in ["grid-1/wang", "centre/qian"] {
        let refused = town.ask(who, 1, look(LookKind::Sample, true)).expect_err("not they");
        assert!(matches!(refused, Refusal::OwnWork | Refusal::NotYours), "{who}: {}", refused.code());
    }
    town.must("centre/zhou", 1, look(LookKind::Sample, true));
    assert_eq!(town.case(1).next_instant(), planned);
}

#[test]
fn a_refused_case_is_not_looked_at_again_and_a_city_without_the_limit_looks_at_none() {
    let mut town = Town::new();
    town.handling("light");
    town.finish(1);
    assert_eq!(town.case(1).next_instant(), None, "nothing of a closed case ticks");
}

#[test]
fn what_lies_outside_the_units_power_waits_for_a_person() {
    let mut town = Town::new();
    town.handling("light");
    town.must("grid-1", 1, resolve()).must("centre/qian", 1, town::check(true));
    town.must("centre/qian", 1, town::answer()).must("centre", 1, town::tell());
    town.must("centre", 1, town::told());
    let Ask::CallBack { way, verdict: Some(mut verdict) } = call_back(Solved::No) else {
        unreachable!("it is one")
    };
    verdict.beyond = Some(BeyondPower::Law);
    town.must("centre/qian", 1, Ask::CallBack { way, verdict: Some(verdict) });
    assert_eq!(town.case(1).verdict.and_then(|verdict| verdict.beyond), Some(BeyondPower::Law));
    town.must("centre/zhou", 1, town::close(CloseCondition::Unsolved));
}
