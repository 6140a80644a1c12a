//! Calls: taken once, answered each, refused with the field.

use crate::{
    house::{House, case, joining, refusal, wait},
    making::{self, WEDNESDAY_9, at, start_under},
};
use huying_bus::message::{answer::CallAnswer, call::CALLS_PER_MESSAGE_MAX};
use huying_domain::{
    ids::{CaseId, UnitId},
    record::{CommandId, RuleFile},
    refusal::Refusal,
    vocabulary::{Channel, Stage},
};
use huying_engine::doors::calls::{Caller, Naming};
use std::{sync::Barrier, thread};

const GRID: &str = "211081001001001";

fn house(dir: &tempfile::TempDir) -> House {
    House::around(start_under(dir.path(), at(WEDNESDAY_9), 1, joining()), 1)
}

/// A call from the first grid, named by its source, somewhere in the grid.
fn call(name: &str, class: &str, lon: f64) -> String {
    format!(
        r#"{{"external_id":"{name}","class":"{class}","words":"楼上太吵，电话13912345678",
            "caller":{{"number":"13912345678","name":"王小明"}},
            "place":{{"area":"{GRID}","point":{{"lon":{lon},"lat":41.4}}}}}}"#
    )
}

fn noise(name: &str) -> String {
    call(name, "noise.neighbour", 123.3)
}

#[test]
fn a_call_is_a_case_and_sent_again_it_is_the_same_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let first = house.send(&noise("T-1"));
    let CallAnswer::Taken { external_id: Some(name), repeat: false, lead: None, .. } = &first[0] else {
        panic!("{first:?}")
    };
    assert_eq!(name.as_str(), "T-1");
    let again = house.send(&noise("T-1"));
    assert!(
        matches!(&again[0], CallAnswer::Taken { case: same, repeat: true, .. } if *same == case(&first[0]))
    );
    let other = house.send(&noise("T-1").replace("太吵", "漏水"));
    assert_eq!(refusal(&other[0]).0, "reused_id");
    assert_eq!(house.cases(), 1);
}

#[test]
fn a_call_that_joined_stays_joined_when_it_is_sent_again_after_a_restart_and_new_rules() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let first = {
        let house = house(&dir);
        house.send(&noise("T-1"));
        let joined = house.send(&noise("T-2"));
        assert!(matches!(&joined[0], CallAnswer::Taken { lead: Some(_), repeat: false, .. }), "{joined:?}");
        joined
    };
    // The lead is settled meanwhile, and days have passed: a new call would not join any more.
    let mut engine = making::start(dir.path(), now, 2);
    let lead = match &first[0] {
        CallAnswer::Taken { lead, .. } => *lead,
        CallAnswer::Refused { .. } => None,
        CallAnswer::Heard { device } => panic!("heard of {device}"),
    };
    let cancel = huying_domain::command::Ask::Cancel {
        ground: huying_domain::vocabulary::CancelGround::Void,
        reason: "空号".to_owned(),
    };
    making::must(&mut engine, now, making::act(1, "centre", lead, cancel));
    let policy = making::POLICY.replace("returns_max = 2", "returns_max = 3");
    let hash = huying_engine::rulebook::keep(
        &huying_journal::disk::real::RealDisk::new(dir.path()).expect("the folder is there"),
        policy.as_bytes(),
    );
    let publish = huying_domain::command::Ask::PublishRules {
        file: RuleFile::Policy,
        hash: hash.expect("it is kept"),
        bytes: policy.len() as u64,
    };
    making::must(&mut engine, now, making::act(2, "centre", None, publish));
    let house = House::around(engine, 2);
    house.wait_until(now.plus_seconds(9 * 86_400));
    let again = house.send(&noise("T-2"));
    let CallAnswer::Taken { case: same, lead: still, repeat: true, .. } = &again[0] else {
        panic!("{again:?}")
    };
    assert_eq!((*same, *still), (case(&first[0]), lead));
    let fresh = house.send(&noise("T-3"));
    assert!(matches!(&fresh[0], CallAnswer::Taken { lead: None, .. }), "{fresh:?}");
}

