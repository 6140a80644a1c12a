//! Laws of messages: their frozen forms, their bounds, and what they can never hold.

use huying_bus::{
    message::{
        answer::{CallAnswer, InboxReceipt, IntakeReply, RefusalMessage, UnitReply},
        assignment::Assignment,
        call::{CALL_MESSAGE_BYTES_MAX, CALLS_PER_MESSAGE_MAX, Call, Caller, Unsplittable, split},
        deed::{Deed, EVIDENCE_MAX, UnitRequest},
        notice::Notice,
        place::{CoordinateSystem, Degrees},
        tell::{Tell, TellReply},
        text::Text,
    },
    subject::token::Verb,
};
use huying_domain::{ids::CaseId, refusal::Refusal, vocabulary::CaseKind, words::Words};
use proptest::prelude::*;
use schemars::{JsonSchema, schema_for};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::fmt::Debug;

/// The JSON is read as a `T` that is written as the same JSON again: nothing is lost, nothing renamed.
fn frozen<T: Serialize + DeserializeOwned + PartialEq + Debug>(form: Value) -> T {
    let read: T = serde_json::from_value(form.clone()).expect("the frozen form can be read");
    assert_eq!(serde_json::to_value(&read).expect("it can be written"), form);
    read
}

fn refused<T: DeserializeOwned + Debug>(form: Value) -> String {
    serde_json::from_value::<T>(form).expect_err("this form must be refused").to_string()
}

fn full_call() -> Value {
    json!({
        "external_id": "B-2026-77", "occurred_at": "2026-11-22T01:02:03Z", "kind": "complaint",
        "class": "排水", "condition": "井盖缺失", "words": "楼下井盖没了，请快来。",
        "place": {
            "point": {"lon": 113.58, "lat": 22.27, "system": "gcj02"},
            "address": "和平路 8 号门口", "area": "440402001003",
        },
        "caller": {"number": "13800000000", "name": "陈女士", "home": "和平路 10 号"},
        "confidential": true, "accused": "wharf-market", "department": "water",
        "promised_by": "2026-11-24T10:00:00Z",
    })
}

#[test]
fn the_form_of_a_call_is_frozen() {
    let call: Call = frozen(full_call());
    assert_eq!(call.kind, Some(CaseKind::Complaint));
    assert_eq!(
        call.place.unwrap().point,
        Some(Degrees::new(113.58, 22.27, CoordinateSystem::Gcj02).unwrap())
    );
    assert!(call.confidential);
}

#[test]
fn a_call_may_consist_of_words_alone_and_is_then_neither_confidential_nor_in_doubt_about_its_datum() {
    let call: Call = frozen(json!({"words": "路灯不亮"}));
    assert!(!call.confidential);
    let point: Degrees = serde_json::from_value(json!({"lon": 1.0, "lat": 2.0})).unwrap();
    assert_eq!(point.system(), CoordinateSystem::Wgs84);
}

#[test]
fn a_misspelt_mark_is_an_error_and_never_a_caller_laid_bare() {
    let why = refused::<Call>(json!({"words": "…", "confidental": true}));
    assert!(why.contains("confidental"), "{why}");
    refused::<Call>(json!({"words": "…", "caller": {"phone": "1"}}));
    refused::<Call>(json!({"words": "…", "place": {"point": {"lon": 1.0, "lat": 1.0, "datum": "gcj02"}}}));
}

#[test]
fn points_off_the_globe_and_texts_out_of_bounds_are_refused() {
    refused::<Degrees>(json!({"lon": 181.0, "lat": 0.0}));
    refused::<Degrees>(json!({"lon": 0.0, "lat": -90.1}));
    refused::<Text<4>>(json!("12345"));
    refused::<Text<4>>(json!("  "));
    refused::<Text<4>>(json!("a\u{1b}b"));
    frozen::<Text<4>>(json!("一二\n四"));
}

#[test]
fn one_unreadable_call_does_not_take_the_others_with_it() {
    let message = br#" [{"words": "a"}, {"wrods": "b"}, 7, {"words": "c"}]"#;
    let calls = split(message).unwrap();
    let read: Vec<bool> = calls.iter().map(|call| serde_json::from_str::<Call>(call.get()).is_ok()).collect();
    assert_eq!(read, [true, false, false, true]);
}

