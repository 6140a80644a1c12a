//! `sample`: a list of closed cases to be checked by somebody else than who handled or closed them 抽查. The same seed
//! draws the same list. What a check finds is written down by the command that stands beside each case.

use super::{out_of_turn, report};
use crate::{
    failure::{Failure, Output},
    live::{Answer, BesideAsk, Request, folder},
    table::{table, wall, zone},
    words::{Lang, Say},
};
use clap::ValueEnum;
use huying_engine::{
    reports::{Day, Period},
    sample::{Checker, Picked, Sample, SampleAsk, WHOLE_PERMILLE},
};
use serde_json::{Value, json};
use std::{
    fmt::Display,
    path::{Path, PathBuf},
};

/// Which folder, which cases.
#[derive(Clone, Debug, clap::Args)]
pub struct SampleArgs {
    /// The data folder
    pub dir: PathBuf,
    /// Closed within: a reporting month 2026-11, a day 2026-11-18, days 2026-11-01..2026-11-18, or "ever"
    #[arg(long, value_parser = period)]
    pub period: Period,
    /// Draws the same list each time
    #[arg(long)]
    pub seed: u64,
    /// How many of a thousand, rounded up
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=i64::from(WHOLE_PERMILLE)))]
    pub permille: u16,
    /// From each of these so many, and at least one
    #[arg(long, value_enum)]
    pub per: Option<Per>,
}

/// From what the shares are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Per {
    /// From each handling unit 每个承办单位
    Unit,
}

/// Draws and shows.
pub fn run(args: &SampleArgs, lang: Lang) -> Result<Output, Failure> {
    let SampleArgs { period, seed, permille, .. } = *args;
    let ask = SampleAsk { period, seed, permille, per_unit: args.per == Some(Per::Unit) };
    let sample = match folder::open(&args.dir)?.ask(Request::Beside(BesideAsk::Sample(ask)))? {
        Answer::Sample(sample) => *sample,
        answer => return Err(out_of_turn(&answer)),
    };
    let mut json = json!(sample);
    if let Some(cases) = json["picked"].as_array_mut() {
        for (told, picked) in cases.iter_mut().zip(&sample.picked) {
            told["command"] = Value::String(command(&args.dir, picked));
        }
    }
    Ok(Output::done(json, text(&sample, &args.dir, lang)))
}

/// What whoever checks runs, with their own name and finding.
fn command(dir: &Path, picked: &Picked) -> String {
    format!(
        r#"echo '{{"case":"{}","ask":"look_again","with":{{"kind":"sample","stands":true,"note":"…"}},"person":"…"}}' | huying submit - --data {}"#,
        picked.case,
        dir.display()
    )
}

fn text(sample: &Sample, dir: &Path, lang: Lang) -> String {
    let zone = zone(&sample.zone);
    let ask = sample.ask;
    let days = sample.days.map_or_else(
        || Say::StatusAll.text(lang).to_owned(),
        |(Day(first), Day(last))| format!("{first} – {last}"),
    );
    let fills: &[(&str, &dyn Display)] = &[
        ("days", &days),
        ("closed", &sample.closed),
        ("picked", &sample.picked.len()),
        ("seed", &ask.seed),
        ("permille", &ask.permille),
        ("seq", &sample.up_to),
    ];
    let mut said = vec![Say::SampleDrawn.filled(lang, fills)];
    if sample.picked.is_empty() {
        return said.remove(0);
    }
    let heads = [Say::HeadCase, Say::HeadClosedAt, Say::HeadHandler, Say::HeadClosedBy, Say::HeadMayCheck];
    let mut rows = table(lang, &heads);
    for picked in &sample.picked {
        let closer = match (&picked.closed_by, &picked.closer) {
            (None, _) => Say::ByProgram.text(lang).to_owned(),
            (Some(unit), None) => unit.to_string(),
            (Some(unit), Some(person)) => format!("{unit} / {person}"),
        };
        let handler = picked.handler.as_ref().map_or_else(|| "—".to_owned(), ToString::to_string);
        let checkers: Vec<String> = picked.may_check.iter().map(|one| checker(one, lang)).collect();
        let checkers =
            if checkers.is_empty() { "—".to_owned() } else { checkers.join(lang.pick("；", "; ")) };
        rows.add_row([picked.case.to_string(), wall(picked.closed_at, &zone), handler, closer, checkers]);
    }
    said.push(rows.to_string());
    said.push(Say::SampleHow.text(lang).to_owned());
    said.extend(sample.picked.iter().map(|picked| command(dir, picked)));
    said.join("\n")
}

fn checker(checker: &Checker, lang: Lang) -> String {
    if checker.not.is_empty() {
        return checker.unit.to_string();
    }
    let not: Vec<_> = checker.not.iter().map(ToString::to_string).collect();
    let not = not.join(lang.pick("、", ", "));
    Say::CheckerBut.filled(lang, &[("unit", &checker.unit), ("not", &not)])
}

fn period(text: &str) -> Result<Period, String> {
    let day = |text: &str| text.parse().map(Day).map_err(|error: jiff::Error| error.to_string());
    if text == "ever" {
        return Ok(Period::Ever);
    }
    match text.split_once("..") {
        Some((first, last)) => Ok(Period::Days(day(first)?, day(last)?)),
        None if text.matches('-').count() == 1 => {
            report::month(text).map(|(year, month)| Period::Month(year, month))
        }
        None => day(text).map(|day| Period::Days(day, day)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_a_month_a_day_days_or_all() {
        assert_eq!(period("2026-11"), Ok(Period::Month(2026, 11)));
        let day = Day(jiff::civil::date(2026, 11, 18));
        assert_eq!(period("2026-11-18"), Ok(Period::Days(day, day)));
        assert_eq!(period("2026-11-18..2026-11-18"), Ok(Period::Days(day, day)));
        assert_eq!(period("ever"), Ok(Period::Ever));
        assert!(period("november").is_err());
    }
}
