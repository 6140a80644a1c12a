//! A table as a city gives it: rows under a built-in profile. The first byte chooses the profile.
#![no_main]

use huying_intake::{profile::Profile, read::Rows};
use std::sync::LazyLock;

static PROFILES: LazyLock<Vec<Profile>> =
    LazyLock::new(|| Profile::built_in_names().filter_map(Profile::built_in).collect());

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((which, table)) = bytes.split_first() else { return };
    let profile = &PROFILES[usize::from(*which) % PROFILES.len()];
    let Ok(rows) = Rows::new(profile, table) else { return };
    let (lines, mut last) = (table.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 1, 0);
    for (line, _) in rows {
        assert!(line > last && line <= lines, "row on line {line} behind {last} of {lines}");
        last = line;
    }
});
