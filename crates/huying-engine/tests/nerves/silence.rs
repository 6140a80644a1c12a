//! A department whose client never acknowledges shows as silent before its first limit passes.

use crate::house::*;
use async_nats::jetstream::consumer::pull;
use futures::StreamExt as _;
use huying_bus::stream::Stream;
use huying_domain::{command::Ask, ids::UnitId};

fn silent(house: &House) -> Vec<UnitId> {
    house.engine.views().delivery.silent().map(|(unit, _)| unit.clone()).collect()
}

#[test]
fn a_unit_whose_client_never_acknowledges_is_silent_before_its_first_limit_and_one_that_does_is_not() {
    let nats = Nats::new();
    let mut house = House::new(&nats, 1);
    let case = house.call(1);
    house.caught_up();
    let department = nats.department();
    assert_eq!(department.fetch(false), 1, "it fetches and does not acknowledge");
    // Signing is due after two working hours.
    house.pass(50 * 60);
    let read = |house: &House| house.engine.views().delivery.at == Some(house.now);
    house.until("delivery is read", read);
    assert_eq!(silent(&house), [], "there is time yet");
    let shown = house.engine.views().delivery.units[&unit(GRID)];
    assert_eq!((shown.arrival.sent, shown.arrival.delivered, shown.arrival.acked), (1, 1, 0));
    assert_eq!(shown.oldest_unaccepted_s, Some(50 * 60));

    house.pass(20 * 60);
    house.until("delivery is read", read);
    assert_eq!(silent(&house), [unit(GRID)], "seventy minutes of a hundred and twenty have passed");
    let first =
        house.engine.views().delivery.silent().next().map(|(_, silent)| *silent).expect("it is silent");
    assert_eq!(first.case, case);
    assert!(first.due > house.now, "the limit has not passed");
    let shown =
        |house: &House| house.engine.metrics().text().contains("huying_unit_silent{unit=\"grid-1-1\"} 1");
    house.until("an operator sees it", shown);

    // Accepted by telephone: whoever works is not silent, whatever the client does.
    house.act(GRID, case, Ask::Accept);
    house.until("delivery is read", read);
    house.until("the unit works", |house| silent(house).is_empty());
    house.pass(60);
    house.call(2);
    house.caught_up();
    while department.fetch(true) > 0 {}
    house.pass(100 * 60);
    house.until("delivery is read", read);
    assert_eq!(silent(&house), [], "what is acknowledged was heard");
}

#[test]
fn consumers_come_and_go_with_the_accounts() {
    let nats = Nats::new();
    let mut house = House::new(&nats, 1);
    house.call(1);
    house.caught_up();
    let eye = nats.eye();
    let names = || -> Vec<String> {
        eye.runtime.block_on(async {
            let stream =
                eye.link.jetstream().get_stream(Stream::Assignments.name()).await.expect("it is there");
            let mut names: Vec<String> =
                stream.consumer_names().map(|name| name.expect("a name")).collect().await;
            names.retain(|name| name.starts_with("unit"));
            names.sort();
            names
        })
    };
    assert_eq!(names(), ["unit-grid-1-1"]);
    house.subscribers.send_modify(|who| {
        who.units = [unit("water"), unit("urban")].into();
        who.all_units = true;
    });
    house.until("they are there", |_| names() == ["unit-urban", "unit-water", "units-all"]);
    let stream = eye.runtime.block_on(eye.link.jetstream().get_stream(Stream::Assignments.name()));
    let water = stream.expect("it is there");
    let water: async_nats::jetstream::consumer::Consumer<pull::Config> =
        eye.runtime.block_on(water.get_consumer("unit-water")).expect("its consumer");
    assert_eq!(water.cached_info().config.filter_subject, "huying.v1.assignment.water.*");
}
