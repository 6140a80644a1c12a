//! `rates`, `cohorts`, `levels`, `whistles`, `integrity`: a page of the ledger over a period; `--list` opens a number's cases.

use super::out_of_turn;
use crate::{
    exit::Exit,
    failure::{Failure, Output},
    live::{Answer, Request, folder},
    table::{table, wall, zone},
    words::{Lang, Say},
};
use clap::ValueEnum;
use comfy_table::{Cell, CellAlignment};
use huying_domain::area::Level;
use huying_engine::reports::{Day, Line, ListAsk, Period, Report, ReportAsk};
use huying_projection::ledger::{
    number::{Number, Page},
    table::{By, Item},
};
use jiff::civil::Date;
use serde_json::json;
use std::path::PathBuf;

/// Which folder, which period, which lines.
#[derive(Clone, Debug, clap::Args)]
pub struct ReportArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
    /// A line for each 分组
    #[arg(long, value_enum, default_value = "unit")]
    pub by: ByArg,
    /// One reporting day, or "today" 统计日; without any period the reporting month that runs
    #[arg(long, value_name = "DAY", value_parser = day_or_today, group = "period")]
    pub day: Option<DayOrToday>,
    /// The reporting month of this name 统计月
    #[arg(long, value_name = "YYYY-MM", value_parser = month, group = "period")]
    pub month: Option<(i16, i8)>,
    /// From this reporting day
    #[arg(long, value_name = "DAY", requires = "to", group = "period")]
    pub from: Option<Date>,
    /// Until this reporting day, itself included
    #[arg(long, value_name = "DAY", requires = "from")]
    pub to: Option<Date>,
    /// Everything that is kept
    #[arg(long, group = "period")]
    pub ever: bool,
    /// The cases behind this number, such as "solved" or 解决 打开名单
    #[arg(long, value_name = "NUMBER")]
    pub list: Option<String>,
    /// Of this line, as it is written; without it of all
    #[arg(long, requires = "list")]
    pub line: Option<String>,
}

/// A line for each of these.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ByArg {
    /// One line
    All,
    /// Unit 单位
    Unit,
    /// Rung of the ladder 层级
    Rung,
    /// Class of the matter 类别
    Class,
    /// Street or town 街道
    Street,
    /// Community 社区
    Community,
    /// Grid 网格
    Grid,
}

/// A reporting day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DayOrToday {
    /// The one that runs.
    Today,
    /// This one.
    Day(Date),
}

/// Shows the page.
pub fn run(page: Page, args: &ReportArgs, lang: Lang) -> Result<Output, Failure> {
    let number = args.list.as_deref().map(|name| number(page, name)).transpose()?;
    let list = number.map(|number| ListAsk { number, line: args.line.clone() });
    let ask = ReportAsk { page, by: args.by.into(), period: period(args), list };
    let report = match folder::open(&args.data)?.ask(Request::Report(ask))? {
        Answer::Report(report) => report,
        answer => return Err(out_of_turn(&answer)),
    };
    let text = match (&report.list, number) {
        (Some(items), Some(number)) => listed(&report, items, number, args, lang),
        _ => shown(&report, lang),
    };
    Ok(Output::done(json!(report), text))
}

fn period(args: &ReportArgs) -> Period {
    match (args.day, args.month, args.from.zip(args.to)) {
        (Some(DayOrToday::Today), _, _) => Period::Today,
        (Some(DayOrToday::Day(day)), _, _) => Period::Days(Day(day), Day(day)),
        (None, Some((year, month)), _) => Period::Month(year, month),
        (None, None, Some((first, last))) => Period::Days(Day(first), Day(last)),
        (None, None, None) if args.ever => Period::Ever,
        (None, None, None) => Period::ThisMonth,
    }
}

/// A number of this page by its written name or its Chinese word.
fn number(page: Page, name: &str) -> Result<Number, Failure> {
    let found = name.parse::<Number>().ok().filter(|number| number.page() == page);
    found.ok_or_else(|| {
        let known: Vec<_> = Number::of(page).map(Number::name).collect();
        let fills: &[(&str, &dyn std::fmt::Display)] = &[("number", &name), ("known", &known.join(" "))];
        Failure::new(Exit::Unreadable, "no_number", Say::NotANumber.with(fills))
    })
}

