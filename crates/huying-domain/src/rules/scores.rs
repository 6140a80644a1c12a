//! How a city scores its units: the `[scores]` of the policy file. What differs by city stands here, with its source.
//!
//! ```toml
//! [scores]
//! source = "a district's hotline office: 10/50/40, basically satisfied counts 0.9"
//! weights = { response = 10, solution = 50, satisfaction = 40 }   # percent, together 100
//! basically = 90           # percent that "basically satisfied" counts
//! partly = 0               # percent that "solved in part" counts
//! day_ends = 12            # the hour at which a reporting day ends; 24 is midnight
//! month_begins = 19        # the day on which a reporting month begins
//! small = 10               # fewer than so many are marked: their rates say little
//! reopened_soon = 7        # days after closing within which a reopening is shown on the integrity page
//! ```

use serde::Deserialize;

/// The last day on which a reporting month can begin: every month has it.
pub const MONTH_BEGINS_DAY_MAX: u8 = 28;
/// The hour that is midnight at the end of a day.
pub const MIDNIGHT_HOUR: u8 = 24;

/// What the policy says on scores. Without `[scores]` days and months are those of the calendar, every grade counts
/// as what it says, and there are rates and no score.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scores {
    /// Where these choices come from.
    pub source: String,
    /// What each rate weighs in the score.
    pub weights: Option<Weights>,
    /// Percent that "basically satisfied" counts.
    pub basically_percent: u8,
    /// Percent that "solved in part" counts.
    pub partly_percent: u8,
    /// The hour at which a reporting day ends, 1 to 24.
    pub day_ends_hour: u8,
    /// The day on which a reporting month begins, 1 to 28.
    pub month_begins_day: u8,
    /// A line of fewer cases than this is marked.
    pub small: u32,
    /// Days after closing within which a reopening is *soon*.
    pub reopened_soon_days: u16,
}

/// What each of the three rates weighs, in percent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// 响应率
    pub response: u8,
    /// 解决率
    pub solution: u8,
    /// 满意率
    pub satisfaction: u8,
}

impl Default for Scores {
    fn default() -> Self {
        Self {
            source: String::new(),
            weights: None,
            basically_percent: 100,
            partly_percent: 0,
            day_ends_hour: MIDNIGHT_HOUR,
            month_begins_day: 1,
            small: 0,
            reopened_soon_days: 7,
        }
    }
}

impl Scores {
    /// What in them contradicts itself.
    pub fn contradictions(&self) -> Vec<String> {
        let mut findings = Vec::new();
        if let Some(Weights { response, solution, satisfaction }) = self.weights {
            let sum = u32::from(response) + u32::from(solution) + u32::from(satisfaction);
            if sum != 100 {
                findings.push(format!("[scores] weights sum to {sum} and not to 100"));
            }
        }
        for (name, percent) in [("basically", self.basically_percent), ("partly", self.partly_percent)] {
            if percent > 100 {
                findings.push(format!("[scores] {name} is {percent} %, more than the whole"));
            }
        }
        if !(1..=MIDNIGHT_HOUR).contains(&self.day_ends_hour) {
            findings.push(format!("[scores] day_ends is an hour from 1 to {MIDNIGHT_HOUR}"));
        }
        if !(1..=MONTH_BEGINS_DAY_MAX).contains(&self.month_begins_day) {
            findings.push(format!("[scores] month_begins is a day from 1 to {MONTH_BEGINS_DAY_MAX}"));
        }
        findings
    }
}

/// The entry as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScoresEntry {
    source: String,
    weights: Option<Weights>,
    basically: Option<u8>,
    partly: Option<u8>,
    day_ends: Option<u8>,
    month_begins: Option<u8>,
    small: Option<u32>,
    reopened_soon: Option<u16>,
}

impl From<ScoresEntry> for Scores {
    fn from(entry: ScoresEntry) -> Self {
        let plain = Self::default();
        Self {
            source: entry.source,
            weights: entry.weights,
            basically_percent: entry.basically.unwrap_or(plain.basically_percent),
            partly_percent: entry.partly.unwrap_or(plain.partly_percent),
            day_ends_hour: entry.day_ends.unwrap_or(plain.day_ends_hour),
            month_begins_day: entry.month_begins.unwrap_or(plain.month_begins_day),
            small: entry.small.unwrap_or(plain.small),
            reopened_soon_days: entry.reopened_soon.unwrap_or(plain.reopened_soon_days),
        }
    }
}
