//! The loop on the machine's clock, until it is asked to stop.

use crate::{
    engine::{Engine, Fault},
    start::note_alive,
};
use huying_domain::time::Timestamp;
use huying_journal::disk::Disk;
use std::time::Duration;

impl<D: Disk + Clone> Engine<D> {
    /// Runs until the handle says stop: what was taken is finished, nothing more is taken.
    pub fn run(mut self) -> Result<(), Fault> {
        let mut alive = Timestamp::EPOCH;
        loop {
            let now = self.clock.now();
            if now.seconds_since(alive) >= self.bounds.alive_every_s {
                alive = now;
                if let Err(error) = note_alive(&self.disk, now) {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "cannot note that the engine is alive"
                    );
                }
            }
            let step = self.step(now)?;
            if step.idle && self.inbox.is_closed() {
                return Ok(());
            }
            self.inbox.wait(self.until_next(now, step.idle));
        }
    }

    /// How long nothing will have to be done, unless a command or a finished sync rings.
    fn until_next(&self, now: Timestamp, idle: bool) -> Duration {
        let sleep = Duration::from_millis(self.bounds.idle_sleep_ms);
        if !idle && !self.pending.is_empty() {
            return Duration::ZERO;
        }
        // Who only looked waits for no sync, so nothing will ring for them.
        let synced = self.journal.synced_head().seq;
        if self.flights.front().is_some_and(|flight| flight.last <= synced) {
            return Duration::ZERO;
        }
        // What is watched elsewhere comes by the door and rings.
        let due = self.stations.next_due().map_or(i64::MAX, |due| due.millis().saturating_sub(now.millis()));
        sleep.min(Duration::from_millis(u64::try_from(due).unwrap_or(0)))
    }
}
