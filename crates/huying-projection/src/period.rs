//! Reporting periods as a city sets them: a day that ends at noon, a month that begins on the 19th.
//!
//! "Today" is the reporting day that runs at an instant on the wall of the city's zone, never the last 24 hours.

use crate::span::Span;
use huying_domain::{rules::scores::Scores, time::Timestamp};
use jiff::{ToSpan, civil::Date, tz::TimeZone};

/// How a city divides time for its reports.
#[derive(Clone, Debug)]
pub struct Periods {
    zone: TimeZone,
    day_ends: u8,
    first_day: u8,
}

impl Periods {
    /// The city's periods on the wall of its zone.
    pub const fn new(zone: TimeZone, scores: &Scores) -> Self {
        Self { zone, day_ends: scores.day_ends_hour, first_day: scores.month_begins_day }
    }

    /// The zone of the wall.
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A reporting day: from the hour at which the day before ends until the hour at which it ends itself.
    pub fn day(&self, day: Date) -> Span {
        self.days(day, day)
    }

    /// From one reporting day to another, both included.
    pub fn days(&self, first: Date, last: Date) -> Span {
        Span { from: self.end(first.yesterday().unwrap_or(first)), to: self.end(last) }
    }

    /// The reporting day that runs at an instant.
    pub fn day_of(&self, at: Timestamp) -> Date {
        let day = jiff::Timestamp::from(at).to_zoned(self.zone.clone()).date();
        if at < self.end(day) { day } else { day.tomorrow().unwrap_or(day) }
    }

    /// The reporting month that bears a calendar month's name: a month that begins on the 19th runs from the 19th of
    /// the month before until the 18th.
    pub fn month(&self, year: i16, month: i8) -> Option<(Date, Date)> {
        let named = Date::new(year, month, 1).ok()?;
        if self.first_day <= 1 {
            return Some((named, named.last_of_month()));
        }
        let before = named.yesterday().ok()?;
        let first = Date::new(before.year(), before.month(), i8::try_from(self.first_day).ok()?).ok()?;
        let last = Date::new(year, month, i8::try_from(self.first_day - 1).ok()?).ok()?;
        Some((first, last))
    }

    /// The reporting month that runs at an instant.
    pub fn month_of(&self, at: Timestamp) -> (Date, Date) {
        let day = self.day_of(at);
        let begun = self.first_day > 1 && u8::try_from(day.day()).is_ok_and(|day| day >= self.first_day);
        let named = if begun { day.first_of_month().saturating_add(1.month()) } else { day };
        self.month(named.year(), named.month()).unwrap_or((day, day))
    }

    /// The instant at which a reporting day ends.
    fn end(&self, day: Date) -> Timestamp {
        let (day, hour) = match self.day_ends {
            24.. => (day.tomorrow().unwrap_or(day), 0),
            hour => (day, i8::try_from(hour).unwrap_or(0)),
        };
        // Where the clocks skip the hour, the day ends when it would have been.
        day.at(hour, 0, 0, 0)
            .to_zoned(self.zone.clone())
            .map_or(Timestamp::FAR, |zoned| zoned.timestamp().into())
    }
}
