//! The loop itself: drain, decide, append once, answer when it is on the platter.

use crate::{
    clock::{Clock, Stopwatch},
    config::Bounds,
    door::{Answer, Handle, Inbox, Lane, Request},
    elsewhere::{Apart, say_away},
    metrics::Metrics,
    repeats::Repeats,
    rulebook::{self, RulebookError},
    stations::{Away, Stations},
    traces::Traces,
    views::Views,
};
use huying_domain::{
    case::Case,
    command::{Ask, Command},
    decide::decide,
    event::Event,
    ids::{CaseId, Seq},
    private::{PRIVATE_FIELD_CHARS_MAX, Private},
    record::{Hash, Part, Record, RuleFile, Subject},
    refusal::Refusal,
    rules::Rules,
    state::State,
    time::Timestamp,
};
use huying_journal::{
    board::Committed,
    disk::{Disk, real::RealDisk},
    error::{AppendError, KeyError, ReadError, SyncError},
    journal::{Draft, Journal},
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};
use thiserror::Error;
use tokio::sync::oneshot;

/// Why the engine stopped. What was answered is safe; a restart rebuilds the state from the records alone.
#[derive(Debug, Error)]
pub enum Fault {
    /// The log could not be synced.
    #[error("the engine stops: the journal did")]
    Sync(#[from] SyncError),
    /// A batch could not be begun.
    #[error("the engine stops: a batch could not be written")]
    Append(#[from] AppendError),
    /// History could not be read.
    #[error("the engine stops: the journal cannot be read")]
    Read(#[from] ReadError),
    /// The keys could not be written.
    #[error("the engine stops: the key file cannot be written")]
    Keys(#[from] KeyError),
    /// The rules cannot be read.
    #[error("the engine stops: the rules cannot be read")]
    Rules(#[from] RulebookError),
}

/// Called for each record when it is on the platter and folded, in order.
pub type Subscriber = Box<dyn FnMut(&Arc<Committed>) + Send>;

/// The one loop and everything that it alone may touch.
pub struct Engine<D: Disk = RealDisk> {
    pub(crate) journal: Journal<D>,
    pub(crate) disk: D,
    pub(crate) rules: Arc<Rules>,
    pub(crate) in_force: BTreeMap<RuleFile, Hash>,
    pub(crate) state: State,
    pub(crate) traces: Traces,
    pub(crate) repeats: Repeats,
    pub(crate) stations: Stations,
    pub(crate) apart: Apart,
    pub(crate) pending: VecDeque<Pending>,
    pub(crate) flights: VecDeque<Flight>,
    pub(crate) inbox: Arc<Inbox<D>>,
    pub(crate) bounds: Bounds,
    pub(crate) clock: Clock,
    pub(crate) last_at: Timestamp,
    pub(crate) away: Option<Away>,
    pub(crate) views: Views,
    pub(crate) subscribers: Vec<Subscriber>,
    pub(crate) metrics: Arc<Metrics>,
}

/// A command that a station or a timer named and that waits to be decided.
pub(crate) struct Pending {
    pub(crate) command: Command,
    /// For a timer: the instant for which it was set.
    pub(crate) scheduled: Option<Timestamp>,
}

/// A batch on its way to the platter, and whoever waits for it.
pub(crate) struct Flight {
    pub(crate) last: Seq,
    committed: Vec<Arc<Committed>>,
    replies: Vec<Reply>,
    begun: Stopwatch,
}

enum Reply {
    Answer(oneshot::Sender<Answer>, Answer),
    Seen(Box<dyn FnOnce() + Send>),
}

/// What one step did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// Nothing was there to do and nothing is on its way.
    pub idle: bool,
}

#[derive(Default)]
struct Batch {
    drafts: Vec<Draft>,
    replies: Vec<Reply>,
    events: usize,
}

impl<D: Disk> Engine<D> {
    /// The door.
    pub fn handle(&self) -> Handle<D> {
        Handle(Arc::clone(&self.inbox))
    }

    /// The rules in force.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// The state in memory; ahead of the platter by the batches in flight.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The read models; never ahead of the platter.
    pub const fn views(&self) -> &Views {
        &self.views
    }

    /// The metrics.
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// The journal, to read.
    pub const fn journal(&self) -> &Journal<D> {
        &self.journal
    }

    /// The clock, to confirm or to move a virtual one.
    pub const fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }

    /// Calls this for each record from now on.
    pub fn subscribe(&mut self, subscriber: Subscriber) {
        self.subscribers.push(subscriber);
    }

    /// The next instant at which a clock wants to be asked, wherever it is watched.
    pub fn next_due(&self) -> Option<Timestamp> {
        [self.stations.next_due(), self.apart.shared.next_due()].into_iter().flatten().min()
    }

    /// The records of a case, in memory or at rest, those on the platter.
    pub fn history(&self, case: CaseId) -> Result<Vec<Record>, ReadError> {
        match self.traces.seqs(case) {
            Some(seqs) => self.journal.read_seqs(&seqs),
            None => self.journal.history(case),
        }
    }

    /// One turn: land what is synced, let the timers ask, drain, decide, append once.
    pub fn step(&mut self, now: Timestamp) -> Result<Step, Fault> {
        let now = now.max(self.last_at);
        let landed = self.land()?;
        if !self.hear_stations(now) {
            return Ok(Step { idle: true });
        }
        let (urgent, ordinary) = self.inbox.waiting();
        self.metrics.waiting(urgent, ordinary);
        let mut batch = Batch::default();
        let urgent = self.inbox.take(Lane::Urgent, self.bounds.batch_commands_max);
        let mut taken = urgent.len();
        self.serve(urgent, now, &mut batch)?;
        taken += self.serve_pending(now, &mut batch)?;
        let room = self.bounds.batch_commands_max.saturating_sub(taken);
        let ordinary = self.inbox.take(Lane::Ordinary, room);
        taken += ordinary.len();
        self.serve(ordinary, now, &mut batch)?;
        self.dispatch(batch)?;
        Ok(Step { idle: taken == 0 && landed == 0 && self.flights.is_empty() && self.pending.is_empty() })
    }

    /// Hands a batch to the journal. Whoever waits is answered when everything up to here is on the platter, the
    /// refused and the repeated too: they were decided upon records that are not there yet.
    fn dispatch(&mut self, batch: Batch) -> Result<(), Fault> {
        if batch.drafts.is_empty() && batch.replies.is_empty() {
            return Ok(());
        }
        let begun = Stopwatch::start();
        let _span =
            tracing::trace_span!("commit", records = batch.drafts.len(), events = batch.events).entered();
        let committed =
            if batch.drafts.is_empty() { Vec::new() } else { self.journal.begin(batch.drafts)? };
        self.metrics.events.inc_by(batch.events as u64);
        let last = self.journal.head().seq;
        self.flights.push_back(Flight { last, committed, replies: batch.replies, begun });
        Ok(())
    }

    /// Answers and folds the batches that are on the platter. The answers go first: clients wake on other cores
    /// while the loop folds, and whatever they ask next is served after the fold, by the next drain.
    fn land(&mut self) -> Result<usize, Fault> {
        let synced = self.journal.synced()?;
        let mut landed = 0;
        while let Some(flight) = self.flights.pop_front_if(|flight| flight.last <= synced) {
            landed += 1;
            if !flight.committed.is_empty() {
                self.metrics.committed(flight.committed.len(), flight.begun.elapsed());
            }
            for reply in flight.replies {
                match reply {
                    // A client that no longer listens has lost nothing: sent again, it gets this answer again.
                    Reply::Answer(to, answer) => drop(to.send(answer)),
                    Reply::Seen(send) => send(),
                }
            }
            for committed in &flight.committed {
                self.fold(committed)?;
            }
        }
        if landed > 0 {
            self.gauge();
        }
        Ok(landed)
    }

    fn serve(&mut self, requests: Vec<Request<D>>, now: Timestamp, batch: &mut Batch) -> Result<(), Fault> {
        for request in requests {
            match request {
                Request::Command(mut command, scheduled, to) => {
                    let answer = if scheduled.is_some() && self.clock.is_held() {
                        Err(Refusal::Busy)
                    } else {
                        if let Some(at) = scheduled {
                            say_away(&mut command, self.away_since(at));
                        }
                        self.take_in(*command, scheduled, now, batch)?
                    };
                    batch.replies.push(Reply::Answer(to, answer));
                }
                Request::Look(look) => batch.replies.push(Reply::Seen(look(self))),
            }
        }
        Ok(())
    }

    /// What stations and timers named. A refusal is an answer like any other: the case had moved on.
    fn serve_pending(&mut self, now: Timestamp, batch: &mut Batch) -> Result<usize, Fault> {
        let count = self.pending.len().min(self.bounds.batch_commands_max);
        for _ in 0..count {
            let Some(Pending { command, scheduled }) = self.pending.pop_front() else { break };
            let ask = command.ask.name();
            if let Err(refusal) = self.take_in(command, scheduled, now, batch)? {
                tracing::debug!(ask, code = refusal.code(), "station refused");
            }
        }
        Ok(count)
    }

    /// Decides one command on the state that the earlier ones left, and evolves the state.
    fn take_in(
        &mut self,
        command: Command,
        scheduled: Option<Timestamp>,
        now: Timestamp,
        batch: &mut Batch,
    ) -> Result<Answer, Fault> {
        let _span = tracing::debug_span!("command", ask = command.ask.name(), id = %command.id).entered();
        let digest = self.journal.digest(&command.body());
        if let Some(first) = self.repeats.find(command.id, digest) {
            self.metrics.repeats.inc();
            return Ok(first);
        }
        let decided = match self.decided(&command, now)? {
            Ok(parts) => parts,
            Err(refusal) => {
                self.metrics.refused(&refusal);
                return Ok(Err(refusal));
            }
        };
        self.metrics.accepted.with_label_values(&[command.ask.name()]).inc();
        let seq = self.journal.next_seq() + batch.drafts.len() as u64;
        let late = scheduled.filter(|at| now.seconds_since(*at) > self.bounds.late_s);
        if late.is_some() {
            self.metrics.late_timers.inc();
        }
        let record = Record {
            seq,
            at: now,
            late_for: late,
            actor: command.actor,
            by: command.by,
            because: command.because,
            command: command.id,
            digest,
            parts: decided,
            sealed: None,
            prev: Hash::ZERO,
        };
        self.last_at = now;
        batch.events += record.parts.iter().map(|part| part.events.len()).sum::<usize>();
        let accepted = self.repeats.note(&record, seq);
        self.evolve(&record)?;
        let private = command.private.filter(|private| !private.is_empty());
        let private = match private.zip(accepted.case) {
            Some((private, case)) => Some(self.sealed_with_slot(case, private)?),
            None => None,
        };
        batch.drafts.push(Draft { record, private });
        Ok(Ok(accepted))
    }

    /// Decides on the cases as they are; one at rest is in memory for as long as that takes.
    fn decided(&mut self, command: &Command, now: Timestamp) -> Result<Result<Vec<Part>, Refusal>, Fault> {
        let recalled = self.recall(command)?;
        let decided = self.prepared(command, now)?;
        if decided.is_err() {
            // Nothing happened to them, so no record will bring them back to rest.
            for case in recalled {
                self.state.rest(case);
                self.traces.remove(case);
            }
        }
        Ok(decided)
    }

    /// Decides, and does beforehand what must be on the platter before the record may say it.
    fn prepared(&mut self, command: &Command, now: Timestamp) -> Result<Result<Vec<Part>, Refusal>, Fault> {
        if let Some(refusal) = self.unfit(command) {
            return Ok(Err(refusal));
        }
        let mut parts = match decide(&self.state, &self.rules, command, now) {
            Ok(parts) => parts,
            Err(refusal) => return Ok(Err(refusal)),
        };
        match (&command.ask, command.case) {
            (Ask::Erase { .. }, Some(case)) => {
                let Some(slot) = self.traces.slot(case) else {
                    return Ok(Err(Refusal::NothingToErase));
                };
                self.journal.erase_slot(slot)?;
                for event in parts.iter_mut().flat_map(|part| &mut part.events) {
                    if let Event::Erased(erased) = event {
                        erased.slot = Some(slot);
                    }
                }
            }
            (Ask::PublishRules { file, hash, .. }, _) if self.in_force.get(file) != Some(hash) => {
                if let Some(refusal) = self.unpublishable(*file, *hash, now) {
                    return Ok(Err(refusal));
                }
            }
            _ => {}
        }
        Ok(Ok(parts))
    }

    /// What the door itself refuses: personal data that are too long, or for a case whose key is gone.
    fn unfit(&self, command: &Command) -> Option<Refusal> {
        let private = command.private.as_ref()?;
        let long = private.fields().find(|(_, text)| text.chars().count() > PRIVATE_FIELD_CHARS_MAX);
        if let Some((field, _)) = long {
            let max = u32::try_from(PRIVATE_FIELD_CHARS_MAX).unwrap_or(u32::MAX);
            return Some(Refusal::TooLong { field, max });
        }
        let erased = command.case.and_then(|id| self.state.case(id)).is_some_and(|case| case.erased);
        (erased && !private.is_empty()).then_some(Refusal::DataErased)
    }

    fn sealed_with_slot(
        &mut self,
        case: CaseId,
        private: Private,
    ) -> Result<(CaseId, Option<u32>, Private), Fault> {
        let slot = match self.traces.slot(case) {
            Some(slot) => slot,
            None => self.journal.new_slot()?,
        };
        self.traces.note_slot(case, slot);
        Ok((case, Some(slot), private))
    }

    /// Lets the state follow a record that was decided or is read at start.
    pub(crate) fn evolve(&mut self, record: &Record) -> Result<(), Fault> {
        let centre = self.rules.centre().clone();
        self.state.apply(&record.parts, &record.actor, &centre, record.at);
        for part in &record.parts {
            if let Some(case) = part.case() {
                self.traces.note(case, record.seq);
            }
            for event in &part.events {
                if let (Event::RulesPublished(event), Subject::Rulebook(file)) = (event, &part.subject)
                    && self.in_force.insert(*file, event.hash) != Some(event.hash)
                {
                    self.rules = Arc::new(rulebook::read(&self.disk, &self.in_force)?);
                }
            }
        }
        Ok(())
    }

    /// Reads what had come to rest back into memory, if the command is about such a case, and says which.
    fn recall(&mut self, command: &Command) -> Result<Vec<CaseId>, Fault> {
        let lead = match &command.ask {
            Ask::Join { lead, .. } | Ask::Merge { into: lead, .. } => Some(*lead),
            _ => None,
        };
        let mut recalled = Vec::new();
        for id in command.case.into_iter().chain(lead) {
            if self.state.case(id).is_none() && self.state.knows(id) {
                let history = self.journal.history(id)?;
                self.recall_from(id, &history);
                recalled.push(id);
            }
        }
        Ok(recalled)
    }

    /// Reads a case at rest back as it was before a record: while the journal is read at start, the shelf may know
    /// later records of the case already.
    pub(crate) fn recall_before(&mut self, id: CaseId, before: Seq) -> Result<(), Fault> {
        let mut history = self.journal.history(id)?;
        history.retain(|record| record.seq < before);
        self.recall_from(id, &history);
        Ok(())
    }

    fn recall_from(&mut self, id: CaseId, history: &[Record]) {
        let centre = self.rules.centre().clone();
        let mut case: Option<Case> = None;
        self.traces.remove(id);
        for record in history {
            for event in
                record.parts.iter().filter(|part| part.case() == Some(id)).flat_map(|part| &part.events)
            {
                match &mut case {
                    None => case = Case::born(id, event, record.at),
                    Some(case) => case.evolve(event, &record.actor, &centre, record.at),
                }
            }
            let about = record.parts.first().and_then(Part::case) == Some(id);
            if let Some(sealed) = record.sealed.as_ref().filter(|_| about) {
                self.traces.note_slot(id, sealed.slot);
            }
        }
        history.iter().for_each(|record| self.traces.note(id, record.seq));
        if let Some(case) = case {
            self.state.recall(case);
        }
    }
}
