//! Where the records of the cases in memory stand, and the key slot of each case that has one.

use huying_domain::{
    ids::{CaseId, Seq},
    pages::Pages,
};

/// Bits of a number in one byte; the eighth says that more follow.
const BYTE_BITS: u32 = 7;
const MORE: u8 = 1 << BYTE_BITS;

/// The traces of all cases in memory.
#[derive(Debug, Default)]
pub(crate) struct Traces(Pages<Trace>);

/// What a case left in the journal.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// How much the number of each of its records is greater than that of the one before.
    steps: Box<[u8]>,
    last: Seq,
    /// The key slot, if it has one.
    pub(crate) slot: Option<u32>,
}

impl Traces {
    /// The records of a case, in order.
    pub(crate) fn seqs(&self, case: CaseId) -> Option<Vec<Seq>> {
        self.0.get(case).filter(|trace| trace.last > 0).map(Trace::seqs)
    }

    /// The key slot of a case.
    pub(crate) fn slot(&self, case: CaseId) -> Option<u32> {
        self.0.get(case)?.slot
    }

    /// The case has one more record.
    pub(crate) fn note(&mut self, case: CaseId, seq: Seq) {
        self.0.or_insert(case, Trace::default).push(seq);
    }

    /// The case has this key slot.
    pub(crate) fn note_slot(&mut self, case: CaseId, slot: u32) {
        self.0.or_insert(case, Trace::default).slot = Some(slot);
    }

    /// Lets a case go from memory.
    pub(crate) fn remove(&mut self, case: CaseId) -> Option<Trace> {
        self.0.remove(case)
    }

    /// How many cases there are.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }
}

impl Trace {
    /// The records, in order.
    pub(crate) fn seqs(&self) -> Vec<Seq> {
        let (mut seqs, mut seq, mut step, mut bits) = (Vec::new(), 0, 0, 0);
        for byte in &self.steps {
            step |= u64::from(byte & !MORE) << bits;
            bits += BYTE_BITS;
            if byte & MORE == 0 {
                seq += step;
                seqs.push(seq);
                (step, bits) = (0, 0);
            }
        }
        seqs
    }

    fn push(&mut self, seq: Seq) {
        let mut step = seq - self.last;
        let mut bytes = std::mem::take(&mut self.steps).into_vec();
        while step >= u64::from(MORE) {
            bytes.push(MORE | step as u8);
            step >>= BYTE_BITS;
        }
        bytes.push(step as u8);
        self.steps = bytes.into_boxed_slice();
        self.last = seq;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_of_a_case_is_found_again_in_order() {
        let seqs = [1, 2, 129, 130, 20_000, 20_001, 5_000_000_000, u64::MAX - 1, u64::MAX];
        let (mut traces, case) = (Traces::default(), CaseId::new(0, 7));
        assert_eq!(traces.seqs(case), None);
        traces.note_slot(case, 3);
        assert_eq!(traces.seqs(case), None, "a slot alone is no record");
        seqs.iter().for_each(|seq| traces.note(case, *seq));
        assert_eq!(traces.seqs(case).as_deref(), Some(&seqs[..]));
        assert_eq!(traces.slot(case), Some(3));
        assert_eq!(traces.remove(case).map(|trace| trace.seqs()).as_deref(), Some(&seqs[..]));
        assert_eq!(traces.len(), 0);
    }
}
