//! Chance that can be repeated: what a party does depends on the seed, the case and the occasion, and on
//! nothing that another party drew. A run that was stopped and begun again draws the same.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One occasion's chance.
#[derive(Debug)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The chance of one occasion: the seed, then whatever names the occasion.
    pub fn new(seed: u64, occasion: &[u64]) -> Self {
        // The finaliser of SplitMix64 (Steele, Lea, Flood 2014), once for each part.
        let mix = |state: u64, part: u64| {
            let mut z = (state ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Self(ChaCha8Rng::seed_from_u64(occasion.iter().fold(mix(seed, 0), |state, part| mix(state, *part))))
    }

    /// Whether something of this probability happens.
    pub fn happens(&mut self, permille: u32) -> bool {
        self.0.random_range(0..1000) < permille
    }

    /// A number from `low` to `high`, both possible.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// The place of one of these weights, drawn by weight; 0 when all weights are 0.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let whole: u32 = weights.iter().sum();
        let mut drawn = self.0.random_range(0..whole.max(1));
        for (place, weight) in weights.iter().enumerate() {
            if drawn < *weight {
                return place;
            }
            drawn -= weight;
        }
        0
    }

    /// Seconds of work or of waiting: lognormal about a median, with the given spread of its logarithm in
    /// hundredths, cut at a hundred medians. Service times of hotlines are long-tailed; the form is assumed.
    pub fn lognormal_s(&mut self, median_s: i64, sigma_percent: u32) -> i64 {
        let (first, second): (f64, f64) = (1.0 - self.0.random::<f64>(), self.0.random());
        let normal = (-2.0 * first.ln()).sqrt() * (std::f64::consts::TAU * second).cos();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "cut to a hundred medians"
        )]
        let drawn = (median_s as f64 * (normal * f64::from(sigma_percent) / 100.0).exp()) as i64;
        drawn.clamp(1, median_s * 100)
    }

    /// Milliseconds until the next arrival of a Poisson stream of this rate.
    pub fn until_next_ms(&mut self, per_hour: f64) -> i64 {
        let uniform = 1.0 - self.0.random::<f64>();
        #[expect(clippy::cast_possible_truncation, reason = "cut to a day")]
        let drawn = (-uniform.ln() / per_hour * 3_600_000.0).min(86_400_000.0) as i64;
        drawn.max(1)
    }
}
