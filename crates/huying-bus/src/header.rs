//! Headers: CloudEvents in binary mode (the body is the data, the headers say what it is), and the server's own.

use huying_domain::{
    ids::{Seq, UnitId},
    refusal::Malformed,
    time::Timestamp,
};
use std::{fmt, str::FromStr};

/// CloudEvents: names this message within its source; sent again, the same.
pub const CE_ID: &str = "ce-id";
/// CloudEvents: what happened, an [`EventType`].
pub const CE_TYPE: &str = "ce-type";
/// CloudEvents: which journal says so.
pub const CE_SOURCE: &str = "ce-source";
/// CloudEvents: when the engine decided, RFC 3339.
pub const CE_TIME: &str = "ce-time";
/// CloudEvents: the version of its own form.
pub const CE_SPECVERSION: &str = "ce-specversion";
/// What the body is.
pub const CONTENT_TYPE: &str = "content-type";

/// The CloudEvents version that is spoken.
pub const SPECVERSION: &str = "1.0";
/// The body of every message but the echo.
pub const JSON: &str = "application/json";
/// The body of the echo.
pub const MSGPACK: &str = "application/vnd.msgpack";

/// JetStream refuses the publish unless the stream's last sequence is this: no gap and no double in the echo.
pub const EXPECTED_LAST_SEQUENCE: &str = "Nats-Expected-Last-Sequence";
/// JetStream drops a message that carries the id of a recent one.
pub const MESSAGE_ID: &str = "Nats-Msg-Id";

/// On a quarantined message: why it could not be read.
pub const QUARANTINE_REASON: &str = "huying-reason";
/// On a quarantined message: the subject on which it came.
pub const QUARANTINE_SUBJECT: &str = "huying-subject";
/// On a quarantined message: its sequence in the inbox.
pub const QUARANTINE_SEQUENCE: &str = "huying-sequence";

/// What a CloudEvent of Huying's reports.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EventType {
    /// A unit has a case; a repeat on the same subject replaces what was said before.
    Assigned,
    /// A unit no longer has the case.
    Withdrawn,
    /// A unit is told something.
    Noticed,
}

impl EventType {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::Assigned, Self::Withdrawn, Self::Noticed];

    /// The value of [`CE_TYPE`].
    pub const fn name(self) -> &'static str {
        match self {
            Self::Assigned => "huying.v1.assignment.assigned",
            Self::Withdrawn => "huying.v1.assignment.withdrawn",
            Self::Noticed => "huying.v1.notice",
        }
    }
}

impl FromStr for EventType {
    type Err = Malformed;

    fn from_str(name: &str) -> Result<Self, Malformed> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or(Malformed::new("event type", "one of the CloudEvents types under huying.v1"))
    }
}

/// The id of a message to a unit: the record that caused it and the unit, written `1234.street-7`.
///
/// It is made of facts alone, so a message that is sent again after an outage has the id that it had.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MessageId {
    /// The record that caused the message.
    pub seq: Seq,
    /// To whom it goes.
    pub unit: UnitId,
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.seq, self.unit)
    }
}

impl FromStr for MessageId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed =
            Malformed::new("message id", "a record's seq, a dot and a unit, such as 1234.street-7");
        let (seq, unit) = text.split_once('.').ok_or(malformed)?;
        let id = Self { seq: seq.parse().map_err(|_| malformed)?, unit: unit.parse()? };
        if id.to_string() == text { Ok(id) } else { Err(malformed) }
    }
}

/// The headers of a message to a unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CloudEvent {
    /// Which message.
    pub id: MessageId,
    /// What it reports.
    pub kind: EventType,
    /// Which journal says so: its id as text.
    pub journal: String,
    /// When the engine decided.
    pub at: Timestamp,
}

impl CloudEvent {
    /// The headers by name, in a fixed order.
    pub fn headers(&self) -> [(&'static str, String); 6] {
        [
            (CE_SPECVERSION, SPECVERSION.to_owned()),
            (CE_ID, self.id.to_string()),
            (CE_TYPE, self.kind.name().to_owned()),
            (CE_SOURCE, format!("urn:huying:journal:{}", self.journal)),
            (CE_TIME, self.at.to_string()),
            (CONTENT_TYPE, JSON.to_owned()),
        ]
    }
}
