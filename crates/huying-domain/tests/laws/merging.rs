//! Two cases about one matter become one 并单, and may become two again.

use crate::town::{self, Town, assign, check_law, id, merge, unmerge};
use huying_domain::{
    case::Case,
    command::Ask,
    event::Event,
    record::{Origin, Part},
    refusal::Refusal,
    time::Timestamp,
    vocabulary::{Clock, CloseCondition, Outcome, Rung, Solved, Stage},
};

fn due(case: &Case) -> Timestamp {
    case.running(Clock::Resolve).expect("it runs").due
}

/// Two cases in hand, the second an hour younger.
fn two() -> Town {
    let mut town = Town::new();
    town.handling("light");
    town.wait(60).handling("light");
    town
}

/// A case of fifty hours at the grid, and an older one of five hours at the police desk.
fn an_urgent_one_and_another() -> Town {
    let mut town = Town::new();
    let mut filing = town::filing("noise");
    filing.brief.condition = Some("night".parse().expect("a condition"));
    town.must("centre", 0, Ask::Register(Box::new(filing)));
    town.must("centre", 1, assign("police-desk", Rung::Department));
    town.wait(60).handling("light");
    town
}

#[test]
fn a_merge_keeps_the_earliest_filing_and_the_strictest_limit() {
    let mut town = an_urgent_one_and_another();
    let (filed, strict) = (town.case(1).filed_at, due(town.case(1)));
    assert!(strict < due(town.case(2)));
    town.must("centre/li", 1, merge(2));
    let lead = town.case(2);
    assert_eq!((lead.filed_at, due(lead)), (filed, strict));
    assert_eq!(lead.holder, town::unit("grid-1"), "who has it goes on");
    // The other way round neither moves.
    let mut town = an_urgent_one_and_another();
    town.must("centre/li", 2, merge(1));
    assert_eq!((town.case(1).filed_at, due(town.case(1))), (filed, strict));
}

#[test]
fn nothing_of_a_merged_case_ticks_and_its_unit_has_it_no_longer() {
    let mut town = two();
    town.must("centre/li", 2, merge(1));
    let merged = town.case(2);
    assert_eq!((merged.stage, merged.lead, merged.next_instant()), (Stage::Following, Some(id(1)), None));
    assert_eq!(merged.holder, town::unit("centre"));
    for who in ["grid-1", "centre/li"] {
        let refused = town.ask(who, 2, town::resolve()).err();
        assert_eq!(refused, Some(Refusal::FollowsLead(id(1))), "it is asked of the lead");
    }
}

#[test]
fn unmerging_restores_where_it_stood_and_its_own_clock_has_counted_on() {
    for with_ticks in [false, true] {
        let mut town = two();
        let (before, lead_before) = (town.case(2).clone(), town.case(1).clone());
        let hold = before.running(Clock::Hold).expect("it runs").due;
        town.must("centre/li", 2, merge(1));
        if with_ticks {
            town.wait(120);
        }
        town.must("centre/li", 2, unmerge());
        let (after, lead) = (town.case(2), town.case(1));
        assert_eq!(
            (after.stage, &after.holder, after.rung, after.lead),
            (before.stage, &before.holder, before.rung, None)
        );
        assert_eq!(due(after), due(&before), "the caller has waited");
        let pause = if with_ticks { 120 * 60 } else { 0 };
        assert_eq!(after.running(Clock::Hold).expect("it runs").due, hold.plus_seconds(pause));
        assert_eq!((lead.filed_at, due(lead)), (lead_before.filed_at, due(&lead_before)));
        assert!(lead.members.is_empty());
        town.finish(2);
        assert_eq!(town.case(2).stage, Stage::Closed, "it goes its way to the end");
    }
}

