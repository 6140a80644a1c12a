//! What a case knows of merges 并单: where it stood before it was merged, and what it owes to those that it took in.

use super::Case;
use crate::{
    event::Event,
    ids::{CaseId, PersonId, UnitId},
    time::Timestamp,
    vocabulary::{Clock, Rung, Stage},
};

/// Where a case stood when it was merged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Before {
    /// Its stage.
    pub stage: Stage,
    /// Who had it.
    pub holder: UnitId,
    /// The holder's person.
    pub person: Option<PersonId>,
    /// Where on the ladder.
    pub rung: Rung,
    /// The clocks that ran then; the others stood still already.
    pub ran: Vec<Clock>,
}

/// A resolve limit that a lead has from a case that it took in, because that one was stricter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lent {
    /// Its own due instant; none if it had no such clock.
    pub own: Option<Timestamp>,
    /// The due instant that it was given. If the clock is due at another one now, somebody has moved it since.
    pub strict: Timestamp,
}

impl Case {
    pub(super) fn merging(&mut self, event: &Event) {
        match event {
            Event::Merged(event) => {
                self.before = Some(Box::new(Before {
                    stage: self.stage,
                    holder: self.holder.clone(),
                    person: self.person.take(),
                    rung: self.rung,
                    ran: self
                        .clocks
                        .iter()
                        .filter(|one| one.paused_at.is_none())
                        .map(|one| one.clock)
                        .collect(),
                }));
                self.stage = Stage::Following;
                self.lead = Some(event.into);
                self.holder = event.dispatcher.clone();
            }
            Event::TookIn(event) => {
                self.members.push(event.merged);
                self.filed_at = event.filed_at;
                if let Some(strict) = event.strict {
                    self.lent = Some(Box::new(Lent { own: self.own_due(), strict }));
                }
            }
            Event::Unmerged(event) => {
                self.before = None;
                self.lead = None;
                self.stage = event.stage;
                self.holder = event.holder.clone();
                self.person.clone_from(&event.person);
                self.rung = event.rung;
            }
            Event::LetGo(event) => {
                self.without(event.unmerged);
                self.filed_at = event.filed_at;
                self.lent = event.strict.map(|strict| Box::new(Lent { own: self.own_due(), strict }));
            }
            _ => {}
        }
    }

    /// Whoever was passed over in serving the members in their order is still owed what those before have had.
    fn without(&mut self, unmerged: CaseId) {
        let Some(at) = self.members.iter().position(|member| *member == unmerged) else { return };
        self.members.remove(at);
        let before = |served: u32| served - u32::from(served as usize > at);
        self.served = before(self.served);
        if let Some(owed) = &mut self.news_owed {
            owed.served = before(owed.served);
        }
    }

    /// By when the case would be due without what it took in.
    pub fn own_due(&self) -> Option<Timestamp> {
        let running = self.running(Clock::Resolve)?;
        match &self.lent {
            Some(lent) if lent.strict == running.due => lent.own,
            _ => Some(running.due),
        }
    }
}
