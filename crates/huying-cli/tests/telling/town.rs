//! A town whose engine runs in a thread of its own on a virtual clock, with its nerves on a real server.

use crate::post;
use huying_bus::{
    link::Link,
    role::Role,
    roster::Roster,
    server::{Server, ServerSetup, program::Program},
    subject::token::TellChannel,
};
use huying_cli::adapters::{mail::Mail, serve_mail};
use huying_domain::{
    command::{Ask, Command},
    event::{
        Event,
        collect::{Brief, Filing},
    },
    ids::{CaseId, ExternalId, PersonId, SourceId},
    private::Private,
    record::{Actor, CommandId, Origin, RuleFile},
    rules::RuleTexts,
    time::Timestamp,
    vocabulary::{CancelGround, CaseKind, Channel, Stage},
};
use huying_engine::{
    door::{Handle, Lane},
    doors::{Doors, DoorsSetup},
    engine::Engine,
    nerves::{Nerves, NervesSetup, Subscribers},
    start::Setup,
};
use huying_journal::disk::real::RealDisk;
use rand::TryRngCore;
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::{runtime::Runtime, sync::watch};

/// Wednesday, 18 November 2026, 09:00 in the tiny city.
const WEDNESDAY_9: &str = "2026-11-18T09:00:00+08:00";
const LOOKS_MAX: u32 = 1_000;
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Looks until it is so.
#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..LOOKS_MAX {
        if is_so() {
            return;
        }
        thread::sleep(LOOK_EVERY);
    }
    panic!("it never came true that {what}");
}

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

fn entropy() -> impl FnMut(&mut [u8]) + Send {
    |bytes: &mut [u8]| rand::rngs::OsRng.try_fill_bytes(bytes).expect("the system has entropy")
}

fn texts(tell: &str) -> RuleTexts {
    let policy = include_str!("../../../../tests/city/policy.toml");
    let policy = policy.replacen("[policy]", &format!("[policy]\n{tell}"), 1);
    let texts = [
        (RuleFile::Policy, policy.as_str()),
        (RuleFile::Duty, include_str!("../../../../tests/city/duty.toml")),
        (RuleFile::Calendar, include_str!("../../../../tests/city/calendar.toml")),
        (RuleFile::Territory, include_str!("../../../../tests/city/territory.csv")),
        (RuleFile::Units, include_str!("../../../../tests/city/units.csv")),
    ];
    texts.into_iter().map(|(file, text)| (file, text.as_bytes().to_vec())).collect()
}

/// An engine that runs until it is dropped.
struct Running {
    handle: Handle<RealDisk>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    nerves: Option<Nerves>,
}

impl Running {
    fn start(folder: &Path, server: &Server, roster: &Roster, tell: &str, now: &Arc<AtomicI64>) -> Self {
        let disk = RealDisk::new(folder).expect("the folder can be made");
        let at = Timestamp::from_millis(now.load(Ordering::SeqCst));
        let setup = Setup::at(at, Some(texts(tell)), Box::new(entropy()));
        let mut engine = Engine::start(disk, setup).expect("the engine starts").engine;
        let handle = engine.handle();
        let address = roster.address(&Role::Engine, server.url()).expect("there is an engine");
        let doors = DoorsSetup { outlines: None, entropy: Box::new(entropy()) };
        let setup = NervesSetup {
            address,
            subscribers: watch::Sender::new(Subscribers::default()).subscribe(),
            doors: Doors::open(&mut engine, doors).expect("the doors open"),
        };
        let nerves = Some(Nerves::start(&mut engine, setup).expect("the nerves start"));
        let stop = Arc::new(AtomicBool::new(false));
        let (told, clock) = (Arc::clone(&stop), Arc::clone(now));
        let turn = move || {
            while !told.load(Ordering::SeqCst) {
                let now = Timestamp::from_millis(clock.load(Ordering::SeqCst));
                engine.clock().advance_to(now);
                if engine.step(now).expect("the disk holds").idle {
                    thread::sleep(Duration::from_millis(1));
                }
            }
        };
        Self { handle, stop, thread: Some(thread::spawn(turn)), nerves }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.nerves.take());
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// The town.
pub(crate) struct Town {
    running: Option<Running>,
    server: Option<Server>,
    roster: Roster,
    folder: tempfile::TempDir,
    now: Arc<AtomicI64>,
    tell: String,
    calls: AtomicU64,
}

impl Town {
    /// A town whose policy has this line.
    pub(crate) fn start(tell: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let roster = Roster::open_or_create(folder.path(), &mut entropy()).expect("the accounts");
        let start: Timestamp = WEDNESDAY_9.parse().expect("an instant");
        let now = Arc::new(AtomicI64::new(start.millis()));
        let (calls, tell) = (AtomicU64::new(0), tell.to_owned());
        let mut town = Self { running: None, server: None, roster, folder, now, tell, calls };
        town.start_nats();
        town.restart();
        town
    }

