//! From the answer to the close, as stories of the tiny city. What the station names is put to the real door.

#[path = "../../../tests/city/tiny.rs"]
mod tiny;

use huying_domain::event::collect::Guide;
use huying_domain::vocabulary::review::CallBackWay;
use huying_domain::{
    command::{Ask, Command},
    event::feedback::Verdict,
    ids::{CaseId, TellChannel},
    record::{CommandId, Origin, RECORD_PARTS_MAX, Record},
    refusal::Refusal,
    vocabulary::{CloseCondition, EmergencyLine, Grade, RefusalGround, Rung, Solved, Stage},
    words::Words,
};
use huying_feedback::follow_up;
use std::collections::VecDeque;
use tiny::{City, GRID, filing, id, matter};

/// Takes the station's commands to the door until none is left; gives back those that were refused.
fn settle(city: &mut City, record: &Record) -> Vec<Refusal> {
    let mut named: VecDeque<Command> = follow_up(&city.rules, record).into();
    let mut refused = Vec::new();
    while let Some(command) = named.pop_front() {
        match city.submit(command) {
            Ok(record) => named.extend(follow_up(&city.rules, &record)),
            Err(refusal) => refused.push(refusal),
        }
    }
    refused
}

fn give_to_urban(city: &mut City, case: CaseId) {
    let (lead, rung, reason) = (id("urban"), Rung::Department, Words::new("路灯", "street light"));
    city.ask("centre", Some(case), Ask::Assign { lead, co_handlers: vec![], told: vec![], rung, reason });
}

/// A street light is repaired, checked, and not yet answered.
fn handled(city: &mut City, case: CaseId) {
    give_to_urban(city, case);
    city.ask("urban", Some(case), Ask::Accept);
    let result = "已更换灯泡".to_owned();
    city.ask("urban", Some(case), Ask::Resolve { result, evidence: vec![] });
    city.ask("centre", Some(case), Ask::Check { passed: true, note: "属实".to_owned() });
}

fn answer(city: &mut City, case: CaseId) -> Record {
    let (when, contacted, done) = (city.now, "来电人".to_owned(), "已更换灯泡".to_owned());
    city.ask("centre", Some(case), Ask::Answer { when, contacted, done, by_when: None })
}

fn told(city: &mut City, case: CaseId) -> Record {
    let channel = TellChannel::callback_list();
    city.ask("centre", Some(case), Ask::ConfirmTold { channel, receipt: "已电话告知".to_owned() })
}

fn called_back(city: &mut City, case: CaseId, said: Option<(Solved, Option<Grade>)>) -> Record {
    let verdict = said.map(|(solved, grade)| Verdict { contacted: true, solved, grade, beyond: None });
    city.ask("centre", Some(case), Ask::CallBack { way: CallBackWay::Phone, verdict })
}

fn stage(city: &City, case: CaseId) -> Stage {
    city.state.case(case).expect("in memory").stage
}

fn asks(commands: &[Command]) -> Vec<&'static str> {
    commands.iter().map(|command| command.ask.name()).collect()
}

/// Given what the caller says at the call-back, the case is in this stage once the station is done.
fn check(said: Option<(Solved, Option<Grade>)>, then: Stage) -> (City, CaseId) {
    let mut city = City::new();
    let (case, _) = city.call(matter("light.street", GRID));
    handled(&mut city, case);
    let answered = answer(&mut city, case);
    assert_eq!(settle(&mut city, &answered), []);
    let record = told(&mut city, case);
    assert_eq!(settle(&mut city, &record), []);
    let record = called_back(&mut city, case, said);
    assert_eq!(settle(&mut city, &record), []);
    assert_eq!(stage(&city, case), then, "the caller said {said:?}");
    (city, case)
}

