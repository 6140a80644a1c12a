//! Telling the resident: which caller is still owed the answer, by which channel, and when to try next.
//!
//! A fold over records and nothing else: `tell_asked` opens a debt, `told` pays it (`inform_asked` and `informed` where
//! only the limit moved). So a debt survives an outage of
//! NATS, of an adapter, of the engine itself; only the count of attempts and the pause between them begin anew.
//! Pure: it asks no clock and sends nothing. The host in `nerves/telling.rs` does that.

pub mod letter;
pub mod ways;

use crate::engine::Engine;
use huying_domain::{
    case::Case,
    event::Event,
    ids::{CaseId, Seq, TellChannel},
    record::Record,
    time::Timestamp,
    vocabulary::Stage,
};
use huying_journal::{
    disk::Disk,
    error::{KeyError, ReadError},
    reader::Reader,
};
use std::collections::{BTreeMap, BTreeSet};

/// The pause after a first attempt that came to nothing; doubled after each further one.
pub const RETRY_FIRST_S: i64 = 30;
/// The longest pause between two attempts.
pub const RETRY_MAX_S: i64 = 3_600;
/// The pause after which a debt is looked at again that the engine is about to settle, or was too busy to settle; it
/// counts as no attempt.
pub const SOON_S: i64 = 5;

/// A caller who ought to be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owed {
    /// The case.
    pub case: CaseId,
    /// The record that asked for it: with the case it names the message.
    pub asked: Seq,
    /// By which channel.
    pub channel: TellChannel,
    /// Since when.
    pub since: Timestamp,
    /// How often an adapter was asked since the engine started.
    pub attempts: u16,
    /// When to try next; none where no channel can reach the caller and a person has to see what to do.
    pub next: Option<Timestamp>,
}

/// What came of an attempt, as far as it is not a fact in the journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tried {
    /// The adapter said *later*, did not answer, or is not there.
    Later,
    /// The engine has taken what follows and its record is on the way, or it is busy: look again soon.
    Soon,
    /// It stands on the list from which a person calls; a system that keeps such a list is asked now and then.
    Listed,
    /// No channel is left.
    Unreachable,
}

/// Every caller who is owed the answer.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    owed: BTreeMap<CaseId, Owed>,
    queue: BTreeSet<(Timestamp, CaseId)>,
}

impl Ledger {
    /// Follows a record. The same record again changes nothing, so a reader may begin anew anywhere before.
    pub fn follow(&mut self, record: &Record) {
        for part in &record.parts {
            let Some(case) = part.case() else { continue };
            part.events.iter().for_each(|event| self.follow_event(case, record, event));
        }
    }

    fn follow_event(&mut self, case: CaseId, record: &Record, event: &Event) {
        match event {
            Event::TellAsked(event) => self.open(case, record, &event.channel),
            Event::InformAsked(event) => self.open(case, record, &event.channel),
            Event::Informed(_) | Event::Told(_) | Event::Reopened(_) | Event::Closed(_) => {
                self.settle(case);
            }
            Event::Registered(_)
            | Event::Joined(_)
            | Event::MemberAdded(_)
            | Event::Corrected(_)
            | Event::Tagged(_)
            | Event::Refused(_)
            | Event::Referred(_)
            | Event::Cancelled(_)
            | Event::Assigned(_)
            | Event::Accepted(_)
            | Event::Returned(_)
            | Event::Ruled(_)
            | Event::Delegated(_)
            | Event::Contacted(_)
            | Event::Arrived(_)
            | Event::Progressed(_)
            | Event::Resolved(_)
            | Event::Clocked(_)
            | Event::ClockBreached(_)
            | Event::Exempted(_)
            | Event::Escalated(_)
            | Event::TopAsked(_)
            | Event::Alarmed(_)
            | Event::Noticed(_)
            | Event::Reminded(_)
            | Event::Requested(_)
            | Event::Denied(_)
            | Event::Extended(_)
            | Event::Suspended(_)
            | Event::Resumed(_)
            | Event::Terminated(_)
            | Event::Whistled(_)
            | Event::ReportedIn(_)
            | Event::HelpCalled(_)
            | Event::HelpReported(_)
            | Event::Consulted(_)
            | Event::TaskFinished(_)
            | Event::ErrandMissed(_)
            | Event::Merged(_)
            | Event::TookIn(_)
            | Event::Unmerged(_)
            | Event::LetGo(_)
            | Event::Appealed(_)
            | Event::AppealJudged(_)
            | Event::LookAsked(_)
            | Event::LookedAgain(_)
            | Event::NewsPassed(_)
            | Event::Supervised(_)
            | Event::Instructed(_)
            | Event::Checked(_)
            | Event::Answered(_)
            | Event::PassedOn(_)
            | Event::CalledBack(_)
            | Event::Revealed(_)
            | Event::Erased(_)
            | Event::Rehomed(_)
            | Event::RulesPublished(_)
            | Event::DutySet(_)
            | Event::AccountSet(_)
            | Event::KeysSet(_) => {}
        }
    }

