//! Whose cases are these: the cases of a telephone number, for who answers its call.
//!
//! It stands in memory alone and holds no number: only a mark of each, made with a key that is drawn at every start and
//! written nowhere. It follows the journal when it is asked, beside the loop, so that calls never wait for it; the first
//! question after a start reads back [`CALLER_DAYS`]. Who may ask, and which of the cases they are told, is for the door
//! to say that the question came through.

use super::{Doors, first_at_or_after};
use crate::person::{plain, sealed_of};
use hmac::{Hmac, Mac};
use huying_domain::{
    event::Event,
    ids::{CaseId, Seq},
    record::Record,
    time::Timestamp,
};
use huying_journal::{disk::Disk, error::ReadError, reader::Reader, seal::Entropy};
use sha2::Sha256;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::ControlFlow,
};

/// For how many days a number's cases are known to who answers its call.
pub const CALLER_DAYS: i64 = 180;
/// Most cases that are remembered of one number; the oldest go first.
pub const CALLER_CASES_MAX: usize = 100;
/// Fewest characters of a number that anything is looked up for: what is shorter is still being typed.
pub const NUMBER_CHARS_MIN: usize = 5;

const DAY_S: i64 = 86_400;
const KEY_BYTES: usize = 32;
const MARK_BYTES: usize = 16;

/// What stands for a number.
type Mark = [u8; MARK_BYTES];

/// The cases of the numbers that called.
pub(super) struct Callers {
    key: [u8; KEY_BYTES],
    of: BTreeMap<Mark, Vec<CaseId>>,
    by_age: VecDeque<(Timestamp, Mark, CaseId)>,
    /// The last record that was looked at.
    seen: Seq,
}

impl Callers {
    pub(super) fn new(entropy: &mut Entropy) -> Self {
        let mut key = [0; KEY_BYTES];
        entropy(&mut key);
        Self { key, of: BTreeMap::new(), by_age: VecDeque::new(), seen: 0 }
    }

    fn mark(&self, number: &str) -> Mark {
        let mut mac = <Hmac<Sha256>>::new_from_slice(&self.key).expect("a key of any length will do");
        mac.update(plain(number).as_bytes());
        let (mut mark, whole) = ([0; MARK_BYTES], mac.finalize().into_bytes());
        mark.copy_from_slice(&whole[..MARK_BYTES]);
        mark
    }

    /// The cases of a number, the newest first.
    fn of(&self, number: &str) -> Vec<CaseId> {
        if plain(number).chars().count() < NUMBER_CHARS_MIN {
            return Vec::new();
        }
        self.of.get(&self.mark(number)).into_iter().flatten().rev().copied().collect()
    }

    /// Looks at the records that were written since the last time.
    fn catch_up<D: Disk>(&mut self, reader: &Reader<D>) -> Result<(), ReadError> {
        let last = reader.synced();
        if last <= self.seen {
            return Ok(());
        }
        let oldest = reader.record(last)?.at.plus_seconds(-CALLER_DAYS * DAY_S);
        let from = if self.seen == 0 { first_at_or_after(reader, oldest)? } else { self.seen + 1 };
        reader.scan(from, &mut |record, _| {
            self.seen = record.seq;
            self.erase(record);
            if let Some(case) = sealed_of(record) {
                // Whatever cannot be opened any more is nobody's.
                let private = reader.open_sealed(case, record).ok().flatten();
                if let Some(number) = private.and_then(|private| private.number) {
                    self.note(record.at, &number, case);
                }
            }
            ControlFlow::Continue(())
        })?;
        self.forget_before(oldest);
        Ok(())
    }

    fn note(&mut self, at: Timestamp, number: &str, case: CaseId) {
        let mark = self.mark(number);
        let cases = self.of.entry(mark).or_default();
        if cases.contains(&case) {
            return;
        }
        if cases.len() >= CALLER_CASES_MAX {
            cases.remove(0);
        }
        cases.push(case);
        self.by_age.push_back((at, mark, case));
    }

    /// What was erased is nobody's from then on.
    fn erase(&mut self, record: &Record) {
        let erased = record
            .parts
            .iter()
            .filter(|part| part.events.iter().any(|event| matches!(event, Event::Erased(_))));
        let gone: BTreeSet<CaseId> = erased.filter_map(|part| part.case()).collect();
        if gone.is_empty() {
            return;
        }
        self.by_age.retain(|(_, _, case)| !gone.contains(case));
        self.of.retain(|_, cases| {
            cases.retain(|case| !gone.contains(case));
            !cases.is_empty()
        });
    }

    fn forget_before(&mut self, oldest: Timestamp) {
        while let Some((_, mark, case)) = self.by_age.pop_front_if(|(at, ..)| *at < oldest) {
            if let Some(cases) = self.of.get_mut(&mark) {
                cases.retain(|known| *known != case);
                if cases.is_empty() {
                    self.of.remove(&mark);
                }
            }
        }
    }
}

impl<D: Disk> Doors<D> {
    /// The cases of the last [`CALLER_DAYS`] that a number called about, the newest first. It reads what was written
    /// since the last question: to be asked where waiting holds up nobody.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn cases_of_number(&self, number: &str) -> Result<Vec<CaseId>, ReadError> {
        let mut callers = self.callers.lock().expect("nobody panics over the callers");
        callers.catch_up(&self.reader)?;
        Ok(callers.of(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callers() -> Callers {
        Callers::new(&mut (Box::new(|bytes: &mut [u8]| bytes.fill(7)) as Entropy))
    }

    fn day(n: i64) -> Timestamp {
        Timestamp::from_seconds(n * DAY_S)
    }

    #[test]
    fn a_number_has_its_cases_however_it_is_written_and_another_has_none_of_them() {
        let mut callers = callers();
        callers.note(day(1), "139 0000 0042", CaseId::new(0, 1));
        callers.note(day(2), "+86-139-0000-0042", CaseId::new(0, 2));
        callers.note(day(2), "13900000042", CaseId::new(0, 2));
        assert_eq!(callers.of("13900000042"), [CaseId::new(0, 2), CaseId::new(0, 1)], "the newest first");
        assert!(callers.of("13900000043").is_empty());
        callers.note(day(3), "42", CaseId::new(0, 3));
        assert!(callers.of("42").is_empty(), "a number that is still being typed is nobody's");
        let text = format!("{:?}", callers.of);
        assert!(!text.contains("139"), "no number stands in it");
    }

    #[test]
    fn what_is_too_old_or_too_much_is_forgotten() {
        let mut callers = callers();
        for n in 0..=CALLER_CASES_MAX as u64 {
            callers.note(day(1), "13900000042", CaseId::new(0, n + 1));
        }
        let known = callers.of("13900000042");
        assert_eq!(known.len(), CALLER_CASES_MAX);
        assert!(!known.contains(&CaseId::new(0, 1)), "the oldest went first");
        callers.note(day(2), "13900000042", CaseId::new(0, 999));
        callers.forget_before(day(2));
        assert_eq!(callers.of("13900000042"), [CaseId::new(0, 999)]);
        callers.forget_before(day(3));
        assert!(callers.of.is_empty() && callers.by_age.is_empty());
    }
}
