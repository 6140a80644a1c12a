//! The doors' common ground: what a call or a deed comes to, whether it comes by NATS, HTTP or the socket.
//!
//! The route of a call: bytes are cut into calls, each is read and opened at the [`desk::CallDesk`], its command goes
//! in by the one door, and the answer comes back when the record is on the platter ([`calls`]). The route of a deed:
//! the unit stands in the subject, where the door has proven it; the request becomes a command in its name
//! ([`deed`]); a reading of the caller's number is a record before anything is told ([`reveal`]).
//!
//! What it does not do: it authenticates nobody (NATS permissions, HTTP keys and the socket's owner do) and
//! authorises nobody (`huying_domain::decide` does).

pub mod act;
pub mod arrivals;
pub mod audit;
pub mod callers;
pub mod calls;
pub mod deed;
pub mod desk;
pub mod devices;
pub mod live;
pub mod page;
pub mod preview;
pub mod refused;
pub mod requests;
pub mod reveal;
pub mod rules;
pub mod status;

use self::{callers::Callers, desk::CallDesk, live::Moved};
use crate::{
    clock::Clock,
    door::{Answer, Handle, Lane, Ticket},
    engine::Engine,
    rulebook,
};
use huying_domain::{
    command::{Ask, AtOnce, Command},
    event::Event,
    ids::Seq,
    record::{Hash, Record, RuleFile, Subject},
    refusal::Refusal,
    rules::Rules,
    time::Timestamp,
    vocabulary::Channel,
};
use huying_intake::place::GazetteerError;
use huying_journal::{
    disk::{Disk, real::RealDisk},
    error::ReadError,
    reader::Reader,
    seal::Entropy,
};
use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{Arc, Mutex, RwLock},
};
use thiserror::Error;
use tokio::sync::{broadcast, watch};

/// What whoever asks is answered, at every door alike.
pub use huying_bus::message::answer;

const DAY_S: i64 = 86_400;

/// What the doors need.
pub struct DoorsSetup {
    /// The outlines of the city's areas as GeoJSON, where somebody has drawn them.
    pub outlines: Option<String>,
    /// Random bytes, for the ids of calls that have no name of their own.
    pub entropy: Entropy,
}

/// Why the doors do not open.
#[derive(Debug, Error)]
pub enum DoorsError {
    /// The outlines are none.
    #[error("the outlines of the areas cannot be used")]
    Outlines(#[from] GazetteerError),
    /// What was called about of late cannot be read.
    #[error("the journal cannot be read")]
    Read(#[from] ReadError),
}

/// A call desk that several doors share.
pub type SharedDesk = Arc<RwLock<CallDesk>>;

/// The common ground of the doors.
pub struct Doors<D: Disk> {
    handle: Handle<D>,
    reader: Reader<D>,
    desk: SharedDesk,
    /// Whose cases the last while's are, for who answers a call.
    callers: Mutex<Callers>,
    /// What moves, for whoever watches.
    moved: broadcast::Sender<Arc<Moved>>,
    /// The last record that the desk has followed.
    followed: watch::Receiver<Seq>,
    entropy: Mutex<Entropy>,
    /// The machine's clock; in virtual time the engine is asked.
    clock: Option<Mutex<Clock>>,
}

/// The doors of an engine on a real disk.
pub type LiveDoors = Doors<RealDisk>;

impl<D: Disk + Clone> Doors<D> {
    /// Doors into this engine, which does not run yet. The desk follows its records from now on, and first those of
    /// the last while.
    pub fn open(engine: &mut Engine<D>, setup: DoorsSetup) -> Result<Arc<Self>, DoorsError> {
        let DoorsSetup { outlines, mut entropy } = setup;
        let callers = Mutex::new(Callers::new(&mut entropy));
        let mut desk = CallDesk::new(Arc::clone(engine.rules()), outlines.as_deref())?;
        let reader = engine.journal().reader();
        let mut last = relive(&reader, &mut desk)?;
        let desk = Arc::new(RwLock::new(desk));
        let (sender, followed) = watch::channel(last);
        let (moved, _) = broadcast::channel(live::MOVED_KEPT_MAX);
        let telling = moved.clone();
        let (shared, disk) = (Arc::clone(&desk), engine.disk.clone());
        let mut in_force = engine.in_force.clone();
        engine.subscribe(Box::new(move |committed| {
            let record = &committed.record;
            if record.seq <= last {
                return;
            }
            last = record.seq;
            let changed = published(record, &mut in_force);
            let mut desk = shared.write().expect("nobody panics at the desk");
            desk.follow(record);
            if changed {
                match rulebook::read(&disk, &in_force) {
                    Ok(rules) => desk.set_rules(Arc::new(rules)),
                    // The engine itself has read them: it stops if it cannot.
                    Err(error) => tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the desk keeps the old rules"
                    ),
                }
            }
            drop(desk);
            sender.send_replace(record.seq);
            // Nobody watches: then nobody is told.
            _ = telling.send(Arc::new(Moved::of(record)));
        }));
        let clock = (!engine.clock().is_virtual()).then(|| Mutex::new(Clock::system()));
        let (handle, entropy) = (engine.handle(), Mutex::new(entropy));
        Ok(Arc::new(Self { handle, reader, desk, callers, moved, followed, entropy, clock }))
    }
}

impl<D: Disk> Doors<D> {
    /// The one door behind these.
    pub const fn handle(&self) -> &Handle<D> {
        &self.handle
    }

