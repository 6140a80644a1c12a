//! The record: one accepted command and what followed from it. Its wire form is frozen.
//!
//! A record is a MessagePack map with field names. Its bytes are hashed as they are stored, and the next record
//! carries that hash, so nobody can take out, swap or alter one without the chain telling.

use crate::{
    command::Digest,
    event::Event,
    ids::{CaseId, PersonId, Seq, UnitId, Version},
    refusal::Malformed,
    time::Timestamp,
};
use compact_str::{CompactString, ToCompactString};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most parts in one record.
pub const RECORD_PARTS_MAX: usize = 8;
/// Most bytes of one encoded record: it must fit a NATS message of the default 1 MiB with room to spare.
pub const RECORD_BYTES_MAX: usize = 512 * 1024;

/// One accepted command: who asked, when, what followed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Its position, gapless from 1.
    pub seq: Seq,
    /// When the engine decided; never earlier than the record before.
    pub at: Timestamp,
    /// For a timer that fired late: the instant at which it was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_for: Option<Timestamp>,
    /// Who asked, as proven by the door.
    pub actor: Actor,
    /// What kind of asker it was.
    pub by: Origin,
    /// The record that this one follows from, if a station or timer named the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Seq>,
    /// The id of the command, for repeats.
    pub command: CommandId,
    /// The keyed digest of the command's body, for repeats with another body.
    pub digest: Digest,
    /// What happened, to one to eight cases, units or rule files.
    pub parts: Vec<Part>,
    /// Personal data, encrypted under the key of the first part's case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
    /// The hash of the record before; all zero in the first.
    pub prev: Hash,
}

/// The id of a command: 16 bytes. Text form: 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub [u8; 16]);

/// A SHA-256 over a record's bytes as stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What stands before the first record.
    pub const ZERO: Self = Self([0; 32]);
}

/// Fixed bytes: binary on the wire, lower-case hexadecimal in JSON and on screens.
macro_rules! bytes {
    ($name:ident, $len:literal, $what:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl std::str::FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                let malformed = Malformed::new($what, "lower-case hexadecimal digits");
                let mut bytes = [0; $len];
                if text.len() != 2 * $len || !text.is_ascii() {
                    return Err(malformed);
                }
                for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
                    let pair = std::str::from_utf8(pair).map_err(|_| malformed)?;
                    *byte = u8::from_str_radix(pair, 16).map_err(|_| malformed)?;
                }
                Ok(Self(bytes))
            }
        }
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_bytes(&self.0)
                }
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde::de::Error as _;
                if deserializer.is_human_readable() {
                    return String::deserialize(deserializer)?.parse().map_err(D::Error::custom);
                }
                let bytes = serde_bytes::ByteArray::<$len>::deserialize(deserializer)?;
                Ok(Self(bytes.into_array()))
            }
        }
        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "pattern": format!("^[0-9a-f]{{{}}}$", 2 * $len)})
            }
        }
    };
}
pub(crate) use bytes;

bytes!(CommandId, 16, "command id");
bytes!(Hash, 32, "hash");

/// The unit that the door proved, and the person if it was one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Actor {
    /// The unit, as proven by the door.
    pub unit: UnitId,
    /// The account of the person, if a person acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
}

impl Actor {
    /// A unit without a person: a feed, a station, a timer.
    pub const fn unit(unit: UnitId) -> Self {
        Self { unit, person: None }
    }
}

/// What kind of asker a command had. A what-if keeps the acts of persons and feeds and derives the others anew.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A person at a desk, on a telephone, at a command line.
    Person,
    /// Another system: a telephone system, an app, a department's software.
    Feed,
    /// Routing, escalation or feedback.
    Station,
    /// A clock whose instant passed.
    Timer,
}

/// What happened to one case, unit or rule file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(into = "PartWire", try_from = "PartWire")]
pub struct Part {
    /// What it happened to.
    pub subject: Subject,
    /// The version before the first of these events.
    pub version: Version,
    /// One or more events, in order.
    pub events: Vec<Event>,
}

impl Part {
    /// The version after these events.
    pub fn version_after(&self) -> Version {
        self.version + Version::try_from(self.events.len()).unwrap_or(Version::MAX)
    }

    /// The case, if the part is about one.
    pub const fn case(&self) -> Option<CaseId> {
        match self.subject {
            Subject::Case(case) => Some(case),
            Subject::Rulebook(_) | Subject::Unit(_) => None,
        }
    }
}

/// What a part is about. Wishes, topics and plans will join.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// A case.
    Case(CaseId),
    /// One of the city's rule files.
    Rulebook(RuleFile),
    /// A unit: its people, its hours, its duty.
    Unit(UnitId),
}

/// The kinds of rule file. Each is content-addressed: the event holds its hash, a folder holds its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleFile {
    /// Classes, conditions, limits, the ladder.
    Policy,
    /// Who does what: the duty list 派单目录.
    Duty,
    /// Working calendars.
    Calendar,
    /// Areas with their codes, names and validity.
    Territory,
    /// Units with their areas, calendars and staff.
    Units,
}

impl RuleFile {
    /// All kinds, in the order in which a rulebook lists them.
    pub const ALL: [Self; 5] = [Self::Policy, Self::Duty, Self::Calendar, Self::Territory, Self::Units];

    /// The name used in records and folders.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Duty => "duty",
            Self::Calendar => "calendar",
            Self::Territory => "territory",
            Self::Units => "units",
        }
    }
}

/// Personal data as ciphertext. Names the key slot, never the key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sealed {
    /// The slot of the key file that holds the case's key.
    pub slot: u32,
    /// XChaCha20-Poly1305 nonce, 24 bytes.
    #[serde(with = "serde_bytes")]
    pub nonce: Vec<u8>,
    /// Ciphertext with its tag: a MessagePack map of the private fields.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct PartWire {
    kind: CompactString,
    id: CompactString,
    version: Version,
    events: Vec<Event>,
}

impl From<Part> for PartWire {
    fn from(part: Part) -> Self {
        let (kind, id) = match part.subject {
            Subject::Case(case) => ("case", case.to_compact_string()),
            Subject::Rulebook(file) => ("rulebook", CompactString::const_new(file.name())),
            Subject::Unit(unit) => ("unit", unit.as_str().into()),
        };
        Self { kind: CompactString::const_new(kind), id, version: part.version, events: part.events }
    }
}

impl TryFrom<PartWire> for Part {
    type Error = Malformed;

    fn try_from(wire: PartWire) -> Result<Self, Malformed> {
        let subject = match wire.kind.as_str() {
            "case" => Subject::Case(wire.id.parse()?),
            "unit" => Subject::Unit(UnitId::new(wire.id)?),
            "rulebook" => RuleFile::ALL
                .into_iter()
                .find(|file| file.name() == wire.id)
                .map(Subject::Rulebook)
                .ok_or(Malformed::new("rule file", "policy, duty, calendar, territory or units"))?,
            _ => return Err(Malformed::new("part kind", "case, rulebook or unit")),
        };
        Ok(Self { subject, version: wire.version, events: wire.events })
    }
}