#[test]
fn a_lead_goes_back_to_its_own_limit_unless_somebody_moved_it_meanwhile() {
    let mut town = an_urgent_one_and_another();
    let (own, filed) = (due(town.case(2)), town.case(2).filed_at);
    town.must("centre/li", 1, merge(2)).must("centre/li", 1, unmerge());
    assert_eq!((due(town.case(2)), town.case(2).filed_at), (own, filed));
    town.must("centre/li", 1, merge(2));
    let until = due(town.case(2)).plus_seconds(3_600);
    town.must("grid-1", 2, Ask::Extend { until, reason: "配件在途".to_owned() });
    town.must("centre/li", 2, Ask::Grant { note: String::new() }).must("centre/li", 1, unmerge());
    assert_eq!(due(town.case(2)), until, "what was granted stays");
}

#[test]
fn of_several_that_were_taken_in_the_strictest_that_is_left_counts() {
    let mut town = two();
    town.handling("light");
    let mut filing = town::filing("noise");
    filing.brief.condition = Some("night".parse().expect("a condition"));
    town.must("centre", 0, Ask::Register(Box::new(filing)));
    town.must("centre", 4, assign("police-desk", Rung::Department));
    let (first, own, strict) = (due(town.case(1)), due(town.case(2)), due(town.case(4)));
    town.must("centre/li", 1, merge(2)).must("centre/li", 4, merge(2));
    assert_eq!(due(town.case(2)), strict);
    town.must("centre/li", 4, unmerge());
    assert_eq!(due(town.case(2)), first);
    town.must("centre/li", 1, unmerge());
    assert_eq!(due(town.case(2)), own);
    let own_filing = town.case(2).own_filed_at;
    assert_eq!(town.case(2).filed_at, own_filing);
}

#[test]
fn every_caller_of_a_merged_case_is_answered_told_and_called_back() {
    let mut town = two();
    // The second has a further caller of its own.
    town.must("centre", 0, town::join(2)).must("centre/li", 2, merge(1));
    town.must("grid-1", 1, town::resolve()).must("centre/qian", 1, town::check(true));
    town.must("centre/qian", 1, town::answer());
    assert_eq!(town.case(1).waiting_members(), 1);
    town.ask_as("centre", Origin::Station, 1, Ask::PassOn).expect("one waits");
    assert_eq!((town.case(2).stage, town.case(2).outcome), (Stage::Answered, Some(Outcome::WithLead)));
    let answered = town.records.last().expect("a record").parts.iter().flat_map(|part| &part.events);
    let waiting: Vec<u32> = answered
        .filter_map(|event| match event {
            Event::Answered(answered) => Some(answered.members),
            _ => None,
        })
        .collect();
    assert_eq!(waiting, [1], "the station passes it on from there");
    town.ask_as("centre", Origin::Station, 2, Ask::PassOn).expect("one waits behind it");
    for number in [1, 2, 3] {
        assert_eq!(town.case(number).stage, Stage::Answered);
        town.must("centre", number, town::tell()).must("centre", number, town::told());
        town.must("centre", number, town::call_back(Solved::Yes));
        town.must("centre/qian", number, town::close(CloseCondition::Confirmed));
    }
}

#[test]
fn a_limit_that_has_passed_stays_a_fact_of_the_merged_case() {
    let mut town = an_urgent_one_and_another();
    while !town.case(1).running(Clock::Resolve).is_some_and(|running| running.breached) {
        town.tick();
    }
    let own = due(town.case(2));
    town.must("centre/li", 1, merge(2));
    assert_eq!(due(town.case(2)), own, "the lead is not late for it");
    assert!(town.case(1).missed && !town.case(1).breaches.is_empty());
}

