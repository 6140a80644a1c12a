//! The engine's own echo, outbox and notices, polled by hand: they run until they wait for something, and no longer.

use super::{city::UNITS_KNOWN, nats::SimNats, people::id};
use crate::sim::city::UNITS;
use huying_engine::{
    engine::Engine,
    nerves::{Posting, Progress, Standing, Subscribers},
};
use huying_journal::disk::sim::SimDisk;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake, Waker},
};
use tokio::sync::watch;

/// Whether somebody has something for the tasks.
#[derive(Default)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The tasks beside one life of the engine.
pub(crate) struct Nerves {
    posting: Posting,
    bell: Arc<Bell>,
    waker: Waker,
    _subscribers: watch::Sender<Subscribers>,
}

impl Nerves {
    pub(crate) fn beside(engine: &mut Engine<SimDisk>, nats: SimNats) -> Self {
        let units = UNITS[..UNITS_KNOWN].iter().map(|unit| id(unit)).collect();
        let (sender, subscribers) = watch::channel(Subscribers { units, ..Subscribers::default() });
        let posting = Posting::beside(engine, nats, subscribers);
        let bell = Arc::new(Bell(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&bell));
        Self { posting, bell, waker, _subscribers: sender }
    }

    /// Lets the tasks go on as far as they can; says whether there was anything to do.
    pub(crate) fn poll(&mut self) -> bool {
        let mut busy = false;
        while self.bell.0.swap(false, Ordering::SeqCst) {
            busy = true;
            // They end when they are told to, and nobody tells them.
            let _pending = self.posting.tasks.as_mut().poll(&mut Context::from_waker(&self.waker));
        }
        busy
    }

    pub(crate) fn progress(&self) -> Progress {
        *self.posting.progress.borrow()
    }

    pub(crate) fn standing(&self) -> Standing {
        self.posting.standing.borrow().clone()
    }
}
