//! The doors over a real server: calls and verbs as requests, the durable inbox, and what a service tells of itself.
//!
//! They need the program `nats-server`, which `make nats` brings; without it they fail and say so.

use crate::{
    house::{House, case, denied, refusal},
    making::{self, WEDNESDAY_9, at},
};
use async_nats::{HeaderMap, Message};
use bytes::Bytes;
use futures::StreamExt as _;
use huying_bus::{
    link::{Address, Link},
    message::answer::{CallAnswer, InboxReceipt, IntakeReply, UnitReply},
    role::Role,
    roster::Roster,
    server::{Server, ServerSetup, program::Program},
    stream::Stream,
};
use huying_domain::{
    ids::{CaseId, SourceId, UnitId},
    vocabulary::Stage,
};
use huying_engine::{
    doors::{Doors, DoorsSetup},
    nerves::{Nerves, NervesSetup, Standing, Subscribers},
};
use rand::{TryRngCore as _, rngs::OsRng};
use std::{path::Path, sync::Arc, thread, time::Duration};
use tempfile::TempDir;
use tokio::{runtime::Runtime, sync::watch};

const GRID: &str = "grid-1-1";
const HOTLINE: &str = "hotline";
const LOOKS_MAX: u32 = 1_500;
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How long an answer that must not come is waited for.
const SILENCE: Duration = Duration::from_millis(400);

fn unit() -> UnitId {
    GRID.parse().expect("one token")
}

fn hotline() -> SourceId {
    HOTLINE.parse().expect("one token")
}

pub(crate) struct Nats {
    dir: TempDir,
    roster: Roster,
    server: Option<Server>,
    pub(crate) runtime: Runtime,
}

impl Nats {
    fn new() -> Self {
        Self::of(&[GRID])
    }

    /// A server at which these units and the hotline have accounts.
    pub(crate) fn of(units: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let mut random = making::entropy(7);
        let mut roster = Roster::open_or_create(dir.path(), &mut *random).expect("a roster");
        for unit in units {
            let unit = unit.parse().expect("one token");
            roster.grant_unit(unit, &mut *random).expect("a unit's account");
        }
        roster.grant_feed(hotline(), &mut *random).expect("a feed's account");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let mut nats = Self { dir, roster, server: None, runtime: runtime.expect("a runtime") };
        nats.start();
        nats
    }

    fn start(&mut self) {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/nats-server");
        let path = std::env::var_os("PATH");
        let program = Program::find(None, path.as_deref(), &[beside]).expect("`make nats` was run");
        let setup = ServerSetup { program, data: self.dir.path().to_owned(), port: None };
        // Stories run beside each other: with one seed they would all choose the same port at the same time.
        let mut entropy = |bytes: &mut [u8]| OsRng.try_fill_bytes(bytes).expect("the system has entropy");
        self.server = Some(Server::start(setup, &self.roster, &mut entropy).expect("it starts"));
    }

    fn address(&self, role: &Role) -> Address {
        let server = self.server.as_ref().expect("it runs");
        self.roster.address(role, server.url()).expect("the roster has it")
    }

    pub(crate) fn link(&self, role: &Role) -> Link {
        self.runtime.block_on(async {
            let link = Link::connect(&self.address(role)).await.expect("an address");
            link.is_up().await;
            link
        })
    }

    pub(crate) fn feed(&self) -> Link {
        self.link(&Role::Feed { source: hotline() })
    }

    fn department(&self) -> Link {
        self.link(&Role::Units { units: [unit()].into() })
    }

    /// Asks and waits for the answer.
    pub(crate) fn ask(&self, link: &Link, subject: &str, body: &str) -> Message {
        let body = Bytes::from(body.to_owned());
        let asked = self.runtime.block_on(link.client().request(subject.to_owned(), body));
        asked.unwrap_or_else(|error| panic!("{subject}: {error}"))
    }

    pub(crate) fn calls(&self, link: &Link, body: &str) -> Vec<CallAnswer> {
        let answer = self.ask(link, "huying.v1.intake.hotline.call", body);
        serde_json::from_slice::<IntakeReply>(&answer.payload).expect("the form of a reply").answers
    }

