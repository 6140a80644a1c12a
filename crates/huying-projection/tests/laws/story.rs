//! A day in the town on which everything happens once.

pub(crate) mod access;
pub(crate) mod governed;

use crate::town::{
    Town, answer, assign, call_back, check, close, give_back, join, register, register_solved, resolve, tell,
    told, unit, words,
};
use huying_domain::event::collect::Guide;
use huying_domain::vocabulary::review::CallBackWay;
use huying_domain::{
    command::Ask,
    event::collect::Corrected,
    record::{Hash, Origin, RuleFile},
    vocabulary::{CancelGround, CloseCondition, EmergencyLine, RefusalGround, Rung, Solved, Tag},
};

pub(crate) fn day() -> Town {
    let mut town = Town::new();
    town.must("centre/li", 0, Ask::PublishRules { file: RuleFile::Policy, hash: Hash([1; 32]), bytes: 1 });
    town.must("comm-1", 0, Ask::SetDuty { unit: unit("comm-1"), on_duty: false });
    main_path(&mut town);
    climbing(&mut town);
    joined(&mut town);
    declined(&mut town);
    returned_and_reopened(&mut town);
    town
}

fn main_path(town: &mut Town) {
    town.must("centre", 0, register("light")).wait(5).must("centre", 1, assign("grid-1", Rung::Grid));
    town.wait(10).must("grid-1", 1, Ask::Accept).must("grid-1", 1, Ask::Contact { reached: true });
    town.must("grid-1", 1, Ask::Arrive { place: None });
    town.must("grid-1", 1, Ask::Progress { note: "备件已到".to_owned() });
    town.must("grid-1", 1, Ask::Delegate { person: "wang".parse().expect("well formed") });
    town.must("centre", 1, Ask::Tag { tags: vec![Tag::Sensitive] });
    let change = Corrected { summary: Some("路灯闪".into()), ..Corrected::default() };
    town.must("centre", 1, Ask::Correct(change));
    town.must("centre/li", 1, Ask::Reveal { purpose: "回访".to_owned() });
    town.must("centre/li", 1, Ask::Rehome { to: "211081001001".parse().expect("well formed") });
    town.wait(60).finish(1);
    town.must("centre/li", 1, Ask::Erase { reason: "本人要求".to_owned() });
}

/// Case 2: nobody at the grid signs, the community has nobody on duty, and so it is the street's.
fn climbing(town: &mut Town) {
    town.must("centre", 0, register("light")).must("centre", 2, assign("grid-1", Rung::Grid));
    town.must("centre", 2, Ask::Remind { note: "请尽快签收".to_owned() });
    town.tick();
    town.must("street-1", 2, Ask::Accept).wait(30);
    town.must("street-1", 2, Ask::Escalate { reason: words("需专业队伍") });
    town.must("works", 2, Ask::Accept);
    let mut left = 40;
    while town.case(2).top_asked == 0 {
        town.tick();
        left -= 1;
        assert!(left > 0, "it never reached the top");
    }
}

fn joined(town: &mut Town) {
    let lead = town.handling("light");
    for _ in 0..9 {
        town.must("centre", 0, join(lead));
    }
    town.wait(20).must("grid-1", lead, resolve()).must("centre/qian", lead, check(false));
    town.must("grid-1", lead, resolve()).must("centre/qian", lead, check(true));
    town.must("centre", lead, answer()).must("centre", lead, Ask::PassOn).must("centre", lead, Ask::PassOn);
}

fn declined(town: &mut Town) {
    let refuse = || Ask::Refuse {
        ground: RefusalGround::BeyondDuty,
        reason: "属市场行为".to_owned(),
        guide: Some(Guide::Way("市场".to_owned())),
    };
    let cancel = |ground| Ask::Cancel { ground, reason: "数据截止".to_owned() };
    let refer = || Ask::Refer { line: EmergencyLine::Fire, receipt: Some("f-1".to_owned()) };
    for ask in [refuse(), cancel(CancelGround::Withdrawn), cancel(CancelGround::Censored), refer()] {
        let number = town.state.next_case().number();
        let condition = match ask {
            Ask::Refuse { .. } => CloseCondition::Refused,
            Ask::Refer { .. } => CloseCondition::Referred,
            _ => CloseCondition::Cancelled,
        };
        town.must("centre", 0, register("parcel")).must("centre", number, ask);
        town.must("centre", number, answer()).must("centre", number, tell());
        town.must("centre", number, told()).must("centre", number, close(condition));
    }
}

fn returned_and_reopened(town: &mut Town) {
    let number = town.handling("light");
    town.must("grid-1", number, give_back()).wait(7);
    let rule = Ask::Rule { holder: unit("works"), rung: Rung::Department, reason: "维护归其".to_owned() };
    town.must("centre/li", number, rule).must("works", number, Ask::Accept);
    town.must("works", number, resolve()).must("centre/qian", number, check(true));
    town.must("centre", number, answer()).must("centre", number, told());
    town.must("centre", number, Ask::CallBack { way: CallBackWay::Phone, verdict: None });
    town.must("centre", number, call_back(Solved::No));
    town.must("centre", number, Ask::Reopen { reason: words("仍不亮") });
    let found = town.state.next_case().number();
    town.must("grid-1", 0, register_solved()).must("centre", found, check(false));
    // The engine was away for the whole of a limit.
    let late = town.state.next_case().number();
    town.must("centre", 0, register("noise"));
    let running = town.case(late).clocks[0].clone();
    town.now = running.due.plus_seconds(3600);
    let ask =
        Ask::CheckClock { clock: running.clock, scheduled: running.due, away_since: Some(running.from) };
    town.ask_as("centre", Origin::Timer, late, ask).expect("it is due");
}
