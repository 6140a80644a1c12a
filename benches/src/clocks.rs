//! Running clocks in the escalation watch, without a city around them: how much each holds and what asking costs.

use crate::{
    machine,
    spread::{nanos_each, sample},
};
use huying_domain::{
    command::Digest,
    event::{
        Event,
        clocks::{ClockChange, Clocked},
    },
    ids::{CaseId, UnitId},
    record::{Actor, CommandId, Hash, Origin, Part, Record, Subject},
    time::Timestamp,
    vocabulary::Clock,
};
use huying_escalation::watch::Watch;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::time::Instant;

/// The deadlines lie within so many seconds: a month.
const SPAN_S: i64 = 30 * 86_400;
/// Clocks that are given another instant, at most.
const MOVED_MAX: u64 = 200_000;
/// Clocks that one question names, as many as the engine asks for.
const NAMED_AT_ONCE: usize = 1_000;
const SEED: u64 = 7;
const NOON: Timestamp = Timestamp::from_seconds(1_790_000_000);

/// What so many clocks cost.
#[derive(Clone, Copy, Debug)]
pub struct Ticked {
    /// How many ran.
    pub clocks: u64,
    /// Bytes of memory of each.
    pub bytes: f64,
    /// Nanoseconds to start one.
    pub start_ns: f64,
    /// Nanoseconds to move one to another instant.
    pub move_ns: f64,
    /// Nanoseconds to name one that is due, all of them after a stop of a month.
    pub name_ns: f64,
    /// Clocks looked at in that for each that was named.
    pub looked_at: f64,
    /// Microseconds of a question when nothing is due.
    pub idle_us: f64,
}

/// Starts so many clocks of as many cases, moves some, and names all.
pub fn tick(clocks: u64) -> Ticked {
    let (mut dice, mut watch, before) =
        (StdRng::seed_from_u64(SEED), Watch::default(), machine::memory_bytes());
    let mut due = || NOON.plus_seconds(dice.random_range(1..SPAN_S));
    let mut record = template();
    let start = Instant::now();
    for number in 1..=clocks {
        say(&mut record, number, started(due()));
        watch.follow(&record);
    }
    let start_ns = nanos_each(start.elapsed(), clocks);
    let held = machine::memory_bytes().saturating_sub(before);
    let start = Instant::now();
    for _ in 0..clocks.min(100) {
        assert_eq!(watch.overdue(NOON, NAMED_AT_ONCE).len(), 0, "nothing is due yet");
    }
    let idle_us = nanos_each(start.elapsed(), clocks.min(100)) / 1e3;
    let moved = clocks.min(MOVED_MAX);
    let start = Instant::now();
    for number in (1..=moved).map(|n| n * (clocks / moved)) {
        say(&mut record, number, ClockChange::Moved { clock: Clock::Accept, due: due(), provisional: false });
        watch.follow(&record);
    }
    let move_ns = nanos_each(start.elapsed(), moved);
    let (late, mut named) = (NOON.plus_seconds(SPAN_S), 0);
    let start = Instant::now();
    loop {
        let handful = watch.overdue(late, NAMED_AT_ONCE).len() as u64;
        named += handful;
        if handful == 0 {
            break;
        }
    }
    let name_ns = nanos_each(start.elapsed(), named);
    assert_eq!(named, clocks, "each is named once");
    let looked_at = sample(watch.looked_at()) / sample(named);
    Ticked { clocks, bytes: sample(held) / sample(clocks), start_ns, move_ns, name_ns, looked_at, idle_us }
}

fn started(due: Timestamp) -> ClockChange {
    ClockChange::Started {
        clock: Clock::Accept,
        from: NOON,
        due,
        limit: "2uh".parse().expect("a limit"),
        calendar: "continuous".parse().expect("a name"),
        provisional: false,
    }
}

fn say(record: &mut Record, number: u64, change: ClockChange) {
    let part = &mut record.parts[0];
    part.subject = Subject::Case(CaseId::new(0, number));
    part.events.clear();
    part.events.push(Event::Clocked(Clocked { changes: vec![change] }));
}

fn template() -> Record {
    let part = Part { subject: Subject::Case(CaseId::new(0, 1)), version: 1, events: Vec::new() };
    Record {
        seq: 1,
        at: NOON,
        late_for: None,
        actor: Actor::unit(UnitId::new("centre").expect("a unit id")),
        by: Origin::Person,
        because: None,
        command: CommandId::of_act("bench", "clock", 1),
        digest: Digest([0; 16]),
        parts: vec![part],
        sealed: None,
        prev: Hash::ZERO,
    }
}
