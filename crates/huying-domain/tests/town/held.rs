//! What holds of a town whatever happened to it: for random days, and for days that a fuzzer makes up.

use super::town::Town;
use huying_domain::{event::Event, ids::Version, record::Subject, state::State, vocabulary::Stage, wire};
use std::collections::BTreeMap;

/// Law 1: every open case has a holder that the city knows and a next instant, or follows one that is open.
pub(crate) fn nobody_is_forgotten(town: &Town) {
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
pub(crate) fn versions_and_bytes_add_up(town: &Town) {
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
pub(crate) fn records_rebuild_the_state(town: &Town) {
    let mut again = State::new(0);
    for record in &town.records {
        again.apply(&record.parts, &record.actor, town.rules.centre(), record.at);
    }
    assert!(again.cases().eq(town.state.cases()));
    assert_eq!(again.next_case(), town.state.next_case());
}

/// Law 5 over all: no unit but another person of the centre checked what it resolved.
pub(crate) fn nobody_checked_their_own(town: &Town) {
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
