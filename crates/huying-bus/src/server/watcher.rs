//! The thread that watches the process: starts it again when it died, takes orders.

use super::{
    Files, Seen, child::Child, config, error::ServerError, identity::Identity, log, program::Program,
};
use std::{
    fs,
    sync::{Arc, atomic::Ordering, mpsc},
    time::Duration,
};

/// How often the process is looked at.
const LOOK_EVERY_MS: u64 = 50;
/// Shortest pause before it is started again, doubled at each death in a row.
const RESTART_PAUSE_MIN_MS: u64 = 50;
/// Longest pause.
const RESTART_PAUSE_MAX_MS: u64 = 5_000;
/// After how many looks at a living process the next death is a first one again: a minute.
const STEADY_LOOKS: u32 = 1_200;

pub(super) enum Order {
    Stop,
    Reload { accounts: String, answer: mpsc::Sender<Result<(), ServerError>> },
}

pub(super) struct Watcher {
    pub(super) program: Program,
    pub(super) files: Files,
    pub(super) identity: Identity,
    /// None between a death and the next start.
    pub(super) child: Option<Child>,
    pub(super) seen: Arc<Seen>,
    pub(super) restarts_in_a_row: u32,
}

impl Watcher {
    /// Watches until told to stop, or until nobody is left who could.
    pub(super) fn watch(mut self, orders: &mpsc::Receiver<Order>) {
        let mut looks = 0_u32;
        loop {
            let wait_ms = if self.child.is_some() { LOOK_EVERY_MS } else { self.restart_pause_ms() };
            match orders.recv_timeout(Duration::from_millis(wait_ms)) {
                Ok(Order::Reload { accounts, answer }) => {
                    // Whoever asked may have gone.
                    let _ = answer.send(self.reload(&accounts));
                }
                Ok(Order::Stop) | Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    looks = looks.saturating_add(1);
                    if self.look() {
                        looks = 0;
                    }
                    if looks >= STEADY_LOOKS {
                        self.restarts_in_a_row = 0;
                    }
                }
            }
        }
        if let Some(mut child) = self.child.take() {
            child.end();
        }
        self.seen.pid.store(0, Ordering::Relaxed);
    }

    /// Says whether the process had died or was started again.
    fn look(&mut self) -> bool {
        match self.child.as_mut().map(Child::has_ended) {
            Some(false) => false,
            Some(true) => {
                tracing::error!(says = log::why_it_ended(&self.files), "nats-server died");
                self.child = None;
                self.seen.pid.store(0, Ordering::Relaxed);
                true
            }
            None => {
                self.start_again();
                true
            }
        }
    }

    fn start_again(&mut self) {
        self.restarts_in_a_row = self.restarts_in_a_row.saturating_add(1);
        match Child::start(&self.program, &self.files, &self.identity) {
            Ok(child) => {
                self.seen.pid.store(child.id(), Ordering::Relaxed);
                self.seen.restarts.fetch_add(1, Ordering::Relaxed);
                tracing::info!(pid = child.id(), "nats-server runs again");
                self.child = Some(child);
            }
            Err(error) => tracing::error!(%error, "nats-server could not be started again"),
        }
    }

    fn restart_pause_ms(&self) -> u64 {
        (RESTART_PAUSE_MIN_MS << self.restarts_in_a_row.min(10)).min(RESTART_PAUSE_MAX_MS)
    }

    /// A server that is dead just now reads the new configuration when it starts.
    fn reload(&mut self, accounts: &str) -> Result<(), ServerError> {
        let text = config::text(&self.files, &self.identity, accounts);
        if fs::read_to_string(self.files.config()).is_ok_and(|old| old == text) {
            return Ok(());
        }
        config::put(&self.files, &self.program, &text)?;
        let Some(mut child) = self.child.take() else { return Ok(()) };
        self.seen.pid.store(0, Ordering::Relaxed);
        child.end();
        let child = Child::start(&self.program, &self.files, &self.identity)?;
        self.seen.pid.store(child.id(), Ordering::Relaxed);
        self.child = Some(child);
        Ok(())
    }
}