#[test]
fn what_cannot_be_merged_says_why() {
    let fresh = |refusal| {
        check_law(
            vec![("centre", 0, town::register("light")), ("centre", 0, town::register("light"))],
            ("centre/li", 1, merge(1)),
            Err(refusal),
        )
    };
    let mut town = fresh(Refusal::JoinsItself);
    let mut refused = |who: &str, case, ask| town.ask(who, case, ask).err();
    assert_eq!(refused("grid-1", 1, merge(2)), Some(Refusal::NotYours));
    assert_eq!(refused("centre/li", 1, merge(7)), Some(Refusal::UnknownCase(id(7))));
    assert_eq!(refused("centre/li", 1, unmerge()), Some(Refusal::WrongStage { stage: Stage::Filed }));
    assert_eq!(
        town.ask_as("centre", Origin::Station, 1, merge(2)).err(),
        Some(Refusal::PersonDecides),
        "a program proposes"
    );
    // What a unit has does not follow what is at the desk.
    let third = town.handling("light");
    assert_eq!(town.ask("centre/li", third, merge(1)).err(), Some(Refusal::MergeTheOtherWay));
    town.must("centre/li", 1, merge(third));
    assert_eq!(town.ask("centre/li", 2, merge(1)).err(), Some(Refusal::FollowsLead(id(third))));
    // A further call from its start has nowhere to go back to.
    town.must("centre", 0, town::join(third));
    assert_eq!(town.ask("centre/li", 4, unmerge()).err(), Some(Refusal::NotMerged));
    // Something is undecided.
    let fourth = town.handling("light");
    let until = due(town.case(fourth)).plus_seconds(3_600);
    town.must("grid-1", fourth, Ask::Extend { until, reason: "配件在途".to_owned() });
    assert_eq!(town.ask("centre/li", fourth, merge(third)).err(), Some(Refusal::StillOwed));
}

#[test]
fn a_case_about_a_unit_is_not_merged_into_what_that_unit_has_or_may_get() {
    let mut town = two();
    let mut filing = town::filing("light");
    filing.brief.accused = Some(town::unit("grid-1"));
    town.must("centre", 0, Ask::Register(Box::new(filing)));
    let refused = town.ask("centre/li", 3, merge(1)).err();
    assert_eq!(refused, Some(Refusal::AboutThatUnit(town::unit("grid-1"))));
    town.must(
        "centre/li",
        1,
        Ask::Reassign { lead: town::unit("works"), rung: Rung::Department, reason: town::words("改派") },
    );
    assert_eq!(town.ask("centre/li", 3, merge(1)).err(), Some(Refusal::OtherAccused));
}

#[test]
fn a_merge_is_one_record_with_two_parts() {
    let mut town = two();
    let record = town.ask("centre/li", 2, merge(1)).expect("it may");
    let cases: Vec<_> = record.parts.iter().filter_map(Part::case).collect();
    assert_eq!(cases, [id(2), id(1)]);
}

#[test]
fn many_who_call_about_one_matter_weigh_more_than_one() {
    let mut town = two();
    let mut heard = Vec::new();
    for n in 1..=7 {
        let record = town.ask("centre", 0, town::join(1)).expect("it may");
        let supervised = record.parts[1].events.iter().any(|event| matches!(event, Event::Supervised(_)));
        heard.extend(supervised.then_some(n));
    }
    assert_eq!(heard, [3, 6], "after three further callers, and after three again");
    // At the desk nobody is to be hurried yet.
    town.must("centre", 0, town::register("light"));
    let number = town.state.next_case().number() - 1;
    for _ in 0..4 {
        let record = town.ask("centre", 0, town::join(number)).expect("it may");
        assert_eq!(record.parts[1].events.len(), 1);
    }
}

#[test]
fn a_limit_beyond_the_published_days_stays_provisional_through_a_merge() {
    let mut town = Town::under(town::rules_on(huying_domain::calendar::SHIPPED, "60wd"));
    town.handling("light");
    town.handling("light");
    let provisional = |town: &Town| town.case(2).running(Clock::Resolve).is_some_and(|one| one.provisional());
    assert!(provisional(&town), "sixty working days lead beyond the published calendar");
    town.must("centre/li", 2, merge(1));
    town.wait(600).must("centre/li", 2, unmerge());
    assert!(provisional(&town), "it is still computed afresh when one is published");
    let beyond =
        town.case(2).running(Clock::Resolve).and_then(|one| one.beyond.clone()).expect("provisional");
    assert!(beyond.pauses.is_empty(), "it has counted on: that was no pause");
}
