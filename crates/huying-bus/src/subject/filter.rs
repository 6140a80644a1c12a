//! Filters: subjects with wildcards, for subscriptions, streams and permissions.

use crate::subject::ROOT;
use huying_domain::{
    ids::{SourceId, UnitId},
    refusal::Malformed,
};
use std::{fmt, str::FromStr};

/// The families of subjects.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Family {
    /// Calls as requests.
    Intake,
    /// Calls, durable.
    Inbox,
    /// What units do.
    As,
    /// Work for units.
    Assignment,
    /// What units must know.
    Notice,
    /// Messages to residents.
    Tell,
    /// The echo.
    Record,
    /// What became of the inbox's messages.
    Receipt,
    /// The inbox's unreadable messages.
    Quarantine,
    /// What stations elsewhere name.
    Station,
    /// The virtual instant.
    Clock,
    /// Pieces of rule files.
    Rules,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 12] = [
        Self::Intake,
        Self::Inbox,
        Self::As,
        Self::Assignment,
        Self::Notice,
        Self::Tell,
        Self::Record,
        Self::Receipt,
        Self::Quarantine,
        Self::Station,
        Self::Clock,
        Self::Rules,
    ];

    /// The token behind the root.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Inbox => "inbox",
            Self::As => "as",
            Self::Assignment => "assignment",
            Self::Notice => "notice",
            Self::Tell => "tell",
            Self::Record => "record",
            Self::Receipt => "receipt",
            Self::Quarantine => "quarantine",
            Self::Station => "station",
            Self::Clock => "clock",
            Self::Rules => "rules",
        }
    }

    /// How many tokens stand behind the family's own.
    const fn tokens(self) -> usize {
        match self {
            Self::Intake | Self::Inbox | Self::As | Self::Assignment | Self::Notice => 2,
            Self::Tell | Self::Record | Self::Receipt | Self::Quarantine | Self::Station | Self::Rules => 1,
            Self::Clock => 0,
        }
    }
}

impl FromStr for Family {
    type Err = Malformed;

    fn from_str(token: &str) -> Result<Self, Malformed> {
        let found = Self::ALL.into_iter().find(|family| family.name() == token);
        found.ok_or(Malformed::new("family of subjects", "the second token of a subject under huying.v1"))
    }
}

/// A set of subjects: a whole family, or a unit's or source's own share of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Filter {
    /// Every subject of a family.
    Whole(Family),
    /// What a unit may say: all verbs in its name.
    SpokenBy(UnitId),
    /// The work of one unit.
    AssignedTo(UnitId),
    /// What one unit is told.
    NoticedTo(UnitId),
    /// What one source may ask, on every channel.
    AskedBy(SourceId),
    /// What one source may leave in the durable inbox, on every channel.
    LeftBy(SourceId),
    /// The receipts of one source.
    ReceiptsOf(SourceId),
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(family) => {
                write!(f, "{ROOT}.{}", family.name())?;
                (0..family.tokens()).try_for_each(|_| f.write_str(".*"))
            }
            Self::SpokenBy(unit) => write!(f, "{ROOT}.as.{unit}.*"),
            Self::AssignedTo(unit) => write!(f, "{ROOT}.assignment.{unit}.*"),
            Self::NoticedTo(unit) => write!(f, "{ROOT}.notice.{unit}.*"),
            Self::AskedBy(source) => write!(f, "{ROOT}.intake.{source}.*"),
            Self::LeftBy(source) => write!(f, "{ROOT}.inbox.{source}.*"),
            Self::ReceiptsOf(source) => write!(f, "{ROOT}.receipt.{source}"),
        }
    }
}
