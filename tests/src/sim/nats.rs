//! A NATS server in memory, as far as echo and outbox ask one, and all that goes wrong with it: it is away, loses what
//! is on the wire, keeps an acknowledgement, is wiped, comes back as it was earlier.

pub(crate) mod store;

use self::store::{Fetched, SimConsumer, SimStream};
use async_nats::jetstream::{
    context::{PublishError, PublishErrorKind},
    stream::Config,
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use huying_bus::{
    consumers::{ASSIGNMENT_ACK_WAIT_S, Readers},
    link::LinkState,
    nats::{Acknowledged, Known, Listed, Listing, Message, Nats},
    stream::Stream,
    streams::error::ShapeError,
};
use huying_domain::{ids::UnitId, time::Timestamp};
use huying_journal::disk::sim::SplitMix;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use thiserror::Error;
use tokio::sync::{oneshot, watch};

/// Changes of the store between two that the server may come back to.
const KEPT_EVERY_CHANGES: u64 = 40;
/// Messages that are refused or not acknowledged, one after the other.
const TROUBLE_LASTS_MESSAGES: u64 = 4;

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    /// It is away for so many moments and comes back with this.
    Away(u32, Back),
    /// The connection breaks behind so many messages and comes back at once.
    Breaks(u64),
    /// Behind so many messages of a stream some are taken and their acknowledgements lost.
    AckLost(u64, Stream),
    /// Behind so many messages of a stream some are not taken.
    Refuses(u64, Stream),
}

/// What the server has when it comes back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Back {
    /// All that it took.
    Whole,
    /// What it had some time earlier.
    Earlier,
    /// Nothing.
    Wiped,
}

/// The server; clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct SimNats {
    server: Arc<Mutex<Server>>,
    link: Arc<watch::Sender<LinkState>>,
    /// Counts what ends a pause.
    ticks: Arc<watch::Sender<u64>>,
}

type OnTheWire = (&'static str, Message, oneshot::Sender<Result<u64, PublishError>>);

#[derive(Debug, Default)]
struct Server {
    now: Timestamp,
    store: Store,
    earlier: Option<Store>,
    wire: VecDeque<OnTheWire>,
    pausing: u32,
    /// What happens to the messages behind so many others, and to how many of them.
    waiting: Option<(u64, u64, Trouble)>,
    changes: u64,
    told: u64,
    /// How often all that it held was lost or set back.
    set_back: u64,
}

#[derive(Clone, Debug, Default)]
struct Store {
    streams: BTreeMap<String, SimStream>,
    consumers: BTreeMap<UnitId, SimConsumer>,
}

#[derive(Debug, Error)]
#[error("the simulated server is away")]
struct IsAway;

fn away() -> ShapeError {
    ShapeError::Api(Box::new(IsAway))
}

impl SimNats {
    pub(crate) fn new() -> Self {
        let link = watch::Sender::new(LinkState { up: true, connection: 1 });
        Self {
            server: Arc::new(Mutex::new(Server::default())),
            link: Arc::new(link),
            ticks: Arc::new(watch::Sender::new(0)),
        }
    }

    fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().expect("nobody panics while holding the simulated server")
    }

    fn there(&self) -> Result<MutexGuard<'_, Server>, ShapeError> {
        if self.is_there() { Ok(self.server()) } else { Err(away()) }
    }

    /// Whether the server answers.
    pub(crate) fn is_there(&self) -> bool {
        self.link.borrow().up
    }

    /// How often all that it held was lost or set back.
    pub(crate) fn set_back(&self) -> u64 {
        self.server().set_back
    }

    /// The same, and how many messages it took.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let server = self.server();
        (server.set_back, server.changes)
    }

    /// Notices that it handed out.
    pub(crate) fn told(&self) -> u64 {
        self.server().told
    }

    /// Looks at a stream; none if there is none.
    pub(crate) fn look<T>(&self, stream: Stream, look: impl FnOnce(&SimStream) -> T) -> Option<T> {
        self.server().store.streams.get(stream.name()).map(look)
    }

    /// Something goes wrong from now on.
    pub(crate) fn trouble(&self, trouble: Trouble) {
        match trouble {
            Trouble::Away(..) => self.go(),
            Trouble::Breaks(behind) | Trouble::AckLost(behind, _) | Trouble::Refuses(behind, _) => {
                self.server().waiting = Some((behind, TROUBLE_LASTS_MESSAGES, trouble));
            }
        }
    }

    fn go(&self) {
        self.link.send_modify(|link| link.up = false);
        // Whoever waits for an acknowledgement learns that none will come.
        self.server().wire.clear();
    }

    /// The server answers again.
    pub(crate) fn come_back(&self, with: Back) {
        let mut server = self.server();
        match with {
            Back::Whole => {}
            Back::Earlier => {
                let store = server.earlier.clone().unwrap_or_default();
                server.come_back_with(store);
            }
            Back::Wiped => server.come_back_with(Store::default()),
        }
        drop(server);
        self.link.send_modify(|link| *link = LinkState { up: true, connection: link.connection + 1 });
    }

    /// Takes what is on the wire and ends pauses; says whether there was anything to do.
    pub(crate) fn tick(&self, now: Timestamp) -> bool {
        let mut server = self.server();
        server.now = now;
        let paused = std::mem::take(&mut server.pausing);
        let mut busy = paused > 0;
        let mut breaks = false;
        while let Some((stream, message, acknowledge)) = server.wire.pop_front() {
            busy = true;
            match server.comes_due(stream) {
                Some(Trouble::Refuses(..)) => {
                    drop(acknowledge.send(Err(PublishErrorKind::TimedOut.into())));
                    continue;
                }
                Some(Trouble::AckLost(..)) => {
                    server.take(stream, message).ok();
                    continue;
                }
                Some(Trouble::Breaks(_) | Trouble::Away(..)) => {
                    breaks = true;
                    break;
                }
                None => {}
            }
            let taken = server.take(stream, message);
            // Who no longer waits has gone.
            drop(acknowledge.send(taken.map_err(PublishError::from)));
        }
        drop(server);
        if breaks {
            self.go();
            self.come_back(Back::Whole);
        }
        if paused > 0 {
            self.ticks.send_modify(|ticks| *ticks += 1);
        }
        busy
    }

    /// What a unit fetches of its assignments now.
    pub(crate) fn fetch(&self, unit: &UnitId, most: usize, now: Timestamp) -> Vec<Fetched> {
        let Ok(mut server) = self.there() else { return Vec::new() };
        let Store { streams, consumers } = &mut server.store;
        let Some(stream) = streams.get_mut(Stream::Assignments.name()) else { return Vec::new() };
        stream.come_of_age(now);
        let Some(consumer) = consumers.get_mut(unit) else { return Vec::new() };
        let ack_wait_s = i64::try_from(ASSIGNMENT_ACK_WAIT_S).expect("a minute");
        consumer.fetch(stream, &format!("huying.v1.assignment.{unit}."), most, (now, ack_wait_s))
    }

    /// A unit acknowledges.
    pub(crate) fn acknowledge(&self, unit: &UnitId, sequence: u64) {
        if let Some(consumer) = self.server().store.consumers.get_mut(unit) {
            consumer.acknowledge(sequence);
        }
    }
}

