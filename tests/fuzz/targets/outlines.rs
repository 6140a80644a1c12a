//! Outlines of areas as GeoJSON: a point is in at most one, and a search comes to an end.
#![no_main]

use huying_domain::area::Point;
use huying_intake::place::Gazetteer;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(gazetteer) = Gazetteer::from_geojson(text) else { return };
    for (lon, lat) in [(0.0, 0.0), (116.4, 39.9), (-180.0, -90.0), (180.0, 90.0), (5.0, 5.0)] {
        let point = Point::from_degrees(lon, lat).expect("on the globe");
        if gazetteer.area_of(point).is_some() {
            assert!(gazetteer.find(point).is_some(), "what lies within is found");
        }
    }
    gazetteer.area_by_name(text);
});
