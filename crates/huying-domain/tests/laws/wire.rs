//! The bytes that stay for ever.

use crate::town::{Town, register};
use huying_domain::{
    event::Event,
    record::Record,
    wire::{WireError, decode, encode},
};
use std::error::Error as _;

fn record() -> Record {
    let mut town = Town::new();
    town.ask("centre/li", 0, register("light")).expect("registered").clone()
}

/// The bytes with one text in them replaced by another of the same length.
fn with(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let at = bytes.windows(old.len()).position(|window| window == old.as_bytes()).expect("it is there");
    [&bytes[..at], new.as_bytes(), &bytes[at + old.len()..]].concat()
}

#[test]
fn an_event_of_a_version_that_is_not_known_is_refused_by_its_name() {
    let bytes = encode(&record()).expect("a wire form");
    let future = with(&bytes, "case.registered/1", "case.registered/9");
    let error = decode(&future).expect_err("a future event");
    assert!(matches!(error, WireError::NotARecord(_)));
    let cause = error.source().expect("a cause").to_string();
    assert!(cause.contains("case.registered/9"), "{cause}");
}

#[test]
fn bytes_behind_a_record_are_refused() {
    let mut bytes = encode(&record()).expect("a wire form");
    bytes.push(0);
    assert!(matches!(decode(&bytes), Err(WireError::TrailingBytes)));
}

#[test]
fn a_record_cut_short_is_no_record() {
    let bytes = encode(&record()).expect("a wire form");
    for end in 0..bytes.len() {
        assert!(decode(&bytes[..end]).is_err(), "{end} of {} bytes were taken", bytes.len());
    }
}

#[test]
fn a_field_that_is_not_known_yet_does_not_hinder_reading() {
    let bytes = encode(&record()).expect("a wire form");
    assert_eq!(bytes[0], 0x88, "a map of eight fields");
    // One more field, by a later version: `more: nil`.
    let later = [&[0x89], &bytes[1..], &[0xa4], b"more", &[0xc0]].concat();
    assert_eq!(decode(&later).expect("read"), record());
}

#[test]
fn every_tag_has_a_name_and_a_version() {
    for tag in Event::TAGS {
        let (name, version) = tag.split_once('/').expect("a version");
        assert!(name.split_once('.').is_some() && version.parse::<u8>().is_ok(), "{tag}");
    }
}

#[test]
fn a_record_reads_the_same_from_json() {
    let json = serde_json::to_string(&record()).expect("JSON");
    assert_eq!(serde_json::from_str::<Record>(&json).expect("read"), record());
}
