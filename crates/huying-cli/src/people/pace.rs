//! How fast the virtual clock moves against the one on the wall.

use huying_domain::time::Timestamp;
use huying_engine::clock::Stopwatch;
use std::{str::FromStr, time::Duration};
use thiserror::Error;

/// Longest sleep before the driver looks again whether it was asked to stop.
pub const NAP_MS: u64 = 200;
/// Longest sleep where somebody may knock at the HTTP door meanwhile.
pub const NAP_AT_THE_DOOR_MS: u64 = 10;
/// Fastest pace that is still a pace: a year in half a minute.
const SPEED_MAX: u32 = 1_000_000;

/// `max`, or how many virtual seconds pass in one on the wall.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Speed {
    /// No sleeping.
    Max,
    /// Virtual seconds a second.
    Times(u32),
}

/// A speed that is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("expected max or a whole number from 1 to {SPEED_MAX}: virtual seconds a second, such as 60")]
pub struct NotASpeed;

impl FromStr for Speed {
    type Err = NotASpeed;

    fn from_str(text: &str) -> Result<Self, NotASpeed> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let times = text.parse().map_err(|_| NotASpeed)?;
        if (1..=SPEED_MAX).contains(&times) { Ok(Self::Times(times)) } else { Err(NotASpeed) }
    }
}

/// Sleeps so that the virtual clock does not run ahead.
#[derive(Debug)]
pub struct Pace {
    speed: Speed,
    begun: Stopwatch,
    begun_at: Timestamp,
}

impl Pace {
    /// A pace that begins now, at this virtual instant.
    pub fn new(speed: Speed, begun_at: Timestamp) -> Self {
        Self { speed, begun: Stopwatch::start(), begun_at }
    }

    /// How long it is until the virtual instant may come, at most a nap; none where it may come now.
    pub fn nap(&self, at: Timestamp, longest_ms: u64) -> Option<Duration> {
        let Speed::Times(times) = self.speed else { return None };
        let ahead_ms = u64::try_from(at.millis() - self.begun_at.millis()).unwrap_or(0) / u64::from(times);
        let left = ahead_ms.saturating_sub(self.passed_ms());
        (left > 0).then(|| Duration::from_millis(left.min(longest_ms)))
    }

    /// The virtual instant that it is now, at this pace; the beginning where there is none.
    pub fn now(&self) -> Timestamp {
        let Speed::Times(times) = self.speed else { return self.begun_at };
        let passed = i64::try_from(self.passed_ms().saturating_mul(u64::from(times))).unwrap_or(i64::MAX);
        Timestamp::from_millis(self.begun_at.millis().saturating_add(passed))
    }

    fn passed_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
