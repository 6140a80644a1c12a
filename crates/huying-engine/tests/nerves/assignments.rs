//! What units ought to have, on the wire.

use crate::{house::*, making::*};
use futures::StreamExt as _;
use huying_bus::{
    message::{assignment::WorkPart, notice::Notice},
    stream::Stream,
};
use huying_domain::vocabulary::review::CallBackWay;
use huying_domain::{
    command::Ask,
    vocabulary::{CloseCondition, ReturnGround},
    words::Words,
};
use std::time::Duration;

fn give_back(proposed: &str) -> Ask {
    let reason = "不属本网格".to_owned();
    Ask::Return { ground: ReturnGround::NotOurArea, reason, proposed: Some(unit(proposed)) }
}

#[test]
fn a_unit_that_gives_work_back_finds_a_withdrawal_in_its_place_and_the_next_unit_the_work() {
    let nats = Nats::new();
    let mut house = House::new(&nats, 1);
    let case = house.call(1);
    house.caught_up();
    let eye = nats.eye();
    let held = eye.assignments();
    let (seen, work) = &held[&(unit(GRID), case)];
    assert_eq!(work.part, WorkPart::Lead);
    assert_eq!(work.limits.first().expect("it has limits").clock.name(), "accept");
    assert_eq!(seen.headers["ce-type"], "huying.v1.assignment.assigned");
    assert_eq!(seen.headers["content-type"], "application/json");

    house.act(GRID, case, give_back("grid-1-2"));
    house.caught_up();
    let held = eye.assignments();
    let (seen, gone) = &held[&(unit(GRID), case)];
    assert_eq!(gone.part, WorkPart::Withdrawn);
    assert_eq!(
        (gone.summary.as_str(), gone.limits.len()),
        ("", 0),
        "who has it no longer is not told it again"
    );
    assert_eq!(seen.headers["ce-type"], "huying.v1.assignment.withdrawn");
    assert_eq!(seen.headers["Nats-TTL"], "720h");
    assert_eq!(held[&(unit("grid-1-2"), case)].1.part, WorkPart::Lead);
    house.stream_is_owed(&eye);
}

#[test]
fn neither_a_server_nor_an_engine_that_comes_back_sends_an_assignment_twice() {
    let mut nats = Nats::new();
    let mut house = House::new(&nats, 1);
    let case = house.call(1);
    house.act(GRID, case, Ask::Accept);
    house.call(2);
    house.caught_up();
    let eye = nats.eye();
    let before = eye.info(Stream::Assignments.name()).expect("it is there").state.last_sequence;
    drop(eye);
    nats.stop();
    nats.start();
    house.until("the server is there", |house| house.nerves.as_ref().expect("they run").link().state().up);
    house.caught_up();
    let (dir, now) = house.close();
    let mut house = House::of(dir, now, &nats, 2);
    house.caught_up();
    let eye = nats.eye();
    let after = eye.info(Stream::Assignments.name()).expect("it is there").state.last_sequence;
    assert_eq!(after, before, "what the stream holds is not sent again");
    house.call(3);
    house.caught_up();
    let more = eye.info(Stream::Assignments.name()).expect("it is there").state.last_sequence;
    assert_eq!(more, before + 1);
}

#[test]
fn work_that_ended_and_a_case_that_was_closed_while_nats_was_away_are_withdrawn_from_history() {
    let mut nats = Nats::new();
    let mut house = House::new(&nats, 1);
    let case = house.call(1);
    house.caught_up();
    nats.stop();
    work_through(&mut house, case);
    // The engine restarts meanwhile: of a closed case nothing is in memory.
    let (dir, now) = house.close();
    let mut engine_alone = start(dir.path(), now, 5);
    settle(&mut engine_alone, now);
    engine_alone.views().ought.lock().begin_comparison();
    assert_eq!(engine_alone.views().ought.lock().owed().count(), 0);
    drop(engine_alone);
    nats.start();
    let mut house = House::of(dir, now, &nats, 6);
    house.caught_up();
    let eye = nats.eye();
    let held = eye.assignments();
    let (_, gone) = &held[&(unit(GRID), case)];
    assert_eq!(gone.part, WorkPart::Withdrawn);
    assert_eq!(gone.reason.en, "resolved, to be checked", "as the records tell it");
    house.stream_is_owed(&eye);
}

