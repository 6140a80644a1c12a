//! Services under load, with the real server: too many at once are told so, and alarms never are.

use bytes::Bytes;
use futures::future::join_all;
use huying_bus::{
    link::Link,
    role::Role,
    roster::Roster,
    server::{Server, ServerSetup, program::Program},
    service::{Reply, Request, Service, Works, host},
    subject::filter::{Family, Filter},
};
use rand::TryRngCore as _;
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

const AT_ONCE_MAX: usize = 2;

/// Answers when it is allowed to.
struct Slow {
    allowed: Semaphore,
    begun: AtomicUsize,
}

impl Slow {
    fn said(body: &str) -> Reply {
        let error = (body == "busy").then(|| (429, "busy: later".to_owned()));
        Reply { body: body.as_bytes().to_vec(), error, took: Duration::from_millis(1) }
    }
}

impl Works for Slow {
    fn is_urgent(&self, request: &Request) -> bool {
        request.subject.ends_with(".device")
    }

    async fn answer(&self, request: Request) -> Reply {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let allowed = self.allowed.acquire().await.expect("it is not closed");
        allowed.forget();
        Self::said(if self.is_urgent(&request) { "alarm" } else { "done" })
    }

    fn busy(&self, _: &Request) -> Reply {
        Self::said("busy")
    }
}

fn service() -> Service {
    Service {
        name: "slow",
        description: "answers when it is allowed to",
        version: "1.0.0",
        id: "one".to_owned(),
        started: "2026-11-18T01:00:00Z".parse().expect("an instant"),
        filter: Filter::Whole(Family::Intake),
        endpoint: "calls",
        queue_group: "slow",
        at_once_max: AT_ONCE_MAX,
        metadata: Vec::new(),
    }
}

/// Waits until so many are worked on.
async fn begun(slow: &Slow, count: usize) {
    for _ in 0..1_000 {
        if slow.begun.load(Ordering::SeqCst) == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{} of {count} have begun", slow.begun.load(Ordering::SeqCst));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_the_bound_an_ordinary_request_is_told_busy_and_an_alarm_is_waited_with_and_a_stop_answers_all()
{
    let data = tempfile::tempdir().expect("a folder");
    let mut entropy = |bytes: &mut [u8]| rand::rngs::OsRng.try_fill_bytes(bytes).expect("entropy");
    let roster = Roster::open_or_create(data.path(), &mut entropy).expect("a roster");
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/nats-server");
    let path = std::env::var_os("PATH");
    let program = Program::find(None, path.as_deref(), &[beside]).expect("`make nats` was run");
    let setup = ServerSetup { program, data: data.path().to_owned(), port: None };
    let server = Server::start(setup, &roster, &mut entropy).expect("it starts");
    let link = Link::connect(&roster.address(&Role::Engine, server.url()).expect("an engine")).await;
    let link = link.expect("an address");
    link.is_up().await;

    let slow = Arc::new(Slow { allowed: Semaphore::new(0), begun: AtomicUsize::new(0) });
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let (works, hosting) = (Arc::clone(&slow), link.clone());
    let hosted = tokio::spawn(async move {
        let told = async { drop(stopped.wait_for(|stop| *stop).await) };
        host(&hosting, &service(), &*works, told).await
    });
    let ask = |channel: &'static str| {
        let client = link.client().clone();
        tokio::spawn(async move {
            let asked = client.request(format!("huying.v1.intake.hotline.{channel}"), Bytes::new()).await;
            asked.map(|answer| String::from_utf8(answer.payload.to_vec()).expect("text"))
        })
    };
    // The service is there when it tells who it is.
    while link.client().request("$SRV.PING.slow", Bytes::new()).await.is_err() {}
    let working: Vec<_> = (0..AT_ONCE_MAX).map(|_| ask("call")).collect();
    begun(&slow, AT_ONCE_MAX).await;
    assert_eq!(ask("call").await.expect("it ran").expect("an answer"), "busy");
    let alarms: Vec<_> = (0..AT_ONCE_MAX * 3).map(|_| ask("device")).collect();
    begun(&slow, AT_ONCE_MAX + alarms.len()).await;
    stop.send_replace(true);
    slow.allowed.add_permits(1_000);
    for alarm in join_all(alarms).await {
        assert_eq!(alarm.expect("it ran").expect("an answer"), "alarm");
    }
    for done in join_all(working).await {
        assert_eq!(done.expect("it ran").expect("an answer"), "done");
    }
    hosted.await.expect("it ran").expect("it ended well");
    assert!(link.client().request("$SRV.PING.slow", Bytes::new()).await.is_err(), "nobody is there any more");
}
