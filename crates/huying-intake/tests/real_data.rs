//! The same laws on real tables, where the folder with them lies beside the project; each test says when it
//! skips.

#![expect(clippy::print_stderr, reason = "says what was skipped and what was measured")]

use flate2::read::GzDecoder;
use huying_domain::{
    area::{AreaCode, Point},
    command::{Ask, Digest},
    event::{
        Event,
        collect::{Filing, Registered},
    },
    ids::{CaseId, RulesLabel, UnitId},
    record::{Actor, Hash, Origin, Part, Record, Subject},
    time::Timestamp,
};
use huying_intake::{
    likeness::{Matter, Neighbours},
    open::{Opening, Placed, command_id, open},
    place::Gazetteer,
    profile::Profile,
    read::Rows,
    redact::{mark, redact},
    report::{Note, Report},
};
use std::{collections::BTreeMap, fs, fs::File, path::PathBuf, time::Instant};

fn file(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    let there = path.exists();
    if !there {
        eprintln!("skipped: ../shared/data/{name} is absent");
    }
    there.then_some(path)
}

struct Table {
    reports: Vec<Report>,
    bad: BTreeMap<&'static str, usize>,
}

fn table(profile: &Profile, name: &str) -> Option<Table> {
    let stream = GzDecoder::new(File::open(file(name)?).expect("opens"));
    let started = Instant::now();
    let (mut reports, mut bad) = (Vec::new(), BTreeMap::new());
    for (_, row) in Rows::new(profile, stream).expect("has all columns") {
        match row {
            Ok(report) => reports.push(report),
            Err(row) => *bad.entry(row.code).or_default() += 1,
        }
    }
    let per_row = started.elapsed().as_nanos() / reports.len().max(1) as u128;
    eprintln!("{name}: {} read, bad {bad:?}, {per_row} ns a row", reports.len());
    Some(Table { reports, bad })
}

/// New York's neighbourhoods under codes made up for the test.
fn neighbourhoods() -> Option<Gazetteer> {
    let text =
        fs::read_to_string(file("territory/nyc_neighborhood_tabulation_area.geojson")?).expect("reads");
    let mut collection: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    for (index, feature) in collection["features"].as_array_mut().expect("features").iter_mut().enumerate() {
        feature["properties"]["code"] = serde_json::json!(360_061_001 + index);
    }
    Some(Gazetteer::from_geojson(&collection.to_string()).expect("a gazetteer"))
}

#[test]
fn every_row_of_new_york_is_read_and_its_own_terms_hold_nothing_private() {
    let profile = Profile::built_in("nyc311").expect("built in");
    let Some(table) = table(&profile, "calls/nyc311_2026.csv.gz") else { return };
    assert_eq!((table.reports.len(), table.bad.len()), (70_000, 0));
    let placeless = table.reports.iter().filter(|report| report.point.is_none()).count();
    assert!((900..1_200).contains(&placeless), "{placeless}");
    assert!(table.reports.iter().all(|report| report.department.is_some() && report.snapshot.is_some()));
    let altered = table.reports.iter().filter(|report| report.private.words.is_some()).count();
    assert_eq!(altered, 0);
}

#[test]
fn every_row_of_boston_is_read_and_its_flag_agrees_with_its_target() {
    let profile = Profile::built_in("boston311").expect("built in");
    let Some(table) = table(&profile, "calls/boston311_2015h1.csv.gz") else { return };
    assert_eq!((table.reports.len(), table.bad.len()), (68_525, 0));
    let unbelieved =
        table.reports.iter().filter(|report| report.notes.contains(&Note::ClosedBeforeReceived)).count();
    assert!((120..=130).contains(&unbelieved), "{unbelieved}");
    let stand_ins =
        table.reports.iter().filter(|report| report.notes.contains(&Note::PlaceIsStandIn)).count();
    eprintln!("boston: {stand_ins} on City Hall");
    assert!((9_000..10_500).contains(&stand_ins), "{stand_ins}");
    let judged =
        table.reports.iter().filter_map(|report| Some((report.target?, report.closed?, report.on_time?)));
    let (mut all, mut agree) = (0, 0);
    for (target, closed, on_time) in judged {
        all += 1;
        agree += usize::from((closed <= target) == on_time);
    }
    eprintln!("boston: the flag agrees with the target on {agree} of {all}");
    assert!(agree * 1000 > all * 995);
    let wards: Vec<_> = table.reports.iter().filter_map(|report| report.area_hint.as_deref()).collect();
    assert!(wards.iter().all(|ward| ward.starts_with("Ward ") && !ward.starts_with("Ward 0")));
}

