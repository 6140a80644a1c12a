//! Rows of a table: what is read, what is not believed, and how a bad row is told from the others.

use huying_domain::vocabulary::{CaseKind, Channel};
use huying_intake::{
    profile::Profile,
    read::{FIELD_CHARS_MAX, ROW_BYTES_MAX, Rows},
    report::{Note, Report},
    unreadable::Unreadable,
};
use proptest::prelude::*;
use std::io::{self, Read};

const HEAD: &str = "case_enquiry_id,open_dt,target_dt,closed_dt,ontime_status,case_status,\
subject,reason,type,queue,department,ward,precinct,neighborhood,latitude,longitude,source\n";

fn boston() -> Profile {
    Profile::built_in("boston311").expect("built in")
}

/// A row of the form of Boston's table, with the fields that matter to a test.
struct BostonRow {
    id: &'static str,
    opened: &'static str,
    closed: &'static str,
    kind: &'static str,
    department: &'static str,
    ward: &'static str,
    point: (&'static str, &'static str),
    source: &'static str,
}

const PLAIN: BostonRow = BostonRow {
    id: "101",
    opened: "2015-07-01T09:00:00",
    closed: "2015-07-01T10:00:00",
    kind: "Pothole Repair (Internal)",
    department: "PWDx",
    ward: "Ward 7",
    point: ("42.3300", "-71.0500"),
    source: "City Worker App",
};

impl BostonRow {
    fn text(&self) -> String {
        let Self { id, opened, closed, kind, department, ward, point: (lat, lon), source } = self;
        format!(
            "{id},{opened},2015-07-03T08:30:00,{closed},ONTIME,Closed,Works,Street,{kind},q,\
             {department},{ward},1,N,{lat},{lon},{source}\n"
        )
    }
}

fn read(table: &[u8]) -> Vec<(u64, Result<Report, Unreadable>)> {
    let profile = boston();
    Rows::new(&profile, table).expect("has all columns").collect()
}

fn one(row: &BostonRow) -> Result<Report, Unreadable> {
    let mut rows = read(format!("{HEAD}{}", row.text()).as_bytes());
    assert_eq!(rows.len(), 1);
    rows.remove(0).1
}

fn refused(row: &BostonRow, code: &str) {
    assert_eq!(one(row).expect_err("is not readable").code, code);
}

#[test]
fn a_row_becomes_a_report_under_its_profile() {
    let report = one(&PLAIN).expect("reads");
    assert_eq!(report.external.expect("named").as_str(), "101");
    assert_eq!(report.received.to_string(), "2015-07-01T13:00:00Z");
    assert_eq!(report.closed.expect("closed").to_string(), "2015-07-01T14:00:00Z");
    assert_eq!(report.target.expect("promised").to_string(), "2015-07-03T12:30:00Z");
    assert_eq!(report.on_time, Some(true));
    assert_eq!(report.class.as_str(), "pothole-repair-internal");
    assert_eq!(report.condition.expect("queue").as_str(), "q");
    assert_eq!(report.department.expect("named").as_str(), "pwdx");
    assert_eq!(report.point.expect("placed").degrees(), (-71.05, 42.33));
    assert_eq!((report.channel, report.kind), (Channel::Patrol, CaseKind::Complaint));
    assert_eq!(report.summary, "Pothole Repair (Internal) · Street");
    assert!(report.private.is_empty() && report.notes.is_empty());
}

#[test]
fn a_ward_has_one_name_however_it_is_spelt() {
    for (ward, name) in
        [("03", "Ward 3"), ("Ward 3", "Ward 3"), ("Ward 12", "Ward 12"), ("Downtown", "Downtown")]
    {
        assert_eq!(one(&BostonRow { ward, ..PLAIN }).expect("reads").area_hint.as_deref(), Some(name));
    }
    assert_eq!(one(&BostonRow { ward: "", ..PLAIN }).expect("reads").area_hint, None);
}

#[test]
fn a_call_closed_before_it_came_in_is_read_and_its_closing_is_not_believed() {
    let report = one(&BostonRow { closed: "2015-07-01T08:59:59", ..PLAIN }).expect("reads");
    assert_eq!((report.closed, report.notes), (None, vec![Note::ClosedBeforeReceived]));
    let report = one(&BostonRow { closed: "2015-07-01T09:00:00", ..PLAIN }).expect("reads");
    assert_eq!((report.closed, report.notes), (Some(report.received), vec![]));
}

#[test]
fn city_hall_is_no_place() {
    let report = one(&BostonRow { point: ("42.3594", "-71.0587"), ..PLAIN }).expect("reads");
    assert_eq!((report.point, report.notes), (None, vec![Note::PlaceIsStandIn]));
    let next_door = one(&BostonRow { point: ("42.3596", "-71.0587"), ..PLAIN }).expect("reads");
    assert!(next_door.point.is_some());
    let nowhere = one(&BostonRow { point: ("0", "0"), ..PLAIN }).expect("reads");
    assert_eq!(nowhere.point, None);
}

#[test]
fn no_department_is_none_and_no_place_is_none() {
    let report = one(&BostonRow { department: "No Q", point: ("", ""), ..PLAIN }).expect("reads");
    assert_eq!((report.department, report.point), (None, None));
}

