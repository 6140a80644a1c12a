//! Whether the areas of a level are a partition: no ground twice, none left over.
//!
//! Shares are of plane degrees. Within one city the error against true ground is the same for both sides.

use super::{
    finding::{Findings, Trouble},
    shapes::Shape,
};
use geo::{Area, BooleanOps, BoundingRect, Intersects, MultiPolygon, Rect, unary_union};
use huying_domain::area::Level;

/// Below this share of an area, in thousandths, ground is a sliver of two drawings of one border and is not told.
const SLIVER_THOUSANDTHS: f64 = 5.0;
/// An area that reaches this far out of its parent, in thousandths of its own ground, is told.
const STRADDLE_THOUSANDTHS: f64 = 50.0;

struct Ground<'a> {
    shape: &'a Shape,
    bounds: Rect,
    area: f64,
}

/// Notes overlaps within each level, gaps below each area, and areas that reach out of their parents.
pub(super) fn partition(shapes: &[Shape], findings: &mut Findings) {
    let levels: Vec<Vec<Ground<'_>>> = Level::ALL
        .into_iter()
        .rev()
        .map(|level| {
            shapes.iter().filter(|shape| shape.code.level() == level).filter_map(Ground::new).collect()
        })
        .filter(|level: &Vec<_>| !level.is_empty())
        .collect();
    for level in &levels {
        findings.note_worst_first(Trouble::Overlap, overlaps(level));
    }
    for pair in levels.windows(2) {
        findings.note_worst_first(Trouble::Gap, gaps(&pair[0], &pair[1]));
        findings.note_worst_first(Trouble::Straddle, straddles(&pair[0], &pair[1]));
    }
}

impl<'a> Ground<'a> {
    fn new(shape: &'a Shape) -> Option<Self> {
        let area = shape.polygon.unsigned_area();
        Some(Self { shape, bounds: shape.polygon.bounding_rect()?, area }).filter(|ground| ground.area > 0.0)
    }

    fn polygon(&self) -> &MultiPolygon {
        &self.shape.polygon
    }

    fn near(&self, other: &Ground<'_>) -> bool {
        self.bounds.intersects(&other.bounds)
    }
}

fn overlaps(level: &[Ground<'_>]) -> Vec<(f64, String)> {
    let mut from_west: Vec<&Ground<'_>> = level.iter().collect();
    from_west.sort_by(|one, other| one.bounds.min().x.total_cmp(&other.bounds.min().x));
    let mut found = Vec::new();
    for (at, one) in from_west.iter().enumerate() {
        let reach = one.bounds.max().x;
        let east = from_west[at + 1..].iter().take_while(|other| other.bounds.min().x <= reach);
        for other in east.filter(|other| one.near(other)) {
            let shared = one.polygon().intersection(other.polygon()).unsigned_area();
            let share = thousandths(shared, one.area.min(other.area));
            if share > SLIVER_THOUSANDTHS {
                let (low, high) =
                    (one.shape.code.min(other.shape.code), one.shape.code.max(other.shape.code));
                found.push((share, format!("{low} and {high} share {} of the smaller", percent(share))));
            }
        }
    }
    found
}

fn gaps(above: &[Ground<'_>], below: &[Ground<'_>]) -> Vec<(f64, String)> {
    let gap = |up: &Ground<'_>| {
        let near: Vec<&MultiPolygon> = below.iter().filter(|one| up.near(one)).map(Ground::polygon).collect();
        let share = thousandths(up.polygon().difference(&unary_union(near)).unsigned_area(), up.area);
        (share > SLIVER_THOUSANDTHS).then(|| {
            let level = below[0].shape.code.level().name();
            (share, format!("{} {}: {} in no {level}", up.shape.code, up.shape.name, percent(share)))
        })
    };
    above.iter().filter_map(gap).collect()
}

fn straddles(above: &[Ground<'_>], below: &[Ground<'_>]) -> Vec<(f64, String)> {
    let outside = |one: &Ground<'_>| {
        let up = above.iter().find(|up| up.shape.code.covers(one.shape.code))?;
        let share = thousandths(one.polygon().difference(up.polygon()).unsigned_area(), one.area);
        (share > STRADDLE_THOUSANDTHS).then(|| {
            let outside = percent(share);
            (share, format!("{} {}: {outside} outside {}", one.shape.code, one.shape.name, up.shape.code))
        })
    };
    below.iter().filter_map(outside).collect()
}

fn thousandths(part: f64, whole: f64) -> f64 {
    1000.0 * part / whole
}

fn percent(thousandths: f64) -> String {
    format!("{:.1} %", thousandths / 10.0)
}
