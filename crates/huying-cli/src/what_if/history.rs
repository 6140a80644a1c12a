//! What a journal holds: the outside acts, and a fingerprint of every record to compare with.

use super::{
    acts::asked,
    course::{Course, Stand},
    side::Side,
};
use huying_domain::{
    command::{Ask, Command},
    event::Event,
    ids::CaseId,
    record::{Hash, Origin, Record, Subject},
    time::Timestamp,
    wire,
};
use std::collections::BTreeMap;

/// An outside act and where it stood.
#[derive(Clone, Debug)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// The command, without the caller's private data.
    pub command: Command,
    /// The case that it made, if it is a call.
    pub made: Option<CaseId>,
    /// How many seconds the holder had had the case, if it was the holder who acted.
    pub held_for_s: Option<i64>,
    /// Where its case stood.
    pub stood: Option<Stood>,
    /// No record of a station or timer lies between this act and the one before.
    pub follows_at_once: bool,
    /// In the trial: it went to another unit already.
    pub carried: bool,
    /// In the trial: it has waited already.
    pub waited: bool,
}

/// Where a case stood when something was done.
#[derive(Clone, Copy, Debug)]
pub struct Stood {
    /// There.
    pub stand: Stand,
    /// For so many seconds.
    pub for_s: i64,
}

/// A journal, read once.
#[derive(Debug, Default)]
pub struct History {
    /// The outside acts in order.
    pub acts: Vec<Act>,
    /// Records of persons and feeds that are not carried over, by the first event.
    pub left_out: BTreeMap<&'static str, u64>,
    /// A fingerprint of each record.
    pub prints: Vec<Hash>,
    /// When the first record was made.
    pub begun: Option<Timestamp>,
    /// When the last was.
    pub ended: Timestamp,
    /// The counts.
    pub side: Side,
    course: Course,
    derived_since: bool,
}

impl History {
    /// A history whose counts begin at this instant.
    pub fn since(from: Option<Timestamp>) -> Self {
        Self { side: Side::since(from), ..Self::default() }
    }

    /// Takes in the next record.
    pub fn follow(&mut self, record: &Record) {
        self.begun.get_or_insert(record.at);
        self.ended = record.at;
        self.prints.push(print(record));
        match record.by {
            Origin::Person | Origin::Feed => self.outside(record),
            Origin::Station | Origin::Timer => self.derived_since = true,
        }
        self.side.follow(record);
        self.course.follow(record);
    }

    fn outside(&mut self, record: &Record) {
        if is_founding(record) {
            return;
        }
        let Some((case, ask)) = asked(record) else {
            let first = record.parts.first().and_then(|part| part.events.first());
            *self.left_out.entry(first.map_or("nothing", Event::tag)).or_default() += 1;
            return;
        };
        let held = case.and_then(|case| self.course.holder(case));
        let held_for_s = held
            .filter(|(holder, _)| *holder == record.actor.unit && is_of_holder(&ask))
            .map(|(_, since)| record.at.seconds_since(*since));
        let stand = case.and_then(|case| self.course.stands(case));
        let stood = stand.map(|stand| Stood { stand, for_s: record.at.seconds_since(stand.since) });
        let made = record.parts.first().and_then(|part| part.case()).filter(|_| is_call(&ask));
        let command = Command {
            id: record.command,
            actor: record.actor.clone(),
            by: record.by,
            because: record.because,
            saw: None,
            case,
            ask,
            private: None,
        };
        let follows_at_once = !std::mem::take(&mut self.derived_since)
            && self.acts.last().is_some_and(|before| before.at == record.at);
        self.acts.push(Act {
            at: record.at,
            command,
            made,
            held_for_s,
            stood,
            follows_at_once,
            carried: false,
            waited: false,
        });
    }
}

/// Whether it is the holder's to ask. What the desk does behind the handling stays the desk's, though the centre may
/// have held the case, too: carried to another holder, it would check and close its own work.
const fn is_of_holder(ask: &Ask) -> bool {
    matches!(
        ask,
        Ask::Accept
            | Ask::Return { .. }
            | Ask::Delegate { .. }
            | Ask::Contact { .. }
            | Ask::Arrive { .. }
            | Ask::Progress { .. }
            | Ask::Whistle { .. }
            | Ask::CallHelp { .. }
            | Ask::Extend { .. }
            | Ask::Suspend { .. }
            | Ask::Terminate { .. }
            | Ask::Resume
            | Ask::Escalate { .. }
            | Ask::Resolve { .. }
    )
}

/// The founding: the rules of the first start, which each engine publishes itself.
fn is_founding(record: &Record) -> bool {
    record.seq <= huying_domain::record::RuleFile::ALL.len() as u64
        && record.parts.iter().all(|part| matches!(part.subject, Subject::Rulebook(_)))
}

/// Whether it makes a case.
const fn is_call(ask: &Ask) -> bool {
    matches!(
        ask,
        Ask::Register(_) | Ask::RegisterSolved { .. } | Ask::RegisterSettled { .. } | Ask::Join { .. }
    )
}

/// All of a record but the digest, whose key is the folder's own, the sealed data and the chain.
pub fn print(record: &Record) -> Hash {
    let Record { seq, at, late_for, actor, by, because, command, parts, .. } = record;
    let told = rmp_serde::to_vec_named(&(seq, at, late_for, actor, by, because, command, parts));
    wire::hash(&told.expect("a record consists of maps, texts and numbers"))
}