impl Server {
    fn come_back_with(&mut self, store: Store) {
        let Store { streams, mut consumers } = store;
        let streams: BTreeMap<String, SimStream> =
            streams.into_iter().map(|(name, stream)| (name, stream.restarted())).collect();
        let last = streams.get(Stream::Assignments.name()).map_or(0, |stream| stream.last);
        consumers.values_mut().for_each(|consumer| consumer.set_back(last));
        self.store = Store { streams, consumers };
        self.earlier = None;
        self.set_back += 1;
    }

    fn take(&mut self, stream: &str, message: Message) -> Result<u64, PublishErrorKind> {
        let now = self.now;
        let stream = self.store.streams.get_mut(stream).ok_or(PublishErrorKind::StreamNotFound)?;
        let taken = stream.take(message, now);
        self.changes += 1;
        if self.changes.is_multiple_of(KEPT_EVERY_CHANGES) {
            self.earlier = Some(self.store.clone());
        }
        taken
    }

    /// What happens to this message of a stream.
    fn comes_due(&mut self, stream: &str) -> Option<Trouble> {
        let (behind, lasts, trouble) = self.waiting.as_mut()?;
        if matches!(trouble, Trouble::AckLost(_, of) | Trouble::Refuses(_, of) if of.name() != stream) {
            return None;
        }
        if *behind > 0 {
            *behind -= 1;
            return None;
        }
        let trouble = *trouble;
        *lasts -= 1;
        self.waiting.take_if(|(_, lasts, trouble)| *lasts == 0 || matches!(trouble, Trouble::Breaks(_)));
        Some(trouble)
    }
}

/// The stream that keeps what is published on a subject.
fn keeps(subject: &str) -> Option<&'static str> {
    let found = Stream::ALL.into_iter().find(|stream| {
        let whole = stream.keeps().to_string();
        subject.strip_prefix(whole.trim_end_matches(".*")).is_some_and(|rest| rest.starts_with('.'))
    });
    found.map(Stream::name)
}