    /// The engine ends, if it runs, and another begins on the same journal.
    pub(crate) fn restart(&mut self) {
        self.running = None;
        let server = self.server.as_ref().expect("the server runs");
        let data = self.folder.path();
        self.running = Some(Running::start(data, server, &self.roster, &self.tell, &self.now));
    }

    pub(crate) fn start_nats(&mut self) {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/nats-server");
        let path = std::env::var_os("PATH");
        let program = Program::find(None, path.as_deref(), &[beside]).expect("`make nats` was run");
        let setup = ServerSetup { program, data: self.folder.path().to_owned(), port: None };
        self.server = Some(Server::start(setup, &self.roster, &mut entropy()).expect("the server starts"));
    }

    pub(crate) fn stop_nats(&mut self) {
        self.server.take().expect("the server runs").stop();
    }

    /// Serves mail until it is dropped.
    pub(crate) fn adapter(&self, smtp: &str) -> Runtime {
        let role = Role::Adapter { channel: TellChannel::Mail };
        let url = self.server.as_ref().expect("the server runs").url();
        let address = self.roster.address(&role, url).expect("there is an adapter");
        let mail = Mail::new(&post::setup(smtp)).expect("the setup holds");
        let runtime = runtime();
        runtime.spawn(async move {
            let link = Link::connect(&address).await.expect("the address is one");
            link.is_up().await;
            serve_mail(&link, &mail).await.expect("the adapter may subscribe");
        });
        runtime
    }

