//! One-key alarms: no triage, all of a ring at once, the first to answer has it, nobody is left waiting.

use crate::town::{Town, assign, filing, unit};
use huying_domain::{
    command::Ask,
    event::{Event, clocks::ClockChange, collect::Filing, dispatch::Alarmed},
    refusal::Refusal,
    vocabulary::{Channel, Clock, CloseCondition, EmergencyLine, Outcome, Rung, Stage, Tag},
};

/// Saturday, two in the night.
const NIGHT: &str = "2026-11-28T02:00:00+08:00";

fn press(change: impl FnOnce(&mut Filing)) -> Ask {
    let mut filing = Filing { channel: Channel::Device, ..filing("alarm.press") };
    change(&mut filing);
    Ask::Register(Box::new(filing))
}

fn pressed() -> Town {
    let mut town = Town::new();
    town.now = NIGHT.parse().expect("an instant");
    town.must("centre", 0, press(|_| {}));
    town
}

fn rung(town: &Town) -> Vec<Alarmed> {
    let events = town.records.iter().flat_map(|record| &record.parts).flat_map(|part| &part.events);
    let alarmed = events.filter_map(|event| match event {
        Event::Alarmed(event) => Some(event.clone()),
        _ => None,
    });
    alarmed.collect()
}

fn names(alarmed: &Alarmed) -> Vec<&str> {
    alarmed.units.iter().map(|unit| unit.as_str()).collect()
}

#[test]
fn a_press_rings_at_all_of_the_first_ring_in_its_own_record_by_night_and_on_a_day_off() {
    let town = pressed();
    assert_eq!(town.records.len(), 1, "nobody sorts it first");
    assert_eq!(names(&rung(&town)[0]), ["grid-1", "comm-1", "works"]);
    let case = town.case(1);
    assert!(case.rings());
    assert_eq!(case.next_instant(), Some(town.now.plus_seconds(60)), "no calendar and no quiet hours");
}

#[test]
fn the_first_to_answer_has_it_the_others_are_told_and_whoever_comes_later_learns_who_was_first() {
    let mut town = pressed();
    town.must("comm-1", 1, Ask::Accept);
    let events = &town.records[1].parts[0].events;
    let Event::Assigned(assigned) = &events[0] else { panic!("{events:?}") };
    assert_eq!((assigned.lead.as_str(), assigned.rung), ("comm-1", Rung::Community));
    assert_eq!(assigned.told, [unit("grid-1"), unit("works")]);
    let case = town.case(1);
    assert_eq!((case.stage, case.holder.as_str()), (Stage::Handling, "comm-1"));
    assert!(!case.rings() && case.running(Clock::Arrive).is_some(), "now somebody has to be at the door");
    let late = town.ask("grid-1", 1, Ask::Accept).expect_err("it is answered");
    assert_eq!(late, Refusal::AlarmAnswered(unit("comm-1")));
    assert!(late.words().zh.contains("comm-1"));
    assert!(town.ask("street-1", 1, Ask::Accept).is_err(), "it was not rung");
    let mut ringing = pressed();
    assert_eq!(ringing.ask("street-1", 1, Ask::Accept).err(), Some(Refusal::NotYours));
}

#[test]
fn what_nobody_answers_goes_to_the_next_ring_and_then_to_the_line_until_somebody_has_it() {
    let mut town = pressed();
    for _ in 0..4 {
        town.tick();
    }
    let rings = rung(&town);
    let units: Vec<_> = rings.iter().map(names).collect();
    assert_eq!(units[1], ["street-1", "centre"]);
    assert_eq!(units[2..], [["police-desk", "centre"]; 3]);
    assert_eq!(rings[2].line, Some(EmergencyLine::Ambulance));
    let at: Vec<i64> =
        town.records.iter().map(|record| record.at.seconds_since(town.records[0].at)).collect();
    assert_eq!(at, [0, 60, 120, 420, 720], "RING_S, and then again and again");
    // A signature is no receipt: before the line says that it has it, somebody still has to go.
    let refer = |receipt: Option<&str>| Ask::Refer {
        line: EmergencyLine::Ambulance,
        receipt: receipt.map(str::to_owned),
    };
    assert_eq!(town.ask("police-desk", 1, Ask::Accept).err(), Some(Refusal::Missing("receipt")));
    assert_eq!(town.ask("police-desk", 1, refer(None)).err(), Some(Refusal::Missing("receipt")));
    assert!(town.case(1).rings());
    town.must("police-desk", 1, refer(Some("120-2026-118")));
    assert_eq!(town.case(1).outcome, Some(Outcome::Referred));
    assert!(!town.case(1).rings());
}

