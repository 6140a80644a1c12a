//! The refused department: with its own password and a plain client it tries what is not its own, and a real
//! server refuses. What is its own goes through.

#![expect(clippy::unwrap_used, reason = "a story whose parts cannot be set up stops there")]

mod city;

use city::{City, Somebody, WITHIN};
use futures::{FutureExt as _, StreamExt as _};
use huying_bus::{role::Role, stream::Stream, subject::token::Station};

/// What nobody from outside may hear. `{other}` is a unit or source that is not one's own.
const NOT_TO_HEAR: [&str; 19] = [
    ">",
    "huying.>",
    "huying.v1.assignment.>",
    "huying.v1.assignment.street-8.*",
    "huying.v1.notice.street-8.*",
    "huying.v1.notice.*.*",
    "huying.v1.as.street-8.*",
    "huying.v1.intake.*.*",
    "huying.v1.inbox.*.*",
    "huying.v1.receipt.*",
    "huying.v1.quarantine.*",
    "huying.v1.tell.sms",
    "_INBOX.>",
    "_INBOX_unit-street-8.>",
    "_INBOX_engine.>",
    "_R_.>",
    "$JS.>",
    "$SYS.>",
    "$SRV.>",
];

/// Requests to JetStream that nobody from outside may make, without the prefix, and their bodies.
const NOT_TO_ASK: [(&str, &str); 37] = [
    // Another's work, by a consumer of one's own making.
    (
        "CONSUMER.CREATE.HUYING_ASSIGNMENTS.spy.huying.v1.assignment.street-8.*",
        r#"{"stream_name":"HUYING_ASSIGNMENTS","config":{"name":"spy","filter_subject":"huying.v1.assignment.street-8.*","ack_policy":"none"}}"#,
    ),
    (
        "CONSUMER.CREATE.HUYING_ASSIGNMENTS",
        r#"{"stream_name":"HUYING_ASSIGNMENTS","config":{"ack_policy":"none","deliver_subject":"_INBOX_unit-street-7.spy"}}"#,
    ),
    (
        "CONSUMER.DURABLE.CREATE.HUYING_ASSIGNMENTS.spy",
        r#"{"stream_name":"HUYING_ASSIGNMENTS","config":{"durable_name":"spy","ack_policy":"none"}}"#,
    ),
    // One's own consumer, made wider.
    (
        "CONSUMER.CREATE.HUYING_ASSIGNMENTS.unit-street-7.huying.v1.assignment.>",
        r#"{"stream_name":"HUYING_ASSIGNMENTS","config":{"durable_name":"unit-street-7","filter_subject":"huying.v1.assignment.>"}}"#,
    ),
    ("CONSUMER.CREATE.HUYING_ASSIGNMENTS.unit-street-7", "{}"),
    // Single messages.
    ("DIRECT.GET.HUYING_ASSIGNMENTS.huying.v1.assignment.street-8.0-2", ""),
    ("DIRECT.GET.HUYING_ASSIGNMENTS.huying.v1.assignment.street-7.0-1", ""),
    ("DIRECT.GET.HUYING_ASSIGNMENTS", r#"{"seq":3}"#),
    ("DIRECT.GET.HUYING_ASSIGNMENTS", r#"{"multi_last":["huying.v1.assignment.>"]}"#),
    ("STREAM.MSG.GET.HUYING_ASSIGNMENTS", r#"{"seq":3}"#),
    ("STREAM.MSG.GET.HUYING_INBOX", r#"{"seq":1}"#),
    ("DIRECT.GET.HUYING_INBOX", r#"{"seq":1}"#),
    ("DIRECT.GET.HUYING_QUARANTINE", r#"{"seq":1}"#),
    ("STREAM.MSG.GET.HUYING_RECORDS", r#"{"seq":1}"#),
    // Another's consumer.
    ("CONSUMER.INFO.HUYING_ASSIGNMENTS.unit-street-8", ""),
    ("CONSUMER.MSG.NEXT.HUYING_ASSIGNMENTS.unit-street-8", r#"{"batch":1,"no_wait":true}"#),
    ("CONSUMER.MSG.NEXT.HUYING_ASSIGNMENTS.units-all", r#"{"batch":1,"no_wait":true}"#),
    ("CONSUMER.MSG.NEXT.HUYING_RECEIPTS.source-app", r#"{"batch":1,"no_wait":true}"#),
    ("CONSUMER.MSG.NEXT.HUYING_INBOX.inbox", r#"{"batch":1,"no_wait":true}"#),
    ("CONSUMER.MSG.NEXT.HUYING_RECORDS.station-routing", r#"{"batch":1,"no_wait":true}"#),
    ("CONSUMER.DELETE.HUYING_ASSIGNMENTS.unit-street-8", ""),
    ("CONSUMER.PAUSE.HUYING_ASSIGNMENTS.unit-street-8", r#"{"pause_until":"2199-01-01T00:00:00Z"}"#),
    // What there is.
    ("INFO", ""),
    ("STREAM.NAMES", ""),
    ("STREAM.LIST", ""),
    ("STREAM.INFO.HUYING_ASSIGNMENTS", r#"{"subjects_filter":">"}"#),
    ("STREAM.INFO.HUYING_INBOX", r#"{"subjects_filter":">"}"#),
    ("CONSUMER.NAMES.HUYING_ASSIGNMENTS", ""),
    ("CONSUMER.LIST.HUYING_ASSIGNMENTS", ""),
    // Harm.
    ("STREAM.PURGE.HUYING_ASSIGNMENTS", r#"{"filter":"huying.v1.assignment.street-7.*"}"#),
    ("STREAM.PURGE.HUYING_RECORDS", ""),
    ("STREAM.DELETE.HUYING_RECORDS", ""),
    ("STREAM.MSG.DELETE.HUYING_ASSIGNMENTS", r#"{"seq":3}"#),
    ("STREAM.UPDATE.HUYING_RECORDS", r#"{"name":"HUYING_RECORDS","subjects":["huying.v1.as.>"]}"#),
    ("STREAM.CREATE.SPY", r#"{"name":"SPY","subjects":["huying.v1.as.>","huying.v1.intake.>"]}"#),
    ("STREAM.SNAPSHOT.HUYING_ASSIGNMENTS", r#"{"deliver_subject":"_INBOX_unit-street-7.copy"}"#),
    ("STREAM.RESTORE.SPY", "{}"),
];

/// What nobody from outside may publish: it is another's, or the engine's own.
const NOT_TO_SAY: [&str; 19] = [
    "huying.v1.as.street-8.accept",
    "huying.v1.as.street-8.reveal",
    "huying.v1.intake.app.app",
    "huying.v1.inbox.app.app",
    "huying.v1.assignment.street-7.0-9",
    "huying.v1.assignment.street-8.0-9",
    "huying.v1.notice.street-7.alarm",
    "huying.v1.record.0-1",
    "huying.v1.receipt.hotline",
    "huying.v1.quarantine.hotline",
    "huying.v1.tell.sms",
    "huying.v1.station.routing",
    "huying.v1.clock",
    "huying.v1.rules.0000000000000000000000000000000000000000000000000000000000000000",
    "_INBOX_unit-street-8.answer",
    "_INBOX_engine.answer",
    "$JS.ACK.HUYING_ASSIGNMENTS.unit-street-8.1.3.1.1795600000000000000.0",
    "$JS.ACK.HUYING_RECEIPTS.source-app.1.2.1.1795600000000000000.0",
    "$SYS.REQ.SERVER.PING",
];

/// Where an answer could do harm if it were delivered there.
const NOT_TO_BE_ANSWERED_ON: [&str; 8] = [
    "huying.v1.record.0-9",
    "huying.v1.assignment.street-8.0-9",
    "huying.v1.inbox.app.app",
    "huying.v1.receipt.app",
    "huying.v1.as.street-8.accept",
    "huying.v1.notice.street-8.alarm",
    "_INBOX_unit-street-8.answer",
    "$JS.API.STREAM.PURGE.HUYING_RECORDS",
];

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(WITHIN, what).await.expect("it comes soon")
}

fn unit(name: &str) -> Role {
    Role::Units { units: [name.parse().unwrap()].into() }
}

async fn is_refused(somebody: &mut Somebody, but_may_hear: &[&str]) {
    for subject in NOT_TO_HEAR.into_iter().filter(|subject| !but_may_hear.contains(subject)) {
        somebody.may_not_hear(subject).await;
    }
    for (request, body) in NOT_TO_ASK {
        for prefix in ["$JS.API", "$JS.huying.API"] {
            somebody.may_not_say(&format!("{prefix}.{request}"), body).await;
        }
    }
    for subject in NOT_TO_SAY {
        somebody.may_not_say(subject, "{}").await;
    }
}

/// Asks what it may, and names another's subject for the answer.
async fn has_answers_sent_astray(somebody: &mut Somebody, may_ask: &[(&str, &str)]) {
    for reply in NOT_TO_BE_ANSWERED_ON {
        for (subject, body) in may_ask {
            let (subject, body) = ((*subject).to_owned(), (*body).to_owned().into());
            somebody.client.publish_with_reply(subject, reply, body).await.unwrap();
        }
    }
    somebody.is_heard_out().await;
}

#[tokio::test]
async fn a_department_is_refused_what_is_anothers() {
    let city = City::new().await;
    let mut seven = city.as_user(&unit("street-7")).await;
    let before = city.standing().await;
    is_refused(&mut seven, &[]).await;
    seven.may_not_hear("huying.v1.record.*").await;
    seven.may_not_hear("huying.v1.assignment.street-7.*").await;
    seven.may_not_say("huying.v1.inbox.hotline.call", "{}").await;
    seven.may_not_say("huying.v1.intake.hotline.call", "{}").await;
    assert_eq!(city.standing().await, before);
    assert!(city.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_departments_own_work_goes_through() {
    let city = City::new().await;
    let mut seven = city.as_user(&unit("street-7")).await;
    let mut notices = seven.client.subscribe("huying.v1.notice.street-7.*").await.unwrap();
    seven.is_heard_out().await;
    let work = seven.fetch(Stream::Assignments, "unit-street-7").await;
    let bodies: Vec<_> = work.iter().map(|message| message.payload.to_vec()).collect();
    assert_eq!(bodies, [b"work for seven".to_vec(), b"more for seven".to_vec()]);
    for message in work {
        message.double_ack().await.unwrap();
    }
    assert_eq!(city.standing().await["HUYING_ASSIGNMENTS unit-street-7"], "2, 0 open");
    assert_eq!(&seven.ask("huying.v1.as.street-7.accept").await.payload[..], b"done");
    assert_eq!(&seven.ask("$SRV.PING").await.payload[..], b"done");
    for subject in ["huying.v1.notice.street-8.alarm", "huying.v1.notice.street-7.reminder"] {
        city.engine.client().publish(subject, subject.into()).await.unwrap();
    }
    let notice = soon(notices.next()).await.unwrap();
    assert_eq!(&notice.payload[..], b"huying.v1.notice.street-7.reminder", "its own and no other");
    seven.is_heard_out().await;
}

#[tokio::test]
async fn an_answer_reaches_nobody_but_the_one_who_asked() {
    let city = City::new().await;
    let mut seven = city.as_user(&unit("street-7")).await;
    let mut eight = city.as_user(&unit("street-8")).await;
    let mut heard = Vec::new();
    for filter in ["_INBOX_unit-street-8.>", "huying.v1.notice.street-8.*"] {
        heard.push(eight.client.subscribe(filter).await.unwrap());
    }
    eight.is_heard_out().await;
    let streams = |standing: std::collections::BTreeMap<String, String>| {
        standing.into_iter().filter(|(name, _)| !name.contains(' ')).collect::<Vec<_>>()
    };
    let before = streams(city.standing().await);
    let may_ask = [
        (
            "$JS.huying.API.CONSUMER.MSG.NEXT.HUYING_ASSIGNMENTS.unit-street-7",
            r#"{"batch":1,"no_wait":true}"#,
        ),
        ("$JS.huying.API.CONSUMER.INFO.HUYING_ASSIGNMENTS.unit-street-7", ""),
        ("$JS.ACK.HUYING_ASSIGNMENTS.unit-street-7.1.1.1.1795600000000000000.0", "+NXT"),
        ("$SRV.PING", ""),
        ("huying.v1.as.street-7.accept", "{}"),
    ];
    has_answers_sent_astray(&mut seven, &may_ask).await;
    let mut hotline = city.as_user(&Role::Feed { source: "hotline".parse().unwrap() }).await;
    has_answers_sent_astray(&mut hotline, &[("huying.v1.intake.hotline.call", "{}"), ("$SRV.PING", "")])
        .await;
    // What was asked last is answered last, so all else has arrived by now where it would.
    seven.ask("huying.v1.as.street-7.close").await;
    hotline.ask("huying.v1.intake.hotline.call").await;
    eight.is_heard_out().await;
    assert_eq!(streams(city.standing().await), before, "nothing was written into a stream");
    for heard in &mut heard {
        assert!(heard.next().now_or_never().is_none(), "the neighbour heard something");
    }
    let asked = city.asked.lock().unwrap();
    assert!(asked.len() > 10 && !asked.iter().any(|subject| subject.contains("street-8")));
}

#[tokio::test]
async fn a_feed_speaks_for_its_own_source_and_fetches_its_own_receipts() {
    let city = City::new().await;
    let mut hotline = city.as_user(&Role::Feed { source: "hotline".parse().unwrap() }).await;
    is_refused(&mut hotline, &[]).await;
    hotline.may_not_hear("huying.v1.record.*").await;
    hotline.may_not_hear("huying.v1.receipt.hotline").await;
    hotline.may_not_say("huying.v1.as.street-7.accept", "{}").await;
    let receipts = hotline.fetch(Stream::Receipts, "source-hotline").await;
    assert_eq!(receipts.len(), 1);
    assert_eq!(&receipts[0].payload[..], b"a receipt of the hotline");
    receipts[0].double_ack().await.unwrap();
    assert_eq!(&hotline.ask("huying.v1.intake.hotline.call").await.payload[..], b"done");
    let left = hotline.jetstream().publish("huying.v1.inbox.hotline.call", "again".into()).await.unwrap();
    assert_eq!(left.await.unwrap().sequence, 3);
    hotline.is_heard_out().await;
}

#[tokio::test]
async fn an_observer_reads_the_echo_and_nothing_else() {
    let city = City::new().await;
    let mut observer = city.as_user(&Role::Observer).await;
    is_refused(&mut observer, &[]).await;
    observer.may_not_say("huying.v1.as.street-7.accept", "{}").await;
    let create = "$JS.huying.API.CONSUMER.CREATE.HUYING_RECORDS.push";
    observer
        .may_not_say(create, r#"{"config":{"deliver_subject":"huying.v1.assignment.street-8.0-9"}}"#)
        .await;
    let records = observer.jetstream().get_stream("HUYING_RECORDS").await.unwrap();
    assert_eq!(&records.direct_get(2).await.unwrap().payload[..], b"a record");
    let mut echo = observer.client.subscribe("huying.v1.record.*").await.unwrap();
    observer.is_heard_out().await;
    city.engine.jetstream().publish("huying.v1.record.0-3", "news".into()).await.unwrap().await.unwrap();
    assert_eq!(&soon(echo.next()).await.unwrap().payload[..], b"news");
    observer.is_heard_out().await;
}

#[tokio::test]
async fn a_station_follows_the_echo_by_its_own_consumer_and_sees_no_department() {
    let city = City::new().await;
    let mut routing = city.as_user(&Role::Station { station: Station::Routing }).await;
    let not_its_own = [
        "huying.v1.station.feedback",
        "huying.v1.as.street-7.accept",
        "huying.v1.record.0-9",
        "huying.v1.assignment.street-7.0-9",
        "$JS.API.CONSUMER.MSG.NEXT.HUYING_RECORDS.station-feedback",
        "$JS.API.CONSUMER.CREATE.HUYING_RECORDS.station-feedback",
        "$JS.API.CONSUMER.CREATE.HUYING_ASSIGNMENTS.spy",
        "$JS.API.CONSUMER.MSG.NEXT.HUYING_INBOX.inbox",
        "$JS.ACK.HUYING_RECORDS.station-feedback.1.1.1.1795600000000000000.0",
        "$JS.API.STREAM.PURGE.HUYING_RECORDS",
    ];
    for subject in not_its_own {
        routing.may_not_say(subject, "{}").await;
    }
    for subject in ["huying.v1.intake.*.*", "huying.v1.assignment.*.*", "huying.v1.as.*.*", "_INBOX_engine.>"]
    {
        routing.may_not_hear(subject).await;
    }
    let records = routing.fetch(Stream::Records, "station-routing").await;
    assert_eq!(records.len(), 2);
    records[1].double_ack().await.unwrap();
    let stream = routing.jetstream().get_stream("HUYING_RECORDS").await.unwrap();
    let passing = stream
        .create_consumer(async_nats::jetstream::consumer::pull::Config {
            name: Some("passing".to_owned()),
            ..Default::default()
        })
        .await
        .unwrap();
    let batch: Vec<_> = passing.fetch().max_messages(5).messages().await.unwrap().collect().await;
    assert_eq!(batch.len(), 2, "and by one of its own making");
    routing.is_heard_out().await;
}

#[tokio::test]
async fn an_adapter_hears_its_channel_and_may_only_answer() {
    let city = City::new().await;
    let channel = "sms".parse().unwrap();
    let mut sms = city.as_user(&Role::Adapter { channel }).await;
    for subject in ["huying.v1.tell.mail", "huying.v1.tell.*", "huying.v1.intake.*.*", "huying.v1.record.*"] {
        sms.may_not_hear(subject).await;
    }
    for subject in
        ["huying.v1.tell.sms", "huying.v1.record.0-9", "$SRV.PING", "$JS.API.INFO", "_INBOX_engine.a"]
    {
        sms.may_not_say(subject, "{}").await;
    }
    let mut told = sms.client.subscribe("huying.v1.tell.sms").await.unwrap();
    sms.is_heard_out().await;
    let client = sms.client.clone();
    let adapter = tokio::spawn(async move {
        let message = told.next().await.unwrap();
        client.publish(message.reply.unwrap(), "sent".into()).await.unwrap();
    });
    let receipt = city.engine.client().request("huying.v1.tell.sms", "tell".into()).await.unwrap();
    assert_eq!(&receipt.payload[..], b"sent");
    adapter.await.unwrap();
    sms.is_heard_out().await;
}
