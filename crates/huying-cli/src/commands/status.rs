//! `status`: what is open under the three words, the health row, and how the engine is.

use super::out_of_turn;
use crate::{
    failure::{Failure, Output},
    live::{Answer, Counts, Request, Status, folder},
    table::{rfc3339, table, wall, zone},
    words::{Lang, Say},
};
use comfy_table::{Table, presets::NOTHING};
use huying_domain::vocabulary::Rung;
use huying_projection::word::Word;
use serde_json::json;
use std::path::PathBuf;

/// Which folder.
#[derive(Clone, Debug, clap::Args)]
pub struct StatusArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
    /// Print what Prometheus reads, and nothing else
    #[arg(long)]
    pub metrics: bool,
    /// Say that a clock which jumped is right, so that the timers that wait for a person go on 确认时钟
    #[arg(long)]
    pub confirm_clock: bool,
}

/// Tells how everything stands.
pub fn run(args: &StatusArgs, lang: Lang) -> Result<Output, Failure> {
    let asked = if args.confirm_clock { Request::ConfirmClock } else { Request::Status };
    let status = match folder::open(&args.data)?.ask(asked)? {
        Answer::Status(status) => status,
        answer => return Err(out_of_turn(&answer)),
    };
    let text = if args.metrics {
        status.metrics.trim_end().to_owned()
    } else {
        format!("{}\n\n{}", board(&status, lang), facts(&status, lang))
    };
    Ok(Output::done(json!(status), text))
}

fn board(status: &Status, lang: Lang) -> String {
    let mut rows = table(lang, &[]);
    let words = [Word::Within, Word::Approaching, Word::Breached, Word::Unknown];
    let titles = words.map(|word| lang.pick(word.zh(), english(word)).to_owned());
    let mut header = vec![Say::HeadLevel.text(lang).to_owned(), Say::HeadOpen.text(lang).to_owned()];
    header.extend(titles);
    rows.set_header(header);
    let mut row = |name: &str, counts: &Counts| {
        let Counts { within, approaching, breached, unknown } = *counts;
        let all = within + approaching + breached + unknown;
        let numbers = [all, within, approaching, breached, unknown].map(|number| number.to_string());
        rows.add_row(std::iter::once(name.to_owned()).chain(numbers));
    };
    for (name, counts) in &status.rungs {
        let rung = name.parse::<Rung>().ok();
        row(rung.map_or(name, |rung| lang.pick(rung.zh(), rung.name())), counts);
    }
    row(Say::StatusAll.text(lang), &status.open);
    rows.to_string()
}

const fn english(word: Word) -> &'static str {
    match word {
        Word::Within => "within",
        Word::Approaching => "approaching",
        Word::Breached => "breached",
        Word::Unknown => "unknown",
    }
}

fn facts(status: &Status, lang: Lang) -> String {
    let zone = zone(&status.zone);
    let health = status.health;
    let running = if status.running { Say::RunningEngine } else { Say::AtRest };
    let mut rows = Table::new();
    rows.load_preset(NOTHING);
    let mut row = |say: Say, value: String| {
        rows.add_row([say.text(lang).to_owned(), value]);
    };
    row(Say::StatusCases, status.cases.to_string());
    row(Say::StatusOrphans, health.orphans.to_string());
    row(Say::StatusNoTarget, health.no_target.to_string());
    row(Say::StatusNoNext, health.no_next.to_string());
    row(Say::StatusUnaccepted, health.unaccepted.to_string());
    row(Say::StatusLag, health.watch_lag_s.to_string());
    row(Say::StatusNext, status.next_due.map_or_else(|| "—".to_owned(), |due| wall(due, &zone)));
    row(Say::StatusRecords, status.records.to_string());
    row(Say::StatusShelf, status.shelf_lag_records.to_string());
    row(Say::StatusHead, status.head.clone());
    row(Say::StatusJournal, format!("{} · {} · {}", status.journal, status.epoch, running.text(lang)));
    row(Say::StatusNow, format!("{} ({})", rfc3339(status.now, &zone), status.clock));
    for silent in &status.silent {
        let told = format!("{} · {} · {}", silent.unit, silent.case, wall(silent.due, &zone));
        row(Say::StatusSilent, told);
    }
    let mut text = rows.to_string();
    if status.clock_held {
        text.push('\n');
        text.push_str(Say::StatusHeldClock.text(lang));
    }
    text
}
