//! Reports for people: a page of the ledger over a period, with the city's names, rates and scores, and the list behind
//! one of its numbers. The command line and the web hand the same question in and show the same answer.

mod names;

use huying_domain::{
    ids::Seq,
    rules::{Rules, scores::Scores},
    time::Timestamp,
    words::Words,
};
use huying_projection::{
    ledger::{
        Ledger,
        number::{Counts, Number, Page},
        rates::{CohortRates, Rates, Ratio},
        table::{By, Item, Key, Question},
    },
    period::Periods,
    span::Span,
};
use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{cmp::Reverse, collections::BTreeMap};

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReportAsk {
    /// Which page.
    pub page: Page,
    /// What makes a line.
    pub by: By,
    /// Over which reporting days.
    pub period: Period,
    /// The list behind this number, too.
    pub list: Option<ListAsk>,
}

/// The list behind a number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListAsk {
    /// The number.
    pub number: Number,
    /// The line, as its key is written; without it the last line, which is the whole.
    pub line: Option<String>,
}

/// A stretch of reporting days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// The reporting day that runs now.
    Today,
    /// The reporting month that runs now.
    ThisMonth,
    /// The reporting month that bears this year's and month's name.
    Month(i16, i8),
    /// From one reporting day to another, both included.
    Days(Day, Day),
    /// Everything that the ledger has.
    Ever,
}

/// A day of the calendar, on the wire as `2026-11-27`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Day(pub Date);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

/// A page over a period.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Which page.
    pub page: Page,
    /// What makes a line.
    pub by: By,
    /// The first and the last reporting day; none for everything.
    pub days: Option<(Day, Day)>,
    /// The first instant of the period.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// The zone of the city's clocks on the wall.
    pub zone: String,
    /// The record up to which it holds.
    pub seq: Seq,
    /// Where the weights and the period's bounds come from.
    pub source: String,
    /// A line of fewer cases than this is marked.
    pub small: u32,
    /// The lines; the last one is the whole.
    pub lines: Vec<Line>,
    /// What stands behind the number that was asked about.
    pub list: Option<Vec<Item>>,
}

/// One line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Of what it tells.
    #[serde(flatten)]
    pub key: Key,
    /// The same for people: the unit's name, the area's name on the last day of the period.
    pub name: Words,
    /// The page's numbers.
    pub numbers: BTreeMap<Number, u64>,
    /// The page's rates.
    pub rates: Vec<RateTold>,
    /// 综合成绩 in tenths of a point of 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_tenths: Option<u64>,
    /// So few that the rates say little.
    pub small: bool,
}

/// One rate of a line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RateTold {
    /// Its name.
    pub name: Words,
    /// The part, in hundredths of one case.
    pub hundredths: u64,
    /// The whole, in cases.
    pub of: u64,
    /// In percent with two places; absent where there is nothing to divide by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<String>,
}

/// Why there is no report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoReport {
    /// There is no such month.
    Month,
    /// The last day lies before the first.
    Backwards,
    /// No line of the page bears this key.
    Line(String),
    /// The number stands on another page.
    OtherPage(Number),
}

/// Makes the report as it stands at an instant.
pub fn report(rules: &Rules, ledger: &Ledger, ask: &ReportAsk, now: Timestamp) -> Result<Report, NoReport> {
    let scores = &rules.policy.scores;
    let zone = zone_of(rules);
    let periods = Periods::new(zone.clone(), scores);
    let days = days(&periods, ask.period, now)?;
    let span = span_of(&periods, days);
    let question = Question { span, by: ask.by, soon_days: scores.reopened_soon_days };
    let table = ledger.table(&question);
    let mut whole = Counts::default();
    table.values().for_each(|counts| whole.add(counts));
    let on = days.map_or_else(|| periods.day_of(now), |(_, last)| last);
    let line = |key: &Key, counts: &Counts| line(rules, ask.page, (key, counts), &whole, on);
    let mut lines: Vec<Line> = match ask.by {
        By::All => Vec::new(),
        _ => table.iter().map(|(key, counts)| line(key, counts)).filter(Line::tells).collect(),
    };
    if ask.page == Page::Rates && scores.weights.is_some() {
        // By score, then by volume; who has none stands last and has no rank.
        lines.sort_by_key(|line| Reverse((line.score_tenths, line.numbers.get(&Number::Effective).copied())));
    }
    lines.push(line(&Key::All, &whole));
    let list = ask.list.as_ref().map(|asked| list(ledger, &question, ask.page, asked, &table)).transpose()?;
    Ok(Report {
        page: ask.page,
        by: ask.by,
        days: days.map(|(first, last)| (Day(first), Day(last))),
        from: span.from,
        to: span.to,
        zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        seq: ledger.seq(),
        source: scores.source.clone(),
        small: scores.small,
        lines,
        list,
    })
}

