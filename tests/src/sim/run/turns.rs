//! Turns of the loop, of the nerves and of the server, until none of them has anything to do.

use super::{Hand, Run, causes};
use crate::sim::laws::{Broken, Law, at_rest, broken, hold, note_head};
use huying_domain::time::Timestamp;
use huying_projection::ought::NOTICES_WAITING_MAX;
use std::thread;

/// Turns of the loop at one instant of the virtual clock; more means that it never comes to rest.
const STEPS_MAX: usize = 20_000;
/// Turns at one instant in which only echo, outbox and server have something to do: after an outage each notice that
/// waited asks the loop once, and those are bounded.
const SPOKEN_MAX: usize = NOTICES_WAITING_MAX + 400;
/// Instants at which timers ask between two moments.
const WAKINGS_MAX: u32 = 5_000;

/// What a turn of the loop came to.
enum Turn {
    Idle,
    Busy,
    PowerFailed,
}

impl Run {
    fn turn(&mut self) -> Result<Turn, Broken> {
        let (now, in_step, may_fail) = (self.now, self.plan.hand == Hand::InStep, self.power.will_fail);
        let engine = self.engine();
        if in_step {
            let begun = engine.journal().head().seq;
            engine.journal().wait_synced(begun).map_err(|error| broken(causes(&error)))?;
        }
        engine.clock().advance_to(now);
        let turned = engine.step(now);
        let head = engine.journal().synced_head();
        self.ledger.open_answers(head.seq)?;
        note_head(&mut self.heads, head)?;
        match turned {
            Ok(step) if step.idle => Ok(Turn::Idle),
            Ok(_) => Ok(Turn::Busy),
            Err(_) if may_fail => Ok(Turn::PowerFailed),
            Err(fault) => Err(broken(format!("the engine stopped: {}", causes(&fault)))),
        }
    }

    /// Lets the nerves and the server go on; says whether either had anything to do.
    fn nerves_go_on(&mut self) -> bool {
        let polled = self.nerves.as_mut().is_some_and(|nerves| nerves.poll());
        self.nats.tick(self.now) || polled
    }

    /// Turns the loop until nothing is to do, through any number of crashes; then everybody has their answer, law 1
    /// holds, and so do the laws of what leaves the journal.
    pub(super) fn settle(&mut self) -> Law {
        let mut killed_at = self.is_killed_at();
        if self.fate(2) {
            self.power_fails_after(12);
        }
        let mut spoken = 0;
        for turns in 0..STEPS_MAX {
            if killed_at.take_if(|at| *at == turns).is_some() {
                self.crash()?;
            }
            match self.turn()? {
                Turn::Idle => {
                    if !self.nerves_go_on() {
                        return self.rests();
                    }
                    spoken += 1;
                    hold(spoken < SPOKEN_MAX, || {
                        let standing =
                            self.nerves.as_ref().map(|nerves| (nerves.standing(), nerves.progress()));
                        format!("echo and outbox do not rest at {}: {standing:?}", self.now)
                    })?;
                }
                Turn::Busy if self.plan.hand == Hand::Free => thread::yield_now(),
                // Now and then they speak while the loop works, now and then only when it rests.
                Turn::Busy if turns % 3 == 0 => drop(self.nerves_go_on()),
                Turn::Busy => {}
                Turn::PowerFailed => self.crash()?,
            }
        }
        Err(broken(format!("the loop does not rest at {}", self.now)))
    }

    fn rests(&mut self) -> Law {
        let waiting = self.ledger.waiting();
        hold(waiting == 0, || format!("{waiting} commands have no answer, and the loop rests"))?;
        let Self { engine, nerves, queues, nats, now, .. } = self;
        let engine = engine.as_ref().expect("the engine runs between two crashes");
        at_rest(engine, *now)?;
        queues.hold(engine, nats, nerves.as_ref().expect("the nerves run beside it"), false)
    }

    /// Lets the virtual clock jump from one due instant to the next until this one.
    pub(super) fn wait_until(&mut self, until: Timestamp) -> Law {
        for _ in 0..WAKINGS_MAX {
            let due = self.engine().next_due().filter(|due| *due <= until);
            let Some(due) = due else {
                self.now = self.now.max(until);
                return self.settle();
            };
            self.now = self.now.max(due);
            self.settle()?;
        }
        Err(broken(format!("timers asked {WAKINGS_MAX} times before {until}")))
    }
}
