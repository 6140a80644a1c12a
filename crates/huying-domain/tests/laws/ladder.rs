//! Climbing: over vacant rungs at once, counted from the scheduled instant, never to the accused.

use crate::town::{Town, assign, filing, register, unit, words};
use huying_domain::{
    command::Ask,
    event::Event,
    refusal::Refusal,
    vocabulary::{Clock, EscalationGround, Rung},
};

/// Given a town with a case at the grid, when the timer asks so many times, then the case lies there.
fn check(mut given: Town, ticks: usize, (rung, holder): (Rung, &str)) -> Town {
    (0..ticks).for_each(|_| drop(given.tick()));
    let case = given.case(1);
    assert_eq!((case.rung, case.holder.as_str()), (rung, holder));
    given
}

fn at_the_grid() -> Town {
    let mut town = Town::new();
    town.must("centre", 0, register("light")).must("centre", 1, assign("grid-1", Rung::Grid));
    town
}

#[test]
fn what_nobody_signs_for_climbs_rung_by_rung_to_the_centre() {
    let steps = [
        (Rung::Community, "comm-1"),
        (Rung::Street, "street-1"),
        (Rung::Department, "works"),
        (Rung::Centre, "centre"),
    ];
    for (ticks, rung) in steps.into_iter().enumerate() {
        check(at_the_grid(), ticks + 1, rung);
    }
}

#[test]
fn a_rung_without_people_is_climbed_over_in_the_same_record() {
    let mut town = at_the_grid();
    for absent in ["comm-1", "street-1"] {
        town.must(absent, 0, Ask::SetDuty { unit: unit(absent), on_duty: false });
    }
    let town = check(town, 1, (Rung::Department, "works"));
    let events = town.records.last().map(|record| &record.parts[0].events).expect("a record");
    let escalated = events.iter().find_map(|event| match event {
        Event::Escalated(event) => Some(event),
        _ => None,
    });
    let escalated = escalated.expect("it climbed");
    assert_eq!(escalated.skipped, [unit("comm-1"), unit("street-1")]);
    assert_eq!(escalated.ground, EscalationGround::NotAccepted);
}

#[test]
fn the_next_rung_counts_from_the_scheduled_instant_and_not_from_the_late_timer() {
    let mut town = at_the_grid();
    let due = town.case(1).running(Clock::Accept).expect("it runs").due;
    town.now = due.plus_seconds(3 * 3600);
    let town = check(town, 1, (Rung::Community, "comm-1"));
    assert_eq!(town.case(1).running(Clock::Accept).expect("it runs").from, due);
    // The steps that were missed meanwhile fire one after another, in order, at the same wall instant.
    let now = town.now;
    let town = check(town, 2, (Rung::Department, "works"));
    assert_eq!(town.now, now);
}

#[test]
fn signed_for_and_not_solved_climbs_when_the_rungs_hold_is_over() {
    let mut town = at_the_grid();
    town.must("grid-1", 1, Ask::Accept).must("grid-1", 1, Ask::Contact { reached: true });
    let from = town.now;
    let town = check(town, 1, (Rung::Community, "comm-1"));
    // 20 % of the resolve limit of 50 hours.
    assert_eq!(town.now.seconds_since(from), 10 * 3600);
}

#[test]
fn the_centre_is_asked_again_and_again() {
    let mut town = check(at_the_grid(), 4, (Rung::Centre, "centre"));
    let mut asked = Vec::new();
    for _ in 0..12 {
        asked.push(town.now);
        town.tick();
    }
    assert!(town.case(1).top_asked >= 3, "asked {} times", town.case(1).top_asked);
    assert!(asked.is_sorted() && town.case(1).next_instant() > Some(town.now));
}

#[test]
fn a_holder_who_cannot_do_it_says_so_and_it_climbs_at_once() {
    let mut town = at_the_grid();
    town.must("grid-1", 1, Ask::Accept).must("grid-1", 1, Ask::Escalate { reason: words("需吊车") });
    check(town, 0, (Rung::Community, "comm-1"));
}

#[test]
fn a_case_about_a_unit_is_never_given_to_it_nor_below_it() {
    let mut town = Town::new();
    let mut about = filing("light");
    about.brief.accused = Some(unit("street-1"));
    town.must("centre", 0, Ask::Register(Box::new(about)));
    for below in [("street-1", Rung::Street), ("comm-1", Rung::Community), ("grid-1", Rung::Grid)] {
        let refused = town.ask("centre", 1, assign(below.0, below.1)).err();
        assert_eq!(refused, Some(Refusal::AboutThatUnit(unit("street-1"))));
    }
    let helped = Ask::Assign {
        lead: unit("works"),
        co_handlers: vec![unit("comm-1")],
        told: vec![],
        rung: Rung::Department,
        reason: words("协办"),
    };
    assert_eq!(town.ask("centre", 1, helped).err(), Some(Refusal::AboutThatUnit(unit("street-1"))));
    town.must("centre", 1, assign("works", Rung::Department));
    check(town, 1, (Rung::Centre, "centre"));
}

#[test]
fn climbing_passes_over_the_accused_and_over_rungs_that_may_not_lead_the_matter() {
    let mut town = Town::new();
    let mut about = filing("light");
    about.brief.accused = Some(unit("works"));
    town.must("centre", 0, Ask::Register(Box::new(about))).must(
        "centre",
        1,
        assign("street-1", Rung::Street),
    );
    check(town, 1, (Rung::Centre, "centre"));

    let mut town = Town::new();
    town.must("centre", 0, register("noise")).must("centre", 1, assign("grid-1", Rung::Grid));
    check(town, 1, (Rung::Street, "street-1"));
}
