//! Who checks and closes, on which condition, and what a reopening begins.

use crate::town::{
    self, Town, answer, assign, call_back, check, close, register, register_solved, resolve, told, words,
};
use huying_domain::vocabulary::review::CallBackWay;
use huying_domain::{
    command::Ask,
    record::Origin,
    refusal::Refusal,
    rules::policy::Policy,
    vocabulary::{Clock, CloseCondition, Rung, Solved, Stage},
};

fn resolved() -> Town {
    let mut town = Town::new();
    town.handling("light");
    town.must("grid-1", 1, resolve());
    town
}

fn called_back(solved: Solved) -> Town {
    let mut town = resolved();
    town.must("centre/qian", 1, check(true)).must("centre", 1, answer()).must("centre", 1, told());
    town.must("centre", 1, call_back(solved));
    town
}

/// Given a town, when somebody asks of case 1, then it is refused so.
fn refused(given: &mut Town, (who, ask): (&str, Ask), then: Refusal) {
    assert_eq!(given.ask(who, 1, ask).err(), Some(then));
}

#[test]
fn who_handled_a_case_neither_checks_nor_closes_it() {
    let mut town = Town::new();
    town.must("centre", 0, register("light")).must("centre", 1, assign("street-1", Rung::Street));
    town.must("street-1", 1, Ask::Accept).must("street-1", 1, resolve());
    refused(&mut town, ("street-1", check(true)), Refusal::NotYours);

    // The centre may have handled it as the last rung: then another of its persons checks.
    let mut town = Town::new();
    town.must("centre/li", 0, register_solved());
    refused(&mut town, ("centre/li", check(true)), Refusal::OwnWork);
    refused(&mut town, ("centre", check(true)), Refusal::OwnWork);
    town.must("centre/qian", 1, check(true)).must("centre", 1, answer()).must("centre", 1, told());
    town.must("centre", 1, call_back(Solved::Yes));
    refused(&mut town, ("centre/li", close(CloseCondition::Confirmed)), Refusal::OwnWork);
    town.must("centre/qian", 1, close(CloseCondition::Confirmed));
}

#[test]
fn who_supervises_a_resolver_may_not_check_what_it_resolved_itself() {
    let mut town = resolved();
    town.must("centre/qian", 1, check(false));
    town.must("grid-1", 1, Ask::Escalate { reason: words("难") }).must("comm-1", 1, Ask::Accept);
    town.must("comm-1", 1, resolve());
    assert_eq!(town.case(1).resolvers.len(), 2, "all who resolved it are remembered");
}

#[test]
fn nothing_is_closed_before_the_caller_is_told() {
    let mut town = resolved();
    town.must("centre/qian", 1, check(true)).must("centre", 1, answer());
    town.must("centre", 1, call_back(Solved::Yes));
    refused(&mut town, ("centre", close(CloseCondition::Confirmed)), Refusal::NotTold);
    town.must("centre", 1, told()).must("centre", 1, close(CloseCondition::Confirmed));
}

#[test]
fn the_condition_of_closing_is_what_the_caller_said() {
    let wrong = [
        (Solved::No, CloseCondition::Confirmed),
        (Solved::Partly, CloseCondition::Confirmed),
        (Solved::Yes, CloseCondition::Unsolved),
        (Solved::Yes, CloseCondition::Unreached),
        (Solved::Yes, CloseCondition::Refused),
        (Solved::Yes, CloseCondition::Referred),
        (Solved::Yes, CloseCondition::Cancelled),
    ];
    for (solved, condition) in wrong {
        refused(&mut called_back(solved), ("centre", close(condition)), Refusal::ConditionNotMet);
    }
}

#[test]
fn only_a_person_closes_what_is_unsolved_or_unreached() {
    let mut town = called_back(Solved::No);
    let ask = close(CloseCondition::Unsolved);
    let by_program = town.ask_as("centre", Origin::Station, 1, ask.clone()).err();
    assert_eq!(by_program, Some(Refusal::PersonDecides));
    town.must("centre/qian", 1, ask);
}

#[test]
fn a_caller_is_unreached_only_after_all_attempts() {
    let mut town = resolved();
    town.must("centre/qian", 1, check(true)).must("centre", 1, answer()).must("centre", 1, told());
    town.must("centre", 1, Ask::CallBack { way: CallBackWay::Phone, verdict: None });
    refused(&mut town, ("centre/qian", close(CloseCondition::Unreached)), Refusal::ConditionNotMet);
    town.must("centre", 1, Ask::CallBack { way: CallBackWay::Phone, verdict: None });
    town.must("centre/qian", 1, close(CloseCondition::Unreached));
}