    /// The desk, for a door that submits by itself.
    pub fn shared_desk(&self) -> SharedDesk {
        Arc::clone(&self.desk)
    }

    /// The instant at the door.
    pub async fn now(&self) -> Result<Timestamp, Refusal> {
        match &self.clock {
            Some(clock) => Ok(clock.lock().expect("nobody panics at the clock").now()),
            None => self.look(|engine| engine.clock().now()).await,
        }
    }

    /// Lets the loop look something up; what it saw is handed out when it is on the platter.
    pub async fn look<R: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Engine<D>) -> R + Send + 'static,
    ) -> Result<R, Refusal> {
        self.handle.look(look)?.answer().await.ok_or(Refusal::Stopping)
    }

    /// The rules in force at the desk.
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(self.desk().rules())
    }

    /// Puts a command into its lane.
    fn submit(&self, command: Command) -> Result<Ticket<Answer>, Refusal> {
        let lane = lane_of(&command.ask);
        self.handle.submit(command, lane)
    }
}

/// Alarms, and what is handed to an emergency line, are never told to come back later.
pub const fn lane_of(ask: &Ask) -> Lane {
    match ask {
        Ask::Refer { .. } | Ask::RegisterSettled { how: AtOnce::Refer { .. }, .. } => Lane::Urgent,
        Ask::Register(filing) if matches!(filing.channel, Channel::Device) => Lane::Urgent,
        _ => Lane::Ordinary,
    }
}

/// Takes over the rule files that a record publishes; whether there was a new one.
fn published(record: &Record, in_force: &mut BTreeMap<RuleFile, Hash>) -> bool {
    let mut changed = false;
    for part in &record.parts {
        for event in &part.events {
            if let (Event::RulesPublished(event), Subject::Rulebook(file)) = (event, &part.subject) {
                changed |= in_force.insert(*file, event.hash) != Some(event.hash);
            }
        }
    }
    changed
}

/// Lets the desk follow what is still of use to it: the records of its memory's days.
fn relive<D: Disk>(reader: &Reader<D>, desk: &mut CallDesk) -> Result<Seq, ReadError> {
    let last = reader.synced();
    if last == 0 {
        return Ok(0);
    }
    let since = reader.record(last)?.at.plus_seconds(-desk::REMEMBER_DAYS * DAY_S);
    let first = first_at_or_after(reader, since)?;
    reader.scan(first, &mut |record, _| {
        desk.follow(record);
        ControlFlow::Continue(())
    })?;
    Ok(last)
}

/// The first safe record of an instant or later, or the last one; records stand in the order of their instants.
pub fn first_at_or_after<D: Disk>(reader: &Reader<D>, since: Timestamp) -> Result<Seq, ReadError> {
    let (mut low, mut high) = (1, reader.synced().max(1));
    while low < high {
        let middle = low + (high - low) / 2;
        if reader.record(middle)?.at < since {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
