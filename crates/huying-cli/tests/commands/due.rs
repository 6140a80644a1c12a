//! `due`: the instants, as an office in China and one in Boston would count them.

use crate::stage::{city, huying, path};

/// Runs `due` and compares its last line.
#[track_caller]
fn check(from: &str, limit: &str, calendar: &str, due: &str) {
    let did = huying(&["due", "--from", from, "--limit", limit, "--calendar", calendar]).ends(0);
    assert_eq!(did.out.lines().last(), Some(due), "{}", did.out);
    let json = huying(&["due", "--json", "--from", from, "--limit", limit, "--calendar", calendar]);
    assert_eq!(json.ends(0).json()["due"], due);
}

#[test]
fn the_last_line_is_the_instant_with_the_offset_of_the_calendars_zone() {
    // Monday; the days off of the National Day lie between, and the Saturday after them is worked.
    check("2026-09-28T15:00:00+08:00", "5wd", "cn-office", "2026-10-10T18:00:00+08:00");
    // Friday afternoon: two hours then, two on Monday.
    check("2026-11-20T16:00:00+08:00", "4wh", "cn-office", "2026-11-23T10:00:00+08:00");
    // Urgent hours run through the night, and the same instant may be given in another offset.
    check("2026-11-20T15:30:00Z", "2uh", "cn-office", "2026-11-21T01:30:00+08:00");
    // The third natural day is off, and so are those behind it.
    check("2026-09-30T10:00:00+08:00", "3nd", "cn-office", "2026-10-08T18:00:00+08:00");
    // Thanksgiving lies between.
    check("2015-11-25T10:00:00-05:00", "1wd", "boston-office", "2015-11-27T17:00:00-05:00");
}

#[test]
fn a_day_beyond_the_published_calendar_is_said_to_be_provisional() {
    let due = |from: &str| huying(&["due", "--json", "--from", from, "--limit", "1wd"]).ends(0).json();
    assert_eq!(due("2026-12-30T10:00:00+08:00")["provisional"], false);
    assert_eq!(due("2026-12-31T10:00:00+08:00")["provisional"], true);
}

#[test]
fn every_day_is_told_with_its_number_or_its_reason() {
    let args = ["due", "--json", "--from", "2026-09-28T15:00:00+08:00", "--limit", "5wd"];
    let told = huying(&args).ends(0).json();
    let days = told["days"].as_array().expect("days");
    let counted: Vec<_> = days.iter().filter(|day| day["nth"].is_u64()).map(|day| &day["date"]).collect();
    assert_eq!(counted, ["2026-09-29", "2026-09-30", "2026-10-08", "2026-10-09", "2026-10-10"]);
    assert_eq!(days.len(), 13, "every day from the first to the last is told");
    let holiday = days.iter().find(|day| day["date"] == "2026-10-01").expect("the day is told");
    assert_eq!(holiday["zh"], "国庆节");
    let people = huying(&["due", "--lang", "en", "--from", "2026-09-28T15:00:00+08:00", "--limit", "5wd"]);
    assert!(people.out.contains("day 5 (make-up workday)"), "{}", people.out);
}

#[test]
fn a_citys_own_calendar_counts_where_none_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    city().write(&folder.path().join("city")).expect("it can be written");
    let dir = folder.path().join("city");
    let args = ["due", "--city", path(&dir), "--from", "2026-11-20T16:00:00+08:00", "--limit", "4wh"];
    assert_eq!(huying(&args).ends(0).out.lines().last(), Some("2026-11-23T10:00:00+08:00"));
}

#[test]
fn what_makes_no_sense_ends_with_two_and_says_what_there_is() {
    let due = |more: &[&str]| huying(&[&["due", "--lang", "en"], more].concat());
    due(&["--from", "yesterday", "--limit", "5wd"]).ends(2);
    due(&["--from", "2026-11-20T16:00:00+08:00", "--limit", "5x"]).ends(2);
    let none = due(&["--from", "2026-11-20T16:00:00+08:00", "--limit", "5wd", "--calendar", "moon"]).ends(2);
    assert!(none.err.contains("moon") && none.err.contains("cn-office"), "{}", none.err);
}
