//! What is asked of the level above, of units beside the holder, and by those who watch: as it comes, or by whom it
//! must come.

use super::people::id;
use huying_domain::{
    case::Case,
    command::{Ask, TaskWanted},
    ids::UnitId,
    time::Timestamp,
    vocabulary::{
        Stage,
        governed::{
            ErrandKind, SupervisionDegree, SupervisionGround, SuspensionGround, TerminationGround,
            WhistleKind,
        },
    },
};
use huying_journal::disk::sim::SplitMix;

const HOUR_S: i64 = 3_600;

fn one<T: Copy>(dice: &mut SplitMix, of: &[T]) -> T {
    of[dice.below(of.len())]
}

/// Somebody asks something of the kind about this case; mostly whoever may.
pub(super) fn governed(dice: &mut SplitMix, case: &Case, now: Timestamp) -> (UnitId, Ask) {
    let holder = || case.holder.clone();
    let centre = || id("centre");
    let reason = || "情况如实".to_owned();
    let hours = HOUR_S * (1 + dice.below(90) as i64);
    let until = now.plus_seconds(hours);
    if case.request.is_some() && dice.below(3) > 0 {
        let ask =
            if dice.below(4) > 0 { Ask::Grant { note: String::new() } } else { Ask::Deny { note: reason() } };
        return (centre(), ask);
    }
    if case.stage == Stage::Suspended && dice.below(4) == 0 {
        return (holder(), Ask::Resume);
    }
    if let Some(errand) = case.errands.first().filter(|_| dice.below(2) == 0) {
        let ask = match errand.kind {
            ErrandKind::ReportIn => Ask::ReportIn,
            ErrandKind::Help => Ask::Report { note: reason(), finished: dice.below(3) > 0 },
            ErrandKind::Task => Ask::FinishTask { number: errand.number, note: reason() },
        };
        return (errand.unit.clone(), ask);
    }
    let units = vec![id(one(dice, &["water", "urban", "police", "power", "heat"]))];
    match dice.below(9) {
        0 | 1 => {
            let resolve = case.running(huying_domain::vocabulary::Clock::Resolve);
            let until = resolve.map_or(until, |running| running.due.plus_seconds(hours / 4));
            (holder(), Ask::Extend { until, reason: reason() })
        }
        2 | 3 => {
            let ground = one(dice, SuspensionGround::ALL);
            (holder(), Ask::Suspend { ground, until, reason: reason() })
        }
        4 => (holder(), Ask::Terminate { ground: one(dice, TerminationGround::ALL), reason: reason() }),
        5 => (holder(), Ask::Whistle { kind: one(dice, WhistleKind::ALL), units, reason: reason() }),
        6 => (holder(), Ask::CallHelp { units, reason: reason() }),
        7 => {
            let tasks = vec![TaskWanted { owner: units[0].clone(), what: reason(), due: until }];
            (centre(), Ask::Consult { participants: units, decision: reason(), tasks })
        }
        _ if dice.below(2) == 0 => (centre(), Ask::Instruct { text: reason() }),
        _ => {
            let (degree, ground) = (one(dice, SupervisionDegree::ALL), one(dice, SupervisionGround::ALL));
            (centre(), Ask::Supervise { degree, ground, note: reason() })
        }
    }
}
