//! Quantiles of whole seconds in little room, the same whatever the order of arrival.

use std::collections::BTreeMap;

/// Seconds below this are kept exactly.
const EXACT_SECONDS: u64 = 256;
/// Buckets to each doubling above.
const PER_DOUBLING: u64 = 128;

/// A histogram with 128 buckets to each doubling. A quantile is off by less than 0.4 % of itself, and by nothing
/// below 256 seconds.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Quantiles {
    buckets: BTreeMap<u64, u64>,
    count: u64,
}

impl Quantiles {
    /// Notes one duration.
    pub fn note(&mut self, seconds: u64) {
        *self.buckets.entry(bucket(seconds)).or_default() += 1;
        self.count += 1;
    }

    /// How many were noted.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The duration that this many percent do not exceed; none if nothing was noted.
    pub fn at(&self, percent: u8) -> Option<u64> {
        let rank = (self.count * u64::from(percent.min(100))).div_ceil(100).max(1);
        let mut passed = 0;
        self.buckets.iter().find_map(|(bucket, count)| {
            passed += count;
            (passed >= rank).then(|| middle(*bucket))
        })
    }

    /// Adds those that another one noted.
    pub fn add(&mut self, other: &Self) {
        other.buckets.iter().for_each(|(bucket, count)| *self.buckets.entry(*bucket).or_default() += count);
        self.count += other.count;
    }
}

/// Which bucket: the value itself, or its leading eight bits and how far they were shifted.
fn bucket(seconds: u64) -> u64 {
    if seconds < EXACT_SECONDS {
        return seconds;
    }
    let shift = u64::from(seconds.ilog2()) - 7;
    EXACT_SECONDS + (shift - 1) * PER_DOUBLING + (seconds >> shift) - PER_DOUBLING
}

fn middle(bucket: u64) -> u64 {
    if bucket < EXACT_SECONDS {
        return bucket;
    }
    let (shift, place) =
        ((bucket - EXACT_SECONDS) / PER_DOUBLING + 1, (bucket - EXACT_SECONDS) % PER_DOUBLING);
    ((PER_DOUBLING + place) << shift) + (1 << (shift - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_stands_for_every_value_in_it_within_four_thousandths() {
        let mut value = 1_u64;
        while value < 400_000_000 {
            let shown = middle(bucket(value));
            assert!(shown.abs_diff(value) * 1000 <= value * 4, "{value} is shown as {shown}");
            value += 1 + value / 97;
        }
        assert_eq!(middle(bucket(255)), 255);
        assert!((0..100_000).map(bucket).is_sorted());
    }

    #[test]
    fn quantiles_do_not_depend_on_the_order_and_add_up() {
        let (mut up, mut down, mut odd) = (Quantiles::default(), Quantiles::default(), Quantiles::default());
        for seconds in 1..=99 {
            up.note(seconds);
            down.note(100 - seconds);
            if seconds % 2 == 1 {
                odd.note(seconds);
            }
        }
        assert_eq!(up, down);
        assert_eq!((up.at(50), up.at(90), up.at(100), up.at(0)), (Some(50), Some(90), Some(99), Some(1)));
        assert_eq!(Quantiles::default().at(50), None);
        odd.add(&up);
        assert_eq!(odd.count(), 149);
    }
}
