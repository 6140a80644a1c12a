//! The law of the stations elsewhere: the same commands in the same order, wherever a station runs.

use super::Elsewhere;
use crate::{
    door::Lane,
    making::{self, act, at, call, entropy, must, records, settle, texts},
    remote::mind::Mind,
    start::Setup,
};
use huying_bus::{message::station::Named, subject::token::Station};
use huying_domain::vocabulary::review::CallBackWay;
use huying_domain::{
    command::Ask,
    event::feedback::Verdict,
    ids::{CaseId, TellChannel},
    record::{Hash, Record},
    rules::Rules,
    time::Timestamp,
    vocabulary::{Grade, Solved},
};
use huying_journal::{disk::real::RealDisk, reader::Reader};
use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

/// Instants at which calls come in.
const CALLS: u64 = 40;
/// Calls at one instant.
const AT_ONCE: u64 = 3;
/// Minutes from one call to the next: some clocks pass in between.
const PAUSE_MIN: i64 = 11;

/// Plays a day and gives the last record's chain and how many records there are.
fn day(dir: &Path, elsewhere: &[Station], killed: bool) -> (Hash, usize) {
    let mut now = at(making::WEDNESDAY_9);
    let setup = Setup::at(now, Some(texts()), entropy(7));
    let elsewhere: BTreeSet<_> = elsewhere.iter().copied().collect();
    let setup = Setup { segment_bytes: making::SEGMENT_BYTES, elsewhere: elsewhere.clone(), ..setup };
    let disk = RealDisk::new(dir).expect("the folder can be made");
    let mut engine = crate::engine::Engine::start(disk, setup).expect("the engine starts").engine;
    let lives = Arc::new(AtomicUsize::new(0));
    let rules = Arc::new(Rules::read(&texts()).expect("the tiny city has rules"));
    let hosts: Vec<_> = elsewhere
        .into_iter()
        .map(|station| {
            let reader = engine.journal().reader();
            host(station, engine.elsewhere(), reader, Arc::clone(&rules), Arc::clone(&lives))
        })
        .collect();
    settle(&mut engine, now);
    for n in 1..=CALLS {
        let next = now.plus_seconds(PAUSE_MIN * 60);
        while let Some(due) = engine.next_due().filter(|due| *due <= next) {
            now = due.max(now);
            settle(&mut engine, now);
        }
        now = next;
        // Several at one instant: what follows from each has to come in its place.
        let calls = (1..=AT_ONCE).map(|nth| call(n * AT_ONCE + nth));
        let handed_in =
            calls.map(|call| engine.handle().submit(call, Lane::Ordinary).expect("there is room"));
        let tickets: Vec<_> = handed_in.collect();
        settle(&mut engine, now);
        let answers = tickets.into_iter().map(|mut ticket| ticket.try_take().expect("the loop is at rest"));
        let cases: Vec<_> = answers.map(|answer| answer.expect("a call is taken").case).collect();
        if n.is_multiple_of(3) {
            now = handle(&mut engine, now, n, cases[1].expect("a call becomes a case"));
        }
        if killed && n == CALLS / 2 {
            lives.fetch_add(1, Ordering::Relaxed);
        }
    }
    engine.elsewhere().close();
    let all = records(&engine);
    drop(engine);
    for host in hosts {
        host.join().expect("the station does not panic");
    }
    (all.last().map(|record| record.prev).expect("records"), all.len())
}

/// A case is signed, solved, checked, answered, told and called back; the stations do the rest.
fn handle(engine: &mut crate::engine::Engine, mut now: Timestamp, n: u64, case: CaseId) -> Timestamp {
    let holder = engine.state().case(case).expect("it is open").holder.to_string();
    let text = || "done".to_owned();
    let told = TellChannel::new("callback-list").expect("a channel");
    let verdict =
        Verdict { contacted: true, solved: Solved::Yes, grade: Some(Grade::Satisfied), beyond: None };
    let steps = [
        (holder.as_str(), Ask::Accept),
        (holder.as_str(), Ask::Resolve { result: text(), evidence: Vec::new() }),
        ("centre", Ask::Check { passed: true, note: text() }),
        ("centre", Ask::Answer { when: now, contacted: text(), done: text(), by_when: None }),
        ("centre", Ask::ConfirmTold { channel: told, receipt: text() }),
        ("centre", Ask::CallBack { way: CallBackWay::Phone, verdict: Some(verdict) }),
    ];
    for (i, (unit, ask)) in (0..).zip(steps) {
        now = now.plus_seconds(20);
        must(engine, now, act(n * 10 + i, unit, Some(case), ask));
    }
    now
}

/// A station in a thread of its own, which loses its mind when another life begins.
fn host(
    station: Station,
    shared: Arc<Elsewhere>,
    reader: Reader<RealDisk>,
    rules: Arc<Rules>,
    lives: Arc<AtomicUsize>,
) -> JoinHandle<()> {
    let mut asked = shared.asked();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let mut life = 0;
        let mut mind = Mind::new(station);
        mind.obey(Arc::clone(&rules));
        while !shared.lock().closed {
            let tick = (*asked.borrow_and_update()).expect("virtual time");
            if lives.load(Ordering::Relaxed) != life {
                life = lives.load(Ordering::Relaxed);
                mind = Mind::new(station);
                mind.obey(Arc::clone(&rules));
            }
            while mind.through() < tick.head {
                let more: Vec<Record> = reader.read(mind.through() + 1, 64).expect("what is safe is read");
                more.into_iter().for_each(|record| mind.follow(record));
            }
            let (commands, next_due) = mind.answer(tick.now);
            let through = mind.through();
            shared.hear(Named { station, through, round: Some(tick.round), more: false, next_due, commands });
            let waits = asked.changed();
            let patience = std::time::Duration::from_millis(20);
            runtime.block_on(async { drop(tokio::time::timeout(patience, waits).await) });
        }
    })
}

#[test]
fn the_same_day_has_the_same_head_wherever_the_stations_run() {
    let folder = || tempfile::tempdir().expect("a folder");
    let here = day(folder().path(), &[], false);
    assert!(here.1 > 200, "the story has clocks, answers and closings: {} records", here.1);
    let all = [Station::Routing, Station::Escalation, Station::Feedback];
    for station in all {
        assert_eq!(day(folder().path(), &[station], false), here, "{station} elsewhere");
    }
    assert_eq!(day(folder().path(), &all, false), here, "all of them elsewhere");
    assert_eq!(day(folder().path(), &all, true), here, "begun anew half-way");
}
