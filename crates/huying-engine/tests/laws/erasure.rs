//! A caller's data are sealed, and erased for good.

use crate::making::*;
use huying_domain::{
    command::Ask,
    ids::CaseId,
    private::Private,
    refusal::Refusal,
    vocabulary::{CancelGround, Stage},
};
use huying_engine::engine::Engine;

/// From called to closed by the shortest way: cancelled, answered, told.
fn close(engine: &mut Engine, case: Option<CaseId>) {
    let now = at(WEDNESDAY_9);
    let reason = "来电人撤回".to_owned();
    must(engine, now, act(10, "centre", case, Ask::Cancel { ground: CancelGround::Withdrawn, reason }));
    let done = "已撤销".to_owned();
    let answer = Ask::Answer { when: now, contacted: "来电人".to_owned(), done, by_when: None };
    must(engine, now, act(11, "centre", case, answer));
    let channel = "sms".parse().expect("one token");
    must(engine, now, act(12, "centre", case, Ask::ConfirmTold { channel, receipt: "r-1".to_owned() }));
    let closed = engine.views().tally.closed_all();
    assert_eq!(closed, 1, "told and owed nothing, it is closed by the station");
}

fn number(engine: &Engine, case: CaseId) -> Option<String> {
    let history = engine.history(case).expect("the journal can be read");
    let opened = engine.journal().open_sealed(case, &history[0]).expect("the keys can be read");
    opened.and_then(|private| private.number)
}

#[test]
fn what_was_erased_cannot_be_read_nor_sealed_again_after_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    let case = must(&mut engine, now, call(1)).case.expect("a call becomes a case");
    let other = must(&mut engine, now, call(2)).case.expect("a call becomes a case");
    assert_eq!(number(&engine, case).as_deref(), Some("13900000001"));
    close(&mut engine, Some(case));
    let erase = || Ask::Erase { reason: "来电人要求".to_owned() };
    must(&mut engine, now, act(20, "centre", Some(case), erase()));
    assert_eq!(number(&engine, case), None);
    drop(engine);

    let mut engine = start(dir.path(), now, 2);
    assert_eq!(number(&engine, case), None);
    assert_eq!(number(&engine, other).as_deref(), Some("13900000002"), "the others keep theirs");
    let mut tag = act(21, "centre", Some(case), Ask::Tag { tags: vec![] });
    tag.private = Some(Private { remarks: Some("又来电".to_owned()), ..Private::default() });
    assert_eq!(ask(&mut engine, now, tag), Err(Refusal::DataErased));
    assert_eq!(ask(&mut engine, now, act(22, "centre", Some(case), erase())), Err(Refusal::NothingToErase));
}

#[test]
fn a_closed_case_that_was_only_looked_at_goes_back_to_rest() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    let case = must(&mut engine, now, call(1)).case;
    close(&mut engine, case);
    assert_eq!(engine.state().cases().count(), 0);
    let late = act(30, "centre", case, Ask::Remind { note: "请抓紧".to_owned() });
    assert_eq!(ask(&mut engine, now, late), Err(Refusal::WrongStage { stage: Stage::Closed }));
    assert_eq!(engine.state().cases().count(), 0, "a refusal must not keep it in memory");
}
