use super::calendar;
use crate::city::{
    CityError,
    build::{Built, COUNTY_DEFAULT, Plan, build},
    check::check_city,
    finding::{Findings, Trouble, Weight},
};
use huying_domain::{
    area::{AreaCode, Level},
    words::Words,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A feature's properties, as JSON, and its box.
type Box<'a> = (&'a str, [f64; 4]);

fn geojson(boxes: &[Box<'_>]) -> String {
    let feature = |(properties, [west, south, east, north]): &Box<'_>| {
        // Drawn clockwise, against the standard, as many a file is.
        let ring =
            format!("[[{west},{south}],[{west},{north}],[{east},{north}],[{east},{south}],[{west},{south}]]");
        format!(
            r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
        )
    };
    let features: Vec<String> = boxes.iter().map(feature).collect();
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

fn plan(levels: Vec<(Level, PathBuf)>) -> Plan {
    Plan {
        name: Words::new("试县", "Trial"),
        zone: "Asia/Shanghai".to_owned(),
        calendar: calendar("cn-office"),
        county: AreaCode::new(COUNTY_DEFAULT).expect("six digits"),
        levels,
        sources: vec!["a test".to_owned()],
    }
}

fn built(files: &[(Level, &[Box<'_>])]) -> Result<Built, CityError> {
    let folder = tempfile::tempdir().expect("a folder");
    let level = |(level, boxes): &(Level, &[Box<'_>])| {
        let path = folder.path().join(level.name());
        fs::write(&path, geojson(boxes)).expect("written");
        (*level, path)
    };
    build(&plan(files.iter().map(level).collect()))
}

fn named(built: &Built, code: u64) -> String {
    let rules = built.city.rules().expect("the rules hold together");
    let name = rules.territory.name(AreaCode::new(code).expect("a code"));
    name.map_or_else(|| "-".to_owned(), |name| format!("{}|{}", name.zh, name.en))
}

const STREETS: &[Box<'static>] = &[
    (r#"{"name":"乙街"}"#, [0.0, 0.0, 1.0, 1.0]),
    (r#"{"name":"甲街","name_en":"First"}"#, [1.0, 0.0, 2.0, 1.0]),
];

#[test]
fn areas_are_numbered_by_name_within_the_area_that_holds_them() {
    let grids: &[Box<'_>] = &[
        (r#"{"name":"c"}"#, [0.0, 0.0, 0.5, 1.0]),
        (r#"{"name":"a, \"so\""}"#, [0.5, 0.0, 1.0, 1.0]),
        (r#"{"name":"b"}"#, [1.0, 0.0, 2.0, 1.0]),
    ];
    let built = built(&[(Level::Grid, grids), (Level::Street, STREETS)]).expect("a city");
    assert_eq!(built.findings, Findings::default());
    let counts: Vec<usize> = built.counts.iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [1, 2, 2, 3]);
    assert_eq!(named(&built, 900_000_001), "乙街|乙街");
    assert_eq!(named(&built, 900_000_002), "甲街|First");
    assert_eq!(named(&built, 900_000_001_001), "乙街|乙街", "the level left out is inherited");
    assert_eq!(named(&built, 900_000_001_001_001), "a; 'so'|a; 'so'");
    assert_eq!(named(&built, 900_000_001_001_002), "c|c");
    assert_eq!(named(&built, 900_000_002_001_001), "b|b");
    assert_eq!(check_city(&built.city), Findings::default());
}

#[test]
fn what_lies_in_no_area_goes_to_the_largest_overlap_or_the_nearest_and_is_told() {
    let grids: &[Box<'_>] = &[
        (r#"{"name":"mostly outside"}"#, [1.9, 0.0, 4.0, 1.0]),
        (r#"{"name":"far in the west"}"#, [-3.0, 0.0, -2.0, 1.0]),
        (r#"{}"#, [0.1, 0.1, 0.2, 0.2]),
    ];
    let built = built(&[(Level::Street, STREETS), (Level::Grid, grids)]).expect("a city");
    for trouble in [Trouble::PlacedByOverlap, Trouble::PlacedByNearness, Trouble::Nameless] {
        assert_eq!(built.findings.count(trouble), 1, "{}", built.findings);
    }
    assert_eq!(named(&built, 900_000_002_001_001), "mostly outside|mostly outside");
    assert_eq!(named(&built, 900_000_001_001_002), "far in the west|far in the west");
}

#[test]
fn an_official_code_that_fits_is_kept_and_one_that_does_not_is_told() {
    let streets: &[Box<'_>] = &[
        (r#"{"name":"a","code":"900000107"}"#, [0.0, 0.0, 1.0, 1.0]),
        (r#"{"name":"b","code":"370202001"}"#, [1.0, 0.0, 2.0, 1.0]),
    ];
    let built = built(&[(Level::Street, streets)]).expect("a city");
    assert_eq!(named(&built, 900_000_107), "a|a");
    assert_eq!(named(&built, 900_000_001), "b|b");
    assert_eq!(built.findings.count(Trouble::CodeRefused), 1);
}

#[test]
fn a_plan_that_contradicts_itself_is_refused() {
    assert!(matches!(built(&[]), Err(CityError::Plan(_))));
    assert!(matches!(built(&[(Level::Street, STREETS), (Level::Street, STREETS)]), Err(CityError::Plan(_))));
    assert!(matches!(built(&[(Level::County, STREETS)]), Err(CityError::Shapes { .. })));
    let thousand: Vec<Box<'_>> = vec![(r#"{"name":"x"}"#, [0.0, 0.0, 1.0, 1.0]); 1000];
    assert!(matches!(built(&[(Level::Street, &thousand)]), Err(CityError::Crowded { count: 1000, .. })));
}

#[test]
fn new_york_is_built_of_its_boroughs_districts_and_neighbourhoods() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/territory");
    let file = |name: &str| folder.join(format!("nyc_{name}.geojson"));
    if !file("borough").exists() {
        eprintln!("skipped: ../shared/data is absent");
        return;
    }
    let levels = vec![
        (Level::Street, file("borough")),
        (Level::Community, file("community_district")),
        (Level::Grid, file("neighborhood_tabulation_area")),
    ];
    let plan = Plan { zone: "America/New_York".to_owned(), calendar: calendar("nyc-office"), ..plan(levels) };
    let built = build(&plan).expect("a city");
    eprintln!("{}", built.findings);
    let counts: Vec<usize> = built.counts.iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [1, 5, 59, 262]);
    let findings = check_city(&built.city);
    eprintln!("{findings}");
    assert_ne!(findings.weight(), Some(Weight::Error), "{findings}");
    assert_eq!(named(&built, 900_000_001), "Bronx|Bronx");
}
