//! Which n-grams a model knows, and what each counts in a text: tf-idf, of length one.

use super::text::{Gram, Letter, grams};
use std::collections::BTreeMap;

/// Fewest titles in which an n-gram must stand. What stands in one alone teaches nothing and could name somebody.
pub(super) const GRAM_TITLES_MIN: u32 = 2;
/// Most n-grams of one model; where there are more, those of the most titles stay.
pub(super) const GRAMS_MAX: usize = 60_000;

/// The known n-grams in ascending order, each with its weight against the frequent ones.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Vocabulary {
    grams: Vec<Gram>,
    rarity: Vec<f32>,
}

impl Vocabulary {
    /// Learns the n-grams of these titles.
    #[expect(clippy::cast_possible_truncation, reason = "a rarity is a small number")]
    pub(super) fn learn(titles: &[&[Letter]]) -> Self {
        let mut standing: BTreeMap<Gram, u32> = BTreeMap::new();
        for letters in titles {
            let mut own: Vec<_> = grams(letters).collect();
            own.sort_unstable();
            own.dedup();
            for gram in own {
                *standing.entry(gram).or_default() += 1;
            }
        }
        let mut known: Vec<_> =
            standing.into_iter().filter(|(_, titles)| *titles >= GRAM_TITLES_MIN).collect();
        if known.len() > GRAMS_MAX {
            known.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
            known.truncate(GRAMS_MAX);
            known.sort_by_key(|(gram, _)| *gram);
        }
        let all = 1.0 + titles.len() as f64;
        let rarity = known.iter().map(|(_, titles)| ((all / f64::from(1 + titles)).ln() + 1.0) as f32);
        Self { rarity: rarity.collect(), grams: known.into_iter().map(|(gram, _)| gram).collect() }
    }

    /// Of n-grams in ascending order and their rarities, as a file gives them.
    pub(super) fn of(known: Vec<(Gram, f32)>) -> Option<Self> {
        let (grams, rarity): (Vec<_>, Vec<_>) = known.into_iter().unzip();
        grams.is_sorted_by(|one, other| one < other).then_some(Self { grams, rarity })
    }

    pub(super) fn len(&self) -> usize {
        self.grams.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Gram, f32)> {
        self.grams.iter().copied().zip(self.rarity.iter().copied())
    }

    /// The number of an n-gram.
    #[expect(clippy::cast_possible_truncation, reason = "there are at most GRAMS_MAX")]
    pub(super) fn find(&self, gram: Gram) -> Option<u32> {
        self.grams.binary_search(&gram).ok().map(|at| at as u32)
    }

    /// What stands in a text, by number: one plus the logarithm of how often, times the rarity, all divided by
    /// their length.
    #[expect(clippy::cast_possible_truncation, reason = "values lie between 0 and 1")]
    pub(super) fn weigh(&self, letters: &[Letter]) -> Vec<(u32, f32)> {
        let mut found: Vec<u32> = grams(letters).filter_map(|gram| self.find(gram)).collect();
        found.sort_unstable();
        let values = found.chunk_by(|one, other| one == other).map(|same| {
            let often = 1.0 + (same.len() as f64).ln();
            (same[0], often * f64::from(self.rarity[same[0] as usize]))
        });
        let values: Vec<(u32, f64)> = values.collect();
        let length = values.iter().map(|(_, value)| value * value).sum::<f64>().sqrt();
        values.into_iter().map(|(gram, value)| (gram, (value / length) as f32)).collect()
    }
}