#[test]
fn who_is_not_there_is_not_rung_and_a_ring_without_anybody_is_passed_over_at_once() {
    let mut town = Town::new();
    town.must("grid-1", 0, Ask::SetDuty { unit: unit("grid-1"), on_duty: false });
    town.must("centre", 0, press(|_| {}));
    assert_eq!(names(&rung(&town)[0]), ["comm-1", "works"]);
    assert_eq!(rung(&town)[0].skipped, [unit("grid-1")]);
    for nobody in ["comm-1", "works"] {
        town.must(nobody, 0, Ask::SetDuty { unit: unit(nobody), on_duty: false });
    }
    town.must("centre", 0, press(|_| {}));
    let second = rung(&town).pop().expect("it rings");
    assert_eq!((second.ring, names(&second)), (2, vec!["street-1", "centre"]));
}

#[test]
fn a_drill_ends_with_its_answer_or_without_one_and_is_handed_over_to_nobody() {
    let drill = || press(|filing| filing.tags = vec![Tag::Drill]);
    let mut town = Town::new();
    town.must("centre", 0, drill()).must("grid-1", 1, Ask::Accept);
    assert_eq!(town.case(1).closed, Some(CloseCondition::Drill));
    assert_eq!(town.case(1).next_instant(), None);
    town.must("centre", 0, drill());
    let refer = Ask::Refer { line: EmergencyLine::Ambulance, receipt: Some("x".to_owned()) };
    assert!(town.ask("centre", 2, refer).is_err());
    town.tick();
    town.tick();
    assert_eq!(town.case(2).closed, Some(CloseCondition::Drill));
    assert!(rung(&town).iter().all(|alarmed| alarmed.drill && alarmed.line.is_none()));
}

#[test]
fn nothing_else_can_be_called_a_drill() {
    let mut town = Town::new();
    let call = Filing { tags: vec![Tag::Drill], ..filing("light") };
    let refused = Some(Refusal::DrillOnlyForAlarms);
    assert_eq!(town.ask("centre", 0, Ask::Register(Box::new(call))).err(), refused);
    town.must("centre", 0, crate::town::register("light"));
    assert_eq!(town.ask("centre", 1, Ask::Tag { tags: vec![Tag::Drill] }).err(), refused);
}

#[test]
fn the_centre_may_send_somebody_by_hand_while_it_rings() {
    let mut town = pressed();
    town.must("centre", 1, assign("street-1", Rung::Street));
    assert!(!town.case(1).rings());
    assert_eq!(town.case(1).holder, unit("street-1"));
}

#[test]
fn after_three_days_away_the_rings_fire_in_order_from_their_scheduled_instants_and_the_last_one_once() {
    let mut town = pressed();
    let begun = town.now;
    town.wait(3 * 24 * 60);
    let mut from = Vec::new();
    for _ in 0..3 {
        from.extend(town.tick().iter().filter_map(|event| match event {
            Event::Clocked(event) => Some(event.changes.clone()),
            _ => None,
        }));
    }
    let from: Vec<i64> = from
        .iter()
        .flatten()
        .filter_map(|change| match change {
            ClockChange::Started { clock: Clock::Ring, from, .. } => Some(from.seconds_since(begun)),
            _ => None,
        })
        .collect();
    assert_eq!(from, [60, 120, 3 * 86_400], "then there is nothing left to make up for");
    assert!(town.next().is_some_and(|(next, ..)| next > town.now));
}
