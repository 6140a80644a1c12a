//! The one door. Every command comes in here, whoever names it: HTTP, NATS, command line, station, timer.

use crate::{config::Bounds, engine::Engine};
use huying_domain::{
    command::Command,
    ids::{CaseId, Seq, Version},
    refusal::Refusal,
    time::Timestamp,
};
use huying_journal::disk::Disk;
use std::{
    collections::VecDeque,
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::oneshot;

/// What becomes of a command: the record that it made, or the reason why not.
pub type Answer = Result<Accepted, Refusal>;

/// A command that is on the platter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Accepted {
    /// Its record.
    pub seq: Seq,
    /// The first case of the record: the new one, for a call.
    pub case: Option<CaseId>,
    /// That case's version after the record.
    pub version: Version,
    /// The command had been answered before; this is the first answer again.
    pub repeat: bool,
}

/// Which lane a command waits in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lane {
    /// Calls, acts of people, stations.
    Ordinary,
    /// Alarms and hand-overs to 110/119/120/122: taken first, never told `busy`.
    Urgent,
}

/// Hands out what a look saw, once it may be told.
pub(crate) type HandOut = Box<dyn FnOnce() + Send>;
/// Looks something up in the loop's own thread.
pub(crate) type Look<D> = Box<dyn FnOnce(&mut Engine<D>) -> HandOut + Send>;

/// What waits for the loop.
pub(crate) enum Request<D: Disk> {
    /// A command; for a timer of a station elsewhere, the instant for which it was set.
    Command(Box<Command>, Option<Timestamp>, oneshot::Sender<Answer>),
    Look(Look<D>),
}

pub(crate) struct Inbox<D: Disk> {
    lanes: Mutex<Lanes<D>>,
    bell: Condvar,
    bounds: Bounds,
}

struct Lanes<D: Disk> {
    urgent: VecDeque<Request<D>>,
    ordinary: VecDeque<Request<D>>,
    /// A sync has finished since the loop last looked.
    rung: bool,
    /// The loop waits at the bell and nobody has woken it yet. Waking is a system call: only the first to come
    /// makes it, not each of hundreds of clients.
    asleep: bool,
    closed: bool,
}

impl<D: Disk> Inbox<D> {
    pub(crate) fn new(bounds: Bounds) -> Arc<Self> {
        let (urgent, ordinary) = (VecDeque::new(), VecDeque::new());
        let lanes = Lanes { urgent, ordinary, rung: false, asleep: false, closed: false };
        Arc::new(Self { lanes: Mutex::new(lanes), bell: Condvar::new(), bounds })
    }

    fn lock(&self) -> MutexGuard<'_, Lanes<D>> {
        self.lanes.lock().expect("nobody panics while holding the lanes")
    }

    fn put(&self, request: Request<D>, lane: Lane) -> Result<(), Refusal> {
        let mut lanes = self.lock();
        while lane == Lane::Urgent
            && !lanes.closed
            && lanes.urgent.len() >= self.bounds.urgent_lane_commands_max
        {
            lanes = self.bell.wait(lanes).expect("nobody panics while holding the lanes");
        }
        if lanes.closed {
            return Err(Refusal::Stopping);
        }
        match lane {
            Lane::Urgent => lanes.urgent.push_back(request),
            Lane::Ordinary if lanes.ordinary.len() >= self.bounds.ordinary_lane_commands_max => {
                return Err(Refusal::Busy);
            }
            Lane::Ordinary => lanes.ordinary.push_back(request),
        }
        self.wake(lanes);
        Ok(())
    }

    /// Takes at most `most` requests of a lane, oldest first.
    pub(crate) fn take(&self, lane: Lane, most: usize) -> Vec<Request<D>> {
        let mut lanes = self.lock();
        let queue = match lane {
            Lane::Urgent => &mut lanes.urgent,
            Lane::Ordinary => &mut lanes.ordinary,
        };
        let count = queue.len().min(most);
        let taken: Vec<_> = queue.drain(..count).collect();
        if lane == Lane::Urgent && count > 0 {
            self.bell.notify_all();
        }
        taken
    }

    /// How many wait: urgent, ordinary.
    pub(crate) fn waiting(&self) -> (usize, usize) {
        let lanes = self.lock();
        (lanes.urgent.len(), lanes.ordinary.len())
    }

    /// Waits until something is there, a sync has finished, the inbox is closed, or the time is over.
    pub(crate) fn wait(&self, at_most: Duration) {
        let mut lanes = self.lock();
        lanes.asleep = true;
        let quiet = |lanes: &mut Lanes<D>| {
            lanes.urgent.is_empty() && lanes.ordinary.is_empty() && !lanes.rung && !lanes.closed
        };
        if let Ok((mut lanes, _)) = self.bell.wait_timeout_while(lanes, at_most, quiet) {
            lanes.rung = false;
            lanes.asleep = false;
        }
    }

    /// Wakes the loop if it sleeps; whatever it is woken for stands in the lanes already.
    fn wake(&self, mut lanes: MutexGuard<'_, Lanes<D>>) {
        if mem::take(&mut lanes.asleep) {
            drop(lanes);
            self.bell.notify_all();
        }
    }

    /// A sync has finished: the loop has answers to give.
    pub(crate) fn ring(&self) {
        let mut lanes = self.lock();
        lanes.rung = true;
        self.wake(lanes);
    }

    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.bell.notify_all();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }
}

/// The door's handle, for any thread.
pub struct Handle<D: Disk>(pub(crate) Arc<Inbox<D>>);

impl<D: Disk> Clone for Handle<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<D: Disk> Handle<D> {
    /// Puts a command into a lane. `Busy` and `Stopping` come at once and mean that nothing was taken.
    pub fn submit(&self, command: Command, lane: Lane) -> Result<Ticket<Answer>, Refusal> {
        self.submit_timer(command, None, lane)
    }

    /// The same for a station elsewhere, whose timers say for which instant they were set.
    pub(crate) fn submit_timer(
        &self,
        command: Command,
        scheduled: Option<Timestamp>,
        lane: Lane,
    ) -> Result<Ticket<Answer>, Refusal> {
        let (sender, receiver) = oneshot::channel();
        self.0.put(Request::Command(Box::new(command), scheduled, sender), lane)?;
        Ok(Ticket(receiver))
    }

    /// Lets the loop look something up. What it saw is handed out when every record that it may have seen is on
    /// the platter.
    pub fn look<R: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Engine<D>) -> R + Send + 'static,
    ) -> Result<Ticket<R>, Refusal> {
        let (sender, receiver) = oneshot::channel();
        let request = Request::Look(Box::new(move |engine| {
            let seen = look(engine);
            Box::new(move || drop(sender.send(seen)))
        }));
        self.0.put(request, Lane::Ordinary)?;
        Ok(Ticket(receiver))
    }

    /// Asks the loop to stop: what was taken is finished, nothing more is taken.
    pub fn stop(&self) {
        self.0.close();
    }
}

/// An answer that is to come.
#[derive(Debug)]
pub struct Ticket<T>(oneshot::Receiver<T>);

impl<T> Ticket<T> {
    /// The answer, if it is there already.
    pub fn try_take(&mut self) -> Option<T> {
        self.0.try_recv().ok()
    }

    /// Waits for the answer; none if the engine stopped before it could promise anything.
    pub fn wait(self) -> Option<T> {
        self.0.blocking_recv().ok()
    }

    /// Waits for the answer in an asynchronous task.
    pub async fn answer(self) -> Option<T> {
        self.0.await.ok()
    }
}
