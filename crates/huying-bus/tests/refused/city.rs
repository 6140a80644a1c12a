//! A small city on a real server: two departments, two feeds, and an engine that answers whatever it is asked.

use async_nats::{Client, ConnectOptions, Event, Message, jetstream};
use bytes::Bytes;
use futures::StreamExt as _;
use huying_bus::{
    consumers::{self, Readers},
    link::{Link, Proof},
    role::Role,
    roster::Roster,
    server::{Server, ServerSetup, program::Program},
    stream::{DOMAIN, Stream},
    streams::{self, Ledger, Owner},
    subject::token::Station,
};
use huying_domain::ids::Seq;
use rand::TryRngCore;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{sync::mpsc, time::timeout};

pub(crate) const WITHIN: Duration = Duration::from_secs(5);

pub(crate) struct City {
    pub(crate) engine: Link,
    pub(crate) roster: Roster,
    /// What the engine was asked to do in a unit's name.
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
    server: Server,
    _data: TempDir,
}

/// Somebody who speaks to the server with a plain client, and hears of every refusal.
pub(crate) struct Somebody {
    pub(crate) client: Client,
    refusals: mpsc::UnboundedReceiver<String>,
}

struct Empty;

impl Ledger for Empty {
    fn head(&self) -> Seq {
        0
    }

    fn echo(&self, _: Seq) -> Option<Bytes> {
        None
    }
}

impl City {
    pub(crate) async fn new() -> Self {
        let data = TempDir::new().unwrap();
        let mut entropy = |bytes: &mut [u8]| rand::rngs::OsRng.try_fill_bytes(bytes).unwrap();
        let mut roster = Roster::open_or_create(data.path(), &mut entropy).unwrap();
        for unit in ["street-7", "street-8"] {
            roster.grant_unit(unit.parse().unwrap(), &mut entropy).unwrap();
        }
        for feed in ["hotline", "app"] {
            roster.grant_feed(feed.parse().unwrap(), &mut entropy).unwrap();
        }
        roster.grant_all_units(&mut entropy).unwrap();
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/nats-server");
        let program = Program::find(None, std::env::var_os("PATH").as_deref(), &[beside]);
        let program = program.expect("`make nats` was run");
        let setup = ServerSetup { program, data: data.path().to_owned(), port: None };
        let server = Server::start(setup, &roster, &mut entropy).unwrap();
        let engine = Link::connect(&roster.address(&Role::Engine, server.url()).unwrap()).await.unwrap();
        engine.is_up().await;
        let readers = Readers {
            units: roster.units(),
            all_units: roster.has_all_units(),
            feeds: roster.feeds(),
            stations: Station::ALL.iter().copied().collect(),
        };
        streams::shape(&engine, &Owner::new(&[7; 16], 1), &Empty).await.unwrap();
        consumers::keep(&engine, &readers).await.unwrap();
        let city = Self { engine, roster, asked: Arc::default(), server, _data: data };
        city.fill().await;
        city.answer().await;
        // The server has read all of it once it answers.
        city.standing().await;
        city
    }

    async fn fill(&self) {
        let kept = [
            ("huying.v1.assignment.street-7.0-1", "work for seven"),
            ("huying.v1.assignment.street-7.0-3", "more for seven"),
            ("huying.v1.assignment.street-8.0-2", "work for eight"),
            ("huying.v1.record.0-1", "a record"),
            ("huying.v1.record.0-2", "a record"),
            ("huying.v1.inbox.hotline.call", "a call of the hotline"),
            ("huying.v1.inbox.app.app", "a call of the app"),
            ("huying.v1.receipt.hotline", "a receipt of the hotline"),
            ("huying.v1.receipt.app", "a receipt of the app"),
        ];
        for (subject, body) in kept {
            self.engine.jetstream().publish(subject, body.into()).await.unwrap().await.unwrap();
        }
    }

    /// Answers all verbs and all who ask which services there are, on whatever subject the answer is wanted.
    async fn answer(&self) {
        for filter in ["huying.v1.as.*.*", "huying.v1.intake.*.*", "$SRV.PING"] {
            let mut heard = self.engine.client().subscribe(filter).await.unwrap();
            let (client, asked) = (self.engine.client().clone(), Arc::clone(&self.asked));
            tokio::spawn(async move {
                while let Some(message) = heard.next().await {
                    asked.lock().unwrap().push(message.subject.to_string());
                    if let Some(reply) = message.reply {
                        client.publish(reply, "done".into()).await.unwrap();
                    }
                }
            });
        }
        self.engine.client().flush().await.unwrap();
    }

