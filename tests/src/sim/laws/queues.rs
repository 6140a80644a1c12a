//! The laws of what leaves the journal, at rest while the server answers: each record is in the stream once and in
//! order, each unit has in its queue what it ought to have and nothing else, and nothing is owed.

use super::{Broken, Law, broken, hold};
use crate::sim::{
    nats::{
        SimNats,
        store::{SimStream, Stored, header},
    },
    nerves::Nerves,
};
use huying_bus::{
    echo,
    header::{CE_ID, CE_TYPE, EventType},
    stream::Stream,
    subject::Subject,
};
use huying_domain::{
    case::Case,
    ids::{CaseId, Seq, UnitId},
    record::Record,
    vocabulary::Stage,
};
use huying_engine::{engine::Engine, nerves::Standing};
use huying_journal::disk::Disk;
use huying_projection::ought::Ought;
use std::{collections::BTreeMap, ops::ControlFlow};

/// What the journal says that there ought to be, folded by whoever holds the laws.
#[derive(Default)]
pub(crate) struct Queues {
    ought: Ought,
    followed: Seq,
    /// Up to this record the stream was compared with the journal, in this store of the server's.
    compared: (u64, Seq),
}

type Queue = BTreeMap<(UnitId, CaseId), Seq>;

impl Queues {
    /// Holds all of it; `whole` compares what was compared before, too.
    pub(crate) fn hold<D: Disk>(
        &mut self,
        engine: &Engine<D>,
        nats: &SimNats,
        nerves: &Nerves,
        whole: bool,
    ) -> Law {
        self.follow(engine)?;
        if !nats.is_there() {
            return Ok(());
        }
        let standing = nerves.standing();
        hold(matches!(standing, Standing::Ours(_)), || format!("the streams are {standing:?} at rest"))?;
        self.is_echoed(engine, nats, whole)?;
        let head = engine.journal().synced_head().seq;
        let progress = nerves.progress();
        hold(progress.echoed == head && progress.posted == head, || {
            format!("{progress:?} is said at rest behind record {head}")
        })?;
        let unsent = engine.views().ought.lock().unsent();
        hold(unsent == 0, || format!("{unsent} messages to units are owed at rest"))?;
        let queue = nats.look(Stream::Assignments, queue).unwrap_or_else(|| Ok(Queue::new()))?;
        self.is_what_ought_to_be(&queue)?;
        holders(engine, &queue)
    }

    fn follow<D: Disk>(&mut self, engine: &Engine<D>) -> Law {
        let Self { ought, followed, .. } = self;
        let scanned = engine.journal().scan(*followed + 1, &mut |record, _| {
            ought.follow(record);
            *followed = record.seq;
            ControlFlow::Continue(())
        });
        scanned.map_err(|error| broken(format!("the journal cannot be read: {error}")))
    }

    fn is_echoed<D: Disk>(&mut self, engine: &Engine<D>, nats: &SimNats, whole: bool) -> Law {
        let (head, store) = (engine.journal().synced_head().seq, nats.set_back());
        let (compared_in, compared) = self.compared;
        let from = if whole || compared_in != store { 1 } else { compared + 1 };
        let end = nats.look(Stream::Records, |stream| (stream.last, stream.messages.len() as u64));
        hold(end == Some((head, head)), || format!("the stream ends at {end:?}, the journal at {head}"))?;
        let mut law = Ok(());
        let scanned = engine.journal().scan(from, &mut |record, _| {
            law = nats
                .look(Stream::Records, |stream| is_echo(stream.messages.get(&record.seq), record))
                .unwrap_or(Ok(()));
            if law.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        scanned.map_err(|error| broken(format!("the journal cannot be read: {error}")))?;
        self.compared = (store, head);
        law
    }

    fn is_what_ought_to_be(&self, queue: &Queue) -> Law {
        let owed: Queue = self.ought.owed().map(|work| ((work.unit, work.case), work.seq)).collect();
        let lacks = owed.iter().find(|(to, seq)| queue.get(to) != Some(seq));
        hold(lacks.is_none(), || {
            let has = lacks.and_then(|(to, _)| queue.get(to));
            format!("{lacks:?} ought to be in its queue, and there is {has:?}")
        })?;
        let more = queue.iter().find(|(to, _)| !owed.contains_key(to));
        hold(more.is_none(), || format!("{more:?} is in a queue and ought not to be"))
    }
}

fn is_echo(stored: Option<&Stored>, record: &Record) -> Law {
    let seq = record.seq;
    let stored = stored.ok_or_else(|| broken(format!("record {seq} is not echoed")))?;
    let about = record.parts.first().map(|part| Subject::Record(part.subject.clone()).to_string());
    hold(about.as_ref() == Some(&stored.subject), || {
        format!("record {seq} is about {about:?} and echoed as {}", stored.subject)
    })?;
    let body = echo::body(record.clone()).map_err(|error| broken(format!("record {seq}: {error}")))?;
    hold(body == stored.body, || format!("the echo of record {seq} is another"))
}

/// What all units have in their queues, withdrawals left out.
fn queue(stream: &SimStream) -> Result<Queue, Broken> {
    let mut queue = Queue::new();
    for stored in stream.messages.values() {
        if header(&stored.headers, CE_TYPE) == Some(EventType::Withdrawn.name()) {
            continue;
        }
        let Ok(Subject::Assignment { unit, case }) = stored.subject.parse() else {
            return Err(broken(format!("{} is no subject of an assignment", stored.subject)));
        };
        let id = header(&stored.headers, CE_ID).and_then(|id| id.split('.').next()?.parse().ok());
        let seq = id.ok_or_else(|| broken(format!("{} has a message without a name", stored.subject)))?;
        let twice = queue.insert((unit, case), seq).is_some();
        hold(!twice, || format!("{} stands twice in the stream", stored.subject))?;
    }
    Ok(queue)
}

/// Whoever holds a case that is being handled has it in the queue: seen from the state, not from the fold.
fn holders<D: Disk>(engine: &Engine<D>, queue: &Queue) -> Law {
    let handled = |case: &&Case| matches!(case.stage, Stage::Assigned | Stage::Handling) && !case.rings();
    engine.state().cases().filter(handled).try_for_each(|case| {
        let has = queue.contains_key(&(case.holder.clone(), case.id));
        hold(has, || format!("{} holds {} and has nothing of it in the queue", case.holder, case.id))
    })
}
