//! Polygons between GeoJSON and the areas that they draw. Degrees of WGS-84 throughout.

use geo::{
    Geometry, MultiPolygon,
    orient::{Direction, Orient},
};
use geojson::{Feature, FeatureCollection, GeometryValue, JsonObject, JsonValue};
use huying_domain::{
    area::{AreaCode, Level},
    words::Words,
};

/// Most features of a file: ten times the largest district's micro-grids.
pub(super) const FEATURES_MAX: usize = 50_000;

/// A polygon before it has a place in the territory.
#[derive(Clone)]
pub(super) struct Drawn {
    pub(super) name: Option<Words>,
    /// The official code that the feature brings.
    pub(super) code: Option<AreaCode>,
    pub(super) polygon: MultiPolygon,
}

/// The polygon of an area.
pub(super) struct Shape {
    pub(super) code: AreaCode,
    pub(super) name: String,
    pub(super) polygon: MultiPolygon,
}

/// Reads every feature of a collection; a file with anything but polygons is refused whole.
pub(super) fn read_drawn(text: &str) -> Result<Vec<Drawn>, String> {
    features(text)?
        .iter()
        .enumerate()
        .map(|(at, feature)| {
            let polygon = polygon(feature).map_err(|why| format!("feature {}: {why}", at + 1))?;
            let zh = text_of(feature, "name_zh").or_else(|| text_of(feature, "name"));
            let en = text_of(feature, "name_en").or_else(|| text_of(feature, "name"));
            let name = zh.clone().or_else(|| en.clone()).zip(en.or(zh)).map(|(zh, en)| Words::new(zh, en));
            Ok(Drawn { name, code: text_of(feature, "code").and_then(|code| code.parse().ok()), polygon })
        })
        .collect()
}

/// Reads an `areas.geojson`.
pub(super) fn read_areas(text: &str) -> Result<Vec<Shape>, String> {
    features(text)?
        .iter()
        .enumerate()
        .map(|(at, feature)| {
            let wrong = |why: &dyn std::fmt::Display| format!("feature {}: {why}", at + 1);
            let code: AreaCode = text_of(feature, "code")
                .ok_or_else(|| wrong(&"the property code is absent"))?
                .parse()
                .map_err(|error| wrong(&error))?;
            let level = text_of(feature, "level").and_then(|level| level.parse::<Level>().ok());
            if level != Some(code.level()) {
                return Err(wrong(&format_args!("{code} is the code of a {}", code.level().name())));
            }
            let polygon = polygon(feature).map_err(|why| wrong(&why))?;
            Ok(Shape { code, name: text_of(feature, "name").unwrap_or_default(), polygon })
        })
        .collect()
}

/// Writes an `areas.geojson`, a feature a line, so that two versions can be compared by eye.
pub(super) fn write_areas(shapes: &[Shape]) -> String {
    let lines: Vec<String> = shapes
        .iter()
        .map(|shape| {
            let mut properties = JsonObject::new();
            properties.insert("code".to_owned(), shape.code.to_string().into());
            properties.insert("level".to_owned(), shape.code.level().name().into());
            properties.insert("name".to_owned(), shape.name.clone().into());
            let value = match shape.polygon.0.as_slice() {
                [one] => GeometryValue::from(one),
                _ => GeometryValue::from(&shape.polygon),
            };
            Feature { geometry: Some(value.into()), properties: Some(properties), ..Feature::default() }
                .to_string()
        })
        .collect();
    format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", lines.join(",\n"))
}

fn features(text: &str) -> Result<Vec<Feature>, String> {
    let collection: FeatureCollection =
        text.parse().map_err(|error| format!("it is no GeoJSON collection: {error}"))?;
    if collection.features.len() > FEATURES_MAX {
        return Err(format!("it has more than {FEATURES_MAX} features"));
    }
    Ok(collection.features)
}

/// The feature's polygon, oriented as RFC 7946 asks, whichever way it was drawn.
fn polygon(feature: &Feature) -> Result<MultiPolygon, String> {
    let value = &feature.geometry.as_ref().ok_or("it has no geometry")?.value;
    let polygon = match Geometry::<f64>::try_from(value).map_err(|error| error.to_string())? {
        Geometry::Polygon(one) => MultiPolygon::from(one),
        Geometry::MultiPolygon(several) => several,
        _ => return Err("it is neither a polygon nor a multipolygon".to_owned()),
    };
    Ok(polygon.orient(Direction::Default))
}

fn text_of(feature: &Feature, name: &str) -> Option<String> {
    match feature.property(name)? {
        JsonValue::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        JsonValue::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
