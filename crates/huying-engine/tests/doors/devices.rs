//! A device that falls silent is a case; one that is heard is none.

use crate::{
    house::{House, refusal, wait},
    making::{WEDNESDAY_9, at},
};
use huying_bus::message::answer::CallAnswer;
use huying_domain::{ids::CaseId, vocabulary::Channel};
use huying_engine::doors::calls::Naming;
use huying_intake::devices::Devices;

const LIST: &str = "id,source,area,class,every,about\n\
    btn-1,care,211081001001001,device.silent,1uh,站前路1号 王奶奶\n\
    btn-2,care,211081001002001,device.silent,1uh,\n";

fn alive(house: &House, source: &str, device: &str) -> CallAnswer {
    let message = format!(r#"{{"alive":"{device}"}}"#);
    house.send_as(source, Channel::Device, &Naming::Fresh, &message).remove(0)
}

#[test]
fn a_device_that_falls_silent_is_one_case_until_it_is_heard_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let house = House::open(dir.path(), now, 1);
    let desk = house.doors.shared_desk();
    desk.write().expect("nobody panics").set_devices(Some(Devices::parse(LIST, now).expect("it reads")));
    assert_eq!(
        alive(&house, "care", "btn-1"),
        CallAnswer::Heard { device: "btn-1".parse().expect("a name") }
    );
    assert_eq!(refusal(&alive(&house, "care", "btn-9")), ("unknown_device", "alive"));
    assert_eq!(refusal(&alive(&house, "other", "btn-1")), ("unknown_device", "alive"), "another's device");
    assert_eq!(house.cases(), 0, "a sign of life is written nowhere");

    house.wait_until(now.plus_seconds(3_000));
    alive(&house, "care", "btn-1");
    house.wait_until(now.plus_seconds(3_700));
    assert_eq!(wait(house.doors.look_for_silence()), 1, "the other one was never heard");
    assert_eq!(wait(house.doors.look_for_silence()), 0, "it is a case already");
    house.settle();
    let status = house.status(CaseId::new(0, 1));
    assert!(status.timeline.iter().any(|line| line.words.zh.contains("btn-2")));

    house.wait_until(now.plus_seconds(7_000));
    assert_eq!(wait(house.doors.look_for_silence()), 1, "the first fell silent too");
    let records = format!("{:?}", house.records());
    assert!(!records.contains("王奶奶"), "whose it is is sealed");
    alive(&house, "care", "btn-2");
    house.wait_until(now.plus_seconds(11_000));
    assert_eq!(wait(house.doors.look_for_silence()), 1, "silent once more");
    assert_eq!(house.cases(), 3);
}
