//! The nerves: everything that speaks NATS, beside the loop and never in it.
//!
//! The route: [`Nerves::start`] opens a runtime in threads of its own and lets each task run there until it is told
//! to stop. Tasks learn of new records by [`Post::head`], read them off the journal, and put commands in by the one
//! door. **The loop never waits for NATS**: with the server away the tasks wait, and calls and clocks go on.
//!
//! What it does not do: it decides nothing, keeps nothing that the journal does not have, and asks no clock.

mod delivery;
mod devices;
mod doors;
mod echo;
mod gauges;
mod ground;
pub(crate) mod inbox;
mod notices;
mod outbox;
mod post;
mod stations;
mod telling;

use self::post::Post;
pub use self::{
    ground::{Standing, Turn},
    post::{Posting, Progress},
};
use crate::{doors::Doors, engine::Engine, metrics::Metrics};
use huying_bus::link::{Address, Link, LinkError};
use huying_domain::{
    ids::{SourceId, UnitId},
    time::Timestamp,
};
use huying_journal::disk::Disk;
use std::{
    collections::BTreeSet,
    io,
    ops::Deref,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};
use thiserror::Error;
use tokio::{runtime, sync::watch, task::JoinSet};

/// Threads of the runtime: the loop has one of its own, and a small machine has two cores.
const RUNTIME_THREADS: usize = 2;
/// How long tasks may take to end when they are told to.
const STOP_MAX_S: u64 = 10;

/// Who has an account on the server and therefore a consumer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Subscribers {
    /// Units that fetch their assignments.
    pub units: BTreeSet<UnitId>,
    /// Whether one account fetches the assignments of all units.
    pub all_units: bool,
    /// Sources that fetch their receipts.
    pub feeds: BTreeSet<SourceId>,
}

/// What the nerves need.
pub struct NervesSetup<D: Disk> {
    /// Where the server is, and the engine's own user.
    pub address: Address,
    /// Who has an account; a change is followed.
    pub subscribers: watch::Receiver<Subscribers>,
    /// The doors that NATS shares with HTTP and the command line.
    pub doors: Arc<Doors<D>>,
}

/// Why the nerves do not start.
#[derive(Debug, Error)]
pub enum NervesError {
    /// No thread or runtime.
    #[error("the runtime of the nerves cannot be made")]
    Runtime(#[from] io::Error),
    /// The address is none.
    #[error(transparent)]
    Link(#[from] LinkError),
}

/// What every task is handed.
pub(crate) struct Ctx<D: Disk> {
    /// What the tasks need by which the journal leaves the house.
    pub(crate) post: Arc<Post<D, Link>>,
    /// The doors' common ground.
    pub(crate) doors: Arc<Doors<D>>,
    /// What Prometheus may ask.
    pub(crate) metrics: Arc<Metrics>,
}

impl<D: Disk> Deref for Ctx<D> {
    type Target = Post<D, Link>;

    fn deref(&self) -> &Self::Target {
        &self.post
    }
}

impl<D: Disk> Ctx<D> {
    /// The engine's instant, in virtual time too; none if the engine has stopped or has no room.
    pub(crate) async fn now(&self) -> Option<Timestamp> {
        self.handle.look(|engine| engine.clock().now()).ok()?.answer().await
    }
}

/// The running nerves.
pub struct Nerves {
    stop: watch::Sender<bool>,
    link: Link,
    standing: watch::Receiver<Standing>,
    progress: watch::Receiver<Progress>,
    thread: Option<JoinHandle<()>>,
}

impl Nerves {
    /// Starts every task beside an engine that does not run yet.
    pub fn start<D: Disk>(engine: &mut Engine<D>, setup: NervesSetup<D>) -> Result<Self, NervesError> {
        let NervesSetup { address, subscribers, doors } = setup;
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(RUNTIME_THREADS)
            .thread_name("nerves")
            .enable_all()
            .build()?;
        let link = runtime.block_on(Link::connect(&address))?;
        let (stop, stopping) = watch::channel(false);
        let post = Arc::new(Post::beside(engine, link.clone(), subscribers, stopping));
        let ctx = Arc::new(Ctx { post, doors, metrics: engine.metrics() });
        let (standing, progress) = (ctx.ground.watch(), ctx.progress.subscribe());
        let host = move || {
            runtime.block_on(run(ctx));
            runtime.shutdown_timeout(Duration::from_secs(1));
        };
        let thread = thread::Builder::new().name("nerves".to_owned()).spawn(host)?;
        Ok(Self { stop, link, standing, progress, thread: Some(thread) })
    }

    /// The connection.
    pub const fn link(&self) -> &Link {
        &self.link
    }

    /// Whether the streams are there and ours.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// How far echo and outbox have come.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Tells every task to end, and waits for them.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the nerves panicked");
        }
    }
}

impl Drop for Nerves {
    fn drop(&mut self) {
        self.end();
    }
}

async fn run<D: Disk>(ctx: Arc<Ctx<D>>) {
    let mut tasks = JoinSet::new();
    tasks.spawn(ground::run(Arc::clone(&ctx.post)));
    tasks.spawn(echo::run(Arc::clone(&ctx.post)));
    tasks.spawn(outbox::run(Arc::clone(&ctx.post)));
    tasks.spawn(notices::run(Arc::clone(&ctx.post)));
    tasks.spawn(delivery::run(Arc::clone(&ctx)));
    tasks.spawn(devices::run(Arc::clone(&ctx)));
    tasks.spawn(doors::run(Arc::clone(&ctx)));
    tasks.spawn(inbox::run(Arc::clone(&ctx)));
    tasks.spawn(stations::run(Arc::clone(&ctx)));
    tasks.spawn(telling::run(Arc::clone(&ctx)));
    let ending = async {
        ctx.stopped().await;
        tokio::time::sleep(Duration::from_secs(STOP_MAX_S)).await;
    };
    tokio::select! {
        () = ending => tracing::warn!("a task of the nerves did not end in time"),
        () = async { while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended { tracing::error!(%error, "a task of the nerves panicked"); }
        } } => {}
    }
    if let Err(error) = ctx.link.client().drain().await {
        tracing::debug!(%error, "NATS was away at the end");
    }
}