impl Nats for SimNats {
    fn watch(&self) -> watch::Receiver<LinkState> {
        self.link.subscribe()
    }

    async fn publish(&self, message: Message) -> Result<Acknowledged, PublishError> {
        let (sender, receiver) = oneshot::channel();
        let mut server = self.there().map_err(|_| PublishError::new(PublishErrorKind::BrokenPipe))?;
        let stream = keeps(&message.subject).ok_or(PublishError::new(PublishErrorKind::StreamNotFound))?;
        server.wire.push_back((stream, message, sender));
        Ok(Box::pin(
            async move { receiver.await.unwrap_or(Err(PublishError::new(PublishErrorKind::TimedOut))) },
        ))
    }

    async fn tell(&self, message: Message) -> Result<(), async_nats::PublishError> {
        let mut server = self.server();
        match keeps(&message.subject) {
            // What is told to a server that is away is lost, and nobody hears of it.
            Some(stream) if self.is_there() => server.wire.push_back((stream, message, oneshot::channel().0)),
            Some(_) => {}
            None => server.told += 1,
        }
        Ok(())
    }

    async fn written(&self, _within: Duration) -> bool {
        self.is_there()
    }

    async fn pause(&self, _length: Duration) {
        let mut ticks = self.ticks.subscribe();
        self.server().pausing += 1;
        let _ended_or_gone = ticks.changed().await;
    }

    async fn known(&self, name: &str) -> Result<Option<Known>, ShapeError> {
        let server = self.there()?;
        Ok(server.store.streams.get(name).map(|stream| Known {
            config: stream.config.clone(),
            messages: stream.messages.len() as u64,
            last_sequence: stream.last,
        }))
    }

    async fn create(&self, config: Config) -> Result<(), ShapeError> {
        let mut server = self.there()?;
        server.store.streams.insert(config.name.clone(), SimStream::new(config));
        Ok(())
    }

    async fn update(&self, config: Config) -> Result<(), ShapeError> {
        if let Some(stream) = self.there()?.store.streams.get_mut(&config.name) {
            stream.config = config;
        }
        Ok(())
    }

    async fn set_aside(&self, records: &Known, _epoch: u32) -> Result<(), ShapeError> {
        self.there()?.store.streams.remove(&records.config.name);
        Ok(())
    }

    async fn message(&self, stream: Stream, sequence: u64) -> Result<Option<Bytes>, ShapeError> {
        let server = self.there()?;
        let stream = server.store.streams.get(stream.name());
        Ok(stream.and_then(|stream| stream.messages.get(&sequence)).map(|one| one.body.clone()))
    }

    async fn last(&self, stream: Stream, subject: &str) -> Result<Option<Bytes>, ShapeError> {
        let server = self.there()?;
        let stream = server.store.streams.get(stream.name());
        Ok(stream.and_then(|stream| stream.last_of(subject)).map(|one| one.body.clone()))
    }

    async fn list(&self, stream: Stream) -> Result<Listing, ShapeError> {
        let mut server = self.there()?;
        let now = server.now;
        let stream = server.store.streams.get_mut(stream.name()).ok_or_else(away)?;
        stream.come_of_age(now);
        let listed: Vec<_> = stream
            .messages
            .iter()
            .map(|(sequence, stored)| {
                let (subject, headers) = (stored.subject.clone(), stored.headers.clone());
                Ok(Listed { subject, headers, sequence: *sequence })
            })
            .collect();
        Ok(stream::iter(listed).boxed())
    }

    async fn keep_consumers(&self, readers: &Readers) -> Result<(), ShapeError> {
        let mut server = self.there()?;
        server.store.consumers.retain(|unit, _| readers.units.contains(unit));
        for unit in &readers.units {
            server.store.consumers.entry(unit.clone()).or_default();
        }
        Ok(())
    }
}

impl Trouble {
    /// What chance brings at a moment.
    pub(crate) fn drawn(dice: &mut SplitMix) -> Option<Self> {
        let behind = |dice: &mut SplitMix| dice.below(6) as u64;
        let of = |dice: &mut SplitMix| [Stream::Records, Stream::Assignments][dice.below(2)];
        match dice.below(100) {
            0..6 => {
                let back = [Back::Whole, Back::Earlier, Back::Wiped][dice.below(3)];
                Some(Self::Away(1 + u32::try_from(dice.below(4)).expect("few"), back))
            }
            6..14 => Some(Self::Breaks(behind(dice))),
            14..22 => Some(Self::AckLost(behind(dice), of(dice))),
            22..30 => Some(Self::Refuses(behind(dice), of(dice))),
            _ => None,
        }
    }
}
