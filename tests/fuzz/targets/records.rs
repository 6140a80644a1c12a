//! The bytes of a record, of a frame and of a segment's head.
#![no_main]

use huying_domain::wire;
use huying_journal::{
    frame::{Look, Salt, look, next_frame, prev_of},
    segment::SegmentHeader,
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(record) = wire::decode(bytes) {
        let written = wire::encode(&record).expect("it was read");
        assert_eq!(wire::decode(&written).expect("it is read again"), record);
    }
    if let Ok(header) = SegmentHeader::decode(bytes) {
        assert_eq!(SegmentHeader::decode(&header.encode()).expect("it is read again"), header);
    }
    let salt = Salt::of(&[7; 16]);
    if let Look::Frame(frame) = look(bytes, 0, salt) {
        let _ = prev_of(frame.bytes);
    }
    if let Some((at, _)) = next_frame(bytes, 0, salt) {
        assert!(at < bytes.len());
    }
    let _ = prev_of(bytes);
});
