//! The three words 正常 / 临期 / 超期, the same everywhere, and the fourth that no score may hide: unknown.

use huying_domain::time::Timestamp;
use serde::Serialize;

/// Past this share of its span a clock is approaching, in percent.
pub const APPROACHING_PERCENT: i64 = 80;

/// How a clock or a case stands at an instant; a later one is worse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// 正常: at most 80 % of the span has passed.
    Within,
    /// 临期: more than 80 % has passed.
    Approaching,
    /// 未知: there is no target against which it could be late, and so it is never "on time".
    Unknown,
    /// 超期: the due instant has come.
    Breached,
}

impl Word {
    /// Every word, best first.
    pub const ALL: [Self; 4] = [Self::Within, Self::Approaching, Self::Unknown, Self::Breached];

    /// The Chinese word.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Within => "正常",
            Self::Approaching => "临期",
            Self::Unknown => "无时限",
            Self::Breached => "超期",
        }
    }

    /// How a span stands at an instant.
    pub const fn of(from: Timestamp, due: Timestamp, at: Timestamp) -> Self {
        let (passed, whole) = (at.millis() - from.millis(), due.millis() - from.millis());
        if passed >= whole {
            Self::Breached
        } else if passed.saturating_mul(100) > whole.saturating_mul(APPROACHING_PERCENT) {
            Self::Approaching
        } else {
            Self::Within
        }
    }
}

/// How many stand under each word.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct WordCounts {
    /// 正常
    pub within: u64,
    /// 临期
    pub approaching: u64,
    /// 超期
    pub breached: u64,
    /// 无时限
    pub unknown: u64,
}

impl WordCounts {
    /// Counts one more.
    pub const fn count(&mut self, word: Word) {
        let number = match word {
            Word::Within => &mut self.within,
            Word::Approaching => &mut self.approaching,
            Word::Breached => &mut self.breached,
            Word::Unknown => &mut self.unknown,
        };
        *number += 1;
    }

    /// Adds others.
    pub const fn add(&mut self, other: &Self) {
        self.within += other.within;
        self.approaching += other.approaching;
        self.breached += other.breached;
        self.unknown += other.unknown;
    }

    /// The number under a word.
    pub const fn of(&self, word: Word) -> u64 {
        match word {
            Word::Within => self.within,
            Word::Approaching => self.approaching,
            Word::Breached => self.breached,
            Word::Unknown => self.unknown,
        }
    }

    /// All together.
    pub const fn all(&self) -> u64 {
        self.within + self.approaching + self.breached + self.unknown
    }
}
