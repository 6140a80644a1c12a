//! Short distances on the globe, computed with the four basic operations and the root only, so that the same
//! points are as far apart on every machine.

use huying_domain::area::Point;

/// Metres in a degree of latitude on a sphere of the Earth's mean radius, 6,371,008.8 m.
pub const METRES_PER_DEGREE: f64 = 111_195.08;

/// The cosine of a latitude in degrees, within 1e-8.
pub fn cos_degrees(latitude: f64) -> f64 {
    let x = latitude.to_radians();
    let square = x * x;
    // The series of the cosine up to the sixteenth power, innermost bracket first.
    [240.0, 182.0, 132.0, 90.0, 56.0, 30.0, 12.0, 2.0]
        .iter()
        .fold(1.0, |rest, divisor| 1.0 - square / divisor * rest)
}

/// Metres from one point to the other as on a map around them: within a thousandth for a few kilometres.
pub fn metres_between(a: Point, b: Point) -> f64 {
    let (lon_a, lat_a) = a.degrees();
    let (lon_b, lat_b) = b.degrees();
    let x = (lon_b - lon_a) * cos_degrees(f64::midpoint(lat_a, lat_b));
    let y = lat_b - lat_a;
    (x * x + y * y).sqrt() * METRES_PER_DEGREE
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(lon: f64, lat: f64) -> Point {
        Point::from_degrees(lon, lat).expect("on the globe")
    }

    #[test]
    fn a_minute_of_latitude_is_a_sea_mile_and_one_of_longitude_half_that_in_the_far_north() {
        let mile = metres_between(point(120.0, 60.0), point(120.0, 60.0 + 1.0 / 60.0));
        assert!((mile - 1853.3).abs() < 1.0, "{mile}");
        let half = metres_between(point(120.0, 60.0), point(120.0 + 1.0 / 60.0, 60.0));
        assert!((half - 926.6).abs() < 1.0, "{half}");
    }

    proptest! {
        #[test]
        fn the_cosine_is_the_cosine(latitude in -90.0..90.0f64) {
            prop_assert!((cos_degrees(latitude) - latitude.to_radians().cos()).abs() < 1e-8);
        }
    }
}
