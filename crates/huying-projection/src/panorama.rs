//! The board as a screen shows it: open cases by rung, stage, holder, area, class and hour, for one pair of eyes.
//!
//! It asks the same question of the same rows as [`Cases::page`]: each number opens its list with the same query and
//! its own key, and the list is as long as the number.

use crate::{
    cases::{
        Cases,
        glance::Glance,
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

/// Hours begin with a quarter, and so do days, wherever on earth.
const QUARTER_MS: i64 = 15 * 60 * 1000;

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
        let mut sum = Sum::of(self, zone);
        for (case, glance, _, word) in self.glances(query, now) {
            sum.count(self, case, glance, word);
        }
        sum.told(self, under)
    }
}

impl Cases {
    /// What is meant, by the areas right in which it lies.
    pub fn areas(&self, query: &Query, now: Timestamp) -> BTreeMap<AreaCode, WordCounts> {
        let (_, areas, _) = self.names();
        let mut counts = vec![WordCounts::default(); areas.len()];
        for (_, glance, _, word) in self.glances(query, now) {
            counts[glance.area as usize].count(word);
        }
        named(areas, &counts).collect()
    }
}

/// The counts as they grow, by the numbers of the names.
struct Sum<'a> {
    open: WordCounts,
    rungs: Vec<WordCounts>,
    stages: Vec<WordCounts>,
    holders: Vec<WordCounts>,
    areas: Vec<WordCounts>,
    classes: Vec<WordCounts>,
    hours: [[u64; DAY_HOURS]; WEEK_DAYS],
    flaws: [u64; Flaw::ALL.len()],
    soonest: BinaryHeap<(Timestamp, CaseId)>,
    zone: &'a TimeZone,
    /// A quarter of an hour, and the day and hour in which it lies: most cases came in soon after the one before.
    quarter: (i64, (usize, usize)),
}

impl<'a> Sum<'a> {
    fn of(cases: &Cases, zone: &'a TimeZone) -> Self {
        let none = |names: usize| vec![WordCounts::default(); names];
        let (units, areas, classes) = cases.names();
        Self {
            open: WordCounts::default(),
            rungs: none(Rung::ALL.len()),
            stages: none(Stage::ALL.len()),
            holders: none(units.len()),
            areas: none(areas.len()),
            classes: none(classes.len()),
            hours: Default::default(),
            flaws: Default::default(),
            soonest: BinaryHeap::with_capacity(SOONEST_MAX + 1),
            zone,
            quarter: (0, wall_hour(Timestamp::EPOCH, zone)),
        }
    }

    fn count(&mut self, cases: &Cases, case: CaseId, glance: &Glance, word: Word) {
        self.open.count(word);
        self.rungs[glance.rung as usize].count(word);
        self.stages[glance.stage as usize].count(word);
        self.holders[glance.holder as usize].count(word);
        self.areas[glance.area as usize].count(word);
        self.classes[glance.class as usize].count(word);
        let quarter = glance.filed_at.millis() / QUARTER_MS;
        if quarter != self.quarter.0 {
            self.quarter = (quarter, wall_hour(glance.filed_at, self.zone));
        }
        let (day, hour) = self.quarter.1;
        self.hours[day][hour] += 1;
        for (number, flaw) in self.flaws.iter_mut().zip(Flaw::ALL) {
            *number += u64::from(cases.is_flawed(glance, flaw));
        }
        let next = (glance.next, case);
        if self.soonest.len() < SOONEST_MAX || self.soonest.peek().is_some_and(|last| next < *last) {
            self.soonest.push(next);
            if self.soonest.len() > SOONEST_MAX {
                self.soonest.pop();
            }
        }
    }

    /// The counts under their names.
    fn told(self, cases: &Cases, under: Option<AreaCode>) -> Panorama {
        let (units, areas, classes) = cases.names();
        let mut below_it: BTreeMap<AreaCode, WordCounts> = BTreeMap::new();
        for (area, counts) in named(areas, &self.areas) {
            if let Some(area) = below(area, under) {
                below_it.entry(area).or_default().add(&counts);
            }
        }
        let flaws = Flaw::ALL.into_iter().zip(self.flaws).filter(|(_, number)| *number > 0);
        Panorama {
            seq: cases.seq(),
            open: self.open,
            rungs: named(Rung::ALL, &self.rungs).collect(),
            stages: named(Stage::ALL, &self.stages).collect(),
            holders: named(units, &self.holders).collect(),
            areas: below_it,
            classes: named(classes, &self.classes).collect(),
            hours: self.hours,
            flaws: flaws.collect(),
            soonest: self.soonest.into_sorted_vec().into_iter().map(|(_, case)| case).collect(),
        }
    }
}

/// The counts that are not nought, each with its name.
fn named<'a, T: Clone>(
    names: &'a [T],
    counts: &'a [WordCounts],
) -> impl Iterator<Item = (T, WordCounts)> + 'a {
    let both = names.iter().zip(counts).filter(|(_, counts)| counts.all() > 0);
    both.map(|(name, counts)| (name.clone(), *counts))
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
