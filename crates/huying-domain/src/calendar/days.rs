//! The days of a calendar, compiled: where each begins as an instant, which shifts it has, why it is off.
//!
//! Days are numbered from 1970-01-01 in the calendar's own zone. The years that the calendar speaks of stand
//! in a table, so that the hot path asks the zone nothing; days outside of it are worked out when they are
//! asked for. A day of 24 hours finds its shifts by addition; only a day on which clocks are changed asks the
//! zone.

use crate::time::Timestamp;
use jiff::{
    Span,
    civil::{Date, Time},
    tz::{AmbiguousOffset, TimeZone},
};
use std::collections::BTreeMap;

/// Milliseconds of a day on which no clock is changed.
pub(super) const DAY_MS: i64 = 86_400_000;
/// Seconds from midnight to midnight on such a day: the close of a shift that ends at 24:00.
pub(super) const DAY_SECONDS: u32 = 86_400;
/// The last day that is ever looked at, 9999-12-01: what is due later is due at [`Timestamp::FAR`].
const LAST_DAY: i32 = 2_932_866;
const FIRST_DATE: Date = jiff::civil::date(1970, 1, 1);
/// 1970-01-01 was a Thursday; weeks are counted from Monday.
const FIRST_WEEKDAY: i32 = 3;
/// The pattern of a day off.
const CLOSED: u8 = 7;

/// A stretch of work within a day, in seconds of the wall clock after midnight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Shift {
    pub(super) open_s: u32,
    pub(super) close_s: u32,
}

/// What makes a day what it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DayKind {
    Workday,
    /// A day of the week without shifts.
    Weekend,
    /// A listed day off; the number is its place in the list of reasons.
    Holiday(u16),
    /// A day off of the week that is worked all the same 调休.
    Makeup,
}

/// A day that a table of days lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Listed {
    Off(u16),
    Work,
}

#[derive(Debug)]
struct Entry {
    start_ms: i64,
    pattern: u8,
    kind: DayKind,
}

/// All days of a calendar.
#[derive(Debug)]
pub(super) struct Days {
    zone: TimeZone,
    /// Shifts from Monday to Sunday, then those of a day off: none.
    patterns: [Box<[Shift]>; 8],
    /// The weekday whose shifts a make-up day has: the first of the week that has any.
    makeup: u8,
    first: i32,
    /// Days from `first` on, without a gap. The last one only says where the one before it ends.
    entries: Vec<Entry>,
}

/// One day, seen through its calendar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day<'a> {
    days: &'a Days,
    pub(super) index: i32,
    pub(super) start_ms: i64,
    /// Where the next day begins.
    pub(super) next_ms: i64,
    pub(super) kind: DayKind,
    shifts: &'a [Shift],
}

impl Days {
    /// Compiles the days from `first` to `last`. The week must have a shift.
    pub(super) fn compile(
        zone: TimeZone,
        week: [Box<[Shift]>; 7],
        listed: &BTreeMap<i32, Listed>,
        (first, last): (i32, i32),
    ) -> Self {
        let makeup =
            week.iter().position(|shifts| !shifts.is_empty()).expect("a week without shifts is refused");
        let [mon, tue, wed, thu, fri, sat, sun] = week;
        let mut days = Self {
            zone,
            patterns: [mon, tue, wed, thu, fri, sat, sun, Box::default()],
            makeup: u8::try_from(makeup).expect("a week has seven days"),
            first,
            entries: Vec::new(),
        };
        days.entries = (first..=last + 1)
            .map(|index| {
                let (pattern, kind) = days.nature(index, listed.get(&index).copied());
                Entry { start_ms: days.start_by_zone(index), pattern, kind }
            })
            .collect();
        days
    }

