//! Settled while the caller is on the line: in one record, so that nobody gives the case away in between.

use crate::town::{self, Town, settled};
use huying_domain::{
    command::{Ask, AtOnce},
    event::{Event, collect::Guide},
    record::{Hash, Origin},
    refusal::Refusal,
    vocabulary::{CaseKind, Channel, CloseCondition, EmergencyLine, Outcome, RefusalGround, Solved, Stage},
};

fn refuse(ground: RefusalGround, guide: Option<Guide>) -> AtOnce {
    AtOnce::Refuse { ground, reason: "已向来电人说明".to_owned(), guide }
}

fn way() -> Option<Guide> {
    Some(Guide::Way("劳动人事争议仲裁委员会".to_owned()))
}

fn answered(solved: Option<Solved>) -> AtOnce {
    AtOnce::Answer {
        contacted: "知识库".to_owned(),
        done: "周六照常办公".to_owned(),
        by_when: None,
        verdict: solved.map(town::verdict),
    }
}

#[test]
fn a_refusal_on_the_line_is_one_record_and_the_caller_is_answered_all_the_same() {
    let mut town = Town::new();
    town.must("centre/li", 0, settled(refuse(RefusalGround::OtherLegalWay, way())));
    assert_eq!(town.records.len(), 1);
    let case = town.case(1);
    assert_eq!((case.stage, case.outcome), (Stage::Settled, Some(Outcome::Refused)));
    assert!(case.next_instant().is_some(), "the answer is owed by an instant");
    town.must("centre/qian", 1, town::answer()).must("centre", 1, town::tell());
    town.must("centre", 1, town::told()).must("centre/qian", 1, town::close(CloseCondition::Refused));
}

#[test]
fn each_ground_of_the_sorting_owes_the_caller_where_to_turn() {
    let mut town = Town::new();
    town.must("centre", 0, town::register("light"));
    let earlier = Some(Guide::Earlier(town::id(1)));
    let owed = Err(Refusal::Missing("guide"));
    let cases = [
        (RefusalGround::OtherLegalWay, None, owed.clone()),
        (RefusalGround::OtherLegalWay, earlier.clone(), owed.clone()),
        (RefusalGround::OtherLegalWay, way(), Ok(())),
        (RefusalGround::BeyondDuty, None, owed.clone()),
        (RefusalGround::BeyondDuty, way(), Ok(())),
        (RefusalGround::NothingNew, way(), owed),
        (RefusalGround::NothingNew, earlier, Ok(())),
        (
            RefusalGround::NothingNew,
            Some(Guide::Earlier(town::id(99))),
            Err(Refusal::UnknownCase(town::id(99))),
        ),
        (RefusalGround::Secret, None, Ok(())),
        (RefusalGround::Unlawful, None, Ok(())),
        (RefusalGround::Malicious, None, Ok(())),
    ];
    for (ground, guide, expected) in cases {
        let found = town.ask("centre/li", 0, settled(refuse(ground, guide.clone()))).map(|_| ());
        assert_eq!(found, expected, "on the line: {ground}, {guide:?}");
        let ask = Ask::Refuse { ground, reason: "说明".to_owned(), guide: guide.clone() };
        let number = town.state.next_case().number();
        town.must("centre", 0, town::register("light"));
        assert_eq!(town.ask("centre/li", number, ask).map(|_| ()), expected, "later: {ground}, {guide:?}");
    }
}

#[test]
fn an_emergency_is_handed_over_at_once_and_no_rung_ever_has_it() {
    let mut town = Town::new();
    let refer = AtOnce::Refer { line: EmergencyLine::Ambulance, receipt: Some("120-77".to_owned()) };
    let Ask::RegisterSettled { mut filing, how } = settled(refer) else { unreachable!("it is one") };
    filing.kind = CaseKind::Help;
    town.must("centre/li", 0, Ask::RegisterSettled { filing, how });
    let tags: Vec<_> = town.records[0].parts[0].events.iter().map(Event::tag).collect();
    assert_eq!(tags, ["case.registered/1", "case.referred/1", "case.clocked/1"]);
    assert_eq!(town.case(1).outcome, Some(Outcome::Referred));
}