    fn verb(&self, link: &Link, id: &str, case: CaseId, deed: &str) -> UnitReply {
        let body = format!(r#"{{"id":"{id}","case":"{case}","deed":{deed}}}"#);
        let parsed: serde_json::Value = serde_json::from_str(deed).expect("the test's own deed");
        let verb = parsed["verb"].as_str().expect("a verb").to_owned();
        let answer = self.ask(link, &format!("huying.v1.as.{GRID}.{verb}"), &body);
        serde_json::from_slice(&answer.payload).expect("the form of a reply")
    }

    /// Leaves a message in the durable inbox and says its sequence.
    fn leave(&self, link: &Link, subject: &str, body: &str) -> u64 {
        self.runtime.block_on(async {
            let body = Bytes::from(body.to_owned());
            let left = link.jetstream().publish(subject.to_owned(), body).await.expect("it is sent");
            left.await.expect("the server keeps it").sequence
        })
    }

    /// Every message of a stream.
    fn messages(&self, stream: Stream) -> Vec<(String, Option<HeaderMap>, Vec<u8>)> {
        let link = self.link(&Role::Engine);
        self.runtime.block_on(async {
            let stream = link.jetstream().get_stream(stream.name()).await.expect("it is there");
            let state = stream.cached_info().state.clone();
            let mut seen = Vec::new();
            for sequence in state.first_sequence..=state.last_sequence {
                if let Ok(message) = stream.get_raw_message(sequence).await {
                    let headers = (!message.headers.is_empty()).then(|| message.headers.clone());
                    seen.push((message.subject.to_string(), headers, message.payload.to_vec()));
                }
            }
            seen
        })
    }

    fn receipts(&self) -> Vec<InboxReceipt> {
        let read = |(_, _, body): (String, Option<HeaderMap>, Vec<u8>)| {
            serde_json::from_slice(&body).expect("the form of a receipt")
        };
        self.messages(Stream::Receipts).into_iter().map(read).collect()
    }
}

/// A house whose doors stand open over NATS too.
pub(crate) struct Joined {
    pub(crate) house: House,
    nerves: Nerves,
}

pub(crate) fn join(nats: &Nats, dir: &Path, seed: u64) -> Joined {
    let mut engine = making::start(dir, at(WEDNESDAY_9), seed);
    let setup = DoorsSetup { outlines: None, entropy: making::entropy(seed + 100) };
    let doors = Doors::open(&mut engine, setup).expect("the doors open");
    let feeds = [hotline()].into();
    let subscribers = Subscribers { units: [unit()].into(), feeds, ..Subscribers::default() };
    let (_sender, subscribers) = watch::channel(subscribers);
    let address = nats.address(&Role::Engine);
    let nerves = NervesSetup { address, subscribers, doors: Arc::clone(&doors) };
    let nerves = Nerves::start(&mut engine, nerves).expect("the nerves start");
    Joined { house: House::beside(engine, doors), nerves }
}

impl Joined {
    pub(crate) fn stands(&self) {
        until("the streams are ours", || matches!(*self.nerves.standing().borrow(), Standing::Ours(_)));
    }

    pub(crate) fn leave(self) {
        self.nerves.stop();
    }
}

pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..LOOKS_MAX {
        if is_so() {
            return;
        }
        thread::sleep(LOOK_EVERY);
    }
    panic!("{what}: did not come true");
}

pub(crate) fn call(name: &str) -> String {
    format!(
        r#"{{"external_id":"{name}","class":"noise.neighbour","words":"楼上太吵",
            "caller":{{"number":"13912345678"}},"place":{{"area":"211081001001001"}}}}"#
    )
}

