//! A one-key alarm at two in the night, over a real server: who is woken, who has it, who learns of it.

use crate::{house::*, making::*};
use async_nats::Subscriber;
use futures::StreamExt as _;
use huying_bus::message::answer::UnitReply;
use huying_domain::{
    command::{Ask, Command},
    ids::CaseId,
    refusal::Refusal,
    vocabulary::{Channel, EmergencyLine, Rung, Stage},
};
use std::{collections::BTreeSet, time::Duration};

/// Saturday, in the quiet hours and outside every office's.
const NIGHT: &str = "2026-11-21T02:00:00+08:00";
const QUIET: &str = r#"
[quiet]
source = "made up for tests"
from = "22:00"
to = "07:00"
"#;

fn press(house: &mut House) -> CaseId {
    let mut command: Command = call(1);
    let Ask::Register(filing) = &mut command.ask else { panic!("a call is filed") };
    filing.channel = Channel::Device;
    filing.brief.class = "alarm.press".parse().expect("a class");
    let now = house.now;
    must(&mut house.engine, now, command).case.expect("a press becomes a case")
}

/// The units that hear an alarm, until as many have.
fn woken(house: &mut House, eye: &Eye, heard: &mut Subscriber, count: usize) -> BTreeSet<String> {
    let mut units = BTreeSet::new();
    house.until("all of the ring are woken", |_| {
        let next = async { tokio::time::timeout(Duration::from_millis(1), heard.next()).await };
        if let Ok(Some(message)) = eye.runtime.block_on(next) {
            let unit = message.subject.as_str().split('.').nth(3).expect("a unit stands in it");
            units.insert(unit.to_owned());
        }
        units.len() >= count
    });
    units
}

#[test]
fn a_press_in_the_night_wakes_a_ring_then_the_next_and_the_first_who_answers_has_it() {
    let nats = Nats::new();
    let mut house = House::under(QUIET, &nats, 41);
    house.pass(at(NIGHT).seconds_since(house.now));
    let eye = nats.eye();
    let mut heard =
        eye.runtime.block_on(eye.link.client().subscribe("huying.v1.notice.*.alarm")).expect("heard");
    eye.runtime.block_on(eye.link.client().flush()).expect("flushed");

    let case = press(&mut house);
    let first = woken(&mut house, &eye, &mut heard, 3);
    assert_eq!(first, ["community-1", GRID, "urban"].map(str::to_owned).into());
    house.pass(60);
    let second = woken(&mut house, &eye, &mut heard, 2);
    assert_eq!(second, ["centre", "street-1"].map(str::to_owned).into(), "the next ring, a minute later");

    // The first ring may still answer: the grid does, by its own account.
    let grid = nats.department();
    let body = format!(r#"{{"id":"a-1","case":"{case}","deed":{{"verb":"accept"}}}}"#);
    let client = grid.link.client().clone();
    let asked = grid
        .runtime
        .spawn(async move { client.request(format!("huying.v1.as.{GRID}.accept"), body.into()).await });
    house.until("the grid is answered", |_| asked.is_finished());
    let answer = grid.runtime.block_on(asked).expect("it ran").expect("an answer");
    let reply: UnitReply = serde_json::from_slice(&answer.payload).expect("the form of a reply");
    assert!(matches!(reply, UnitReply::Done { .. }), "{reply:?}");
    let late = Command { case: Some(case), ..act(9, "centre", Some(case), Ask::Accept) };
    let now = house.now;
    let late = ask(&mut house.engine, now, late);
    assert!(matches!(late, Err(Refusal::AlarmAnswered { .. })), "{late:?}");
    let has = |house: &House| {
        let case = house.engine.state().case(case).expect("it is open");
        (case.stage, case.holder.to_string(), case.rung)
    };
    assert_eq!(has(&house), (Stage::Handling, GRID.to_owned(), Rung::Grid));

    house.act(
        "centre",
        case,
        Ask::Refer { line: EmergencyLine::Ambulance, receipt: Some("120-7".to_owned()) },
    );
    house.until("no ring sounds after that", |house| {
        house.engine.state().case(case).is_none_or(|case| !case.rings())
    });
    house.pass(600);
    house.caught_up();
    let silence = async { tokio::time::timeout(Duration::from_millis(200), heard.next()).await };
    assert!(eye.runtime.block_on(silence).is_err(), "nobody is woken again");
}
