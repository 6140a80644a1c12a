//! Time limits 时限: how long, and in which kind of time. What an instant they name is the calendar's matter.

use crate::{ids::as_text, refusal::Malformed, time::Timestamp};
use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Longest limit in days: ten years. A longer one is a slip of the pen.
pub const LIMIT_DAYS_MAX: u16 = 3660;
/// Longest limit in seconds: as many as the longest limit in days has.
pub const LIMIT_SECONDS_MAX: u32 = LIMIT_DAYS_MAX as u32 * NATURAL_DAY_SECONDS;
/// Seconds of work in a working day where a share of days must be broken up: 8 working hours to the day.
pub const WORKING_DAY_SECONDS: u32 = 8 * HOUR_SECONDS;

const NATURAL_DAY_SECONDS: u32 = 24 * HOUR_SECONDS;
const HOUR_SECONDS: u32 = 3600;
const MINUTE_SECONDS: u32 = 60;

/// A time limit. Written as a number and a unit: `2uh` `15um` `45us` urgent 紧急工作时 (runs always),
/// `4wh` `30wm` `90ws` working time 工作时, `5wd` working days 工作日, `3nd` natural days 自然日, `30rd` rolling days
/// 滚动日, or the instant itself, `@2026-01-01T00:00:00Z`. It is printed in the largest of hours, minutes and seconds that fits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, JsonSchema)]
#[schemars(with = "String")]
pub enum Limit {
    /// Seconds that run day and night, on days off too.
    UrgentSeconds(u32),
    /// Seconds that run only while the calendar is open.
    WorkingSeconds(u32),
    /// Working days after the first, which is not counted.
    WorkingDays(u16),
    /// Days of the almanac after the first, which is not counted; a last day off moves to the next working
    /// day.
    NaturalDays(u16),
    /// Days of the almanac to the same time on the wall clock, on days off too: where clocks change between, such a
    /// limit is an hour shorter or longer than as many times 24 hours.
    RollingDays(u16),
    /// An instant that was given, by an order or an agreement.
    Given(Timestamp),
}

impl Limit {
    /// Whether each second counts; otherwise only those in which the calendar is open do.
    pub const fn counts_always(self) -> bool {
        matches!(self, Self::UrgentSeconds(_) | Self::NaturalDays(_) | Self::RollingDays(_) | Self::Given(_))
    }

    /// This many hundredths of the limit, for a rung's own hold; at least a second, at most the longest
    /// limit.
    ///
    /// A share of days stays in days when it is whole (40 % of `5wd` is `2wd`); otherwise working days become
    /// working time of 8 hours a day (50 % of `5wd` is `20wh`), natural and rolling days urgent time of 24
    /// (50 % of `3nd` is `36uh`). Parts of a second are dropped. A given instant has no length to share and stays as it is.
    #[must_use]
    pub fn share(self, percent: u8) -> Self {
        match self {
            Self::UrgentSeconds(seconds) => Self::UrgentSeconds(share_of(seconds, percent)),
            Self::WorkingSeconds(seconds) => Self::WorkingSeconds(share_of(seconds, percent)),
            Self::WorkingDays(days) => whole_days(days, percent).map_or_else(
                || Self::WorkingSeconds(share_of(u32::from(days) * WORKING_DAY_SECONDS, percent)),
                Self::WorkingDays,
            ),
            Self::NaturalDays(days) => whole_days(days, percent).map_or_else(
                || Self::UrgentSeconds(share_of(u32::from(days) * NATURAL_DAY_SECONDS, percent)),
                Self::NaturalDays,
            ),
            Self::RollingDays(days) => whole_days(days, percent).map_or_else(
                || Self::UrgentSeconds(share_of(u32::from(days) * NATURAL_DAY_SECONDS, percent)),
                Self::RollingDays,
            ),
            Self::Given(at) => Self::Given(at),
        }
    }
}

fn share_of(seconds: u32, percent: u8) -> u32 {
    let part = u64::from(seconds) * u64::from(percent) / 100;
    u32::try_from(part).unwrap_or(LIMIT_SECONDS_MAX).clamp(1, LIMIT_SECONDS_MAX)
}

fn whole_days(days: u16, percent: u8) -> Option<u16> {
    let hundredths = u32::from(days) * u32::from(percent);
    let whole = u16::try_from(hundredths / 100).unwrap_or(LIMIT_DAYS_MAX).min(LIMIT_DAYS_MAX);
    (hundredths.is_multiple_of(100) && whole > 0).then_some(whole)
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut time = |seconds: u32, kind: char| {
            if seconds.is_multiple_of(HOUR_SECONDS) {
                write!(f, "{}{kind}h", seconds / HOUR_SECONDS)
            } else if seconds.is_multiple_of(MINUTE_SECONDS) {
                write!(f, "{}{kind}m", seconds / MINUTE_SECONDS)
            } else {
                write!(f, "{seconds}{kind}s")
            }
        };
        match *self {
            Self::UrgentSeconds(seconds) => time(seconds, 'u'),
            Self::WorkingSeconds(seconds) => time(seconds, 'w'),
            Self::WorkingDays(days) => write!(f, "{days}wd"),
            Self::NaturalDays(days) => write!(f, "{days}nd"),
            Self::RollingDays(days) => write!(f, "{days}rd"),
            Self::Given(at) => write!(f, "@{at}"),
        }
    }
}

