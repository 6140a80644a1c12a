//! The old journal: bytes that were once released must be read for ever, and fold to the numbers of that day.

use crate::{
    story::{self, access, governed},
    town::Town,
};
use huying_domain::{event::Event, record::Record, wire};
use huying_projection::tally::Tally;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const BLESS: &str = "HUYING_BLESS";

fn golden(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(file)
}

/// Each record behind its length in four bytes, most significant first.
fn framed(records: &[Record]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for record in records {
        let record = wire::encode(record).expect("a record has a wire form");
        bytes.extend(u32::try_from(record.len()).expect("a record is small").to_be_bytes());
        bytes.extend(record);
    }
    bytes
}

fn unframed(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let (frame, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        frames.push(frame);
        bytes = rest;
    }
    assert!(bytes.is_empty(), "the golden file ends within a length");
    frames
}

fn tally(records: &[Record]) -> Tally {
    let mut tally = Tally::default();
    records.iter().for_each(|record| tally.follow(record));
    tally
}

/// A released journal, and the day in the town that it tells.
struct Golden {
    name: &'static str,
    day: fn() -> Town,
    /// How many sorts of event it holds.
    events: usize,
}

const GOLDEN: [Golden; 3] = [
    Golden { name: "v1", day: story::day, events: 36 },
    Golden { name: "v2", day: governed::day, events: 44 },
    Golden { name: "v3", day: access::day, events: 2 },
];

impl Golden {
    fn records(&self) -> PathBuf {
        golden(&format!("{}.records", self.name))
    }

    fn numbers(&self) -> PathBuf {
        golden(&format!("{}.tally.json", self.name))
    }

    /// Writes what is not there yet; nothing that is.
    fn bless(&self) {
        if std::env::var_os(BLESS).is_some() && !self.records().exists() {
            let Town { records, .. } = (self.day)();
            let numbers = serde_json::to_string_pretty(&tally(&records)).expect("numbers");
            fs::create_dir_all(golden("")).expect("the folder of golden files");
            fs::write(self.records(), framed(&records)).expect("written");
            fs::write(self.numbers(), numbers + "\n").expect("written");
        }
    }
}

#[test]
fn a_released_journal_is_read_for_ever_and_counts_the_same() {
    for released in GOLDEN {
        released.bless();
        let hint = format!("a missing golden file is made by {BLESS}=1; a released one is never made anew");
        let bytes = fs::read(released.records()).unwrap_or_else(|error| panic!("{error}: {hint}"));
        let records: Vec<Record> =
            unframed(&bytes).into_iter().map(|frame| wire::decode(frame).expect("an old record")).collect();
        let told: Value =
            serde_json::from_slice(&fs::read(released.numbers()).expect(&hint)).expect("numbers");
        let now = serde_json::to_value(tally(&records)).expect("numbers");
        // New numbers may stand beside the old ones; the old ones stay.
        for (name, number) in told.as_object().expect("a map of numbers") {
            assert_eq!(now.get(name), Some(number), "{name} of {} has changed", released.name);
        }
    }
}

#[test]
fn a_released_journal_holds_every_event_of_its_day_and_its_chain_joins() {
    let mut all = BTreeSet::new();
    for released in GOLDEN {
        let bytes = fs::read(released.records()).expect("the golden journal");
        let frames = unframed(&bytes);
        let records: Vec<Record> =
            frames.iter().map(|frame| wire::decode(frame).expect("an old record")).collect();
        for (before, after) in frames.iter().zip(&records[1..]) {
            assert_eq!(wire::hash(before), after.prev, "the chain breaks at {}", after.seq);
        }
        let events = records.iter().flat_map(|record| &record.parts).flat_map(|part| &part.events);
        let seen: BTreeSet<&str> = events.map(Event::tag).collect();
        assert_eq!(seen.len(), released.events, "{}", released.name);
        all.extend(seen.into_iter().map(str::to_owned));
    }
    let unreleased: Vec<_> = Event::TAGS.iter().filter(|tag| !all.contains(**tag)).collect();
    assert!(unreleased.is_empty(), "no released journal holds {unreleased:?}");
}
