//! What leaves the journal: the echo, what units ought to have, and notices, on the ground that the streams are ours.
//!
//! These tasks need of NATS what [`Nats`] says. In life that is a server; the simulation of the whole house polls the
//! same tasks against a server of its own.

use super::{
    Subscribers, echo,
    gauges::NerveGauges,
    ground::{self, Ground, Standing},
    notices, outbox,
};
use crate::{door::Handle, elsewhere::Elsewhere, engine::Engine, views::SharedOught};
use futures::future::{self, BoxFuture};
use huying_bus::nats::Nats;
use huying_domain::ids::Seq;
use huying_journal::{disk::Disk, reader::Reader, segment::Identity};
use std::sync::Arc;
use tokio::sync::watch;

/// How far the nerves have come.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Progress {
    /// The last record that the stream holds.
    pub echoed: Seq,
    /// Up to this record every unit was sent what it ought to have.
    pub posted: Seq,
}

/// What these tasks are handed.
pub(crate) struct Post<D: Disk, N> {
    /// NATS.
    pub(crate) link: N,
    /// The one door.
    pub(crate) handle: Handle<D>,
    /// The journal, to read.
    pub(crate) reader: Reader<D>,
    /// Which journal this is.
    pub(crate) identity: Identity,
    /// The last record that is on the platter and folded.
    pub(crate) head: watch::Receiver<Seq>,
    /// Who has an account.
    pub(crate) subscribers: watch::Receiver<Subscribers>,
    /// The stations that run in processes of their own.
    pub(crate) elsewhere: Arc<Elsewhere>,
    /// What Prometheus may ask of the nerves.
    pub(crate) gauges: NerveGauges,
    /// Whether the streams are there and ours: nothing is written to NATS, and nothing taken from it, while they
    /// are not.
    pub(crate) ground: Ground,
    /// How far echo and outbox have come.
    pub(crate) progress: watch::Sender<Progress>,
    /// What each unit ought to have.
    pub(crate) ought: SharedOught,
    pub(super) stopping: watch::Receiver<bool>,
}

/// The tasks beside an engine that whoever began them polls.
pub struct Posting {
    /// The tasks; they end when they are told to stop.
    pub tasks: BoxFuture<'static, ()>,
    /// Whether the streams are there and ours.
    pub standing: watch::Receiver<Standing>,
    /// How far echo and outbox have come.
    pub progress: watch::Receiver<Progress>,
    /// Tells them to stop.
    pub stop: watch::Sender<bool>,
}

impl Posting {
    /// Beside an engine that does not run yet.
    pub fn beside<D: Disk, N: Nats>(
        engine: &mut Engine<D>,
        nats: N,
        subscribers: watch::Receiver<Subscribers>,
    ) -> Self {
        let (stop, stopping) = watch::channel(false);
        let post = Arc::new(Post::beside(engine, nats, subscribers, stopping));
        let (standing, progress) = (post.ground.watch(), post.progress.subscribe());
        let tasks = future::join4(
            ground::run(Arc::clone(&post)),
            echo::run(Arc::clone(&post)),
            outbox::run(Arc::clone(&post)),
            notices::run(post),
        );
        Self { tasks: Box::pin(async move { ((), (), (), ()) = tasks.await }), standing, progress, stop }
    }
}

impl<D: Disk, N> Post<D, N> {
    pub(super) fn beside(
        engine: &mut Engine<D>,
        link: N,
        subscribers: watch::Receiver<Subscribers>,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        let (sender, head) = watch::channel(engine.journal().synced_head().seq);
        engine.subscribe(Box::new(move |committed| {
            sender.send_replace(committed.record.seq);
        }));
        Self {
            link,
            handle: engine.handle(),
            reader: engine.journal().reader(),
            identity: *engine.journal().identity(),
            head,
            subscribers,
            elsewhere: engine.elsewhere(),
            gauges: NerveGauges::new(engine.metrics().registry()),
            ground: Ground::new(),
            progress: watch::Sender::new(Progress::default()),
            ought: engine.views().ought.clone(),
            stopping,
        }
    }

    /// Waits until the tasks are told to stop.
    pub(crate) async fn stopped(&self) {
        let mut stopping = self.stopping.clone();
        let _told_or_gone = stopping.wait_for(|stop| *stop).await;
    }
}
