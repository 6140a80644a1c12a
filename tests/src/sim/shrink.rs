//! Cutting a failing history down to a short one that breaks the same law: delta debugging (Zeller and Hildebrandt,
//! 2002), with a bound.

/// What came of cutting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shrunk<T> {
    /// What is left, in its order; it still fails.
    pub left: Vec<T>,
    /// How often something was left out and tried.
    pub runs: usize,
    /// Whether leaving out any single one of these was tried, and each made it hold.
    pub is_shortest: bool,
}

/// Leaves out as much of a failing history as it can with at most `runs_max` trials. `fails` says whether what is left
/// still fails in the same way; that the whole does is known.
pub fn shrink<T: Clone>(whole: Vec<T>, runs_max: usize, mut fails: impl FnMut(&[T]) -> bool) -> Shrunk<T> {
    let mut left = whole;
    let mut runs = 0;
    let mut parts = 2;
    while !left.is_empty() {
        parts = parts.min(left.len());
        let length = left.len().div_ceil(parts);
        let mut shorter = None;
        for from in (0..left.len()).step_by(length) {
            if runs == runs_max {
                return Shrunk { left, runs, is_shortest: false };
            }
            let without: Vec<T> =
                left[..from].iter().chain(left.iter().skip(from + length)).cloned().collect();
            runs += 1;
            if fails(&without) {
                shorter = Some(without);
                break;
            }
        }
        match shorter {
            // Pieces of the same length go on being left out.
            Some(without) => {
                parts = without.len().div_ceil(length).max(2);
                left = without;
            }
            None if length == 1 => return Shrunk { left, runs, is_shortest: true },
            None => parts *= 2,
        }
    }
    Shrunk { left, runs, is_shortest: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_failure_needs_is_left_and_nothing_else() {
        let needs = [3, 40, 41, 97];
        let shrunk = shrink((0..100).collect(), 1_000, |left: &[u32]| {
            needs.iter().all(|needed| left.contains(needed))
        });
        assert_eq!(shrunk.left, needs);
        assert!(shrunk.is_shortest && shrunk.runs < 150, "{} runs", shrunk.runs);
    }

    #[test]
    fn whichever_two_out_of_many_may_fail_two_are_left() {
        let shrunk = shrink((0..64).collect(), 1_000, |left: &[u32]| {
            left.iter().filter(|number| **number % 3 == 0).count() >= 2
        });
        assert_eq!(shrunk.left.len(), 2);
    }

    #[test]
    fn a_failure_that_needs_nothing_leaves_nothing() {
        let shrunk = shrink((0..10).collect::<Vec<u32>>(), 100, |_| true);
        assert_eq!((shrunk.left, shrunk.is_shortest), (Vec::new(), true));
    }

    #[test]
    fn no_more_is_tried_than_is_allowed_and_what_is_left_still_fails() {
        let fails = |left: &[u32]| left.contains(&3) && left.contains(&97);
        for runs_max in 0..20 {
            let mut tried = 0;
            let shrunk = shrink((0..100).collect(), runs_max, |left| {
                tried += 1;
                fails(left)
            });
            assert_eq!((shrunk.runs, tried), (runs_max, runs_max));
            assert!(fails(&shrunk.left) && !shrunk.is_shortest);
        }
    }
}
