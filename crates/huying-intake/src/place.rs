//! Where a report lies: from a point by the areas' outlines, from an address or a hint by the areas' names.
//!
//! A gazetteer is made of GeoJSON whose features have the properties `code` (an area code of 6 to 18 digits),
//! `name` and, if one likes, `level` (which must then agree with the code). Features of several levels may
//! lie on top of each other; the deepest wins. Where two of one level overlap, or share the boundary on which
//! a point lies, the smaller code wins, on every machine and in every run.

mod names;
mod outlines;

use self::{names::Names, outlines::Outlines};
use geo::{Coord, LineString, Polygon};
use geojson::{FeatureCollection, GeometryValue, Position};
use huying_domain::area::{AreaCode, Level, Point};
use std::sync::Arc;
use thiserror::Error;

/// How far outside the nearest area a point may lie and still belong to it: coasts and simplified outlines
/// leave gaps of this size, and the next street is further away.
pub const NEAREST_METRES_MAX: u32 = 100;
/// Most outlines of one gazetteer, as many as a territory has areas.
pub const OUTLINES_MAX: usize = 200_000;

/// Fewest positions of a ring: a triangle and its first corner again (RFC 7946).
const RING_POSITIONS_MIN: usize = 4;

/// Outlines and names of areas. Clones share the outlines and have names of their own.
#[derive(Clone, Debug, Default)]
pub struct Gazetteer {
    outlines: Arc<Outlines>,
    names: Names,
}

/// The area of a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// The area.
    pub area: AreaCode,
    /// How far outside its outline the point lies, in metres; 0 within.
    pub metres_off: u32,
}

/// Why a GeoJSON is no gazetteer.
#[derive(Debug, Error)]
pub enum GazetteerError {
    /// Not a GeoJSON feature collection.
    #[error("not a GeoJSON feature collection")]
    Form(#[source] Box<geojson::Error>),
    /// A feature cannot be an area.
    #[error("feature {number} {why}")]
    Feature {
        /// Its position, from 1.
        number: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The file is not meant for this.
    #[error("more than {OUTLINES_MAX} outlines")]
    TooMany,
}

impl Gazetteer {
    /// Reads the outlines and names of a feature collection.
    pub fn from_geojson(text: &str) -> Result<Self, GazetteerError> {
        let collection: FeatureCollection =
            text.parse().map_err(|error| GazetteerError::Form(Box::new(error)))?;
        if collection.features.len() > OUTLINES_MAX {
            return Err(GazetteerError::TooMany);
        }
        let mut names = Names::default();
        let mut shapes = Vec::with_capacity(collection.features.len());
        for (index, feature) in collection.features.into_iter().enumerate() {
            let wrong = |why| GazetteerError::Feature { number: index + 1, why };
            let code = code_of(&feature).ok_or_else(|| wrong("has no area code as `code`"))?;
            if let Some(level) = feature.property("level").and_then(|level| level.as_str())
                && level.parse::<Level>() != Ok(code.level())
            {
                return Err(wrong("has another level than its code"));
            }
            if let Some(name) = feature.property("name").and_then(|name| name.as_str()) {
                names.add(code, name);
            }
            let Some(geometry) = feature.geometry else { continue };
            let islands = match geometry.value {
                GeometryValue::Polygon { coordinates } => vec![coordinates],
                GeometryValue::MultiPolygon { coordinates } => coordinates,
                _ => return Err(wrong("is neither a polygon nor several")),
            };
            for rings in islands {
                let outline = outline(&rings).ok_or_else(|| wrong("has a ring that is no outline"))?;
                shapes.push((code, outline));
            }
        }
        Ok(Self { outlines: Arc::new(Outlines::new(shapes)), names })
    }

    /// A gazetteer of names alone, for a territory whose outlines nobody has drawn.
    pub fn from_names<'n>(names: impl IntoIterator<Item = (AreaCode, &'n str)>) -> Self {
        let mut gazetteer = Self::default();
        gazetteer.add_names(names);
        gazetteer
    }

    /// Adds names: of the territory file, or others by which residents call an area.
    pub fn add_names<'n>(&mut self, names: impl IntoIterator<Item = (AreaCode, &'n str)>) {
        for (code, name) in names {
            self.names.add(code, name);
        }
    }

    /// How many outlines there are.
    pub fn outlines(&self) -> usize {
        self.outlines.len()
    }

    /// The deepest area in which a point lies, or near which it lies; none for an orphan.
    pub fn area_of(&self, point: Point) -> Option<AreaCode> {
        self.find(point).map(|found| found.area)
    }

    /// The same, with how far off the point lies.
    ///
    /// A point that lies in a street but in a gap between its communities belongs to the nearest of those.
    pub fn find(&self, point: Point) -> Option<Found> {
        let within = self.outlines.deepest_around(point);
        if within.is_some_and(|area| !self.outlines.has_below(area)) {
            return within.map(|area| Found { area, metres_off: 0 });
        }
        let near = self.outlines.nearest(point, NEAREST_METRES_MAX, |area| {
            within.is_none_or(|above| above != area && above.covers(area))
        });
        near.or(within.map(|area| Found { area, metres_off: 0 }))
    }

    /// The area whose name stands in an address or a hint: the deepest that the text's other names do not
    /// contradict, then the one with the longest name. None when nothing is named, or several alike.
    pub fn area_by_name(&self, text: &str) -> Option<AreaCode> {
        self.names.find(text)
    }
}

/// The first ring is the outside, the others are holes; a ring has four positions or more, all on the globe.
fn outline(rings: &[Vec<Position>]) -> Option<Polygon<f64>> {
    let ring = |positions: &Vec<Position>| {
        let coords = positions.iter().map(|position| {
            let (lon, lat) = (*position.as_slice().first()?, *position.as_slice().get(1)?);
            Point::from_degrees(lon, lat).map(|_| Coord { x: lon, y: lat })
        });
        let coords = coords.collect::<Option<Vec<_>>>()?;
        (coords.len() >= RING_POSITIONS_MIN).then_some(LineString(coords))
    };
    let mut rings = rings.iter().map(ring);
    let outside = rings.next()??;
    Some(Polygon::new(outside, rings.collect::<Option<Vec<_>>>()?))
}

fn code_of(feature: &geojson::Feature) -> Option<AreaCode> {
    let code = feature.property("code")?;
    match code.as_u64() {
        Some(number) => AreaCode::new(number).ok(),
        None => code.as_str()?.parse().ok(),
    }
}
