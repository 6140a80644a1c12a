//! How long is it from a call on NATS until its assignment is in a department's hands, at 10, 100, 1,000 and 5,000
//! calls a second?
//!
//! A live engine on a real disk with a `nats-server` of its own. A feed sends each call as a request at its instant,
//! whether the ones before are answered or not; a department fetches its work by its durable consumer over another
//! connection. All of it shares this machine's processors, and all of it is one process but the server.

#![expect(clippy::print_stdout, reason = "a measurement tells its figures")]

use huying_benches::{
    machine,
    nerved::{Nerved, SOURCE, call},
    spread::quantile,
};
use serde_json::Value;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Calls a second, and for how many seconds.
const RATES: [(u64, u64); 4] = [(10, 20), (100, 20), (1_000, 20), (5_000, 20)];
const SMOKE_RATES: [(u64, u64); 3] = [(10, 1), (100, 1), (1_000, 1)];

fn main() {
    let rates = if machine::is_smoke() { SMOKE_RATES.as_slice() } else { RATES.as_slice() };
    let ground = Path::new(env!("CARGO_TARGET_TMPDIR"));
    println!("{}", machine::describe(ground));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("clients")
        .enable_all()
        .build()
        .expect("the machine has room for a runtime");
    for &(rate, seconds) in rates {
        let folder = tempfile::tempdir_in(ground).expect("the target folder can be written");
        let nerved = Nerved::open(folder.path());
        let figures = runtime.block_on(once(&nerved, rate, rate * seconds));
        nerved.close();
        tell(rate, figures);
    }
}

/// Nanoseconds from the call to its answer, and to the department's hands.
struct Figures {
    answered: Vec<u64>,
    known: Vec<u64>,
    /// Calls that were told to come back later: the rate is more than this machine carries.
    busy: u64,
}

async fn once(nerved: &Nerved, rate: u64, calls: u64) -> Figures {
    let (feed, arrivals) = (nerved.feed().await, nerved.department().await);
    let subject = format!("huying.v1.intake.{SOURCE}.call");
    let begun = Instant::now();
    let mut asked = Vec::new();
    for number in 0..calls {
        let at = begun + Duration::from_nanos(number * 1_000_000_000 / rate);
        tokio::time::sleep_until(at.into()).await;
        let (client, subject) = (feed.client().clone(), subject.clone());
        asked.push(tokio::spawn(async move {
            let body = serde_json::to_vec(&call(number)).expect("a call is JSON");
            let sent = Instant::now();
            let reply = client.request(subject, body.into()).await.expect("the call is answered");
            let reply: Value = serde_json::from_slice(&reply.payload).expect("the answer is JSON");
            let (took, answer) = (sent.elapsed(), &reply["answers"][0]);
            match answer["case"].as_str() {
                Some(case) => Some((case.to_owned(), sent, took)),
                None if answer["refusal"]["code"] == "busy" => None,
                None => panic!("not taken: {reply}"),
            }
        }));
    }
    let (mut sent, mut busy) = (Vec::new(), 0);
    for one in asked {
        match one.await.expect("the client did not panic") {
            Some(taken) => sent.push(taken),
            None => busy += 1,
        }
    }
    arrivals.all(sent.len() as u64).await;
    let came = arrivals.end();
    let nanos = |span: Duration| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
    let known = sent.iter().map(|(case, at, _)| {
        let came = came.get(case).unwrap_or_else(|| panic!("{case} never came to the department"));
        nanos(came.duration_since(*at))
    });
    Figures { known: known.collect(), answered: sent.iter().map(|(.., took)| nanos(*took)).collect(), busy }
}

fn tell(rate: u64, figures: Figures) {
    let quantiles = |mut samples: Vec<u64>| {
        samples.sort_unstable();
        let ms = |share| quantile(&samples, share).as_secs_f64() * 1e3;
        format!("p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms", ms(0.5), ms(0.99), ms(1.0))
    };
    println!("\n{rate} calls a second, {} calls taken, {} told busy", figures.known.len(), figures.busy);
    println!("  call to answer                 {}", quantiles(figures.answered));
    println!("  call to the department's hands {}", quantiles(figures.known));
}
