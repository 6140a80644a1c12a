//! A support vector machine for one class against the others, by dual coordinate descent.
//!
//! Minimises ½‖w‖² + C·Σ max(0, 1 − y·(w·x + b))², the bias taken as one more feature of value 1. One multiplier a
//! title is set to its best value, the others held, over and over in a shuffled order, until none wants to move
//! much (Hsieh and others 2008, the way of LIBLINEAR). Own code, since what there is in Rust works on dense rows or
//! binds a C++ library, whose lots would have to be tamed, and the method is a page long.

use super::Row;

/// How far a multiplier may still want to move when the work is done.
const STILL: f64 = 0.01;
/// Most rounds through the titles.
const ROUNDS_MAX: usize = 200;

/// A separating plane: what is above it is taken for the class.
#[derive(Clone)]
pub(super) struct Plane {
    pub(super) weights: Vec<f32>,
    pub(super) bias: f64,
}

/// Finds the plane between the rows that are of the class and the others. Each value is first multiplied by its
/// n-gram's `stretch`; the plane is for values before that.
#[expect(clippy::cast_possible_truncation, reason = "weights keep some seven places")]
pub(super) fn separate(rows: &[Row], is: impl Fn(usize) -> bool, stretch: &[f32], cost: f64) -> Plane {
    let mut weights = vec![0.0_f64; stretch.len()];
    let mut bias = 0.0;
    let give = 1.0 / (2.0 * cost);
    let value =
        |&(gram, value): &(u32, f32)| (gram as usize, f64::from(value) * f64::from(stretch[gram as usize]));
    let own: Vec<f64> = rows
        .iter()
        .map(|row| row.iter().map(|entry| value(entry).1.powi(2)).sum::<f64>() + 1.0 + give)
        .collect();
    let mut multipliers = vec![0.0_f64; rows.len()];
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut lots = Lots(0);
    for _ in 0..ROUNDS_MAX {
        lots.shuffle(&mut order);
        let (mut highest, mut lowest) = (f64::NEG_INFINITY, f64::INFINITY);
        for &at in &order {
            let side = if is(at) { 1.0 } else { -1.0 };
            let above = rows[at].iter().map(value).map(|(gram, value)| weights[gram] * value).sum::<f64>();
            let slope = side * (above + bias) - 1.0 + give * multipliers[at];
            let wants = if multipliers[at] > 0.0 { slope } else { slope.min(0.0) };
            highest = highest.max(wants);
            lowest = lowest.min(wants);
            let moved = (multipliers[at] - slope / own[at]).max(0.0);
            let step = side * (moved - multipliers[at]);
            multipliers[at] = moved;
            if step != 0.0 {
                rows[at].iter().map(value).for_each(|(gram, value)| weights[gram] += step * value);
                bias += step;
            }
        }
        if highest - lowest <= STILL {
            break;
        }
    }
    let weights = weights.iter().zip(stretch).map(|(weight, stretch)| (weight * f64::from(*stretch)) as f32);
    Plane { weights: weights.collect(), bias }
}

/// A fixed sequence of numbers that look drawn by lot (SplitMix64); every run has the same.
struct Lots(u64);

impl Lots {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the remainder is a place in the list")]
    fn shuffle(&mut self, order: &mut [usize]) {
        for at in (1..order.len()).rev() {
            order.swap(at, (self.next() % (at as u64 + 1)) as usize);
        }
    }
}
