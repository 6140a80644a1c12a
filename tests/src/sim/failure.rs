//! A failing run, cut down to a short history that breaks the same law, and how to live it again.

use super::{
    history::{History, Keep, Step},
    laws::Broken,
    run::{Plan, Ran, simulate},
    shrink::{Shrunk, shrink},
};
use std::fmt;

/// How often a failing run is tried with something left out: some minutes at most.
pub const SHRINK_RUNS_MAX: usize = 200;

/// A run that broke a law.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// The law that broke in the whole run.
    pub broken: Broken,
    /// What happened in the whole run.
    pub whole: History,
    /// What is left of it, where it breaks the same law each time that it is lived.
    pub short: Option<Short>,
}

/// A history that was cut down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Short {
    /// What happened.
    pub history: History,
    /// How the law broke.
    pub broken: Broken,
    /// Which steps to keep.
    pub keep: Keep,
    /// How often something was left out and tried.
    pub runs: usize,
    /// Whether nothing more can be left out by itself.
    pub is_shortest: bool,
}

/// Lives a run, and cuts it down if it breaks a law.
pub fn live(plan: Plan) -> Result<Ran, Box<Failure>> {
    let seed = plan.seed;
    let (whole, lived) = simulate(plan.clone());
    let broken = match lived {
        Ok(ran) => return Ok(ran),
        Err(broken) => broken,
    };
    let short = cut(&plan, &whole, &broken);
    Err(Box::new(Failure { seed, broken, whole, short }))
}

fn cut(plan: &Plan, whole: &History, broken: &Broken) -> Option<Short> {
    let again = |steps: &[Step]| {
        let keep = Keep::Only(steps.iter().copied().collect());
        let (history, lived) = simulate(Plan { keep: keep.clone(), ..plan.clone() });
        let broken = lived.err().filter(|again| again.law == broken.law)?;
        Some((history, broken, keep))
    };
    // Where the writer runs freely a failure need not come again.
    let mut last = again(&whole.steps())?;
    let Shrunk { runs, is_shortest, .. } = shrink(whole.steps(), SHRINK_RUNS_MAX, |steps| {
        let fails = again(steps);
        let failed = fails.is_some();
        last = fails.unwrap_or_else(|| last.clone());
        failed
    });
    let (history, broken, keep) = last;
    Some(Short { history, broken, keep, runs, is_shortest })
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, broken, whole, short } = self;
        let run = "cargo test -p huying-tests --test simulation whatever";
        writeln!(f, "seed {seed}: {broken}")?;
        let Some(Short { history, broken, keep, runs, is_shortest }) = short else {
            writeln!(f, "{}; it does not come again in the same way", whole.size())?;
            return writeln!(f, "run it again: HUYING_SEED={seed} {run}");
        };
        writeln!(f, "{} were cut down to {} in {runs} runs", whole.size(), history.size())?;
        if !is_shortest {
            writeln!(f, "(it may be shorter still: {SHRINK_RUNS_MAX} runs are the bound)")?;
        }
        write!(f, "{history}")?;
        writeln!(f, "and then everybody finishes, and: {broken}")?;
        writeln!(f, "run exactly this again: HUYING_SEED={seed} HUYING_KEEP={keep} {run}")
    }
}
