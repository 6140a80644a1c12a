//! Who is owed the answer, what is said, and when it is tried again. No server is needed for that: the journal says.

use crate::making::{WEDNESDAY_9, act, at, call, must, records, settle, start};
use huying_domain::{
    command::Ask,
    ids::{CaseId, TellChannel},
    time::Timestamp,
    vocabulary::CancelGround,
};
use huying_engine::{
    engine::Engine,
    telling::{
        Ledger, RETRY_FIRST_S, RETRY_MAX_S, Tried,
        letter::{Letter, fits, letter, next_channel},
        number, owed, past, pause_s,
    },
};

fn channel(name: &str) -> TellChannel {
    name.parse().expect("one token")
}

/// A call that is not handled, and answered: its caller is owed that answer.
fn answered(engine: &mut Engine, n: u64, now: Timestamp) -> CaseId {
    let case = must(engine, now, call(n)).case.expect("a call makes a case");
    let reason = "经营纠纷，请找市场监管。".to_owned();
    let cancel = Ask::Cancel { ground: CancelGround::Void, reason };
    must(engine, now, act(100 + n, "centre", Some(case), cancel));
    let (contacted, done) = ("来电人".to_owned(), "已说明理由".to_owned());
    let answer =
        Ask::Answer { when: now, contacted, done, by_when: Some("三日内可复核。".to_owned()) };
    must(engine, now, act(200 + n, "centre", Some(case), answer));
    settle(engine, now);
    case
}

fn ledger(engine: &Engine) -> Ledger {
    let mut ledger = Ledger::default();
    records(engine).iter().for_each(|record| ledger.follow(record));
    ledger
}

fn letter_of(engine: &Engine, case: CaseId) -> Option<Letter> {
    let rules = engine.rules();
    let calendar = rules.calendars.get(&rules.policy.calendar).expect("a calendar");
    letter(case, &past(engine, case).expect("the disk holds"), calendar)
}

#[test]
fn a_debt_is_opened_by_the_question_and_paid_by_the_receipt() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    let case = answered(&mut engine, 1, now);
    let due = ledger(&engine).due(now, 10);
    let [one] = due.as_slice() else { panic!("one caller is owed: {due:?}") };
    assert_eq!((one.case, one.channel.as_str(), one.attempts), (case, "callback-list", 0));
    let receipt =
        Ask::ConfirmTold { channel: channel("callback-list"), receipt: "已电话告知".to_owned() };
    must(&mut engine, now, act(1, "centre", Some(case), receipt));
    assert_eq!(ledger(&engine).all().count(), 0);
    assert_eq!(letter_of(&engine, case), None, "nothing is said twice");
}

#[test]
fn a_ledger_begun_from_memory_owes_what_one_of_the_whole_journal_owes() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    let cases: Vec<CaseId> = (1..=5).map(|n| answered(&mut engine, n, now)).collect();
    let receipt = || Ask::ConfirmTold { channel: channel("callback-list"), receipt: "好".to_owned() };
    must(&mut engine, now, act(1, "centre", Some(cases[1]), receipt()));
    must(&mut engine, now, act(2, "centre", Some(cases[3]), Ask::Tell { channel: channel("mail") }));
    drop(engine);
    let engine = start(dir.path(), now, 2);
    let mut begun = Ledger::default();
    let known = owed(&engine, usize::MAX).expect("the disk holds");
    known.iter().flat_map(|(_, records)| records).for_each(|record| begun.follow(record));
    let all = |ledger: &Ledger| ledger.all().cloned().collect::<Vec<_>>();
    assert_eq!(all(&begun), all(&ledger(&engine)));
    assert_eq!(begun.all().count(), 4);
    // Reading a stretch of the journal again changes nothing.
    let before = all(&begun);
    records(&engine).iter().for_each(|record| begun.follow(record));
    assert_eq!(all(&begun), before);
}

