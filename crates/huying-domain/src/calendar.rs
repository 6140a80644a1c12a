//! Working time: what a limit comes to on a calendar, and which seconds it counts.
//!
//! The route: one rule file (TOML, below) → [`Calendars::parse`], which checks it and compiles its days →
//! `due`, `resume`, `counted`, `segments`. A calendar never asks the time and never changes; a new one is a
//! new file.
//!
//! How limits are counted (民法典 art. 201–204):
//! - Hours run from the instant. Working hours run inside shifts only: a start outside them begins at the
//!   next opening, and what ends with a shift is due at its close; with `hours_end = "next_opening"`, as some
//!   cities have it, when the next shift opens.
//! - Days do not count the day of the start, whatever its hour, and end at the close of the last day's last
//!   shift (`day_ends = "last_shift"`) or at `"23:59:59"`.
//! - Natural days whose last day is off end on the next working day; on a continuous calendar no day is off.
//! - Rolling days end at the same time of the wall clock, open or not.
//! - All is reckoned on the wall clock of the calendar's zone and then turned into instants. Where clocks go
//!   back, the first of the repeated hours is meant; a shift that begins in a skipped hour begins at the
//!   change.
//! - Outside the years for which days off are published nothing is guessed: the week alone counts, and the
//!   due instant says that it is provisional.
//!
//! ```toml
//! [[calendar]]
//! name = "cn-office"
//! zone = "Asia/Shanghai"              # IANA; the rules of zones are those built into the program
//! title_zh = "机关工作时间"
//! title_en = "Office hours"
//! source = "who says so"              # optional
//! published_until = "2026-12-31"      # optional when the day table has one; the earlier counts
//! day_ends = "last_shift"             # or "23:59:59"; last_shift when left out
//! hours_end = "close"                # or "next_opening"; close when left out
//! week = { mon = ["08:00-12:00", "14:00-18:00"], sat = [] }   # a weekday left out has no shifts
//! days = "cn"                         # optional: a day table of this file
//! # continuous = true                 # instead of week, days and published_until: day and night
//!
//! [[days]]
//! name = "cn"
//! source = "which notices"            # optional
//! published_from = "2024-01-01"       # optional: 1 January of the first year listed
//! published_until = "2026-12-31"
//! off = [{ from = "2024-02-10", to = "2024-02-17", zh = "春节", en = "Spring Festival" }]   # to: optional
//! workdays = ["2024-02-04"]           # 调休: worked with the shifts of the first weekday that has any
//! ```

mod days;
mod file;
mod segments;

pub use file::{CALENDAR_YEARS, CALENDARS_MAX, CalendarError, OFF_STRETCH_DAYS_MAX, SHIFTS_PER_DAY_MAX};
pub use segments::{Segment, Why};

use crate::{ids::CalendarName, limit::Limit, time::Timestamp};
use compact_str::CompactString;
use days::{Day, Days};
use jiff::{Span, civil::Date, tz::TimeZone};
use std::collections::BTreeMap;

/// The calendars that come with the program: offices in China, Boston and New York, and round the clock.
pub const SHIPPED: &str = include_str!("../data/calendars.toml");

/// All calendars of one rule file.
#[derive(Debug)]
pub struct Calendars(BTreeMap<CalendarName, Calendar>);

impl Calendars {
    /// Reads a rule file of the form above, and refuses it whole if any of it makes no sense.
    pub fn parse(toml_text: &str) -> Result<Self, CalendarError> {
        file::compile(toml_text).map(Self)
    }

    /// The calendar of this name.
    pub fn get(&self, name: &CalendarName) -> Option<&Calendar> {
        self.0.get(name)
    }

    /// The names that the file defines, in order.
    pub fn names(&self) -> impl Iterator<Item = &CalendarName> {
        self.0.keys()
    }
}

/// When a limit ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    /// The first instant that is too late.
    pub at: Timestamp,
    /// Whether a day was looked at for which no days off are published, so that a new calendar may move it.
    pub provisional: bool,
}

impl Due {
    const fn settled(at: Timestamp) -> Self {
        Self { at, provisional: false }
    }
}

