//! What happens in a run, step by step, each with dice of its own: a step that is left out changes nothing of what the
//! others draw, so that a failing run can be cut down.

use huying_journal::disk::sim::SplitMix;
use std::{collections::BTreeSet, fmt, num::ParseIntError, str::FromStr};

/// Numbers that one step may give to what it sends.
const NAMES_PER_STEP_BITS: u32 = 20;
/// Kinds of steps that a moment may have, as bits of a number.
const STEPS_PER_MOMENT_BITS: u32 = 12;
/// An odd number that spreads neighbouring steps over all dice.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// One thing that happens and may be left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Step {
    /// The how-manieth moment.
    pub moment: u32,
    /// What.
    pub what: What,
}

/// What happens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum What {
    /// Time passes before the moment.
    Pause,
    /// NATS goes, comes, is wiped or comes back as it was.
    Nats,
    /// The power fails.
    Power,
    /// The city publishes another policy.
    Policy,
    /// The so-manieth of those who act does something.
    Act(u32),
}

impl What {
    const fn number(self) -> u32 {
        match self {
            Self::Pause => 0,
            Self::Nats => 1,
            Self::Power => 2,
            Self::Policy => 3,
            Self::Act(nth) => 4 + nth,
        }
    }

    /// Whether it is a fault and no deed.
    pub const fn is_fault(self) -> bool {
        matches!(self, Self::Nats | Self::Power)
    }
}

impl Step {
    /// Its own dice.
    pub(crate) fn dice(self, seed: u64) -> SplitMix {
        let mut dice = SplitMix(seed);
        dice.0 = dice.bits() ^ self.number().wrapping_add(1).wrapping_mul(SPREAD);
        SplitMix(dice.bits())
    }

    /// The first of the numbers that are its own to give.
    pub(crate) fn first_name(self) -> u64 {
        self.number() << NAMES_PER_STEP_BITS
    }

    fn number(self) -> u64 {
        (u64::from(self.moment) << STEPS_PER_MOMENT_BITS) | u64::from(self.what.number())
    }
}

/// Written as the moment and a letter: `7a2` is the third act of moment 7, `7n` NATS, `7x` the power, `7w` the wait
/// before it, `7p` the policy.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.moment)?;
        match self.what {
            What::Pause => f.write_str("w"),
            What::Nats => f.write_str("n"),
            What::Power => f.write_str("x"),
            What::Policy => f.write_str("p"),
            What::Act(nth) => write!(f, "a{nth}"),
        }
    }
}

/// No step is written so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoStep;

impl From<ParseIntError> for NoStep {
    fn from(_: ParseIntError) -> Self {
        Self
    }
}

impl FromStr for Step {
    type Err = NoStep;

    fn from_str(text: &str) -> Result<Self, NoStep> {
        let at = text.find(|letter: char| !letter.is_ascii_digit()).ok_or(NoStep)?;
        let (moment, what) = text.split_at(at);
        let what = match what.split_at(1) {
            ("w", "") => What::Pause,
            ("n", "") => What::Nats,
            ("x", "") => What::Power,
            ("p", "") => What::Policy,
            ("a", nth) => What::Act(nth.parse()?),
            _ => return Err(NoStep),
        };
        Ok(Self { moment: moment.parse()?, what })
    }
}

/// Which steps happen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Keep {
    /// All that chance brings.
    #[default]
    All,
    /// Of these, those that chance brings.
    Only(BTreeSet<Step>),
}

impl Keep {
    /// Whether this one may happen.
    pub fn has(&self, step: Step) -> bool {
        match self {
            Self::All => true,
            Self::Only(steps) => steps.contains(&step),
        }
    }
}

/// Steps behind commas, as [`Keep::Only`] is written.
impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Only(steps) = self else { return f.write_str("all") };
        let steps: Vec<String> = steps.iter().map(Step::to_string).collect();
        f.write_str(&steps.join(","))
    }
}

impl FromStr for Keep {
    type Err = NoStep;

    fn from_str(text: &str) -> Result<Self, NoStep> {
        if text == "all" {
            return Ok(Self::All);
        }
        let steps = text.split(',').filter(|step| !step.is_empty()).map(str::parse);
        Ok(Self::Only(steps.collect::<Result<_, _>>()?))
    }
}

/// What happened, in order, in words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History(Vec<(Step, String)>);

impl History {
    /// Notes what a step came to.
    pub(crate) fn note(&mut self, step: Step, words: String) {
        self.0.push((step, words));
    }

    /// The steps that happened.
    pub fn steps(&self) -> Vec<Step> {
        let steps: BTreeSet<Step> = self.0.iter().map(|(step, _)| *step).collect();
        steps.into_iter().collect()
    }

    /// How many moments, acts and faults.
    pub fn size(&self) -> String {
        let steps = self.steps();
        let moments: BTreeSet<u32> = steps.iter().map(|step| step.moment).collect();
        let faults = steps.iter().filter(|step| step.what.is_fault()).count();
        let waits = steps.iter().filter(|step| step.what == What::Pause).count();
        let acts = steps.len() - faults - waits;
        format!("{acts} acts, {faults} faults and {waits} waits in {} moments", moments.len())
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(step, words)| writeln!(f, "  {step:>6}  {words}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_as_it_is_written() {
        for text in ["0w", "7a2", "12n", "130x", "3p"] {
            assert_eq!(text.parse::<Step>().map(|step| step.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "7", "a2", "7a", "7q", "7wx", "-1w"] {
            assert_eq!(text.parse::<Step>(), Err(NoStep), "{text}");
        }
        assert_eq!("7a2,3w".parse::<Keep>().map(|keep| keep.to_string()), Ok("3w,7a2".to_owned()));
        assert_eq!("all".parse(), Ok(Keep::All));
    }

    #[test]
    fn each_step_has_dice_and_names_of_its_own() {
        let kinds = [What::Pause, What::Nats, What::Power, What::Policy, What::Act(0), What::Act(5)];
        let steps: Vec<Step> = (0..50).flat_map(|moment| kinds.map(|what| Step { moment, what })).collect();
        let drawn: BTreeSet<u64> = steps.iter().map(|step| step.dice(1).bits()).collect();
        let named: BTreeSet<u64> = steps.iter().map(|step| step.first_name()).collect();
        assert_eq!((drawn.len(), named.len()), (steps.len(), steps.len()));
    }
}
