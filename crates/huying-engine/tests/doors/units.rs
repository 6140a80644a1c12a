//! Deeds: from signing to the result, and who may know the caller.

use crate::{
    house::{House, case, denied, wait},
    making::{WEDNESDAY_9, at},
};
use huying_bus::{
    message::answer::{CallAnswer, UnitReply},
    subject::token::Verb,
};
use huying_domain::{
    event::Event,
    ids::{CaseId, SourceId, UnitId},
    vocabulary::{Channel, Stage},
};
use huying_engine::doors::{calls::Naming, reveal::READINGS_PER_REQUEST_MAX, status::Sees};

const REVEAL: &str = r#"{"verb":"reveal","with":{"purpose":"上门前联系"}}"#;
const ACCEPT: &str = r#"{"verb":"accept"}"#;

fn house(dir: &tempfile::TempDir) -> House {
    House::open(dir.path(), at(WEDNESDAY_9), 1)
}

/// A call about noise that the first grid has been given.
fn given(house: &House, name: &str, more: &str) -> CaseId {
    let call = format!(
        r#"{{"external_id":"{name}","class":"noise.neighbour","words":"楼上太吵",
            "caller":{{"number":"13912345678","name":"王小明","home":"站前路1号"}},
            "place":{{"area":"211081001001001"}}{more}}}"#
    );
    let answers = house.send(&call);
    house.settle();
    case(&answers[0])
}

