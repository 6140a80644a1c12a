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
use std::collections::BTreeMap;

/// Records that are read at once.
const READ_AT_ONCE_RECORDS: usize = 256;

/// What the journal says that there ought to be, folded by whoever holds the laws.
#[derive(Default)]
pub(crate) struct Queues {
    ought: Ought,
    /// When all of it held last.
    held: Held,
}

#[derive(Default, PartialEq, Eq)]
struct Held {
    set_back: u64,
    changes: u64,
    head: Seq,
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
        if !nats.is_there() {
            return Ok(());
        }
        let standing = nerves.standing();
        hold(matches!(standing, Standing::Ours(_)), || format!("the streams are {standing:?} at rest"))?;
        let head = engine.journal().synced_head().seq;
        let progress = nerves.progress();
        hold(progress.echoed == head && progress.posted == head, || {
            format!("{progress:?} is said at rest behind record {head}")
        })?;
        let unsent = engine.views().ought.lock().unsent();
        hold(unsent == 0, || format!("{unsent} messages to units are owed at rest"))?;
        let (set_back, changes) = nats.counts();
        let at = Held { set_back, changes, head };
        if at == self.held && !whole {
            return Ok(());
        }
        let from = if whole || set_back != self.held.set_back { 1 } else { self.held.head + 1 };
        self.is_echoed(engine, nats, from)?;
        let queue = nats.look(Stream::Assignments, queue).unwrap_or_else(|| Ok(Queue::new()))?;
        self.is_what_ought_to_be(&queue)?;
        self.held = at;
        holders(engine, &queue)
    }

    /// Compares the stream with the journal from this record on, and folds those that are new.
    fn is_echoed<D: Disk>(&mut self, engine: &Engine<D>, nats: &SimNats, from: Seq) -> Law {
        let head = engine.journal().synced_head().seq;
        let end = nats.look(Stream::Records, |stream| (stream.last, stream.messages.len() as u64));
        hold(end == Some((head, head)), || format!("the stream ends at {end:?}, the journal at {head}"))?;
        let reader = engine.journal().reader();
        // While the server was away nothing was compared, and what is new must be folded all the same.
        let mut next = from.min(self.ought.seq() + 1);
        while next <= head {
            let read = reader.read(next, READ_AT_ONCE_RECORDS);
            let records = read.map_err(|error| broken(format!("the journal cannot be read: {error}")))?;
            hold(!records.is_empty(), || format!("the journal ends before record {next}"))?;
            for record in records {
                if record.seq > self.ought.seq() {
                    self.ought.follow(&record);
                }
                next = record.seq + 1;
                let echoed = |stream: &SimStream| is_echo(stream.messages.get(&record.seq), &record);
                nats.look(Stream::Records, echoed).unwrap_or(Ok(()))?;
            }
        }
        Ok(())
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
