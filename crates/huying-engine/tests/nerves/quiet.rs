//! Quiet hours: reminders let people sleep, an alarm does not.

use crate::house::*;
use futures::StreamExt as _;
use huying_domain::{
    command::Ask,
    vocabulary::governed::{SupervisionDegree, SupervisionGround},
};
use std::time::Duration;

const QUIET: &str = r#"
[quiet]
source = "made up for tests"
from = "22:00"
to = "07:00"
"#;

fn remind() -> Ask {
    Ask::Remind { note: "请尽快".to_owned() }
}

fn counted(house: &House, name: &str) -> u64 {
    let text = house.engine.metrics().text();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")).map(str::to_owned));
    line.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[test]
fn at_night_a_reminder_lets_people_sleep_and_by_day_it_and_a_supervision_are_heard() {
    let nats = Nats::new();
    let mut house = House::under(QUIET, &nats, 31);
    let case = house.call(1);
    house.caught_up();
    let eye = nats.eye();
    let of_grid = eye.link.client().subscribe(format!("huying.v1.notice.{GRID}.*"));
    let mut heard = eye.runtime.block_on(of_grid).expect("a subscription");
    eye.runtime.block_on(eye.link.client().flush()).expect("flushed");

    house.act("centre", case, remind());
    house.until("it is sent by day", |house| counted(house, "huying_notices_sent_total") == 1);
    let by_day = eye.runtime.block_on(heard.next()).expect("a message");
    assert!(by_day.subject.as_str().ends_with(".reminder"));
    house.act(
        "centre",
        case,
        Ask::Supervise {
            degree: SupervisionDegree::Listed,
            ground: SupervisionGround::Repeated,
            note: "三日内办结".to_owned(),
        },
    );
    house.until("so is a supervision", |house| counted(house, "huying_notices_sent_total") == 2);
    let supervised = eye.runtime.block_on(heard.next()).expect("a message");
    assert!(supervised.subject.as_str().ends_with(".supervision"));
    assert!(
        !String::from_utf8_lossy(&supervised.payload).contains("三日内"),
        "a person's words stay in the case"
    );

    // At eleven at night, of a new call that the grid has.
    house.pass(14 * 3_600);
    let case = house.call(2);
    house.caught_up();
    let kept = counted(&house, "huying_notices_quiet_total");
    house.act("centre", case, remind());
    house.until("it is kept back", |house| counted(house, "huying_notices_quiet_total") > kept);
    let silence = async { tokio::time::timeout(Duration::from_millis(300), heard.next()).await };
    assert!(eye.runtime.block_on(silence).is_err(), "nobody of an office is told, then or later");
}
