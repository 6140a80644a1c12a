//! What a case knows of its breaches: they stay, whether they count or not.

use super::Case;
use crate::{
    event::{Event, clocks::ClockBreached},
    ids::UnitId,
    record::Actor,
    time::Timestamp,
    vocabulary::{Clock, ExemptGround},
};

/// A limit that was missed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breach {
    /// Which clock.
    pub clock: Clock,
    /// The instant.
    pub due: Timestamp,
    /// Who held the case then.
    pub holder: UnitId,
    /// It does not count.
    pub exempted: bool,
}

/// What a unit asks about a breach. A case has one appeal, and it is kept when it is decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appeal {
    /// Who asked. That person does not decide it.
    pub by: Actor,
    /// The breached clock.
    pub clock: Clock,
    /// The breached instant.
    pub due: Timestamp,
    /// On which ground.
    pub ground: ExemptGround,
    /// How it was decided; none while it is not.
    pub upheld: Option<bool>,
}

impl Case {
    /// The breach of a clock at an instant.
    pub fn breach(&self, clock: Clock, due: Timestamp) -> Option<&Breach> {
        self.breaches.iter().find(|breach| (breach.clock, breach.due) == (clock, due))
    }

    /// A clock that is asked again was breached already: its first instant is the one that counts.
    pub(super) fn breached(&mut self, event: &ClockBreached) {
        let again = self.running(event.clock).is_some_and(|running| running.step > 1);
        if !again {
            let (clock, due, holder) = (event.clock, event.due, event.holder.clone());
            self.breaches.push(Breach { clock, due, holder, exempted: false });
        }
    }

    pub(super) fn review(&mut self, event: &Event, by: &Actor) {
        match event {
            Event::Exempted(event) => {
                let found = self
                    .breaches
                    .iter_mut()
                    .find(|breach| (breach.clock, breach.due) == (event.clock, event.due));
                if let Some(breach) = found {
                    breach.exempted = true;
                }
            }
            Event::Appealed(event) => {
                let (clock, due, ground) = (event.clock, event.due, event.ground);
                self.appeal = Some(Box::new(Appeal { by: by.clone(), clock, due, ground, upheld: None }));
            }
            Event::AppealJudged(event) => {
                if let Some(appeal) = &mut self.appeal {
                    appeal.upheld = Some(event.upheld);
                }
            }
            Event::LookAsked(event) => self.look_asked = event.count,
            Event::LookedAgain(_) => self.look_asked = 0,
            _ => {}
        }
    }
}
