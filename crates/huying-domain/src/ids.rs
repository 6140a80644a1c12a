//! Names of things, each its own type, each checked once at the door.

mod shared;

use self::shared::Shared;
use crate::refusal::Malformed;
use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, num::NonZeroU64, str::FromStr};

/// Most characters of a unit id: it stands in NATS subjects.
pub const UNIT_ID_CHARS_MAX: usize = 32;
/// Most characters of any other short name (class, condition, source, person, external id).
pub const NAME_CHARS_MAX: usize = 64;

/// The position of a record in its journal: 1, 2, 3 … without a gap. 0 means "before the first".
pub type Seq = u64;

/// How many events a part (a case, a unit, a rule file) has behind it.
pub type Version = u32;

/// A case for life: the shard that registered it and a number that only grows there.
///
/// Written `7-1234`: shard, dash, number. The same text stands in NATS subjects, files and on work orders.
// In memory it is one number, the shard above and the number below, and one more than that, so that 0 stands for no
// case: it stands in every index there is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(with = "String")]
pub struct CaseId(NonZeroU64);

/// Bits of the number within a shard: more cases than a thousand cities have in a thousand years.
const NUMBER_BITS: u32 = 48;
/// Bits of the number that name a case within its page.
const PAGE_BITS: u32 = 4;

impl CaseId {
    /// The greatest id there is; useful as the end of a range.
    pub const MAX: Self = Self::new(u16::MAX, Self::NUMBER_MAX);
    /// The greatest number within a shard.
    pub const NUMBER_MAX: u64 = (1 << NUMBER_BITS) - 2;

    /// Names the case with this number in this shard; a number beyond [`Self::NUMBER_MAX`] is that one.
    pub const fn new(shard: u16, number: u64) -> Self {
        let number = if number > Self::NUMBER_MAX { Self::NUMBER_MAX } else { number };
        let place = (shard as u64) << NUMBER_BITS | number;
        Self(NonZeroU64::new(place + 1).expect("one more than what is less than the greatest"))
    }

    /// Shard and number as one number that grows as the ids do.
    const fn place(self) -> u64 {
        self.0.get() - 1
    }

    /// Cases that stand on a page of [`crate::pages::Pages`].
    pub(crate) const PAGE_CASES: usize = 1 << PAGE_BITS;

    /// The page on which the case stands.
    pub(crate) const fn page(self) -> u64 {
        self.place() >> PAGE_BITS
    }

    /// Where on its page the case stands, if none of those before it is missing.
    pub(crate) const fn place_on_page(self) -> usize {
        self.place() as usize % Self::PAGE_CASES
    }

    /// The shard that registered the case.
    pub const fn shard(self) -> u16 {
        (self.place() >> NUMBER_BITS) as u16
    }

    /// The number of the case within its shard.
    pub const fn number(self) -> u64 {
        self.place() & ((1 << NUMBER_BITS) - 1)
    }

    /// The case that was registered before it; none before the first.
    pub const fn before(self) -> Option<Self> {
        if self.number() > 1 { Some(Self::new(self.shard(), self.number() - 1)) } else { None }
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.shard(), self.number())
    }
}

impl fmt::Debug for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for CaseId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new("case id", "a shard, a dash and a number, such as 0-1234");
        let (shard, number) = text.split_once('-').ok_or_else(malformed)?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(shard) || !digits(number) {
            return Err(malformed());
        }
        let number: u64 = number.parse().map_err(|_| malformed())?;
        if number > Self::NUMBER_MAX {
            return Err(malformed());
        }
        Ok(Self::new(shard.parse().map_err(|_| malformed())?, number))
    }
}

/// Serde through text, for types whose one written form serves files, subjects and screens alike.
macro_rules! as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                CompactString::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use as_text;

as_text!(CaseId);

/// A short name that is checked when it is made. Those that many cases bear are kept once.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident($kept:ty), $what:literal, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "CompactString")]
        #[schemars(with = "String")]
        pub struct $name($kept);

        impl $name {
            /// Takes the name if it is well formed.
            pub fn new(text: impl Into<CompactString>) -> Result<Self, Malformed> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text.into())) } else { Err(Malformed::new($what, $rule)) }
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<CompactString> for $name {
            type Error = Malformed;
            fn try_from(text: CompactString) -> Result<Self, Malformed> {
                Self::new(text)
            }
        }

        impl FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn is_token(text: &str) -> bool {
    (1..=UNIT_ID_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_short_name(text: &str) -> bool {
    !text.trim().is_empty()
        && text.trim() == text
        && text.chars().count() <= NAME_CHARS_MAX
        && !text.chars().any(char::is_control)
}

name!(
    /// A unit that can hold, handle, check or supervise: a grid, community, street, department, desk, centre.
    /// It is one token of a NATS subject.
    UnitId(Shared), "unit id", "1 to 32 of a-z, 0-9 and dash", is_token
);
name!(
    /// A person of a unit. The engine knows persons by an account name, never by their own name.
    PersonId(Shared), "person id", "1 to 64 characters without control characters", is_short_name
);
name!(
    /// A class of matter in the city's catalogue.
    ClassId(Shared), "class id", "1 to 64 characters without control characters", is_short_name
);
name!(
    /// A filing condition 立案条件 of a class; limits hang on it.
    ConditionId(Shared), "condition id", "1 to 64 characters without control characters", is_short_name
);
name!(
    /// Where calls come from: a hotline, an app, a counter, a device net. One token of a NATS subject.
    SourceId(Shared), "source id", "1 to 32 of a-z, 0-9 and dash", is_token
);
name!(
    /// The name that a source gives to its own call.
    ExternalId(CompactString), "external id", "1 to 64 characters without control characters", is_short_name
);
name!(
    /// A channel by which residents are told: `callback-list`, `sms`, `mail` … One token of a NATS subject.
    TellChannel(Shared), "tell channel", "1 to 32 of a-z, 0-9 and dash", is_token
);
/// The ways to a resident that there are adapters for. A case is told by no other; what older records name is read
/// all the same.
pub const TELL_CHANNELS: [&str; 4] = [CALLBACK_LIST, "sms", "mail", "wechat"];

/// The channel on which a person calls. It needs no adapter: the list is whatever the journal says is asked of this
/// channel and not yet told.
pub const CALLBACK_LIST: &str = "callback-list";

impl TellChannel {
    /// The list from which a person calls.
    pub fn callback_list() -> Self {
        Self::new(CALLBACK_LIST).expect("the name of the channel is one token")
    }

    /// Whether there is such a way.
    pub fn is_known(&self) -> bool {
        TELL_CHANNELS.contains(&self.as_str())
    }
}

name!(
    /// The label of the rules under which something was decided: the policy's name and the first digits over the
    /// hashes of all five files.
    RulesLabel(Shared), "rules label", "1 to 64 characters without control characters", is_short_name
);
name!(
    /// The name of a calendar in the city's rules.
    CalendarName(Shared), "calendar name", "1 to 32 of a-z, 0-9 and dash", is_token
);
