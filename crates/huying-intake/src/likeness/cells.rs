//! Leads by class and place: rows of latitude as high as the radius, ordered by longitude within a row.

use super::Lead;
use crate::metres::{METRES_PER_DEGREE, cos_degrees};
use huying_domain::{
    area::{AreaCode, Point},
    ids::ClassId,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

/// Units of a stored degree.
const E7: f64 = 1e7;
/// Near the poles a metre is any number of degrees; nobody calls from there.
const COS_MIN: f64 = 0.01;

#[derive(Debug)]
pub(super) struct Cells<K> {
    row_e7: i32,
    /// Every key that there can be.
    keys: RangeInclusive<K>,
    placed: BTreeMap<ClassId, BTreeSet<(i32, i32, K)>>,
    placeless: BTreeMap<(ClassId, AreaCode), BTreeSet<K>>,
}

impl<K: Ord + Copy> Cells<K> {
    pub(super) fn new(radius_m: u32, keys: RangeInclusive<K>) -> Self {
        let row_e7 = degrees_e7(radius_m, 1.0).max(1);
        Self { row_e7, keys, placed: BTreeMap::new(), placeless: BTreeMap::new() }
    }

    pub(super) fn insert(&mut self, key: K, lead: &Lead) {
        match lead.place {
            Some(point) => {
                let place = (self.row(point.lat), point.lon, key);
                self.placed.entry(lead.class.clone()).or_default().insert(place);
            }
            None => {
                self.placeless.entry((lead.class.clone(), lead.area)).or_default().insert(key);
            }
        }
    }

    pub(super) fn remove(&mut self, key: K, lead: &Lead) {
        match lead.place {
            Some(point) => {
                let place = (self.row(point.lat), point.lon, key);
                if let Some(leads) = self.placed.get_mut(&lead.class) {
                    leads.remove(&place);
                    if leads.is_empty() {
                        self.placed.remove(&lead.class);
                    }
                }
            }
            None => {
                let place = (lead.class.clone(), lead.area);
                if let Some(leads) = self.placeless.get_mut(&place) {
                    leads.remove(&key);
                    if leads.is_empty() {
                        self.placeless.remove(&place);
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
    ) -> impl Iterator<Item = K> + '_ {
        let row = self.row(point.lat);
        let (_, lat) = point.degrees();
        let wide = degrees_e7(radius_m, cos_degrees(lat.abs() + 0.1).max(COS_MIN)).saturating_add(1);
        let (west, east) = (point.lon.saturating_sub(wide), point.lon.saturating_add(wide));
        let leads = self.placed.get(class);
        let (least, most) = (*self.keys.start(), *self.keys.end());
        (row - 1..=row + 1).flat_map(move |row| {
            let near = leads.map(|leads| leads.range((row, west, least)..=(row, east, most)));
            near.into_iter().flatten().map(|(_, _, key)| *key)
        })
    }

    /// The leads of a class in an area that have no point.
    pub(super) fn placeless(&self, class: &ClassId, area: AreaCode) -> impl Iterator<Item = K> + '_ {
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
