//! The ground that every task of the nerves stands on: whether the streams are there, in shape, and ours.
//!
//! Each time that this is found out anew makes a *turn* with a number. A task waits for a turn, works, and when
//! something goes wrong says that it doubts the turn; then everything is compared once more. While the streams belong
//! to another journal there is no turn at all: not one message is written, and the engine's other doors, its journal
//! and its clocks go on.

use super::post::Post;
use crate::clock::Stopwatch;
use bytes::Bytes;
use huying_bus::{
    consumers::Readers,
    echo,
    nats::Nats,
    streams::{self, Ledger, Owner, error::ShapeError},
};
use huying_domain::{ids::Seq, words::Words};
use huying_journal::{disk::Disk, reader::Reader};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// Pause before streams that need a person are looked at again.
const REFUSED_PAUSE_S: u64 = 15;
/// Pause before the server is asked again after it failed, doubled while it goes on failing.
const FAILED_PAUSE_MS: u64 = 300;
/// Most doublings of that pause.
const DOUBLINGS_MAX: u32 = 5;
/// A turn that was kept so long ended a row of failures.
const KEPT_S: u64 = 30;

/// What is known of the streams.
#[derive(Clone, PartialEq, Debug)]
pub enum Standing {
    /// Nothing yet, or the server is away.
    Unknown,
    /// They are ours and in shape.
    Ours(Turn),
    /// They are not ours to write, in words for people.
    Refused(Words),
}

/// One finding that the streams are ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turn {
    /// Rises with each finding.
    pub number: u64,
    /// The last record that the stream held then.
    pub echoed: Seq,
}

/// Where tasks learn of turns and say their doubts.
#[derive(Debug)]
pub(crate) struct Ground {
    standing: watch::Sender<Standing>,
    doubted: watch::Sender<u64>,
    /// Whether the last finding was that the streams are ours; it stays while the server is away.
    claimed: watch::Sender<bool>,
}

