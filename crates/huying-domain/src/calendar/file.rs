//! The rule file of kind `calendar`: its TOML form, what is refused, and how it is compiled.

use super::{
    Calendar, DayEnds, HoursEnd,
    days::{DAY_SECONDS, Days, Listed, Shift},
};
use crate::ids::CalendarName;
use compact_str::CompactString;
use jiff::{
    civil::{Date, date},
    tz::{TimeZone, TimeZoneDatabase},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use thiserror::Error;

/// Most calendars in a file.
pub const CALENDARS_MAX: usize = 256;
/// Most shifts in a day.
pub const SHIFTS_PER_DAY_MAX: usize = 8;
/// Most days that one stretch of days off has; a longer one is a slip of the pen.
pub const OFF_STRETCH_DAYS_MAX: i32 = 366;
/// Years of which a calendar can speak.
pub const CALENDAR_YEARS: (i16, i16) = (1970, 2199);
/// Years beyond the listed days that are compiled as well, so that running limits find them in the table.
const TABLE_MARGIN_YEARS: i16 = 2;
/// Years that a continuous calendar compiles; others are worked out when they are asked for.
const CONTINUOUS_TABLE_YEARS: (i16, i16) = (2015, 2035);

/// Why a calendar file was refused.
#[derive(Debug, Error)]
pub enum CalendarError {
    /// It is not TOML, or not of the documented form.
    #[error("the calendar file is not of the documented form")]
    Form(#[source] Box<toml::de::Error>),
    /// There are more calendars than [`CALENDARS_MAX`].
    #[error("the file has {count} calendars, more than {CALENDARS_MAX}")]
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// A calendar or a day table is defined twice.
    #[error("{name} is defined twice")]
    Duplicate {
        /// The name of both.
        name: CalendarName,
    },
    /// The zone is not one that the program knows.
    #[error("calendar {calendar} names the unknown zone {zone:?}")]
    Zone {
        /// The calendar that names it.
        calendar: CalendarName,
        /// The name that is not known.
        zone: String,
        /// What the zone database says.
        #[source]
        source: jiff::Error,
    },
    /// A date is not one, or not within [`CALENDAR_YEARS`].
    #[error("{table} has {text:?} where a date between 1970 and 2199 such as 2026-12-31 is expected")]
    Date {
        /// The calendar or day table.
        table: CalendarName,
        /// What stands there.
        text: String,
    },
    /// Days off that end before they begin, or last longer than [`OFF_STRETCH_DAYS_MAX`].
    #[error("the days off of {table} from {from} to {to} end before they begin or last over a year")]
    Stretch {
        /// The day table.
        table: CalendarName,
        /// The first day off.
        from: Date,
        /// The last day off.
        to: Date,
    },
    /// A shift is not of the form `08:00-12:00`, or a day has more than [`SHIFTS_PER_DAY_MAX`].
    #[error(
        "calendar {calendar} has {text:?} where shifts such as 08:00-12:00, ending by 24:00, are expected"
    )]
    Shift {
        /// The calendar.
        calendar: CalendarName,
        /// What stands there.
        text: String,
    },
    /// A shift begins before the one written before it has ended.
    #[error("calendar {calendar} has the shift {text:?} before the one that precedes it has ended")]
    Overlap {
        /// The calendar.
        calendar: CalendarName,
        /// The shift that comes too early.
        text: String,
    },
    /// There is not exactly one of a week and `continuous = true`, or the latter has days off.
    #[error("calendar {calendar} needs either a week or continuous = true without days and published_until")]
    Hours {
        /// The calendar.
        calendar: CalendarName,
    },
    /// No day of the week has a shift, so that no limit would ever end.
    #[error("calendar {calendar} has no shift in the whole week")]
    NeverOpen {
        /// The calendar.
        calendar: CalendarName,
    },
    /// The day table that a calendar names is not in the file.
    #[error("calendar {calendar} names the day table {days}, which the file does not have")]
    UnknownDays {
        /// The calendar.
        calendar: CalendarName,
        /// The table that is missing.
        days: CalendarName,
    },
    /// A day is listed more than once, perhaps both as off and as worked.
    #[error("{table} lists {date} more than once")]
    ListedTwice {
        /// The day table.
        table: CalendarName,
        /// The day.
        date: Date,
    },
    /// Nothing says until when days off are known.
    #[error("calendar {calendar} does not say until when its days off are published")]
    Unpublished {
        /// The calendar.
        calendar: CalendarName,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    calendar: Vec<CalendarForm>,
    #[serde(default)]
    days: Vec<DaysForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarForm {
    name: CalendarName,
    zone: String,
    title_zh: CompactString,
    title_en: CompactString,
    #[serde(default)]
    source: CompactString,
    published_until: Option<String>,
    #[serde(default)]
    day_ends: DayEndsForm,
    #[serde(default)]
    hours_end: HoursEndForm,
    week: Option<WeekForm>,
    #[serde(default)]
    continuous: bool,
    days: Option<CalendarName>,
}

#[derive(Deserialize, Default)]
enum DayEndsForm {
    #[default]
    #[serde(rename = "last_shift")]
    LastShift,
    #[serde(rename = "23:59:59")]
    LastSecond,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum HoursEndForm {
    #[default]
    Close,
    NextOpening,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WeekForm {
    mon: Vec<String>,
    tue: Vec<String>,
    wed: Vec<String>,
    thu: Vec<String>,
    fri: Vec<String>,
    sat: Vec<String>,
    sun: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DaysForm {
    name: CalendarName,
    #[serde(default)]
    source: CompactString,
    published_from: Option<String>,
    published_until: String,
    #[serde(default)]
    off: Vec<OffForm>,
    #[serde(default)]
    workdays: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OffForm {
    from: String,
    to: Option<String>,
    zh: CompactString,
    en: CompactString,
}

/// Reads, checks and compiles a whole file.
pub(super) fn compile(toml_text: &str) -> Result<BTreeMap<CalendarName, Calendar>, CalendarError> {
    let file: File = toml::from_str(toml_text).map_err(|source| CalendarError::Form(Box::new(source)))?;
    if file.calendar.len() > CALENDARS_MAX {
        return Err(CalendarError::TooMany { count: file.calendar.len() });
    }
    let mut tables = BTreeMap::new();
    for form in file.days {
        let name = form.name.clone();
        if tables.insert(name.clone(), DayTable::read(form)?).is_some() {
            return Err(CalendarError::Duplicate { name });
        }
    }
    let zones = TimeZoneDatabase::bundled();
    let mut calendars = BTreeMap::new();
    for form in file.calendar {
        let name = form.name.clone();
        let zone = zones.get(&form.zone).map_err(|source| CalendarError::Zone {
            calendar: name.clone(),
            zone: form.zone.clone(),
            source,
        })?;
        let calendar =
            if form.continuous { continuous(form, zone)? } else { with_week(form, zone, &tables)? };
        if calendars.insert(name.clone(), calendar).is_some() {
            return Err(CalendarError::Duplicate { name });
        }
    }
    Ok(calendars)
}

fn continuous(form: CalendarForm, zone: TimeZone) -> Result<Calendar, CalendarError> {
    if form.week.is_some() || form.days.is_some() || form.published_until.is_some() {
        return Err(CalendarError::Hours { calendar: form.name });
    }
    let week = [(); 7].map(|()| Box::from([Shift { open_s: 0, close_s: DAY_SECONDS }]));
    let (first_year, last_year) = CONTINUOUS_TABLE_YEARS;
    let table = (Days::index(date(first_year, 1, 1)), Days::index(date(last_year, 12, 31)));
    let days = Days::compile(zone, week, &BTreeMap::new(), table);
    let source = form.source.clone();
    Ok(calendar(form, source, days, Vec::new(), None))
}

fn with_week(
    form: CalendarForm,
    zone: TimeZone,
    tables: &BTreeMap<CalendarName, DayTable>,
) -> Result<Calendar, CalendarError> {
    let Some(week) = &form.week else { return Err(CalendarError::Hours { calendar: form.name }) };
    let week = week.shifts(&form.name)?;
    if week.iter().all(|shifts| shifts.is_empty()) {
        return Err(CalendarError::NeverOpen { calendar: form.name });
    }
    let unlisted = DayTable::default();
    let table = match &form.days {
        None => &unlisted,
        Some(name) => tables
            .get(name)
            .ok_or_else(|| CalendarError::UnknownDays { calendar: form.name.clone(), days: name.clone() })?,
    };
    let own_until =
        form.published_until.as_deref().map(|text| read_date(&form.name, text)).transpose()?.map(Days::index);
    let until = match (own_until, table.until) {
        (Some(own), Some(listed)) => own.min(listed),
        (own, listed) => {
            own.or(listed).ok_or_else(|| CalendarError::Unpublished { calendar: form.name.clone() })?
        }
    };
    let listed = table.listed.keys();
    let first = listed.clone().next().copied().into_iter().chain(table.from).fold(until, i32::min);
    let last = listed.last().copied().into_iter().fold(until, i32::max);
    let first_year = Days::date(first).year() - TABLE_MARGIN_YEARS;
    let last_year = Days::date(last).year() + TABLE_MARGIN_YEARS;
    let span = (Days::index(date(first_year, 1, 1)), Days::index(date(last_year, 12, 31)));
    let days = Days::compile(zone, week, &table.listed, span);
    let source = [form.source.as_str(), table.source.as_str()];
    let source = source.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
    let published = Some((table.from.unwrap_or(i32::MIN), until));
    Ok(calendar(form, source.into(), days, table.reasons.clone(), published))
}

fn calendar(
    form: CalendarForm,
    source: CompactString,
    days: Days,
    reasons_off: Vec<(CompactString, CompactString)>,
    published: Option<(i32, i32)>,
) -> Calendar {
    let CalendarForm { name, title_zh, title_en, day_ends, hours_end, .. } = form;
    let day_ends = match day_ends {
        DayEndsForm::LastShift => DayEnds::LastShift,
        DayEndsForm::LastSecond => DayEnds::LastSecond,
    };
    let hours_end = match hours_end {
        HoursEndForm::Close => HoursEnd::Close,
        HoursEndForm::NextOpening => HoursEnd::NextOpening,
    };
    Calendar { name, title_zh, title_en, source, days, reasons_off, day_ends, hours_end, published }
}

impl WeekForm {
    fn shifts(&self, calendar: &CalendarName) -> Result<[Box<[Shift]>; 7], CalendarError> {
        let Self { mon, tue, wed, thu, fri, sat, sun } = self;
        let mut week: [Box<[Shift]>; 7] = Default::default();
        for (shifts, texts) in week.iter_mut().zip([mon, tue, wed, thu, fri, sat, sun]) {
            *shifts = read_day(calendar, texts)?;
        }
        Ok(week)
    }
}

fn read_day(calendar: &CalendarName, texts: &[String]) -> Result<Box<[Shift]>, CalendarError> {
    let mut shifts: Vec<Shift> = Vec::with_capacity(texts.len());
    if texts.len() > SHIFTS_PER_DAY_MAX {
        return Err(CalendarError::Shift { calendar: calendar.clone(), text: texts.join(", ") });
    }
    for text in texts {
        let shift = read_shift(text)
            .ok_or_else(|| CalendarError::Shift { calendar: calendar.clone(), text: text.clone() })?;
        if shifts.last().is_some_and(|before| before.close_s > shift.open_s) {
            return Err(CalendarError::Overlap { calendar: calendar.clone(), text: text.clone() });
        }
        shifts.push(shift);
    }
    Ok(shifts.into())
}

fn read_shift(text: &str) -> Option<Shift> {
    let (open, close) = text.split_once('-')?;
    let shift = Shift { open_s: read_clock(open)?, close_s: read_clock(close)? };
    (shift.open_s < shift.close_s).then_some(shift)
}

/// Seconds after midnight of `08:30`; of `24:00` the whole day.
fn read_clock(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())?
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    let second = hour * 3600 + minute * 60;
    (minute < 60 && second <= DAY_SECONDS).then_some(second)
}

fn read_date(table: &CalendarName, text: &str) -> Result<Date, CalendarError> {
    let read: Option<Date> = text.parse().ok();
    let (first, last) = CALENDAR_YEARS;
    read.filter(|date| text.len() == "2026-12-31".len() && (first..=last).contains(&date.year()))
        .ok_or_else(|| CalendarError::Date { table: table.clone(), text: text.to_owned() })
}

/// A table of days, read and checked.
#[derive(Default)]
struct DayTable {
    source: CompactString,
    from: Option<i32>,
    until: Option<i32>,
    listed: BTreeMap<i32, Listed>,
    reasons: Vec<(CompactString, CompactString)>,
}

impl DayTable {
    fn read(form: DaysForm) -> Result<Self, CalendarError> {
        let name = form.name;
        let mut table = Self { source: form.source, ..Self::default() };
        table.until = Some(Days::index(read_date(&name, &form.published_until)?));
        for off in form.off {
            let from = read_date(&name, &off.from)?;
            let to = off.to.map_or(Ok(from), |text| read_date(&name, &text))?;
            let (first, last) = (Days::index(from), Days::index(to));
            if last < first || last - first >= OFF_STRETCH_DAYS_MAX {
                return Err(CalendarError::Stretch { table: name, from, to });
            }
            let reason =
                u16::try_from(table.reasons.len()).expect("days are listed once, so reasons are few");
            table.reasons.push((off.zh, off.en));
            for index in first..=last {
                table.list(&name, index, Listed::Off(reason))?;
            }
        }
        for text in form.workdays {
            table.list(&name, Days::index(read_date(&name, &text)?), Listed::Work)?;
        }
        table.from = match form.published_from {
            Some(text) => Some(Days::index(read_date(&name, &text)?)),
            None => {
                table.listed.keys().next().map(|&first| Days::index(date(Days::date(first).year(), 1, 1)))
            }
        };
        Ok(table)
    }

    fn list(&mut self, table: &CalendarName, index: i32, listed: Listed) -> Result<(), CalendarError> {
        match self.listed.insert(index, listed) {
            None => Ok(()),
            Some(_) => Err(CalendarError::ListedTwice { table: table.clone(), date: Days::date(index) }),
        }
    }
}
