//! A station in a process of its own.
//!
//! The route: [`run`] follows the echo from the first record on, folds it as the station does in the engine's process
//! ([`mind`]), and sends what it names as requests ([`voice`]); the rules come from the engine by their hash
//! ([`library`]). Nothing is kept here: begun again, the process folds the echo anew and asks again for whatever it
//! has no proof of acceptance for. Asking twice is harmless, the door knows the command by its id.
//!
//! On the machine's clock commands leave as records come, and the watch looks at its clocks by itself. In virtual
//! time the station speaks only when the engine asks: how far it is, what it names, and at which instant a clock is
//! next.
//!
//! What it does not do: it decides nothing, and reads nothing of a caller; the echo has nothing of them.

mod counter;
mod intake;
mod library;
pub(crate) mod mind;
mod voice;

use self::{library::Library, mind::Mind, voice::Voice};
use crate::clock::{Clock, Stopwatch};
use huying_bus::{
    follow::{FollowError, Followed, Following},
    link::{Address, Link, LinkError},
    message::station::{NamedAnswer, NamedReply, Tick, decode},
    subject::{Subject, token::Station},
    talk::{Heard, NoAnswer},
};
use huying_domain::{ids::Seq, record::Record, rules::RulesError, time::Timestamp};
use huying_intake::{class::error::ClassError, place::GazetteerError};
use huying_journal::seal::Entropy;
use std::{sync::Arc, time::Duration};
use thiserror::Error;
use tokio::{sync::watch, time};

/// How often a station says on the machine's clock how far it is, though it has nothing to name.
pub const SIGN_OF_LIFE_S: u64 = 5;
/// How long records may be missing, up to where the engine says that it is, before the echo is read anew.
const MISSING_MAX_S: u64 = 5;
/// Longest sleep of the watch, in milliseconds: the machine's clock may be set.
const NAP_MAX_MS: u64 = 1_000;