    /// The day with this number.
    pub(super) fn day(&self, index: i32) -> Day<'_> {
        if let Some([day, next]) = self.place(index).and_then(|at| self.entries.get(at..at + 2)) {
            let shifts = &self.patterns[usize::from(day.pattern)];
            Day { days: self, index, start_ms: day.start_ms, next_ms: next.start_ms, kind: day.kind, shifts }
        } else {
            let (pattern, kind) = self.nature(index, None);
            let shifts = &self.patterns[usize::from(pattern)];
            let (start_ms, next_ms) = (self.start(index), self.start(index + 1));
            Day { days: self, index, start_ms, next_ms, kind, shifts }
        }
    }

    /// The day in which an instant lies.
    pub(super) fn containing(&self, at: Timestamp) -> Day<'_> {
        let at_ms = at.millis();
        let mut index = self.guess(at_ms);
        while index > LAST_DAY || self.start(index) > at_ms {
            index -= 1;
        }
        while index < LAST_DAY && self.start(index + 1) <= at_ms {
            index += 1;
        }
        self.day(index)
    }

    /// Whether anybody works on the day with this number.
    pub(super) fn is_worked(&self, index: i32) -> bool {
        let entry = self.place(index).and_then(|at| self.entries.get(at));
        let pattern = entry.map_or_else(|| self.nature(index, None).0, |entry| entry.pattern);
        !self.patterns[usize::from(pattern)].is_empty()
    }

    /// The number of a date.
    pub(super) fn index(date: Date) -> i32 {
        date.duration_since(FIRST_DATE)
            .as_hours()
            .div_euclid(24)
            .try_into()
            .expect("a date is a day of 20,000 years")
    }

    /// The date of a day.
    pub(super) fn date(index: i32) -> Date {
        FIRST_DATE.checked_add(Span::new().days(index)).expect("no day after the last is looked at")
    }

    pub(super) const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    fn place(&self, index: i32) -> Option<usize> {
        usize::try_from(index - self.first).ok()
    }

    /// Days are 24 hours but for two a year, so counting them from the table's first is never far off.
    fn guess(&self, at_ms: i64) -> i32 {
        match self.entries.as_slice() {
            [first, .., last] if (first.start_ms..last.start_ms).contains(&at_ms) => {
                let days = (at_ms - first.start_ms) / DAY_MS;
                self.first + i32::try_from(days).expect("a table has fewer days than fit")
            }
            _ => i32::try_from(at_ms.div_euclid(DAY_MS)).expect("instants end with the year 9999"),
        }
    }

    fn start(&self, index: i32) -> i64 {
        match self.place(index).and_then(|at| self.entries.get(at)) {
            Some(entry) => entry.start_ms,
            None => self.start_by_zone(index),
        }
    }

    fn start_by_zone(&self, index: i32) -> i64 {
        self.instant(index.min(LAST_DAY + 1), 0)
    }

    /// The instant at which the wall clock shows this second of the day: the first of two where an hour is
    /// repeated; the instant of the change where the hour is skipped.
    fn instant(&self, index: i32, second: u32) -> i64 {
        let (date, second) =
            if second == DAY_SECONDS { (Self::date(index + 1), 0) } else { (Self::date(index), second) };
        let second = i64::from(second);
        let time = Time::midnight() + Span::new().seconds(second);
        let clock = self.zone.to_ambiguous_timestamp(date.to_datetime(time));
        let in_gap = matches!(clock.offset(), AmbiguousOffset::Gap { .. });
        let first = clock.earlier().expect("dates end well before the instants do");
        if in_gap {
            let change = self.zone.following(first).next().expect("a skipped hour has a change behind it");
            return change.timestamp().as_millisecond();
        }
        first.as_millisecond()
    }

    fn nature(&self, index: i32, listed: Option<Listed>) -> (u8, DayKind) {
        let weekday = u8::try_from((index + FIRST_WEEKDAY).rem_euclid(7)).expect("a remainder of seven");
        match listed {
            Some(Listed::Off(reason)) => (CLOSED, DayKind::Holiday(reason)),
            Some(Listed::Work) => (self.makeup, DayKind::Makeup),
            None if self.patterns[usize::from(weekday)].is_empty() => (CLOSED, DayKind::Weekend),
            None => (weekday, DayKind::Workday),
        }
    }
}

impl<'a> Day<'a> {
    /// Whether anybody works on this day.
    pub(super) const fn is_open(&self) -> bool {
        !self.shifts.is_empty() && self.start_ms < self.next_ms
    }

    /// The day after, unless time ends.
    pub(super) fn after(&self) -> Option<Self> {
        self.later(1)
    }

    /// The day so many days on, unless time ends.
    pub(super) fn later(&self, days: i32) -> Option<Self> {
        let index = self.index.checked_add(days).filter(|&index| index <= LAST_DAY)?;
        Some(self.days.day(index))
    }

    /// The shifts of the day as instants from–to, in order, none empty.
    pub(super) fn spans(self) -> impl DoubleEndedIterator<Item = (i64, i64)> + 'a {
        let Self { days, index, start_ms, next_ms, .. } = self;
        let even = next_ms - start_ms == DAY_MS;
        let instant = move |second: u32| {
            if even { start_ms + i64::from(second) * 1000 } else { days.instant(index, second) }
        };
        let span = move |shift: &Shift| (instant(shift.open_s), instant(shift.close_s));
        self.shifts.iter().map(span).filter(|(open, close)| open < close)
    }
}
