//! What is asked of the level above: more time, rest, an end.

use crate::town::{self, Town, call_back, resolve, unit, words};
use huying_domain::{
    case::Case,
    command::Ask,
    event::{Event, clocks::ClockChange},
    record::Origin,
    refusal::Refusal,
    time::Timestamp,
    vocabulary::{
        Clock, CloseCondition, Outcome, Rung, Solved, Stage,
        governed::{RequestKind, SuspensionGround, TerminationGround},
    },
};

fn due(case: &Case, clock: Clock) -> Timestamp {
    case.running(clock).expect("it runs").due
}

fn extend(until: Timestamp) -> Ask {
    Ask::Extend { until, reason: "配件在途".to_owned() }
}

fn grant() -> Ask {
    Ask::Grant { note: String::new() }
}

fn deny() -> Ask {
    Ask::Deny { note: "理由不足".to_owned() }
}

fn suspend(until: Timestamp) -> Ask {
    Ask::Suspend { ground: SuspensionGround::Season, until, reason: "冬季不能铺沥青".to_owned() }
}

/// The grid has the case in hand, with a resolve limit of fifty hours and a hold of ten.
fn handled() -> Town {
    let mut town = Town::new();
    town.handling("light");
    town
}

#[test]
fn an_extension_moves_the_limit_when_it_is_granted_and_not_when_it_is_asked() {
    let mut town = handled();
    let was = due(town.case(1), Clock::Resolve);
    let until = was.plus_seconds(20 * 3600);
    town.wait(60).must("grid-1", 1, extend(until));
    assert_eq!(due(town.case(1), Clock::Resolve), was, "asking moves nothing");
    town.must("centre/li", 1, grant());
    let case = town.case(1);
    assert_eq!((due(case, Clock::Resolve), due(case, Clock::Hold)), (until, until), "it may hold it as long");
    assert!(case.news && case.request.is_none(), "the caller is to hear of it");
    assert_eq!(case.running(Clock::Resolve).map(|running| running.limit), "50uh".parse().ok());
}

#[test]
fn an_extension_is_at_most_one_original_limit_and_later_than_the_limit() {
    let mut town = handled();
    let was = due(town.case(1), Clock::Resolve);
    let latest = was.plus_seconds(50 * 3600);
    let refused = |town: &mut Town, until| town.ask("grid-1", 1, extend(until)).err();
    assert_eq!(refused(&mut town, was), Some(Refusal::NotLater { field: "until", than: was }));
    let over = latest.plus_seconds(1);
    assert_eq!(refused(&mut town, over), Some(Refusal::TooFar { field: "until", latest }));
    town.must("grid-1", 1, extend(latest));
}

#[test]
fn as_many_are_granted_as_the_policy_says_and_refusals_do_not_count() {
    let mut town = handled();
    let first = due(town.case(1), Clock::Resolve);
    town.must("grid-1", 1, extend(first.plus_seconds(3600))).must("centre/li", 1, deny());
    for n in 1..=2 {
        let until = first.plus_seconds(n * 3600);
        town.must("grid-1", 1, extend(until)).must("centre/li", 1, grant());
    }
    let third = town.ask("grid-1", 1, extend(first.plus_seconds(3 * 3600))).err();
    assert_eq!(third, Some(Refusal::UsedUp { kind: RequestKind::Extension, max: 2 }));
}

#[test]
fn what_is_overdue_is_never_extended_even_if_it_was_asked_in_time() {
    let mut town = handled();
    // The centre holds it at last, so that nothing climbs away from the one who asked.
    let until = due(town.case(1), Clock::Resolve).plus_seconds(3600);
    town.must("grid-1", 1, extend(until));
    let over = due(town.case(1), Clock::Resolve);
    town.now = over;
    assert_eq!(
        town.ask("centre/li", 1, grant()).err(),
        Some(Refusal::Overdue),
        "at the instant it has passed"
    );
    let ask = Ask::CheckClock { clock: Clock::Resolve, scheduled: over, away_since: None };
    town.ask_as("centre", Origin::Timer, 1, ask).expect("it is due");
    assert_eq!(
        town.ask("centre/li", 1, grant()).err(),
        Some(Refusal::NothingAsked),
        "the request has lapsed"
    );
    assert_eq!(town.ask("grid-1", 1, extend(over.plus_seconds(9))).err(), Some(Refusal::Overdue));
}

#[test]
fn who_asks_does_not_decide_and_neither_does_a_program() {
    let mut town = handled();
    let until = due(town.case(1), Clock::Resolve).plus_seconds(3600);
    assert_eq!(town.ask("centre/li", 1, grant()).err(), Some(Refusal::NothingAsked));
    assert_eq!(town.ask("street-1", 1, extend(until)).err(), Some(Refusal::NotYours), "the holder asks");
    town.must("grid-1", 1, extend(until));
    assert_eq!(town.ask("grid-1/wang", 1, grant()).err(), Some(Refusal::NotYours));
    assert_eq!(town.ask_as("centre", Origin::Station, 1, grant()).err(), Some(Refusal::PersonDecides));
    let twice = town.ask("grid-1", 1, suspend(until)).err();
    assert_eq!(twice, Some(Refusal::RequestPending(RequestKind::Extension)));
    town.must("street-1", 1, grant());
}

