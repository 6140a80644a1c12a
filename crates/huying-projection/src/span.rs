//! Stretches of time: half-open, so that an instant belongs to one day and to one only.

use huying_domain::time::Timestamp;
use jiff::{civil::Date, tz::TimeZone};

/// From an instant, itself included, until another, itself left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// The first instant that belongs to it.
    pub from: Timestamp,
    /// The first instant that no longer does.
    pub to: Timestamp,
}

impl Span {
    /// A day on the wall of the city's zone, from its first instant until the first of the next: 23 to 25 hours.
    pub fn of_day(zone: &TimeZone, day: Date) -> Self {
        Self::of_days(zone, day, day)
    }

    /// From the first instant of one day until the last of another.
    pub fn of_days(zone: &TimeZone, first: Date, last: Date) -> Self {
        let after = last.tomorrow().unwrap_or(last);
        Self { from: begin(zone, first), to: begin(zone, after) }
    }

    /// Whether the instant belongs to it.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// The day on the wall of the city's zone.
pub fn day_of(zone: &TimeZone, at: Timestamp) -> Date {
    jiff::Timestamp::from(at).to_zoned(zone.clone()).date()
}

fn begin(zone: &TimeZone, day: Date) -> Timestamp {
    // Where the clocks skip midnight, the day begins when it first is.
    day.to_zoned(zone.clone()).map_or(Timestamp::FAR, |zoned| zoned.timestamp().into())
}