    /// A new question takes the place of the one before: only the channel that was asked last owes the message.
    fn open(&mut self, case: CaseId, record: &Record, channel: &TellChannel) {
        if self.owed.get(&case).is_some_and(|known| known.asked >= record.seq) {
            return;
        }
        let since = self.owed.get(&case).map_or(record.at, |known| known.since);
        self.settle(case);
        let (asked, channel, next) = (record.seq, channel.clone(), Some(record.at));
        self.owed.insert(case, Owed { case, asked, channel, since, attempts: 0, next });
        self.queue.insert((record.at, case));
    }

    fn settle(&mut self, case: CaseId) {
        if let Some(Owed { next: Some(next), .. }) = self.owed.remove(&case) {
            self.queue.remove(&(next, case));
        }
    }

    /// Whose turn has come, the longest waiting first.
    pub fn due(&self, now: Timestamp, limit: usize) -> Vec<Owed> {
        let due = self.queue.iter().take_while(|(next, _)| *next <= now).take(limit);
        due.filter_map(|(_, case)| self.owed.get(case).cloned()).collect()
    }

    /// Takes down what came of an attempt. Of a question that was answered or replaced meanwhile, nothing.
    pub fn tried(&mut self, case: CaseId, asked: Seq, came: Tried, now: Timestamp) {
        let Some(owed) = self.owed.get_mut(&case).filter(|owed| owed.asked == asked) else { return };
        if let Some(next) = owed.next {
            self.queue.remove(&(next, case));
        }
        if came != Tried::Soon {
            owed.attempts = owed.attempts.saturating_add(1);
        }
        owed.next = match came {
            Tried::Later => Some(now.plus_seconds(pause_s(owed.attempts))),
            Tried::Soon => Some(now.plus_seconds(SOON_S)),
            Tried::Listed => Some(now.plus_seconds(RETRY_MAX_S)),
            Tried::Unreachable => None,
        };
        if let Some(next) = owed.next {
            self.queue.insert((next, case));
        }
    }

    /// Lets everything that waits for a channel be tried now: its adapter has come back.
    pub fn hurry(&mut self, channel: &TellChannel, now: Timestamp) {
        let waiting = self.owed.values_mut().filter(|owed| owed.channel == *channel);
        for owed in waiting {
            if let Some(next) = owed.next.filter(|next| *next > now) {
                self.queue.remove(&(next, owed.case));
                self.queue.insert((now, owed.case));
                owed.next = Some(now);
            }
        }
    }

    /// The next instant at which something is to be tried.
    pub fn next(&self) -> Option<Timestamp> {
        self.queue.first().map(|(next, _)| *next)
    }

    /// How many callers each channel owes the answer.
    pub fn by_channel(&self) -> BTreeMap<&TellChannel, u64> {
        let mut counts = BTreeMap::new();
        for owed in self.owed.values() {
            *counts.entry(&owed.channel).or_default() += 1;
        }
        counts
    }

    /// Everyone who is owed the answer, by case.
    pub fn all(&self) -> impl Iterator<Item = &Owed> {
        self.owed.values()
    }
}

/// Everyone in the engine's memory who is owed the answer, with the records of each case: what a ledger begins with.
/// At most so many, the cases in their order.
pub fn owed<D: Disk>(engine: &Engine<D>, limit: usize) -> Result<Vec<(CaseId, Vec<Record>)>, ReadError> {
    let untold =
        |case: &&Case| case.news || (!case.told && matches!(case.stage, Stage::Answered | Stage::CalledBack));
    let cases = engine.state().cases().filter(untold).take(limit);
    cases.map(|case| Ok((case.id, past(engine, case.id)?))).collect()
}

/// The records of a case that are on the platter, whatever is on its way there.
pub fn past<D: Disk>(engine: &Engine<D>, case: CaseId) -> Result<Vec<Record>, ReadError> {
    let synced = engine.journal().synced_head().seq;
    match engine.traces.seqs(case) {
        Some(mut seqs) => {
            seqs.retain(|seq| *seq <= synced);
            engine.journal().read_seqs(&seqs)
        }
        None => engine.journal().history(case),
    }
}

/// The number that the caller left last; none where there is none or it was erased. It is for the one request to the
/// adapter, or for the person who calls, and stands nowhere else.
pub fn number<D: Disk>(
    reader: &Reader<D>,
    case: CaseId,
    records: &[Record],
) -> Result<Option<String>, KeyError> {
    let sealed = |record: &&Record| {
        record.sealed.is_some() && record.parts.first().and_then(|part| part.case()) == Some(case)
    };
    for record in records.iter().rev().filter(sealed) {
        if let Some(number) = reader.open_sealed(case, record)?.and_then(|private| private.number) {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

/// How long to wait after this many attempts, from 1.
pub const fn pause_s(attempts: u16) -> i64 {
    let doublings = if attempts > 16 { 16 } else { attempts.saturating_sub(1) };
    let pause = RETRY_FIRST_S << doublings;
    if pause > RETRY_MAX_S { RETRY_MAX_S } else { pause }
}