#[test]
fn the_centre_decides_what_the_centre_asks_by_another_person() {
    let mut town = handled();
    let give = Ask::Reassign { lead: unit("centre"), rung: Rung::Centre, reason: words("提级办理") };
    town.must("centre", 1, give).must("centre/li", 1, Ask::Accept);
    let until = due(town.case(1), Clock::Resolve).plus_seconds(3600);
    town.must("centre/li", 1, extend(until));
    for same in ["centre/li", "centre"] {
        assert_eq!(town.ask(same, 1, grant()).err(), Some(Refusal::OwnRequest), "{same}");
    }
    town.must("centre/qian", 1, grant());
}

#[test]
fn a_suspension_stops_every_clock_of_the_handling_and_resumes_by_itself_with_what_was_left() {
    let mut town = handled();
    town.must("centre", 1, Ask::Remind { note: "请快".to_owned() }).wait(30);
    let clocks = [Clock::Resolve, Clock::Hold, Clock::Contact];
    let left = |town: &Town, clock| due(town.case(1), clock).seconds_since(town.now);
    let before: Vec<i64> = clocks.iter().map(|clock| left(&town, *clock)).collect();
    let until = town.now.plus_seconds(90 * 24 * 3600);
    town.must("grid-1", 1, suspend(until)).must("centre/li", 1, grant());
    let case = town.case(1);
    assert_eq!(case.stage, Stage::Suspended);
    assert!(clocks.iter().all(|clock| case.running(*clock).is_some_and(|one| one.paused_at.is_some())));
    assert_eq!(case.next_instant(), Some(until), "law 1: its end is the next instant");
    assert_eq!(town.ask("grid-1", 1, resolve()).err(), Some(Refusal::WrongStage { stage: Stage::Suspended }));
    let events = town.tick();
    assert!(matches!(events.first(), Some(Event::Resumed(event)) if event.by.is_none()));
    assert!(!events.iter().any(|event| matches!(event, Event::ClockBreached(_))), "no breach wakes it");
    assert_eq!(town.now, until);
    let after: Vec<i64> = clocks.iter().map(|clock| left(&town, *clock)).collect();
    assert_eq!(before, after, "what each clock had left, it has left");
    assert_eq!(town.case(1).stage, Stage::Handling);
    let again = town.ask("grid-1", 1, suspend(until.plus_seconds(3600))).err();
    assert_eq!(again, Some(Refusal::UsedUp { kind: RequestKind::Suspension, max: 1 }), "once");
}

#[test]
fn a_suspension_lasts_at_most_as_long_as_the_policy_says_and_ends_by_hand_too() {
    let mut town = handled();
    let far = town.now.plus_seconds(400 * 24 * 3600);
    assert!(matches!(
        town.ask("grid-1", 1, suspend(far)).err(),
        Some(Refusal::TooFar { field: "until", .. })
    ));
    let now = town.now;
    assert_eq!(
        town.ask("grid-1", 1, suspend(now)).err(),
        Some(Refusal::NotLater { field: "until", than: now })
    );
    town.must("grid-1", 1, suspend(now.plus_seconds(9 * 24 * 3600))).must("street-1", 1, grant());
    town.wait(60);
    assert_eq!(town.ask("works", 1, Ask::Resume).err(), Some(Refusal::NotYours));
    town.must("grid-1", 1, Ask::Resume);
    assert!(town.case(1).running(Clock::Suspension).is_none());
    town.finish(1);
}

#[test]
fn a_promised_instant_moves_by_as_long_as_the_case_rested() {
    let mut filing = town::filing("light");
    let mut town = Town::new();
    filing.target = Some(town.now.plus_seconds(48 * 3600));
    town.must("centre", 0, Ask::Register(Box::new(filing)));
    town.must("centre", 1, town::assign("grid-1", Rung::Grid)).must("grid-1", 1, Ask::Accept);
    let was = due(town.case(1), Clock::Resolve);
    let rest = 72 * 3600;
    let until = town.now.plus_seconds(rest);
    town.must("grid-1", 1, suspend(until)).must("centre/li", 1, grant());
    town.tick();
    assert_eq!(
        due(town.case(1), Clock::Resolve),
        was.plus_seconds(rest),
        "nothing was missed while it rested"
    );
}

#[test]
fn giving_up_is_the_hotlines_to_approve_and_the_caller_is_answered() {
    let mut town = handled();
    let ground = TerminationGround::Uncooperative;
    let give_up = Ask::Terminate { ground, reason: "来电人拒绝上门".to_owned() };
    town.must("grid-1", 1, give_up);
    assert_eq!(town.ask("street-1", 1, grant()).err(), Some(Refusal::NotYours));
    town.must("centre/li", 1, grant());
    let case = town.case(1);
    assert_eq!((case.stage, case.outcome), (Stage::Settled, Some(Outcome::Terminated)));
    assert_eq!(case.clocks.iter().map(|one| one.clock).collect::<Vec<_>>(), [Clock::Answer]);
    town.must("centre/li", 1, town::answer()).must("centre", 1, town::tell()).must("centre", 1, town::told());
    let asked = town.ask("centre/li", 1, call_back(Solved::Yes)).err();
    assert_eq!(asked, Some(Refusal::WrongStage { stage: Stage::Answered }), "nobody asks whether it helped");
    town.must("centre/li", 1, town::close(CloseCondition::Terminated));
}

