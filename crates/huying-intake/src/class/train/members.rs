//! The three linear models that vote.

use super::{
    Row,
    stack::Stack,
    svm::{Plane, separate},
};

/// How many vote.
const MEMBERS: usize = 3;
/// How dear an error is to the machine on plain values.
const COST_PLAIN: f64 = 0.4;
/// How dear an error is to the machine on stretched values.
const COST_STRETCHED: f64 = 0.3;
/// What each n-gram is taken to have been seen beforehand, on each side, where ratios stretch values.
const SEEN_BEFORE_RATIO: f64 = 0.5;
/// The same where shares speak by themselves.
const SEEN_BEFORE_SHARE: f64 = 0.1;

/// A plane for each member and class: all classes of the first member, then of the second, then of the third.
pub(super) struct Members {
    planes: Vec<Plane>,
    classes: usize,
    grams: usize,
}

/// Teaches all members.
pub(super) fn teach(rows: &[Row], taught: &[usize], classes: usize, grams: usize) -> Members {
    let plain = vec![1.0; grams];
    let counts = Counts::of(rows, taught, classes, grams);
    let mut planes = Vec::with_capacity(MEMBERS * classes);
    planes.extend((0..classes).map(|class| separate(rows, |at| taught[at] == class, &plain, COST_PLAIN)));
    planes.extend(
        (0..classes)
            .map(|class| separate(rows, |at| taught[at] == class, &counts.ratios(class), COST_STRETCHED)),
    );
    planes.extend(counts.shares());
    Members { planes, classes, grams }
}

/// In how many titles of each class each n-gram stands.
struct Counts {
    of_class: Vec<Vec<f64>>,
    of_all: Vec<f64>,
}

impl Counts {
    fn of(rows: &[Row], taught: &[usize], classes: usize, grams: usize) -> Self {
        let mut counts = Self { of_class: vec![vec![0.0; grams]; classes], of_all: vec![0.0; grams] };
        for (row, class) in rows.iter().zip(taught) {
            for &(gram, _) in row {
                counts.of_class[*class][gram as usize] += 1.0;
                counts.of_all[gram as usize] += 1.0;
            }
        }
        counts
    }

    /// The logarithm of how much oftener an n-gram stands within the class than outside it.
    #[expect(clippy::cast_possible_truncation, reason = "a logarithm keeps some seven places")]
    fn ratios(&self, class: usize) -> Vec<f32> {
        let seen = SEEN_BEFORE_RATIO * self.of_all.len() as f64;
        let within: f64 = self.of_class[class].iter().sum::<f64>() + seen;
        let outside: f64 = self.of_all.iter().sum::<f64>() - self.of_class[class].iter().sum::<f64>() + seen;
        let ratio = |(own, all): (&f64, &f64)| {
            let share = (own + SEEN_BEFORE_RATIO) / within;
            let elsewhere = (all - own + SEEN_BEFORE_RATIO) / outside;
            (share / elsewhere).ln() as f32
        };
        self.of_class[class].iter().zip(&self.of_all).map(ratio).collect()
    }

    /// The logarithm of each n-gram's share within the class, less what it is on the average of the classes.
    #[expect(clippy::cast_possible_truncation, reason = "a logarithm keeps some seven places")]
    fn shares(&self) -> Vec<Plane> {
        let logarithms: Vec<Vec<f64>> = self
            .of_class
            .iter()
            .map(|counts| {
                let all = counts.iter().sum::<f64>() + SEEN_BEFORE_SHARE * counts.len() as f64;
                counts.iter().map(|count| ((count + SEEN_BEFORE_SHARE) / all).ln()).collect()
            })
            .collect();
        let mean =
            |gram: usize| logarithms.iter().map(|shares| shares[gram]).sum::<f64>() / logarithms.len() as f64;
        let means: Vec<f64> = (0..self.of_all.len()).map(mean).collect();
        let plane = |shares: &Vec<f64>| Plane {
            weights: shares.iter().zip(&means).map(|(share, mean)| (share - mean) as f32).collect(),
            bias: 0.0,
        };
        logarithms.iter().map(plane).collect()
    }
}

/// How far the scores of each member are spread, so that all speak equally loud. `scores` may not be empty.
pub(super) fn spread(scores: &[Vec<f64>], classes: usize) -> Vec<f64> {
    let of_member = |member: usize| {
        let own = || scores.iter().flat_map(move |row| &row[member * classes..(member + 1) * classes]);
        let count = (scores.len() * classes) as f64;
        let mean = own().sum::<f64>() / count;
        let variance = own().map(|score| (score - mean).powi(2)).sum::<f64>() / count;
        // A member that says the same of everything stays silent, whatever it is divided by.
        if variance > 0.0 { variance.sqrt() } else { 1.0 }
    };
    (0..MEMBERS).flat_map(|member| std::iter::repeat_n(of_member(member), classes)).collect()
}

/// Scores divided by their spread.
pub(super) fn scaled(scores: &[f64], spread: &[f64]) -> Vec<f64> {
    scores.iter().zip(spread).map(|(score, spread)| score / spread).collect()
}

impl Members {
    /// What each plane says of a row.
    pub(super) fn scores(&self, row: &[(u32, f32)]) -> Vec<f64> {
        let of = |plane: &Plane| {
            let said =
                row.iter().map(|&(gram, value)| f64::from(plane.weights[gram as usize]) * f64::from(value));
            said.sum::<f64>() + plane.bias
        };
        self.planes.iter().map(of).collect()
    }

    /// The members and what the stack makes of them, as one weight per n-gram and class, and a bias per class.
    #[expect(clippy::cast_possible_truncation, reason = "weights keep some seven places")]
    pub(super) fn folded(&self, stack: &Stack, spread: &[f64]) -> (Vec<f32>, Vec<f32>) {
        let mut weights = Vec::with_capacity(self.grams * self.classes);
        for gram in 0..self.grams {
            let said: Vec<f64> = self.planes.iter().map(|plane| f64::from(plane.weights[gram])).collect();
            let said = scaled(&said, spread);
            weights.extend(stack.without_bias(&said).map(|weight| weight as f32));
        }
        let biases: Vec<f64> = self.planes.iter().map(|plane| plane.bias).collect();
        let biases = stack.scores(&scaled(&biases, spread));
        (weights, biases.into_iter().map(|bias| bias as f32).collect())
    }
}
