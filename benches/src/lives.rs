//! Lives of cases over NATS: a feed brings the call, units and the centre do what is theirs, one command a message,
//! and each client waits for each answer before it asks the next.

use crate::nerved::{Nerved, SOURCE, call};
use huying_bus::link::Link;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Units that handle the cases of the three grids in turn, and the community above each.
pub const HANDLERS: [(&str, &str); 3] =
    [("grid-1-1", "community-1"), ("grid-1-2", "community-1"), ("grid-2-1", "community-2")];

/// What clients measured.
pub struct Led {
    /// Nanoseconds of each transition, sorted.
    pub samples: Vec<u64>,
    /// When the first was asked; what has to be made ready before does not count.
    pub began: Instant,
    /// Until the last answer.
    pub answered: Duration,
}

/// Leads cases through their lives by so many clients at once.
pub async fn lead(nerved: &Nerved, clients: usize, cases: u64) -> Led {
    let (feed, units) = (nerved.feed().await, nerved.all_units().await);
    let next = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let client = |_| {
        let (feed, units, next) = (feed.clone(), units.clone(), Arc::clone(&next));
        tokio::spawn(async move {
            let mut samples = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= cases {
                    return samples;
                }
                live(&feed, &units, number, &mut samples).await;
            }
        })
    };
    let tasks: Vec<_> = (0..clients).map(client).collect();
    let mut samples = Vec::new();
    for task in tasks {
        samples.extend(task.await.expect("no client is refused"));
    }
    let answered = began.elapsed();
    samples.sort_unstable();
    Led { samples, began, answered }
}

/// Calls alone, so many in a message: the door takes no other command by the dozen.
pub async fn calls(nerved: &Nerved, in_message: u64, messages: u64, in_flight: usize) -> Led {
    let feed = nerved.feed().await;
    let next = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let client = |_| {
        let (feed, next) = (feed.clone(), Arc::clone(&next));
        tokio::spawn(async move {
            let mut samples = Vec::new();
            loop {
                let message = next.fetch_add(1, Ordering::Relaxed);
                if message >= messages {
                    return samples;
                }
                let batch: Vec<Value> = (0..in_message).map(|n| call(message * in_message + n)).collect();
                let (answer, took) = asked(&feed, intake(), &Value::Array(batch)).await;
                let taken = |answer: &&Value| answer["answer"] == "taken";
                let taken =
                    answer["answers"].as_array().map_or(0, |all| all.iter().filter(taken).count() as u64);
                assert_eq!(taken, in_message, "every call is taken");
                samples.extend((0..in_message).map(|_| took));
            }
        })
    };
    let tasks: Vec<_> = (0..in_flight).map(client).collect();
    let mut samples = Vec::new();
    for task in tasks {
        samples.extend(task.await.expect("no client is refused"));
    }
    let answered = began.elapsed();
    samples.sort_unstable();
    Led { samples, began, answered }
}

/// Register, accept, escalate, accept one rung up, resolve, check; the assignment is the routing station's.
async fn live(feed: &Link, units: &Link, number: u64, samples: &mut Vec<u64>) {
    let (answer, took) = asked(feed, intake(), &call(number)).await;
    let case =
        answer["answers"][0]["case"].as_str().unwrap_or_else(|| panic!("not taken: {answer}")).to_owned();
    samples.push(took);
    let (grid, community) = HANDLERS[usize::try_from(number % HANDLERS.len() as u64).expect("below three")];
    let deeds = [
        (grid, json!({ "verb": "accept" })),
        (grid, json!({ "verb": "escalate", "with": { "reason": "需要社区协调" } })),
        (community, json!({ "verb": "accept" })),
        (community, json!({ "verb": "resolve", "with": { "result": "已上门调解，双方达成一致" } })),
        ("centre", json!({ "verb": "check", "with": { "passed": true, "note": "照片与现场一致" } })),
    ];
    // The registration's answer names no version; from the second deed on each says what it saw.
    let mut saw = Value::Null;
    for (step, (unit, deed)) in deeds.into_iter().enumerate() {
        let subject = format!("huying.v1.as.{unit}.{}", deed["verb"].as_str().expect("a verb"));
        let person = format!("someone of {unit}");
        let mut body =
            json!({ "id": format!("{number}-{step}"), "case": case, "person": person, "deed": deed });
        if !saw.is_null() {
            body["saw"] = saw;
        }
        let (answer, took) = asked(units, subject, &body).await;
        assert_eq!(answer["answer"], "done", "{body}: {answer}");
        saw = answer["version"].clone();
        samples.push(took);
    }
}

async fn asked(link: &Link, subject: String, body: &Value) -> (Value, u64) {
    let body = serde_json::to_vec(body).expect("it is JSON");
    let asked = Instant::now();
    let reply = link.client().request(subject, body.into()).await.expect("it is answered");
    let took = u64::try_from(asked.elapsed().as_nanos()).unwrap_or(u64::MAX);
    (serde_json::from_slice(&reply.payload).expect("the answer is JSON"), took)
}

fn intake() -> String {
    format!("huying.v1.intake.{SOURCE}.call")
}
