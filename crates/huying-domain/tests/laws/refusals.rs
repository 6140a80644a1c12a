//! Each refusal that a decision can give, at least once. Those of the engine's own door (a reused id, a full lane,
//! a file that is not in the rulebook) are told where they arise.

use crate::town::{
    self, Town, answer, assign, check_law, filing, give_back, id, join, register, resolve, unit,
};
use huying_domain::{
    command::{Ask, Command},
    decide::decide,
    event::collect::Corrected,
    ids::TELL_CHANNELS,
    record::{CommandId, Hash, Origin, RuleFile},
    refusal::Refusal,
    vocabulary::{ReturnGround, Rung, Stage, Tag},
};

/// Given one case, with what was done to it, when somebody asks of it, then it is refused so.
fn check(given: Vec<(&'static str, Ask)>, (who, ask): (&str, Ask), then: Refusal) {
    let done = given.into_iter().map(|(who, ask)| (who, 1, ask));
    let given = [("centre", 0, register("light"))].into_iter().chain(done).collect();
    drop(check_law(given, (who, 1, ask), Err(then)));
}

fn handling() -> Vec<(&'static str, Ask)> {
    vec![("centre", assign("grid-1", Rung::Grid)), ("grid-1", Ask::Accept)]
}

#[test]
fn a_command_must_name_a_case_that_is() {
    drop(check_law(vec![], ("centre", 0, Ask::Accept), Err(Refusal::NoCase)));
    drop(check_law(vec![], ("centre", 9, Ask::Accept), Err(Refusal::UnknownCase(id(9)))));
    drop(check_law(vec![], ("centre", 0, join(9)), Err(Refusal::UnknownCase(id(9)))));
}

#[test]
fn a_person_has_to_have_seen_all_and_a_station_the_stage_and_the_holder() {
    let mut town = Town::new();
    town.must("centre", 0, register("light"));
    let filed = town.case(1).version;
    town.must("centre", 1, Ask::Remind { note: "请快".to_owned() });
    let now = town.case(1).version;
    let stale = |town: &Town, by: Origin, saw: u32| {
        let command = Command {
            id: CommandId::of_station("routing", 1, 0),
            actor: town::actor("centre"),
            by,
            because: Some(1),
            saw: Some(saw),
            case: Some(id(1)),
            ask: assign("grid-1", Rung::Grid),
            private: None,
        };
        let refusal = decide(&town.state, &town.rules, &command, town.now).err();
        refusal == Some(Refusal::Stale { now: town.case(1).version })
    };
    assert!(stale(&town, Origin::Person, filed) && !stale(&town, Origin::Person, now));
    assert!(!stale(&town, Origin::Station, filed), "a reminder moved neither stage nor holder");
    assert!(stale(&town, Origin::Station, now + 1), "nobody saw what is not yet");
    town.must("centre", 0, join(1));
    assert!(town.case(1).version > now && !stale(&town, Origin::Person, now), "thousands may call about it");
    town.must("centre", 1, assign("grid-1", Rung::Grid)).must("grid-1", 1, give_back());
    assert!(stale(&town, Origin::Station, now), "it was given and given back meanwhile");
}

#[test]
fn each_stage_allows_its_own() {
    check(vec![], ("centre", resolve()), Refusal::WrongStage { stage: Stage::Filed });
    check(handling(), ("grid-1", Ask::Accept), Refusal::WrongStage { stage: Stage::Handling });
    let assign = assign("grid-1", Rung::Grid);
    check(handling(), ("centre", assign), Refusal::WrongStage { stage: Stage::Handling });
}

#[test]
fn who_neither_holds_nor_supervises_is_refused() {
    check(handling(), ("police-desk", Ask::Progress { note: "好".to_owned() }), Refusal::NotYours);
    check(handling(), ("works", give_back()), Refusal::NotYours);
    check(handling(), ("grid-1", Ask::Remind { note: "催".to_owned() }), Refusal::NotYours);
    check(vec![], ("grid-1", Ask::Erase { reason: "请删".to_owned() }), Refusal::NotYours);
    let publish = Ask::PublishRules { file: RuleFile::Duty, hash: Hash::ZERO, bytes: 1 };
    drop(check_law(vec![], ("works", 0, publish), Err(Refusal::NotYours)));
}

#[test]
fn who_saw_an_older_rule_file_publishes_nothing_over_the_newer_one() {
    let mut town = Town::new();
    let publish = || Ask::PublishRules { file: RuleFile::Units, hash: Hash([1; 32]), bytes: 1 };
    let asked = |town: &Town, saw| {
        let command = Command {
            id: CommandId::of_act("town", "saw", 0),
            actor: town::actor("centre/li"),
            by: Origin::Person,
            because: None,
            saw,
            case: None,
            ask: publish(),
            private: None,
        };
        decide(&town.state, &town.rules, &command, town.now).map(drop)
    };
    assert_eq!(asked(&town, Some(0)), Ok(()), "nobody was faster");
    town.must("centre/qian", 0, publish());
    assert_eq!(asked(&town, Some(0)), Err(Refusal::RulesMoved { now: 1 }));
    assert_eq!(asked(&town, None), Ok(()), "who names no version publishes all the same");
}

#[test]
fn units_and_areas_must_be_the_citys() {
    let ghost = || unit("ghost");
    check(vec![], ("centre", assign("ghost", Rung::Grid)), Refusal::UnknownUnit(ghost()));
    let back = Ask::Return {
        ground: ReturnGround::NotOurDuty,
        reason: "非本单位".to_owned(),
        proposed: Some(ghost()),
    };
    check(handling(), ("grid-1", back), Refusal::UnknownUnit(ghost()));
    let duty = Ask::SetDuty { unit: ghost(), on_duty: false };
    drop(check_law(vec![], ("centre", 0, duty), Err(Refusal::UnknownUnit(ghost()))));
    let nowhere = "999999".parse().expect("well formed");
    let mut lost = filing("light");
    lost.brief.area = nowhere;
    let lost = Ask::Register(Box::new(lost));
    drop(check_law(vec![], ("centre", 0, lost), Err(Refusal::UnknownArea(nowhere))));
    check(vec![], ("centre", Ask::Rehome { to: nowhere }), Refusal::UnknownArea(nowhere));
}

#[test]
fn texts_must_be_there_and_not_too_long() {
    let mut silent = filing("light");
    silent.summary = "  ".into();
    let silent = Ask::Register(Box::new(silent));
    drop(check_law(vec![], ("centre", 0, silent), Err(Refusal::Missing("summary"))));
    check(handling(), ("grid-1", Ask::Progress { note: String::new() }), Refusal::Missing("note"));
    check(handling(), ("grid-1", Ask::Tag { tags: vec![] }), Refusal::Missing("tags"));
    let note = "长".repeat(2_001);
    check(handling(), ("grid-1", Ask::Progress { note }), Refusal::TooLong { field: "note", max: 2_000 });
    let evidence = vec![Hash::ZERO; 33];
    let much = Ask::Resolve { result: "好".to_owned(), evidence };
    check(handling(), ("grid-1", much), Refusal::TooLong { field: "evidence", max: 32 });
    drop(check_law(
        vec![("centre", 0, register("light"))],
        ("centre", 1, Ask::Tag { tags: vec![Tag::Sensitive; 99] }),
        Err(Refusal::Missing("tags")),
    ));
}

#[test]
fn a_ruling_is_final() {
    let given = vec![
        ("centre", assign("grid-1", Rung::Grid)),
        ("grid-1", give_back()),
        ("centre/li", Ask::Rule { holder: unit("grid-1"), rung: Rung::Grid, reason: "属其辖区".to_owned() }),
    ];
    check(given, ("grid-1", give_back()), Refusal::RuledCannotReturn);
}

#[test]
fn after_so_many_returns_a_person_rules_and_nobody_assigns() {
    let mut town = Town::new();
    town.must("centre", 0, register("light"));
    for _ in 0..3 {
        town.must("centre", 1, assign("grid-1", Rung::Grid)).must("grid-1", 1, give_back());
    }
    let refusal = town.ask_as("centre", Origin::Station, 1, assign("works", Rung::Department)).err();
    assert_eq!(refusal, Some(Refusal::PersonDecides));
    let by_hand = town.ask("centre/li", 1, assign("works", Rung::Department)).err();
    assert_eq!(by_hand, Some(Refusal::RulingNeeded { returns: 3 }));
    let reason = "属其职责".to_owned();
    town.must("centre/li", 1, Ask::Rule { holder: unit("works"), rung: Rung::Department, reason });
}

#[test]
fn a_matter_stays_off_the_rungs_that_its_duty_list_forbids() {
    let given = vec![("centre", 0, register("noise"))];
    let ask = assign("comm-1", Rung::Community);
    drop(check_law(given, ("centre", 1, ask), Err(Refusal::NotItsDuty)));
}

#[test]
fn what_follows_is_asked_of_its_lead() {
    let given = || vec![("centre", 0, register("light")), ("centre", 0, join(1))];
    let follows = || Err(Refusal::FollowsLead(id(1)));
    drop(check_law(given(), ("centre", 2, assign("grid-1", Rung::Grid)), follows()));
    drop(check_law(given(), ("centre", 0, join(2)), follows()));
    let mut town = Town::new();
    town.handling("light");
    town.finish(1);
    assert_eq!(town.ask("centre", 0, join(1)).err(), Some(Refusal::LeadSettled));
}

#[test]
fn what_changes_nothing_is_refused() {
    check(handling(), ("grid-1", Ask::Correct(Corrected::default())), Refusal::NothingNew);
    let again = Ask::Reassign { lead: unit("grid-1"), rung: Rung::Grid, reason: town::words("再派") };
    check(handling(), ("centre", again), Refusal::NothingNew);
    let home = Ask::Rehome { to: town::GRID.parse().expect("well formed") };
    check(handling(), ("centre", home), Refusal::NothingNew);
    let duty = Ask::SetDuty { unit: unit("works"), on_duty: true };
    drop(check_law(vec![], ("works", 0, duty), Err(Refusal::NothingNew)));
    let mut town = Town::new();
    town.handling("light");
    town.finish(1);
    assert_eq!(town.ask("centre", 1, town::told()).err(), Some(Refusal::WrongStage { stage: Stage::Closed }));
}

#[test]
fn a_caller_is_told_by_a_channel_that_there_is() {
    let mut town = Town::new();
    town.handling("light");
    town.must("grid-1", 1, resolve()).must("centre/qian", 1, town::check(true)).must(
        "centre/qian",
        1,
        answer(),
    );
    let ask = |channel: &str| Ask::Tell { channel: channel.parse().expect("one token") };
    let pigeon = "pigeon".parse().expect("one token");
    let refused = town.ask("centre", 1, ask("pigeon")).err();
    assert_eq!(refused, Some(Refusal::UnknownChannel(pigeon)));
    assert_eq!(refused.and_then(|refusal| refusal.field()), Some("channel"));
    for known in TELL_CHANNELS {
        town.must("centre", 1, ask(known));
    }
}

#[test]
fn erased_data_are_neither_read_nor_erased_again() {
    let mut town = Town::new();
    town.handling("light");
    let erase = || Ask::Erase { reason: "本人要求".to_owned() };
    let open = Refusal::WrongStage { stage: Stage::Handling };
    assert_eq!(town.ask("centre/li", 1, erase()).err(), Some(open));
    town.finish(1).must("centre/li", 1, erase());
    assert_eq!(town.ask("centre/li", 1, erase()).err(), Some(Refusal::NothingToErase));
    let reveal = Ask::Reveal { purpose: "回访".to_owned() };
    assert_eq!(town.ask("centre/li", 1, reveal).err(), Some(Refusal::DataErased));
}

fn reveal() -> Ask {
    Ask::Reveal { purpose: "上门前联系".to_owned() }
}

/// A town with one case that is in the grid's hands, and that was filed so.
fn filed_so(change: impl FnOnce(&mut huying_domain::event::collect::Filing)) -> Town {
    let mut filing = filing("light");
    change(&mut filing);
    let mut town = Town::new();
    town.must("centre", 0, Ask::Register(Box::new(filing)));
    town.must("centre", 1, assign("grid-1", Rung::Grid)).must("grid-1", 1, Ask::Accept);
    town
}

#[test]
fn the_caller_is_told_to_who_has_the_case_in_hand_and_to_nobody_else() {
    let mut town = filed_so(|_| {});
    town.must("grid-1", 1, reveal()).must("centre/li", 1, reveal());
    for other in ["works", "community-1"] {
        assert_eq!(town.ask(other, 1, reveal()).err(), Some(Refusal::NotYours), "{other}");
    }
    town.must("grid-1", 1, resolve());
    assert_eq!(town.ask("grid-1", 1, reveal()).err(), Some(Refusal::NotYours), "it has left its hands");
    let mut town = filed_so(|_| {});
    town.must("grid-1", 1, give_back());
    assert_eq!(town.ask("grid-1", 1, reveal()).err(), Some(Refusal::NotYours), "it gave it back");
}

#[test]
fn who_asked_for_secrecy_is_told_to_the_centre_alone() {
    let mut town = filed_so(|filing| filing.tags = vec![Tag::Confidential]);
    assert_eq!(town.ask("grid-1", 1, reveal()).err(), Some(Refusal::Confidential));
    town.must("centre/li", 1, reveal());
    let mut town = filed_so(|_| {});
    town.must("grid-1", 1, reveal());
    town.must("centre", 1, Ask::Tag { tags: vec![Tag::Confidential] });
    town.must("grid-1", 1, Ask::Tag { tags: vec![Tag::Sensitive] });
    assert_eq!(
        town.ask("grid-1", 1, reveal()).err(),
        Some(Refusal::Confidential),
        "a mark is not taken away"
    );
}

#[test]
fn who_reports_a_wrong_is_named_to_no_handler_and_never_to_the_accused() {
    let mut town = filed_so(|filing| filing.kind = huying_domain::vocabulary::CaseKind::Accusation);
    assert_eq!(town.ask("grid-1", 1, reveal()).err(), Some(Refusal::AccuserProtected));
    let mut town = filed_so(|filing| filing.brief.accused = Some(unit("works")));
    assert_eq!(town.ask("grid-1", 1, reveal()).err(), Some(Refusal::AccuserProtected));
    town.must("centre/li", 1, reveal());
    let mut town = filed_so(|filing| filing.brief.accused = Some(unit("centre")));
    assert_eq!(town.ask("centre/li", 1, reveal()).err(), Some(Refusal::AboutThatUnit(unit("centre"))));
}

#[test]
fn each_refusal_says_in_two_languages_why() {
    let some = [
        Refusal::NoCase,
        Refusal::Confidential,
        Refusal::AccuserProtected,
        Refusal::OwnWork,
        Refusal::MembersWait(3),
        Refusal::NotTold,
        Refusal::Busy,
    ];
    for refusal in some {
        let words = refusal.words();
        assert!(words.zh.ends_with('。') && words.en.ends_with('.'), "{words:?}");
    }
}