/// One calendar, compiled.
#[derive(Debug)]
pub struct Calendar {
    name: CalendarName,
    title_zh: CompactString,
    title_en: CompactString,
    source: CompactString,
    days: Days,
    /// Names of the listed days off, Chinese and English.
    reasons_off: Vec<(CompactString, CompactString)>,
    day_ends: DayEnds,
    hours_end: HoursEnd,
    /// First and last day with published days off; none on a continuous calendar, which needs none.
    published: Option<(i32, i32)>,
}

/// When the last day of a period in days is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum DayEnds {
    LastShift,
    /// 23:59:59, the last second of the day.
    LastSecond,
}

/// When working time that is used up with a shift is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum HoursEnd {
    Close,
    NextOpening,
}

impl Calendar {
    /// When a limit that starts at this instant ends.
    pub fn due(&self, limit: &Limit, start: Timestamp) -> Due {
        match *limit {
            Limit::UrgentSeconds(seconds) => Due::settled(start.plus_seconds(seconds.into())),
            Limit::WorkingSeconds(seconds) => self.after_work(start, i64::from(seconds) * 1000),
            Limit::WorkingDays(days) => self.after_working_days(start, days.into()),
            Limit::NaturalDays(days) => self.after_natural_days(start, days.into()),
            Limit::RollingDays(days) => self.same_time_later(start, days.into()),
            Limit::Given(at) => Due::settled(at),
        }
    }

    /// When a limit that was to end at `due` ends after a pause (挂账, a return).
    ///
    /// In hours and rolling days, what was left to count at the pause is counted from the resumption. In days, those after the
    /// day of the pause, up to and including the last, are counted after the day of the resumption; if the
    /// pause came on the last day itself, the first working day that is not over yet is the last. A given
    /// instant stays, and so does one that had passed before the pause.
    pub fn resume(&self, limit: &Limit, due: Timestamp, paused: Timestamp, resumed: Timestamp) -> Due {
        let resumed = resumed.max(paused);
        if paused >= due || matches!(limit, Limit::Given(_)) {
            let unsure = !matches!(limit, Limit::Given(_) | Limit::UrgentSeconds(_) | Limit::RollingDays(_));
            let last = self.last_day_before(due).index;
            return Due { at: due, provisional: unsure && self.is_unpublished(last, last) };
        }
        let pause_day = self.days.containing(paused);
        let last_day = self.last_day_before(due);
        match limit {
            Limit::UrgentSeconds(_) | Limit::RollingDays(_) | Limit::Given(_) => {
                Due::settled(Timestamp::from_millis(resumed.millis() + (due.millis() - paused.millis())))
            }
            Limit::WorkingSeconds(_) => {
                self.after_work(resumed, self.worked_ms(paused.millis(), due.millis()))
            }
            Limit::WorkingDays(_) => {
                let left = (pause_day.index + 1..=last_day.index).filter(|&day| self.days.day(day).is_open());
                self.after_working_days(
                    resumed,
                    i32::try_from(left.count()).expect("fewer days than there are"),
                )
            }
            Limit::NaturalDays(_) => self.after_natural_days(resumed, last_day.index - pause_day.index),
        }
    }

    /// Whole seconds that a limit of this kind counts between two instants: all, or those inside shifts.
    /// Nothing when `to` does not lie after `from`.
    pub fn counted(&self, limit: &Limit, from: Timestamp, to: Timestamp) -> i64 {
        if from >= to {
            0
        } else if limit.counts_always() || self.is_continuous() {
            to.seconds_since(from)
        } else {
            // Shifts begin and end on whole seconds, so dropping parts at both ends loses nothing between.
            self.worked_ms(from.seconds() * 1000, to.seconds() * 1000) / 1000
        }
    }