impl Ground {
    pub(crate) fn new() -> Self {
        Self {
            standing: watch::Sender::new(Standing::Unknown),
            doubted: watch::Sender::new(0),
            claimed: watch::Sender::new(false),
        }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Waits for a turn behind this one.
    pub(crate) async fn ours(&self, behind: u64) -> Turn {
        let mut standing = self.standing.subscribe();
        loop {
            if let Standing::Ours(turn) = &*standing.borrow_and_update()
                && turn.number > behind
            {
                return *turn;
            }
            if standing.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Waits until somebody may be served here: the streams were found to be ours, and not since to be another's.
    pub(crate) async fn may_serve(&self) {
        let mut claimed = self.claimed.subscribe();
        if claimed.wait_for(|claimed| *claimed).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until the streams are found to be another's: who answered on would take the other journal's calls.
    pub(crate) async fn refused(&self) {
        let mut claimed = self.claimed.subscribe();
        if claimed.wait_for(|claimed| !*claimed).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until this turn is over.
    pub(crate) async fn over(&self, turn: Turn) {
        let mut standing = self.standing.subscribe();
        let over =
            |standing: &Standing| !matches!(standing, Standing::Ours(now) if now.number == turn.number);
        if standing.wait_for(over).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Says that something is not as this turn found it.
    pub(crate) fn doubt(&self, turn: Turn) {
        self.doubted.send_if_modified(|doubted| {
            let more = turn.number > *doubted;
            *doubted = turn.number.max(*doubted);
            more
        });
    }
}

/// The journal, for comparison with the stream.
struct Own<'a, D: Disk>(&'a Reader<D>);

impl<D: Disk> Ledger for Own<'_, D> {
    fn head(&self) -> Seq {
        self.0.synced()
    }

    fn echo(&self, seq: Seq) -> Option<Bytes> {
        echo::body(self.0.record(seq).ok()?).ok()
    }
}

/// Runs until the nerves are told to stop.
pub(super) async fn run<D: Disk, N: Nats>(ctx: Arc<Post<D, N>>) {
    let keeping = async {
        let (mut number, mut failures) = (0, 0_u32);
        let mut said = None;
        loop {
            let connection = ctx.link.is_up().await;
            ctx.gauges.up.set(1);
            number += 1;
            let pause = match find(&ctx, number).await {
                Ok(turn) => {
                    said = None;
                    ctx.gauges.refused.set(0);
                    ctx.ground.standing.send_replace(Standing::Ours(turn));
                    ctx.ground.claimed.send_replace(true);
                    let kept = Stopwatch::start();
                    hold(&ctx, turn, connection).await;
                    // That the server goes away is no failure of the turn.
                    let fails = ctx.link.state().up && kept.elapsed().as_secs() < KEPT_S;
                    failures = if fails { failures + 1 } else { 0 };
                    pause_after(failures.saturating_sub(1))
                }
                Err(error) => {
                    failures += 1;
                    tell(&ctx, &error, &mut said).unwrap_or(pause_after(failures - 1))
                }
            };
            // Tasks see that the turn is over before anything is looked at anew.
            if !matches!(*ctx.ground.standing.borrow(), Standing::Refused(_)) {
                ctx.ground.standing.send_replace(Standing::Unknown);
            }
            if ctx.link.state().up {
                ctx.link.pause(pause).await;
            } else {
                ctx.gauges.up.set(0);
            }
        }
    };
    tokio::select! { biased; () = ctx.stopped() => {} () = keeping => {} }
}

async fn find<D: Disk, N: Nats>(ctx: &Post<D, N>, number: u64) -> Result<Turn, ShapeError> {
    let owner = Owner::new(&ctx.identity.journal_id, ctx.identity.epoch);
    let shaped = streams::shape(&ctx.link, &owner, &Own(&ctx.reader)).await?;
    ctx.link.keep_consumers(&readers(ctx)).await?;
    tracing::info!(echoed = shaped.echoed, head = ctx.reader.synced(), "the streams are in shape");
    Ok(Turn { number, echoed: shaped.echoed })
}

fn readers<D: Disk, N: Nats>(ctx: &Post<D, N>) -> Readers {
    let subscribers = ctx.subscribers.borrow().clone();
    Readers {
        units: subscribers.units,
        all_units: subscribers.all_units,
        feeds: subscribers.feeds,
        stations: ctx.elsewhere.stations().clone(),
    }
}

/// Keeps a turn until the link breaks or somebody doubts it; accounts may come and go meanwhile.
async fn hold<D: Disk, N: Nats>(ctx: &Post<D, N>, turn: Turn, connection: u64) {
    let (mut state, mut subscribers) = (ctx.link.watch(), ctx.subscribers.clone());
    let mut doubted = ctx.ground.doubted.subscribe();
    subscribers.mark_unchanged();
    let mut told = true;
    loop {
        tokio::select! {
            biased;
            () = async { drop(state.wait_for(|now| !now.up || now.connection != connection).await) } => return,
            () = async { drop(doubted.wait_for(|doubted| *doubted >= turn.number).await) } => return,
            changed = subscribers.changed(), if told => {
                // Where whoever tells of accounts is gone, nothing changes any more.
                told = changed.is_ok();
                if let Err(error) = ctx.link.keep_consumers(&readers(ctx)).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "consumers cannot be kept");
                    return;
                }
            }
        }
    }
}

fn pause_after(failures: u32) -> Duration {
    Duration::from_millis(FAILED_PAUSE_MS << failures.min(DOUBLINGS_MAX))
}

/// Says once what is wrong, and how long to wait where somebody has to do something first.
fn tell<D: Disk, N: Nats>(
    ctx: &Post<D, N>,
    error: &ShapeError,
    said: &mut Option<String>,
) -> Option<Duration> {
    let words = error.words();
    if said.as_deref() != Some(words.en.as_str()) {
        if error.needs_a_person() {
            tracing::error!(zh = words.zh, en = words.en, "nothing is written to NATS");
        } else {
            tracing::warn!(error = error as &dyn std::error::Error, "the streams are not in shape yet");
        }
        *said = Some(words.en.clone());
    }
    error.needs_a_person().then(|| {
        ctx.gauges.refused.set(1);
        ctx.ground.claimed.send_replace(false);
        ctx.ground.standing.send_replace(Standing::Refused(words));
        Duration::from_secs(REFUSED_PAUSE_S)
    })
}
