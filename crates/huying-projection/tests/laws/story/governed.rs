//! A second day: what needs somebody's leave, what several do together, alarms, notices, merges, and what comes after
//! the end.

use crate::town::{
    Town, filing, join, merge, resolve, rules_that_look_again_and, settled, unit, unmerge, words,
};
use huying_domain::{
    command::{Ask, AtOnce, TaskWanted},
    event::Event,
    record::Origin,
    time::Timestamp,
    vocabulary::{
        Channel, Clock, EmergencyLine, ExemptGround, Rung,
        governed::{SupervisionDegree, SupervisionGround, SuspensionGround, TerminationGround, WhistleKind},
        review::LookKind,
    },
};

const NOTICE: &str = r#"
[[notice]]
source = "made up"
clock = "resolve"
before = 20
to = ["holder", "above"]
holds = "2uh"
"#;

pub(crate) fn day() -> Town {
    let mut town = Town::under(rules_that_look_again_and(NOTICE));
    asked_above(&mut town);
    together(&mut town);
    alarm(&mut town);
    noticed_and_late(&mut town);
    merged(&mut town);
    town
}

fn text() -> String {
    "情况属实".to_owned()
}

fn happened(town: &Town, tag: &str) -> bool {
    let events = town.records.iter().flat_map(|record| &record.parts).flat_map(|part| &part.events);
    events.map(Event::tag).any(|seen| seen == tag)
}

/// Lets the timers ask until this has happened.
fn until(town: &mut Town, tag: &str) {
    for _ in 0..80 {
        if happened(town, tag) {
            return;
        }
        town.tick();
    }
    panic!("{tag} never happened");
}

/// More time, rest and an end; whoever follows hears of it too.
fn asked_above(town: &mut Town) {
    let case = town.handling("light");
    for _ in 0..2 {
        town.must("centre", 0, join(case));
    }
    let due = town.case(case).running(Clock::Resolve).expect("it runs").due;
    let extend = Ask::Extend { until: due.plus_seconds(3_600), reason: text() };
    town.must("grid-1", case, extend.clone()).must("centre/li", case, Ask::Deny { note: text() });
    town.must("grid-1", case, extend).must("centre/li", case, Ask::Grant { note: text() });
    town.ask_as("centre", Origin::Station, case, Ask::PassOn).expect("two wait");
    let (channel, receipt) = ("sms".parse().expect("one token"), "ok-1".to_owned());
    town.must("centre", case, Ask::ConfirmInformed { channel, receipt });
    let until = town.now.plus_seconds(20 * 3_600);
    town.must("grid-1", case, Ask::Suspend { ground: SuspensionGround::Season, until, reason: text() });
    town.must("centre/li", case, Ask::Grant { note: text() }).wait(60).must("grid-1", case, Ask::Resume);
    town.ask_as("centre", Origin::Station, case, Ask::PassOn).expect("two wait");
    town.must("centre", case, Ask::Inform { channel: "sms".parse().expect("one token") });
    town.must("grid-1", case, Ask::Terminate { ground: TerminationGround::Uncooperative, reason: text() });
    town.must("centre/li", case, Ask::Grant { note: text() });
}

fn together(town: &mut Town) {
    let case = town.handling("light");
    let units = || vec![unit("works"), unit("police-desk")];
    let whistle = Ask::Whistle { kind: WhistleKind::Emergency, units: units(), reason: text() };
    town.must("grid-1", case, whistle).wait(5).must("works", case, Ask::ReportIn);
    town.must("grid-1", case, Ask::CallHelp { units: vec![unit("works")], reason: text() });
    town.must("works", case, Ask::Report { note: text(), finished: true });
    let task = TaskWanted { owner: unit("works"), what: text(), due: town.now.plus_seconds(3_600) };
    let consult = Ask::Consult { participants: units(), decision: text(), tasks: vec![task] };
    town.must("centre/li", case, consult);
    let number = town.case(case).errands.last().expect("a task").number;
    town.must("works", case, Ask::FinishTask { number, note: text() });
    let (degree, ground) = (SupervisionDegree::Listed, SupervisionGround::Shirked);
    town.must("street-1", case, Ask::Supervise { degree, ground, note: text() });
    town.must("centre/li", case, Ask::Instruct { text: text() });
    until(town, "case.errand_missed/1");
    town.finish(case);
}

fn alarm(town: &mut Town) {
    let mut press = filing("alarm.press");
    press.channel = Channel::Device;
    let case = town.state.next_case().number();
    town.must("centre", 0, Ask::Register(Box::new(press))).wait(1).must("comm-1", case, Ask::Accept);
    town.must("comm-1", case, resolve());
    let line = EmergencyLine::Fire;
    town.must("centre", 0, settled(AtOnce::Refer { line, receipt: Some("f-1".to_owned()) }));
}

/// The notice before the limit, the limit, what is said about it behind the end, and the look a month later.
fn noticed_and_late(town: &mut Town) {
    let case = town.handling("light");
    give_out(town, case);
    let due = town.case(case).running(Clock::Resolve).expect("it runs").due;
    let (lead, rung, reason) = (unit("works"), Rung::Department, words("改派"));
    town.must("centre/li", case, Ask::Reassign { lead, rung, reason }).must("works", case, Ask::Accept);
    while town.case(case).breach(Clock::Resolve, due).is_none() {
        town.tick();
    }
    town.finish(case);
    let (clock, ground) = (Clock::Resolve, ExemptGround::ThirdParty);
    town.must("works/wang", case, Ask::Appeal { clock, due, ground, reason: text() });
    town.must("centre/qian", case, Ask::JudgeAppeal { upheld: true, note: text() });
    let day = town.case(case).running(Clock::LookAgain).expect("it will be looked at").due;
    town.now = day;
    let ask = Ask::CheckClock { clock: Clock::LookAgain, scheduled: day, away_since: None };
    town.ask_as("centre", Origin::Timer, case, ask).expect("it is its day");
    town.must("centre/zhou", case, Ask::LookAgain { kind: LookKind::Planned, stands: true, note: text() });
}

fn give_out(town: &mut Town, case: u64) {
    let running = town.case(case).running(Clock::Resolve).expect("it runs");
    let notice = running.notices.first().expect("one is planned");
    let (step, scheduled): (u8, Timestamp) = (notice.step, notice.at);
    town.now = town.now.max(scheduled);
    let ask = Ask::CheckNotice { clock: Clock::Resolve, step, scheduled };
    town.ask_as("centre", Origin::Timer, case, ask).expect("it is its time");
}

fn merged(town: &mut Town) {
    let lead = town.handling("light");
    let other = town.handling("light");
    town.must("centre/li", other, merge(lead)).must("centre/li", other, unmerge());
    town.must("centre/li", lead, merge(other));
}
