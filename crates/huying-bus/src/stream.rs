//! The streams that keep messages while somebody is away.

use crate::subject::filter::{Family, Filter};
use huying_domain::refusal::Malformed;
use std::{fmt, str::FromStr};

/// How long a receipt can be fetched, in days.
pub const RECEIPTS_KEPT_DAYS: u32 = 7;

/// The JetStream domain: what every client names to reach the streams, whichever account it lives in.
pub const DOMAIN: &str = "huying";

/// What requests to JetStream begin with, from every account: `$JS.<domain>.API`.
pub const API_PREFIX: &str = "$JS.huying.API";

/// A JetStream stream of Huying's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stream {
    /// Calls that feeds leave; a message is acknowledged after the commit.
    Inbox,
    /// The echo of the journal: the stream's sequence is the record's seq.
    Records,
    /// What each unit ought to have in its queue, one message a subject.
    Assignments,
    /// What became of the inbox's messages, for [`RECEIPTS_KEPT_DAYS`].
    Receipts,
    /// The inbox's messages that nobody could read, as they came.
    Quarantine,
}

impl Stream {
    /// Every stream.
    pub const ALL: [Self; 5] =
        [Self::Inbox, Self::Records, Self::Assignments, Self::Receipts, Self::Quarantine];

    /// The name under which the server knows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inbox => "HUYING_INBOX",
            Self::Records => "HUYING_RECORDS",
            Self::Assignments => "HUYING_ASSIGNMENTS",
            Self::Receipts => "HUYING_RECEIPTS",
            Self::Quarantine => "HUYING_QUARANTINE",
        }
    }

    /// The subjects that it keeps: one family each.
    pub const fn keeps(self) -> Filter {
        Filter::Whole(match self {
            Self::Inbox => Family::Inbox,
            Self::Records => Family::Record,
            Self::Assignments => Family::Assignment,
            Self::Receipts => Family::Receipt,
            Self::Quarantine => Family::Quarantine,
        })
    }

    /// Whether the server must encrypt it at rest: these hold what callers said or where they are.
    pub const fn holds_callers(self) -> bool {
        match self {
            Self::Inbox | Self::Assignments | Self::Quarantine => true,
            Self::Records | Self::Receipts => false,
        }
    }

    /// Whether the journal can send it again, so that the server need not sync each message.
    pub const fn can_be_sent_again(self) -> bool {
        match self {
            Self::Records | Self::Assignments => true,
            Self::Inbox | Self::Receipts | Self::Quarantine => false,
        }
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Stream {
    type Err = Malformed;

    fn from_str(name: &str) -> Result<Self, Malformed> {
        let found = Self::ALL.into_iter().find(|stream| stream.name() == name);
        found.ok_or(Malformed::new("stream", "the name of one of the five streams"))
    }
}