#[test]
fn each_bad_row_says_why_and_never_what_it_held() {
    refused(&BostonRow { id: "", ..PLAIN }, "missing_external_id");
    refused(&BostonRow { opened: "", ..PLAIN }, "missing_time");
    refused(&BostonRow { opened: "yesterday", ..PLAIN }, "bad_time");
    refused(&BostonRow { closed: "2015-02-30T00:00:00", ..PLAIN }, "bad_time");
    refused(&BostonRow { point: ("142.3", "-71.0"), ..PLAIN }, "bad_point");
    refused(&BostonRow { point: ("NaN", "-71.0"), ..PLAIN }, "bad_point");
    refused(&BostonRow { kind: " ", ..PLAIN }, "missing_class");
    refused(&BostonRow { source: "Carrier Pigeon", ..PLAIN }, "unknown_value");
    refused(&BostonRow { ward: "7,8", ..PLAIN }, "wrong_columns");
    let said = one(&BostonRow { source: "13812345678", ..PLAIN }).expect_err("is not readable");
    assert!(!format!("{said:?}").contains("1381234"));
}

#[test]
fn a_bad_row_never_stops_the_rows_behind_it() {
    let good = PLAIN.text();
    let long = "x".repeat(FIELD_CHARS_MAX + 1);
    let endless = "y".repeat(2 * ROW_BYTES_MAX);
    let mut table = Vec::new();
    for row in [HEAD, &good, "1,2,3\n", "\n", &format!("{long}{good}"), &format!("{endless}\n"), &good] {
        table.extend_from_slice(row.as_bytes());
    }
    table.extend_from_slice(b"\xff\xfe,");
    table.extend_from_slice(good.as_bytes());
    table.extend_from_slice(good.as_bytes());
    let outcome: Vec<_> = read(&table)
        .into_iter()
        .map(|(line, row)| (line, row.map_or_else(|bad| bad.code, |_| "read")))
        .collect();
    let expected = [
        (2, "read"),
        (3, "wrong_columns"),
        (5, "too_long"),
        (6, "too_long"),
        (7, "read"),
        (8, "not_utf8"),
        (9, "read"),
    ];
    assert_eq!(outcome, expected);
}

#[test]
fn a_quotation_mark_that_nobody_closed_costs_one_row() {
    let good = PLAIN.text();
    let rows: String = good.repeat(2_000);
    let table = format!("{HEAD}{good}\"{good}{rows}");
    assert!(rows.len() > 2 * ROW_BYTES_MAX, "the mark must reach beyond the bound of a row");
    let outcome = read(table.as_bytes());
    assert_eq!(outcome.len(), 2_002);
    let bad: Vec<_> = outcome.iter().filter(|(_, row)| row.is_err()).map(|(line, _)| *line).collect();
    assert_eq!(bad, [3]);
}

#[test]
fn a_quoted_field_may_hold_commas_marks_and_line_breaks() {
    let kind = "\"Pothole, \"\"deep\"\"\nand wet\"";
    let table = format!("{HEAD}{}{}", BostonRow { kind, ..PLAIN }.text(), PLAIN.text());
    let rows = read(table.as_bytes());
    let lines: Vec<_> = rows.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 4]);
    assert_eq!(rows[0].1.as_ref().expect("reads").class.as_str(), "pothole-deep-and-wet");
}

#[test]
fn a_table_without_a_column_of_the_profile_is_refused_as_a_whole() {
    let profile = boston();
    let missing = Rows::new(&profile, HEAD.replace("open_dt", "opened").as_bytes()).err().expect("refused");
    assert_eq!(missing.column, "open_dt");
}

#[test]
fn a_stream_that_breaks_off_says_so_last() {
    struct Breaks<'t>(&'t [u8]);
    impl Read for Breaks<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() { Err(io::Error::other("cut")) } else { self.0.read(into) }
        }
    }
    let table = format!("{HEAD}{}{}", PLAIN.text(), "102,2015-07");
    let profile = boston();
    let rows: Vec<_> = Rows::new(&profile, Breaks(table.as_bytes())).expect("has all columns").collect();
    assert_eq!(rows.len(), 2);
    assert!(rows[0].1.is_ok());
    assert_eq!(rows[1].1.as_ref().expect_err("broke off").code, "broken_stream");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_to_the_end_with_a_known_code(junk in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let mut table = HEAD.as_bytes().to_vec();
        table.extend(junk);
        for (_, row) in read(&table) {
            if let Err(bad) = row {
                prop_assert!(Unreadable::CODES.contains(&bad.code));
            }
        }
    }

    #[test]
    fn rows_are_cut_as_a_csv_reader_cuts_them(fields in prop::collection::vec("[a\",\n ]{0,6}", 17..18)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&fields).expect("writes");
        let row = writer.into_inner().expect("flushes");
        let mut table = HEAD.as_bytes().to_vec();
        table.extend(&row);
        table.extend(PLAIN.text().as_bytes());
        let rows = read(&table);
        prop_assert_eq!(rows.len(), 2);
        prop_assert!(rows[1].1.is_ok());
        prop_assert_ne!(rows[0].1.as_ref().err().map(|bad| bad.code), Some("wrong_columns"));
    }
}
