//! Made-up areas: squares side by side, as many as are asked for.

use huying_domain::area::Point;
use huying_intake::place::Gazetteer;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{fmt::Write, hint::black_box, time::Instant};

use crate::spread::nanos_each;

/// The south-western corner, and the side of a square in degrees: some 500 m.
const CORNER: (f64, f64) = (121.0, 37.0);
const SIDE: f64 = 0.005;
/// A made-up county; streets, communities and grids below it count up.
const COUNTY: u64 = 211_081;
const SEED: u64 = 7;

/// A collection of so many squares, each a grid with a code of its own.
#[expect(clippy::cast_precision_loss, reason = "a position among some hundreds")]
pub fn squares(areas: u64) -> String {
    let (across, mut text) =
        (areas.isqrt().max(1), String::from(r#"{"type":"FeatureCollection","features":["#));
    for number in 0..areas {
        let (west, south) = ((number % across) as f64, (number / across) as f64);
        let (west, south) = (SIDE.mul_add(west, CORNER.0), SIDE.mul_add(south, CORNER.1));
        let (east, north) = (west + SIDE, south + SIDE);
        let comma = if number == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"type":"Feature","properties":{{"code":{}}},"geometry":{{"type":"Polygon","coordinates":[[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]}}}}"#,
            code(number)
        )
        .expect("a text can be written to");
    }
    text + "]}"
}

/// County, street, community and grid, three digits each.
const fn code(number: u64) -> u64 {
    let (grid, community, street) = (number % 50 + 1, number / 50 % 50 + 1, number / 2_500 + 1);
    ((COUNTY * 1_000 + street) * 1_000 + community) * 1_000 + grid
}

/// Nanoseconds to find the area of a point that lies in one of so many squares.
#[expect(clippy::cast_precision_loss, reason = "a position among some hundreds")]
pub fn find_ns(areas: u64, points: u64) -> f64 {
    let gazetteer = Gazetteer::from_geojson(&squares(areas)).expect("outlines of areas");
    let (mut dice, across) = (StdRng::seed_from_u64(SEED), SIDE * areas.isqrt() as f64);
    let point = |_| {
        let (lon, lat) =
            (CORNER.0 + dice.random_range(0.0..across), CORNER.1 + dice.random_range(0.0..across));
        Point::from_degrees(lon, lat).expect("on the globe")
    };
    let points: Vec<Point> = (0..points).map(point).collect();
    let start = Instant::now();
    let found = points.iter().filter(|point| black_box(gazetteer.find(**point)).is_some()).count();
    assert_eq!(found, points.len(), "the squares leave no gap");
    nanos_each(start.elapsed(), points.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::{code, find_ns};
    use std::collections::BTreeSet;

    #[test]
    fn each_square_has_a_code_of_its_own_and_every_point_a_square() {
        let codes: BTreeSet<u64> = (0..100_000).map(code).collect();
        assert_eq!(codes.len(), 100_000);
        assert!(find_ns(120, 500) > 0.0);
    }
}
