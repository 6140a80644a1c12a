//! Telling the resident: what was asked and is not yet told goes to the channel's adapter.
//!
//! The route: records open and settle debts in the [`Ledger`]; whose turn has come is read anew from the case's own
//! records, the number is opened for this one request, and the adapter's receipt goes in by the one door. With the
//! server away nothing is asked and nothing is lost: the debt stands in the journal.

mod attempt;
mod gauges;

use self::{
    attempt::{Attempt, Ground},
    gauges::Gauges,
};
use super::{Ctx, ground::Standing};
use crate::telling::{
    Ledger, Tried, owed,
    ways::{Turn, Ways},
};
use futures::{StreamExt, stream};
use huying_bus::{
    message::tell::{TellProbe, TellReply, TellRequest},
    subject::{Subject, token},
};
use huying_domain::{
    ids::{Seq, TellChannel},
    time::Timestamp,
};
use huying_journal::disk::Disk;
use std::{collections::BTreeSet, future::pending, sync::Arc, time::Duration};
use tokio::{select, time};

/// How often each adapter is asked whether it is ready, and the longest pause before one that was not is asked again.
const PROBE_EVERY_S: u64 = 60;
/// Longest that a probe waits.
const PROBE_TIMEOUT_S: u64 = 5;
/// Most callers who are told in one round; head and adapters are looked at between rounds.
const ROUND_CASES_MAX: usize = 64;
/// Most adapters' answers that are waited for at once.
const REQUESTS_AT_ONCE_MAX: usize = 16;
/// How often a virtual clock is looked at while somebody is owed something.
const VIRTUAL_LOOK_MS: u64 = 50;
/// How long to wait before an engine that was too busy to be looked at is asked again.
const ENGINE_AGAIN_MS: u64 = 200;
/// Most records that are followed at a time.
const FOLLOW_RECORDS_MAX: usize = 1_024;

/// Runs until the nerves are told to stop.
pub(super) async fn run<D: Disk>(ctx: Arc<Ctx<D>>) {
    let mut teller = Teller::new(Arc::clone(&ctx));
    select! {
        () = ctx.stopped() => {}
        () = teller.serve() => {}
    }
}

struct Teller<D: Disk> {
    ctx: Arc<Ctx<D>>,
    ledger: Ledger,
    followed: Seq,
    gauges: Gauges,
    probes: u64,
    /// Probes in a row that found a channel not ready.
    unready: u32,
    ways: Ways,
}

impl<D: Disk> Teller<D> {
    fn new(ctx: Arc<Ctx<D>>) -> Self {
        let gauges = Gauges::new(ctx.metrics.registry());
        Self {
            ctx,
            ledger: Ledger::default(),
            followed: 0,
            gauges,
            probes: 0,
            unready: 0,
            ways: Ways::default(),
        }
    }

