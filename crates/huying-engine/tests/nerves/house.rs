//! A house for the stories: an engine in a folder, a server in another, nerves between them.

use crate::making::*;
use async_nats::jetstream::{
    consumer::{AckPolicy, PullConsumer, pull},
    stream::Info,
};
use futures::StreamExt as _;
use huying_bus::{
    consumers, echo,
    link::{Address, Link},
    message::assignment::{Assignment, WorkPart},
    role::Role,
    roster::Roster,
    server::{Server, ServerSetup, program::Program},
    stream::Stream,
    subject::Subject,
};
use huying_domain::{
    command::Ask,
    ids::{CaseId, UnitId},
    record::{Record, RuleFile},
    time::Timestamp,
};
use huying_engine::{
    doors::{Doors, DoorsSetup},
    engine::Engine,
    nerves::{Nerves, NervesSetup, Standing, Subscribers},
};
use huying_projection::ought::work;
use std::{collections::BTreeMap, path::Path, thread, time::Duration};
use tempfile::TempDir;
use tokio::{runtime::Runtime, sync::watch};

/// The unit that noisy neighbours in the first grid go to.
pub(crate) const GRID: &str = "grid-1-1";
const LOOKS_MAX: u32 = 3_000;
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How long nothing more may come before a listing counts as whole.
const LISTING_SILENCE: Duration = Duration::from_millis(300);

pub(crate) fn unit(id: &str) -> UnitId {
    UnitId::new(id).expect("one token")
}

/// The machine's own chance: servers of stories that run side by side choose their ports by it.
fn chance(bytes: &mut [u8]) {
    use rand::TryRngCore as _;
    rand::rngs::OsRng.try_fill_bytes(bytes).expect("the system has entropy");
}

/// The server with its users, in a folder of its own.
pub(crate) struct Nats {
    pub(crate) dir: TempDir,
    pub(crate) roster: Roster,
    pub(crate) server: Option<Server>,
    url: String,
}

impl Nats {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let mut roster = Roster::open_or_create(dir.path(), &mut chance).expect("a roster");
        roster.grant_unit(unit(GRID), &mut chance).expect("a unit's account");
        let mut nats = Self { dir, roster, server: None, url: String::new() };
        nats.start();
        nats
    }

    pub(crate) fn start(&mut self) {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/nats-server");
        let path = std::env::var_os("PATH");
        let program = Program::find(None, path.as_deref(), &[beside]).expect("`make nats` was run");
        let setup = ServerSetup { program, data: self.dir.path().to_owned(), port: None };
        let server = Server::start(setup, &self.roster, &mut chance).expect("the server starts");
        self.url = server.url().to_owned();
        self.server = Some(server);
    }

    pub(crate) fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop();
        }
    }

    pub(crate) fn wipe(&self) {
        assert!(self.server.is_none(), "only the store of a server at rest is wiped");
        std::fs::remove_dir_all(self.dir.path().join("nats/store")).expect("the store is removed");
    }

    /// kill -9; the watcher brings it back.
    pub(crate) fn kill(&self) {
        let server = self.server.as_ref().expect("it runs");
        let (pid, restarts) = (server.pid(), server.restarts());
        if pid > 0 {
            let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
            assert!(killed.expect("there is kill").success());
            for _ in 0..LOOKS_MAX {
                if server.restarts() > restarts {
                    return;
                }
                thread::sleep(LOOK_EVERY);
            }
            panic!("the server does not come back");
        }
    }

    pub(crate) fn address(&self, role: &Role) -> Address {
        self.roster.address(role, &self.url).expect("the roster has it")
    }

    pub(crate) fn eye(&self) -> Eye {
        Eye::open(&self.address(&Role::Engine))
    }

    /// The first grid's own account.
    pub(crate) fn department(&self) -> Eye {
        Eye::open(&self.address(&Role::Units { units: [unit(GRID)].into() }))
    }
}

/// Looks at the streams beside the engine.
pub(crate) struct Eye {
    pub(crate) runtime: Runtime,
    pub(crate) link: Link,
}

/// A message as a stream holds it.
pub(crate) struct Seen {
    pub(crate) sequence: u64,
    pub(crate) subject: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Eye {
    pub(crate) fn open(address: &Address) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let link = runtime.block_on(Link::connect(address)).expect("an address");
        runtime.block_on(link.is_up());
        Self { runtime, link }
    }

