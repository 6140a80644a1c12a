//! What each role may say and hear, as a table: a change shows here.

use huying_bus::role::Role;
use std::collections::BTreeSet;

fn may(role: &Role) -> (BTreeSet<String>, BTreeSet<String>, bool) {
    let permissions = role.permissions(&role.user().expect("these have names of their own"));
    let own = |subject: &String| !subject.starts_with("$SRV.");
    let publish = permissions.publish.into_iter().filter(own).collect();
    (publish, permissions.subscribe.into_iter().collect(), permissions.allow_responses)
}

fn list(subjects: &[&str]) -> BTreeSet<String> {
    subjects.iter().map(|subject| (*subject).to_owned()).collect()
}

#[test]
fn a_unit_speaks_for_itself_fetches_its_work_and_answers_nobody() {
    let role = Role::Units { units: ["street-7".parse().unwrap()].into() };
    let publish = [
        "huying.v1.as.street-7.*",
        "$JS.huying.API.CONSUMER.INFO.HUYING_ASSIGNMENTS.unit-street-7",
        "$JS.huying.API.CONSUMER.MSG.NEXT.HUYING_ASSIGNMENTS.unit-street-7",
        "$JS.ACK.HUYING_ASSIGNMENTS.unit-street-7.>",
    ];
    let subscribe = ["_INBOX_unit-street-7.>", "huying.v1.notice.street-7.*"];
    assert_eq!(may(&role), (list(&publish), list(&subscribe), false));
}

#[test]
fn a_feed_brings_calls_of_its_source_and_fetches_its_receipts() {
    let role = Role::Feed { source: "hotline".parse().unwrap() };
    let publish = [
        "huying.v1.intake.hotline.*",
        "huying.v1.inbox.hotline.*",
        "$JS.huying.API.CONSUMER.INFO.HUYING_RECEIPTS.source-hotline",
        "$JS.huying.API.CONSUMER.MSG.NEXT.HUYING_RECEIPTS.source-hotline",
        "$JS.ACK.HUYING_RECEIPTS.source-hotline.>",
    ];
    assert_eq!(may(&role), (list(&publish), list(&["_INBOX_feed-hotline.>"]), false));
}

#[test]
fn an_adapter_says_nothing_unasked() {
    let role = Role::Adapter { channel: "sms".parse().unwrap() };
    let permissions = role.permissions(&role.user().expect("these have names of their own"));
    assert!(permissions.publish.is_empty());
    assert_eq!(may(&role).1, list(&["_INBOX_tell-sms.>", "huying.v1.tell.sms"]));
    assert!(permissions.allow_responses);
}

#[test]
fn no_wildcard_reaches_beyond_what_is_ones_own() {
    let outside = [
        Role::Units { units: ["street-7".parse().unwrap(), "gas".parse().unwrap()].into() },
        Role::Feed { source: "hotline".parse().unwrap() },
        Role::Observer,
    ];
    for role in outside {
        assert!(role.is_outside());
        let user = role.user().unwrap_or_else(|| "several".parse().unwrap());
        let permissions = role.permissions(&user);
        for subject in permissions.publish.iter().chain(&permissions.subscribe) {
            let tokens: Vec<_> = subject.split('.').collect();
            let wild = tokens.iter().position(|token| matches!(*token, "*" | ">"));
            assert!(wild.is_none_or(|at| at + 1 == tokens.len()), "{subject}: a wildcard in the middle");
            assert!(wild.is_none_or(|at| at >= 1), "{subject}");
        }
    }
}

#[test]
fn the_longest_ids_make_a_user() {
    let longest = "a".repeat(32);
    let unit = Role::Units { units: [longest.parse().unwrap()].into() };
    let feed = Role::Feed { source: longest.parse().unwrap() };
    assert!(unit.user().is_some() && feed.user().is_some());
    assert_ne!(unit.user(), feed.user());
}
