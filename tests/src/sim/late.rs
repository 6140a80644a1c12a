//! Merges, what is settled on the line, and what comes after the end: appeals, and looking again.

use super::people::{People, Sending, id};
use huying_domain::{
    case::Case,
    command::{Ask, AtOnce},
    event::collect::{Filing, Guide},
    record::Origin,
    state::State,
    vocabulary::{CaseKind, Channel, EmergencyLine, ExemptGround, RefusalGround, Stage, review::LookKind},
};

impl People {
    /// Two become one, one becomes two, and closed cases are come back to.
    pub(super) fn late(&mut self, state: &State) -> Option<Sending> {
        let (unit, role, case, ask) = match self.dice.below(10) {
            0..4 => self.merge(state)?,
            4 | 5 => {
                let merged =
                    self.any_of(state, |case| case.before.is_some() && case.stage == Stage::Following)?;
                ("centre", "worker", merged, Ask::Unmerge { reason: "不是同一件事".to_owned() })
            }
            6 | 7 => {
                let closed = self.any_of(state, |case| case.stage == Stage::Closed)?;
                let kind = if closed.look_asked > 0 { LookKind::Planned } else { LookKind::Sample };
                let (stands, note) = (self.happens(60), "到现场看过".to_owned());
                ("centre", "sampler", closed, Ask::LookAgain { kind, stands, note })
            }
            _ => return self.contest(state),
        };
        let mut sending = self.ordinary(&id(unit), Some(case.id), ask);
        sending.command.actor = super::people::person(&id(unit), role);
        sending.command.by = Origin::Person;
        Some(sending)
    }

    fn merge<'a>(&mut self, state: &'a State) -> Option<(&'static str, &'static str, &'a Case, Ask)> {
        let one = self.any_of(state, |case| case.stage.is_open())?;
        let into = self.any_of(state, |case| case.stage.is_open())?.id;
        Some(("centre", "worker", one, Ask::Merge { into, reason: "同一件事".to_owned() }))
    }

    /// A unit appeals, the centre decides, or exempts by itself.
    fn contest(&mut self, state: &State) -> Option<Sending> {
        let asked = |case: &Case| case.appeal.as_ref().is_some_and(|appeal| appeal.upheld.is_none());
        let (unit, case, ask) = if let Some(case) = self.any_of(state, asked).filter(|_| self.happens(70)) {
            let ask = Ask::JudgeAppeal { upheld: self.happens(50), note: "已核实".to_owned() };
            (id("centre"), case, ask)
        } else {
            let late = |case: &Case| case.breaches.iter().any(|breach| !breach.exempted);
            let closed = |case: &Case| case.stage == Stage::Closed && case.appeal.is_none() && late(case);
            let case = self.any_of(state, closed).or_else(|| self.any_of(state, late))?;
            let breach = case.breaches[self.dice.below(case.breaches.len())].clone();
            let (clock, due, ground) = (breach.clock, breach.due, ExemptGround::ThirdParty);
            let reason = "等待第三方".to_owned();
            if self.happens(80) {
                (breach.holder, case, Ask::Appeal { clock, due, ground, reason })
            } else {
                (id("centre"), case, Ask::Exempt { clock, due, ground, reason })
            }
        };
        let mut sending = self.ordinary(&unit, Some(case.id), ask);
        sending.command.by = Origin::Person;
        Some(sending)
    }

    /// Of some cases that were closed late whoever was late appeals, and the centre decides.
    pub(super) fn contested(&mut self, state: &State) -> Vec<Sending> {
        let mut sendings = Vec::new();
        for case in state.cases().filter(|case| case.appeal.is_none()) {
            let Some(breach) = case.breaches.iter().find(|breach| !breach.exempted) else { continue };
            if !self.happens(20) {
                continue;
            }
            let (clock, due, ground) = (breach.clock, breach.due, ExemptGround::Caller);
            let appeal = Ask::Appeal { clock, due, ground, reason: "来电人不在家".to_owned() };
            let judge = Ask::JudgeAppeal { upheld: self.happens(50), note: "已核实".to_owned() };
            let by = [(breach.holder.clone(), "worker", appeal), (id("centre"), "decider", judge)];
            for (unit, role, ask) in by {
                let mut sending = self.ordinary(&unit, Some(case.id), ask);
                sending.command.actor = super::people::person(&unit, role);
                sending.command.by = Origin::Person;
                sendings.push(sending);
            }
        }
        sendings
    }

    fn any_of<'a>(&mut self, state: &'a State, wanted: impl Fn(&Case) -> bool) -> Option<&'a Case> {
        let cases: Vec<_> = state.cases().filter(|case| wanted(case)).collect();
        if cases.is_empty() { None } else { Some(cases[self.dice.below(cases.len())]) }
    }

    /// What a call-taker settles while the caller is on the line.
    pub(super) fn settled(&mut self, filing: Filing) -> Ask {
        let how = match self.dice.below(3) {
            0 => AtOnce::Refuse {
                ground: [RefusalGround::OtherLegalWay, RefusalGround::BeyondDuty][self.dice.below(2)],
                reason: "已说明理由".to_owned(),
                guide: Some(Guide::Way("司法所".to_owned())),
            },
            1 => AtOnce::Refer { line: EmergencyLine::Fire, receipt: Some("119-1".to_owned()) },
            _ => AtOnce::Answer {
                contacted: "知识库".to_owned(),
                done: "已答复".to_owned(),
                by_when: None,
                verdict: self.happens(50).then(super::people::content),
            },
        };
        let kind = CaseKind::Inquiry;
        let channel = Channel::Call;
        Ask::RegisterSettled { filing: Box::new(Filing { kind, channel, ..filing }), how }
    }
}
