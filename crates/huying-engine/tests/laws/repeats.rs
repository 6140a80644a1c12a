//! The id of a command names one command, over any restart.

use crate::making::*;
use huying_domain::{command::Ask, refusal::Refusal};
use huying_engine::door::Accepted;

#[test]
fn a_command_sent_again_after_a_restart_gets_its_first_answer_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    let first = must(&mut engine, now, call(1));
    let records_then = engine.journal().synced_head();
    drop(engine);

    let later = now.plus_seconds(86_400 * 29);
    let mut engine = start(dir.path(), later, 2);
    let again = engine.handle().submit(call(1), huying_engine::door::Lane::Ordinary);
    let mut again = again.expect("there is room");
    settle(&mut engine, later);
    assert_eq!(again.try_take(), Some(Ok(Accepted { repeat: true, ..first })));
    let calls = records(&engine).iter().filter(|record| record.command == call(1).id).count();
    assert_eq!(calls, 1);
    assert!(engine.journal().synced_head().seq >= records_then.seq);
}

#[test]
fn the_same_id_with_another_body_is_refused_before_and_after_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    must(&mut engine, now, call(1));
    let mut other = call(2);
    other.id = call(1).id;
    assert_eq!(ask(&mut engine, now, other.clone()), Err(Refusal::ReusedId));
    drop(engine);
    let mut engine = start(dir.path(), now, 2);
    assert_eq!(ask(&mut engine, now, other), Err(Refusal::ReusedId));
}

#[test]
fn a_refusal_is_not_remembered() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    let case = must(&mut engine, now, call(1)).case;
    let early = act(7, "grid-1-1", case, Ask::Resolve { result: "已劝止".to_owned(), evidence: Vec::new() });
    assert!(matches!(ask(&mut engine, now, early.clone()), Err(Refusal::WrongStage { .. })));
    must(&mut engine, now, act(8, "grid-1-1", case, Ask::Accept));
    assert!(!must(&mut engine, now, early).repeat);
}
