//! A call as JSON: what a feed may send, and what it is told when it may not.

use huying_domain::{
    time::Timestamp,
    vocabulary::{CaseKind, Channel, Tag},
};
use huying_intake::{
    read::{CALL_BYTES_MAX, WORDS_CLASS_UNKNOWN, read_json},
    report::Report,
    unreadable::Unreadable,
};
use proptest::prelude::*;

const FULL: &str = r#"{
    "external_id": "T-0042",
    "occurred_at": "2026-11-22T08:30:00+08:00",
    "kind": "complaint",
    "class": "noise-residential",
    "condition": "loud-music",
    "place": {
        "point": { "lon": 116.41024449916938, "lat": 39.91640428150164, "system": "gcj02" },
        "address": "福州路12号",
        "area": "370202001003"
    },
    "words": "我叫王小明，电话13812345678，楼下音响太吵",
    "caller": { "number": "13812345678", "name": "王小明", "home": "福州路12号3单元501室" },
    "confidential": true,
    "accused": "street-7",
    "department": "police",
    "promised_by": "2026-11-29T17:00:00+08:00"
}"#;

fn at_the_door() -> Timestamp {
    "2026-11-22T00:31:00Z".parse().expect("an instant")
}

fn read(json: &str) -> Result<Report, Unreadable> {
    read_json(None, Channel::Call, at_the_door(), json.as_bytes())
}

fn refused(json: &str, code: &str, field: &str) {
    let bad = read(json).expect_err("is not readable");
    assert_eq!((bad.code, bad.field.as_str()), (code, field), "{json}");
}

#[test]
fn a_full_call_is_read_and_what_is_private_stays_out_of_the_summary() {
    let report = read(FULL).expect("reads");
    assert_eq!(report.received, at_the_door(), "the server's time decides, not the caller's");
    assert_eq!(report.occurred_at.expect("said").to_string(), "2026-11-22T00:30:00Z");
    assert_eq!((report.kind, report.channel), (CaseKind::Complaint, Channel::Call));
    assert_eq!(report.area.expect("named").to_string(), "370202001003");
    let (lon, lat) = report.point.expect("placed").degrees();
    assert!((lon - 116.404).abs() < 1e-6 && (lat - 39.915).abs() < 1e-6, "{lon} {lat}");
    assert_eq!(report.summary, "投诉 · noise-residential · loud-music ｜ 地点：福州路12号");
    assert_eq!(report.private.number.as_deref(), Some("13812345678"));
    assert_eq!(report.private.address.as_deref(), Some("福州路12号3单元501室"));
    assert!(report.private.words.expect("kept").contains("王小明"));
    assert_eq!(report.tags, [Tag::Confidential]);
    assert_eq!(report.accused.expect("named").as_str(), "street-7");
    assert_eq!(report.department.expect("named").as_str(), "police");
}

#[test]
fn words_alone_make_a_report_and_so_does_a_class_alone() {
    let report = read(r#"{"words": "请问社保卡在哪里补办？"}"#).expect("reads");
    assert_eq!((report.class.as_str(), report.kind), (WORDS_CLASS_UNKNOWN, CaseKind::Inquiry));
    assert_eq!(report.external, None);
    let report = read(r#"{"class": "water-leak"}"#).expect("reads");
    assert_eq!((report.summary.as_str(), report.kind), ("求助 · water-leak", CaseKind::Help));
    assert!(report.private.is_empty());
}

#[test]
fn each_call_that_cannot_be_read_says_which_field() {
    refused("{}", "missing_class", "class");
    refused("nonsense", "not_json", "");
    refused(r#"{"words": "a", "#, "not_json", "");
    refused(r#"{"words": "a", "colour": 1}"#, "bad_shape", "colour");
    refused(r#"{"words": " "}"#, "bad_shape", "words");
    refused(r#"{"words": "a\u0000b"}"#, "bad_shape", "words");
    refused(r#"{"words": "a", "kind": "grumble"}"#, "unknown_value", "kind");
    refused(r#"{"words": "a", "external_id": " x"}"#, "bad_external_id", "external_id");
    refused(r#"{"words": "a", "occurred_at": "2026-11-22T08:30:00"}"#, "bad_time", "occurred_at");
    refused(r#"{"words": "a", "accused": "Street 7"}"#, "bad_name", "accused");
    refused(r#"{"words": "a", "place": {"area": "12345"}}"#, "bad_name", "place.area");
    refused(r#"{"words": "a", "place": {"point": {"lon": 190, "lat": 0}}}"#, "bad_point", "place.point");
    refused(&format!(r#"{{"words": "{}"}}"#, "字".repeat(4_001)), "too_long", "words");
    refused(&" ".repeat(CALL_BYTES_MAX + 1), "too_long", "");
    let bad = read_json(None, Channel::Call, at_the_door(), b"\xff").expect_err("is not readable");
    assert_eq!(bad.code, "not_utf8");
}

#[test]
fn a_refusal_and_a_debug_line_never_repeat_what_the_caller_said() {
    let bad = read(r#"{"words": "a", "caller": "13812345678"}"#).expect_err("is not readable");
    assert!(!format!("{bad:?} {bad}").contains("1381234"));
    let report = read(r#"{"words": "我叫王小明", "caller": {"number": "13812345678"}}"#).expect("reads");
    let printed = format!("{report:?}");
    assert!(!printed.contains("1381234") && !printed.contains("王小明"), "{printed}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused_with_a_known_code(text in "\\PC{0,300}") {
        if let Err(bad) = read(&text) {
            prop_assert!(Unreadable::CODES.contains(&bad.code));
        }
    }

    #[test]
    fn any_address_makes_a_summary_within_its_bound(
        words in "\\PC{1,3000}",
        address in prop::option::of("\\PC{1,300}"),
    ) {
        let mut call = serde_json::json!({ "words": words });
        if let Some(address) = address {
            call["place"] = serde_json::json!({ "address": address });
        }
        if let Ok(report) = read(&call.to_string()) {
            let chars = report.summary.chars().count();
            prop_assert!((1..=1_000).contains(&chars), "{chars}");
        }
    }
}
