//! Laws that hold whatever happens.

use crate::{
    town::{Town, rules_with_staff, rules_without_target},
    walk::{Step, walk},
};
use huying_domain::{event::Event, ids::Version, record::Subject, state::State, vocabulary::Stage, wire};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Law 1: every open case has a holder that the city knows and a next instant, or follows one that is open.
fn nobody_is_forgotten(town: &Town) {
    for case in town.state.cases().filter(|case| case.stage.is_open()) {
        assert!(town.rules.unit(&case.holder).is_some(), "{} is held by nobody", case.id);
        if case.stage == Stage::Following {
            let lead = case.lead.and_then(|lead| town.state.case(lead)).expect("it follows a case");
            assert!(lead.members.contains(&case.id), "its lead does not know {}", case.id);
        } else {
            assert!(case.next_instant().is_some(), "nothing wakes {} at {}", case.id, case.stage);
        }
    }
}

/// A record's parts begin where the subject stood, and every record comes back from its bytes.
fn versions_and_bytes_add_up(town: &Town) {
    let mut versions: BTreeMap<Subject, Version> = BTreeMap::new();
    for record in &town.records {
        let bytes = wire::encode(record).expect("a record has a wire form");
        assert_eq!(&wire::decode(&bytes).expect("it comes back"), record);
        for part in &record.parts {
            let stood = versions.insert(part.subject.clone(), part.version_after()).unwrap_or(0);
            assert_eq!(part.version, stood, "{:?} in record {}", part.subject, record.seq);
            assert!(!part.events.is_empty());
        }
    }
    for case in town.state.cases() {
        assert_eq!(versions.get(&Subject::Case(case.id)), Some(&case.version));
    }
}

/// State is rebuildable from the records alone.
fn records_rebuild_the_state(town: &Town) {
    let mut again = State::new(0);
    for record in &town.records {
        again.apply(&record.parts, &record.actor, town.rules.centre(), record.at);
    }
    assert!(again.cases().eq(town.state.cases()));
    assert_eq!(again.next_case(), town.state.next_case());
}

/// Law 5 over all: no unit but another person of the centre checked what it resolved.
fn nobody_checked_their_own(town: &Town) {
    for record in &town.records {
        for part in &record.parts {
            let Some(case) = part.case() else { continue };
            if part.events.iter().any(|event| matches!(event, Event::Checked(_) | Event::Closed(_))) {
                let earlier = town.records.iter().take_while(|other| other.seq < record.seq);
                let own = earlier.filter(|other| other.actor == record.actor).any(|other| {
                    let parts = other.parts.iter().filter(|part| part.case() == Some(case));
                    parts.flat_map(|part| &part.events).any(|event| matches!(event, Event::Resolved(_)))
                });
                assert!(
                    !own || record.by != huying_domain::record::Origin::Person,
                    "{case} in {}",
                    record.seq
                );
            }
        }
    }
}

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
