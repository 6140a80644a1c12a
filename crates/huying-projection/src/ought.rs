//! What each unit ought to have in its queue, and what it ought to be told.
//!
//! *Work* is what a unit was assigned, had escalated to it, was ruled to hold, or got back by a failed check; with it
//! the co-handlers and those who are told. The desk's own stages (dispatch, check, answer, call-back, close) are worked
//! from the board, not from a queue. For each unit and case there is one current [`Work`]; when the unit has the case no
//! longer, it is a withdrawal. A work keeps the record that made it for as long as it says the same: sent again after
//! an outage it is the same message.
//!
//! **What makes a new one:** another part, holder, helper, rung or reason; a correction, a mark, another area; a clock
//! that starts or gets another due instant. A clock that ends makes none: who met it knows.
//!
//! The fold also knows what the stream is said to hold ([`Ought::found`], [`Ought::sent`]) and so what is still to be
//! sent. A comparison with the stream goes in steps of bounded length: [`Ought::begin_comparison`], then `found` for each
//! message of the stream, then [`Ought::go_on_comparing`] until it is through.
//!
//! **Bounds.** In memory is the work of open cases, and of the last closed ones as long as their withdrawals are
//! unsent, at most [`CLOSED_CASES_MAX`]; what is dropped is found again by the next comparison. Of closed cases nothing
//! is kept: whoever finds a stale message in the stream folds that one case's records.

mod case;
pub mod notice;
pub mod silence;
pub mod work;

use self::{
    case::Entry,
    notice::Notice,
    silence::Waiting,
    work::{Face, Item, Work, WorkPart},
};
use huying_domain::{
    event::Event,
    ids::{CaseId, Seq, UnitId},
    pages::Pages,
    record::Record,
    time::Timestamp,
    words::Words,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    num::NonZeroU64,
    sync::Arc,
};

/// Closed cases whose withdrawals wait to be sent.
pub const CLOSED_CASES_MAX: usize = 8_192;
/// Notices that wait to be sent; the oldest give way.
pub const NOTICES_WAITING_MAX: usize = 4_096;

/// The fold.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Ought {
    seq: Seq,
    cases: Pages<Entry>,
    /// Reasons that were given last, so that cases to which the same was said share it.
    reasons: BTreeSet<Arc<Words>>,
    /// What the stream does not hold yet, oldest first.
    unsent: BTreeSet<(Seq, CaseId, UnitId)>,
    /// Closed cases that are still in memory, the longest closed first.
    closed: VecDeque<CaseId>,
    /// What waits to be accepted, by unit and age.
    waiting: BTreeMap<(UnitId, Timestamp, CaseId), Waiting>,
    notices: VecDeque<Notice>,
    comparison: u32,
    overflowed: bool,
}

/// What a message in the stream is to the unit's current work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// It says what ought to be said.
    Same,
    /// Something else ought to be said, and will be.
    Differs,
    /// Nothing is known of such work: if the message is no withdrawal, it has to be withdrawn.
    Unknown,
}

impl Ought {
    /// Takes in one record.
    pub fn follow(&mut self, record: &Record) {
        self.seq = record.seq;
        for part in &record.parts {
            let Some(id) = part.case() else { continue };
            if !self.cases.contains(id)
                && let Some(entry) = Entry::born(&part.events)
            {
                self.cases.insert(id, entry);
            }
            let Some(entry) = self.cases.get_mut(id) else { continue };
            let was_closed = entry.closed;
            for event in &part.events {
                if let Some(notice) = notice::of(record, id, entry, event, &part.events) {
                    self.notices.extend(notice);
                }
                entry.fold(event);
            }
            entry.share_reason(&mut self.reasons);
            if part.events.iter().any(changes) {
                self.settle(id, record, part.version_after());
            }
            self.rest(id, was_closed);
        }
        while self.notices.len() > NOTICES_WAITING_MAX {
            self.notices.pop_front();
        }
    }

    /// The record that was taken in last.
    pub const fn seq(&self) -> Seq {
        self.seq
    }

    /// How many messages the stream does not hold yet.
    pub fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// How many cases are in memory.
    pub fn cases(&self) -> usize {
        self.cases.len()
    }

    /// What a unit ought to have for a case; a withdrawal too.
    pub fn work(&self, unit: &UnitId, case: CaseId) -> Option<Work> {
        let entry = self.cases.get(case)?;
        Some(entry.work(case, unit, entry.item(unit)?))
    }