    /// The clock moves on; whoever waits gets a moment to see it.
    pub(crate) fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1_000, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(60));
    }

    fn handle(&self) -> &Handle<RealDisk> {
        &self.running.as_ref().expect("the engine runs").handle
    }

    fn must(&self, case: Option<CaseId>, n: u64, ask: Ask, private: Option<Private>) -> CaseId {
        let person = PersonId::new(format!("clerk-{n}")).expect("a short name");
        let unit = "centre".parse().expect("one token");
        let command = Command {
            id: CommandId::of_act("telling", ask.name(), n),
            actor: Actor { unit, person: Some(person) },
            by: Origin::Person,
            because: None,
            saw: None,
            case,
            ask,
            private,
        };
        let ticket = self.handle().submit(command, Lane::Ordinary).expect("there is room");
        let answer = ticket.wait().expect("the engine runs").expect("it is allowed");
        answer.case.expect("it is about a case")
    }

    /// A call of somebody with this number or account that is ended and answered.
    pub(crate) fn answered(&self, number: &str) -> CaseId {
        let n = self.calls.fetch_add(1, Ordering::SeqCst);
        let brief = Brief {
            class: "noise.neighbour".parse().expect("a class"),
            condition: None,
            area: "211081001001001".parse().expect("an area"),
            accused: None,
            department: None,
        };
        let filing = Filing {
            source: SourceId::new("hotline").expect("one token"),
            channel: Channel::Call,
            external: Some(ExternalId::new(format!("call-{n}")).expect("a short name")),
            kind: CaseKind::Help,
            brief,
            place: None,
            orphan: false,
            summary: "楼上噪声".into(),
            occurred_at: None,
            target: None,
            tags: Vec::new(),
            proposal: None,
            photos: Vec::new(),
        };
        let left = (!number.is_empty()).then(|| number.to_owned());
        let private =
            Private { number: left, words: Some("吵得睡不着".to_owned()), ..Private::default() };
        let case = self.must(None, n, Ask::Register(Box::new(filing)), Some(private));
        let reason = "经营纠纷，请找市场监管。".to_owned();
        self.must(Some(case), n, Ask::Cancel { ground: CancelGround::Void, reason }, None);
        let when = Timestamp::from_millis(self.now.load(Ordering::SeqCst));
        let (contacted, done) = ("来电人".to_owned(), "已说明理由".to_owned());
        self.must(Some(case), n, Ask::Answer { when, contacted, done, by_when: None }, None)
    }

    /// What happened to a case, in order.
    pub(crate) fn events(&self, case: CaseId) -> Vec<Event> {
        loop {
            let look = self.handle().look(move |engine| engine.history(case)).expect("there is room");
            // What was not on the platter then is there now.
            if let Ok(records) = look.wait().expect("the engine runs") {
                let parts = records.into_iter().flat_map(|record| record.parts);
                return parts.filter(|part| part.case() == Some(case)).flat_map(|part| part.events).collect();
            }
        }
    }

    pub(crate) fn stage(&self, case: CaseId) -> Stage {
        let look = self.handle().look(move |engine| engine.state().case(case).map(|case| case.stage));
        // A case that is closed comes to rest and is let go.
        look.expect("there is room").wait().expect("the engine runs").unwrap_or(Stage::Closed)
    }

    /// The receipts.
    pub(crate) fn told(&self, case: CaseId) -> Vec<String> {
        let told = |event| match event {
            Event::Told(told) => Some(told.receipt),
            _ => None,
        };
        self.events(case).into_iter().filter_map(told).collect()
    }

    /// The channels that were asked.
    pub(crate) fn channels(&self, case: CaseId) -> Vec<String> {
        let asked = |event| match event {
            Event::TellAsked(asked) => Some(asked.channel.to_string()),
            _ => None,
        };
        self.events(case).into_iter().filter_map(asked).collect()
    }

    fn metrics(&self) -> String {
        let look = self.handle().look(|engine| engine.metrics().text()).expect("there is room");
        look.wait().expect("the engine runs")
    }

    /// The ways of telling that do not work, as the health row shows them.
    pub(crate) fn broken_ways(&self) -> Vec<String> {
        let of = |engine: &mut Engine| engine.views().ways.broken().map(|(way, _)| way.to_string()).collect();
        let look = self.handle().look(of).expect("there is room");
        look.wait().expect("the engine runs")
    }

    /// The value of a metric with its labels; -1 where it is absent.
    pub(crate) fn metric(&self, name: &str) -> i64 {
        let text = self.metrics();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        line.unwrap_or(-1)
    }

    /// The sum of a metric over its labels.
    pub(crate) fn metric_sum(&self, name: &str) -> i64 {
        let text = self.metrics();
        let values = text.lines().filter(|line| line.starts_with(&format!("{name}{{")));
        values.filter_map(|line| line.rsplit(' ').next()?.parse::<i64>().ok()).sum()
    }

    /// Whether any file of the server holds these bytes.
    pub(crate) fn nats_files_hold(&self, text: &str) -> bool {
        holds(&self.folder.path().join("nats"), text.as_bytes())
    }
}

fn holds(dir: &Path, text: &[u8]) -> bool {
    let entries = fs::read_dir(dir).expect("it is there").map(|entry| entry.expect("an entry").path());
    let mut paths: BTreeSet<_> = entries.collect();
    paths.retain(|path| {
        if path.is_dir() {
            holds(path, text)
        } else {
            fs::read(path).is_ok_and(|bytes| bytes.windows(text.len()).any(|part| part == text))
        }
    });
    !paths.is_empty()
}