/// Why a station ends before it is told to.
#[derive(Debug, Error)]
pub enum RemoteError {
    /// The address is none.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The echo cannot be read.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// Nobody can be listened to.
    #[error("the link is closed")]
    Closed(#[source] NoAnswer),
    /// The rules of the engine are none for this program.
    #[error("the rules in force cannot be read: this program may be older than the engine")]
    Rules(#[from] RulesError),
    /// The outlines of the engine are none for this program.
    #[error("the outlines of the areas cannot be used")]
    Outlines(#[source] GazetteerError),
    /// The model of the engine is none for this program.
    #[error("the model that proposes classes cannot be used")]
    Classes(#[source] ClassError),
    /// The engine has another journal now, or a restored one: intake has to begin anew.
    #[error("the engine has another journal now: begin anew")]
    Another,
}

/// What a station needs.
pub struct RemoteSetup {
    /// Which.
    pub station: Station,
    /// Where the server is, and the station's own user.
    pub address: Address,
    /// For intake: random bytes, for the ids of calls that have no name of their own.
    pub entropy: Entropy,
}

/// Runs a station until it is told to stop.
pub async fn run(setup: RemoteSetup, mut stop: watch::Receiver<bool>) -> Result<(), RemoteError> {
    let RemoteSetup { station, address, entropy } = setup;
    let link = Link::connect(&address).await?;
    let stopped = async {
        let _told_or_gone = stop.wait_for(|stop| *stop).await;
    };
    if station == Station::Intake {
        return tokio::select! {
            ended = intake::run(link, entropy) => ended,
            () = stopped => Ok(()),
        };
    }
    let mut host = Host::new(station, link).await?;
    tokio::select! {
        ended = host.run() => ended,
        () = stopped => Ok(()),
    }
}

/// One station and its surroundings.
struct Host {
    station: Station,
    following: Following,
    ticks: Heard,
    library: Library,
    mind: Mind,
    voice: Voice,
    clock: Clock,
    mode: Mode,
    /// It has every record that there is, so that what it named and saw no answer for is really open.
    caught_up: bool,
    /// Since when no record has come behind this one.
    missing: Option<(Seq, Stopwatch)>,
}

/// How time passes where the engine is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    /// The engine has not said it yet.
    Unknown,
    /// On the machine's clock.
    Live,
    /// In virtual time; the question that stands.
    Virtual(Tick),
}

/// What woke the station.
enum Woken {
    Followed(Followed),
    Ticked(Tick),
    Answered(Option<NamedReply>),
    Nap,
}

impl Host {
    async fn new(station: Station, link: Link) -> Result<Self, RemoteError> {
        let ticks = link.listen(Subject::Clock).await.map_err(RemoteError::Closed)?;
        Ok(Self {
            station,
            following: Following::start(link.clone(), station.name()),
            ticks,
            library: Library::new(link.clone()),
            mind: Mind::new(station),
            voice: Voice::new(link, station),
            clock: Clock::system(),
            mode: Mode::Unknown,
            caught_up: false,
            missing: None,
        })
    }

    async fn run(&mut self) -> Result<(), RemoteError> {
        loop {
            self.speak();
            match self.woken().await? {
                Woken::Followed(Followed::Record(record, last)) => {
                    self.take_in(*record).await?;
                    self.caught_up |= last;
                }
                Woken::Followed(Followed::Empty) => self.caught_up = true,
                Woken::Followed(Followed::Another) => {
                    tracing::warn!(station = %self.station, "another journal: everything is read anew");
                    self.mind = Mind::new(self.station);
                    self.caught_up = false;
                }
                Woken::Ticked(tick) => self.ticked(tick),
                Woken::Answered(reply) => self.answered(reply),
                Woken::Nap => self.nap_is_over(),
            }
        }
    }

    async fn woken(&mut self) -> Result<Woken, RemoteError> {
        let nap = self.nap();
        tokio::select! {
            biased;
            followed = self.following.next() => Ok(Woken::Followed(followed?)),
            tick = self.ticks.next() => match tick {
                Some(bytes) => Ok(decode(&bytes).map_or(Woken::Nap, Woken::Ticked)),
                None => std::future::pending().await,
            },
            reply = self.voice.answer() => Ok(Woken::Answered(reply)),
            () = time::sleep(nap) => Ok(Woken::Nap),
        }
    }

    async fn take_in(&mut self, record: Record) -> Result<(), RemoteError> {
        if let Some(rules) = self.library.follow(&record).await? {
            self.mind.obey(Arc::new(rules));
        }
        self.mind.follow(record);
        Ok(())
    }

    /// Sends what there is to say, if nothing is on its way.
    fn speak(&mut self) {
        if self.voice.is_busy() {
            return;
        }
        match self.mode {
            Mode::Unknown => self.voice.greet(self.mind.through()),
            Mode::Virtual(tick) if self.mind.through() >= tick.head => {
                if self.voice.round() != Some(tick.round) {
                    let (commands, next_due) = self.mind.answer(tick.now);
                    self.voice.report(tick.round, self.mind.through(), next_due, commands);
                }
                self.voice.go_on();
            }
            Mode::Virtual(_) => {}
            Mode::Live if self.caught_up => {
                let now = self.now();
                self.mind.look_at_clocks(now);
                self.voice.name(self.mind.through(), self.mind.next_due(), self.mind.open());
            }
            Mode::Live => {}
        }
    }

    fn ticked(&mut self, tick: Tick) {
        // The same question again: the answer was not heard.
        if self.mode == Mode::Virtual(tick) && !self.voice.is_busy() {
            self.voice.again();
        }
        self.mode = Mode::Virtual(tick);
    }

    fn answered(&mut self, reply: Option<NamedReply>) {
        let Some(reply) = reply else { return };
        let answered = self.voice.answered();
        match (self.mode, reply.tick) {
            (Mode::Unknown, None) => self.mode = Mode::Live,
            (Mode::Unknown, Some(tick)) => self.mode = Mode::Virtual(tick),
            (Mode::Virtual(known), Some(tick)) if tick.round > known.round => self.mode = Mode::Virtual(tick),
            (Mode::Live, None) => {
                if reply.answers.contains(&NamedAnswer::Noted) {
                    self.voice.hold_off();
                }
                self.mind.answered(&answered, &reply.answers);
            }
            _ => {}
        }
    }

    /// Reads the echo anew if what the engine speaks of does not come.
    fn nap_is_over(&mut self) {
        let through = self.mind.through();
        match (self.mode, self.missing) {
            (Mode::Virtual(tick), Some((seq, since))) if through < tick.head && seq == through => {
                if since.elapsed() >= Duration::from_secs(MISSING_MAX_S) {
                    self.following.look_again();
                    self.missing = None;
                }
            }
            _ => self.missing = Some((through, Stopwatch::start())),
        }
    }

    fn nap(&mut self) -> Duration {
        let longest = Duration::from_millis(NAP_MAX_MS);
        if self.mode != Mode::Live || !self.caught_up || self.voice.is_busy() {
            return longest;
        }
        let now = self.now();
        let due = self.mind.next_due().map_or(i64::MAX, |due| due.millis().saturating_sub(now.millis()));
        longest.min(Duration::from_millis(u64::try_from(due).unwrap_or(0)))
    }

    fn now(&mut self) -> Timestamp {
        self.clock.now()
    }
}
