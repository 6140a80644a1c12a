//! Telling the resident, with real parts: the engine's own `nats-server`, an SMTP server that we did not write, a data
//! folder. The clock is virtual, so an hour without mail takes a moment.

#![expect(clippy::print_stderr, reason = "a story that is skipped says so")]

mod post;
mod town;

use crate::{
    post::{Mails, SmtpServer},
    town::{Town, until},
};
use huying_bus::message::tell::TellReply;
use huying_cli::adapters::mail::Mail;
use huying_domain::{event::Event, ids::CaseId, vocabulary::Stage};

/// Whether the SMTP server of the tests is there; says so where it is not.
fn smtp(mails: &Mails) -> Option<SmtpServer> {
    let started = SmtpServer::start(mails, None);
    if started.is_none() {
        eprintln!("skipped: no SMTP server; `make clients` brings it");
    }
    started
}

#[test]
fn an_answer_arrives_as_mail_and_its_receipt_closes_the_case() {
    let mails = Mails::new();
    let Some(smtp) = smtp(&mails) else { return };
    let town = Town::start(r#"tell = ["mail", "callback-list"]"#);
    let _adapter = town.adapter(&smtp.url());
    until("the self-test finds the adapter", || town.metric("huying_tell_channel_up{channel=\"mail\"}") == 1);
    let case = town.answered("li@home.example");
    until("the case is closed", || town.stage(case) == Stage::Closed);
    let [mail] = mails.all().try_into().expect("one mail, not several");
    assert_eq!(mail["to"], serde_json::json!(["li@home.example"]));
    assert_eq!(mail["from"], "hotline@city.example");
    assert_eq!(mail["auto"], "auto-generated");
    let text = mail["text"].as_str().expect("a text");
    for part in ["已说明理由", "经营纠纷", "Answer: ", "2026-11-18"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let receipt = town.told(case);
    let id = mail["id"].as_str().expect("an id");
    assert_eq!(receipt, [format!("{id} SMTP 250")], "the receipt names the mail");
    assert_eq!(town.metric("huying_tell_attempts_total{answer=\"told\",channel=\"mail\"}"), 1);
    assert!(!town.nats_files_hold("li@home.example"), "no stream and no log of the server holds the caller");
}

#[test]
fn a_way_that_nobody_serves_is_seen_before_the_first_answer_is_owed() {
    let town = Town::start(r#"tell = ["mail", "callback-list"]"#);
    until("the self-test finds that nobody sends mail", || town.broken_ways() == ["mail"]);
    assert_eq!(town.metric("huying_tell_channel_up{channel=\"mail\"}"), 0);
    let mails = Mails::new();
    let Some(smtp) = smtp(&mails) else { return };
    let _adapter = town.adapter(&smtp.url());
    until("the self-test finds the adapter", || town.broken_ways().is_empty());
}

#[test]
fn mail_that_is_away_for_an_hour_tells_once_when_it_is_back() {
    let mails = Mails::new();
    let Some(smtp) = smtp(&mails) else { return };
    let town = Town::start(r#"tell = ["mail", "callback-list"]"#);
    let url = smtp.url();
    let port = smtp.stop();
    let _adapter = town.adapter(&url);
    let case = town.answered("li@home.example");
    for minute in 0..60 {
        town.pass(60);
        if minute % 10 == 0 {
            until("it is tried", || town.metric_sum("huying_tell_attempts_total") > minute / 20);
        }
    }
    assert_eq!((town.stage(case), mails.all().len()), (Stage::Answered, 0), "nobody was told");
    assert_eq!(town.metric("huying_tell_channel_up{channel=\"mail\"}"), 0);
    assert_eq!(town.metric("huying_tell_owed{channel=\"mail\"}"), 1);
    let _smtp = SmtpServer::start(&mails, Some(port)).expect("it started before");
    town.pass(3_600);
    until("the case is closed", || town.stage(case) == Stage::Closed);
    town.pass(3_600);
    assert_eq!((mails.all().len(), town.told(case).len()), (1, 1), "told once, not twice");
}

#[test]
fn a_server_that_is_away_loses_nobody_and_tells_nobody_twice() {
    let mails = Mails::new();
    let Some(smtp) = smtp(&mails) else { return };
    let mut town = Town::start(r#"tell = ["mail", "callback-list"]"#);
    let _adapter = town.adapter(&smtp.url());
    let first = town.answered("li@home.example");
    until("the first is told", || town.stage(first) == Stage::Closed);
    town.stop_nats();
    let cases: Vec<CaseId> = (0..5).map(|n| town.answered(&format!("wang{n}@home.example"))).collect();
    assert!(cases.iter().all(|case| town.stage(*case) == Stage::Answered), "NATS is away, calls are not");
    town.start_nats();
    town.pass(60);
    until("all are told", || cases.iter().all(|case| town.stage(*case) == Stage::Closed));
    assert_eq!(mails.all().len(), 6);
    // The engine stops, and another begins on the same journal: what was told stays told.
    town.restart();
    let last = town.answered("zhao@home.example");
    until("the last is told", || town.stage(last) == Stage::Closed);
    assert_eq!(mails.all().len(), 7);
}

#[test]
fn who_cannot_be_reached_by_mail_stands_on_the_list_from_which_people_call() {
    let mails = Mails::new();
    let Some(smtp) = smtp(&mails) else { return };
    let town = Town::start(r#"tell = ["mail", "callback-list"]"#);
    let _adapter = town.adapter(&smtp.url());
    let unknown = town.answered("nobody@home.example");
    let telephone = town.answered("13900000042");
    let anonymous = town.answered("");
    for case in [unknown, telephone, anonymous] {
        until("the list is asked", || town.channels(case) == ["mail", "callback-list"]);
    }
    until("they are listed", || {
        town.metric("huying_tell_attempts_total{answer=\"listed\",channel=\"callback-list\"}") == 3
    });
    assert_eq!(mails.all().len(), 0, "a telephone number never went to the mail server");
    town.pass(600);
    assert!(
        [unknown, telephone, anonymous].iter().all(|case| town.told(*case).is_empty()),
        "nobody has called"
    );
    let channels: Vec<_> = town.channels(unknown);
    assert_eq!(channels.len(), 2, "each channel is asked once");
    assert_eq!(town.metric("huying_tell_owed{channel=\"callback-list\"}"), 3);
}

#[test]
fn a_message_that_is_asked_for_twice_is_sent_once_and_bad_days_are_told_from_bad_addresses() {
    let mails = Mails::new();
    let Some(smtp) = smtp(&mails) else { return };
    let runtime = town::runtime();
    let mail = Mail::new(&post::setup(&smtp.url())).expect("an adapter");
    let tell = |to: &str, seq: u64| runtime.block_on(mail.tell(&post::tell(to, seq)));
    let first = tell("li@home.example", 7);
    assert!(matches!(&first, TellReply::Told { .. }), "{first:?}");
    assert_eq!(tell("li@home.example", 7), first);
    assert_eq!(mails.all().len(), 1);
    assert!(matches!(tell("nobody@home.example", 8), TellReply::Undeliverable { .. }));
    assert!(matches!(tell("later@home.example", 9), TellReply::Later { .. }));
    assert!(matches!(tell("13900000001", 10), TellReply::Undeliverable { .. }));
    assert_eq!(runtime.block_on(mail.ready()), TellReply::Ready);
    for reply in [tell("nobody@home.example", 8), tell("later@home.example", 9)] {
        assert!(
            !serde_json::to_string(&reply).expect("JSON").contains("home.example"),
            "no reason holds an address"
        );
    }
    smtp.stop();
    assert!(matches!(runtime.block_on(mail.ready()), TellReply::Later { .. }));
    assert!(matches!(tell("li@home.example", 11), TellReply::Later { .. }));
    for bad in ["http://127.0.0.1:1", "smtp://", "smtp://a b:25", "smtp://host:none"] {
        assert!(Mail::new(&post::setup(bad)).is_err(), "{bad}");
    }
}

#[test]
fn every_told_case_was_answered_first() {
    // The fold knows no time but the journal's: a receipt without a question is refused by the door.
    let town = Town::start("");
    let case = town.answered("13900000001");
    until("the list is asked", || town.channels(case) == ["callback-list"]);
    let events = town.events(case);
    let place = |name: &str| events.iter().position(|event| event.tag() == name);
    assert!(place("case.answered/1") < place("case.tell_asked/1"));
    assert!(!events.iter().any(|event| matches!(event, Event::Told(_))), "only a person can say so");
}
