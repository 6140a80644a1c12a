//! A live engine with its nerves: a `nats-server` of its own, the echo, the assignments; a feed and a department as
//! clients over NATS.

use crate::stage::{Stage, entropy, start};
use async_nats::jetstream::consumer::PullConsumer;
use futures::StreamExt;
use huying_bus::{
    consumers::ALL_UNITS,
    link::{Address, Link},
    role::Role,
    roster::Roster,
    server::{
        Server, ServerSetup,
        program::{PROGRAM_NAME, Program},
    },
    stream::Stream,
};
use huying_engine::{
    config::program_places,
    doors::{Doors, DoorsSetup},
    nerves::{Nerves, NervesSetup, Subscribers},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// The source of the calls.
pub const SOURCE: &str = "bench";
/// How long the streams and consumers may take to be there.
const READY_MAX_S: u64 = 30;
/// Assignments that a department fetches at once.
const FETCHED_AT_ONCE: usize = 500;

/// How long the last assignments may take.
const LAST_MAX_S: u64 = 300;
/// How often it is asked whether all has caught up.
const LOOK_MS: u64 = 5;

/// The engine and everything beside it.
pub struct Nerved {
    /// The engine.
    pub stage: Stage,
    /// The server.
    pub server: Server,
    nerves: Nerves,
    feed: Address,
    department: Address,
}

impl Nerved {
    /// Starts all of it on a folder.
    pub fn open(folder: &Path) -> Self {
        let mut entropy = entropy();
        let mut roster = Roster::open_or_create(folder, &mut *entropy).expect("the folder can be written");
        roster.grant_feed(SOURCE.parse().expect("a source"), &mut *entropy).expect("there is room");
        roster.grant_all_units(&mut *entropy).expect("there is room");
        let (path, places) = program_places(PROGRAM_NAME);
        let program = Program::find(None, path.as_deref(), &places).expect("a nats-server: run `make nats`");
        let setup = ServerSetup { program, data: folder.to_owned(), port: None };
        let server = Server::start(setup, &roster, &mut *entropy).expect("the server starts");
        let at = |role: &Role| roster.address(role, server.url()).expect("the roster has it");
        let (engine, feed, department) = (
            at(&Role::Engine),
            at(&Role::Feed { source: SOURCE.parse().expect("a source") }),
            at(&Role::AllUnits),
        );
        let mut started = start(folder).expect("the engine starts").engine;
        let doors = DoorsSetup { outlines: None, entropy };
        let doors = Doors::open(&mut started, doors).expect("the doors open");
        let feeds = BTreeSet::from([SOURCE.parse().expect("a source")]);
        let subscribers = Subscribers { units: BTreeSet::new(), all_units: true, feeds };
        let (_unchanged, subscribers) = watch::channel(subscribers);
        let setup = NervesSetup { address: engine, subscribers, doors };
        let nerves = Nerves::start(&mut started, setup).expect("the nerves start");
        Self { stage: Stage::of(started), server, nerves, feed, department }
    }

    /// A feed's connection, once the engine answers it: a call that nobody could read makes no case.
    pub async fn feed(&self) -> Link {
        let link = Link::connect(&self.feed).await.expect("an address");
        link.is_up().await;
        let until = Instant::now() + Duration::from_secs(READY_MAX_S);
        let subject = format!("huying.v1.intake.{SOURCE}.call");
        while let Err(error) = link.client().request(subject.clone(), "{}".into()).await {
            assert!(Instant::now() < until, "nobody answers calls: {error}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        link
    }

    /// A connection that speaks for every unit, as a demonstration has it.
    pub async fn all_units(&self) -> Link {
        let link = Link::connect(&self.department).await.expect("an address");
        link.is_up().await;
        link
    }

    /// Lets a department fetch its work from now on, and notes when each case came.
    pub async fn department(&self) -> Arrivals {
        let link = Link::connect(&self.department).await.expect("an address");
        link.is_up().await;
        let seen: Arc<Mutex<BTreeMap<String, Instant>>> = Arc::default();
        let (noted, until) = (Arc::clone(&seen), Instant::now() + Duration::from_secs(READY_MAX_S));
        let consumer = loop {
            let found: Result<PullConsumer, _> =
                link.jetstream().get_consumer_from_stream(ALL_UNITS, Stream::Assignments.name()).await;
            match found {
                Ok(consumer) => break consumer,
                Err(error) => assert!(Instant::now() < until, "no consumer: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let asked = consumer.clone();
        let mut work = consumer
            .stream()
            .max_messages_per_batch(FETCHED_AT_ONCE)
            .messages()
            .await
            .expect("the department may fetch");
        let task = tokio::spawn(async move {
            let _link = link;
            while let Some(Ok(message)) = work.next().await {
                let at = Instant::now();
                let body: Value = serde_json::from_slice(&message.payload).expect("an assignment is JSON");
                let case = body["case"].as_str().expect("it names a case").to_owned();
                noted.lock().expect("nobody panics here").entry(case).or_insert(at);
                message.ack().await.expect("the department may acknowledge");
            }
        });
        Arrivals { seen, consumer: asked, task }
    }

    /// Waits until nothing is owed to the department any more, and says how many cases came. For cases that were led to
    /// their end alone: one that was only answered is still to be given to a unit.
    ///
    /// # Panics
    /// Something is still owed after [`LAST_MAX_S`].
    pub async fn nothing_owed(&self, arrivals: &mut Arrivals) -> u64 {
        let until = Instant::now() + Duration::from_secs(LAST_MAX_S);
        while !(self.has_posted().await && arrivals.is_through().await) {
            assert!(Instant::now() < until, "something is still owed, and {} cases came", arrivals.count());
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
        arrivals.count() as u64
    }

    /// Whether every unit was sent what it ought to have, up to the last record of now.
    async fn has_posted(&self) -> bool {
        let head = self.stage.handle.look(|engine| engine.journal().synced_head().seq);
        let head = head.expect("there is room in the lane").answer().await.expect("the engine lives");
        self.nerves.progress().borrow().posted >= head
    }

    /// Stops all of it.
    pub fn close(self) {
        self.stage.close();
        self.nerves.stop();
        self.server.stop();
    }
}

/// When each case came to the department.
pub struct Arrivals {
    seen: Arc<Mutex<BTreeMap<String, Instant>>>,
    consumer: PullConsumer,
    task: tokio::task::JoinHandle<()>,
}

impl Arrivals {
    /// How many cases have come.
    pub fn count(&self) -> usize {
        self.seen.lock().expect("nobody panics here").len()
    }

    /// Waits until so many cases have come.
    ///
    /// # Panics
    /// They have not after [`LAST_MAX_S`].
    pub async fn all(&self, cases: u64) {
        let until = Instant::now() + Duration::from_secs(LAST_MAX_S);
        while (self.count() as u64) < cases {
            assert!(Instant::now() < until, "{} of {cases} cases came", self.count());
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
    }

    /// Whether the department has fetched and acknowledged all that stands in its queue.
    async fn is_through(&mut self) -> bool {
        let info = self.consumer.info().await.expect("the department may ask");
        info.num_pending == 0 && info.num_ack_pending == 0
    }

    /// Ends the fetching and hands out when each came.
    pub fn end(self) -> BTreeMap<String, Instant> {
        self.task.abort();
        std::mem::take(&mut self.seen.lock().expect("nobody panics here"))
    }
}

/// A call as a feed sends it.
pub fn call(number: u64) -> Value {
    const GRIDS: [&str; 3] = ["211081001001001", "211081001001002", "211081001002001"];
    let grid = GRIDS[usize::try_from(number % GRIDS.len() as u64).expect("below three")];
    serde_json::json!({
        "external_id": format!("call-{number:09}"),
        "kind": "help",
        "class": "noise.neighbour",
        "place": { "area": grid },
        "words": "楼上天天半夜搬东西，我都说了好几次了，你们来看看吧",
        "caller": { "number": format!("139{number:08}"), "name": "张小红" },
    })
}
