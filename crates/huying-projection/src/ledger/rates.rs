//! Rates as a part and a whole, and scores in fixed point: the same on every machine, and *none* where there is
//! nothing to divide by.

use super::number::{Counts, Number};
use huying_domain::rules::scores::Scores;
use serde::Serialize;

/// A part of a whole. The part is in hundredths, since a grade may count 90 of 100.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Ratio {
    /// The part, in hundredths of one case.
    pub hundredths: u64,
    /// The whole, in cases.
    pub of: u64,
}

impl Ratio {
    /// So many of so many.
    pub const fn new(part: u64, of: u64) -> Self {
        Self { hundredths: part * 100, of }
    }

    /// In ten-thousandths, half up; none where the whole is nought.
    pub fn ten_thousandths(self) -> Option<u64> {
        let Self { hundredths, of } = self;
        (of > 0).then(|| (hundredths * 100 * 2 + of) / (of * 2))
    }

    /// In percent with two places, such as `98.11`; none where the whole is nought.
    pub fn percent(self) -> Option<String> {
        self.ten_thousandths().map(|whole| format!("{}.{:02}", whole / 100, whole % 100))
    }
}

/// The three rates 三率 of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Rates {
    /// 响应率: contacted, of the effective call-backs.
    pub response: Ratio,
    /// 解决率: solved, of the effective call-backs.
    pub solution: Ratio,
    /// 满意率: satisfied, of those who gave a grade.
    pub satisfaction: Ratio,
    /// 综合成绩 in tenths of a point of 100; none without weights, and none where a rate is.
    pub score_tenths: Option<u64>,
    /// So few call-backs that the rates say little.
    pub small: bool,
}

/// The rates of a cohort.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct CohortRates {
    /// 结案率: closed, of those due.
    pub closing: Ratio,
    /// 按期结案率: closed in time, of those due.
    pub on_time: Ratio,
    /// 返工率: reworked, of those due.
    pub rework: Ratio,
    /// So few that the rates say little.
    pub small: bool,
}

impl Rates {
    /// The rates of these numbers under the city's scores.
    pub fn of(counts: &Counts, scores: &Scores) -> Self {
        let number = |number| counts.of(number);
        let (whole, graded) = (number(Number::Effective), number(Number::Graded));
        let response = Ratio::new(number(Number::Contacted), whole);
        let partly = number(Number::SolvedPartly) * u64::from(scores.partly_percent);
        let solution = Ratio { hundredths: number(Number::Solved) * 100 + partly, of: whole };
        let basically = number(Number::Basically) * u64::from(scores.basically_percent);
        let satisfaction = Ratio { hundredths: number(Number::Satisfied) * 100 + basically, of: graded };
        let score_tenths = scores.weights.and_then(|weights| {
            let parts = [
                (weights.response, response),
                (weights.solution, solution),
                (weights.satisfaction, satisfaction),
            ];
            let mut sum = 0;
            for (weight, ratio) in parts {
                sum += u64::from(weight) * ratio.ten_thousandths()?;
            }
            // Percent times ten-thousandths: a million is 100 points, and a tenth of a point is a thousand.
            Some((sum + 500) / 1000)
        });
        Self { response, solution, satisfaction, score_tenths, small: whole < u64::from(scores.small) }
    }
}

impl CohortRates {
    /// The rates of these numbers.
    pub fn of(counts: &Counts, scores: &Scores) -> Self {
        let due = counts.of(Number::Due);
        let ratio = |number| Ratio::new(counts.of(number), due);
        Self {
            closing: ratio(Number::Closed),
            on_time: ratio(Number::OnTime),
            rework: ratio(Number::Reworked),
            small: due < u64::from(scores.small),
        }
    }
}