    async fn serve(&mut self) {
        self.begin().await;
        let (mut head, mut link) = (self.ctx.head.clone(), self.ctx.link.watch());
        let mut standing = self.ctx.ground.watch();
        let mut probe = Box::pin(time::sleep(Duration::ZERO));
        loop {
            let synced = *head.borrow_and_update();
            self.follow(synced);
            let pause = self.round().await;
            self.gauges.owed(self.ledger.by_channel());
            select! {
                changed = head.changed() => if changed.is_err() { return },
                changed = link.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    self.unready = 0;
                    probe.set(time::sleep(Duration::ZERO));
                }
                changed = standing.changed() => if changed.is_err() { return },
                () = &mut probe => probe.set(time::sleep(self.probe().await)),
                () = sleep(pause) => {}
            }
        }
    }

    /// Reads what is owed out of the engine's memory, so that the whole journal need not be read.
    async fn begin(&mut self) {
        loop {
            // Records after this one are followed below; what both tell is told once.
            let synced = self.ctx.reader.synced();
            let asked = self.ctx.handle.look(|engine| owed(engine, usize::MAX));
            let Ok(ticket) = asked else {
                time::sleep(Duration::from_millis(ENGINE_AGAIN_MS)).await;
                continue;
            };
            match ticket.answer().await {
                Some(Ok(cases)) => {
                    cases.iter().flat_map(|(_, records)| records).for_each(|one| self.ledger.follow(one));
                    self.followed = synced;
                    return;
                }
                Some(Err(error)) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "cannot read who is to be told");
                    time::sleep(Duration::from_secs(1)).await;
                }
                None => return pending().await,
            }
        }
    }

    fn follow(&mut self, synced: Seq) {
        while self.followed < synced {
            match self.ctx.reader.read(self.followed + 1, FOLLOW_RECORDS_MAX) {
                Ok(records) if records.is_empty() => return,
                Ok(records) => {
                    records.iter().for_each(|record| self.ledger.follow(record));
                    self.followed = records.last().map_or(synced, |record| record.seq);
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "cannot follow the records");
                    return;
                }
            }
        }
    }

    /// Tells whoever's turn has come, and says how long nobody's will come; none: until something happens.
    async fn round(&mut self) -> Option<Duration> {
        let next = self.ledger.next()?;
        // Where the streams belong to another journal, its engine tells its own callers.
        if !self.is_ours() {
            return None;
        }
        let Some(ground) = self.ground().await else { return Some(Duration::from_millis(ENGINE_AGAIN_MS)) };
        let due = self.ledger.due(ground.now, ROUND_CASES_MAX);
        if due.is_empty() {
            let left = next.millis().saturating_sub(ground.now.millis()).max(1);
            let virtually = Duration::from_millis(VIRTUAL_LOOK_MS);
            let really = Duration::from_millis(u64::try_from(left).unwrap_or(1));
            return Some(if ground.is_virtual { virtually } else { really });
        }
        let ground = Arc::new(ground);
        let attempts = due.into_iter().map(|owed| {
            let attempt = Attempt { ctx: Arc::clone(&self.ctx), ground: Arc::clone(&ground), owed };
            async move { (attempt.owed.case, attempt.owed.asked, attempt.make().await) }
        });
        let made: Vec<_> = stream::iter(attempts).buffer_unordered(REQUESTS_AT_ONCE_MAX).collect().await;
        for (case, asked, made) in made {
            self.gauges.attempt(&made);
            self.ledger.tried(case, asked, made.came, ground.now);
            if made.came == Tried::Unreachable {
                tracing::warn!(%case, "no channel reaches this caller: a person has to see to it");
            }
        }
        Some(Duration::ZERO)
    }

    fn is_ours(&self) -> bool {
        matches!(*self.ctx.ground.watch().borrow(), Standing::Ours(_))
    }

    /// What an attempt stands on: the engine's instant and rules. None while the engine is too busy to be asked.
    async fn ground(&self) -> Option<Ground> {
        let look = self.ctx.handle.look(|engine| {
            let (now, is_virtual) = (engine.clock().now(), engine.clock().is_virtual());
            Ground { now, is_virtual, rules: Arc::clone(engine.rules()) }
        });
        look.ok()?.answer().await
    }

    /// Asks each of the city's channels, and those that somebody waits for, whether they are ready, and says how long
    /// to wait before asking again: soon while one is not, since an adapter may only just be starting.
    async fn probe(&mut self) -> Duration {
        let Some(ground) = self.ground().await else { return Duration::from_millis(ENGINE_AGAIN_MS) };
        self.probes += 1;
        let waited_for = self.ledger.by_channel();
        let channels = ground.rules.policy.tell.iter().chain(waited_for.into_keys());
        let channels: BTreeSet<TellChannel> = channels.cloned().collect();
        let asked = channels.into_iter().map(|channel| async {
            let ready = is_ready(&self.ctx, &channel, self.probes).await;
            (channel, ready)
        });
        let answers: Vec<_> = stream::iter(asked).buffer_unordered(REQUESTS_AT_ONCE_MAX).collect().await;
        self.unready = if answers.iter().all(|(_, ready)| ready.is_ok()) { 0 } else { self.unready + 1 };
        self.ways.keep(|channel| answers.iter().any(|(asked, _)| asked == channel));
        for (channel, ready) in answers {
            self.note(channel, ready, ground.now);
        }
        let ways = self.ways.clone();
        // Busy or gone: the next test tells it.
        drop(self.ctx.handle.look(move |engine| engine.views.ways = ways));
        Duration::from_secs(probe_pause_s(self.unready))
    }

    fn note(&mut self, channel: TellChannel, ready: Result<(), String>, now: Timestamp) {
        self.gauges.up(&channel, ready.is_ok());
        match self.ways.tested(&channel, ready, now) {
            Turn::Same => {}
            Turn::Works => {
                tracing::info!(%channel, "this way of telling works");
                self.ledger.hurry(&channel, now);
            }
            Turn::Broke => {
                let why = self.ways.ways.get(&channel).and_then(|way| way.broken.as_deref());
                tracing::warn!(%channel, why, "nobody can be told this way now");
            }
        }
    }
}

/// The pause behind the `unready`th probe in a row that found a channel not ready: 1 s, doubled up to the usual one.
fn probe_pause_s(unready: u32) -> u64 {
    match unready {
        0 => PROBE_EVERY_S,
        nth => 1_u64.checked_shl(nth - 1).map_or(PROBE_EVERY_S, |pause| pause.min(PROBE_EVERY_S)),
    }
}

async fn sleep(pause: Option<Duration>) {
    match pause {
        Some(pause) => time::sleep(pause).await,
        None => pending().await,
    }
}

/// Whether somebody serves a channel and could tell a resident now. The list from which a person calls stands in the
/// journal and needs nobody.
async fn is_ready<D: Disk>(ctx: &Ctx<D>, channel: &TellChannel, probe: u64) -> Result<(), String> {
    if *channel == TellChannel::callback_list() {
        return Ok(());
    }
    if !ctx.link.state().up {
        return Err("NATS is away".to_owned());
    }
    let channel: token::TellChannel = channel.as_str().parse().map_err(|_| "no such channel".to_owned())?;
    let request = TellRequest::Probe(TellProbe { probe });
    let body = serde_json::to_vec(&request).expect("a message is JSON");
    let subject = Subject::Tell { channel }.to_string();
    let asked = ctx.link.client().request(subject, body.into());
    let reply = time::timeout(Duration::from_secs(PROBE_TIMEOUT_S), asked).await;
    match reply.map(|reply| reply.map(|reply| serde_json::from_slice(&reply.payload))) {
        Ok(Ok(Ok(TellReply::Ready))) => Ok(()),
        Ok(Ok(Ok(TellReply::Later { reason } | TellReply::Undeliverable { reason }))) => {
            Err(reason.as_str().to_owned())
        }
        Ok(Ok(Ok(TellReply::Told { .. }) | Err(_))) => Err("the adapter does not know a probe".to_owned()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer in {PROBE_TIMEOUT_S} s")),
    }
}
