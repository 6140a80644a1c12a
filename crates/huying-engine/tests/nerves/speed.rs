//! How fast the echo is alone, by the width of its window, and what the outbox costs for a record. Ignored; run with
//! `cargo test --release -p huying-engine --test nerves speed -- --ignored --nocapture`.

use crate::{house::*, making::*};
use huying_bus::{
    echo::{self, Echo},
    stream::Stream,
    streams::{Ledger, Owner},
    subject::Subject,
};
use huying_domain::{command::Ask, ids::Seq, record::Record};
use huying_engine::{clock::Stopwatch, door::Lane};
use huying_projection::ought::Ought;

const CALLS: u64 = 5_000;
const CALLS_AT_ONCE: u64 = 250;
/// As many as the engine's echo reads at once.
const SENT_IN_ONE_GO: usize = 256;

/// A journal's records in memory.
struct Shelf(Vec<Record>);

impl Ledger for Shelf {
    fn head(&self) -> Seq {
        self.0.len() as u64
    }

    fn echo(&self, seq: Seq) -> Option<bytes::Bytes> {
        echo::body(self.0[usize::try_from(seq).ok()? - 1].clone()).ok()
    }
}

/// A morning's records: calls, dispatches, signatures.
fn morning(house: &mut House) -> Vec<Record> {
    for round in 0..CALLS / CALLS_AT_ONCE {
        let handle = house.engine.handle();
        let calls = round * CALLS_AT_ONCE..(round + 1) * CALLS_AT_ONCE;
        let mut tickets: Vec<_> =
            calls.map(|n| handle.submit(call(n), Lane::Ordinary).expect("there is room")).collect();
        house.pass(1);
        let cases =
            tickets.iter_mut().map(|ticket| ticket.try_take().expect("answered").expect("taken").case);
        let accepts: Vec<_> = cases.collect();
        let mut tickets = Vec::new();
        for (n, case) in (0..).zip(accepts) {
            let accept = act(round * CALLS_AT_ONCE + n, GRID, case, Ask::Accept);
            tickets.push(handle.submit(accept, Lane::Ordinary).expect("there is room"));
        }
        house.pass(1);
        for mut ticket in tickets {
            ticket.try_take().expect("answered").expect("accepted");
        }
    }
    house.records()
}

#[expect(clippy::cast_precision_loss, reason = "some thousands of records")]
fn rate(records: usize, watch: Stopwatch) -> f64 {
    records as f64 / watch.elapsed().as_secs_f64()
}

#[test]
#[ignore = "a measurement"]
fn how_fast_is_the_echo_alone_and_what_does_the_outbox_cost() {
    let nats = Nats::new();
    let mut house = House::new(&nats, 1);
    let watch = Stopwatch::start();
    let records = morning(&mut house);
    println!("{} records made in {:?} with the nerves beside them", records.len(), watch.elapsed());
    let watch = Stopwatch::start();
    house.caught_up();
    println!("echo and outbox were through {:?} later", watch.elapsed());

    let watch = Stopwatch::start();
    let mut ought = Ought::default();
    records.iter().for_each(|record| ought.follow(record));
    println!("the outbox's fold: {:.2} µs a record", 1e6 / rate(records.len(), watch));
    let (dir, now) = house.close();
    drop(nats);

    // Catching up from nothing, echo and outbox together.
    let nats = Nats::new();
    let watch = Stopwatch::start();
    let mut house = House::of(dir, now, &nats, 2);
    let open = watch.elapsed();
    house.caught_up();
    println!(
        "from an empty server: start {open:?}, {:.0} records/s until both are through",
        rate(records.len(), watch)
    );
    house.stream_is_journal(&nats.eye());
    house.close();
    drop(nats);

    let shelf = Shelf(records);
    for window in [64, 256, 512, 1_024, 4_096] {
        let nats = Nats::new();
        let eye = nats.eye();
        eye.runtime.block_on(async {
            let owner = Owner::new(&[7; 16], 1);
            huying_bus::streams::shape(&eye.link, &owner, &shelf).await.expect("in shape");
            let watch = Stopwatch::start();
            let mut echo = Echo::behind(eye.link.clone(), 0).with_window(window);
            for records in shelf.0.chunks(window.min(SENT_IN_ONE_GO)) {
                while echo.room() < records.len() {
                    echo.landed().await.expect("landed");
                }
                let said = |record: &Record| {
                    let about = Subject::Record(record.parts[0].subject.clone());
                    (about, echo::body(record.clone()).expect("a wire form"))
                };
                echo.send(records.iter().map(said).collect()).await.expect("sent");
            }
            while !echo.is_empty() {
                echo.landed().await.expect("landed");
            }
            println!("the echo alone, window {window}: {:.0} records/s", rate(shelf.0.len(), watch));
        });
        assert_eq!(
            eye.info(Stream::Records.name()).expect("it is there").state.messages,
            shelf.0.len() as u64
        );
    }
}