#[test]
fn who_speaks_with_the_caller_joins_and_not_the_desk() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let lead = case(&house.send(&noise("P-1"))[0]);
    let person = Some("li".parse().expect("a person"));
    let seat =
        Caller { source: "hotline".parse().expect("one token"), channel: Channel::Call, person, unit: None };
    let by_hand = wait(house.doors.calls(&seat, &Naming::Fresh, noise("P-2").as_bytes())).answers;
    assert!(matches!(&by_hand[0], CallAnswer::Taken { lead: None, .. }), "{by_hand:?}");
    let by_feed = house.send(&noise("P-3"));
    let CallAnswer::Taken { lead: Some(joined), .. } = &by_feed[0] else { panic!("{by_feed:?}") };
    assert!([lead, case(&by_hand[0])].contains(joined));

    let says = |name: &str, of: CaseId| noise(name).replacen('{', &format!(r#"{{"follows":"{of}","#), 1);
    let told = wait(house.doors.calls(&seat, &Naming::Fresh, says("P-4", lead).as_bytes())).answers;
    assert!(matches!(&told[0], CallAnswer::Taken { lead: Some(said), .. } if *said == lead), "{told:?}");
    // Where the case takes nobody the person decides anew; nothing is made of it behind their back.
    let (cases, nobody) = (house.cases(), CaseId::new(0, 999));
    let refused = wait(house.doors.calls(&seat, &Naming::Fresh, says("P-5", nobody).as_bytes())).answers;
    assert_eq!(refusal(&refused[0]).0, "unknown_case");
    assert_eq!(house.cases(), cases);
}

#[test]
fn two_neighbours_in_one_message_are_one_matter_and_two_places_are_two() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let message = format!("[{},{},{}]", noise("A"), call("B", "noise.neighbour", 123.31), noise("C"));
    let answers = house.send(&message);
    let leads: Vec<_> = answers
        .iter()
        .map(|answer| match answer {
            CallAnswer::Taken { lead, .. } => *lead,
            CallAnswer::Refused { .. } => panic!("{answer:?}"),
            CallAnswer::Heard { device } => panic!("heard of {device}"),
        })
        .collect();
    assert_eq!(leads, [None, None, Some(case(&answers[0]))]);
    // The same message once more: three repeats, each with its own first answer.
    let again = house.send(&message);
    for (first, second) in answers.iter().zip(&again) {
        assert_eq!(case(first), case(second));
        assert!(matches!(second, CallAnswer::Taken { repeat: true, .. }), "{second:?}");
    }
    assert_eq!(house.cases(), 3);
}

/// Sends these messages at one instant, and gives back who leads and who follows whom.
fn at_once(house: &House, messages: &[String]) -> Vec<(CaseId, Option<CaseId>)> {
    let caller = Caller {
        source: "hotline".parse().expect("one token"),
        channel: Channel::Call,
        person: None,
        unit: None,
    };
    let together = Barrier::new(messages.len());
    let told = thread::scope(|scope| {
        let send = |message: &String| {
            together.wait();
            wait(house.doors.calls(&caller, &Naming::Fresh, message.as_bytes())).answers
        };
        let sent: Vec<_> = messages.iter().map(|message| scope.spawn(move || send(message))).collect();
        sent.into_iter().flat_map(|sent| sent.join().expect("it is answered")).collect::<Vec<_>>()
    });
    let lead = |answer: &CallAnswer| match answer {
        CallAnswer::Taken { case, lead, .. } => (*case, *lead),
        CallAnswer::Refused { .. } | CallAnswer::Heard { .. } => panic!("{answer:?}"),
    };
    told.iter().map(lead).collect()
}

#[test]
fn of_all_who_call_about_one_matter_at_one_instant_the_first_leads_and_the_others_follow() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let messages: Vec<_> = (0..8).map(|n| noise(&format!("T-{n}"))).collect();
    let told = at_once(&house, &messages);
    let leads: Vec<_> = told.iter().filter(|(_, lead)| lead.is_none()).collect();
    assert_eq!(leads.len(), 1, "{told:?}");
    assert!(told.iter().all(|(_, lead)| lead.is_none_or(|lead| lead == leads[0].0)), "{told:?}");
    assert_eq!(house.cases(), 8, "each has a case of their own");
}

#[test]
fn messages_that_each_hold_what_the_other_waits_for_are_both_answered() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let message = |n: usize| {
        let mut places = [123.3, 123.4];
        places.rotate_left(n % 2);
        let calls = places.map(|lon| call(&format!("T-{n}-{lon}"), "noise.neighbour", lon));
        format!("[{}]", calls.join(","))
    };
    let messages: Vec<_> = (0..8).map(message).collect();
    let told = at_once(&house, &messages);
    assert_eq!(told.len(), 16);
    assert_eq!(told.iter().filter(|(_, lead)| lead.is_none()).count(), 2, "{told:?}");
}

#[test]
fn of_sixty_four_calls_one_bad_one_is_refused_alone_and_the_others_share_a_batch() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let lon = |n: usize| 123.0 + f64::from(u32::try_from(n).expect("small")) * 0.01;
    let mut calls: Vec<_> =
        (0..CALLS_PER_MESSAGE_MAX).map(|n| call(&format!("T-{n}"), "noise.neighbour", lon(n))).collect();
    calls[17] = calls[17].replace("\"words\"", "\"wrods\"");
    let answers = house.send(&format!("[{}]", calls.join(",")));
    assert_eq!(answers.len(), CALLS_PER_MESSAGE_MAX);
    assert_eq!(refusal(&answers[17]), ("bad_shape", "wrods"));
    assert!(
        matches!(&answers[17], CallAnswer::Refused { external_id: Some(name), .. } if name.as_str() == "T-17")
    );
    assert_eq!(answers.iter().filter(|answer| matches!(answer, CallAnswer::Taken { .. })).count(), 63);
    // In order: the case numbers rise with the places of the calls.
    let cases: Vec<_> = answers.iter().filter(|a| matches!(a, CallAnswer::Taken { .. })).map(case).collect();
    assert!(cases.windows(2).all(|pair| pair[0] < pair[1]), "{cases:?}");
    let metrics = house.handle.look(|engine| engine.metrics().text()).expect("it runs").wait().expect("runs");
    let largest = metrics.lines().find(|line| line.starts_with("huying_batch_records_bucket{le=\"16\"}"));
    let all = metrics.lines().find(|line| line.starts_with("huying_batch_records_count"));
    let number = |line: Option<&str>| line.and_then(|line| line.rsplit(' ').next()).map(str::to_owned);
    assert_ne!(number(largest), number(all), "no batch held more than 16 records:\n{metrics}");
}

