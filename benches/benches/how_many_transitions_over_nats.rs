//! How many transitions a second come in over NATS, with echo and assignments on, at one and at 64 commands a
//! message, and what does one cost each part in processor time?
//!
//! A feed keeps a number of requests in flight; each call becomes a case (one transition asked for) and is routed (a
//! second record, counted apart). The clock stops when echo and department have everything. Processor time is read
//! from the threads by their names, and from the server's process; what the
//! clients spend stands in the table too, since they share the machine.

#![expect(clippy::print_stdout, reason = "a measurement tells its figures")]

use futures::{StreamExt, stream};
use huying_benches::{
    machine,
    nerved::{Nerved, SOURCE, call},
    spread::rate,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

/// Calls a message, messages, and messages in flight.
const SIZES: [(u64, u64, usize); 3] = [(1, 20_000, 64), (1, 20_000, 256), (64, 1_000, 16)];
const SMOKE_SIZES: [(u64, u64, usize); 2] = [(1, 200, 64), (64, 5, 4)];

fn main() {
    let smoke = machine::is_smoke();
    let sizes = if smoke { SMOKE_SIZES.as_slice() } else { SIZES.as_slice() };
    let ground = Path::new(env!("CARGO_TARGET_TMPDIR"));
    println!("{}", machine::describe(ground));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("clients")
        .enable_all()
        .build()
        .expect("the machine has room for a runtime");
    for (calls, messages, in_flight) in sizes.iter().copied() {
        let folder = tempfile::tempdir_in(ground).expect("the target folder can be written");
        let nerved = Nerved::open(folder.path());
        runtime.block_on(once(&nerved, calls, messages, in_flight));
        nerved.close();
    }
}

async fn once(nerved: &Nerved, calls: u64, messages: u64, in_flight: usize) {
    let (feed, arrivals) = (nerved.feed().await, nerved.department().await);
    let subject = format!("huying.v1.intake.{SOURCE}.call");
    let (before, server_before) = (machine::by_thread(), machine::by_process(nerved.server.pid()));
    let begun = Instant::now();
    let asked = stream::iter(0..messages).map(|message| {
        let (client, subject) = (feed.client().clone(), subject.clone());
        async move {
            let batch: Vec<Value> = (0..calls).map(|n| call(message * calls + n)).collect();
            let body = serde_json::to_vec(&batch).expect("calls are JSON");
            let reply = client.request(subject, body.into()).await.expect("the calls are answered");
            let reply: Value = serde_json::from_slice(&reply.payload).expect("the answer is JSON");
            let taken = |answer: &&Value| answer["answer"] == "taken";
            reply["answers"].as_array().map_or(0, |answers| answers.iter().filter(taken).count() as u64)
        }
    });
    let taken: u64 = asked.buffer_unordered(in_flight).fold(0, async |sum, taken| sum + taken).await;
    let answered = begun.elapsed();
    assert_eq!(taken, calls * messages, "every call is taken");
    arrivals.all(taken).await;
    let known = begun.elapsed();
    assert_eq!(arrivals.end().len() as u64, taken, "every assignment comes");
    let after = machine::by_thread();
    println!("\n{calls} calls a message, {in_flight} messages in flight, {taken} calls");
    println!("  calls/s until the last answer                 {:.0}", rate(taken, answered));
    println!("  calls/s until the last is in a department's hands {:.0}", rate(taken, known));
    println!("  records/s on the disk and in the echo         {:.0}", rate(taken * 2, known));
    let server = machine::by_process(nerved.server.pid()).saturating_sub(server_before);
    println!("  processor µs a call, by part:");
    for (part, spent) in parts(&before, &after).into_iter().chain([("nats-server".to_owned(), server)]) {
        #[expect(clippy::cast_precision_loss, reason = "a count of some thousands")]
        let each = spent.as_secs_f64() * 1e6 / taken as f64;
        println!("    {part:<16} {each:>8.1}");
    }
}

fn parts(before: &BTreeMap<String, Duration>, after: &BTreeMap<String, Duration>) -> Vec<(String, Duration)> {
    let since = |(name, spent): (&String, &Duration)| {
        (name.clone(), spent.saturating_sub(before.get(name).copied().unwrap_or_default()))
    };
    after.iter().map(since).filter(|(_, spent)| !spent.is_zero()).collect()
}
