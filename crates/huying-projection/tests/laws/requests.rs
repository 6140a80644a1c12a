//! What everybody may see of cases: since when, how far, by when; and what nobody sees.

use crate::{
    story,
    town::{
        MORNING, Town, answer, assign, call_back, check, close, filing, id, register, resolve, tell, told,
    },
};
use huying_domain::{
    command::Ask,
    event::collect::{Filing, Guide},
    record::Record,
    time::Timestamp,
    vocabulary::{
        CaseKind, Channel, Clock, CloseCondition, RefusalGround, Rung, Solved, Tag,
        governed::SuspensionGround,
    },
};
use huying_projection::requests::{Request, Requests, standing::Standing};

fn requests(records: &[Record]) -> Requests {
    let mut requests = Requests::default();
    records.iter().for_each(|record| requests.follow(record));
    requests
}

#[track_caller]
fn shown(town: &Town, number: u64) -> Request {
    requests(&town.records).shown(id(number)).cloned().expect("everybody may see it")
}

#[test]
fn a_request_is_expected_at_the_instant_at_which_the_resolve_clock_is_due() {
    let mut town = Town::new();
    let number = town.handling("light");
    let due = town
        .case(number)
        .clocks
        .iter()
        .find(|running| running.clock == Clock::Resolve)
        .map(|clock| clock.due);
    let request = shown(&town, number);
    assert!(due.is_some() && request.expected() == due, "{:?} {due:?}", request.expected());
    assert_eq!((request.standing, request.closed_at), (Standing::Accepted, None));
    town.wait(30).must("grid-1", number, resolve());
    let request = shown(&town, number);
    assert_eq!(
        (request.expected(), request.standing, request.updated_at),
        (due, Standing::Resolved, town.now)
    );
}

#[test]
fn at_rest_nothing_is_expected_and_the_ground_is_told() {
    let mut town = Town::new();
    let number = town.handling("light");
    let (ground, until) = (SuspensionGround::Planned, town.now.plus_seconds(40 * 86_400));
    town.must("grid-1", number, Ask::Suspend { ground, until, reason: "待立项".to_owned() });
    town.must("centre/li", number, Ask::Grant { note: String::new() });
    let request = shown(&town, number);
    assert_eq!((request.expected(), request.standing), (None, Standing::Suspended(ground, until)));
    town.wait(60).must("centre/li", number, Ask::Resume);
    let request = shown(&town, number);
    assert!(request.expected().is_some_and(|due| due > town.now), "{:?}", request.expected());
    assert_eq!(request.standing, Standing::Resumed);
}

#[test]
fn a_request_is_closed_when_the_case_is_and_open_again_when_it_is_reopened() {
    let mut town = Town::new();
    let number = town.handling("light");
    town.must("grid-1", number, resolve()).must("centre/qian", number, check(true));
    town.must("centre", number, answer()).must("centre", number, tell()).must("centre", number, told());
    town.wait(10).must("centre", number, call_back(Solved::Yes));
    assert_eq!(shown(&town, number).closed_at, None, "told is not closed");
    town.wait(10).must("centre", number, close(CloseCondition::Confirmed));
    let request = shown(&town, number);
    assert_eq!((request.closed_at, request.updated_at), (Some(town.now), town.now));
    assert_eq!(request.standing, Standing::Closed(CloseCondition::Confirmed));
    town.wait(10).must("centre", number, Ask::Reopen { reason: crate::town::words("仍不亮") });
    let request = shown(&town, number);
    assert_eq!((request.closed_at, request.standing), (None, Standing::Reopened));
    assert_eq!(request.filed_at, MORNING.parse::<Timestamp>().expect("an instant"), "filed once");
}

#[test]
fn what_is_nobodys_business_is_shown_to_nobody_from_the_first_record_on_or_from_the_mark_on() {
    let hidden = [
        Filing { tags: vec![Tag::Confidential], ..filing("light") },
        Filing { tags: vec![Tag::Sensitive], ..filing("light") },
        Filing { kind: CaseKind::Accusation, ..filing("light") },
        Filing { channel: Channel::Device, ..filing("light") },
    ];
    for one in hidden {
        let mut town = Town::new();
        town.must("centre", 0, Ask::Register(Box::new(one.clone())));
        let requests = requests(&town.records);
        assert!(requests.shown(id(1)).is_none() && requests.newest().next().is_none(), "{one:?}");
        assert!(requests.holds(id(1)) && requests.is_open(id(1)), "it is there all the same");
    }
    let mut town = Town::new();
    town.must("centre", 0, register("light"));
    assert!(requests(&town.records).shown(id(1)).is_some());
    town.must("centre", 1, Ask::Tag { tags: vec![Tag::Confidential] });
    assert!(requests(&town.records).shown(id(1)).is_none());
}

#[test]
fn the_newest_stands_first_and_whoever_has_it_is_named() {
    let mut town = Town::new();
    town.must("centre", 0, register("light")).wait(1).must("centre", 0, register("light"));
    town.must("centre", 1, assign("grid-1", Rung::Grid));
    let ground = RefusalGround::BeyondDuty;
    town.wait(1).must(
        "centre",
        2,
        Ask::Refuse {
            ground, reason: "请找王小明".to_owned(), guide: Some(Guide::Way("市场".to_owned()))
        },
    );
    let requests = requests(&town.records);
    let newest: Vec<_> =
        requests.newest().map(|request| (request.case, request.holder.to_string())).collect();
    assert_eq!(newest, [(id(2), "centre".to_owned()), (id(1), "grid-1".to_owned())]);
    assert_eq!(shown(&town, 2).standing, Standing::Refused(ground), "the listed ground, and no written word");
    town.must("centre", 2, answer()).must("centre", 2, tell()).must("centre", 2, told());
    town.must("centre", 2, close(CloseCondition::Refused));
    assert_eq!(shown(&town, 2).unhandled, Some(Standing::Refused(ground)), "that stays the reason");
}

#[test]
fn a_closed_request_is_let_go_after_its_time_and_an_open_one_never() {
    let mut town = story::day();
    let closed = requests(&town.records).newest().filter(|request| request.closed_at.is_some()).count();
    let open = requests(&town.records).newest().count() - closed;
    assert!(closed > 0 && open > 0);
    town.wait(401 * 24 * 60).must("centre", 0, register("light"));
    let requests = requests(&town.records);
    assert_eq!(requests.newest().filter(|request| request.closed_at.is_some()).count(), 0);
    assert_eq!(requests.newest().count(), open + 1);
}
