//! How a figure is told: the middle one of the rounds, and between which it lay.

use std::time::Duration;

/// The middle one of several rounds with the least and the greatest, as text.
pub fn told(mut rounds: Vec<f64>, digits: usize) -> String {
    rounds.sort_by(f64::total_cmp);
    let Some(middle) = rounds.get(rounds.len() / 2) else { return "none".to_owned() };
    let (least, most) = (rounds[0], rounds[rounds.len() - 1]);
    if rounds.len() == 1 {
        return grouped(*middle, digits);
    }
    format!("{} [{}–{}]", grouped(*middle, digits), grouped(least, digits), grouped(most, digits))
}

/// The duration below which this share of the samples lies; zero of none.
pub fn quantile(sorted_ns: &[u64], share: f64) -> Duration {
    let last = sorted_ns.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a position among some millions of samples"
    )]
    let place = (last as f64 * share).round() as usize;
    Duration::from_nanos(sorted_ns.get(place).copied().unwrap_or(0))
}

/// How many a second.
#[expect(clippy::cast_precision_loss, reason = "a count of some millions")]
pub fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64().max(1e-9)
}

/// Nanoseconds of one of so many.
pub fn nanos_each(took: Duration, count: u64) -> f64 {
    took.as_secs_f64() * 1e9 / sample(count).max(1.0)
}

/// A count as a number that can be divided.
#[expect(clippy::cast_precision_loss, reason = "a count below 2^52")]
pub const fn sample(count: u64) -> f64 {
    count as f64
}

/// Microseconds.
pub fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// A number with its thousands apart.
fn grouped(number: f64, digits: usize) -> String {
    let text = format!("{number:.digits$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use super::{quantile, told};
    use std::time::Duration;

    #[test]
    fn a_figure_is_the_middle_round_between_the_least_and_the_greatest() {
        assert_eq!(told(vec![300.0, 1_000.0, 12_345.6], 0), "1,000 [300–12,346]");
        assert_eq!(told(vec![0.25], 2), "0.25");
        assert_eq!(told(Vec::new(), 2), "none");
    }

    #[test]
    fn a_quantile_is_one_of_the_samples() {
        let samples: Vec<u64> = (0..=100).collect();
        assert_eq!(quantile(&samples, 0.5), Duration::from_nanos(50));
        assert_eq!(quantile(&samples, 0.99), Duration::from_nanos(99));
        assert_eq!(quantile(&[], 0.99), Duration::ZERO);
    }
}