#[test]
fn what_cannot_be_read_says_why_and_takes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let one = |message: &str| {
        let answers = house.send(message);
        assert_eq!(answers.len(), 1, "{message:.60}");
        let (code, field) = refusal(&answers[0]);
        (code.to_owned(), field.to_owned())
    };
    let is = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    assert_eq!(one("not json"), is("not_json", ""));
    assert_eq!(one("[]"), is("no_call", ""));
    assert_eq!(one("\u{1}"), is("not_json", ""));
    let many = vec![noise("X"); CALLS_PER_MESSAGE_MAX + 1].join(",");
    assert_eq!(one(&format!("[{many}]")), is("too_many_calls", ""));
    assert_eq!(one(&format!("[\"{}\"]", "x".repeat(600_000))), is("message_too_long", ""));
    assert_eq!(one(r#"{"words":"a","caller":{"nubmer":"139"}}"#), is("bad_shape", "caller.nubmer"));
    assert_eq!(one(r#"{"words":"a","accused":"ghost"}"#), is("unknown_unit", ""));
    assert_eq!(one(r#"{"external_id":"E"}"#), is("missing_class", "class"));
    assert_eq!(house.cases(), 0);
}

#[test]
fn a_call_without_a_name_is_one_case_for_each_sending_unless_the_message_has_a_name() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = House::open(dir.path(), at(WEDNESDAY_9), 1);
    let message = r#"{"words":"楼上太吵"}"#;
    assert_ne!(case(&house.send(message)[0]), case(&house.send(message)[0]));
    let named = |naming: &Naming| case(&house.send_as("app", Channel::App, naming, message)[0]);
    let name = Naming::Message("m-1".to_owned());
    assert_eq!(named(&name), named(&name));
    let inbox = Naming::Inbox(CommandId::of_message(at(WEDNESDAY_9), 7));
    assert_eq!(named(&inbox), named(&inbox));
    assert_eq!(house.cases(), 4);
}

#[test]
fn an_alarm_is_never_joined_and_a_stopping_engine_says_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    for n in 0..3 {
        let alarm = house.send_as("alarms", Channel::Device, &Naming::Fresh, &noise(&format!("D-{n}")));
        assert!(matches!(&alarm[0], CallAnswer::Taken { lead: None, .. }), "{alarm:?}");
    }
    house.handle.stop();
    let late = house.send_as("alarms", Channel::Device, &Naming::Fresh, &noise("D-9"));
    assert_eq!(refusal(&late[0]).0, Refusal::Stopping.code());
}

#[test]
fn a_call_bears_the_centre_as_its_unit_and_nothing_of_the_caller_in_the_clear() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    house.send(&noise("T-1"));
    let records = house.records();
    let record = records.iter().find(|record| record.sealed.is_some()).expect("the call was sealed");
    assert_eq!(record.actor.unit, "centre".parse::<UnitId>().expect("one token"));
    let seen = format!("{record:?}");
    assert!(!seen.contains("1391234") && !seen.contains("王小明") && !seen.contains("太吵"), "{seen}");
}

#[test]
fn what_the_call_taker_settles_on_the_line_is_one_record_and_joins_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let settled = |name: &str, how: &str| noise(name).replacen('{', &format!(r#"{{"settled":{how},"#), 1);
    house.send(&noise("T-1"));
    let way = r#"{"as":"refuse","ground":"other_legal_way","reason":"已说明，13912345678","guide":{"to":"way","what":"仲裁委"}}"#;
    let refused = house.send(&settled("T-2", way));
    assert_eq!(house.status(case(&refused[0])).stage, Stage::Settled, "though T-1 is about the same matter");
    let records = house.records();
    assert!(!format!("{records:?}").contains("13912345678"), "what was said is redacted");
    let owed = house.send(&settled("T-3", r#"{"as":"refuse","ground":"beyond_duty","reason":"已说明"}"#));
    assert_eq!(refusal(&owed[0]), ("missing", "guide"));
    let line = house.send(&settled("T-4", r#"{"as":"refer","line":"119","receipt":null}"#));
    assert_eq!(house.status(case(&line[0])).stage, Stage::Settled);
    let odd = house.send(&settled("T-5", r#"{"as":"shrug"}"#));
    assert_eq!(refusal(&odd[0]).0, "bad_shape");
}
