//! The main path, and the ways that end without handling.

use crate::town::{
    Town, answer, assign, call_back, check, check_law, close, join, register, register_solved, resolve, tell,
    told,
};
use huying_domain::event::collect::Guide;
use huying_domain::{
    command::Ask,
    event::{Event, collect::Corrected},
    vocabulary::{
        CancelGround, CaseKind, Clock, CloseCondition, EmergencyLine, Outcome, RefusalGround, Rung, Solved,
        Stage,
    },
};

#[test]
fn a_call_becomes_a_case_that_the_centre_holds_until_it_is_dispatched() {
    let town = check_law(vec![], ("centre", 0, register("light")), Ok(&["case.registered", "case.clocked"]));
    let case = town.case(1);
    assert_eq!((case.stage, case.holder.as_str()), (Stage::Filed, "centre"));
}

#[test]
fn the_main_path_passes_every_stage_in_turn() {
    let steps: Vec<(&str, Ask, Stage, &[&str])> = vec![
        ("centre", assign("grid-1", Rung::Grid), Stage::Assigned, &["case.assigned", "case.clocked"]),
        ("grid-1", Ask::Accept, Stage::Handling, &["case.accepted", "case.clocked"]),
        ("grid-1", Ask::Contact { reached: false }, Stage::Handling, &["case.contacted"]),
        ("grid-1", Ask::Contact { reached: true }, Stage::Handling, &["case.contacted", "case.clocked"]),
        ("grid-1", resolve(), Stage::Resolved, &["case.resolved", "case.clocked"]),
        ("centre/qian", check(true), Stage::Settled, &["case.checked", "case.clocked"]),
        ("centre", answer(), Stage::Answered, &["case.answered", "case.clocked"]),
        ("centre", tell(), Stage::Answered, &["case.tell_asked"]),
        ("centre", told(), Stage::Answered, &["case.told"]),
        ("centre", call_back(Solved::Yes), Stage::CalledBack, &["case.called_back", "case.clocked"]),
        ("centre", close(CloseCondition::Confirmed), Stage::Closed, &["case.closed", "case.clocked"]),
    ];
    let mut given = vec![("centre", 0, register("light"))];
    for (who, ask, stage, then) in steps {
        let town = check_law(given.clone(), (who, 1, ask.clone()), Ok(then));
        assert_eq!(town.case(1).stage, stage);
        given.push((who, 1, ask));
    }
}

#[test]
fn what_is_solved_on_the_spot_is_checked_and_answered_all_the_same() {
    let then = ["case.registered", "case.resolved", "case.clocked"];
    let town = check_law(vec![], ("grid-1", 0, register_solved()), Ok(&then));
    assert_eq!((town.case(1).stage, town.case(1).outcome), (Stage::Resolved, Some(Outcome::OnTheSpot)));
    let given = vec![("grid-1", 0, register_solved())];
    let town = check_law(given, ("centre/qian", 1, check(false)), Ok(&["case.checked", "case.clocked"]));
    assert_eq!((town.case(1).stage, town.case(1).holder.as_str()), (Stage::Filed, "centre"));
    assert!(town.case(1).next_instant().is_some());
}

#[test]
fn a_case_that_is_not_handled_ends_in_answer_told_and_closed_too() {
    let reason = || "属市场行为".to_owned();
    let ways = [
        (
            Ask::Refuse {
                ground: RefusalGround::BeyondDuty,
                reason: reason(),
                guide: Some(Guide::Way("市场".to_owned())),
            },
            CloseCondition::Refused,
        ),
        (Ask::Refer { line: EmergencyLine::Fire, receipt: None }, CloseCondition::Referred),
        (Ask::Cancel { ground: CancelGround::Withdrawn, reason: reason() }, CloseCondition::Cancelled),
    ];
    for (way, condition) in ways {
        let mut town = Town::new();
        town.must("centre", 0, register("light")).must("centre", 1, way);
        assert_eq!(town.case(1).stage, Stage::Settled);
        town.must("centre", 1, answer());
        assert!(town.ask("centre", 1, call_back(Solved::Yes)).is_err(), "nothing was done to ask about");
        assert!(town.ask("centre", 1, close(condition)).is_err(), "the caller has not been told");
        let record = town.ask("centre", 1, told()).expect("told");
        let Event::Told(event) = &record.parts[0].events[0] else { panic!("not told") };
        assert_eq!(event.closes, Some(condition));
        town.must("centre", 1, close(condition));
        assert_eq!((town.case(1).stage, town.case(1).next_instant()), (Stage::Closed, None));
    }
}

#[test]
fn every_further_caller_is_answered_seven_in_a_record_before_the_lead_may_close() {
    let mut town = Town::new();
    let lead = town.handling("light");
    let members = 15;
    for _ in 0..members {
        town.must("centre", 0, join(lead));
    }
    town.must("grid-1", lead, resolve()).must("centre/qian", lead, check(true)).must(
        "centre",
        lead,
        answer(),
    );
    town.must("centre", lead, told()).must("centre", lead, call_back(Solved::Yes));
    for (parts, left) in [(8, 8), (8, 1), (2, 0)] {
        assert!(town.ask("centre", lead, close(CloseCondition::Confirmed)).is_err(), "somebody waits");
        let record = town.ask("centre", lead, Ask::PassOn).expect("some wait");
        assert_eq!(record.parts.len(), parts);
        assert_eq!(town.case(lead).waiting_members(), left);
    }
    for number in lead + 1..=lead + members {
        let case = town.case(number);
        assert_eq!((case.stage, case.outcome), (Stage::Answered, Some(Outcome::WithLead)));
        assert!(case.next_instant().is_some(), "a member is called back like any other");
    }
    town.must("centre", lead, close(CloseCondition::Confirmed));
}

#[test]
fn a_correction_changes_what_it_names_and_nothing_else() {
    let mut town = Town::new();
    let mut filing = crate::town::filing("noise");
    filing.brief.condition = Some("night".parse().expect("a condition"));
    town.must("centre", 0, Ask::Register(Box::new(filing)));
    let before = town.case(1).clone();
    let kind = Corrected { kind: Some(CaseKind::Complaint), ..Corrected::default() };
    town.must("centre", 1, Ask::Correct(kind));
    let after = town.case(1);
    assert_eq!((after.kind, &after.brief), (CaseKind::Complaint, &before.brief));
    assert_eq!((&after.tags, &after.clocks), (&before.tags, &before.clocks));
}

#[test]
fn a_time_that_the_source_tells_starts_no_clock() {
    let mut town = Town::new();
    let mut filing = crate::town::filing("noise");
    filing.occurred_at = Some(town.now.plus_seconds(-30 * 86_400));
    town.must("centre", 0, Ask::Register(Box::new(filing)));
    let case = town.case(1);
    let dispatch = case.running(Clock::Dispatch).expect("it runs");
    assert_eq!((case.filed_at, dispatch.from), (town.now, town.now));
}