fn shown(report: &Report, lang: Lang) -> String {
    let mut said = vec![over(report, lang)];
    let mut rows = table(lang, &[]);
    let numbers: Vec<Number> = Number::of(report.page).collect();
    let mut header = vec![Say::HeadLine.text(lang).to_owned()];
    header.extend(numbers.iter().map(|number| lang.pick(number.zh(), number.en()).to_owned()));
    let rates = report.lines.last().map_or(&[][..], |line| &line.rates);
    header.extend(rates.iter().map(|rate| lang.of(&rate.name).to_owned()));
    let scored = report.page == Page::Rates && report.lines.iter().any(|line| line.score_tenths.is_some());
    if scored {
        header.push(Say::HeadScore.text(lang).to_owned());
    }
    rows.set_header(header);
    for line in &report.lines {
        rows.add_row(cells(line, &numbers, scored, lang));
    }
    said.push(rows.to_string());
    if report.lines.iter().any(|line| line.small) {
        said.push(Say::ReportSmall.filled(lang, &[("small", &report.small)]));
    }
    if report.lines.iter().flat_map(|line| &line.rates).any(|rate| rate.percent.is_none()) {
        said.push(Say::ReportNone.text(lang).to_owned());
    }
    if !report.source.is_empty() {
        said.push(Say::ReportSource.filled(lang, &[("source", &report.source)]));
    }
    said.join("\n")
}

fn cells(line: &Line, numbers: &[Number], scored: bool, lang: Lang) -> Vec<Cell> {
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    let key = line.key.to_string();
    let name = lang.of(&line.name);
    let mark = if line.small { " *" } else { "" };
    let named = if name == key || key == "—" { name.to_owned() } else { format!("{name} {key}") };
    let mut cells = vec![Cell::new(format!("{named}{mark}"))];
    cells.extend(numbers.iter().map(|number| right(line.numbers[number].to_string())));
    let none = || "—".to_owned();
    cells.extend(
        line.rates
            .iter()
            .map(|rate| right(rate.percent.as_ref().map_or_else(none, |percent| format!("{percent} %")))),
    );
    if scored {
        cells.push(right(
            line.score_tenths.map_or_else(none, |tenths| format!("{}.{}", tenths / 10, tenths % 10)),
        ));
    }
    cells
}

/// Over which time it tells, in which zone, up to which record.
fn over(report: &Report, lang: Lang) -> String {
    let zone = zone(&report.zone);
    let Some((Day(first), Day(last))) = report.days else {
        return Say::ReportEver.filled(lang, &[("zone", &report.zone), ("seq", &report.seq)]);
    };
    Say::ReportDays.filled(
        lang,
        &[
            ("first", &first),
            ("last", &last),
            ("from", &wall(report.from, &zone)),
            ("to", &wall(report.to, &zone)),
            ("zone", &report.zone),
            ("seq", &report.seq),
        ],
    )
}

fn listed(report: &Report, items: &[Item], number: Number, args: &ReportArgs, lang: Lang) -> String {
    let zone = zone(&report.zone);
    let mut rows = table(lang, &[Say::HeadCase, Say::HeadLeg, Say::HeadHolder, Say::HeadAt]);
    for item in items {
        rows.add_row([
            item.case.to_string(),
            item.leg.to_string(),
            item.unit.to_string(),
            wall(item.at, &zone),
        ]);
    }
    let line = args.line.as_deref().unwrap_or(Say::StatusAll.text(lang));
    let name = lang.pick(number.zh(), number.en());
    let title = Say::ReportList.filled(lang, &[("number", &name), ("line", &line), ("count", &items.len())]);
    format!("{}\n{title}\n{rows}", over(report, lang))
}

fn day_or_today(text: &str) -> Result<DayOrToday, String> {
    match text {
        "today" | "今日" => Ok(DayOrToday::Today),
        day => day.parse().map(DayOrToday::Day).map_err(|error: jiff::Error| error.to_string()),
    }
}

pub(super) fn month(text: &str) -> Result<(i16, i8), String> {
    let (year, month) = text.split_once('-').ok_or("expected YYYY-MM, such as 2026-11")?;
    let number = |_| "expected YYYY-MM, such as 2026-11".to_owned();
    Ok((year.parse().map_err(number)?, month.parse().map_err(number)?))
}

impl From<ByArg> for By {
    fn from(by: ByArg) -> Self {
        match by {
            ByArg::All => Self::All,
            ByArg::Unit => Self::Unit,
            ByArg::Rung => Self::Rung,
            ByArg::Class => Self::Class,
            ByArg::Street => Self::Area(Level::Street),
            ByArg::Community => Self::Area(Level::Community),
            ByArg::Grid => Self::Area(Level::Grid),
        }
    }
}