    pub(crate) fn info(&self, name: &str) -> Option<Info> {
        let found = self.runtime.block_on(self.link.jetstream().get_stream(name));
        found.ok().map(|stream| stream.cached_info().clone())
    }

    /// Every message of a stream, in order.
    pub(crate) fn messages(&self, name: &str) -> Vec<Seen> {
        self.runtime.block_on(async {
            let stream = self.link.jetstream().get_stream(name).await.expect("the stream is there");
            if stream.cached_info().state.messages == 0 {
                return Vec::new();
            }
            let config =
                pull::Config { ack_policy: AckPolicy::None, memory_storage: true, ..pull::Config::default() };
            let consumer = stream.create_consumer(config).await.expect("a consumer");
            let mut left = consumer.cached_info().num_pending;
            let mut messages = consumer.messages().await.expect("messages");
            let mut seen = Vec::new();
            while left > 0 {
                let Ok(next) = tokio::time::timeout(LISTING_SILENCE * 30, messages.next()).await else {
                    break;
                };
                let message = next.expect("a message").expect("a message");
                let info = message.info().expect("where it stands");
                left = info.pending;
                let headers = message.headers.iter().flat_map(async_nats::HeaderMap::iter);
                seen.push(Seen {
                    sequence: info.stream_sequence,
                    subject: message.subject.to_string(),
                    headers: headers
                        .map(|(name, values)| (name.to_string(), values[0].to_string()))
                        .collect(),
                    body: message.payload.to_vec(),
                });
            }
            seen
        })
    }

    /// As the department's own account: fetches what is there, and acknowledges or not.
    pub(crate) fn fetch(&self, acknowledge: bool) -> usize {
        self.runtime.block_on(async {
            let jetstream = self.link.jetstream();
            let consumer: PullConsumer = jetstream
                .get_consumer_from_stream(consumers::of_unit(&unit(GRID)), Stream::Assignments.name())
                .await
                .expect("its own consumer");
            let batch =
                consumer.fetch().max_messages(100).expires(Duration::from_millis(500)).messages().await;
            let mut batch = batch.expect("messages");
            let mut count = 0;
            while let Some(message) = batch.next().await {
                count += 1;
                if acknowledge {
                    message.expect("a message").double_ack().await.expect("acknowledged");
                }
            }
            count
        })
    }

    /// The current message for each unit and case.
    pub(crate) fn assignments(&self) -> BTreeMap<(UnitId, CaseId), (Seen, Assignment)> {
        let messages = self.messages(Stream::Assignments.name()).into_iter();
        let keyed = messages.map(|seen| {
            let Ok(Subject::Assignment { unit, case }) = seen.subject.parse() else {
                panic!("{}", seen.subject)
            };
            let assignment = serde_json::from_slice(&seen.body).expect("an assignment");
            ((unit, case), (seen, assignment))
        });
        keyed.collect()
    }
}

/// The engine with its nerves.
pub(crate) struct House {
    pub(crate) dir: TempDir,
    pub(crate) engine: Engine,
    pub(crate) now: Timestamp,
    pub(crate) nerves: Option<Nerves>,
    pub(crate) subscribers: watch::Sender<Subscribers>,
    acts: u64,
}

impl House {
    /// A new house in its own folder, an hour before noon on a Wednesday, joined to the server.
    pub(crate) fn new(nats: &Nats, seed: u64) -> Self {
        Self::of(tempfile::tempdir().expect("a folder"), at(WEDNESDAY_9), nats, seed)
    }

    pub(crate) fn of(dir: TempDir, now: Timestamp, nats: &Nats, seed: u64) -> Self {
        let engine = start(dir.path(), now, seed);
        Self::with(dir, engine, now, nats, seed)
    }

    /// A new house in a city whose policy says this besides.
    pub(crate) fn under(more: &str, nats: &Nats, seed: u64) -> Self {
        let (dir, now) = (tempfile::tempdir().expect("a folder"), at(WEDNESDAY_9));
        let mut texts = texts();
        texts.insert(RuleFile::Policy, format!("{POLICY}{more}").into_bytes());
        let engine = start_under(dir.path(), now, seed, texts);
        Self::with(dir, engine, now, nats, seed)
    }

