//! Instants. The domain never asks what time it is: `now` is an argument everywhere.

use crate::refusal::Malformed;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, num::NonZeroI64, str::FromStr};

/// An instant in milliseconds since 1970-01-01T00:00:00Z. On the wire a number, in JSON an RFC 3339 text.
// In memory it is one more than that: 0 is free, and an instant that may be absent takes no more room than one that is there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(with = "String")]
pub struct Timestamp(NonZeroI64);

const FAR_MS: i64 = 253_402_128_000_000;

impl Timestamp {
    /// The earliest instant that is ever meant: 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self::from_millis(0);
    /// Later than anything that is ever meant: 9999-12-30T00:00:00Z, the last day that can be printed.
    pub const FAR: Self = Self::from_millis(FAR_MS);

    /// The instant this many milliseconds after the epoch, kept within what can be printed.
    pub const fn from_millis(millis: i64) -> Self {
        let kept = if millis < 0 {
            0
        } else if millis > FAR_MS {
            FAR_MS
        } else {
            millis
        };
        Self(NonZeroI64::new(kept + 1).expect("one more than no less than 0"))
    }

    /// The instant this many whole seconds after the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0.get() - 1
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.millis().div_euclid(1000)
    }

    /// The instant this many seconds later (or earlier).
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_millis(self.millis().saturating_add(seconds.saturating_mul(1000)))
    }

    /// Seconds from `earlier` until this instant; negative when it lies after.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.seconds() - earlier.seconds()
    }
}

impl Default for Timestamp {
    fn default() -> Self {
        Self::EPOCH
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self::from_millis(instant.as_millisecond())
    }
}

impl From<Timestamp> for jiff::Timestamp {
    fn from(instant: Timestamp) -> Self {
        Self::from_millisecond(instant.millis()).expect("a timestamp is kept within what jiff can hold")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&jiff::Timestamp::from(*self), f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let instant: jiff::Timestamp =
            text.parse().map_err(|_| Malformed::new("instant", "RFC 3339 with an offset"))?;
        Ok(instant.into())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.millis())
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A tagged enum reads its content from a buffer that no longer knows whether it came from text, so the
        // form tells itself: a number is the wire's, a text is RFC 3339.
        deserializer.deserialize_any(Written)
    }
}

struct Written;

impl serde::de::Visitor<'_> for Written {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("milliseconds since 1970, or an RFC 3339 text")
    }

    fn visit_i64<E: serde::de::Error>(self, millis: i64) -> Result<Timestamp, E> {
        Ok(Timestamp::from_millis(millis))
    }

    fn visit_u64<E: serde::de::Error>(self, millis: u64) -> Result<Timestamp, E> {
        Ok(Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX)))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
        text.parse().map_err(E::custom)
    }
}
