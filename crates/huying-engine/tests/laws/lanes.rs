//! Two lanes: the ordinary one may be full and says so, the urgent one waits for room and goes first.

use crate::making::*;
use huying_domain::{refusal::Refusal, time::Timestamp};
use huying_engine::{
    config::Bounds,
    door::{Answer, Lane, Ticket},
    engine::Engine,
    start::Setup,
};
use huying_journal::disk::real::RealDisk;
use std::{path::Path, thread};

fn narrow(dir: &Path, now: Timestamp) -> Engine {
    let bounds = Bounds { ordinary_lane_commands_max: 3, urgent_lane_commands_max: 2, ..Bounds::default() };
    let disk = RealDisk::new(dir).expect("the folder can be made");
    let setup = Setup::at(now, Some(texts()), entropy(1));
    let setup = Setup { bounds, segment_bytes: SEGMENT_BYTES, ..setup };
    let mut engine = Engine::start(disk, setup).expect("the engine starts").engine;
    settle(&mut engine, now);
    engine
}

fn seq(ticket: &mut Ticket<Answer>) -> u64 {
    ticket.try_take().expect("answered").expect("a call is taken").seq
}

#[test]
fn a_full_ordinary_lane_is_busy_and_takes_nothing_while_the_urgent_one_goes_first() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = narrow(dir.path(), now);
    let handle = engine.handle();
    let mut ordinary: Vec<_> =
        (1..=3).map(|n| handle.submit(call(n), Lane::Ordinary).expect("there is room")).collect();
    assert_eq!(handle.submit(call(4), Lane::Ordinary).err(), Some(Refusal::Busy));
    let mut urgent = handle.submit(call(5), Lane::Urgent).expect("never told busy");
    settle(&mut engine, now);
    let first = seq(&mut urgent);
    assert!(ordinary.iter_mut().map(seq).all(|seq| seq > first), "the urgent one is decided first");
    assert!(records(&engine).iter().all(|record| record.command != call(4).id));
    handle.submit(call(4), Lane::Ordinary).expect("there is room again");
}

#[test]
fn a_full_urgent_lane_makes_its_sender_wait_and_never_says_busy() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = narrow(dir.path(), now);
    let handle = engine.handle();
    let senders = thread::spawn(move || {
        let taken: Vec<_> = (1..=20).map(|n| handle.submit(call(n), Lane::Urgent)).collect();
        taken.into_iter().map(|ticket| ticket.expect("never told busy").wait()).collect::<Vec<_>>()
    });
    while !senders.is_finished() {
        settle(&mut engine, now);
        thread::yield_now();
    }
    let answers = senders.join().expect("nobody panics");
    assert!(answers.iter().all(|answer| matches!(answer, Some(Ok(_)))), "{answers:?}");
}

#[test]
fn a_stopping_engine_finishes_what_it_took_and_takes_nothing_more() {
    let dir = tempfile::tempdir().expect("a folder");
    let disk = RealDisk::new(dir.path()).expect("the folder can be made");
    let setup = Setup { segment_bytes: SEGMENT_BYTES, ..Setup::live(Some(texts()), entropy(1)) };
    let engine = Engine::start(disk, setup).expect("the engine starts").engine;
    let handle = engine.handle();
    let tickets: Vec<_> =
        (1..=50).map(|n| handle.submit(call(n), Lane::Ordinary).expect("there is room")).collect();
    handle.stop();
    assert_eq!(handle.submit(call(51), Lane::Ordinary).err(), Some(Refusal::Stopping));
    engine.run().expect("the disk is in order");
    assert!(tickets.into_iter().all(|ticket| matches!(ticket.wait(), Some(Ok(_)))));
}