fn done(reply: &UnitReply) -> u64 {
    match reply {
        UnitReply::Done { seq, .. } => *seq,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_unit_signs_works_and_resolves_and_each_is_a_record_in_its_name() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let case = given(&house, "T-1", "");
    assert_eq!(house.status(case).holder.as_str(), "grid-1-1");
    done(&house.deed("grid-1-1", "a", case, ACCEPT));
    done(&house.deed("grid-1-1", "b", case, r#"{"verb":"contact","with":{"reached":true}}"#));
    let arrive = r#"{"verb":"arrive","with":{"point":{"lon":116.41024449916938,"lat":39.91640428150164,"system":"gcj02"}}}"#;
    done(&house.deed("grid-1-1", "c", case, arrive));
    done(&house.deed("grid-1-1", "d", case, r#"{"verb":"progress","with":{"note":"已敲门"}}"#));
    let resolve = r#"{"verb":"resolve","with":{"result":"已劝导"}}"#;
    let seq = done(&house.deed("grid-1-1", "e", case, resolve));
    let UnitReply::Done { seq: same, repeat: true, .. } = house.deed("grid-1-1", "e", case, resolve) else {
        panic!("sent again, it is the first answer again")
    };
    assert_eq!(seq, same);
    let status = house.status(case);
    assert_eq!(status.stage, Stage::Resolved);
    assert!(status.timeline.iter().any(|line| line.event.starts_with("case.resolved")));
    let records = house.records();
    let resolved = records.iter().find(|record| record.seq == seq).expect("it is on the platter");
    assert_eq!(resolved.actor.unit.as_str(), "grid-1-1");
    assert_eq!(resolved.actor.person.as_ref().map(huying_domain::ids::PersonId::as_str), Some("li"));
    let arrived = records.iter().flat_map(|record| &record.parts).flat_map(|part| &part.events);
    let place = arrived.clone().find_map(|event| match event {
        Event::Arrived(event) => event.place,
        _ => None,
    });
    let (lon, lat) = place.expect("a point").degrees();
    assert!((lon - 116.404).abs() < 1e-6 && (lat - 39.915).abs() < 1e-6, "{lon} {lat}");
}

#[test]
fn who_speaks_out_of_turn_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let case = given(&house, "T-1", "");
    assert_eq!(denied(&house.deed("police", "a", case, ACCEPT)).0, "not_yours");
    assert_eq!(denied(&house.deed("grid-1-1", "b", CaseId::new(0, 99), ACCEPT)).0, "unknown_case");
    let extend = r#"{"verb":"extend","with":{"until":"2026-12-01T00:00:00Z","reason":"缺料"}}"#;
    assert_eq!(denied(&house.deed("grid-1-1", "c", case, extend)), ("wrong_stage", ""));
    let unit: UnitId = "grid-1-1".parse().expect("one token");
    let say = |verb: Verb, body: &str| wait(house.doors.unit(&unit, verb, body.as_bytes(), true));
    let body =
        format!(r#"{{"id":"x","case":"{case}","deed":{{"verb":"resolve","with":{{"result":"好"}}}}}}"#);
    assert_eq!(denied(&say(Verb::Accept, &body)), ("verb_mismatch", "deed.verb"));
    assert_eq!(denied(&say(Verb::Accept, "{")), ("not_json", ""));
    assert_eq!(denied(&say(Verb::Accept, r#"{"id":"x","cas":"0-1"}"#)), ("bad_shape", "cas"));
    let colour =
        format!(r#"{{"id":"x","case":"{case}","deed":{{"verb":"resolve","with":{{"resutl":"好"}}}}}}"#);
    assert_eq!(denied(&say(Verb::Resolve, &colour)), ("bad_shape", "deed.with.resutl"));
    let stale = format!(r#"{{"id":"x","case":"{case}","saw":1,"deed":{{"verb":"accept"}}}}"#);
    assert_eq!(denied(&say(Verb::Accept, &stale)).0, "stale");
}

#[test]
fn a_note_is_redacted_and_what_was_taken_out_is_sealed() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let case = given(&house, "T-1", "");
    done(&house.deed("grid-1-1", "a", case, ACCEPT));
    let note = r#"{"verb":"progress","with":{"note":"已致电13912345678，本人不在"}}"#;
    let seq = done(&house.deed("grid-1-1", "b", case, note));
    let records = house.records();
    let record = records.iter().find(|record| record.seq == seq).expect("it is there");
    assert!(record.sealed.is_some());
    assert!(!format!("{:?}", record.parts).contains("1391234"));
    let opened = house.reader.open_sealed(case, record).expect("the key is there").expect("it is sealed");
    assert!(opened.remarks.expect("kept").contains("13912345678"));
}

#[test]
fn the_holder_is_told_the_caller_and_the_reading_is_a_record_first() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let case = given(&house, "T-1", "");
    let UnitReply::Revealed { seq, caller } = house.deed("grid-1-1", "r", case, REVEAL) else {
        panic!("the holder may know")
    };
    assert_eq!(caller.number.as_ref().map(|number| number.as_str()), Some("13912345678"));
    assert_eq!(caller.name.as_ref().map(|name| name.as_str()), Some("王小明"));
    assert_eq!(caller.home.as_ref().map(|home| home.as_str()), Some("站前路1号"));
    let readings = || {
        let records = house.records();
        let is = |record: &&huying_domain::record::Record| {
            record.parts.iter().flat_map(|part| &part.events).any(|event| matches!(event, Event::Revealed(_)))
        };
        records.iter().filter(is).map(|record| record.seq).collect::<Vec<_>>()
    };
    assert_eq!(readings(), [seq]);
    // Asked again with the same id, it is told again, and that is a second reading.
    for _ in 1..READINGS_PER_REQUEST_MAX {
        assert!(matches!(house.deed("grid-1-1", "r", case, REVEAL), UnitReply::Revealed { .. }));
    }
    assert_eq!(readings().len() as u64, READINGS_PER_REQUEST_MAX);
    assert_eq!(denied(&house.deed("grid-1-1", "r", case, REVEAL)).0, "read_too_often");
    assert!(!format!("{:?}", house.status(case)).contains("1391234"));
}

#[test]
fn the_caller_is_not_told_to_others_nor_afterwards_nor_where_somebody_can_read_along() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let case = given(&house, "T-1", "");
    assert_eq!(denied(&house.deed("police", "r", case, REVEAL)).0, "not_yours");
    assert_eq!(denied(&house.deed("street-1", "r", case, REVEAL)).0, "not_yours");
    let before = house.records().len();
    assert_eq!(denied(&house.deed_over("grid-1-1", "r", case, REVEAL, false)).0, "link_not_private");
    assert_eq!(house.records().len(), before, "nothing was read, so nothing is recorded");
    assert!(matches!(house.deed("grid-1-1", "r", case, REVEAL), UnitReply::Revealed { .. }));
    let back =
        r#"{"verb":"return","with":{"ground":"not_our_duty","reason":"非本单位职责","proposed":null}}"#;
    done(&house.deed("grid-1-1", "b", case, back));
    let reply = house.deed("grid-1-1", "r", case, REVEAL);
    assert_eq!(denied(&reply).0, "not_yours", "the same request, after the case has left its hands");
}

#[test]
fn a_protected_caller_is_told_to_no_handler() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let secret = given(&house, "T-1", r#","confidential":true"#);
    assert_eq!(denied(&house.deed("grid-1-1", "r1", secret, REVEAL)).0, "confidential");
    let accusing = given(&house, "T-2", r#","kind":"accusation""#);
    let holder = house.status(accusing).holder;
    assert_eq!(denied(&house.deed(holder.as_str(), "r2", accusing, REVEAL)).0, "accuser_protected");
    let about = given(&house, "T-3", r#","accused":"grid-1-1""#);
    let reply = house.deed("grid-1-1", "r3", about, REVEAL);
    assert_eq!(denied(&reply).0, "not_yours", "it was never given to whom it is about");
    assert!(matches!(house.deed("centre", "r4", secret, REVEAL), UnitReply::Revealed { .. }));
}

#[test]
fn a_case_is_shown_to_the_source_that_brought_it_without_person_or_number() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir);
    let case = given(&house, "T-1", "");
    done(&house.deed("grid-1-1", "a", case, ACCEPT));
    let (own, other): (SourceId, SourceId) = ("hotline".parse().expect("a"), "app".parse().expect("b"));
    let status = wait(house.doors.case_status(case, Sees::Own(&own))).expect("its own");
    assert!(!status.clocks.is_empty() && status.word.is_some());
    let said = serde_json::to_string(&status).expect("JSON");
    for secret in ["1391234", "王小明", "站前路", "太吵", "\"li\""] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
    let refused = wait(house.doors.case_status(case, Sees::Own(&other))).expect_err("another's");
    assert_eq!(refused.code, "unknown_case");
    assert!(matches!(
        &house.send_as("app", Channel::App, &Naming::Fresh, r#"{"words":"a"}"#)[0],
        CallAnswer::Taken { .. }
    ));
}
