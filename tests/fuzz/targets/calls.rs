//! A message with calls, as a feed sends it: cut apart, each read with and without a profile.
#![no_main]

use huying_bus::message::call::{CALLS_PER_MESSAGE_MAX, split};
use huying_domain::{private::PRIVATE_FIELD_CHARS_MAX, time::Timestamp, vocabulary::Channel};
use huying_intake::{profile::Profile, read::read_json};
use std::sync::LazyLock;

static PROFILE: LazyLock<Profile> = LazyLock::new(|| Profile::built_in("nyc311").expect("it is built in"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let now = Timestamp::from_seconds(1_790_000_000);
    let calls = split(bytes).unwrap_or_default();
    assert!(calls.len() <= CALLS_PER_MESSAGE_MAX);
    for call in calls.iter().map(|call| call.get().as_bytes()).chain([bytes]) {
        for profile in [None, Some(&*PROFILE)] {
            let Ok(report) = read_json(profile, Channel::Call, now, call) else { continue };
            assert_eq!(report.received, now, "the time of the door counts");
            for (field, text) in report.private.fields() {
                assert!(text.chars().count() <= PRIVATE_FIELD_CHARS_MAX, "{field} has no bound");
            }
        }
    }
});
