//! Anything, by anybody: what a city must stand without harm.

use super::{People, Sending, answer, channel, content, id, resolve};
use crate::sim::city::UNITS;
use huying_domain::event::collect::Guide;
use huying_domain::vocabulary::review::CallBackWay;
use huying_domain::{
    command::Ask,
    ids::{CaseId, PersonId},
    state::State,
    time::Timestamp,
    vocabulary::{CancelGround, Clock, CloseCondition, EmergencyLine, RefusalGround, Rung},
    words::Words,
};

impl People {
    /// Anything, by anybody, about any case, seen long ago or never.
    pub(super) fn wild(&mut self, state: &State, now: Timestamp) -> Sending {
        let next = usize::try_from(state.next_case().number()).expect("a small city");
        let any = CaseId::new(0, self.dice.below(next + 2) as u64);
        let open = self.some_case(state).filter(|_| self.dice.below(3) > 0);
        let (case, holder) = open.map_or((any, None), |case| (case.id, Some(case.holder.as_str())));
        let ask = match self.dice.below(6) {
            0 | 1 => self.wild_dispatch(),
            2 | 3 => self.wild_feedback(now),
            4 => self.wild_end(),
            _ => self.wild_rest(now),
        };
        let unit = match self.dice.below(3) {
            0 => "centre",
            1 => holder.unwrap_or("centre"),
            _ => self.one(&UNITS),
        };
        let mut sending = self.ordinary(&id(unit), Some(case), ask);
        if self.happens(40) {
            let seen = state.case(case).map_or(1, |case| case.version);
            sending.command.saw = Some(seen.saturating_sub(u32::from(self.happens(50))));
        }
        if self.happens(5) {
            sending.command.case = None;
        }
        sending
    }

    fn wild_dispatch(&mut self) -> Ask {
        let lead = id(self.one(&UNITS));
        let rung = self.one(Rung::ALL);
        match self.dice.below(8) {
            0 => Ask::Accept,
            1 => self.give_back(),
            2 => Ask::Rule { holder: lead, rung, reason: "审定".to_owned() },
            3 => Ask::Reassign { lead, rung, reason: Words::new("改派", "another unit") },
            4 => {
                let reason = Words::new("派单", "dispatched by hand");
                let co_handlers = vec![id(self.one(&UNITS))];
                Ask::Assign { lead, co_handlers, told: Vec::new(), rung, reason }
            }
            5 => Ask::Delegate { person: PersonId::new("小王").expect("a short name") },
            6 => Ask::Escalate { reason: Words::new("本级无法解决", "beyond us") },
            _ => resolve(),
        }
    }

    fn wild_feedback(&mut self, now: Timestamp) -> Ask {
        match self.dice.below(8) {
            0 => Ask::Check { passed: self.happens(70), note: "属实".to_owned() },
            1 => answer(now),
            2 => Ask::PassOn,
            3 => Ask::Tell { channel: channel() },
            4 => Ask::ConfirmTold { channel: channel(), receipt: "短信回执".to_owned() },
            5 => Ask::CallBack { way: CallBackWay::Phone, verdict: Some(content()) },
            6 => Ask::CallBack { way: CallBackWay::Phone, verdict: None },
            _ => Ask::Close { condition: self.one(CloseCondition::ALL), reason: "已作解释".to_owned() },
        }
    }

    fn wild_end(&mut self) -> Ask {
        let reason = "如实说明".to_owned();
        match self.dice.below(6) {
            0 => Ask::Cancel { ground: self.one(&[CancelGround::Void, CancelGround::Withdrawn]), reason },
            1 => Ask::Refuse {
                ground: self.one(RefusalGround::ALL),
                reason,
                guide: Some(Guide::Way("market".to_owned())),
            },
            2 => Ask::Refer { line: self.one(EmergencyLine::ALL), receipt: None },
            3 => Ask::Reopen { reason: Words::new("返工", "not done") },
            4 => Ask::Erase { reason },
            _ => Ask::Reveal { purpose: String::new() },
        }
    }

    fn wild_rest(&mut self, now: Timestamp) -> Ask {
        match self.dice.below(5) {
            0 => Ask::Progress { note: "正在处理".to_owned() },
            1 => Ask::Tag { tags: Vec::new() },
            2 => Ask::Remind { note: "请抓紧".to_owned() },
            3 => Ask::CheckClock { clock: self.one(Clock::ALL), scheduled: now, away_since: None },
            _ => Ask::Rehome { to: self.area() },
        }
    }
}
