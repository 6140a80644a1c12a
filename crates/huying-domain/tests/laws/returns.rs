//! Returns 退回: whoever receives one may only return it further or assign again, and it ends.

use crate::town::{self, Town, assign, give_back, unit, words};
use huying_domain::{
    command::Ask,
    event::Event,
    refusal::Refusal,
    vocabulary::{Clock, Rung, Stage},
};

fn reassign(lead: &str, rung: Rung) -> Ask {
    Ask::Reassign { lead: unit(lead), rung, reason: words("交社区") }
}

fn rule(holder: &str, rung: Rung) -> Ask {
    Ask::Rule { holder: unit(holder), rung, reason: "属其辖区".to_owned() }
}

/// The street had the case and gave it to the community by hand, which gives it back.
fn back_at_the_street() -> Town {
    let mut town = Town::new();
    town.must("centre", 0, town::register("light")).must("centre", 1, assign("street-1", Rung::Street));
    town.must("street-1", 1, reassign("comm-1", Rung::Community)).must("comm-1", 1, give_back());
    town
}

#[test]
fn whoever_gave_it_by_hand_receives_the_return_and_may_only_return_it_or_assign_again() {
    let mut town = back_at_the_street();
    let case = town.case(1);
    assert_eq!((case.holder.clone(), case.stage), (unit("street-1"), Stage::Returned));
    assert!(case.running(Clock::Dispatch).is_some(), "its own clock runs");
    for ask in [town::resolve(), Ask::Accept, Ask::Escalate { reason: words("难") }] {
        let refused = town.ask("street-1", 1, ask).err();
        assert_eq!(refused, Some(Refusal::WrongStage { stage: Stage::Returned }));
    }
    let elsewhere = town.ask("street-1", 1, assign("works", Rung::Department)).err();
    assert_eq!(elsewhere, Some(Refusal::NotBelowYou(unit("works"))));
    let mut again = back_at_the_street();
    again.must("street-1", 1, assign("comm-1", Rung::Community));
    town.must("street-1", 1, give_back());
    assert_eq!(town.case(1).holder, unit("centre"), "returned further");
    assert_eq!(town.case(1).returns, 2);
}

#[test]
fn the_same_unit_again_goes_on_where_it_stood_even_after_a_detour() {
    let mut town = Town::new();
    town.must("centre", 0, town::register("light")).must("centre", 1, assign("street-1", Rung::Street));
    town.must("street-1", 1, reassign("comm-1", Rung::Community)).wait(10);
    let left = town.case(1).running(Clock::Hold).expect("it holds").due.seconds_since(town.now);
    town.must("comm-1", 1, give_back()).wait(5).must("street-1", 1, give_back()).wait(5);
    town.must("centre", 1, assign("comm-1", Rung::Community));
    let now = town.case(1).running(Clock::Hold).expect("it holds").due.seconds_since(town.now);
    assert_eq!(now, left);
}

#[test]
fn three_units_that_play_ping_pong_end_within_two_levels() {
    let mut town = Town::new();
    town.must("centre", 0, town::register("light"));
    let mut levels = vec![unit("centre")];
    for (name, rung) in
        [("grid-1", Rung::Grid), ("works", Rung::Department), ("police-desk", Rung::Department)]
    {
        town.must("centre/li", 1, assign(name, rung)).must(name, 1, give_back());
        levels.push(town.case(1).holder.clone());
    }
    levels.dedup();
    assert!(levels.len() <= 2, "it went through {levels:?}");
    for (name, rung) in [("grid-1", Rung::Grid), ("works", Rung::Department)] {
        let refused = town.ask("centre/li", 1, assign(name, rung)).err();
        assert_eq!(refused, Some(Refusal::RulingNeeded { returns: 3 }));
    }
    assert_eq!(town.ask("works", 1, rule("grid-1", Rung::Grid)).err(), Some(Refusal::NotYours));
    let record = town.ask("centre/li", 1, rule("works", Rung::Department)).expect("a person rules");
    assert!(record.parts[0].events.iter().any(|event| matches!(event, Event::Ruled(_))));
    assert_eq!(town.ask("works", 1, give_back()).err(), Some(Refusal::RuledCannotReturn));
    town.must("works", 1, Ask::Accept).finish(1);
}

#[test]
fn after_too_many_returns_it_goes_to_the_level_above_and_not_back_to_the_giver() {
    let mut town = Town::new();
    town.must("centre", 0, town::register("light"));
    for name in ["grid-1", "works"] {
        let rung = if name == "works" { Rung::Department } else { Rung::Grid };
        town.must("centre/li", 1, assign(name, rung)).must(name, 1, give_back());
    }
    town.must("centre", 1, assign("street-1", Rung::Street));
    town.must("street-1", 1, reassign("comm-1", Rung::Community)).must("comm-1", 1, give_back());
    assert_eq!(town.case(1).holder, unit("centre"));
}

#[test]
fn a_unit_gives_cases_to_those_below_it_alone() {
    let mut town = Town::new();
    town.must("centre", 0, town::register("light")).must("centre", 1, assign("comm-1", Rung::Community));
    let away = town.ask("street-1", 1, reassign("police-desk", Rung::Department)).err();
    assert_eq!(away, Some(Refusal::NotBelowYou(unit("police-desk"))));
    town.must("street-1", 1, reassign("street-1", Rung::Street));
    assert_eq!(town.case(1).holder, unit("street-1"), "taking it up is allowed");
}

#[test]
fn only_the_holder_and_those_above_name_its_person() {
    let mut town = Town::new();
    town.handling("light");
    town.must("grid-1", 1, Ask::CallHelp { units: vec![unit("works")], reason: "协办".to_owned() });
    let name = || Ask::Delegate { person: "wang".parse().expect("a person") };
    assert_eq!(town.ask("works", 1, name()).err(), Some(Refusal::NotYours));
    town.must("grid-1", 1, name()).must("street-1", 1, name());
}