#[test]
fn a_call_and_its_handling_go_over_nats_from_end_to_end() {
    let (nats, dir) = (Nats::new(), tempfile::tempdir().expect("a folder"));
    let joined = join(&nats, dir.path(), 1);
    joined.stands();
    let (feed, department) = (nats.feed(), nats.department());
    until("the services answer", || {
        let body = Bytes::from_static(b"[]");
        let asked = feed.client().request("huying.v1.intake.hotline.call", body);
        nats.runtime.block_on(asked).is_ok()
    });
    let answers = nats.calls(&feed, &format!("[{},{}]", call("T-1"), call("T-2").replace("class", "clas")));
    let case = case(&answers[0]);
    assert_eq!(refusal(&answers[1]), ("bad_shape", "clas"));
    assert!(matches!(&nats.calls(&feed, &call("T-1"))[0], CallAnswer::Taken { repeat: true, .. }));
    joined.house.settle();
    let deeds = [
        ("a", r#"{"verb":"accept"}"#),
        ("b", r#"{"verb":"contact","with":{"reached":true}}"#),
        ("c", r#"{"verb":"resolve","with":{"result":"已劝导"}}"#),
    ];
    assert!(matches!(nats.verb(&department, "r", case, r#"{"verb":"reveal","with":{"purpose":"联系"}}"#),
        UnitReply::Revealed { caller, .. } if caller.number.as_ref().is_some_and(|n| n.as_str() == "13912345678")));
    for (id, deed) in deeds {
        let reply = nats.verb(&department, id, case, deed);
        assert!(matches!(reply, UnitReply::Done { repeat: false, .. }), "{deed}: {reply:?}");
    }
    assert_eq!(joined.house.status(case).stage, Stage::Resolved);
    let late = nats.verb(&department, "late", case, r#"{"verb":"reveal","with":{"purpose":"联系"}}"#);
    assert_eq!(denied(&late).0, "not_yours");
    joined.leave();
}

#[test]
fn a_refusal_stands_in_the_headers_of_the_convention_too() {
    let (nats, dir) = (Nats::new(), tempfile::tempdir().expect("a folder"));
    let joined = join(&nats, dir.path(), 1);
    joined.stands();
    let (feed, department) = (nats.feed(), nats.department());
    let headers = |message: &Message| {
        let headers = message.headers.as_ref().expect("headers");
        let of = |name: &str| headers.get(name).map(ToString::to_string).unwrap_or_default();
        (of("Nats-Service-Error-Code"), of("Nats-Service-Error"))
    };
    let many = vec![call("T"); 65].join(",");
    let answer = nats.ask(&feed, "huying.v1.intake.hotline.call", &format!("[{many}]"));
    let (code, why) = headers(&answer);
    assert_eq!(code, "413");
    assert!(why.starts_with("too_many_calls: "), "{why}");
    let answer = nats.ask(&feed, "huying.v1.intake.hotline.telepathy", &call("T"));
    assert_eq!(headers(&answer).0, "400");
    let answer = nats.ask(&department, &format!("huying.v1.as.{GRID}.vanish"), "{}");
    assert_eq!(headers(&answer).0, "400");
    let reply: UnitReply = serde_json::from_slice(&answer.payload).expect("the form of a reply");
    assert_eq!(denied(&reply).0, "bad_subject");
    joined.leave();
}

#[test]
fn nobody_is_answered_but_at_a_users_own_place() {
    let (nats, dir) = (Nats::new(), tempfile::tempdir().expect("a folder"));
    let joined = join(&nats, dir.path(), 1);
    joined.stands();
    let (feed, engine) = (nats.feed(), nats.link(&Role::Engine));
    assert!(matches!(&nats.calls(&feed, &call("T-1"))[0], CallAnswer::Taken { .. }));
    let heard = nats.runtime.block_on(async {
        let assignment = "huying.v1.assignment.grid-1-1.0-99";
        let mut there = engine.client().subscribe("huying.v1.assignment.>").await.expect("it may");
        let mut elsewhere = engine.client().subscribe("elsewhere.>").await.expect("it may");
        engine.client().flush().await.expect("it is there");
        for (subject, reply) in [
            ("huying.v1.intake.hotline.call", assignment),
            ("huying.v1.intake.hotline.call", "elsewhere.a"),
            ("$SRV.PING", assignment),
            ("$SRV.STATS", "elsewhere.b"),
        ] {
            for asker in [&feed, &engine] {
                let body = Bytes::from(call("T-2"));
                asker.client().publish_with_reply(subject, reply, body).await.expect("it is sent");
                asker.client().flush().await.expect("it is there");
            }
        }
        let (mut seen, end) = (Vec::new(), tokio::time::Instant::now() + SILENCE);
        loop {
            tokio::select! {
                Some(message) = there.next() => seen.push(message),
                Some(message) = elsewhere.next() => seen.push(message),
                () = tokio::time::sleep_until(end) => break seen,
            }
        }
    });
    let foreign: Vec<_> =
        heard.iter().filter(|m| m.subject.ends_with("0-99") || m.subject.starts_with("else")).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    let asks = |link: &Link, name: &str| {
        let body = Bytes::from(call(name));
        let sent = link.client().publish_with_reply("huying.v1.intake.hotline.call", "elsewhere.c", body);
        nats.runtime.block_on(async { (sent.await, link.client().flush().await) })
    };
    let before = joined.house.cases();
    let (sent, there) = asks(&engine, "T-3");
    assert!(sent.is_ok() && there.is_ok());
    thread::sleep(SILENCE);
    joined.house.settle();
    assert_eq!(joined.house.cases(), before, "who cannot be answered is not worked for");
    joined.leave();
}

#[test]
fn a_service_tells_what_it_is_and_what_it_has_done() {
    let (nats, dir) = (Nats::new(), tempfile::tempdir().expect("a folder"));
    let joined = join(&nats, dir.path(), 1);
    joined.stands();
    let feed = nats.feed();
    nats.calls(&feed, &call("T-1"));
    nats.calls(&feed, "nonsense");
    let told = |subject: &str| -> Vec<serde_json::Value> {
        nats.runtime.block_on(async {
            let inbox = feed.client().new_inbox();
            let mut answers = feed.client().subscribe(inbox.clone()).await.expect("its own place");
            feed.client().publish_with_reply(subject.to_owned(), inbox, Bytes::new()).await.expect("sent");
            let mut all = Vec::new();
            while let Ok(Some(message)) = tokio::time::timeout(SILENCE, answers.next()).await {
                all.push(serde_json::from_slice(&message.payload).expect("JSON"));
            }
            all
        })
    };
    let mut names: Vec<_> =
        told("$SRV.PING").iter().map(|ping| ping["name"].as_str().expect("a name").to_owned()).collect();
    names.sort();
    assert_eq!(names, ["huying-intake", "huying-units"]);
    let info = &told("$SRV.INFO.huying-intake")[0];
    assert_eq!(info["type"], "io.nats.micro.v1.info_response");
    assert_eq!(info["endpoints"][0]["subject"], "huying.v1.intake.*.*");
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    let id = info["id"].as_str().expect("an id");
    let stats = &told(&format!("$SRV.STATS.huying-intake.{id}"))[0];
    let endpoint = &stats["endpoints"][0];
    assert_eq!((endpoint["num_requests"].as_u64(), endpoint["num_errors"].as_u64()), (Some(2), Some(1)));
    assert_eq!(endpoint["last_error"], "400:not_json");
    assert!(endpoint["processing_time"].as_u64().is_some_and(|ns| ns > 0));
    joined.leave();
}

#[test]
fn calls_that_were_left_while_the_engine_was_down_are_cases_with_a_receipt_each() {
    let (nats, dir) = (Nats::new(), tempfile::tempdir().expect("a folder"));
    let joined = join(&nats, dir.path(), 1);
    joined.stands();
    joined.leave();
    let feed = nats.feed();
    let inbox = "huying.v1.inbox.hotline.call";
    let first = nats.leave(&feed, inbox, &format!("[{},{}]", call("T-1"), call("T-2")));
    let bad = nats.leave(&feed, inbox, "nonsense");
    let half =
        nats.leave(&feed, inbox, &format!("[{},{}]", call("T-3"), call("T-4").replace("class", "clas")));
    let nameless = nats.leave(&feed, inbox, r#"{"words":"楼上太吵"}"#);
    let strange = nats.leave(&feed, "huying.v1.inbox.hotline.telepathy", &call("T-5"));
    let joined = join(&nats, dir.path(), 2);
    until("five receipts", || nats.receipts().len() == 5);
    let receipts = nats.receipts();
    let of = |sequence: u64| receipts.iter().find(|receipt| receipt.sequence == sequence).expect("a receipt");
    assert_eq!((of(first).answers.len(), of(first).quarantined), (2, false));
    assert_eq!((refusal(&of(bad).answers[0]).0, of(bad).quarantined), ("not_json", true));
    case(&of(half).answers[0]);
    assert_eq!((refusal(&of(half).answers[1]), of(half).quarantined), (("bad_shape", "clas"), true));
    case(&of(nameless).answers[0]);
    assert_eq!((refusal(&of(strange).answers[0]).0, of(strange).quarantined), ("bad_subject", true));
    assert_eq!(joined.house.cases(), 4);
    let kept = nats.messages(Stream::Quarantine);
    assert_eq!(kept.len(), 3);
    let headers = kept[0].1.as_ref().expect("headers");
    assert_eq!(headers.get("huying-reason").map(ToString::to_string).as_deref(), Some("not_json"));
    assert_eq!(headers.get("huying-sequence").map(ToString::to_string), Some(bad.to_string()));
    assert_eq!(
        (kept[0].0.as_str(), kept[0].2.as_slice()),
        ("huying.v1.quarantine.hotline", b"nonsense".as_slice())
    );
    until("the inbox is empty", || nats.messages(Stream::Inbox).is_empty());
    joined.leave();
}

#[test]
fn killed_between_commit_and_acknowledgement_it_is_the_same_case_and_one_receipt() {
    let (nats, dir) = (Nats::new(), tempfile::tempdir().expect("a folder"));
    let joined = join(&nats, dir.path(), 1);
    joined.stands();
    joined.leave();
    let feed = nats.feed();
    let sequence = nats.leave(&feed, "huying.v1.inbox.hotline.call", r#"{"words":"楼上太吵"}"#);
    // What an engine does that is killed before it acknowledges: the call is on the platter, with the inbox's id.
    let created = nats.runtime.block_on(async {
        let link = Link::connect(&nats.address(&Role::Engine)).await.expect("an address");
        let stream = link.jetstream().get_stream(Stream::Inbox.name()).await.expect("it is there");
        stream.cached_info().created.unix_timestamp_nanos() / 1_000_000
    });
    let created = huying_domain::time::Timestamp::from_millis(i64::try_from(created).expect("an instant"));
    let id = huying_domain::record::CommandId::of_message(created, sequence);
    let first = {
        let house = House::open(dir.path(), at(WEDNESDAY_9), 3);
        let naming = huying_engine::doors::calls::Naming::Inbox(id);
        let channel = huying_domain::vocabulary::Channel::Call;
        let answers = house.send_as(HOTLINE, channel, &naming, r#"{"words":"楼上太吵"}"#);
        case(&answers[0])
    };
    let joined = join(&nats, dir.path(), 4);
    until("the receipt", || !nats.receipts().is_empty());
    until("the inbox is empty", || nats.messages(Stream::Inbox).is_empty());
    let receipts = nats.receipts();
    assert_eq!((receipts.len(), case(&receipts[0].answers[0])), (1, first));
    assert_eq!(joined.house.cases(), 1);
    joined.leave();
}

#[test]
fn with_nats_away_calls_are_taken_at_the_other_doors_and_with_it_back_over_nats_again() {
    let (mut nats, dir) = (Nats::new(), tempfile::tempdir().expect("a folder"));
    let joined = join(&nats, dir.path(), 1);
    joined.stands();
    nats.server.take().expect("it runs").stop();
    until("the link is down", || !joined.nerves.link().state().up);
    case(&joined.house.send(&call("T-1"))[0]);
    nats.start();
    joined.stands();
    let feed = nats.feed();
    let mut again = Vec::new();
    until("the service is back", || {
        let asked = feed.client().request("huying.v1.intake.hotline.call", Bytes::from(call("T-1")));
        again = nats.runtime.block_on(asked).map(|answer| answer.payload.to_vec()).unwrap_or_default();
        !again.is_empty()
    });
    let again: IntakeReply = serde_json::from_slice(&again).expect("the form of a reply");
    assert!(matches!(&again.answers[0], CallAnswer::Taken { repeat: true, .. }), "{again:?}");
    assert_eq!(joined.house.cases(), 1);
    joined.leave();
}
