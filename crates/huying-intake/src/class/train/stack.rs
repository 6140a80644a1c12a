//! The softmax regression that weighs the members' scores.
//!
//! Minimises ½‖W‖² + C·Σ −log p(class of the title). The curvature of the loss is never more than half of FᵀF (Böhning
//! 1992), so each step solves with that one matrix instead of the true one; steps run ahead of themselves
//! (Nesterov) until one would lead uphill.

/// How dear a wrong likelihood is.
const COST: f64 = 0.1;
/// Steps; after some fifty nothing moves that could be seen.
const STEPS: usize = 120;
/// What keeps the bias, which costs nothing, from floating.
const BIAS_HOLD: f64 = 1e-6;

/// For each class a weight for each score and, at the end, a bias.
pub(super) struct Stack {
    width: usize,
    weights: Vec<Vec<f64>>,
}

impl Stack {
    /// The classes' scores.
    pub(super) fn scores(&self, features: &[f64]) -> Vec<f64> {
        let bias = |class: usize| self.weights[class][self.width];
        self.without_bias(features).enumerate().map(|(class, score)| score + bias(class)).collect()
    }

    /// The classes' scores less their biases.
    pub(super) fn without_bias(&self, features: &[f64]) -> impl Iterator<Item = f64> {
        self.weights.iter().map(move |weights| dot(&weights[..self.width], features))
    }
}

/// Probabilities of scores.
pub(in crate::class) fn likelihoods(scores: &[f64]) -> Vec<f64> {
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let raised: Vec<f64> = scores.iter().map(|score| (score - highest).exp()).collect();
    let all: f64 = raised.iter().sum();
    raised.into_iter().map(|part| part / all).collect()
}

/// Fits; every row has as many scores as the first.
pub(super) fn fit(rows: &[Vec<f64>], taught: &[usize], classes: usize) -> Stack {
    let width = rows.first().map_or(0, Vec::len);
    let lower = cholesky(curvature(rows, width));
    let mut now = Stack { width, weights: vec![vec![0.0; width + 1]; classes] };
    let mut ahead = now.weights.clone();
    let mut momentum = 1.0_f64;
    for _ in 0..STEPS {
        let from = Stack { width, weights: ahead };
        let slopes = slopes(&from, rows, taught);
        let mut uphill = 0.0;
        let mut next = from.weights;
        for ((weights, slope), old) in next.iter_mut().zip(&slopes).zip(&now.weights) {
            let step = solved(&lower, slope);
            weights.iter_mut().zip(&step).for_each(|(weight, step)| *weight -= step);
            uphill += weights
                .iter()
                .zip(old)
                .zip(slope)
                .map(|((new, old), slope)| (new - old) * slope)
                .sum::<f64>();
        }
        let faster =
            if uphill > 0.0 { 1.0 } else { f64::midpoint(1.0, (1.0 + 4.0 * momentum * momentum).sqrt()) };
        let push = if uphill > 0.0 { 0.0 } else { (momentum - 1.0) / faster };
        let run = |(new, old): (&Vec<f64>, &Vec<f64>)| {
            new.iter().zip(old).map(|(new, old)| new + push * (new - old)).collect()
        };
        ahead = next.iter().zip(&now.weights).map(run).collect();
        momentum = faster;
        now.weights = next;
    }
    now
}

/// The slope of what is minimised, for each class.
fn slopes(stack: &Stack, rows: &[Vec<f64>], taught: &[usize]) -> Vec<Vec<f64>> {
    let width = stack.width;
    let mut slopes = stack.weights.clone();
    for slope in &mut slopes {
        slope[width] *= BIAS_HOLD;
    }
    for (row, class) in rows.iter().zip(taught) {
        let likely = likelihoods(&stack.scores(row));
        for (at, (slope, likely)) in slopes.iter_mut().zip(likely).enumerate() {
            let off = COST * (likely - if at == *class { 1.0 } else { 0.0 });
            slope.iter_mut().zip(row).for_each(|(slope, feature)| *slope += off * feature);
            slope[width] += off;
        }
    }
    slopes
}

/// What the curvature never exceeds: ½·C·FᵀF, and what holds the weights.
fn curvature(rows: &[Vec<f64>], width: usize) -> Vec<Vec<f64>> {
    let mut matrix = vec![vec![0.0; width + 1]; width + 1];
    for row in rows {
        for (at, line) in matrix.iter_mut().enumerate() {
            let own = COST / 2.0 * row.get(at).copied().unwrap_or(1.0);
            line.iter_mut().zip(row).take(at + 1).for_each(|(cell, feature)| *cell += own * feature);
            if at == width {
                line[width] += own;
            }
        }
    }
    for (at, line) in matrix.iter_mut().enumerate() {
        line[at] += if at == width { BIAS_HOLD } else { 1.0 };
    }
    matrix
}

/// The lower root of a matrix of which the lower half is given.
fn cholesky(mut matrix: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for at in 0..matrix.len() {
        for column in 0..=at {
            let rest = matrix[at][column] - dot(&matrix[at][..column], &matrix[column][..column]);
            matrix[at][column] = if at == column { rest.sqrt() } else { rest / matrix[column][column] };
        }
    }
    matrix
}

/// Solves with the root: forwards, then backwards.
fn solved(lower: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let mut found = right.to_vec();
    for at in 0..found.len() {
        found[at] = (found[at] - dot(&lower[at][..at], &found[..at])) / lower[at][at];
    }
    for at in (0..found.len()).rev() {
        let known: f64 = (at + 1..found.len()).map(|below| lower[below][at] * found[below]).sum();
        found[at] = (found[at] - known) / lower[at][at];
    }
    found
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}