#[test]
fn an_answer_is_told_by_the_list_that_people_call_from() {
    let mut city = City::new();
    let (case, registered) = city.call(matter("light.street", GRID));
    assert_eq!(follow_up(&city.rules, &registered), []);
    handled(&mut city, case);
    let record = answer(&mut city, case);
    let commands = follow_up(&city.rules, &record);
    let [command] = commands.as_slice() else { panic!("one step: {commands:?}") };
    assert_eq!(command.ask, Ask::Tell { channel: TellChannel::callback_list() });
    assert_eq!((command.by, command.because), (Origin::Station, Some(record.seq)));
    assert_eq!(command.id, CommandId::of_station("feedback", record.seq, 0));
    assert_eq!(commands, follow_up(&city.rules, &record), "the same record names the same commands");
}

#[test]
fn a_city_that_names_its_ways_is_told_by_the_first() {
    let mut city = City::new();
    let (case, _) = city.call(matter("light.street", GRID));
    handled(&mut city, case);
    let record = answer(&mut city, case);
    let mail = TellChannel::new("mail").expect("a channel");
    city.rules.policy.tell.insert(0, mail.clone());
    let commands = follow_up(&city.rules, &record);
    assert!(matches!(commands.as_slice(), [Command { ask: Ask::Tell { channel }, .. }] if *channel == mail));
}

#[test]
fn solved_and_not_dissatisfied_closes_on_the_callers_word() {
    for grade in [None, Some(Grade::VerySatisfied), Some(Grade::Satisfied), Some(Grade::Basically)] {
        let (city, case) = check(Some((Solved::Yes, grade)), Stage::Closed);
        let closed = city.state.case(case).expect("in memory").closed;
        assert_eq!(closed, Some(CloseCondition::Confirmed));
    }
}

#[test]
fn whatever_is_unsolved_or_dissatisfies_is_reopened() {
    for said in [
        (Solved::No, None),
        (Solved::Partly, Some(Grade::Satisfied)),
        (Solved::Yes, Some(Grade::Dissatisfied)),
        (Solved::Yes, Some(Grade::VeryDissatisfied)),
    ] {
        let (city, case) = check(Some(said), Stage::Filed);
        assert_eq!(city.state.case(case).expect("in memory").leg, 2);
    }
}

#[test]
fn who_was_not_reached_is_left_to_people() {
    check(None, Stage::Answered);
}

#[test]
fn a_reopening_says_what_the_caller_said() {
    let (city, _) = check(Some((Solved::Partly, Some(Grade::VeryDissatisfied))), Stage::Filed);
    let record = city.history.last().expect("a record");
    let huying_domain::event::Event::Reopened(reopened) = &record.parts[0].events[0] else {
        panic!("the last record is the reopening: {record:?}")
    };
    assert_eq!(reopened.reason.zh, "回访：来电人表示部分解决，非常不满意");
    assert_eq!(reopened.reason.en, "call-back: the caller says solved in part, very dissatisfied");
}

#[test]
fn after_as_many_reopenings_as_programs_may_make_a_person_decides() {
    let mut city = City::new();
    let (case, _) = city.call(matter("light.street", GRID));
    for leg in 1..=city.rules.policy.reopenings_max + 1 {
        handled(&mut city, case);
        let answered = answer(&mut city, case);
        settle(&mut city, &answered);
        told(&mut city, case);
        let record = called_back(&mut city, case, Some((Solved::No, None)));
        let refused = settle(&mut city, &record);
        if leg <= city.rules.policy.reopenings_max {
            assert_eq!((refused, stage(&city, case)), (vec![], Stage::Filed));
        } else {
            assert_eq!((refused, stage(&city, case)), (vec![Refusal::PersonDecides], Stage::CalledBack));
        }
    }
}

