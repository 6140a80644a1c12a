//! The frame: a version byte, the body's length in four bytes (little-endian), the body in MessagePack.

use serde::{Serialize, de::DeserializeOwned};
use std::io::{self, Read, Write};
use thiserror::Error;

/// The version of the talk.
pub const PROTOCOL_VERSION: u8 = 1;
/// Most bytes of a body: a case of five thousand records, and room.
pub const FRAME_BYTES_MAX: usize = 16 * 1024 * 1024;
const HEAD_BYTES: usize = 5;

/// Why the talk broke off.
#[derive(Debug, Error)]
pub enum FrameError {
    /// The other end speaks another version.
    #[error("the other end speaks version {0} of the talk, this one {PROTOCOL_VERSION}")]
    Version(u8),
    /// The body would be longer than it may be.
    #[error("a frame of {0} bytes is longer than {FRAME_BYTES_MAX}")]
    TooLong(usize),
    /// The body is not what was expected.
    #[error("the frame's body cannot be understood")]
    Malformed(#[from] rmp_serde::decode::Error),
    /// The value has no bytes.
    #[error("the value cannot be sent")]
    Unwritable(#[from] rmp_serde::encode::Error),
    /// The socket failed.
    #[error("the socket failed")]
    Io(#[from] io::Error),
}

/// Writes one value.
pub fn write(out: &mut impl Write, value: &impl Serialize) -> Result<(), FrameError> {
    let body = rmp_serde::to_vec_named(value)?;
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= FRAME_BYTES_MAX);
    let length = length.ok_or(FrameError::TooLong(body.len()))?;
    let mut frame = Vec::with_capacity(HEAD_BYTES + body.len());
    frame.push(PROTOCOL_VERSION);
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&body);
    out.write_all(&frame)?;
    Ok(out.flush()?)
}

/// Reads one value; none where the other end has gone between two frames.
pub fn read<T: DeserializeOwned>(input: &mut impl Read) -> Result<Option<T>, FrameError> {
    let mut version = [0];
    if input.read(&mut version)? == 0 {
        return Ok(None);
    }
    if version[0] != PROTOCOL_VERSION {
        return Err(FrameError::Version(version[0]));
    }
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > FRAME_BYTES_MAX {
        return Err(FrameError::TooLong(length));
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    Ok(Some(rmp_serde::from_slice(&body)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{Act, Request};
    use huying_domain::{command::Ask, record::CommandId};

    #[test]
    fn what_is_sent_arrives_and_the_end_of_the_talk_is_no_fault() {
        let act = Act {
            id: CommandId([7; 16]),
            case: Some("0-1".parse().expect("a case")),
            saw: Some(3),
            ask: Ask::Check { passed: true, note: "看过了".to_owned() },
            private: None,
            person: None,
        };
        let sent = [Request::Status, Request::Act(Box::new(act))];
        let mut bytes = Vec::new();
        sent.iter().for_each(|request| write(&mut bytes, request).expect("it is short"));
        let mut input = bytes.as_slice();
        for request in &sent {
            let got: Request = read(&mut input).expect("it holds").expect("it is there");
            assert_eq!(format!("{got:?}"), format!("{request:?}"));
        }
        assert!(read::<Request>(&mut input).expect("no fault").is_none());
    }

    #[test]
    fn another_version_and_a_length_beyond_the_bound_are_refused() {
        let mut bytes = Vec::new();
        write(&mut bytes, &Request::Status).expect("it is short");
        bytes[0] = PROTOCOL_VERSION + 1;
        assert!(matches!(read::<Request>(&mut bytes.as_slice()), Err(FrameError::Version(2))));
        let long = [&[PROTOCOL_VERSION][..], &u32::MAX.to_le_bytes()].concat();
        assert!(matches!(read::<Request>(&mut long.as_slice()), Err(FrameError::TooLong(_))));
        let cut = [PROTOCOL_VERSION, 9, 0, 0, 0, 1];
        assert!(matches!(read::<Request>(&mut cut.as_slice()), Err(FrameError::Io(_))));
    }
}
