//! `due`: when a limit ends, and every day or stretch that was counted on the way. The last line is the instant.

use crate::{
    city::City,
    exit::Exit,
    failure::{Failure, Output},
    table::{self, length, rfc3339, table, wall},
    words::{Lang, Say},
};
use huying_domain::{
    calendar::{Calendar, Calendars, SHIPPED, Segment, Why},
    ids::CalendarName,
    limit::Limit,
    record::RuleFile,
    rules::policy::Policy,
    time::Timestamp,
};
use jiff::{ToSpan, civil::Date};
use serde::Serialize;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Most days or stretches that are written out.
const ROWS_MAX: usize = 400;
/// The calendar where neither a name nor a city is given.
const CALENDAR_DEFAULT: &str = "cn-office";

/// What limit, from when, on which calendar.
#[derive(Clone, Debug, clap::Args)]
pub struct DueArgs {
    /// When the limit starts: RFC 3339 with an offset, such as 2026-09-28T15:00:00+08:00
    #[arg(long, value_name = "INSTANT")]
    pub from: Timestamp,
    /// The limit: 5wd working days, 4wh working hours, 2uh urgent hours, 3nd natural days
    #[arg(long)]
    pub limit: Limit,
    /// The calendar; without it the city's own, else cn-office
    #[arg(long, value_name = "NAME")]
    pub calendar: Option<CalendarName>,
    /// A city's folder; without it the calendars that come with the program
    #[arg(long, value_name = "DIR")]
    pub city: Option<PathBuf>,
}

/// One day of a limit in days.
#[derive(Debug, Serialize)]
struct Day {
    #[serde(serialize_with = "as_text")]
    date: Date,
    /// Which day of the limit it is; none for one that is not counted.
    nth: Option<u32>,
    zh: String,
    en: String,
}

fn as_text<S: serde::Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

/// Counts.
pub fn run(args: &DueArgs, lang: Lang) -> Result<Output, Failure> {
    let (calendars, own) = calendars(args.city.as_deref())?;
    let name = args.calendar.clone().unwrap_or(own);
    let Some(calendar) = calendars.get(&name) else {
        let known = calendars.names().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let words = Say::NoCalendar.with(&[("name", &name), ("known", &known)]);
        return Err(Failure::new(Exit::Unreadable, "no_calendar", words));
    };
    let due = calendar.due(&args.limit, args.from);
    let last = rfc3339(due.at, calendar.zone());
    let in_days = matches!(args.limit, Limit::WorkingDays(_) | Limit::NaturalDays(_));
    let days = if in_days { days(calendar, args, due.at) } else { Vec::new() };
    let segments = if in_days { Vec::new() } else { calendar.segments(&args.limit, args.from, due.at) };
    let (title_zh, title_en) = calendar.titles();
    let mut said = vec![Say::DueRule.filled(
        lang,
        &[
            ("limit", &args.limit),
            ("from", &rfc3339(args.from, calendar.zone())),
            ("calendar", &name),
            ("title", &lang.pick(title_zh, title_en)),
        ],
    )];
    if !calendar.source().is_empty() {
        said.push(Say::DueSource.filled(lang, &[("source", &calendar.source())]));
    }
    said.push(if in_days {
        table_of_days(&days, lang)
    } else {
        table_of_segments(&segments, calendar, lang)
    });
    if due.provisional {
        said.push(Say::ClockProvisional.text(lang).trim().to_owned());
    }
    said.push(last.clone());
    let json = json!({
        "due": last,
        "provisional": due.provisional,
        "calendar": name,
        "limit": args.limit,
        "counted_s": calendar.counted(&args.limit, args.from, due.at),
        "days": days,
        "segments": segments,
    });
    Ok(Output::done(json, said.join("\n")))
}

/// The calendars, and the one that is meant where none is named.
fn calendars(city: Option<&Path>) -> Result<(Calendars, CalendarName), Failure> {
    let Some(dir) = city else {
        let shipped = Calendars::parse(SHIPPED).expect("the shipped calendars make sense");
        return Ok((shipped, CalendarName::new(CALENDAR_DEFAULT).expect("the word is a calendar's name")));
    };
    let unusable = || {
        Failure::new(Exit::Unreadable, "city_unusable", Say::CityUnusable.with(&[("dir", &dir.display())]))
    };
    let city = City::load(dir).map_err(|error| unusable().because(error))?;
    let text = |file: RuleFile| String::from_utf8_lossy(&city.texts[&file]).into_owned();
    let calendars = Calendars::parse(&text(RuleFile::Calendar)).map_err(|error| unusable().because(error))?;
    let policy = Policy::parse(&text(RuleFile::Policy))
        .map_err(|why| unusable().because(std::io::Error::other(why)))?;
    Ok((calendars, policy.calendar))
}

