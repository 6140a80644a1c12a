//! The form of a call stands in two places, for those who write the other end and for intake, which reads it. Both
//! must take and refuse the same.

use crate::making::{WEDNESDAY_9, at};
use huying_bus::message::call::{CALLER_NAME_CHARS_MAX, Call, NUMBER_CHARS_MAX};
use huying_domain::{private::PRIVATE_FIELD_CHARS_MAX, vocabulary::Channel};
use huying_intake::read::{ADDRESS_CHARS_MAX, CALLER_FIELD_CHARS_MAX, read_json};

/// Values for a field, taken or not.
fn values() -> Vec<(&'static str, Vec<String>)> {
    let text = |chars: usize| format!("\"{}\"", "字".repeat(chars));
    let texts = |most: usize| {
        let strange = [r#""""#, r#"" ""#, r#""a\u0000b""#, r#""a\nb""#, "7", "null", "{}"].map(str::to_owned);
        [vec![text(1), text(most), text(most + 1)], strange.to_vec()].concat()
    };
    let all = |of: &[&str]| of.iter().map(|&value| value.to_owned()).collect::<Vec<_>>();
    let names = || all(&[r#""water""#, r#""""#, r#"" x""#, r#""x y""#, "7", "null", r#""Grossbuchstaben""#]);
    let times =
        || all(&[r#""2026-11-22T08:30:00+08:00""#, r#""2026-11-22T08:30:00Z""#, r#""2026-11-22T08:30:00""#]);
    vec![
        ("external_id", [names(), vec![text(64), text(65)]].concat()),
        ("occurred_at", [times(), all(&[r#""yesterday""#, "0", "null"])].concat()),
        ("kind", all(&[r#""complaint""#, r#""grumble""#, "null", "1"])),
        ("class", [names(), vec![text(64), text(65)]].concat()),
        ("condition", names()),
        ("words", texts(PRIVATE_FIELD_CHARS_MAX)),
        ("confidential", all(&["true", "false", "\"yes\"", "1", "null"])),
        ("accused", names()),
        ("department", names()),
        ("promised_by", times()),
        ("caller.number", texts(CALLER_FIELD_CHARS_MAX)),
        ("caller.name", texts(CALLER_FIELD_CHARS_MAX)),
        ("caller.home", texts(ADDRESS_CHARS_MAX)),
        ("caller", all(&["null", "{}", r#""139""#, r#"{"nubmer":"1"}"#])),
        ("place.address", texts(ADDRESS_CHARS_MAX)),
        ("place.area", all(&[r#""370202001003""#, r#""37""#, r#""x""#, "370202001003", "null"])),
        (
            "place.point",
            all(&[
                r#"{"lon":120.1,"lat":36}"#,
                r#"{"lon":120.1,"lat":36,"system":"gcj02"}"#,
                r#"{"lon":120.1,"lat":36,"system":"bd09"}"#,
                r#"{"lon":120.1,"lat":36,"system":"mars"}"#,
                r#"{"lon":190,"lat":36}"#,
                r#"{"lon":-180,"lat":-90}"#,
                r#"{"lon":120}"#,
                r#"{"lon":"120","lat":"36"}"#,
                r#"{"lon":120,"lat":36,"alt":4}"#,
                "null",
            ]),
        ),
        ("place", all(&["null", "{}", "7", r#"{"adress":"x"}"#])),
        ("colour", all(&["null", "1"])),
    ]
}

/// A call in order but for one field.
fn call(field: &str, value: &str) -> String {
    let set = match field.split_once('.') {
        Some((outer, inner)) => format!(r#""{outer}":{{"{inner}":{value}}}"#),
        None => format!(r#""{field}":{value}"#),
    };
    // What a call must say is intake's to ask, so it says both.
    let rest = ["\"words\":\"a\"", "\"class\":\"noise\""].into_iter();
    let rest: Vec<_> = rest.filter(|own| !own.starts_with(&format!("\"{field}\""))).collect();
    format!("{{{},{set}}}", rest.join(","))
}

#[test]
fn the_message_and_the_reader_take_and_refuse_the_same_calls() {
    let mut tried = (0, 0);
    for (field, values) in values() {
        for value in values {
            let json = call(field, &value);
            let message = serde_json::from_str::<Call>(&json);
            let report = read_json(None, Channel::Call, at(WEDNESDAY_9), json.as_bytes());
            let short: String = json.chars().take(120).collect();
            assert_eq!(
                message.is_ok(),
                report.is_ok(),
                "{short}: message {:?}, report {:?}",
                message.err().map(|error| error.to_string()),
                report.err(),
            );
            if message.is_ok() { tried.0 += 1 } else { tried.1 += 1 }
        }
    }
    assert!(tried.0 > 30 && tried.1 > 40, "{tried:?}");
}

#[test]
fn the_bounds_are_the_same_too() {
    assert_eq!((NUMBER_CHARS_MAX, CALLER_NAME_CHARS_MAX), (CALLER_FIELD_CHARS_MAX, CALLER_FIELD_CHARS_MAX));
    assert_eq!(huying_bus::message::place::ADDRESS_CHARS_MAX, ADDRESS_CHARS_MAX);
}
