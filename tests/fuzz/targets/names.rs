//! Names and numbers that stand in paths, tokens and subjects: of cases, units, areas, instants, limits and
//! devices. What was read and written again is the same.
#![no_main]

use huying_domain::{
    area::AreaCode,
    ids::{CaseId, ClassId, ExternalId, PersonId, SourceId, TellChannel, UnitId},
    limit::Limit,
    record::Hash,
    time::Timestamp,
};
use huying_intake::{devices::Devices, redact::redact};
use std::{
    fmt::{Debug, Display},
    str::FromStr,
};

libfuzzer_sys::fuzz_target!(|text: &str| {
    same::<CaseId>(text);
    same::<UnitId>(text);
    same::<SourceId>(text);
    same::<ExternalId>(text);
    same::<PersonId>(text);
    same::<ClassId>(text);
    same::<TellChannel>(text);
    same::<AreaCode>(text);
    same::<Timestamp>(text);
    same::<Limit>(text);
    same::<Hash>(text);
    let _ = Devices::parse(text, Timestamp::from_seconds(1_790_000_000));
    // What was stripped once has nothing left to strip.
    let stripped = redact(text);
    assert_eq!(redact(&stripped), stripped, "{text:?}");
});

fn same<T: FromStr + Display + PartialEq + Debug>(text: &str) {
    if let Ok(read) = text.parse::<T>() {
        let written = read.to_string();
        assert_eq!(written.parse::<T>().ok(), Some(read), "{text:?} was written {written:?}");
    }
}
