//! Leads by class and place: rows of latitude as high as the radius, ordered by longitude within a row.

use super::Lead;
use crate::metres::{METRES_PER_DEGREE, cos_degrees};
use huying_domain::{
    area::{AreaCode, Point},
    ids::{CaseId, ClassId},
};
use std::collections::{BTreeMap, BTreeSet};

/// Units of a stored degree.
const E7: f64 = 1e7;
/// Near the poles a metre is any number of degrees; nobody calls from there.
const COS_MIN: f64 = 0.01;

#[derive(Debug)]
pub(super) struct Cells {
    row_e7: i32,
    placed: BTreeMap<ClassId, BTreeSet<(i32, i32, CaseId)>>,
    placeless: BTreeMap<(ClassId, AreaCode), BTreeSet<CaseId>>,
}

impl Cells {
    pub(super) fn new(radius_m: u32) -> Self {
        Self { row_e7: degrees_e7(radius_m, 1.0).max(1), placed: BTreeMap::new(), placeless: BTreeMap::new() }
    }

    pub(super) fn insert(&mut self, case: CaseId, lead: &Lead) {
        match lead.place {
            Some(point) => {
                let key = (self.row(point.lat), point.lon, case);
                self.placed.entry(lead.class.clone()).or_default().insert(key);
            }
            None => {
                self.placeless.entry((lead.class.clone(), lead.area)).or_default().insert(case);
            }
        }
    }

    pub(super) fn remove(&mut self, case: CaseId, lead: &Lead) {
        match lead.place {
            Some(point) => {
                let key = (self.row(point.lat), point.lon, case);
                if let Some(leads) = self.placed.get_mut(&lead.class) {
                    leads.remove(&key);
                    if leads.is_empty() {
                        self.placed.remove(&lead.class);
                    }
                }
            }
            None => {
                let key = (lead.class.clone(), lead.area);
                if let Some(leads) = self.placeless.get_mut(&key) {
                    leads.remove(&case);
                    if leads.is_empty() {
                        self.placeless.remove(&key);
                    }
                }
            }
        }
    }

    /// The leads of a class in a box around a point that holds every one within the radius.
    pub(super) fn around(
        &self,
        class: &ClassId,
        point: Point,
        radius_m: u32,
    ) -> impl Iterator<Item = CaseId> + '_ {
        let row = self.row(point.lat);
        let (_, lat) = point.degrees();
        let wide = degrees_e7(radius_m, cos_degrees(lat.abs() + 0.1).max(COS_MIN)).saturating_add(1);
        let (west, east) = (point.lon.saturating_sub(wide), point.lon.saturating_add(wide));
        let leads = self.placed.get(class);
        (row - 1..=row + 1).flat_map(move |row| {
            let near =
                leads.map(|leads| leads.range((row, west, CaseId::new(0, 0))..=(row, east, CaseId::MAX)));
            near.into_iter().flatten().map(|(_, _, case)| *case)
        })
    }

    /// The leads of a class in an area that have no point.
    pub(super) fn placeless(&self, class: &ClassId, area: AreaCode) -> impl Iterator<Item = CaseId> + '_ {
        self.placeless.get(&(class.clone(), area)).into_iter().flatten().copied()
    }

    fn row(&self, lat: i32) -> i32 {
        lat.div_euclid(self.row_e7)
    }
}

/// So many metres in stored units of a degree, rounded up.
fn degrees_e7(metres: u32, squeeze: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "two kilometres are at most two degrees")]
    let units = (f64::from(metres) / METRES_PER_DEGREE / squeeze * E7).ceil() as i32;
    units
}