/// The reporting days of a period at an instant, and from when to when they are.
pub(crate) fn period_of(
    rules: &Rules,
    period: Period,
    now: Timestamp,
) -> Result<(Option<(Day, Day)>, Span), NoReport> {
    let periods = Periods::new(zone_of(rules), &rules.policy.scores);
    let days = days(&periods, period, now)?;
    Ok((days.map(|(first, last)| (Day(first), Day(last))), span_of(&periods, days)))
}

fn span_of(periods: &Periods, days: Option<(Date, Date)>) -> Span {
    let ever = Span { from: Timestamp::EPOCH, to: Timestamp::FAR };
    days.map_or(ever, |(first, last)| periods.days(first, last))
}

fn zone_of(rules: &Rules) -> TimeZone {
    let calendar = rules.calendars.get(&rules.policy.calendar).expect("checked when the rules were read");
    calendar.zone().clone()
}

fn days(periods: &Periods, period: Period, now: Timestamp) -> Result<Option<(Date, Date)>, NoReport> {
    Ok(match period {
        Period::Today => Some((periods.day_of(now), periods.day_of(now))),
        Period::ThisMonth => Some(periods.month_of(now)),
        Period::Month(year, month) => Some(periods.month(year, month).ok_or(NoReport::Month)?),
        Period::Days(Day(first), Day(last)) if last < first => return Err(NoReport::Backwards),
        Period::Days(Day(first), Day(last)) => Some((first, last)),
        Period::Ever => None,
    })
}

fn list(
    ledger: &Ledger,
    question: &Question,
    page: Page,
    asked: &ListAsk,
    table: &BTreeMap<Key, Counts>,
) -> Result<Vec<Item>, NoReport> {
    if asked.number.page() != page {
        return Err(NoReport::OtherPage(asked.number));
    }
    let Some(wanted) = &asked.line else {
        return Ok(ledger.list(&Question { by: By::All, ..*question }, &Key::All, asked.number));
    };
    let key = table.keys().find(|key| key.to_string() == *wanted);
    let key = key.ok_or_else(|| NoReport::Line(wanted.clone()))?;
    Ok(ledger.list(question, key, asked.number))
}

fn line(rules: &Rules, page: Page, (key, counts): (&Key, &Counts), whole: &Counts, on: Date) -> Line {
    let scores: &Scores = &rules.policy.scores;
    let told = |zh: &str, en: &str, ratio: Ratio| RateTold {
        name: Words::new(zh, en),
        hundredths: ratio.hundredths,
        of: ratio.of,
        percent: ratio.percent(),
    };
    let (rates, score_tenths, small) = match page {
        Page::Rates => {
            let rates = Rates::of(counts, scores);
            let three = [
                told("响应率", "response", rates.response),
                told("解决率", "solution", rates.solution),
                told("满意率", "satisfaction", rates.satisfaction),
            ];
            (three.to_vec(), rates.score_tenths, rates.small)
        }
        Page::Cohorts => {
            let rates = CohortRates::of(counts, scores);
            let three = [
                told("结案率", "closing rate", rates.closing),
                told("按期结案率", "in time", rates.on_time),
                told("返工率", "rework", rates.rework),
            ];
            (three.to_vec(), None, rates.small)
        }
        Page::Levels => {
            let share = Ratio::new(counts.of(Number::Done), whole.of(Number::Done));
            (vec![told("办结占比", "share of all done", share)], None, false)
        }
        Page::Whistles => {
            let ratio = |part, of| Ratio::new(counts.of(part), counts.of(of));
            let three = [
                told("报到率", "reported in", ratio(Number::Reported, Number::Called)),
                told("按时报到率", "in time", ratio(Number::ReportedInTime, Number::Called)),
                told("哨件解决率", "solution", ratio(Number::WhistleSolved, Number::WhistleEffective)),
            ];
            (three.to_vec(), None, counts.of(Number::Called) < u64::from(scores.small))
        }
        Page::Integrity => (Vec::new(), None, false),
    };
    let numbers = Number::of(page).map(|number| (number, counts.of(number))).collect();
    Line { key: key.clone(), name: names::of(rules, key, on), numbers, rates, score_tenths, small }
}

impl Line {
    /// Whether any number of it is not nought.
    fn tells(&self) -> bool {
        self.numbers.values().any(|number| *number > 0)
    }
}
