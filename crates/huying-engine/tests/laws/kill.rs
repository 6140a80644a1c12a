//! kill -9 of a live engine with a real disk and sled, while clients send. The test's own binary is the child.

use crate::making::*;
use huying_domain::{event::Event, ids::Seq, record::CommandId};
use huying_engine::{door::Lane, engine::Engine, start::Setup};
use huying_journal::disk::{real::RealDisk, sim::SplitMix};
use std::{
    collections::BTreeMap,
    env,
    io::{BufRead, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

const CHILD_FOLDER: &str = "HUYING_ENGINE_CHILD_FOLDER";
const CHILD_ROUND: &str = "HUYING_ENGINE_CHILD_ROUND";
const ROUNDS: u64 = 5;
/// Calls of one round; more than a round has time for.
const CALLS_PER_ROUND: u64 = 100_000;

fn live(dir: &Path, seed: u64) -> Engine {
    let disk = RealDisk::new(dir).expect("the folder can be made");
    let setup = Setup { segment_bytes: SEGMENT_BYTES, ..Setup::live(Some(texts()), entropy(seed)) };
    Engine::start(disk, setup).expect("kill -9 never keeps an engine from starting").engine
}

/// Does nothing unless it is started as the child: then it takes calls until it is killed, telling each answer.
#[test]
#[ignore = "the child of another test"]
fn child_takes_calls_until_killed() {
    let Some(dir) = env::var_os(CHILD_FOLDER) else { return };
    let round: u64 = env::var(CHILD_ROUND).ok().and_then(|text| text.parse().ok()).expect("a round");
    let engine = live(Path::new(&dir), 100 + round);
    let handle = engine.handle();
    thread::spawn(move || engine.run().expect("the disk is in order"));
    let mut out = std::io::stdout();
    let mut waiting = std::collections::VecDeque::new();
    for n in round * CALLS_PER_ROUND.. {
        waiting.push_back((n, handle.submit(call(n), Lane::Ordinary).expect("there is room")));
        if waiting.len() >= 40 {
            let (n, ticket) = waiting.pop_front().expect("forty wait");
            let accepted = ticket.wait().expect("the engine runs").expect("a call is taken");
            writeln!(out, "answered {n} {}", accepted.seq).expect("the parent listens");
        }
    }
}

fn child(dir: &Path, round: u64) -> Child {
    let me = env::current_exe().expect("the test's own binary");
    Command::new(me)
        .args(["--ignored", "--exact", "kill::child_takes_calls_until_killed", "--nocapture"])
        .env(CHILD_FOLDER, dir)
        .env(CHILD_ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts")
}

fn answered(line: &str) -> Option<(CommandId, Seq)> {
    let (n, seq) = line.strip_prefix("answered ")?.split_once(' ')?;
    Some((call(n.parse().ok()?).id, seq.parse().ok()?))
}

#[test]
fn no_answered_call_is_lost_or_doubled_by_kill_9_and_each_is_dispatched() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut random = SplitMix(11);
    let mut told: BTreeMap<CommandId, Seq> = BTreeMap::new();
    for round in 1..=ROUNDS {
        let mut child = child(dir.path(), round);
        let out = child.stdout.take().expect("piped");
        let (sender, heard) = std::sync::mpsc::channel();
        let reader = thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if let Some(answer) = answered(&line) {
                    sender.send(answer).expect("the parent keeps its ear");
                }
            }
        });
        // The first answer shows that the engine is up; then it may be killed at any instant.
        let first = heard.recv_timeout(Duration::from_secs(60)).expect("the engine comes up");
        thread::sleep(Duration::from_millis(20 + random.bits() % 200));
        child.kill().expect("kills");
        child.wait().expect("ends");
        reader.join().expect("reads");
        told.extend(std::iter::once(first).chain(heard));
    }
    let mut engine = live(dir.path(), 99);
    let now = engine.clock().now();
    while !engine.step(now).expect("the disk is in order").idle {}
    let records = records(&engine);
    let mut stands = BTreeMap::new();
    for (seq, record) in (1..).zip(&records) {
        assert_eq!(record.seq, seq);
        assert_eq!(stands.insert(record.command, seq), None, "record {seq} repeats a command");
    }
    for (id, seq) in &told {
        assert_eq!(stands.get(id), Some(seq), "{id} was answered");
    }
    let count = |tag: fn(&Event) -> bool| {
        records
            .iter()
            .flat_map(|record| &record.parts)
            .flat_map(|part| &part.events)
            .filter(|e| tag(e))
            .count()
    };
    let registered = count(|event| matches!(event, Event::Registered(_)));
    let assigned = count(|event| matches!(event, Event::Assigned(_)));
    assert_eq!(registered, assigned, "a start asks again for every dispatch that a kill cut off");
    assert!(told.len() > 100, "the children must get somewhere: {}", told.len());
    println!("{ROUNDS} kills, {} answered calls, {} records", told.len(), records.len());
}
