//! Two tallies of different records make one of both.

use super::Tally;
use std::collections::BTreeMap;

trait Sum {
    fn sum(&mut self, other: &Self);
}

impl Sum for u64 {
    fn sum(&mut self, other: &Self) {
        *self += other;
    }
}

impl<K: Ord + Copy> Sum for BTreeMap<K, u64> {
    fn sum(&mut self, other: &Self) {
        other.iter().for_each(|(key, count)| *self.entry(*key).or_default() += count);
    }
}

/// Adds up the named numbers, and stops the build when one is forgotten.
macro_rules! sum {
    ($whole:ident, $part:ident; $($number:ident)+) => {
        let Tally { $($number,)+ known: _, drilling: _ } = $part;
        $($whole.$number.sum($number);)+
    };
}

impl Tally {
    /// Adds the numbers of another tally.
    pub fn add(&mut self, other: &Self) {
        sum! { self, other;
            records events cases joined refused referred cancelled censored assigned accepted returned ruled
            escalated escalated_for skipped top_asked reminded breached asked_again exempted resolved
            resolved_on_the_spot checks_passed checks_failed answered answered_with_lead tell_asked told
            called_back verdicts_solved verdicts_grade verdicts_contacted reopened closed revealed erased
            alarms rings noticed drills
        }
    }
}
