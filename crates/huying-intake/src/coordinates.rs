//! Coordinate systems. Chinese maps print GCJ-02, Baidu prints BD-09; in a city the three lie up to 800 m
//! apart. Everything inside Huying is WGS-84 (CGCS2000 differs from it by centimetres).
//!
//! GCJ-02 is only known in its forward direction, so the way back is found by iteration. Outside the
//! rectangle around China in which the forward direction moves points, nothing is moved.

use serde::Deserialize;
use std::f64::consts::PI;

/// How near the iteration comes, in degrees: a tenth of a millimetre.
const CLOSE_ENOUGH_DEGREES: f64 = 1e-9;
/// The forward direction moves a point by less than a hundredth of a degree and smoothly, so that each step
/// gains some two digits; this many steps are more than enough.
const STEPS_MAX: u32 = 20;

/// Half the greater axis of the Krasovsky ellipsoid in metres, and the square of its eccentricity.
const KRASOVSKY_A_M: f64 = 6_378_245.0;
const KRASOVSKY_E2: f64 = 0.006_693_421_622_965_943;

/// What a pair of degrees means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
pub enum CoordinateSystem {
    /// WGS-84, and CGCS2000.
    #[default]
    #[serde(rename = "wgs84")]
    Wgs84,
    /// GCJ-02, as Chinese maps print.
    #[serde(rename = "gcj02")]
    Gcj02,
    /// BD-09, as Baidu prints.
    #[serde(rename = "bd09")]
    Bd09,
}

/// Longitude and latitude in WGS-84 of degrees in any of the systems.
pub fn to_wgs84(system: CoordinateSystem, lon: f64, lat: f64) -> (f64, f64) {
    match system {
        CoordinateSystem::Wgs84 => (lon, lat),
        CoordinateSystem::Gcj02 => undone(gcj02_of_wgs84, lon, lat),
        CoordinateSystem::Bd09 => {
            let (lon, lat) = undone(bd09_of_gcj02, lon, lat);
            undone(gcj02_of_wgs84, lon, lat)
        }
    }
}

/// GCJ-02 of WGS-84.
pub fn gcj02_of_wgs84(lon: f64, lat: f64) -> (f64, f64) {
    if !is_moved(lon, lat) {
        return (lon, lat);
    }
    let (x, y) = (lon - 105.0, lat - 35.0);
    let wave = |long: f64, short: f64| 20.0 * (short * PI).sin() + 40.0 * (short / 3.0 * PI).sin() + long;
    let ripple = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let east_long = 150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin();
    let north_long = 160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin();
    let root = x.abs().sqrt();
    let east_m = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + ripple
        + wave(east_long, x) * 2.0 / 3.0;
    let north_m = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + ripple
        + wave(north_long, y) * 2.0 / 3.0;
    let latitude = lat.to_radians();
    let curve = 1.0 - KRASOVSKY_E2 * latitude.sin().powi(2);
    let metres_per_radian_north = KRASOVSKY_A_M * (1.0 - KRASOVSKY_E2) / (curve * curve.sqrt());
    let metres_per_radian_east = KRASOVSKY_A_M / curve.sqrt() * latitude.cos();
    (
        lon + (east_m / metres_per_radian_east).to_degrees(),
        lat + (north_m / metres_per_radian_north).to_degrees(),
    )
}

/// BD-09 of GCJ-02.
pub fn bd09_of_gcj02(lon: f64, lat: f64) -> (f64, f64) {
    if !is_moved(lon, lat) {
        return (lon, lat);
    }
    let waves = PI * 3000.0 / 180.0;
    let far = lon.hypot(lat) + 0.000_02 * (lat * waves).sin();
    let turn = lat.atan2(lon) + 0.000_003 * (lon * waves).cos();
    (far * turn.cos() + 0.0065, far * turn.sin() + 0.006)
}

/// The point that `forward` moves to the given one.
fn undone(forward: fn(f64, f64) -> (f64, f64), lon: f64, lat: f64) -> (f64, f64) {
    let (mut from_lon, mut from_lat) = (lon, lat);
    for _ in 0..STEPS_MAX {
        let (to_lon, to_lat) = forward(from_lon, from_lat);
        let (east, north) = (lon - to_lon, lat - to_lat);
        from_lon += east;
        from_lat += north;
        if east.abs() < CLOSE_ENOUGH_DEGREES && north.abs() < CLOSE_ENOUGH_DEGREES {
            break;
        }
    }
    (from_lon, from_lat)
}

fn is_moved(lon: f64, lat: f64) -> bool {
    (72.004..=137.8347).contains(&lon) && (0.8293..=55.8271).contains(&lat)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metres::metres_between;
    use huying_domain::area::Point;
    use proptest::prelude::*;

    fn metres(a: (f64, f64), b: (f64, f64)) -> f64 {
        let point = |(lon, lat)| Point::from_degrees(lon, lat).expect("on the globe");
        metres_between(point(a), point(b))
    }

    #[test]
    fn the_forward_ways_agree_with_well_known_vectors() {
        // Tian'anmen: GCJ-02 116.404, 39.915 is BD-09 116.41036949, 39.92133699.
        let (lon, lat) = bd09_of_gcj02(116.404, 39.915);
        assert!((lon - 116.410_369_49).abs() < 1e-6 && (lat - 39.921_336_99).abs() < 1e-6, "{lon} {lat}");
        // The same figures as WGS-84 are GCJ-02 116.41024449916938, 39.91640428150164.
        let (lon, lat) = gcj02_of_wgs84(116.404, 39.915);
        assert!((lon - 116.410_244_499).abs() < 1e-6 && (lat - 39.916_404_281).abs() < 1e-6, "{lon} {lat}");
    }

    #[test]
    fn outside_china_nothing_moves() {
        for system in [CoordinateSystem::Wgs84, CoordinateSystem::Gcj02, CoordinateSystem::Bd09] {
            assert_eq!(to_wgs84(system, -73.94, 40.84), (-73.94, 40.84));
        }
    }

    proptest! {
        #[test]
        fn the_way_back_comes_within_a_decimetre(lon in 73.0..136.0f64, lat in 1.5..55.0f64) {
            let gcj = gcj02_of_wgs84(lon, lat);
            prop_assert!(metres(to_wgs84(CoordinateSystem::Gcj02, gcj.0, gcj.1), (lon, lat)) < 0.1);
            let bd = bd09_of_gcj02(gcj.0, gcj.1);
            prop_assert!(metres(to_wgs84(CoordinateSystem::Bd09, bd.0, bd.1), (lon, lat)) < 0.1);
        }
    }
}
