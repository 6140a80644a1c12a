//! The city changes its rules: one command, one record, and every restart uses what was published last.

use crate::making::*;
use huying_domain::{
    command::{Ask, Command},
    event::{Event, clocks::ClockChange},
    ids::Seq,
    record::{Hash, RuleFile},
    refusal::Refusal,
    rules::Rules,
    vocabulary::Clock,
};
use huying_engine::{engine::Engine, rulebook};
use huying_journal::disk::real::RealDisk;
use std::path::Path;

fn publish(n: u64, hash: Hash, bytes: usize) -> Command {
    act(n, "centre", None, Ask::PublishRules { file: RuleFile::Policy, hash, bytes: bytes as u64 })
}

/// Puts a policy that signs within half an hour into the folder and brings it into force.
fn hurry(dir: &Path, engine: &mut Engine) {
    let hurried =
        POLICY.replace("tiny-2026", "tiny-hurried").replace("accept = \"2wh\"", "accept = \"30um\"");
    let disk = RealDisk::existing(dir);
    let hash = rulebook::keep(&disk, hurried.as_bytes()).expect("the folder can be written");
    must(engine, at(WEDNESDAY_9), publish(1, hash, hurried.len()));
}

/// In how many seconds the case that a call became had to be signed for.
fn accept_within_s(engine: &Engine, call: Seq) -> i64 {
    let records = records(engine);
    let assigned = records.iter().find(|record| record.because == Some(call)).expect("it was dispatched");
    let changes = assigned.parts[0].events.iter().filter_map(|event| match event {
        Event::Clocked(clocked) => Some(&clocked.changes),
        _ => None,
    });
    let started = changes.flatten().find_map(|change| match change {
        ClockChange::Started { clock: Clock::Accept, from, due, .. } => Some(due.seconds_since(*from)),
        _ => None,
    });
    started.expect("signing has a limit")
}

#[test]
fn a_published_policy_is_in_force_for_the_next_command_and_after_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    let before = must(&mut engine, now, call(1)).seq;
    assert_eq!(accept_within_s(&engine, before), 7_200);
    hurry(dir.path(), &mut engine);
    let after = must(&mut engine, now, call(2)).seq;
    assert_eq!(accept_within_s(&engine, after), 1_800);
    let label = engine.rules().label.clone();
    assert!(label.as_str().starts_with("tiny-hurried"), "{label}");
    drop(engine);

    // The city's own files, given again, are not what is in force.
    let mut engine = start(dir.path(), now, 2);
    assert_eq!(engine.rules().label, label);
    let restarted = must(&mut engine, now, call(3)).seq;
    assert_eq!(accept_within_s(&engine, restarted), 1_800);
    assert_eq!(accept_within_s(&engine, before), 7_200, "what was decided stays as it was");
}

#[test]
fn rules_that_are_not_in_the_folder_or_do_not_hold_together_are_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    settle(&mut engine, now);
    let label = engine.rules().label.clone();
    let absent = Rules::hash(b"never put there");
    assert_eq!(ask(&mut engine, now, publish(1, absent, 15)), Err(Refusal::NoSuchRules));
    let broken = POLICY.replace("centre = \"centre\"", "centre = \"moon\"");
    let hash = rulebook::keep(&RealDisk::existing(dir.path()), broken.as_bytes()).expect("writes");
    assert_eq!(ask(&mut engine, now, publish(2, hash, broken.len())), Err(Refusal::NoSuchRules));
    assert_eq!(engine.rules().label, label);
}
