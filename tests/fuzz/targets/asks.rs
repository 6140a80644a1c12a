//! Whatever a command can say, asked of a town in which things have happened: it is refused or becomes a fact,
//! and the laws hold. The input is steps of four bytes, a zero step, then asks, one a line.
#![no_main]

#[path = "../../../crates/huying-domain/tests/town/held.rs"]
mod held;
#[path = "../../../crates/huying-domain/tests/town/town.rs"]
#[allow(dead_code, reason = "other tests need the rest of the town")]
mod town;
#[path = "../../../crates/huying-domain/tests/town/walk.rs"]
#[allow(dead_code, reason = "other tests need the rest of the walk")]
mod walk;

use huying_domain::{command::Ask, record::Origin};
use town::Town;

/// Steps before the asks, and asks.
const STEPS_MAX: usize = 40;
const ASKS_MAX: usize = 12;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (steps, rest) = bytes.split_at(bytes.len().min(4 * STEPS_MAX));
    let steps = steps.chunks_exact(4).map(|step| (step[0], step[1], step[2], step[3]));
    let steps: Vec<walk::Step> = steps.take_while(|step| *step != (0, 0, 0, 0)).collect();
    let asks = &bytes[(4 * (steps.len() + 1)).min(bytes.len() - rest.len())..];
    let mut town = Town::new();
    walk::walk(&mut town, &steps);
    for line in asks.split(|byte| *byte == b'\n').take(ASKS_MAX) {
        let Some((who, said)) = line.split_first() else { continue };
        let Ok(ask) = serde_json::from_slice::<Ask>(said) else { continue };
        let cases = town.state.next_case().number() - 1;
        let case = u64::from(*who) % (cases + 1);
        let holder = town.state.case(town::id(case)).map(|case| case.holder.to_string());
        let who = if who % 2 == 0 { None } else { holder };
        let _ = town.ask_as(who.as_deref().unwrap_or("centre/li"), Origin::Person, case, ask);
        town.wait(7);
        held::nobody_is_forgotten(&town);
    }
    held::versions_and_bytes_add_up(&town);
    held::records_rebuild_the_state(&town);
    held::nobody_checked_their_own(&town);
});