impl FromStr for Limit {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if let Some(instant) = text.strip_prefix('@') {
            return instant.parse().map(Self::Given);
        }
        let malformed = || {
            Malformed::new(
                "limit",
                "1 to 3660 days, such as 5wd, 3nd, 30rd, 4wh, 30wm, 2uh, 15um, or @instant",
            )
        };
        let unit_at = text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(malformed)?;
        let (amount, unit) = text.split_at(unit_at);
        let amount: u32 = amount.parse().map_err(|_| malformed())?;
        let days = || u16::try_from(amount).ok().filter(|days| (1..=LIMIT_DAYS_MAX).contains(days));
        let seconds =
            |each: u32| amount.checked_mul(each).filter(|seconds| (1..=LIMIT_SECONDS_MAX).contains(seconds));
        match unit {
            "uh" => seconds(HOUR_SECONDS).map(Self::UrgentSeconds),
            "um" => seconds(MINUTE_SECONDS).map(Self::UrgentSeconds),
            "us" => seconds(1).map(Self::UrgentSeconds),
            "wh" => seconds(HOUR_SECONDS).map(Self::WorkingSeconds),
            "wm" => seconds(MINUTE_SECONDS).map(Self::WorkingSeconds),
            "ws" => seconds(1).map(Self::WorkingSeconds),
            "wd" => days().map(Self::WorkingDays),
            "nd" => days().map(Self::NaturalDays),
            "rd" => days().map(Self::RollingDays),
            _ => None,
        }
        .ok_or_else(malformed)
    }
}

as_text!(Limit);

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(text: &str) -> Limit {
        text.parse().expect("a limit")
    }

    #[test]
    fn a_limit_is_printed_as_it_is_best_read() {
        for (written, printed) in [
            ("5wd", "5wd"),
            ("3nd", "3nd"),
            ("30rd", "30rd"),
            ("4wh", "4wh"),
            ("60wm", "1wh"),
            ("90um", "90um"),
            ("7200us", "2uh"),
            ("61ws", "61ws"),
            ("@2026-01-01T08:00:00+08:00", "@2026-01-01T00:00:00Z"),
        ] {
            assert_eq!(limit(written).to_string(), printed);
            assert_eq!(limit(printed), limit(written));
        }
        assert_eq!(limit("2uh"), Limit::UrgentSeconds(7200));
        assert_eq!(limit("30wm"), Limit::WorkingSeconds(1800));
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for text in
            ["", "5", "wd", "0wd", "-1wd", "+5wd", "5 wd", "5WD", "1.5wh", "3661wd", "3661nd", "87841uh"]
        {
            assert!(text.parse::<Limit>().is_err(), "{text:?} was taken");
        }
        for text in ["4294967296us", "@tomorrow", "@", "日wd", "5日"] {
            assert!(text.parse::<Limit>().is_err(), "{text:?} was taken");
        }
        assert_eq!(limit("87840uh"), Limit::UrgentSeconds(LIMIT_SECONDS_MAX));
    }

    #[test]
    fn a_share_keeps_whole_days_and_breaks_others_into_hours() {
        for (whole, percent, part) in [
            ("5wd", 40, "2wd"),
            ("5wd", 50, "20wh"),
            ("1wd", 25, "2wh"),
            ("4nd", 50, "2nd"),
            ("3nd", 50, "36uh"),
            ("30rd", 10, "3rd"),
            ("3rd", 50, "36uh"),
            ("2uh", 30, "36um"),
            ("4wh", 100, "4wh"),
            ("1us", 10, "1us"),
            ("1wd", 0, "1ws"),
            ("3660nd", 200, "3660nd"),
            ("@2026-01-01T00:00:00Z", 50, "@2026-01-01T00:00:00Z"),
        ] {
            assert_eq!(limit(whole).share(percent), limit(part), "{percent} % of {whole}");
        }
    }

    #[test]
    fn a_limit_travels_as_its_text() {
        let packed = rmp_serde::to_vec(&limit("5wd")).expect("packs");
        assert_eq!(rmp_serde::from_slice::<String>(&packed).expect("a text"), "5wd");
        assert_eq!(rmp_serde::from_slice::<Limit>(&packed).expect("a limit"), limit("5wd"));
    }
}
