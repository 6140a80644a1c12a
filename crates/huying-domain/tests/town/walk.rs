//! Random days: whatever people ask in whatever order, refused or not, while the timers ask when they are due.

use super::town::{self, Town};
use huying_domain::{
    command::{Ask, AtOnce, TaskWanted},
    event::collect::{Corrected, Guide},
    ids::Seq,
    record::{Origin, RuleFile},
    time::Timestamp,
    vocabulary::{
        CancelGround, Clock, CloseCondition, EmergencyLine, ExemptGround, RefusalGround, Rung, Solved, Tag,
        governed::{SupervisionDegree, SupervisionGround, SuspensionGround, TerminationGround, WhistleKind},
        review::{CallBackWay, LookKind},
    },
};

/// One step: who, which case, what, and how many minutes pass before it.
pub(crate) type Step = (u8, u8, u8, u8);

const WHO: [&str; 9] = [
    "centre",
    "centre/li",
    "centre/qian",
    "grid-1",
    "comm-1",
    "street-1",
    "works",
    "police-desk",
    "grid-1/wang",
];
/// Units of which it is said now and then that nobody is there.
const OFF: [&str; 4] = ["comm-1", "centre", "grid-1", "works"];
/// Timers that may ask in one step: those of a few cases over four hours are far fewer.
const TICKS_MAX: usize = 5_000;

/// Lets the steps happen; refusals are part of life. Returns how many were accepted.
pub(crate) fn walk(town: &mut Town, steps: &[Step]) -> usize {
    let mut accepted = 0;
    for &(who, case, what, minutes) in steps {
        let until = town.now.plus_seconds(i64::from(minutes) * 60);
        let mut ticks = 0;
        while town.next().is_some_and(|(at, _, _)| at <= until) {
            town.tick();
            ticks += 1;
            assert!(ticks < TICKS_MAX, "the timers ask without end");
        }
        town.now = town.now.max(until);
        let cases = town.state.next_case().number() - 1;
        let ask = ask(what, cases);
        let fresh = matches!(
            ask,
            Ask::Register(_)
                | Ask::RegisterSolved { .. }
                | Ask::RegisterSettled { .. }
                | Ask::Join { .. }
                | Ask::PublishRules { .. }
                | Ask::SetDuty { .. }
                | Ask::SetAccount { .. }
                | Ask::SetKeys { .. }
        );
        let case = if fresh || cases == 0 { 0 } else { u64::from(case) % cases + 1 };
        // Half of the steps are asked by whoever has the case, so that days get somewhere.
        let holder = town.state.case(town::id(case)).map(|case| case.holder.to_string());
        let who = match holder {
            Some(holder) if who % 2 == 0 => holder,
            _ => WHO[usize::from(who / 2) % WHO.len()].to_owned(),
        };
        let by = if who == "centre" && what % 5 == 0 { Origin::Station } else { Origin::Person };
        accepted += usize::from(town.ask_as(&who, by, case, ask).is_ok());
    }
    accepted
}

/// Each number is some ask; all of them together are every ask but those of timers and for reading a number.
pub(crate) fn ask(what: u8, cases: Seq) -> Ask {
    let reason = || "理由".to_owned();
    match what % 64 {
        0 if what > 120 => town::register_solved(),
        0 | 1 => town::register("light"),
        2 => town::register("noise"),
        3 => town::join(u64::from(what / 40) % cases.max(1) + 1),
        4..=6 => town::assign("grid-1", Rung::Grid),
        7 => town::assign("comm-1", Rung::Community),
        8 => town::assign("works", Rung::Department),
        9..=11 => Ask::Accept,
        12 => town::give_back(),
        13 => Ask::Rule { holder: town::unit("works"), rung: Rung::Department, reason: reason() },
        14 => {
            Ask::Reassign { lead: town::unit("street-1"), rung: Rung::Street, reason: town::words("改派") }
        }
        15 => Ask::Delegate { person: "wang".parse().expect("a person") },
        16 => Ask::Contact { reached: what > 100 },
        17 => Ask::Arrive { place: None },
        18 => Ask::Progress { note: reason() },
        19 | 20 => town::resolve(),
        21 => Ask::Escalate { reason: town::words("难") },
        22 => Ask::Remind { note: reason() },
        23 | 24 => town::check(true),
        25 => town::check(false),
        26 | 27 => town::answer(),
        28 => Ask::PassOn,
        29 if what > 150 => town::tell(),
        29 => town::told(),
        30 => town::call_back(if what > 100 { Solved::Yes } else { Solved::No }),
        31 => Ask::CallBack { way: CallBackWay::Phone, verdict: None },
        32 => Ask::Reopen { reason: town::words("没修好") },
        33 => town::close(CloseCondition::ALL[usize::from(what / 40) % CloseCondition::ALL.len()]),
        34 => Ask::Refuse {
            ground: RefusalGround::BeyondDuty,
            reason: reason(),
            guide: Some(Guide::Way("市场".to_owned())),
        },
        35 => Ask::Refer { line: EmergencyLine::Fire, receipt: None },
        36 => Ask::Cancel { ground: CancelGround::Withdrawn, reason: reason() },
        37 => {
            let unit = town::unit(OFF[usize::from(what / 64)]);
            Ask::SetDuty { unit, on_duty: what % 128 > 64 }
        }
        38 if what > 180 => town::set_keys(),
        38 if what > 100 => town::set_account(),
        38 => Ask::Tag { tags: vec![Tag::Sensitive] },
        39..=55 => governed(what % 64, what),
        57..=63 => late(what % 64, what, cases),
        _ if what > 200 => {
            Ask::PublishRules { file: RuleFile::Duty, hash: huying_domain::record::Hash::ZERO, bytes: 1 }
        }
        _ if what > 120 => Ask::Erase { reason: reason() },
        _ if what > 60 => Ask::Rehome { to: "211081001001".parse().expect("an area") },
        _ => Ask::Correct(Corrected {
            class: Some("parcel".parse().expect("a class")),
            ..Corrected::default()
        }),
    }
}

