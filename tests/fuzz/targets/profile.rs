//! The text of a profile, and a row read under it, if it is one. A zero byte stands between them.
#![no_main]

use huying_intake::{profile::Profile, read::Rows};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (profile, table) = bytes.split_at(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
    let Ok(text) = std::str::from_utf8(profile) else { return };
    let Ok(profile) = Profile::parse(text) else { return };
    if let Ok(rows) = Rows::new(&profile, table) {
        rows.for_each(drop);
    }
});
