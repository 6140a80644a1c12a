//! Bytes of records: MessagePack with field names, hashed as stored.

use crate::record::{Hash, RECORD_BYTES_MAX, Record};
use serde::{Deserialize as _, Serialize, de::IgnoredAny};
use sha2::{Digest as _, Sha256};
use std::io::ErrorKind;
use thiserror::Error;

/// What most records need: a buffer that grows to it by doubling is copied four times on the way.
const USUAL_BYTES: usize = 1_024;

/// Why bytes are no record, or a record has no bytes.
#[derive(Debug, Error)]
pub enum WireError {
    /// The bytes are not a record of a form that this version or an older one ever wrote.
    #[error("not a record")]
    NotARecord(#[source] rmp_serde::decode::Error),
    /// Bytes stand behind the record's end.
    #[error("bytes stand behind the record")]
    TrailingBytes,
    /// The record has no wire form.
    #[error("cannot encode the record")]
    Unwritable(#[source] rmp_serde::encode::Error),
    /// The record is longer than a message may be.
    #[error("a record of {0} bytes is longer than {RECORD_BYTES_MAX}")]
    TooLong(usize),
}

/// The bytes of a record, as they stand in the log, in sled and (without `sealed`) in the echo.
pub fn encode(record: &Record) -> Result<Vec<u8>, WireError> {
    let bytes = named(record).map_err(WireError::Unwritable)?;
    if bytes.len() > RECORD_BYTES_MAX { Err(WireError::TooLong(bytes.len())) } else { Ok(bytes) }
}

/// MessagePack with field names, written into a buffer that is long enough from the start.
pub(crate) fn named<T: Serialize>(value: &T) -> Result<Vec<u8>, rmp_serde::encode::Error> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    value.serialize(&mut rmp_serde::Serializer::new(&mut bytes).with_struct_map())?;
    Ok(bytes)
}

/// The record that these bytes hold; events of older versions come out in today's form.
pub fn decode(bytes: &[u8]) -> Result<Record, WireError> {
    // Over the slice itself: texts are looked at where they stand, and not copied first.
    let mut reader = rmp_serde::Deserializer::from_read_ref(bytes);
    let record = Record::deserialize(&mut reader).map_err(WireError::NotARecord)?;
    match IgnoredAny::deserialize(&mut reader) {
        Err(rmp_serde::decode::Error::InvalidMarkerRead(nothing))
            if nothing.kind() == ErrorKind::UnexpectedEof =>
        {
            Ok(record)
        }
        _ => Err(WireError::TrailingBytes),
    }
}

/// The hash of a record's bytes, which the next record carries as `prev`.
pub fn hash(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}
