//! How fast is the grid of a point found: among the sample city's areas, among 5,170 and 100,000 made-up squares,
//! and among New York's neighbourhoods with the places of its real calls, where the folder with them lies beside the
//! project?

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement tells its figures and what it skips"
)]

use criterion::{Criterion, Throughput};
use flate2::read::GzDecoder;
use huying_benches::{machine, places};
use huying_domain::area::Point;
use huying_intake::{place::Gazetteer, profile::Profile, read::Rows};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    fs::{self, File},
    hint::black_box,
    path::{Path, PathBuf},
    time::Duration,
};

/// Points drawn over a city, and real ones taken of New York's calls.
const POINTS: usize = 10_000;
const SEED: u64 = 7;
/// The outlines of the city that is shipped as a sample.
const SAMPLE: &str = include_str!("../../deploy/cities/sample/areas.geojson");
/// Made-up squares: as many grids as a city of two million has, and more than any has.
const SQUARES: [u64; 2] = [5_170, 100_000];
const SMOKE_SQUARES: [u64; 2] = [51, 1_000];
/// A code made up for the first neighbourhood; the others count on.
const FIRST_CODE: u64 = 360_061_001;

fn main() {
    let smoke = machine::is_smoke();
    println!("{}", machine::describe(Path::new(env!("CARGO_TARGET_TMPDIR"))));
    let mut criterion = if smoke {
        let soon = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(50));
        soon.measurement_time(Duration::from_millis(100)).without_plots()
    } else {
        Criterion::default().without_plots()
    };
    measure(&mut criterion, "sample city", SAMPLE, drawn_over);
    for squares in if smoke { SMOKE_SQUARES } else { SQUARES } {
        measure(&mut criterion, &format!("{squares} squares"), &places::squares(squares), drawn_over);
    }
    let neighbourhoods = neighbourhoods();
    let points = real_points();
    if let (Some(areas), Some(points)) = (neighbourhoods, points) {
        measure(&mut criterion, "New York", &areas, |_| points.clone());
    }
}

fn measure(criterion: &mut Criterion, city: &str, areas: &str, points: impl FnOnce(&str) -> Vec<Point>) {
    let gazetteer = Gazetteer::from_geojson(areas).expect("outlines of areas");
    let points = points(areas);
    let found = points.iter().filter(|point| gazetteer.find(**point).is_some()).count();
    println!(
        "{city}: {} outlines, {} points, {found} in or near an area",
        gazetteer.outlines(),
        points.len()
    );
    let mut group = criterion.benchmark_group("how_fast_is_a_place_found");
    group.throughput(Throughput::Elements(1));
    let mut next = points.iter().cycle();
    group.bench_function(city, |bencher| {
        bencher.iter(|| gazetteer.find(black_box(*next.next().expect("a cycle has no end"))));
    });
    group.finish();
}

/// Points spread evenly over the box of all outlines.
fn drawn_over(areas: &str) -> Vec<Point> {
    let collection: serde_json::Value = serde_json::from_str(areas).expect("JSON");
    let mut corners = Vec::new();
    collect_positions(&collection["features"], &mut corners);
    let bound = |of: fn(&(f64, f64)) -> f64, pick: fn(f64, f64) -> f64, from: f64| {
        corners.iter().map(of).fold(from, pick)
    };
    let (west, east) = (bound(|c| c.0, f64::min, 180.0), bound(|c| c.0, f64::max, -180.0));
    let (south, north) = (bound(|c| c.1, f64::min, 90.0), bound(|c| c.1, f64::max, -90.0));
    let mut dice = StdRng::seed_from_u64(SEED);
    let mut point = || Point::from_degrees(dice.random_range(west..east), dice.random_range(south..north));
    (0..POINTS).map(|_| point().expect("on the globe")).collect()
}

fn collect_positions(value: &serde_json::Value, into: &mut Vec<(f64, f64)>) {
    match value {
        serde_json::Value::Array(items) => match items.as_slice() {
            [lon, lat] if lon.is_number() => into.extend(lon.as_f64().zip(lat.as_f64())),
            items => items.iter().for_each(|item| collect_positions(item, into)),
        },
        serde_json::Value::Object(fields) => {
            fields.values().for_each(|field| collect_positions(field, into));
        }
        _ => {}
    }
}

fn file(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    if !path.exists() {
        eprintln!("skipped: ../shared/data/{name} is absent");
        return None;
    }
    Some(path)
}

fn neighbourhoods() -> Option<String> {
    let text =
        fs::read_to_string(file("territory/nyc_neighborhood_tabulation_area.geojson")?).expect("reads");
    let mut collection: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    for (code, feature) in (FIRST_CODE..).zip(collection["features"].as_array_mut().expect("features")) {
        feature["properties"]["code"] = code.into();
    }
    Some(collection.to_string())
}

fn real_points() -> Option<Vec<Point>> {
    let profile = Profile::built_in("nyc311").expect("built in");
    let stream = GzDecoder::new(File::open(file("calls/nyc311_2026.csv.gz")?).expect("opens"));
    let rows = Rows::new(&profile, stream).expect("has all columns");
    Some(rows.filter_map(|(_, row)| row.ok()?.point).take(POINTS).collect())
}