    /// Whether the instant lies inside a shift.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.days.containing(at).spans().any(|(open, close)| (open..close).contains(&at.millis()))
    }

    /// The instant itself when it lies inside a shift, else that of the next opening.
    pub fn next_opening(&self, at: Timestamp) -> Timestamp {
        self.after_work(at, 0).at
    }

    /// Whether anybody works on this date.
    pub fn is_workday(&self, date: Date) -> bool {
        self.days.is_worked(Days::index(date))
    }

    /// The date on the wall of the calendar's zone.
    pub fn date(&self, at: Timestamp) -> Date {
        Days::date(self.days.containing(at).index)
    }

    /// The last date for which days off are published; none on a continuous calendar, which needs none.
    pub fn published_until(&self) -> Option<Date> {
        self.published.map(|(_, until)| Days::date(until))
    }

    /// The name by which rules call it.
    pub const fn name(&self) -> &CalendarName {
        &self.name
    }

    /// What people call it, in Chinese and in English.
    pub fn titles(&self) -> (&str, &str) {
        (&self.title_zh, &self.title_en)
    }

    /// Who says so: the notices behind the hours and the days off.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The zone of its wall clock.
    pub const fn zone(&self) -> &TimeZone {
        self.days.zone()
    }

    /// Whether it is open day and night.
    pub const fn is_continuous(&self) -> bool {
        self.published.is_none()
    }

    /// The instant at which this much work has been done; with nothing to do, the next at which work could
    /// be.
    fn after_work(&self, start: Timestamp, work_ms: i64) -> Due {
        let mut left_ms = work_ms;
        let first = self.days.containing(start);
        let mut next = Some(first);
        while let Some(day) = next {
            for (open, close) in day.spans() {
                let from = open.max(start.millis());
                let enough = match self.hours_end {
                    HoursEnd::Close => left_ms <= close - from,
                    HoursEnd::NextOpening => left_ms < close - from,
                };
                if from < close && enough {
                    let provisional = self.is_unpublished(first.index, day.index);
                    return Due { at: Timestamp::from_millis(from + left_ms), provisional };
                }
                left_ms -= (close - from).max(0);
            }
            next = day.after();
        }
        END_OF_TIME
    }

    fn after_working_days(&self, start: Timestamp, days: i32) -> Due {
        let first = self.days.containing(start);
        let mut day = first;
        let mut left = days;
        while left > 0 {
            let Some(next) = day.after() else { return END_OF_TIME };
            day = next;
            left -= i32::from(day.is_open());
        }
        self.settle(day, start, first.index + i32::from(days > 0))
    }

    fn same_time_later(&self, start: Timestamp, days: i32) -> Due {
        let wall = self.zone().to_datetime(jiff::Timestamp::from(start));
        let later = wall.checked_add(Span::new().days(days)).ok();
        let at = later.and_then(|wall| self.zone().to_ambiguous_timestamp(wall).compatible().ok());
        at.map_or(END_OF_TIME, |at| Due::settled(at.into()))
    }

    fn after_natural_days(&self, start: Timestamp, days: i32) -> Due {
        let Some(day) = self.days.containing(start).later(days) else { return END_OF_TIME };
        self.settle(day, start, day.index)
    }

    /// The end of the first working day from `day` on that is not over at `start`.
    fn settle(&self, day: Day<'_>, start: Timestamp, touched_from: i32) -> Due {
        let mut next = Some(day);
        while let Some(day) = next {
            if day.is_open() && self.end_ms(day) > start.millis() {
                let at = Timestamp::from_millis(self.end_ms(day));
                return Due { at, provisional: self.is_unpublished(touched_from, day.index) };
            }
            next = day.after();
        }
        END_OF_TIME
    }

    fn end_ms(&self, day: Day<'_>) -> i64 {
        match self.day_ends {
            DayEnds::LastShift => day.spans().next_back().map_or(day.next_ms, |(_, close)| close),
            DayEnds::LastSecond => day.next_ms - 1000,
        }
    }

    /// The day that ends with a due instant: one due at 24:00 belongs to the day before.
    fn last_day_before(&self, due: Timestamp) -> Day<'_> {
        self.days.containing(Timestamp::from_millis(due.millis() - 1))
    }

    fn worked_ms(&self, from_ms: i64, to_ms: i64) -> i64 {
        let mut worked = 0;
        let mut next = Some(self.days.containing(Timestamp::from_millis(from_ms)));
        while let Some(day) = next.filter(|day| day.start_ms < to_ms) {
            worked +=
                day.spans().map(|(open, close)| (close.min(to_ms) - open.max(from_ms)).max(0)).sum::<i64>();
            next = day.after();
        }
        worked
    }

    fn is_unpublished(&self, first: i32, last: i32) -> bool {
        self.published.is_some_and(|(from, until)| first < from || last > until)
    }
}

/// What lies beyond the last day that is looked at.
const END_OF_TIME: Due = Due { at: Timestamp::FAR, provisional: true };