    /// Connects with a plain client, as somebody would who means no good.
    pub(crate) async fn as_user(&self, role: &Role) -> Somebody {
        let address = self.roster.address(role, self.server.url()).unwrap();
        let Proof::Password(password) = address.proof else { panic!("the roster knows passwords") };
        let (refused, refusals) = mpsc::unbounded_channel();
        let options = ConnectOptions::with_user_and_password(address.user.to_string(), password)
            .custom_inbox_prefix(address.user.reply_prefix())
            .request_timeout(Some(WITHIN))
            .event_callback(move |event| {
                let refused = refused.clone();
                async move {
                    if let Event::ServerError(error) = event {
                        let _ = refused.send(error.to_string());
                    }
                }
            });
        let client = options.connect(self.server.url()).await.unwrap();
        Somebody { client, refusals }
    }

    /// How each stream stands: its messages by subject, and how far each consumer is.
    pub(crate) async fn standing(&self) -> BTreeMap<String, String> {
        let mut standing = BTreeMap::new();
        for stream in Stream::ALL {
            let mut held = self.engine.jetstream().get_stream(stream.name()).await.unwrap();
            let state = held.info().await.unwrap().state.clone();
            standing
                .insert(stream.to_string(), format!("{} to {}", state.first_sequence, state.last_sequence));
            let mut consumers = held.consumers();
            while let Some(info) = consumers.next().await {
                let info = info.unwrap();
                let (floor, pending) = (info.ack_floor.stream_sequence, info.num_ack_pending);
                standing.insert(format!("{stream} {}", info.name), format!("{floor}, {pending} open"));
            }
        }
        standing
    }
}

impl Somebody {
    /// Listens, and is refused.
    pub(crate) async fn may_not_hear(&mut self, subject: &str) {
        let mut heard = self.client.subscribe(subject.to_owned()).await.unwrap();
        self.client.flush().await.unwrap();
        self.is_refused("Subscription", subject).await;
        assert!(timeout(Duration::ZERO, heard.next()).await.is_err(), "{subject}: something was heard");
        heard.unsubscribe().await.unwrap();
    }

    /// Publishes with a subject for the answer, is refused, and gets none.
    pub(crate) async fn may_not_say(&mut self, subject: &str, body: &str) {
        let reply = self.client.new_inbox();
        let mut heard = self.client.subscribe(reply.clone()).await.unwrap();
        let said = body.to_owned().into();
        self.client.publish_with_reply(subject.to_owned(), reply, said).await.unwrap();
        self.client.flush().await.unwrap();
        self.is_refused("Publish", subject).await;
        assert!(timeout(Duration::ZERO, heard.next()).await.is_err(), "{subject}: it was answered");
        heard.unsubscribe().await.unwrap();
    }

    async fn is_refused(&mut self, what: &str, subject: &str) {
        let said = timeout(WITHIN, self.refusals.recv()).await;
        let said = said.unwrap_or_else(|_| panic!("{subject}: was not refused")).expect("the client lives");
        let [said, what, subject] = [&said, what, subject].map(str::to_lowercase);
        assert!(said.contains("permissions violation"), "{subject}: {said}");
        assert!(said.contains(&what) && said.contains(&format!("\"{subject}\"")), "{subject}: {said}");
    }

    /// Waits until the server has read all that was sent so far, and has refused none of it: the next refusal is
    /// that of a subject which nobody may say.
    pub(crate) async fn is_heard_out(&mut self) {
        self.client.publish("nobody.may.say.this", "".into()).await.unwrap();
        self.is_refused("Publish", "nobody.may.say.this").await;
    }

    pub(crate) fn jetstream(&self) -> jetstream::Context {
        jetstream::with_domain(self.client.clone(), DOMAIN)
    }

    /// What its consumer holds for it now.
    pub(crate) async fn fetch(&self, stream: Stream, consumer: &str) -> Vec<jetstream::Message> {
        let consumer: jetstream::consumer::PullConsumer =
            self.jetstream().get_consumer_from_stream(consumer, stream.name()).await.unwrap();
        let batch = consumer.fetch().max_messages(10).messages().await.unwrap();
        batch.map(|message| message.unwrap()).collect().await
    }

    pub(crate) async fn ask(&self, subject: &str) -> Message {
        self.client.request(subject.to_owned(), "please".into()).await.unwrap()
    }
}
