//! Subjects: the one place where they are written and read.
//!
//! A subject is made of checked names only, so none can hold a wildcard, a space or a stray dot. Wildcards stand
//! in [`filter`] and nowhere else.

use self::token::{NoticeKind, Station, TellChannel, Verb};
use huying_domain::{
    ids::{CaseId, SourceId, UnitId},
    record::{self, Hash, RuleFile},
    refusal::Malformed,
    vocabulary::Channel,
};
use std::{fmt, str::FromStr};

pub mod filter;
pub mod token;

/// What every subject begins with; the number rises when a meaning changes.
pub const ROOT: &str = "huying.v1";

/// Most bytes of any subject that can be made here; far below the server's own limit.
pub const SUBJECT_BYTES_MAX: usize = 128;

/// The source under which unreadable messages are kept when their own subject names none.
pub const SOURCE_UNKNOWN: &str = "unknown";

/// An address that a message is sent to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Subject {
    /// `intake.<source>.<channel>`: one call or up to 64, as a request.
    Intake {
        /// Who brings it.
        source: SourceId,
        /// How it came in.
        channel: Channel,
    },
    /// `inbox.<source>.<channel>`: the same, durable, taken while the engine is down.
    Inbox {
        /// Who brings it.
        source: SourceId,
        /// How it came in.
        channel: Channel,
    },
    /// `as.<unit>.<verb>`: what a unit does. Permissions on this subject say who may speak for whom.
    As {
        /// The unit that is spoken for.
        unit: UnitId,
        /// What it does.
        verb: Verb,
    },
    /// `assignment.<unit>.<case>`: work for a unit; a later message on the same subject replaces the earlier.
    Assignment {
        /// The unit that ought to act.
        unit: UnitId,
        /// The case.
        case: CaseId,
    },
    /// `notice.<unit>.<kind>`: something a unit must know.
    Notice {
        /// The unit that is told.
        unit: UnitId,
        /// What kind of notice.
        kind: NoticeKind,
    },
    /// `tell.<channel>`: a message to a resident, as a request to an adapter.
    Tell {
        /// The adapter's channel.
        channel: TellChannel,
    },
    /// `record.<case>`: the echo of a record, under what its first part is about: `record.0-12`,
    /// `record.rulebook-policy` or `record.unit-duty-desk`.
    Record(record::Subject),
    /// `receipt.<source>`: what became of messages in the durable inbox.
    Receipt {
        /// Whose messages they were.
        source: SourceId,
    },
    /// `quarantine.<source>`: messages of the inbox that could not be read, kept as they came.
    Quarantine {
        /// Whose messages they were, or [`SOURCE_UNKNOWN`].
        source: SourceId,
    },
    /// `station.<station>`: what a station in a process of its own names, as a request to the engine.
    Station {
        /// Which station.
        station: Station,
    },
    /// `clock`: the instant of an engine in virtual time, for stations that ask no clock of their own.
    Clock,
    /// `rules.<hash>`: a piece of a rule file, or of the outlines, under the hash of its bytes, as a request.
    Rules {
        /// SHA-256 of the whole.
        hash: Hash,
    },
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ROOT}.")?;
        match self {
            Self::Intake { source, channel } => write!(f, "intake.{source}.{channel}"),
            Self::Inbox { source, channel } => write!(f, "inbox.{source}.{channel}"),
            Self::As { unit, verb } => write!(f, "as.{unit}.{verb}"),
            Self::Assignment { unit, case } => write!(f, "assignment.{unit}.{case}"),
            Self::Notice { unit, kind } => write!(f, "notice.{unit}.{kind}"),
            Self::Tell { channel } => write!(f, "tell.{channel}"),
            Self::Record(record::Subject::Case(case)) => write!(f, "record.{case}"),
            Self::Record(record::Subject::Rulebook(file)) => write!(f, "record.{RULEBOOK}{}", file.name()),
            Self::Record(record::Subject::Unit(unit)) => write!(f, "record.{UNIT}{unit}"),
            Self::Receipt { source } => write!(f, "receipt.{source}"),
            Self::Quarantine { source } => write!(f, "quarantine.{source}"),
            Self::Station { station } => write!(f, "station.{station}"),
            Self::Clock => f.write_str("clock"),
            Self::Rules { hash } => write!(f, "rules.{hash}"),
        }
    }
}

impl FromStr for Subject {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let rest = text.strip_prefix(ROOT).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
        let tokens: Vec<&str> = rest.split('.').collect();
        match tokens[..] {
            ["intake", source, channel] => {
                Ok(Self::Intake { source: source.parse()?, channel: channel_named(channel)? })
            }
            ["inbox", source, channel] => {
                Ok(Self::Inbox { source: source.parse()?, channel: channel_named(channel)? })
            }
            ["as", unit, verb] => Ok(Self::As { unit: unit.parse()?, verb: verb.parse()? }),
            ["assignment", unit, case] => {
                Ok(Self::Assignment { unit: unit.parse()?, case: case_named(case)? })
            }
            ["notice", unit, kind] => Ok(Self::Notice { unit: unit.parse()?, kind: kind.parse()? }),
            ["tell", channel] => Ok(Self::Tell { channel: channel.parse()? }),
            ["record", about] => about_named(about).map(Self::Record),
            ["receipt", source] => Ok(Self::Receipt { source: source.parse()? }),
            ["quarantine", source] => Ok(Self::Quarantine { source: source.parse()? }),
            ["station", station] => Ok(Self::Station { station: station.parse()? }),
            ["clock"] => Ok(Self::Clock),
            ["rules", hash] => Ok(Self::Rules { hash: hash.parse()? }),
            _ => Err(Malformed::new("subject", "one of the families under huying.v1")),
        }
    }
}

/// What stands before a rule file's name; no case id begins with a letter.
const RULEBOOK: &str = "rulebook-";
/// What stands before a unit's id.
const UNIT: &str = "unit-";

/// Channels have Chinese words too, which the domain reads; a subject knows the written name alone.
fn channel_named(token: &str) -> Result<Channel, Malformed> {
    let malformed = Malformed::new("channel", "the written name of a channel, such as call");
    token.parse().ok().filter(|channel: &Channel| channel.name() == token).ok_or(malformed)
}

/// A case has one subject: `00-7` and `0-7` would be two.
fn case_named(token: &str) -> Result<CaseId, Malformed> {
    let case: CaseId = token.parse()?;
    if case.to_string() == token {
        Ok(case)
    } else {
        Err(Malformed::new("case id", "a shard, a dash and a number without leading zeros"))
    }
}

fn about_named(token: &str) -> Result<record::Subject, Malformed> {
    if let Some(name) = token.strip_prefix(RULEBOOK) {
        let file = RuleFile::ALL.into_iter().find(|file| file.name() == name);
        return file
            .map(record::Subject::Rulebook)
            .ok_or(Malformed::new("rule file", "the name of a rule file"));
    }
    if let Some(unit) = token.strip_prefix(UNIT) {
        return unit.parse().map(record::Subject::Unit);
    }
    case_named(token).map(record::Subject::Case)
}