#[test]
fn a_reopened_case_begins_a_new_leg_with_a_new_limit_on_its_own_record() {
    let mut town = called_back(Solved::No);
    town.wait(30).must("centre", 1, Ask::Reopen { reason: words("仍不亮") });
    let case = town.case(1);
    assert_eq!((case.leg, case.stage, case.told, case.verdict), (2, Stage::Filed, false, None));
    assert_eq!(case.resolvers.len(), 1, "who resolved the first leg does not check the second");
    town.must("centre", 1, assign("works", Rung::Department));
    assert_eq!(town.case(1).running(Clock::Resolve).expect("it runs").from, town.now);
    town.must("works", 1, Ask::Accept).finish(1);
    town.must("centre", 1, Ask::Reopen { reason: words("又坏") });
    assert_eq!(town.case(1).leg, 3);
}

#[test]
fn after_so_many_reopenings_a_person_decides() {
    let mut town = called_back(Solved::No);
    let reopen = || Ask::Reopen { reason: words("仍不亮") };
    for _ in 0..2 {
        town.ask_as("centre", Origin::Station, 1, reopen()).expect("a station may reopen twice");
        town.must("centre", 1, assign("works", Rung::Department)).must("works", 1, Ask::Accept);
        town.must("works", 1, resolve()).must("centre/qian", 1, check(true)).must("centre", 1, answer());
        town.must("centre", 1, told()).must("centre", 1, call_back(Solved::No));
    }
    let refusal = town.ask_as("centre", Origin::Station, 1, reopen()).err();
    assert_eq!(refusal, Some(Refusal::PersonDecides));
    town.must("centre/qian", 1, reopen());
}

#[test]
fn a_program_never_refuses_nor_checks_nor_calls_back() {
    let mut town = resolved();
    let asks = [
        check(true),
        Ask::Refuse {
            ground: huying_domain::vocabulary::RefusalGround::Secret,
            reason: "密".to_owned(),
            guide: None,
        },
        Ask::Cancel { ground: huying_domain::vocabulary::CancelGround::Void, reason: "空号".to_owned() },
        call_back(Solved::Yes),
        Ask::Reveal { purpose: "回访".to_owned() },
    ];
    for ask in asks {
        let refusal = town.ask_as("centre", Origin::Station, 1, ask).err();
        assert_eq!(refusal, Some(Refusal::PersonDecides));
    }
}

#[test]
fn the_ways_to_tell_a_caller_end_with_a_person() {
    let told = |tell: &str| {
        let text = include_str!("../../../../tests/city/policy.toml");
        let text = text.replacen("[policy]", &format!("[policy]\n{tell}"), 1);
        Policy::parse(&text).map(|policy| (policy.tell.len(), policy.contradictions()))
    };
    assert_eq!(told(""), Ok((1, vec![])), "where nothing is said, a person calls");
    assert_eq!(told(r#"tell = ["mail", "sms", "callback-list"]"#), Ok((3, vec![])));
    for (tell, finding) in [
        (r#"tell = ["mail"]"#, "end with"),
        ("tell = []", "end with"),
        (r#"tell = ["pigeon", "callback-list"]"#, "pigeon"),
        (r#"tell = ["sms", "sms", "callback-list"]"#, "twice"),
    ] {
        let (_, findings) = told(tell).expect("it can be read");
        assert!(findings.iter().any(|said| said.contains(finding)), "{tell}: {findings:?}");
    }
}

#[test]
fn an_answer_has_its_four_elements_and_was_not_looked_into_in_the_future() {
    let mut town = Town::new();
    town.wait(60).handling("light");
    town.wait(60).must("grid-1", 1, resolve()).must("centre/qian", 1, check(true));
    let now = town.now;
    let mut refused = |when| town.ask("centre/qian", 1, town::answer_of(when)).err();
    assert_eq!(refused(now.plus_seconds(1)), Some(Refusal::TooFar { field: "when", latest: now }));
    for (field, contacted, done, by_when) in [
        ("contacted", " ", "已修复", None),
        ("done", "来电人", "", None),
        ("by_when", "来电人", "已修复", Some(" ")),
    ] {
        let ask = Ask::Answer {
            when: now,
            contacted: contacted.to_owned(),
            done: done.to_owned(),
            by_when: by_when.map(str::to_owned),
        };
        assert_eq!(town.ask("centre/qian", 1, ask).err(), Some(Refusal::Missing(field)));
    }
    town.must("centre/qian", 1, town::answer_of(now));
}