#[test]
fn a_closed_case_that_is_reopened_goes_out_with_what_it_is_about() {
    let nats = Nats::new();
    let mut house = House::new(&nats, 1);
    let case = house.call(1);
    work_through(&mut house, case);
    house.caught_up();
    house.act("centre", case, Ask::Reopen { reason: Words::new("又响了", "it is loud again") });
    house.pass(1);
    house.caught_up();
    let eye = nats.eye();
    let held = eye.assignments();
    let (_, work) = &held[&(unit(GRID), case)];
    assert_eq!((work.part, work.leg), (WorkPart::Lead, 2));
    assert!(work.summary.contains("楼上噪声"), "{}", work.summary);
}

/// From 签收 to 结案, confirmed.
fn work_through(house: &mut House, case: huying_domain::ids::CaseId) {
    house.act(GRID, case, Ask::Accept);
    house.act(GRID, case, Ask::Contact { reached: true });
    house.act(GRID, case, Ask::Resolve { result: "已劝止".to_owned(), evidence: Vec::new() });
    house.act("centre", case, Ask::Check { passed: true, note: "属实".to_owned() });
    let answer = Ask::Answer {
        when: house.now,
        contacted: "来电人".to_owned(),
        done: "已劝止".to_owned(),
        by_when: None,
    };
    house.act("centre", case, answer);
    house.pass(1);
    tell(house, case);
    let verdict = huying_domain::event::feedback::Verdict {
        contacted: true,
        solved: huying_domain::vocabulary::Solved::Yes,
        grade: None,
        beyond: None,
    };
    house.act("centre", case, Ask::CallBack { way: CallBackWay::Phone, verdict: Some(verdict) });
    house.pass(1);
    if house.engine.state().case(case).is_some() {
        let reason = String::new();
        house.act("centre", case, Ask::Close { condition: CloseCondition::Confirmed, reason });
    }
    house.pass(1);
    assert!(house.engine.state().case(case).is_none(), "it is closed");
}

fn tell(house: &mut House, case: huying_domain::ids::CaseId) {
    use huying_domain::event::Event;
    let asked =
        house.records().into_iter().flat_map(|record| record.parts).flat_map(|part| part.events).find_map(
            |event| match event {
                Event::TellAsked(event) => Some(event.channel),
                _ => None,
            },
        );
    let channel = asked.expect("the feedback station asked to tell the caller");
    house.act("centre", case, Ask::ConfirmTold { channel, receipt: "test".to_owned() });
    house.pass(1);
}

#[test]
fn a_reminder_is_heard_by_whoever_listens_and_one_that_waited_too_long_by_nobody() {
    let mut nats = Nats::new();
    let mut house = House::new(&nats, 1);
    let case = house.call(1);
    house.caught_up();
    let eye = nats.eye();
    let mut heard = eye
        .runtime
        .block_on(eye.link.client().subscribe(format!("huying.v1.notice.{GRID}.*")))
        .expect("a subscription");
    eye.runtime.block_on(eye.link.client().flush()).expect("flushed");
    house.act("centre", case, Ask::Remind { note: "请尽快".to_owned() });
    let sent = |house: &House| house.engine.metrics().text().contains("huying_notices_sent_total 1");
    house.until("the reminder is sent", sent);
    let message = eye.runtime.block_on(heard.next()).expect("a message");
    assert_eq!(message.subject.as_str(), format!("huying.v1.notice.{GRID}.reminder"));
    let notice: Notice = serde_json::from_slice(&message.payload).expect("a notice");
    assert_eq!(notice.case, Some(case));
    assert_eq!(notice.by, Some(unit("centre")));
    assert!(!notice.words.zh.contains("请尽快"), "a person's own words stay in the case");

    nats.stop();
    house.until("NATS is away", |house| !house.nerves.as_ref().expect("they run").link().state().up);
    house.act("centre", case, Ask::Remind { note: "再催".to_owned() });
    house.pass(3_600);
    nats.start();
    let dropped = |house: &House| house.engine.metrics().text().contains("huying_notices_expired_total 1");
    house.until("the late reminder is dropped", dropped);
    let late =
        eye.runtime.block_on(async { tokio::time::timeout(Duration::from_millis(300), heard.next()).await });
    assert!(late.is_err(), "nobody is told late");
}
