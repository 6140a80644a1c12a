//! NATS goes away, loses everything, is killed: afterwards the stream is the journal.

use crate::house::*;
use huying_bus::stream::Stream;
use huying_domain::{command::Ask, event::Event, ids::CaseId, vocabulary::Tag};
use huying_journal::disk::sim::SplitMix;
use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

#[test]
fn nats_away_for_an_hour_stops_neither_calls_nor_clocks_and_afterwards_the_stream_is_the_journal() {
    let mut nats = Nats::new();
    let mut house = House::new(&nats, 1);
    let first = house.call(1);
    house.caught_up();
    nats.stop();
    let before = house.records().len();
    for n in 2..14 {
        house.call(n);
        house.pass(300);
    }
    house.act(GRID, first, Ask::Accept);
    // The signing limit of two hours passes for whoever nobody accepted.
    house.pass(2 * 3_600);
    let records = house.records();
    assert!(records.len() >= before + 30, "calls and dispatches went on: {}", records.len() - before);
    let fired = records.iter().flat_map(|record| &record.parts).flat_map(|part| &part.events);
    assert!(fired.filter(|event| matches!(event, Event::Escalated(_))).count() >= 12, "clocks went on");
    nats.start();
    house.caught_up();
    let eye = nats.eye();
    house.stream_is_journal(&eye);
    house.stream_is_owed(&eye);
}

#[test]
fn a_wiped_store_is_filled_again_record_by_record() {
    let mut nats = Nats::new();
    let mut house = House::new(&nats, 2);
    for n in 1..6 {
        house.call(n);
    }
    house.caught_up();
    nats.stop();
    nats.wipe();
    house.call(6);
    nats.start();
    house.caught_up();
    let eye = nats.eye();
    house.stream_is_journal(&eye);
    house.stream_is_owed(&eye);
    assert_eq!(eye.assignments().len(), 6);
}

#[test]
fn a_stream_that_somebody_removes_is_there_again() {
    let nats = Nats::new();
    let mut house = House::new(&nats, 3);
    house.call(1);
    house.caught_up();
    let eye = nats.eye();
    for stream in [Stream::Records, Stream::Assignments] {
        let removed = eye.runtime.block_on(eye.link.jetstream().delete_stream(stream.name()));
        assert!(removed.expect("it is removed").success);
    }
    house.call(2);
    house.until("both streams are there again", |_| {
        let held = |stream: Stream| eye.info(stream.name()).map_or(0, |info| info.state.messages);
        held(Stream::Records) > 0 && held(Stream::Assignments) == 2
    });
    house.caught_up();
    house.stream_is_journal(&eye);
    house.stream_is_owed(&eye);
}

#[test]
fn ten_kills_in_the_middle_of_publishing_leave_no_gap_and_no_double() {
    let nats = Nats::new();
    let mut house = House::new(&nats, 4);
    let mut random = SplitMix(4);
    let mut n = 0;
    for _ in 0..10 {
        // Calls come in while the server dies at some instant.
        let calls = 20 + random.bits() % 60;
        let delay = Duration::from_millis(random.bits() % 120);
        thread::scope(|scope| {
            let killer = scope.spawn(|| {
                thread::sleep(delay);
                nats.kill();
            });
            for _ in 0..calls {
                n += 1;
                house.call(n);
                house.pass(1);
            }
            killer.join().expect("killed");
        });
    }
    house.caught_up();
    let eye = nats.eye();
    house.stream_is_journal(&eye);
    house.stream_is_owed(&eye);
    assert!(nats.server.as_ref().expect("it runs").restarts() >= 10);
    println!("10 kills, {} records", house.records().len());
}

/// Where the server keeps the messages of a stream.
fn messages_of(nats: &Nats, stream: Stream) -> PathBuf {
    let streams = nats.dir.path().join("nats/store/jetstream/HUYING/streams");
    streams.join(stream.name()).join("msgs")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

#[test]
fn a_server_that_lost_messages_but_not_what_was_acknowledged_hands_out_what_is_owed() {
    let mut nats = Nats::new();
    let mut house = House::new(&nats, 5);
    house.call(1);
    house.caught_up();
    nats.stop();
    let (kept, early) = (messages_of(&nats, Stream::Assignments), tempfile::tempdir().expect("a folder"));
    copy(&kept, early.path());
    nats.start();
    let later: Vec<CaseId> = (2..6).map(|n| house.call(n)).collect();
    house.caught_up();
    let department = nats.department();
    while department.fetch(true) > 0 {}
    drop(department);
    nats.stop();
    std::fs::remove_dir_all(&kept).expect("what came later is lost");
    copy(early.path(), &kept);
    // Something new about each of them, under sequences that the consumer has passed already.
    for case in &later {
        house.act("centre", *case, Ask::Tag { tags: vec![Tag::Sensitive] });
    }
    nats.start();
    house.caught_up();
    let eye = nats.eye();
    assert_eq!(eye.info(Stream::Assignments.name()).expect("it is there").state.last_sequence, 5);
    house.stream_is_owed(&eye);
    let department = nats.department();
    let mut fetched = 0;
    loop {
        match department.fetch(true) {
            0 => break,
            more => fetched += more,
        }
    }
    assert_eq!(fetched, 4, "everything new, although its sequence had been acknowledged before");
}
