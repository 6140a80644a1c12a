//! What is asked of the level above, of units beside the holder, and by those who watch: as it comes, or by whom it
//! must come.

use super::people::{People, Sending, channel, id};
use huying_domain::{
    case::{Case, Running},
    command::{Ask, TaskWanted},
    event::collect::Guide,
    ids::UnitId,
    state::State,
    time::Timestamp,
    vocabulary::{
        Clock, RefusalGround, Rung, Stage,
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

impl People {
    /// Somebody asks something of the kind, or does what such an act left to them.
    pub(super) fn governed(&mut self, state: &State, now: Timestamp) -> Vec<Sending> {
        let asked_above =
            self.happens(70).then(|| self.one_of(state, |case| case.request.is_some())).flatten();
        let (case, (unit, ask)) = if self.happens(65)
            && let Some(case) = asked_above.or_else(|| self.one_of(state, left_open))
            && let Some(owed) = owed(&mut self.dice, case)
        {
            (case, owed)
        } else {
            let handled = self.one_of(state, |case| case.stage == Stage::Handling);
            let Some(case) = handled.filter(|_| self.happens(80)).or_else(|| self.some_case(state)) else {
                return Vec::new();
            };
            (case, asked(&mut self.dice, case, now))
        };
        let is_request = matches!(ask, Ask::Extend { .. } | Ask::Suspend { .. } | Ask::Terminate { .. });
        let mut sendings = vec![self.ordinary(&unit, Some(case.id), ask)];
        if is_request && self.happens(30) {
            // Some ask by telephone, and are told at once.
            let decided = decided(&mut self.dice);
            sendings.push(self.ordinary(&id("centre"), Some(case.id), decided));
        }
        sendings
    }

    /// One of the open cases that are so.
    pub(super) fn one_of<'a>(
        &mut self,
        state: &'a State,
        wanted: impl Fn(&Case) -> bool,
    ) -> Option<&'a Case> {
        let cases: Vec<_> = state.cases().filter(|case| case.stage.is_open() && wanted(case)).collect();
        if cases.is_empty() { None } else { Some(cases[self.dice.below(cases.len())]) }
    }
}

/// Whether somebody owes the case more than its next stage.
fn left_open(case: &Case) -> bool {
    let waits = matches!(case.stage, Stage::Suspended | Stage::Returned);
    waits || case.request.is_some() || case.news || !case.errands.is_empty()
}

/// What an act of the kind left to somebody: to decide, to tell, to come, to go on.
fn owed(dice: &mut SplitMix, case: &Case) -> Option<(UnitId, Ask)> {
    let reason = || "情况如实".to_owned();
    let mut owed = Vec::new();
    if case.request.is_some() {
        owed.push((id("centre"), decided(dice)));
    }
    if case.news {
        let ask = Ask::ConfirmInformed { channel: channel(), receipt: "短信回执".to_owned() };
        owed.push((id("centre"), ask));
    }
    if let Some(errand) = case.errands.first() {
        let ask = match errand.kind {
            ErrandKind::ReportIn => Ask::ReportIn,
            ErrandKind::Help => Ask::Report { note: reason(), finished: dice.below(3) > 0 },
            ErrandKind::Task => Ask::FinishTask { number: errand.number, note: reason() },
        };
        owed.push((errand.unit.clone(), ask));
    }
    if case.stage == Stage::Returned {
        let ask = if dice.below(4) == 0 {
            let guide = Some(Guide::Way("司法所".to_owned()));
            Ask::Refuse { ground: one(dice, RefusalGround::ALL), reason: reason(), guide }
        } else {
            Ask::Rule { holder: id("centre"), rung: Rung::Centre, reason: reason() }
        };
        owed.push((id("centre"), ask));
    }
    if case.stage == Stage::Suspended {
        owed.push((case.holder.clone(), Ask::Resume));
    }
    if owed.is_empty() { None } else { Some(owed.swap_remove(dice.below(owed.len()))) }
}

/// What becomes of a request, mostly what was hoped for.
fn decided(dice: &mut SplitMix) -> Ask {
    let note = "情况如实".to_owned();
    if dice.below(4) > 0 { Ask::Grant { note } } else { Ask::Deny { note } }
}

/// Somebody asks something of the kind about this case; mostly whoever may.
fn asked(dice: &mut SplitMix, case: &Case, now: Timestamp) -> (UnitId, Ask) {
    let holder = || case.holder.clone();
    let centre = || id("centre");
    let reason = || "情况如实".to_owned();
    let hours = HOUR_S * (1 + dice.below(90) as i64);
    let until = now.plus_seconds(hours);
    let units = vec![id(one(dice, &["water", "urban", "police", "power", "heat"]))];
    match dice.below(11) {
        0..=3 => {
            let longer = |running: &Running| {
                let length_s = running.due.seconds_since(running.from);
                running.due.plus_seconds(1 + length_s / (1 + dice.below(3) as i64))
            };
            let until = case.running(Clock::Resolve).map_or(until, longer);
            (holder(), Ask::Extend { until, reason: reason() })
        }
        4 | 5 => {
            let ground = one(dice, SuspensionGround::ALL);
            (holder(), Ask::Suspend { ground, until, reason: reason() })
        }
        6 => (holder(), Ask::Terminate { ground: one(dice, TerminationGround::ALL), reason: reason() }),
        7 => (holder(), Ask::Whistle { kind: one(dice, WhistleKind::ALL), units, reason: reason() }),
        8 => (holder(), Ask::CallHelp { units, reason: reason() }),
        9 => {
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
