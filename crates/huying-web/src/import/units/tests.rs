use super::*;
use crate::import::difference::FieldChange;
use huying_domain::{record::RuleFile, rules::RuleTexts};

/// The tiny city.
pub(in crate::import) fn city(units: Option<&str>) -> Rules {
    let texts: RuleTexts = [
        (RuleFile::Policy, include_str!("../../../../../tests/city/policy.toml")),
        (RuleFile::Duty, include_str!("../../../../../tests/city/duty.toml")),
        (RuleFile::Calendar, include_str!("../../../../../tests/city/calendar.toml")),
        (RuleFile::Territory, include_str!("../../../../../tests/city/territory.csv")),
        (RuleFile::Units, units.unwrap_or(UNITS)),
    ]
    .into_iter()
    .map(|(file, text)| (file, text.as_bytes().to_vec()))
    .collect();
    Rules::read(&texts).expect("the tiny city's rules hold together")
}

const UNITS: &str = include_str!("../../../../../tests/city/units.csv");

fn plan(text: &str, work: &[(&str, u64)]) -> Plan {
    let work = work.iter().map(|(unit, cases)| (unit.parse().expect("a unit"), *cases)).collect();
    Plan::of(Table::read(text.as_bytes()).expect("a table"), &city(None), &work).expect("all columns")
}

/// The table in force with one text for another.
fn edited(from: &str, to: &str) -> String {
    let text = UNITS.replace(from, to);
    assert_ne!(text, UNITS, "{from} is there");
    text
}

/// Code, line and field of each refused row.
fn refused(text: &str, work: &[(&str, u64)]) -> Vec<(&'static str, Option<u32>, Option<&'static str>)> {
    let problems = plan(text, work).difference.refused;
    for problem in &problems {
        assert!(!problem.words.zh.is_empty() && !problem.words.en.is_empty(), "{problem:?}");
    }
    problems.iter().map(|problem| (problem.code, problem.line, problem.field)).collect()
}

#[test]
fn what_was_exported_changes_nothing() {
    let rows = exported(&city(None));
    let text: String = rows.iter().map(|row| row.join(",") + "\n").collect();
    let plan = plan(&text, &[]);
    assert!(plan.difference.is_nothing() && plan.difference.refused.is_empty(), "{plan:?}");
    assert_eq!(plan.difference.counts.same, city(None).units.iter().count());
    let again = city(Some(&plan.text));
    assert_eq!(exported(&again), rows, "what is published is what was shown");
}

#[test]
fn the_difference_names_what_is_new_what_is_other_field_by_field_and_what_is_gone() {
    let text = edited("grid-2-2,211081001002002,,cn-office,0,", "grid-2-2,211081001002002,,cn-office,2,")
        .replace("community-2,211081001002,,cn-office,5,河畔社区,Riverside Community\n", "")
        + "parks,,urban,cn-office,3,园林处,Parks\n";
    let found = plan(&text, &[]).difference;
    assert_eq!((found.counts.added, found.counts.changed, found.counts.gone), (1, 1, 1));
    assert_eq!((found.added[0].key.as_str(), found.added[0].line), ("parks", Some(14)));
    let change = &found.changed[0].fields;
    let wanted = FieldChange { field: "staff", was: Some("0".to_owned()), is: Some("2".to_owned()) };
    assert_eq!((found.changed[0].key.as_str(), change.as_slice()), ("grid-2-2", &[wanted][..]));
    assert_eq!(found.gone[0].key, "community-2");
}

#[test]
fn each_row_that_cannot_be_is_named_with_its_line_and_field() {
    let with = |row: &str| UNITS.to_owned() + row + "\n";
    let at = |code, field| vec![(code, Some(15), Some(field))];
    assert_eq!(refused(&with("Parks!,,,cn-office,1,x,y"), &[]), at("bad_id", "id"));
    assert_eq!(refused(&with("water,,,cn-office,1,x,y"), &[])[0], ("twice", Some(15), Some("id")));
    assert_eq!(refused(&with("parks,2.1E+11,,cn-office,1,x,y"), &[]), at("bad_area", "area"));
    assert_eq!(refused(&with("parks,211081009,,cn-office,1,x,y"), &[]), at("unknown_area", "area"));
    assert_eq!(refused(&with("parks,211081001,,cn-office,1,x,y"), &[]), at("area_taken", "area"));
    assert_eq!(refused(&with("parks,,moon,cn-office,1,x,y"), &[]), at("unknown_unit", "parent"));
    assert_eq!(refused(&with("parks,,parks,cn-office,1,x,y"), &[]), at("own_superior", "parent"));
    assert_eq!(refused(&with("parks,,,lunar,1,x,y"), &[]), at("unknown_calendar", "calendar"));
    assert_eq!(refused(&with("parks,,,cn-office,-1,x,y"), &[]), at("bad_number", "staff"));
    assert_eq!(refused(&with("parks,,,cn-office,1,\"x,y\",y"), &[]), at("bad_text", "zh"));
    assert_eq!(refused(&with("parks,,,cn-office,1,,y"), &[]), at("missing", "zh"));
    let circle = with("parks,,trees,cn-office,1,x,y\ntrees,,parks,cn-office,1,x,y");
    assert_eq!(refused(&circle, &[]).len(), 2, "both of a circle");
}

#[test]
fn a_unit_that_has_work_or_that_the_rules_name_cannot_be_left_out() {
    let without = edited("community-2,211081001002,,cn-office,5,河畔社区,Riverside Community\n", "");
    assert_eq!(refused(&without, &[]), []);
    assert_eq!(refused(&without, &[("community-2", 3)]), [("unit_in_use", None, None)]);
    let without = edited("water,,centre,continuous,20,水务局,Water Department\n", "");
    assert_eq!(refused(&without, &[]), [("unit_named", None, None)]);
    let unread =
        edited("community-2,211081001002,,cn-office,5,", "community-2,211081001002,,cn-office,five,");
    let found = plan(&unread, &[("community-2", 3)]).difference;
    assert_eq!(
        (found.counts.gone, found.counts.refused),
        (0, 1),
        "a row that cannot be read is not a gone unit"
    );
}
