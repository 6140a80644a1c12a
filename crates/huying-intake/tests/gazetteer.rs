//! From a point or an address to an area: the deepest, the nearest, the smallest code, and orphans.

use geo::{Contains, LineString, Polygon};
use huying_domain::area::{AreaCode, Point};
use huying_intake::place::{Found, Gazetteer, GazetteerError, NEAREST_METRES_MAX};
use proptest::prelude::*;
use serde_json::{Value, json};

fn code(number: u64) -> AreaCode {
    AreaCode::new(number).expect("a code")
}

fn point(lon: f64, lat: f64) -> Point {
    Point::from_degrees(lon, lat).expect("on the globe")
}

fn feature(code: u64, name: &str, ring: &[(f64, f64)]) -> Value {
    let mut ring: Vec<_> = ring.iter().map(|(lon, lat)| json!([lon, lat])).collect();
    ring.push(ring[0].clone());
    json!({
        "type": "Feature",
        "properties": { "code": code.to_string(), "name": name },
        "geometry": { "type": "Polygon", "coordinates": [ring] },
    })
}

fn square(code: u64, name: &str, (west, south, east, north): (f64, f64, f64, f64)) -> Value {
    feature(code, name, &[(west, south), (east, south), (east, north), (west, north)])
}

fn collection(features: &[Value]) -> String {
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

const COUNTY: u64 = 370_202;
const STREET: u64 = 370_202_001;
const WEST: u64 = 370_202_001_001;
const EAST: u64 = 370_202_001_002;
const BESIDE: u64 = 370_202_002;

/// A street with two communities, between which lies a gap of some 40 metres, and a second street without
/// any.
fn town() -> Gazetteer {
    Gazetteer::from_geojson(&collection(&[
        square(STREET, "香港中路街道", (120.0, 36.0, 120.02, 36.01)),
        square(WEST, "福州路社区", (120.0, 36.0, 120.01, 36.01)),
        square(EAST, "浮山社区", (120.0104, 36.0, 120.02, 36.01)),
        square(BESIDE, "八大湖街道", (120.02, 36.0, 120.03, 36.01)),
    ]))
    .expect("a gazetteer")
}

#[test]
fn the_deepest_area_wins() {
    assert_eq!(town().area_of(point(120.005, 36.005)), Some(code(WEST)));
    assert_eq!(town().area_of(point(120.025, 36.005)), Some(code(BESIDE)));
}

#[test]
fn on_a_shared_edge_the_smaller_code_wins() {
    let halves = |first: u64, second: u64| {
        Gazetteer::from_geojson(&collection(&[
            square(first, "a", (120.0, 36.0, 120.01, 36.01)),
            square(second, "b", (120.01, 36.0, 120.02, 36.01)),
        ]))
        .expect("a gazetteer")
    };
    for gazetteer in [halves(STREET, BESIDE), halves(BESIDE, STREET)] {
        assert_eq!(gazetteer.area_of(point(120.01, 36.005)), Some(code(STREET)));
    }
}

#[test]
fn a_point_in_a_gap_between_communities_belongs_to_the_nearest_of_them() {
    assert_eq!(town().area_of(point(120.0101, 36.005)), Some(code(WEST)));
    assert_eq!(town().area_of(point(120.0103, 36.005)), Some(code(EAST)));
}

#[test]
fn a_point_off_the_coast_belongs_to_the_nearest_area_and_farther_out_to_none() {
    let metre = 1.0 / 111_195.0;
    let near = town().find(point(120.025, 36.01 + 60.0 * metre)).expect("near");
    assert_eq!(near.area, code(BESIDE));
    assert!((59..=61).contains(&near.metres_off), "{near:?}");
    let last = f64::from(NEAREST_METRES_MAX);
    assert!(town().find(point(120.025, 36.01 + (last - 1.0) * metre)).is_some());
    assert_eq!(town().find(point(120.025, 36.01 + (last + 1.0) * metre)), None);
    assert_eq!(town().find(point(-71.0, 42.0)), None);
}

#[test]
fn a_hole_and_an_island_are_respected() {
    let with_hole = json!({
        "type": "Feature",
        "properties": { "code": STREET, "name": "a", "level": "street" },
        "geometry": { "type": "MultiPolygon", "coordinates": [
            [[[120.0,36.0],[120.1,36.0],[120.1,36.1],[120.0,36.1],[120.0,36.0]],
             [[120.04,36.04],[120.06,36.04],[120.06,36.06],[120.04,36.06],[120.04,36.04]]],
            [[[120.2,36.0],[120.3,36.0],[120.3,36.1],[120.2,36.0]]]
        ]},
    });
    let gazetteer = Gazetteer::from_geojson(&collection(&[with_hole])).expect("a gazetteer");
    assert_eq!(gazetteer.area_of(point(120.05, 36.05)), None);
    assert_eq!(gazetteer.area_of(point(120.02, 36.05)), Some(code(STREET)));
    assert_eq!(gazetteer.area_of(point(120.25, 36.02)), Some(code(STREET)));
}

#[test]
fn what_is_no_gazetteer_is_refused_with_the_feature() {
    assert!(matches!(Gazetteer::from_geojson("{}"), Err(GazetteerError::Form(_))));
    let mut without_code = square(STREET, "a", (0.0, 0.0, 1.0, 1.0));
    without_code["properties"]["code"] = json!("12");
    let mut wrong_level = square(STREET, "a", (0.0, 0.0, 1.0, 1.0));
    wrong_level["properties"]["level"] = json!("county");
    let mut a_point = square(STREET, "a", (0.0, 0.0, 1.0, 1.0));
    a_point["geometry"] = json!({ "type": "Point", "coordinates": [1.0, 1.0] });
    for bad in [without_code, wrong_level, a_point] {
        let good = square(BESIDE, "b", (0.0, 0.0, 1.0, 1.0));
        let error = Gazetteer::from_geojson(&collection(&[good, bad])).err();
        assert!(matches!(error, Some(GazetteerError::Feature { number: 2, .. })), "{error:?}");
    }
}

#[test]
fn an_address_names_the_deepest_area_and_the_other_names_decide_between_two_of_one_name() {
    let gazetteer = Gazetteer::from_names([
        (code(COUNTY), "市南区"),
        (code(STREET), "香港中路街道"),
        (code(BESIDE), "八大湖街道"),
        (code(WEST), "中心社区"),
        (code(370_202_002_001), "中心社区"),
        (code(EAST), "福州路社区"),
        (code(370_203), "Bronx"),
    ]);
    for (text, area) in [
        ("青岛市市南区香港中路街道福州路社区3号楼", Some(EAST)),
        ("市南区香港中路街道12号", Some(STREET)),
        ("市南区", Some(COUNTY)),
        ("八大湖街道中心社区", Some(370_202_002_001)),
        ("香港中路街道中心社区", Some(WEST)),
        ("中心社区", Some(COUNTY)),
        ("BRONX", Some(370_203)),
        ("Bronxville", None),
        ("崂山区", None),
        ("", None),
    ] {
        assert_eq!(gazetteer.area_by_name(text), area.map(code), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_point_within_an_outline_is_found_and_one_found_within_is_within(
        corners in prop::collection::vec((0.2..1.0f64, 0.0..1.0f64), 3..12),
        (x, y) in (-0.012..0.012f64, -0.012..0.012f64),
    ) {
        // A star around the origin: its corners at growing angles.
        let mut corners = corners;
        corners.sort_by(|a, b| a.1.total_cmp(&b.1));
        let ring: Vec<(f64, f64)> = corners.iter().map(|(far, turn)| {
            let angle = turn * std::f64::consts::TAU;
            (120.0 + far * 0.01 * angle.cos(), 36.0 + far * 0.01 * angle.sin())
        }).collect();
        let outline = Polygon::new(LineString::from(ring.clone()), vec![]);
        let at = point(120.0 + x, 36.0 + y);
        let (lon, lat) = at.degrees();
        let geojson = collection(&[feature(STREET, "star", &ring)]);
        let gazetteer = Gazetteer::from_geojson(&geojson).expect("a gazetteer");
        let found = gazetteer.find(at);
        if outline.contains(&geo::Point::new(lon, lat)) {
            prop_assert_eq!(found, Some(Found { area: code(STREET), metres_off: 0 }));
        } else if let Some(found) = found {
            prop_assert!(found.metres_off > 0 && found.metres_off <= NEAREST_METRES_MAX);
        }
    }
}
