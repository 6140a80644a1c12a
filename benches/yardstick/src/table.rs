//! The event table in its two shapes, and clients that lead cases through six events each.

use crate::server::{Server, spent_by};
use serde_json::{Value, json};
use std::{
    str::FromStr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};
use tokio::sync::{Barrier, Semaphore};
use tokio_postgres::{Client, NoTls, Statement};

/// Connections that all clients share.
const POOL: usize = 32;
/// Events of a case: register, assign, accept, escalate, resolve, close.
const EVENTS: i32 = 6;
/// Bytes of an event's body; the engine's records are larger.
const BODY_BYTES: usize = 300;

/// How the version is guarded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// An insert alone; of two writers of one version the unique index refuses the second.
    Insert,
    /// A row for each case holds its version; one statement moves it on and inserts the event.
    Guard,
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "insert" => Ok(Self::Insert),
            "guard" => Ok(Self::Guard),
            _ => Err(format!("{text:?} is neither insert nor guard")),
        }
    }
}

impl Shape {
    const fn tables(self) -> &'static str {
        match self {
            Self::Insert => {
                "drop table if exists event, case_state;
                create table event (position bigint generated always as identity primary key, case_id bigint not null,
                    version int not null, at timestamptz not null default now(), body bytea not null,
                    unique (case_id, version))"
            }
            Self::Guard => {
                "drop table if exists event, case_state;
                create table event (position bigint generated always as identity primary key, case_id bigint not null,
                    version int not null, at timestamptz not null default now(), body bytea not null);
                create table case_state (case_id bigint primary key, version int not null) with (fillfactor = 50)"
            }
        }
    }

    /// What makes the first event of a case, and what makes a later one.
    const fn statements(self) -> [&'static str; 2] {
        const INSERT: &str = "insert into event (case_id, version, body) values ($1, $2, $3)";
        match self {
            Self::Insert => [INSERT, INSERT],
            Self::Guard => [
                "with guard as (insert into case_state values ($1, $2 + 1) on conflict do nothing returning case_id)
                    insert into event (case_id, version, body) select case_id, $2, $3 from guard",
                "with guard as (update case_state set version = $2 + 1 where case_id = $1 and version = $2
                    returning case_id)
                    insert into event (case_id, version, body) select case_id, $2, $3 from guard",
            ],
        }
    }
}

struct Connection {
    client: Client,
    first: Statement,
    later: Statement,
}

/// The connections; whoever waits longest gets the next one.
struct Pool {
    free: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    async fn open(server: &Server, shape: Shape, size: usize) -> Self {
        let mut idle = Vec::new();
        for _ in 0..size {
            let client = connect(server).await;
            let [first, later] = shape.statements();
            let first = client.prepare(first).await.expect("the statement is right");
            let later = client.prepare(later).await.expect("the statement is right");
            idle.push(Connection { client, first, later });
        }
        Self { free: Semaphore::new(size), idle: Mutex::new(idle) }
    }

    async fn append(&self, case: i64, version: i32, body: &[u8]) {
        let _turn = self.free.acquire().await.expect("it is never closed");
        let connection = self.idle.lock().expect("nobody panics here").pop().expect("one is free");
        let statement = if version == 0 { &connection.first } else { &connection.later };
        let made =
            connection.client.execute(statement, &[&case, &version, &body]).await.expect("it is appended");
        assert_eq!(made, 1, "nobody else wrote this version");
        self.idle.lock().expect("nobody panics here").push(connection);
    }
}

/// One run in empty tables.
pub(crate) async fn run(server: &Server, shape: Shape, clients: usize, cases: i64) -> Value {
    let keeper = connect(server).await;
    keeper.batch_execute(shape.tables()).await.expect("the tables are made");
    keeper.batch_execute("checkpoint").await.expect("the server is ours");
    let pool = Arc::new(Pool::open(server, shape, POOL.min(clients)).await);
    let (next, gate) = (Arc::new(AtomicI64::new(0)), Arc::new(Barrier::new(clients + 1)));
    let lead = |_| {
        let (pool, next, gate) = (Arc::clone(&pool), Arc::clone(&next), Arc::clone(&gate));
        tokio::spawn(async move {
            let (mut samples, body) = (Vec::new(), [b'x'; BODY_BYTES]);
            gate.wait().await;
            loop {
                let case = next.fetch_add(1, Ordering::Relaxed);
                if case >= cases {
                    return samples;
                }
                for version in 0..EVENTS {
                    let asked = Instant::now();
                    pool.append(case, version, &body).await;
                    samples.push(u64::try_from(asked.elapsed().as_nanos()).unwrap_or(u64::MAX));
                }
            }
        })
    };
    let led: Vec<_> = (0..clients).map(lead).collect();
    let (server_before, own_before) = (server.spent(), spent_by("self"));
    gate.wait().await;
    let start = Instant::now();
    let mut samples = Vec::new();
    for client in led {
        samples.extend(client.await.expect("no client fails"));
    }
    let took = start.elapsed();
    let (server_spent, own_spent) = (server.spent() - server_before, spent_by("self") - own_before);
    let count: i64 = keeper.query_one("select count(*) from event", &[]).await.expect("it counts").get(0);
    assert_eq!(count, cases * i64::from(EVENTS), "every event is there");
    samples.sort_unstable();
    let quantile =
        |share: usize| samples.get((samples.len().saturating_sub(1)) * share / 100).copied().unwrap_or(0);
    let nanos = |spent: std::time::Duration| u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX);
    json!({
        "transitions": samples.len(),
        "took_ns": nanos(took),
        "p50_ns": quantile(50),
        "p99_ns": quantile(99),
        "server_cpu_ns": nanos(server_spent),
        "client_cpu_ns": nanos(own_spent),
        "memory_bytes": server.memory_bytes(),
    })
}

async fn connect(server: &Server) -> Client {
    let (client, connection) =
        tokio_postgres::connect(&server.address(), NoTls).await.expect("the server answers");
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            eprintln!("a connection broke: {error}");
        }
    });
    client
}
