//! What comes over NATS beside calls: subjects, what units ask, what stations say. What was read is written again.
#![no_main]

use huying_bus::{
    message::{
        answer::{IntakeReply, UnitReply},
        assignment::Assignment,
        deed::UnitRequest,
        station::{NamedCommand, NamedReply, RulesAsk, RulesPiece, Tick, decode, encode},
        tell::TellRequest,
    },
    subject::Subject,
};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    match which % 10 {
        0 => subject(bytes),
        1 => json::<UnitRequest>(bytes),
        2 => json::<IntakeReply>(bytes),
        3 => json::<UnitReply>(bytes),
        4 => json::<Assignment>(bytes),
        5 => json::<TellRequest>(bytes),
        6 => packed::<NamedCommand>(bytes),
        7 => packed::<NamedReply>(bytes),
        8 => packed::<Tick>(bytes),
        _ => {
            packed::<RulesAsk>(bytes);
            packed::<RulesPiece>(bytes);
        }
    }
});

fn subject(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(subject) = text.parse::<Subject>() else { return };
    assert_eq!(subject.to_string(), text, "a subject is written in one way");
    assert!(!text.contains(['*', '>', ' ']), "a wildcard in {text}");
}

fn json<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) {
    let Ok(read) = serde_json::from_slice::<T>(bytes) else { return };
    let written = serde_json::to_vec(&read).expect("it was JSON");
    assert_eq!(serde_json::from_slice::<T>(&written).expect("it is read again"), read);
}

fn packed<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    let Ok(read) = decode::<T>(bytes) else { return };
    let written = encode(&read);
    let again: T = decode(&written).expect("it is read again");
    assert_eq!(encode(&again), written);
}