/// Every day from the first, which is not counted, to the last.
fn days(calendar: &Calendar, args: &DueArgs, due: Timestamp) -> Vec<Day> {
    let first = calendar.date(args.from);
    // A due instant at midnight belongs to the day that it ends.
    let last = calendar.date(Timestamp::from_millis(due.millis() - 1)).max(first);
    let natural = matches!(args.limit, Limit::NaturalDays(_));
    let wanted = match args.limit {
        Limit::WorkingDays(days) | Limit::NaturalDays(days) => u32::from(days),
        Limit::UrgentSeconds(_) | Limit::WorkingSeconds(_) | Limit::RollingDays(_) | Limit::Given(_) => 0,
    };
    let mut told = Vec::new();
    let mut nth = 0;
    for date in first.series(1.day()).take_while(|date| *date <= last) {
        let (why_zh, why_en) = reason(calendar, date);
        let counts = date != first && nth < wanted && (natural || calendar.is_workday(date));
        let words = if counts {
            nth += 1;
            let zh = Say::DueCountedAs.filled(Lang::Zh, &[("nth", &nth), ("why", &why_zh)]);
            (zh, Say::DueCountedAs.filled(Lang::En, &[("nth", &nth), ("why", &why_en)]))
        } else if date == first && date != last {
            (Say::DueFirst.text(Lang::Zh).to_owned(), Say::DueFirst.text(Lang::En).to_owned())
        } else if date == last && nth == wanted {
            (Say::DueMoved.text(Lang::Zh).to_owned(), Say::DueMoved.text(Lang::En).to_owned())
        } else {
            (why_zh, why_en)
        };
        told.push(Day { date, nth: counts.then_some(nth), zh: words.0, en: words.1 });
    }
    told
}

/// Why a day is worked or not.
fn reason(calendar: &Calendar, date: Date) -> (String, String) {
    let instant = |date: Date| date.to_zoned(calendar.zone().clone()).map(|day| day.timestamp().into());
    let (Ok(from), Ok(to)) = (instant(date), instant(date.saturating_add(1.day()))) else {
        return (String::new(), String::new());
    };
    // A working second asks the calendar itself, whatever kind the limit is of.
    let segments = calendar.segments(&Limit::WorkingSeconds(1), from, to);
    let telling = segments.iter().find(|part| part.counted).or(segments.first());
    telling.map_or_else(Default::default, |part| in_words(&part.why))
}

fn in_words(why: &Why) -> (String, String) {
    let say = match why {
        Why::Holiday { zh, en } => return (zh.to_string(), en.to_string()),
        Why::Working => Say::Working,
        Why::Makeup => Say::Makeup,
        Why::OffHours => Say::OffHours,
        Why::Weekend => Say::Weekend,
        Why::Always => Say::Always,
    };
    (say.text(Lang::Zh).to_owned(), say.text(Lang::En).to_owned())
}

fn table_of_days(days: &[Day], lang: Lang) -> String {
    let mut rows = table(lang, &[Say::HeadDay, Say::HeadCounted, Say::HeadWhy]);
    for day in days.iter().take(ROWS_MAX) {
        let counted = day.nth.map_or_else(|| Say::No.text(lang).to_owned(), |nth| nth.to_string());
        rows.add_row([table::day(day.date, lang), counted, lang.pick(&day.zh, &day.en).to_owned()]);
    }
    with_left_out(rows.to_string(), days.len(), lang)
}

fn table_of_segments(segments: &[Segment], calendar: &Calendar, lang: Lang) -> String {
    let mut rows =
        table(lang, &[Say::HeadFrom, Say::HeadTo, Say::HeadLength, Say::HeadCounted, Say::HeadWhy]);
    for part in segments.iter().take(ROWS_MAX) {
        let (zh, en) = in_words(&part.why);
        let counted = if part.counted { Say::Yes } else { Say::No };
        rows.add_row([
            wall(part.from, calendar.zone()),
            wall(part.to, calendar.zone()),
            length(part.seconds()),
            counted.text(lang).to_owned(),
            lang.pick(&zh, &en).to_owned(),
        ]);
    }
    with_left_out(rows.to_string(), segments.len(), lang)
}

fn with_left_out(table: String, all: usize, lang: Lang) -> String {
    match all.checked_sub(ROWS_MAX).filter(|left| *left > 0) {
        Some(left) => format!("{table}\n{}", Say::LeftOut.filled(lang, &[("count", &left)])),
        None => table,
    }
}