#[test]
fn a_question_answered_on_the_line_passes_all_four_phases_in_one_record() {
    let mut town = Town::new();
    town.must("centre/li", 0, settled(answered(Some(Solved::Yes))));
    let case = town.case(1);
    assert_eq!((case.stage, case.told, case.attempts), (Stage::CalledBack, true, 1));
    let own = town.ask("centre/li", 1, town::close(CloseCondition::Confirmed)).err();
    assert_eq!(own, Some(Refusal::OwnWork), "who answered does not close it");
    let close = town::close(CloseCondition::Confirmed);
    town.ask_as("centre", Origin::Station, 1, close).expect("the caller has confirmed it");
}

#[test]
fn an_answer_of_which_nothing_was_heard_is_called_back_and_not_told_twice() {
    let mut town = Town::new();
    town.must("centre/li", 0, settled(answered(None)));
    assert_eq!(town.case(1).stage, Stage::Answered);
    assert_eq!(
        town.ask_as("centre", Origin::Station, 1, town::tell()).err(),
        Some(Refusal::NothingNew),
        "it was told on the line"
    );
    town.must("centre/qian", 1, town::call_back(Solved::Yes));
}

#[test]
fn what_needs_work_is_not_waved_off_on_the_line_and_no_program_does_it() {
    let mut town = Town::new();
    let Ask::RegisterSettled { mut filing, how } = settled(answered(None)) else { unreachable!("it is one") };
    for kind in [CaseKind::Complaint, CaseKind::Accusation, CaseKind::Help] {
        filing.kind = kind;
        let ask = Ask::RegisterSettled { filing: filing.clone(), how: how.clone() };
        assert_eq!(town.ask("centre/li", 0, ask).err(), Some(Refusal::NotAQuestion));
    }
    filing.kind = CaseKind::Inquiry;
    for channel in [Channel::App, Channel::Web, Channel::Device, Channel::Patrol, Channel::Transfer] {
        filing.channel = channel;
        let ask = Ask::RegisterSettled { filing: filing.clone(), how: how.clone() };
        assert_eq!(town.ask("centre/li", 0, ask).err(), Some(Refusal::NobodyOnTheLine), "{channel}");
    }
    let by_program = town.ask_as("centre", Origin::Station, 0, settled(answered(None))).err();
    assert_eq!(by_program, Some(Refusal::PersonDecides));
    assert_eq!(town.records.len(), 0, "nothing of it stands in the journal");
}

#[test]
fn what_was_solved_by_whoever_found_it_has_evidence() {
    let mut town = Town::new();
    let ask = Ask::RegisterSolved {
        filing: Box::new(town::filing("light")),
        result: "当场扶正".to_owned(),
        evidence: vec![],
    };
    assert_eq!(town.ask("grid-1/wang", 0, ask).err(), Some(Refusal::Missing("evidence")));
    town.must("grid-1/wang", 0, town::register_solved());
    // The same said with the call itself, by whoever walked the round: nobody has to be on the line for it.
    let found = |evidence| {
        let solve = AtOnce::Solve { result: "当场扶正".to_owned(), evidence };
        let Ask::RegisterSettled { mut filing, how } = settled(solve) else { unreachable!("it is one") };
        (filing.kind, filing.channel) = (CaseKind::Help, Channel::Patrol);
        Ask::RegisterSettled { filing, how }
    };
    let bare = town.ask("grid-1/wang", 0, found(vec![])).err();
    assert_eq!(bare, Some(Refusal::Missing("evidence")));
    town.must("grid-1/wang", 0, found(vec![Hash([7; 32])]));
    assert_eq!((town.case(2).stage, town.case(2).outcome), (town.case(1).stage, town.case(1).outcome));
    let by_program = town.ask_as("centre", Origin::Station, 0, found(vec![Hash([7; 32])])).err();
    assert_eq!(by_program, Some(Refusal::PersonDecides));
}
