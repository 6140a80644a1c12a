//! Laws that hold whatever happens.

use crate::{
    held::{
        nobody_checked_their_own, nobody_is_forgotten, records_rebuild_the_state, versions_and_bytes_add_up,
    },
    town::{Town, rules_with_staff, rules_without_target},
    walk::{Step, walk},
};
use huying_domain::event::Event;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_open_case_has_a_holder_and_a_next_instant_whatever_is_asked(
        steps in prop::collection::vec(any::<Step>(), 1..160),
        staff in prop::collection::vec(0_u8..3, 0..7),
        target in any::<bool>(),
    ) {
        // Any roster: units without people, at times all of them, the centre too.
        let rules = match (staff.is_empty(), target) {
            (true, false) => rules_without_target(),
            _ => rules_with_staff(&staff, target),
        };
        let mut town = Town::under(rules);
        for step in steps.chunks(10) {
            walk(&mut town, step);
            nobody_is_forgotten(&town);
        }
        versions_and_bytes_add_up(&town);
        records_rebuild_the_state(&town);
        nobody_checked_their_own(&town);
    }
}

#[test]
fn random_days_do_get_somewhere() {
    let mut town = Town::new();
    let mut number: u32 = 1;
    let mut byte = || {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        number.to_be_bytes()[0]
    };
    let steps: Vec<Step> = (0..6_000).map(|_| (byte(), byte() % 8, byte(), byte() / 16)).collect();
    let accepted = walk(&mut town, &steps);
    let seen: std::collections::BTreeSet<_> = town
        .records
        .iter()
        .flat_map(|record| &record.parts)
        .flat_map(|part| &part.events)
        .map(Event::tag)
        .collect();
    assert!(accepted > 300 && seen.len() > 25, "{accepted} accepted, only {seen:?}");
}