#[test]
fn the_caller_is_told_once_of_what_became_of_the_limit() {
    let mut town = handled();
    let inform = || Ask::Inform { channel: "sms".parse().expect("one token") };
    let heard =
        || Ask::ConfirmInformed { channel: "sms".parse().expect("one token"), receipt: "ok-7".to_owned() };
    assert_eq!(town.ask("centre", 1, inform()).err(), Some(Refusal::NothingNew));
    let until = due(town.case(1), Clock::Resolve).plus_seconds(3600);
    town.must("grid-1", 1, extend(until)).must("centre/li", 1, grant());
    let clocks = town.case(1).clocks.clone();
    town.must("centre", 1, inform()).must("centre", 1, heard());
    assert_eq!(town.case(1).clocks, clocks, "telling moves no clock");
    assert!(!town.case(1).told, "the answer is still owed");
    assert_eq!(town.ask("centre", 1, heard()).err(), Some(Refusal::NothingNew));
}

#[test]
fn a_city_that_states_nothing_of_governed_acts_grants_none() {
    let mut town = Town::under(town::rules_without_acts());
    town.handling("light");
    let until = due(town.case(1), Clock::Resolve).plus_seconds(3600);
    assert_eq!(town.ask("grid-1", 1, extend(until)).err(), Some(Refusal::NotInPolicy("acts")));
    assert_eq!(town.ask("grid-1", 1, suspend(until)).err(), Some(Refusal::NotInPolicy("acts")));
}

#[test]
fn a_request_lapses_with_its_holder() {
    let mut town = handled();
    let until = due(town.case(1), Clock::Resolve).plus_seconds(3600);
    town.must("grid-1", 1, extend(until)).must("grid-1", 1, Ask::Escalate { reason: words("难") });
    town.must("comm-1", 1, Ask::Accept);
    assert_eq!(town.ask("centre/li", 1, grant()).err(), Some(Refusal::NothingAsked));
}

#[test]
fn a_moved_clock_says_so_and_keeps_its_limit() {
    let mut town = handled();
    let until = due(town.case(1), Clock::Resolve).plus_seconds(3600);
    town.must("grid-1", 1, extend(until));
    let record = town.ask("centre/li", 1, grant()).expect("it may");
    let changes = record.parts[0].events.iter().find_map(|event| match event {
        Event::Clocked(clocked) => Some(clocked.changes.clone()),
        _ => None,
    });
    let moved = |clock| ClockChange::Moved { clock, due: until, provisional: false };
    assert_eq!(changes, Some(vec![moved(Clock::Resolve), moved(Clock::Hold)]));
}

#[test]
fn every_further_caller_hears_of_a_limit_that_moved_seven_a_record() {
    let mut town = handled();
    for _ in 0..9 {
        town.must("centre", 0, town::join(1));
    }
    let until = due(town.case(1), Clock::Resolve).plus_seconds(3_600);
    town.must("grid-1", 1, extend(until)).must("centre/li", 1, grant());
    let mut passed = Vec::new();
    while town.case(1).members_without_news() > 0 {
        let record = town.ask_as("centre", Origin::Station, 1, Ask::PassOn).expect("some wait");
        passed.push(record.parts.len() - 1);
    }
    assert_eq!(passed, [7, 2]);
    assert_eq!(
        town.ask_as("centre", Origin::Station, 1, Ask::PassOn).err(),
        Some(Refusal::WrongStage { stage: Stage::Handling })
    );
    for number in 2..=10 {
        assert!(town.case(number).news, "{number} is to hear of it");
        let receipt =
            Ask::ConfirmInformed { channel: "sms".parse().expect("one token"), receipt: "ok".to_owned() };
        town.must("centre", number, receipt);
        assert!(!town.case(number).news && town.case(number).stage == Stage::Following);
    }
}

/// Ten follow, the first by a merge; seven have heard when that one goes its own way again.
#[test]
fn a_case_that_parts_while_the_news_goes_round_takes_nobody_elses_place() {
    let mut town = handled();
    town.handling("light");
    town.must("centre/li", 2, town::merge(1));
    for _ in 0..9 {
        town.must("centre", 0, town::join(1));
    }
    let until = due(town.case(1), Clock::Resolve).plus_seconds(3_600);
    town.must("grid-1", 1, extend(until)).must("centre/li", 1, grant());
    town.ask_as("centre", Origin::Station, 1, Ask::PassOn).expect("some wait");
    town.must("centre/li", 2, town::unmerge());
    while town.case(1).members_without_news() > 0 {
        town.ask_as("centre", Origin::Station, 1, Ask::PassOn).expect("some wait");
    }
    let mut deaf = (3..=11).filter(|number| !town.case(*number).news);
    assert_eq!(deaf.next(), None, "everybody is to hear of it");
}
