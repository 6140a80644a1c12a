//! The engine was away: what it missed is done once, in order, and told as late.

use crate::making::*;
use huying_domain::{
    command::Ask,
    event::Event,
    record::{Origin, Record},
    time::Timestamp,
    vocabulary::{Clock, ExemptGround, Rung},
};
use std::collections::BTreeSet;

fn breaches(record: &Record) -> impl Iterator<Item = (Clock, Timestamp)> {
    record.parts.iter().flat_map(|part| &part.events).filter_map(|event| match event {
        Event::ClockBreached(breach) => Some((breach.clock, breach.due)),
        _ => None,
    })
}

fn exempted(record: &Record) -> bool {
    record
        .parts
        .iter()
        .flat_map(|part| &part.events)
        .any(|event| matches!(event, Event::Exempted(exempted) if exempted.ground == ExemptGround::Outage))
}

#[test]
fn after_three_days_away_every_timer_fires_once_in_order_late_and_whole_limits_are_exempted() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    let case = must(&mut engine, now, call(1)).case.expect("a call becomes a case");
    // A note two hours later is the last sign of life.
    let last = now.plus_seconds(3_600);
    settle(&mut engine, last);
    must(&mut engine, last, act(2, "grid-1-1", Some(case), Ask::Progress { note: "已联系".to_owned() }));
    let before = records(&engine).len();
    drop(engine);

    let back = now.plus_seconds(3 * 86_400);
    let mut engine = start(dir.path(), back, 2);
    settle(&mut engine, back);
    let missed: Vec<Record> = records(&engine).split_off(before);
    let timers: Vec<&Record> = missed.iter().filter(|record| record.by == Origin::Timer).collect();
    assert!(timers.len() >= 4, "grid, community, street and department did not solve it: {missed:#?}");
    let fired: Vec<_> = timers.iter().flat_map(|record| breaches(record)).collect();
    assert_eq!(fired.iter().collect::<BTreeSet<_>>().len(), fired.len(), "each once: {fired:?}");
    assert!(fired.is_sorted_by_key(|(_, due)| *due), "in order: {fired:?}");
    assert!(timers.iter().all(|record| record.at == back), "nothing is dated back");
    for record in &timers {
        let due = breaches(record).next().expect("a timer's record is a breach").1;
        assert_eq!(record.late_for, Some(due));
    }
    // The grid had the case before the engine went away, so its limit did run; those above had no chance.
    assert!(!exempted(timers[0]), "{:#?}", timers[0]);
    let climbs = timers
        .iter()
        .filter(|record| record.parts[0].events.iter().any(|event| matches!(event, Event::Escalated(_))));
    assert!(climbs.clone().count() >= 3);
    assert!(climbs.skip(1).all(|record| exempted(record)), "{timers:#?}");
    let known = engine.state().case(case).expect("it is open");
    assert!(known.rung > Rung::Grid, "{known:?}");
    assert!(known.next_instant().is_some_and(|next| next > back));

    let quiet = records(&engine).len();
    drop(engine);
    let mut engine = start(dir.path(), back, 3);
    settle(&mut engine, back);
    assert_eq!(records(&engine).len(), quiet, "a second start finds nothing left to do");
}
