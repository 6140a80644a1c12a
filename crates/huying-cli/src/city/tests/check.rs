use super::small;
use crate::city::{
    City,
    check::{check, check_city},
    finding::{FINDING_EXAMPLES_MAX, Findings, Trouble, Weight},
};
use huying_domain::{area::AreaCode, record::RuleFile};
use std::path::Path;

fn with(file: RuleFile, from: &str, to: &str) -> City {
    let mut city = small();
    let text = String::from_utf8(city.texts[&file].clone()).expect("text");
    assert!(text.contains(from), "{from:?} is not in {text}");
    city.texts.insert(file, text.replacen(from, to, 1).into_bytes());
    city
}

fn finds(city: &City, trouble: Trouble) {
    let findings = check_city(city);
    assert_eq!(findings.count(trouble), 1, "{trouble:?} among {findings}");
    assert_eq!(findings.iter().count(), 1, "only {trouble:?} among {findings}");
    assert_eq!(findings.weight(), Some(trouble.weight()));
}

fn square(code: &str, level: &str, [west, south, east, north]: [f64; 4]) -> String {
    let ring =
        format!("[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]");
    format!(
        r#"{{"type":"Feature","properties":{{"code":"{code}","level":"{level}","name":"n"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
    )
}

fn drawn(features: &[String]) -> City {
    let mut city =
        with(RuleFile::Territory, "900000001001001,", "900000001001002,东,East,,\n900000001001001,");
    let mut units = city.texts[&RuleFile::Units].clone();
    units.extend_from_slice("900000001001002,900000001001002,,cn-office,2,东,East\n".as_bytes());
    city.texts.insert(RuleFile::Units, units);
    city.areas = Some(format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",")));
    city
}

#[test]
fn a_sound_city_passes_without_a_word() {
    assert_eq!(check_city(&small()), Findings::default());
    assert_eq!(check_city(&small()).weight(), None);
}

#[test]
fn each_fault_is_found_by_its_name_and_nothing_else_is() {
    use RuleFile::{Duty, Policy, Territory, Units};
    let grid = "900000001001001,900000001001001,,cn-office,2";
    let orphan = with(Territory, "900000001001001,", "900000001001001,x,y,,\n900000002001,z,z,,\n900000003,");
    let findings = check_city(&orphan);
    assert_eq!(findings.count(Trouble::Orphan), 1, "{findings}");
    assert_eq!(findings.count(Trouble::Rules), 1, "{findings}");
    finds(&with(Policy, "calendar = \"cn-office\"", "calendar = \"nowhere\""), Trouble::Rules);
    finds(&with(Units, grid, "900000001001001,900000001001001,,cn-office,0"), Trouble::Vacancy);
    finds(&with(Units, grid, "900000001001001,900000001001001,,cn-office,1"), Trouble::GridStaff);
    finds(&with(Units, grid, "900000001001001,,,cn-office,2"), Trouble::AreaWithoutUnit);
    finds(&with(Units, grid, "900000001001001,900000001001001,nobody,cn-office,2"), Trouble::ParentUnknown);
    let lost = "class = \"lost.\"\nstart = \"grid\"\nzh = \"\"\nen = \"\"\nsource = \"\"\n[[duty]]\nstart = \"grid\"";
    finds(&with(Duty, "start = \"grid\"", lost), Trouble::DutyWithoutClass);
    finds(&with(Duty, "start = \"grid\"", "start = \"department\""), Trouble::DutyWithoutDepartment);
}

#[test]
fn a_matter_that_nothing_gives_a_target_counts_as_unknown() {
    let mut city = with(RuleFile::Policy, "resolve = \"5wd\"", "");
    let mut policy = city.texts[&RuleFile::Policy].clone();
    let classes = r#"
[[class]]
id = "bare"
zh = "无"
en = "none"
source = "a test"
[[class]]
id = "half"
zh = "半"
en = "half"
source = "a test"
[[class.condition]]
id = "with"
zh = "有"
en = "with"
limits = { resolve = "1wd" }
[[class.condition]]
id = "without"
zh = "无"
en = "without"
"#;
    policy.extend_from_slice(classes.as_bytes());
    city.texts.insert(RuleFile::Policy, policy);
    let findings = check_city(&city);
    assert_eq!(findings.count(Trouble::NoTarget), 2);
    let examples = findings.iter().next().map(|finding| finding.examples.clone());
    assert_eq!(examples, Some(vec!["bare".to_owned(), "half without".to_owned()]));
}

#[test]
fn a_fallback_and_a_zone_that_are_not_there_are_errors() {
    let mut city = small();
    city.facts.fallback = AreaCode::new(900_000_009).expect("a code");
    finds(&city, Trouble::Fallback);
    let mut city = small();
    city.facts.zone = "Asia/Atlantis".to_owned();
    finds(&city, Trouble::Zone);
    assert_eq!(check_city(&city).weight(), Some(Weight::Error));
}

#[test]
fn a_partition_of_polygons_passes_and_each_breach_is_told() {
    let community = square("900000001001", "community", [0.0, 0.0, 2.0, 1.0]);
    let west = square("900000001001001", "grid", [0.0, 0.0, 1.0, 1.0]);
    let east = square("900000001001002", "grid", [1.0, 0.0, 2.0, 1.0]);
    let two = |east: &String| drawn(&[community.clone(), west.clone(), east.clone()]);
    assert_eq!(check_city(&two(&east)), Findings::default());
    let lost = check_city(&drawn(&[community.clone(), west.clone()]));
    assert_eq!(lost.count(Trouble::AreaWithoutShape), 1, "{lost}");
    assert!(lost.to_string().contains("50.0 % in no grid"), "{lost}");
    let over = check_city(&two(&square("900000001001002", "grid", [0.9, 0.0, 2.0, 1.0])));
    assert_eq!((over.count(Trouble::Overlap), over.iter().count()), (1, 1), "{over}");
    assert!(over.to_string().contains("share 10.0 % of the smaller"), "{over}");
    let short = check_city(&two(&square("900000001001002", "grid", [1.2, 0.0, 2.0, 1.0])));
    assert_eq!((short.count(Trouble::Gap), short.iter().count()), (1, 1), "{short}");
    assert!(short.to_string().contains("10.0 % in no grid"), "{short}");
    let out = check_city(&two(&square("900000001001002", "grid", [1.0, 0.0, 3.0, 1.0])));
    assert_eq!((out.count(Trouble::Straddle), out.iter().count()), (1, 1), "{out}");
    finds(&two(&square("900000001001002", "street", [1.0, 0.0, 2.0, 1.0])), Trouble::Shapes);
}

#[test]
fn a_finding_counts_all_and_keeps_the_first_examples() {
    let mut findings = Findings::default();
    for nth in 0..=FINDING_EXAMPLES_MAX {
        findings.note(Trouble::Vacancy, nth.to_string());
    }
    assert_eq!(findings.count(Trouble::Vacancy), FINDING_EXAMPLES_MAX + 1);
    assert_eq!(findings.to_string(), "a unit has nobody ×6: 0; 1; 2; 3; 4; …\n");
}

#[test]
fn the_city_that_the_handbook_shows_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/cities/sample");
    assert_eq!(check(&folder).expect("a city"), Findings::default());
}
