//! Calls that were filed and are no cases yet.
//!
//! A pipe bursts and eight people call at one instant: none of them is a case when the others are looked at, so each
//! would lead one. Here it is seen which of them would join another if that one were a case already.

use super::{
    Lead, WITHOUT_POINT_PERMILLE, cells::Cells, may_follow, score, share, whole_metres, worded, wording,
};
use crate::{metres::metres_between, report::Report};
use huying_domain::{
    event::collect::Filing,
    rules::join::{Join, SCORE_PERMILLE_MAX},
    time::Timestamp,
};
use std::collections::BTreeMap;

/// The calls on their way, each under a number of its own, in the order in which they came.
#[derive(Debug)]
pub struct Upcoming {
    join: Join,
    calls: BTreeMap<u64, Lead>,
    cells: Cells<u64>,
    next: u64,
}

impl Upcoming {
    /// None on their way, and these bounds of likeness.
    pub fn new(join: Join) -> Self {
        Self { join, calls: BTreeMap::new(), cells: Cells::new(join.radius_m, 0..=u64::MAX), next: 0 }
    }

    /// Notes a call that is filed at this instant. None where nobody may ever follow it.
    pub fn add(&mut self, filing: &Filing, report: &Report, now: Timestamp) -> Option<u64> {
        if !may_follow(filing.channel, filing.brief.accused.is_some()) {
            return None;
        }
        let number = self.next;
        self.next += 1;
        let lead = Lead::of(filing, now, wording(report));
        self.cells.insert(number, &lead);
        self.calls.insert(number, lead);
        Some(number)
    }

    /// Forgets a call: it is a case by now, or never becomes one.
    pub fn remove(&mut self, number: u64) {
        if let Some(lead) = self.calls.remove(&number) {
            self.cells.remove(number, &lead);
        }
    }

    /// The numbers of the calls which this one would join, were they cases of this instant; the first one first.
    pub fn like(&self, filing: &Filing, report: &Report) -> Vec<u64> {
        if self.calls.is_empty() || !may_follow(filing.channel, filing.brief.accused.is_some()) {
            return Vec::new();
        }
        let (brief, wording) = (&filing.brief, wording(report));
        let alike = |number: &u64| {
            let lead = self.calls.get(number).filter(|lead| lead.class == brief.class)?;
            let (metres, permille) = match (lead.place, filing.place) {
                (Some(one), Some(other)) => (whole_metres(metres_between(one, other)), SCORE_PERMILLE_MAX),
                (None, None) if lead.condition == brief.condition => (0, WITHOUT_POINT_PERMILLE),
                _ => return None,
            };
            let score = worded(score(metres, 0, &self.join)?, &lead.wording, &wording, &self.join);
            (share(score, permille) >= self.join.threshold_permille).then_some(())
        };
        let mut found: Vec<u64> = match filing.place {
            Some(point) => self.cells.around(&brief.class, point, self.join.radius_m).collect(),
            None if self.join.without_point => self.cells.placeless(&brief.class, brief.area).collect(),
            None => Vec::new(),
        };
        found.retain(|number| alike(number).is_some());
        found.sort_unstable();
        found
    }
}