#[test]
fn what_a_person_closed_meanwhile_is_not_reopened_by_the_station() {
    let mut city = City::new();
    let (case, _) = city.call(matter("light.street", GRID));
    handled(&mut city, case);
    let answered = answer(&mut city, case);
    settle(&mut city, &answered);
    told(&mut city, case);
    let record = called_back(&mut city, case, Some((Solved::No, None)));
    let late = follow_up(&city.rules, &record).remove(0);
    let (condition, reason) = (CloseCondition::Unsolved, "超出职责，已说明".to_owned());
    city.ask("centre", Some(case), Ask::Close { condition, reason });
    assert!(matches!(city.submit(late), Err(Refusal::Stale { .. })));
    assert_eq!(stage(&city, case), Stage::Closed);
}

#[test]
fn a_refusal_a_referral_and_a_cancellation_are_closed_once_the_caller_is_told() {
    let reason = || "请走法定途径".to_owned();
    for (ask, condition) in [
        (
            Ask::Refuse {
                ground: RefusalGround::OtherLegalWay,
                reason: reason(),
                guide: Some(Guide::Way("市场".to_owned())),
            },
            CloseCondition::Refused,
        ),
        (Ask::Refer { line: EmergencyLine::Fire, receipt: None }, CloseCondition::Referred),
    ] {
        let mut city = City::new();
        let (case, _) = city.call(matter("light.street", GRID));
        city.ask("centre", Some(case), ask);
        let answered = answer(&mut city, case);
        assert_eq!(settle(&mut city, &answered), []);
        assert_eq!(stage(&city, case), Stage::Answered, "an answer is not yet told");
        let record = told(&mut city, case);
        assert_eq!(settle(&mut city, &record), []);
        assert_eq!(city.state.case(case).expect("in memory").closed, Some(condition));
    }
}

#[test]
fn every_further_caller_is_answered_and_told_in_as_many_records_as_it_takes() {
    let members = 2 * RECORD_PARTS_MAX;
    let mut city = City::new();
    let (lead, _) = city.call(matter("light.street", GRID));
    let joined: Vec<CaseId> = (0..members)
        .map(|_| {
            let member = city.state.next_case();
            let filing = Box::new(filing(matter("light.street", GRID)));
            city.ask("centre", None, Ask::Join { lead, filing });
            member
        })
        .collect();
    handled(&mut city, lead);
    let record = answer(&mut city, lead);
    let commands = follow_up(&city.rules, &record);
    assert_eq!(asks(&commands), ["tell", "pass_on"]);
    assert!(commands.iter().all(|command| command.saw.is_none()), "neither makes the other stale");
    assert_eq!(settle(&mut city, &record), []);
    assert_eq!(city.state.case(lead).expect("in memory").waiting_members(), 0);
    let tells = city.history.iter().flat_map(|record| &record.parts).flat_map(|part| &part.events);
    let tells = tells.filter(|event| event.tag() == "case.tell_asked/1").count();
    assert_eq!(tells, members + 1, "the lead's caller and each further one");
    for member in joined {
        assert_eq!(stage(&city, member), Stage::Answered);
        told(&mut city, member);
        let record = called_back(&mut city, member, Some((Solved::Yes, None)));
        assert_eq!(settle(&mut city, &record), []);
        assert_eq!(stage(&city, member), Stage::Closed);
    }
}

#[test]
fn the_commands_of_one_record_are_numbered_in_their_order() {
    let mut city = City::new();
    let (lead, _) = city.call(matter("light.street", GRID));
    for _ in 0..3 {
        let filing = Box::new(filing(matter("light.street", GRID)));
        city.ask("centre", None, Ask::Join { lead, filing });
    }
    handled(&mut city, lead);
    answer(&mut city, lead);
    let record = city.ask("centre", Some(lead), Ask::PassOn);
    let commands = follow_up(&city.rules, &record);
    assert_eq!(asks(&commands), ["tell"; 3], "each further caller is told; nobody is left to pass on to");
    let ids: Vec<_> = commands.iter().map(|command| command.id).collect();
    let numbered: Vec<_> = (0..3).map(|n| CommandId::of_station("feedback", record.seq, n)).collect();
    assert_eq!(ids, numbered);
}
