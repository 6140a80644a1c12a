//! Days that a fuzzer makes up: who asks what of which case and how many minutes pass. Whatever happens, the laws hold.
//! The first bytes staff the units.
#![no_main]

#[path = "../../../crates/huying-domain/tests/town/held.rs"]
mod held;
#[path = "../../../crates/huying-domain/tests/town/town.rs"]
#[allow(dead_code, reason = "other tests need the rest of the town")]
mod town;
#[path = "../../../crates/huying-domain/tests/town/walk.rs"]
#[allow(dead_code, reason = "other tests need the rest of the walk")]
mod walk;

use town::{Town, rules_with_staff, rules_without_target};

/// Steps of one day: more only make it slow.
const STEPS_MAX: usize = 120;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((head, steps)) = bytes.split_at_checked(8) else { return };
    let staff: Vec<u8> = head[1..].iter().map(|people| people % 3).collect();
    let rules = match head[0] % 4 {
        0 => rules_without_target(),
        1 => rules_with_staff(&staff, false),
        _ => rules_with_staff(&staff, true),
    };
    let mut town = Town::under(rules);
    let steps: Vec<walk::Step> =
        steps.chunks_exact(4).take(STEPS_MAX).map(|step| (step[0], step[1], step[2], step[3] % 16)).collect();
    for steps in steps.chunks(10) {
        walk::walk(&mut town, steps);
        held::nobody_is_forgotten(&town);
    }
    held::versions_and_bytes_add_up(&town);
    held::records_rebuild_the_state(&town);
    held::nobody_checked_their_own(&town);
});
