//! The city changes its rules: one command, one record, and every restart uses what was published last.

use crate::making::*;
use huying_domain::{
    command::{Ask, Command},
    event::{Event, clocks::ClockChange},
    ids::{CaseId, Seq},
    record::{Hash, Origin, RuleFile},
    refusal::Refusal,
    rules::{RuleTexts, Rules},
    time::Timestamp,
    vocabulary::Clock,
};
use huying_engine::{door::Lane, engine::Engine, rulebook, start::Setup};
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

/// A city whose neighbours may be noisy for forty working days, and which knows the days off of 2026 alone.
fn patient() -> RuleTexts {
    let mut texts = texts();
    let policy = POLICY.replace("id = \"noise.neighbour\"", "id = \"noise.elsewhere\"");
    let class = "\n[[class]]\nid = \"noise.neighbour\"\nzh = \"邻里噪声\"\nen = \"neighbours\"\n\
                 source = \"made up for the tests\"\nlimits = { resolve = \"40wd\" }\n";
    texts.insert(RuleFile::Policy, format!("{policy}{class}").into_bytes());
    texts
}

/// Calendars that know a year more.
fn next_year() -> Vec<u8> {
    let known = String::from_utf8(texts()[&RuleFile::Calendar].clone()).expect("a text");
    let more = "    { from = \"2027-01-01\", to = \"2027-01-03\", zh = \"元旦\", en = \"New Year's Day\" },\n]\nworkdays = [";
    known.replace("]\nworkdays = [", more).replace("2026-12-31", "2027-12-31").into_bytes()
}

fn start_patient(dir: &Path, seed: u64) -> Engine {
    let disk = RealDisk::new(dir).expect("the folder can be made");
    let setup = Setup::at(at(WEDNESDAY_9), Some(patient()), entropy(seed));
    Engine::start(disk, Setup { segment_bytes: SEGMENT_BYTES, ..setup }).expect("the engine starts").engine
}

fn publish_calendar(dir: &Path, n: u64, bytes: &[u8]) -> Command {
    let hash = rulebook::keep(&RealDisk::existing(dir), bytes).expect("the folder can be written");
    act(n, "centre", None, Ask::PublishRules { file: RuleFile::Calendar, hash, bytes: bytes.len() as u64 })
}

/// Case and due instant of each resolve clock that a publication moved.
fn moved(engine: &Engine) -> Vec<(CaseId, Timestamp)> {
    let mut moved = Vec::new();
    for record in records(engine).iter().filter(|record| record.by == Origin::Timer) {
        for part in &record.parts {
            for event in &part.events {
                let Event::Clocked(clocked) = event else { continue };
                moved.extend(clocked.changes.iter().filter_map(|change| match change {
                    ClockChange::Moved { clock: Clock::Resolve, due, .. } => Some((part.case()?, *due)),
                    _ => None,
                }));
            }
        }
    }
    moved
}

#[test]
fn a_published_calendar_moves_each_case_that_lay_beyond_once_however_the_engine_is_cut_off() {
    let now = at(WEDNESDAY_9);
    for cut in [false, true] {
        let dir = tempfile::tempdir().expect("a folder");
        let mut engine = start_patient(dir.path(), 1);
        let cases: Vec<_> = (1..=5).map(|n| must(&mut engine, now, call(n)).case.expect("a case")).collect();
        let before = engine.state().case(cases[0]).and_then(|case| case.running(Clock::Resolve)).cloned();
        let before = before.expect("it runs");
        assert!(before.provisional(), "forty working days lead into a year without days off");
        let bytes = next_year();
        let trial = engine.trial(RuleFile::Calendar, &bytes, now).expect("it can be used");
        assert_eq!((trial.open, trial.moves.len(), moved(&engine).len()), (5, 5, 0), "nothing has moved yet");
        let command = publish_calendar(dir.path(), 1, &bytes);
        if cut {
            // Decided and on the platter, and gone before anything followed from it.
            let _unanswered = engine.handle().submit(command, Lane::Ordinary).expect("there is room");
            engine.step(now).expect("the disk is in order");
            drop(engine);
            engine = start_patient(dir.path(), 2);
            settle(&mut engine, now);
        } else {
            must(&mut engine, now, command);
        }
        let expected =
            engine.rules().calendars.get(&before.calendar).expect("there").due(&before.limit, before.from);
        assert_ne!(expected.at, before.due);
        let wanted: Vec<_> = cases.iter().map(|case| (*case, expected.at)).collect();
        assert_eq!(moved(&engine), wanted, "cut off: {cut}");
        for case in &cases {
            let running = engine.state().case(*case).and_then(|case| case.running(Clock::Resolve));
            let running = running.expect("it runs");
            assert_eq!((running.due, running.provisional()), (expected.at, false));
        }
        // Again the same, and a restart: nothing moves twice.
        must(&mut engine, now, publish_calendar(dir.path(), 2, &bytes));
        drop(engine);
        let mut engine = start_patient(dir.path(), 3);
        settle(&mut engine, now);
        assert_eq!(moved(&engine).len(), 5);
    }
}

#[test]
fn a_policy_is_not_published_before_the_day_from_which_it_holds() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    settle(&mut engine, now);
    let from = at("2026-12-01T00:00:00+08:00");
    let later = POLICY
        .replace("centre = \"centre\"", "centre = \"centre\"\nvalid_from = \"2026-12-01T00:00:00+08:00\"");
    let hash = rulebook::keep(&RealDisk::existing(dir.path()), later.as_bytes()).expect("writes");
    let early = ask(&mut engine, now, publish(1, hash, later.len()));
    assert_eq!(early, Err(Refusal::NotInForceYet(from)));
    must(&mut engine, from, publish(2, hash, later.len()));
}

#[test]
fn a_trial_counts_who_would_be_late_at_once_and_publishing_makes_nobody_late() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start_patient(dir.path(), 1);
    let case = must(&mut engine, now, call(1)).case.expect("a case");
    let later = now.plus_seconds(600);
    settle(&mut engine, later);
    let text = String::from_utf8(patient()[&RuleFile::Policy].clone()).expect("a text");
    let strict = text.replace("resolve = \"40wd\"", "resolve = \"5um\"");
    let trial = engine.trial(RuleFile::Policy, strict.as_bytes(), later).expect("it can be used");
    assert_eq!((trial.open, trial.late_now, trial.late_at_once, trial.loses_target), (1, 0, 1, 0));
    assert_eq!((trial.late[0].case, trial.late[0].due), (case, now.plus_seconds(300)));
    let none = text.replace("limits = { resolve = \"40wd\" }", "");
    let trial = engine.trial(RuleFile::Policy, none.as_bytes(), later).expect("it can be used");
    assert_eq!((trial.late_at_once, trial.loses_target), (0, 1));
    let hash = rulebook::keep(&RealDisk::existing(dir.path()), strict.as_bytes()).expect("writes");
    must(&mut engine, later, publish(1, hash, strict.len()));
    settle(&mut engine, later.plus_seconds(60));
    let running = engine.state().case(case).and_then(|case| case.running(Clock::Resolve)).cloned();
    assert!(running.is_some_and(|running| !running.breached), "a new policy touches no limit that runs");
}
