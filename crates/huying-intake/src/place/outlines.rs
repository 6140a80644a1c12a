//! Outlines of areas, found through a tree of their boxes.

use super::Found;
use crate::metres::{METRES_PER_DEGREE, cos_degrees};
use geo::{BoundingRect, Coord, CoordinatePosition, LineString, Polygon, coordinate_position::CoordPos};
use huying_domain::area::{AreaCode, Point};
use rstar::{
    AABB, RTree,
    primitives::{GeomWithData, Rectangle},
};
use std::{cmp::Reverse, collections::BTreeSet, iter};

type Boxed = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// The parts of all areas, each with its box in the tree; an area of several islands has several.
#[derive(Debug, Default)]
pub(super) struct Outlines {
    parts: Vec<Part>,
    tree: RTree<Boxed>,
    /// Areas below which others have an outline.
    above: BTreeSet<AreaCode>,
    areas: usize,
}

#[derive(Debug)]
struct Part {
    area: AreaCode,
    outline: Polygon<f64>,
}

impl Outlines {
    pub(super) fn new(shapes: Vec<(AreaCode, Polygon<f64>)>) -> Self {
        let mut above = BTreeSet::new();
        let mut areas = BTreeSet::new();
        for (area, _) in &shapes {
            areas.insert(*area);
            above.extend(iter::successors(area.parent(), |up| up.parent()));
        }
        let areas = areas.len();
        let parts: Vec<_> = shapes.into_iter().map(|(area, outline)| Part { area, outline }).collect();
        let boxes = parts.iter().enumerate().filter_map(|(index, part)| {
            let around = part.outline.bounding_rect()?;
            let (low, high) = (around.min(), around.max());
            Some(Boxed::new(Rectangle::from_corners([low.x, low.y], [high.x, high.y]), index))
        });
        let tree = RTree::bulk_load(boxes.collect());
        Self { parts, tree, above, areas }
    }

    pub(super) const fn len(&self) -> usize {
        self.areas
    }

    /// Whether areas below this one have outlines.
    pub(super) fn has_below(&self, area: AreaCode) -> bool {
        self.above.contains(&area)
    }

    /// The deepest area that the point lies in or on the edge of; of several the smallest code.
    pub(super) fn deepest_around(&self, point: Point) -> Option<AreaCode> {
        let (lon, lat) = point.degrees();
        let mut best: Option<AreaCode> = None;
        for found in self.tree.locate_all_at_point(&[lon, lat]) {
            let part = &self.parts[found.data];
            // Outlines are the dear part: one that could not win is not looked at.
            let could_win = best.is_none_or(|best| rank(part.area) < rank(best));
            if could_win && position(&part.outline, lon, lat) != CoordPos::Outside {
                best = Some(part.area);
            }
        }
        best
    }

    /// The nearest area of those that `may` be, within so many metres: the deepest first, then the nearest.
    pub(super) fn nearest(
        &self,
        point: Point,
        metres_max: u32,
        may: impl Fn(AreaCode) -> bool,
    ) -> Option<Found> {
        let (lon, lat) = point.degrees();
        let squeeze = cos_degrees(lat).max(0.01);
        let reach = f64::from(metres_max) / METRES_PER_DEGREE;
        let around =
            AABB::from_corners([lon - reach / squeeze, lat - reach], [lon + reach / squeeze, lat + reach]);
        self.tree
            .locate_in_envelope_intersecting(&around)
            .map(|found| &self.parts[found.data])
            .filter(|part| may(part.area))
            .filter_map(|part| {
                let metres = metres_to(&part.outline, lon, lat, squeeze);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a distance within the bound is a small number above zero"
                )]
                let metres = (metres <= f64::from(metres_max)).then_some(metres.ceil() as u32)?;
                Some((part.area.level(), metres, part.area))
            })
            .min()
            .map(|(_, metres_off, area)| Found { area, metres_off })
    }
}

/// The deepest first, then the smallest code.
fn rank(area: AreaCode) -> (Reverse<u32>, AreaCode) {
    (Reverse(area.level().digits()), area)
}

fn position(outline: &Polygon<f64>, lon: f64, lat: f64) -> CoordPos {
    outline.coordinate_position(&Coord { x: lon, y: lat })
}

/// Metres from a point to the nearest edge, on a map around the point; none of the edges is longer than a
/// city.
fn metres_to(outline: &Polygon<f64>, lon: f64, lat: f64, squeeze: f64) -> f64 {
    let flat = |coord: Coord<f64>| ((coord.x - lon) * squeeze, coord.y - lat);
    let ring = |ring: &LineString<f64>| {
        ring.0
            .windows(2)
            .map(|edge| square_to_edge(flat(edge[0]), flat(edge[1])))
            .fold(f64::INFINITY, f64::min)
    };
    let nearest = outline.interiors().iter().map(ring).fold(ring(outline.exterior()), f64::min);
    nearest.sqrt() * METRES_PER_DEGREE
}

/// The square of the distance from the origin to the edge from `a` to `b`.
fn square_to_edge((ax, ay): (f64, f64), (bx, by): (f64, f64)) -> f64 {
    let (dx, dy) = (bx - ax, by - ay);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (ax + along * dx, ay + along * dy);
    x * x + y * y
}