/// Merges, what is settled on the line, and what comes after the end.
fn late(which: u8, what: u8, cases: Seq) -> Ask {
    let reason = || "理由".to_owned();
    let (clock, due) =
        (Clock::ALL[usize::from(what) % Clock::ALL.len()], town::MORNING.parse().expect("an instant"));
    match which {
        57 | 58 => Ask::Merge { into: town::id(u64::from(what / 20) % cases.max(1) + 1), reason: reason() },
        59 => Ask::Unmerge { reason: reason() },
        60 => town::settled(AtOnce::Refer { line: EmergencyLine::Fire, receipt: None }),
        61 if what < 120 => Ask::Exempt { clock, due, ground: ExemptGround::ThirdParty, reason: reason() },
        61 => Ask::Appeal { clock, due, ground: ExemptGround::ThirdParty, reason: reason() },
        62 => Ask::JudgeAppeal { upheld: what > 120, note: reason() },
        _ => Ask::LookAgain { kind: LookKind::Sample, stands: what > 100, note: reason() },
    }
}

/// What is asked of the level above, of units beside the holder, and by those who watch.
fn governed(which: u8, what: u8) -> Ask {
    let reason = || "理由".to_owned();
    let at = |hours: i64| town::MORNING.parse::<Timestamp>().expect("an instant").plus_seconds(hours * 3600);
    let units = || vec![town::unit("works"), town::unit("police-desk")];
    let sms = || "sms".parse().expect("one token");
    match which {
        39 => Ask::Extend { until: at(i64::from(what) / 2), reason: reason() },
        40 => {
            let ground = SuspensionGround::ALL[usize::from(what / 57) % SuspensionGround::ALL.len()];
            Ask::Suspend { ground, until: at(i64::from(what)), reason: reason() }
        }
        41 => Ask::Terminate { ground: TerminationGround::Uncooperative, reason: reason() },
        42 | 43 => Ask::Grant { note: String::new() },
        44 => Ask::Deny { note: reason() },
        45 => Ask::Resume,
        46 => Ask::Inform { channel: sms() },
        47 => Ask::ConfirmInformed { channel: sms(), receipt: "ok-2".to_owned() },
        48 => Ask::Whistle {
            kind: WhistleKind::ALL[usize::from(what / 57) % 4],
            units: units(),
            reason: reason(),
        },
        49 => Ask::ReportIn,
        50 => Ask::CallHelp { units: units(), reason: reason() },
        51 => Ask::Report { note: reason(), finished: what > 120 },
        52 => {
            let task = TaskWanted { owner: town::unit("works"), what: reason(), due: at(i64::from(what)) };
            Ask::Consult { participants: units(), decision: reason(), tasks: vec![task] }
        }
        53 => Ask::FinishTask { number: 1 + u16::from(what / 57), note: reason() },
        54 => Ask::Supervise {
            degree: SupervisionDegree::ALL[usize::from(what / 57) % 3],
            ground: if what > 120 { SupervisionGround::Overdue } else { SupervisionGround::Shirked },
            note: reason(),
        },
        _ => Ask::Instruct { text: reason() },
    }
}
