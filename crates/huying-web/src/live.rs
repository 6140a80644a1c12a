//! `GET /v1/live`: server-sent events that say what moved, so that boards need not ask over and over.

use crate::{health::look, refused::Refused, rights::Right, rings::Rang, router::Ground, sign_in::who::Who};
use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures::{Stream, stream};
use huying_domain::{
    ids::{CaseId, Seq, UnitId},
    time::Timestamp,
    vocabulary::Stage,
};
use huying_engine::doors::live::Moved;
use serde::Serialize;
use std::{collections::BTreeSet, convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::sleep,
};

/// For how long what moves is gathered before it is told: at most four times a second.
const GATHER_MS: u64 = 250;
/// Most cases that one event names; of more it is only said that there are.
const CASES_MAX: usize = 200;
/// How often a silent stream says that it is still there.
const STILL_HERE_S: u64 = 15;

/// A case that moved.
#[derive(Serialize)]
struct MovedCase {
    case: CaseId,
    seq: Seq,
    stage: Stage,
    holder: UnitId,
}

/// What moved.
#[derive(Serialize)]
struct Told {
    seq: Seq,
    now: Timestamp,
    cases: Vec<MovedCase>,
    /// Cases that are open no more, or are not the asker's to see.
    gone: Vec<CaseId>,
    /// More moved than is named here.
    more: bool,
    /// A one-key alarm came in that the asker sees.
    alarm: bool,
}

struct Watching {
    ground: Ground,
    who: Who,
    moved: Receiver<Arc<Moved>>,
    rang: Receiver<Rang>,
}

/// Tells what moves, as long as the session holds.
pub(crate) async fn stream(
    State(ground): State<Ground>,
    who: Who,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refused> {
    who.must(Right::See)?;
    let hello = look(&ground, |engine| {
        let now = engine.clock().now();
        Told {
            seq: engine.views().cases.seq(),
            now,
            cases: Vec::new(),
            gone: Vec::new(),
            more: false,
            alarm: false,
        }
    });
    let (moved, rang) = (ground.doors.watch(), ground.desk.rings.watch());
    let hello = event("hello", &hello.await?);
    let watching = Watching { ground, who, moved, rang };
    let told = stream::unfold((Some(hello), watching), |(hello, mut watching)| async move {
        match hello {
            Some(hello) => Some((Ok(hello), (None, watching))),
            None => watching.next().await.map(|event| (Ok(event), (None, watching))),
        }
    });
    let still_here = KeepAlive::new().interval(Duration::from_secs(STILL_HERE_S));
    Ok(Sse::new(told).keep_alive(still_here))
}

fn event(name: &str, told: &Told) -> Event {
    let said = Event::default().event(name).id(told.seq.to_string());
    said.json_data(told).unwrap_or_else(|_| Event::default().event(name))
}

impl Watching {
    /// Whether it rings at the watcher's seat, or may have.
    fn is_mine(&self, rang: &Result<Rang, RecvError>) -> bool {
        match rang {
            Ok(rang) => rang.account == self.who.account.name,
            Err(RecvError::Lagged(_)) => true,
            Err(RecvError::Closed) => false,
        }
    }

    /// Waits for something to move that is worth telling; none when the engine or the session is over.
    async fn next(&mut self) -> Option<Event> {
        let mut cases: BTreeSet<CaseId> = BTreeSet::new();
        let (mut more, mut alarm) = (false, false);
        // The first one opens the time in which others are gathered.
        let mut heard = loop {
            tokio::select! {
                rang = self.rang.recv() => if self.is_mine(&rang) { return Some(Event::default().event("ring").data("{}")) },
                heard = self.moved.recv() => break heard,
            }
        };
        let gathering = sleep(Duration::from_millis(GATHER_MS));
        tokio::pin!(gathering);
        loop {
            match heard {
                Ok(moved) => {
                    cases.extend(&moved.cases);
                    alarm |= moved.alarm;
                    while cases.len() > CASES_MAX {
                        more = true;
                        cases.pop_first();
                    }
                }
                Err(RecvError::Lagged(_)) => more = true,
                Err(RecvError::Closed) => return None,
            }
            tokio::select! { biased; () = &mut gathering => break, next = self.moved.recv() => heard = next }
        }
        let who = &self.who;
        let now = huying_engine::clock::machine();
        if who.session.until <= now {
            return None;
        }
        let sight = who.sight.clone();
        let told = look(&self.ground, move |engine| {
            let now = engine.clock().now();
            let open = &engine.views().cases;
            let mut told =
                Told { seq: open.seq(), now, cases: Vec::new(), gone: Vec::new(), more, alarm: false };
            for case in cases {
                match open.row(case) {
                    Some(row) if sight.sees(row) => {
                        told.alarm |= alarm && row.channel == huying_domain::vocabulary::Channel::Device;
                        told.cases.push(MovedCase {
                            case,
                            seq: row.seq,
                            stage: row.stage,
                            holder: row.holder.clone(),
                        });
                    }
                    Some(_) => {}
                    None => told.gone.push(case),
                }
            }
            told
        });
        let told = told.await.ok()?;
        Some(event("moved", &told))
    }
}