#[test]
fn what_is_said_names_the_answer_and_never_the_caller() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    let case = answered(&mut engine, 7, now);
    let said = letter_of(&engine, case).expect("a letter is owed").words;
    for part in ["0-1", "已终止", "经营纠纷，请找市场监管。", "已说明理由", "三日内可复核", "2026-11-18"]
    {
        assert!(said.zh.contains(part), "{part}: {}", said.zh);
    }
    for part in ["0-1", "was ended", "已说明理由", "2026-11-18", "What follows"] {
        assert!(said.en.contains(part), "{part}: {}", said.en);
    }
    assert!(!said.zh.contains("。。") && !said.zh.contains("139") && !said.en.contains("139"));
    let reader = engine.journal().reader();
    let past = past(&engine, case).expect("the disk holds");
    assert_eq!(number(&reader, case, &past).expect("a key"), Some("13900000007".to_owned()));
}

#[test]
fn a_question_asked_anew_takes_the_place_of_the_one_before() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    let case = answered(&mut engine, 1, now);
    let first = ledger(&engine).due(now, 1)[0].asked;
    let accepted =
        must(&mut engine, now, act(1, "centre", Some(case), Ask::Tell { channel: channel("sms") }));
    let mut ledger = ledger(&engine);
    assert_eq!(ledger.due(now, 9).iter().map(|one| one.asked).collect::<Vec<_>>(), [accepted.seq]);
    ledger.tried(case, first, Tried::Unreachable, now);
    assert_eq!(ledger.due(now, 9).len(), 1, "what came of the first question is no matter any more");
    let letter = letter_of(&engine, case).expect("a letter is owed");
    assert_eq!((letter.channel, letter.tried.len()), (channel("sms"), 2));
}

#[test]
fn the_pause_between_attempts_doubles_up_to_its_bound_and_a_channel_that_comes_back_is_not_waited_for() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    let case = answered(&mut engine, 1, now);
    let mut ledger = ledger(&engine);
    let asked = ledger.due(now, 1)[0].asked;
    assert_eq!((pause_s(1), pause_s(2), pause_s(99)), (RETRY_FIRST_S, 2 * RETRY_FIRST_S, RETRY_MAX_S));
    let mut then = now;
    for attempt in 1..=12 {
        assert_eq!(ledger.due(then, 9).len(), 1, "attempt {attempt}");
        ledger.tried(case, asked, Tried::Later, then);
        assert_eq!(ledger.due(then.plus_seconds(pause_s(attempt) - 1), 9), [], "not before its time");
        then = then.plus_seconds(pause_s(attempt));
    }
    ledger.tried(case, asked, Tried::Later, then);
    ledger.hurry(&channel("sms"), then);
    assert_eq!(ledger.due(then, 9), [], "another channel has come back");
    ledger.hurry(&channel("callback-list"), then);
    assert_eq!(ledger.due(then, 9).len(), 1);
    ledger.tried(case, asked, Tried::Unreachable, then);
    assert_eq!((ledger.next(), ledger.all().count()), (None, 1), "a person sees it on the list");
}

#[test]
fn a_channel_gets_what_may_be_its_address_and_the_list_gets_everybody() {
    let (mail, sms, list) = (channel("mail"), channel("sms"), channel("callback-list"));
    for (way, to, may) in [
        (&mail, Some("li@home.example"), true),
        (&mail, Some("13900000001"), false),
        (&sms, Some("+86 139-0000-0001"), true),
        (&sms, Some("li@home.example"), false),
        (&mail, None, false),
        (&list, None, true),
        (&list, Some("13900000001"), true),
    ] {
        assert_eq!(fits(way, to), may, "{way} {to:?}");
    }
    let order = [mail.clone(), sms.clone(), list.clone()];
    assert_eq!(next_channel(&order, std::slice::from_ref(&mail)), Some(sms.clone()));
    assert_eq!(next_channel(&order, &[sms, mail.clone()]), Some(list.clone()));
    assert_eq!(
        next_channel(std::slice::from_ref(&mail), std::slice::from_ref(&mail)),
        Some(list.clone()),
        "the list is always there"
    );
    assert_eq!(next_channel(&order, &order), None);
}