    fn with(dir: TempDir, engine: Engine, now: Timestamp, nats: &Nats, seed: u64) -> Self {
        let units = [unit(GRID)].into();
        let subscribers = watch::Sender::new(Subscribers { units, ..Subscribers::default() });
        let mut house = Self { dir, engine, now, nerves: None, subscribers, acts: seed * 1_000_000 };
        house.join(nats);
        house.pass(0);
        house
    }

    /// Starts the nerves.
    pub(crate) fn join(&mut self, nats: &Nats) {
        let setup = DoorsSetup { outlines: None, entropy: entropy(79) };
        let doors = Doors::open(&mut self.engine, setup).expect("doors");
        let address = nats.address(&Role::Engine);
        let setup = NervesSetup { address, subscribers: self.subscribers.subscribe(), doors };
        self.nerves = Some(Nerves::start(&mut self.engine, setup).expect("nerves"));
    }

    /// Ends everything and keeps the folder.
    pub(crate) fn close(mut self) -> (TempDir, Timestamp) {
        self.nerves.take().expect("they run").stop();
        drop(self.engine);
        (self.dir, self.now)
    }

    /// Lets so many seconds pass, and everything happen that is due.
    pub(crate) fn pass(&mut self, seconds: i64) {
        self.now = self.now.plus_seconds(seconds);
        settle(&mut self.engine, self.now);
    }

    pub(crate) fn call(&mut self, n: u64) -> CaseId {
        let now = self.now;
        must(&mut self.engine, now, call(n)).case.expect("a call becomes a case")
    }

    pub(crate) fn act(&mut self, of: &str, case: CaseId, ask: Ask) {
        self.acts += 1;
        let (now, n) = (self.now, self.acts);
        must(&mut self.engine, now, act(n, of, Some(case), ask));
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        records(&self.engine)
    }

    /// Looks until it is so; the loop turns meanwhile, so that whoever asks it is answered.
    pub(crate) fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        for _ in 0..LOOKS_MAX {
            self.pass(0);
            if is_so(self) {
                return;
            }
            thread::sleep(LOOK_EVERY);
        }
        panic!("{what} did not come true");
    }

    /// Waits until echo and outbox have sent everything.
    pub(crate) fn caught_up(&mut self) {
        self.until("echo and outbox are through", |house| {
            let head = house.engine.journal().synced_head().seq;
            let nerves = house.nerves.as_ref().expect("they run");
            let progress = *nerves.progress().borrow();
            let ours = matches!(*nerves.standing().borrow(), Standing::Ours(_));
            ours && progress.echoed == head && progress.posted == head
        });
    }

    pub(crate) fn refused(&mut self) {
        self.until("the streams are refused", |house| {
            matches!(*house.nerves.as_ref().expect("they run").standing().borrow(), Standing::Refused(_))
        });
    }

    /// The stream is the journal: each message is the record of its sequence, without what is sealed.
    pub(crate) fn stream_is_journal(&self, eye: &Eye) {
        let (records, messages) = (self.records(), eye.messages(Stream::Records.name()));
        assert_eq!(messages.len(), records.len());
        for (record, message) in records.into_iter().zip(messages) {
            assert_eq!(message.sequence, record.seq);
            assert_eq!(message.subject, Subject::Record(record.parts[0].subject.clone()).to_string());
            assert_eq!(message.body, echo::body(record).expect("a wire form"));
        }
    }

    /// The stream holds what units ought to have: each owed work under its record, and else withdrawals alone.
    pub(crate) fn stream_is_owed(&self, eye: &Eye) {
        let owed: Vec<work::Work> = self.engine.views().ought.lock().owed().collect();
        let held = eye.assignments();
        for work in &owed {
            let (seen, assignment) = held.get(&(work.unit.clone(), work.case)).expect("owed work was sent");
            assert_eq!(assignment.seq, work.seq);
            assert_eq!(seen.headers["ce-id"], format!("{}.{}", work.seq, work.unit));
            assert_eq!(assignment.limits.len(), work.limits.len());
        }
        let live = held.values().filter(|(_, assignment)| assignment.part != WorkPart::Withdrawn);
        assert_eq!(live.count(), owed.len(), "what is owed no longer is withdrawn");
    }
}