#[test]
fn nearly_every_point_of_new_york_has_a_neighbourhood() {
    let profile = Profile::built_in("nyc311").expect("built in");
    let Some((gazetteer, table)) = neighbourhoods()
        .and_then(|gazetteer| Some((gazetteer, table(&profile, "calls/nyc311_2026.csv.gz")?)))
    else {
        return;
    };
    assert_eq!(gazetteer.outlines(), 262);
    let points: Vec<Point> = table.reports.iter().filter_map(|report| report.point).collect();
    let started = Instant::now();
    let found: Vec<_> = points.iter().map(|point| gazetteer.find(*point)).collect();
    let each = started.elapsed().as_nanos() / points.len() as u128;
    let orphans = found.iter().filter(|found| found.is_none()).count();
    let near = found.iter().flatten().filter(|found| found.metres_off > 0).count();
    eprintln!("{} points: {orphans} orphans, {near} in a gap, {each} ns from point to area", points.len());
    assert!(orphans * 1000 < points.len() * 2, "{orphans} orphans");
    assert!(near > orphans, "most of what lies outside lies in a gap");
}

#[test]
fn a_seventh_of_new_yorks_calls_are_alike_another_within_an_hour() {
    let profile = Profile::built_in("nyc311").expect("built in");
    let Some(table) = table(&profile, "calls/nyc311_2026.csv.gz") else { return };
    let same_point =
        Profile { join: huying_domain::rules::join::Join { radius_m: 1, ..profile.join }, ..profile.clone() };
    for (name, profile, share) in [("same point", &same_point, 11.0..14.5), ("30 m", &profile, 12.0..25.0)] {
        let started = Instant::now();
        let (joined, placed) = joins(profile, &table.reports);
        let each = started.elapsed().as_nanos() / placed as u128;
        let percent = 100.0 * joined as f64 / placed as f64;
        eprintln!("{name}: {joined} of {placed} join a lead ({percent:.1} %), {each} ns a call");
        assert!(share.contains(&percent), "{percent}");
    }
}

/// Plays the reports in order of time through likeness and opening; how many join, of how many with a point.
fn joins(profile: &Profile, reports: &[Report]) -> (usize, usize) {
    let mut neighbours = Neighbours::new(profile.join);
    let area = AreaCode::new(360_061).expect("a code");
    let actor = Actor::unit(UnitId::new("feed-nyc").expect("an id"));
    let mut in_time: Vec<_> = reports.iter().filter(|report| report.point.is_some()).collect();
    in_time.sort_by_key(|report| (report.received, report.external.clone()));
    let mut joined = 0;
    for (number, report) in in_time.iter().enumerate() {
        let id = command_id(&profile.source, report).expect("named");
        let proposal = neighbours.like(&Matter { id, report, area, now: report.received }, &profile.join);
        let command = open(
            report,
            &Opening {
                source: &profile.source,
                actor: &actor,
                by: Origin::Feed,
                id,
                placed: Placed { area, orphan: false },
                proposal: proposal.as_ref(),
                threshold_permille: profile.join.threshold_permille,
                classed: None,
            },
        );
        match &command.ask {
            Ask::Register(filing) => {
                neighbours.follow(&registered(report.received, command.id, number as u64, filing));
            }
            Ask::Join { .. } => joined += 1,
            other => panic!("{} opens nothing", other.name()),
        }
    }
    (joined, in_time.len())
}

fn registered(
    at: Timestamp,
    command: huying_domain::record::CommandId,
    number: u64,
    filing: &Filing,
) -> Record {
    let event = Event::Registered(Registered {
        filing: filing.clone(),
        dispatcher: UnitId::new("centre").expect("an id"),
        rules: RulesLabel::new("test").expect("a label"),
    });
    Record {
        seq: number + 1,
        at,
        late_for: None,
        actor: Actor::unit(UnitId::new("feed-nyc").expect("an id")),
        by: Origin::Feed,
        because: None,
        command,
        digest: Digest([0; 16]),
        parts: vec![Part { subject: Subject::Case(CaseId::new(0, number)), version: 0, events: vec![event] }],
        sealed: None,
        prev: Hash::ZERO,
    }
}

#[test]
fn real_titles_lose_their_numbers_and_keep_nearly_all_of_their_words() {
    let (mut titles, mut changed) = (0, 0);
    let mut marks: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, column) in [("texts/titles_labelled.csv", 0), ("texts/messages_2019.csv", 1)] {
        let Some(path) = file(name) else { return };
        let mut reader = csv::Reader::from_path(path).expect("opens");
        for row in reader.records() {
            let row = row.expect("a row");
            let title = &row[column];
            let clean = redact(title);
            titles += 1;
            changed += usize::from(clean != title);
            for put in [
                mark::TELEPHONE,
                mark::IDENTITY,
                mark::NUMBER,
                mark::MAIL,
                mark::ACCOUNT,
                mark::PLATE,
                mark::NAME,
                mark::ROOM,
            ] {
                *marks.entry(put).or_default() += clean.matches(put).count();
            }
            let digits = clean.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
            assert!(digits < 9, "a long number is left");
        }
    }
    eprintln!("{titles} titles, {changed} changed, {marks:?}");
    assert!(changed * 100 < titles * 3, "{changed} of {titles} changed");
}
