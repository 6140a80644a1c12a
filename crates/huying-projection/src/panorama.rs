//! The board as a screen shows it: open cases by rung, stage, holder, area, class and hour, for one pair of eyes.
//!
//! It asks the same question of the same rows as [`Cases::page`]: each number opens its list with the same query and
//! its own key, and the list is as long as the number.

use crate::{
    cases::{
        Cases,
        query::{Query, wall_hour},
    },
    health::Flaw,
    word::{Word, WordCounts},
};
use huying_domain::{
    area::AreaCode,
    ids::{CaseId, ClassId, Seq, UnitId},
    time::Timestamp,
    vocabulary::{Rung, Stage},
};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BinaryHeap};

/// Days of a week, Monday first.
pub const WEEK_DAYS: usize = 7;
/// Hours of a day.
pub const DAY_HOURS: usize = 24;

/// Of how many cases the next instants are looked for.
pub const SOONEST_MAX: usize = 20;

/// What is open at an instant, seen by somebody.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Panorama {
    /// The record up to which it holds.
    pub seq: Seq,
    /// All that is meant.
    pub open: WordCounts,
    /// By rung.
    pub rungs: BTreeMap<Rung, WordCounts>,
    /// By stage.
    pub stages: BTreeMap<Stage, WordCounts>,
    /// By the unit that has them.
    pub holders: BTreeMap<UnitId, WordCounts>,
    /// By the areas right below the one that is looked at; what lies in that area itself stands under its own code.
    pub areas: BTreeMap<AreaCode, WordCounts>,
    /// By class.
    pub classes: BTreeMap<ClassId, WordCounts>,
    /// By weekday and hour of filing, on the wall of the zone.
    pub hours: [[u64; DAY_HOURS]; WEEK_DAYS],
    /// How many have each flaw.
    pub flaws: BTreeMap<Flaw, u64>,
    /// Those whose next instants come first, the soonest first: the first page of the list in that order.
    pub soonest: Vec<CaseId>,
}

impl Cases {
    /// The panorama at an instant: one walk over the open cases. `under` is the area that is looked at.
    pub fn panorama(
        &self,
        query: &Query,
        now: Timestamp,
        under: Option<AreaCode>,
        zone: &TimeZone,
    ) -> Panorama {
        let mut all = Panorama { seq: self.seq(), ..Panorama::default() };
        let mut soonest: BinaryHeap<(Timestamp, CaseId)> = BinaryHeap::with_capacity(SOONEST_MAX + 1);
        for row in self.rows().filter(|row| self.meets(row, query, now)) {
            let word = self.word(row, now);
            all.open.count(word);
            all.rungs.entry(row.rung).or_default().count(word);
            all.stages.entry(row.stage).or_default().count(word);
            tally(&mut all.holders, &row.holder, word);
            tally(&mut all.classes, &row.class, word);
            if let Some(area) = below(row.area, under) {
                all.areas.entry(area).or_default().count(word);
            }
            let (day, hour) = wall_hour(row.filed_at, zone);
            all.hours[day][hour] += 1;
            for flaw in Flaw::ALL.into_iter().filter(|flaw| self.has(row, *flaw)) {
                *all.flaws.entry(flaw).or_default() += 1;
            }
            let next = (row.next().unwrap_or(Timestamp::FAR), row.case);
            if soonest.len() < SOONEST_MAX || soonest.peek().is_some_and(|last| next < *last) {
                soonest.push(next);
                if soonest.len() > SOONEST_MAX {
                    soonest.pop();
                }
            }
        }
        all.soonest = soonest.into_sorted_vec().into_iter().map(|(_, case)| case).collect();
        all
    }
}

fn tally<K: Ord + Clone>(of: &mut BTreeMap<K, WordCounts>, key: &K, word: Word) {
    match of.get_mut(key) {
        Some(counts) => counts.count(word),
        None => of.entry(key.clone()).or_default().count(word),
    }
}

/// The area right below `under` in which another lies; without one, the topmost.
fn below(area: AreaCode, under: Option<AreaCode>) -> Option<AreaCode> {
    let mut at = area;
    while Some(at) != under {
        match at.parent() {
            Some(parent) if Some(parent) != under => at = parent,
            Some(_) => return Some(at),
            None => return under.is_none().then_some(at),
        }
    }
    Some(at)
}