    /// Every unit's current work, by case: all that is not withdrawn.
    pub fn owed(&self) -> impl Iterator<Item = Work> + '_ {
        self.cases.iter().flat_map(|(case, entry)| {
            let owed = entry.items.iter().filter(|(_, item)| item.part != WorkPart::Withdrawn);
            owed.map(move |(unit, item)| entry.work(case, unit, item))
        })
    }

    /// Takes at most `most` messages that are to be sent, oldest first. Whoever takes them says [`Self::sent`] or
    /// begins a comparison.
    pub fn take_unsent(&mut self, most: usize) -> Vec<Work> {
        let mut taken = Vec::new();
        while taken.len() < most
            && let Some((_, case, unit)) = self.unsent.pop_first()
        {
            let comparison = self.comparison;
            let Some(entry) = self.cases.get_mut(case) else { continue };
            let Some(item) = entry.item_mut(&unit) else { continue };
            if item.part == WorkPart::Withdrawn && item.held_in != comparison {
                // The stream holds nothing to be withdrawn.
                item.sent_in = comparison;
                self.rest(case, true);
                continue;
            }
            item.held_in = comparison;
            let item = item.clone();
            taken.push(entry.work(case, &unit, &item));
        }
        taken
    }

    /// The stream took a message, under this sequence of its own.
    pub fn sent(&mut self, unit: &UnitId, case: CaseId, seq: Seq, sequence: u64) {
        let comparison = self.comparison;
        let Some(item) = self.cases.get_mut(case).and_then(|entry| entry.item_mut(unit)) else { return };
        if item.seq == seq {
            item.sent_in = comparison;
            let waiting = (unit.clone(), item.at, case);
            if let Some(waiting) = self.waiting.get_mut(&waiting) {
                waiting.sequence = NonZeroU64::new(sequence);
            }
            self.rest(case, true);
        }
    }

    /// Forgets what the stream is said to hold.
    pub fn begin_comparison(&mut self) {
        self.comparison = self.comparison.wrapping_add(1).max(1);
        self.overflowed = false;
    }

    /// The stream holds a message for the unit about the case, made by the record `seq`; 0 for one of an earlier
    /// epoch, whose records may have been others.
    pub fn found(&mut self, unit: &UnitId, case: CaseId, seq: Seq, sequence: u64) -> Found {
        let comparison = self.comparison;
        let Some(item) = self.cases.get_mut(case).and_then(|entry| entry.item_mut(unit)) else {
            return Found::Unknown;
        };
        item.held_in = comparison;
        if item.seq != seq {
            return Found::Differs;
        }
        self.unsent.remove(&(seq, case, unit.clone()));
        self.sent(unit, case, seq, sequence);
        Found::Same
    }

    /// Looks through at most `most` cases behind `after` for what the stream turned out not to hold. Says the last
    /// case that was looked at; none when it is through.
    pub fn go_on_comparing(&mut self, after: Option<CaseId>, most: usize) -> Option<CaseId> {
        let mut last = None;
        for (case, entry) in self.cases.after(after).take(most) {
            last = Some(case);
            for (unit, item) in entry.items.iter().filter(|(_, item)| item.sent_in != self.comparison) {
                self.unsent.insert((item.seq, case, unit.clone()));
            }
        }
        last
    }

    /// Whether withdrawals of closed cases were dropped unsent, so that only a comparison finds them again.
    pub const fn has_overflowed(&self) -> bool {
        self.overflowed
    }

    /// Takes the oldest notice that waits.
    pub fn take_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// Says what a case was about when it was closed that was reopened since: the fold knows only what the reopening
    /// tells, and what was put right behind it.
    pub fn recall(&mut self, case: CaseId, closed_with: Face) {
        if let Some(entry) = self.cases.get_mut(case) {
            entry.recall(closed_with);
        }
    }

    /// Brings the works of a case to what its events left.
    fn settle(&mut self, id: CaseId, record: &Record, version: u32) {
        let Some(entry) = self.cases.get_mut(id) else { return };
        let before: Vec<(UnitId, Seq, Timestamp)> =
            entry.items.iter().map(|(unit, item)| (unit.clone(), item.seq, item.at)).collect();
        let changed = entry.settle(record, version);
        let mut waited = None;
        for (unit, seq, at) in before {
            let waiting = self.waiting.remove(&(unit.clone(), at, id));
            if changed.contains(&unit) {
                self.unsent.remove(&(seq, id, unit));
            } else {
                waited = waiting.or(waited);
            }
        }
        for unit in changed {
            self.unsent.insert((record.seq, id, unit));
        }
        let lead = entry.lead.clone().filter(|_| !entry.accepted);
        if let Some((unit, item)) = lead.and_then(|lead| Some((lead.clone(), entry.item(&lead)?)))
            && let Some(waiting) = waited.or_else(|| Waiting::of(item))
        {
            self.waiting.insert((unit, item.at, id), waiting);
        }
    }

    /// Lets a closed case go when all its withdrawals are sent.
    fn rest(&mut self, id: CaseId, was_closed: bool) {
        let comparison = self.comparison;
        let Some(entry) = self.cases.get(id) else { return };
        if !entry.closed {
            return;
        }
        let sent = |item: &Item| item.sent_in == comparison && comparison > 0;
        if entry.items.iter().all(|(_, item)| sent(item)) {
            self.drop_case(id);
            return;
        }
        if !was_closed {
            self.closed.push_back(id);
        }
        while self.closed.len() > CLOSED_CASES_MAX
            && let Some(oldest) = self.closed.pop_front()
        {
            if self.cases.get(oldest).is_some_and(|entry| entry.closed) {
                self.overflowed = true;
                self.drop_case(oldest);
            }
        }
    }

    fn drop_case(&mut self, id: CaseId) {
        if let Some(entry) = self.cases.remove(id) {
            for (unit, item) in entry.items {
                self.unsent.remove(&(item.seq, id, unit));
            }
        }
    }
}

/// The events after which somebody may have to be told something else.
fn changes(event: &Event) -> bool {
    matches!(
        event,
        Event::Corrected(_)
            | Event::Tagged(_)
            | Event::Refused(_)
            | Event::Referred(_)
            | Event::Cancelled(_)
            | Event::Assigned(_)
            | Event::Accepted(_)
            | Event::Returned(_)
            | Event::Ruled(_)
            | Event::Resolved(_)
            | Event::Clocked(_)
            | Event::Escalated(_)
            | Event::Alarmed(_)
            | Event::Checked(_)
            | Event::Reopened(_)
            | Event::Closed(_)
            | Event::Rehomed(_)
            | Event::Merged(_)
            | Event::Unmerged(_)
            | Event::Terminated(_)
            | Event::Whistled(_)
            | Event::ReportedIn(_)
            | Event::HelpCalled(_)
            | Event::HelpReported(_)
            | Event::Resumed(_)
    )
}