#[test]
fn a_message_holds_one_call_or_up_to_sixty_four() {
    let many = |n: usize| serde_json::to_vec(&vec![json!({"words": "a"}); n]).unwrap();
    assert_eq!(split(br#"{"words":"a"}"#).unwrap().len(), 1);
    assert_eq!(split(&many(CALLS_PER_MESSAGE_MAX)).unwrap().len(), 64);
    for calls in [0, CALLS_PER_MESSAGE_MAX + 1] {
        assert!(matches!(split(&many(calls)), Err(Unsplittable::WrongCount { calls: n }) if n == calls));
    }
    assert!(matches!(split(b"[{"), Err(Unsplittable::NotJson(_))));
    assert!(matches!(split(b""), Err(Unsplittable::NotJson(_))));
    let long = vec![b' '; CALL_MESSAGE_BYTES_MAX + 1];
    assert!(matches!(split(&long), Err(Unsplittable::TooLong { .. })));
}

#[test]
fn the_forms_of_answers_are_frozen() {
    let reply: IntakeReply = frozen(json!({"answers": [
        {"answer": "taken", "external_id": "B-1", "case": "0-12", "lead": "0-9", "repeat": true},
        {"answer": "taken", "case": "0-13"},
        {"answer": "refused", "refusal":
            {"code": "unknown_class", "zh": "没有这个类别", "en": "no such class", "field": "class"}},
    ]}));
    let CallAnswer::Refused { refusal, external_id: None } = &reply.answers[2] else { panic!("{reply:?}") };
    let words = Words::new("没有这个类别", "no such class");
    let expected = RefusalMessage { code: "unknown_class".into(), words, field: Some("class".into()) };
    assert_eq!(*refusal, expected);
    frozen::<InboxReceipt>(json!({"sequence": 9, "answers": [], "quarantined": true}));
    frozen::<UnitReply>(json!({"answer": "done", "seq": 99, "version": 4}));
    frozen::<UnitReply>(json!({"answer": "revealed", "seq": 99, "caller": {"number": "13800000000"}}));
    frozen::<UnitReply>(json!({"answer": "refused", "refusal": {"code": "not_yours", "zh": "…", "en": "…"}}));
}

#[test]
fn a_refusal_travels_with_its_code_both_languages_and_the_field_to_mend() {
    let message = RefusalMessage::from(&Refusal::Missing("words"));
    let form = serde_json::to_value(&message).unwrap();
    assert_eq!((&form["code"], &form["field"]), (&json!("missing"), &json!("words")));
    assert!(form["zh"].as_str().unwrap().contains("words") && form["en"].as_str().unwrap().contains("words"));
    assert_eq!(RefusalMessage::from(&Refusal::NotYours).field, None);
}

#[test]
fn the_form_of_an_assignment_is_frozen() {
    let assignment: Assignment = frozen(json!({
        "case": "0-12", "seq": 99, "version": 4, "part": "lead", "kind": "complaint", "class": "排水",
        "condition": "井盖缺失", "summary": "井盖缺失", "area": "440402001003", "level": "community",
        "point": {"lon": 113.58, "lat": 22.27}, "rung": "department",
        "reason": {"zh": "派单目录：排水归水务局", "en": "duty list: drains belong to water"},
        "limits": [
            {"clock": "accept", "due": "2026-11-22T02:00:00Z"},
            {"clock": "resolve", "due": "2027-02-22T02:00:00Z", "provisional": true},
        ],
        "lead": "water", "co_handlers": ["street-7"], "tags": ["confidential"], "leg": 1,
    }));
    assert_eq!(assignment.case, CaseId::new(0, 12));
}

#[test]
fn no_field_of_an_assignment_or_notice_can_hold_the_caller() {
    for names in [field_names::<Assignment>(), field_names::<Notice>()] {
        assert!(names.len() > 6, "the schema was not walked: {names:?}");
        for forbidden in
            ["caller", "number", "name", "phone", "home", "address", "words_of_caller", "remarks"]
        {
            assert!(!names.iter().any(|name| name == forbidden), "{forbidden} stands in {names:?}");
        }
    }
}

#[test]
fn the_forms_of_notice_tell_and_receipt_are_frozen() {
    frozen::<Notice>(json!({
        "seq": 7, "at": "2026-11-22T01:02:03Z", "case": "0-12", "by": "centre",
        "words": {"zh": "请尽快", "en": "please hurry"},
        "limit": {"clock": "resolve", "due": "2026-11-22T02:00:00Z"}, "expires_at": "2026-11-22T12:00:00Z",
    }));
    frozen::<Tell>(json!({
        "case": "0-12", "seq": 7, "attempt": 1, "to": "13800000000", "words": {"zh": "已修好", "en": "mended"},
        "expires_at": "2026-11-25T12:00:00Z",
    }));
    frozen::<TellReply>(json!({"answer": "told", "receipt": "sms-1"}));
    frozen::<TellReply>(json!({"answer": "later", "reason": "queue full"}));
    frozen::<TellReply>(json!({"answer": "undeliverable", "reason": "no such number"}));
}

#[test]
fn each_verb_has_one_deed_under_its_own_name() {
    let deeds = [
        json!({"verb": "accept"}),
        json!({"verb": "return",
            "with": {"ground": "not_our_duty", "reason": "市政设施归住建", "proposed": "housing"}}),
        json!({"verb": "rule", "with": {"holder": "water", "rung": "department", "reason": "final"}}),
        json!({"verb": "reassign", "with": {"lead": "water", "rung": "department", "reason": "theirs"}}),
        json!({"verb": "delegate", "with": {"person": "li"}}),
        json!({"verb": "escalate", "with": {"reason": "needs a crane"}}),
        json!({"verb": "refer", "with": {"line": "119", "receipt": null}}),
        json!({"verb": "contact", "with": {"reached": true}}),
        json!({"verb": "arrive", "with": {"point": {"lon": 113.5, "lat": 22.2, "system": "gcj02"}}}),
        json!({"verb": "progress", "with": {"note": "crew on the way"}}),
        json!({"verb": "assign", "with":
            {"lead": "comm-1", "co_handlers": ["water"], "rung": "community", "reason": "theirs"}}),
        json!({"verb": "extend", "with": {"until": "2026-11-30T10:00:00Z", "reason": "part ordered"}}),
        json!({"verb": "suspend", "with":
            {"ground": "season", "until": "2027-03-01T00:00:00Z", "reason": "frozen ground"}}),
        json!({"verb": "terminate", "with": {"ground": "uncooperative", "reason": "nobody opens"}}),
        json!({"verb": "grant", "with": {"note": null}}),
        json!({"verb": "deny", "with": {"note": "not long enough"}}),
        json!({"verb": "resume"}),
        json!({"verb": "whistle", "with":
            {"kind": "emergency", "units": ["water", "power"], "reason": "a street under water"}}),
        json!({"verb": "report_in"}),
        json!({"verb": "call_help", "with": {"units": ["power"], "reason": "cut the power"}}),
        json!({"verb": "report", "with": {"note": "power is off", "finished": true}}),
        json!({"verb": "consult", "with": {"participants": ["water", "power"], "decision": "water leads",
            "tasks": [{"owner": "power", "what": "move the pole", "due": "2026-12-01T00:00:00Z"}]}}),
        json!({"verb": "finish_task", "with": {"number": 1, "note": "moved"}}),
        json!({"verb": "supervise", "with":
            {"degree": "listed", "ground": "overdue", "note": "within three days"}}),
        json!({"verb": "instruct", "with": {"text": "the head of the bureau sees to it"}}),
        json!({"verb": "resolve", "with": {"result": "cover replaced", "evidence": ["ab".repeat(32)]}}),
        json!({"verb": "remind", "with": {"note": "please hurry"}}),
        json!({"verb": "check", "with": {"passed": true, "note": "seen on the spot"}}),
        json!({"verb": "answer", "with": {"when": "2026-11-22T01:02:03Z", "contacted": "the caller",
            "done": "cover replaced", "by_when": null}}),
        json!({"verb": "call_back", "with": {"way": "phone", "verdict":
            {"contacted": true, "solved": "yes", "grade": "satisfied"}}}),
        json!({"verb": "reopen", "with": {"reason": "it rattles"}}),
        json!({"verb": "close", "with": {"condition": "confirmed", "reason": null}}),
        json!({"verb": "refuse", "with": {"ground": "beyond_duty", "reason": "a matter of the market",
            "way": "the shop that sold it", "earlier": null}}),
        json!({"verb": "cancel", "with": {"ground": "withdrawn", "reason": "the caller took it back"}}),
        json!({"verb": "correct", "with": {"class": "light", "condition": null, "kind": null, "summary": null,
            "point": null}}),
        json!({"verb": "tag", "with": {"tags": ["sensitive"]}}),
        json!({"verb": "rehome", "with": {"to": "211081001001"}}),
        json!({"verb": "merge", "with": {"into": "0-7", "reason": "the same lamp"}}),
        json!({"verb": "unmerge", "with": {"reason": "another lamp"}}),
        json!({"verb": "appeal", "with": {"clock": "resolve", "due": "2026-11-22T01:02:03Z",
            "ground": "third_party", "reason": "waited for the grid operator"}}),
        json!({"verb": "judge_appeal", "with": {"upheld": true, "note": "it did"}}),
        json!({"verb": "exempt", "with": {"clock": "resolve", "due": "2026-11-22T01:02:03Z",
            "ground": "force_majeure", "reason": "flood"}}),
        json!({"verb": "look_again", "with": {"kind": "planned", "stands": true, "note": "still lit"}}),
        json!({"verb": "reveal", "with": {"purpose": "to arrange a visit"}}),
    ];
    let verbs: Vec<Verb> = deeds.iter().map(|deed| frozen::<Deed>(deed.clone()).verb()).collect();
    assert_eq!(verbs, Verb::ALL);
    for (deed, verb) in deeds.iter().zip(Verb::ALL) {
        assert_eq!(deed["verb"], verb.name());
    }
}

#[test]
fn a_units_request_names_itself_so_that_asking_twice_happens_once() {
    frozen::<UnitRequest>(
        json!({"id": "oa-551", "case": "0-12", "saw": 4, "person": "li", "deed": {"verb": "accept"}}),
    );
    refused::<UnitRequest>(json!({"case": "0-12", "deed": {"verb": "accept"}}));
    refused::<UnitRequest>(json!({"id": "a", "case": "0-12", "deed": {"verb": "accept"}, "seen": 4}));
    refused::<Deed>(json!({"verb": "reveal"}));
    refused::<Deed>(json!({"verb": "dance"}));
    let evidence = vec!["ab".repeat(32); EVIDENCE_MAX + 1];
    refused::<Deed>(json!({"verb": "resolve", "with": {"result": "done", "evidence": evidence}}));
}

proptest! {
    #[test]
    fn no_debug_text_says_what_a_caller_said_or_who_it_was(number in "[0-9]{7,11}", said in "[a-z]{20,40}") {
        let mut form = full_call();
        form["caller"] = json!({"number": number, "name": said, "home": said});
        form["words"] = json!(said);
        form["place"]["address"] = json!(said);
        let call: Call = serde_json::from_value(form).unwrap();
        let debug = format!("{call:?}");
        prop_assert!(!debug.contains(&number) && !debug.contains(&said), "{}", debug);
        let tell: Tell = serde_json::from_value(json!({
            "case": "0-1", "seq": 1, "attempt": 1, "to": number, "words": {"zh": said, "en": said},
            "expires_at": "2026-11-25T12:00:00Z",
        })).unwrap();
        let debug = format!("{tell:?}");
        prop_assert!(!debug.contains(&number) && !debug.contains(&said), "{}", debug);
    }
}

#[test]
fn a_callers_debug_text_names_the_fields_that_are_there() {
    let caller: Caller = serde_json::from_value(json!({"number": "1", "home": "x"})).unwrap();
    assert_eq!(format!("{caller:?}"), r#"["number", "home"]"#);
}

/// Every property name anywhere in the schema of a type.
fn field_names<T: JsonSchema>() -> Vec<String> {
    fn walk(value: &Value, names: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::Object(properties)) = map.get("properties") {
                    names.extend(properties.keys().cloned());
                }
                map.values().for_each(|inner| walk(inner, names));
            }
            Value::Array(items) => items.iter().for_each(|inner| walk(inner, names)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut names = Vec::new();
    walk(schema_for!(T).as_value(), &mut names);
    names
}
