//! The power: it fails in the middle of a batch, while the loop rests, and during a start.

use super::{Run, causes};
use crate::sim::{
    city,
    history::{Step, What},
    laws::{Broken, Law, broken},
    nerves::Nerves,
};
use huying_engine::{
    engine::Engine,
    start::{Setup, StartError},
};
use huying_journal::disk::sim::{SimDisk, SplitMix};

/// Bytes of a segment: small, so that a run crosses several.
const SEGMENT_BYTES: u64 = 64 * 1024;
/// Starts that may fail in a row because the power fails during each.
const STARTS_MAX: u32 = 50;
/// Lengths of an absence in seconds.
const ABSENCES_S: [i64; 6] = [0, 0, 40, 1_800, 14_000, 260_000];

/// What becomes of the power at one moment. Its dice are the moment's own.
pub(super) struct Power {
    dice: SplitMix,
    /// Whether it may fail at this moment.
    may: bool,
    /// It was set to fail and has not failed yet.
    pub(super) will_fail: bool,
    pub(super) crashes: u32,
    pub(super) failed_starts: u32,
    starts: u64,
}

impl Power {
    pub(super) const fn new() -> Self {
        Self { dice: SplitMix(0), may: false, will_fail: false, crashes: 0, failed_starts: 0, starts: 0 }
    }
}

impl Run {
    /// Takes up the power's dice of a moment.
    pub(super) fn power_at(&mut self, moment: u32) {
        let step = Step { moment, what: What::Power };
        self.power.dice = step.dice(!self.plan.seed);
        self.power.may = self.plan.crashes && self.plan.keep.has(step);
    }

    pub(super) fn fate(&mut self, percent: usize) -> bool {
        self.power.may && self.power.dice.below(100) < percent
    }

    /// At which turn of the loop the engine is killed, if it is.
    pub(super) fn is_killed_at(&mut self) -> Option<usize> {
        if self.fate(2) { Some(self.power.dice.below(4)) } else { None }
    }

    /// Starts the engine, however often the power fails on the way, and holds all laws before it does anything.
    pub(super) fn start(&mut self) -> Law {
        for _ in 0..STARTS_MAX {
            if self.fate(15) {
                self.power_fails_after(20);
            }
            match self.try_start() {
                Ok(mut engine) => {
                    self.nerves = Some(Nerves::beside(&mut engine, self.nats.clone()));
                    self.engine = Some(engine);
                    self.hold_all()?;
                    let handle = self.engine().handle();
                    self.ledger.send_again(&handle);
                    return Ok(());
                }
                Err(_) if self.power.will_fail => {
                    self.power.failed_starts += 1;
                    self.cut_power("during a start");
                }
                Err(error) => {
                    return Err(broken(format!("the engine does not start: {}", causes(&error))));
                }
            }
        }
        Err(broken(format!("{STARTS_MAX} starts failed in a row")))
    }

    fn try_start(&mut self) -> Result<Engine<SimDisk>, StartError> {
        let entropy = city::entropy(self.plan.seed, self.power.starts);
        self.power.starts += 1;
        let setup = Setup {
            inline: self.plan.hand == super::Hand::Inline,
            shelf: false,
            segment_bytes: SEGMENT_BYTES,
            ..Setup::at(self.now, Some(city::texts()), entropy)
        };
        Ok(Engine::start(self.disk.clone(), setup)?.engine)
    }

    pub(super) fn power_fails_after(&mut self, changes: usize) {
        let changes = self.power.dice.below(changes) as u64;
        self.disk.power_off_after(changes);
        self.power.will_fail = true;
    }

    fn cut_power(&mut self, when: &str) {
        self.disk.power_off_after(0);
        // What the nerves had on the wire goes its way; nobody is there for the answers.
        drop(self.nerves.take());
        drop(self.engine.take());
        self.disk.crash(self.power.dice.bits());
        self.power.will_fail = false;
        self.power.crashes += 1;
        let away = ABSENCES_S[self.power.dice.below(ABSENCES_S.len())];
        self.now = self.now.plus_seconds(away);
        self.note(What::Power, format!("the power fails {when}; the engine is back after {away} s"));
    }

    /// The power fails; the engine is gone, what was not synced is torn; it starts again and people send again.
    pub(super) fn crash(&mut self) -> Result<(), Broken> {
        let synced = self.engine().journal().synced_head().seq;
        self.ledger.open_answers(synced)?;
        self.cut_power(&format!("behind record {synced}"));
        self.start()
    }
}
