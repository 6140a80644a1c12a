//! `what-if`: a journal's outside acts under another policy, duty list or calendar, side by side with what was.

use crate::{
    exit::Exit,
    failure::{Failure, Output},
    live::folder::{clock_kind, entropy, no_journal, not_started, stopped},
    people::folder,
    what_if::{
        History, Side,
        run::{Outcome, run as relive},
        side::Line,
    },
    words::{Lang, Say},
};
use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};
use huying_domain::{
    event::Event,
    record::{Hash, Record, RuleFile, Subject},
    rules::{RuleTexts, Rules},
    time::Timestamp,
    words::Words,
};
use huying_engine::{engine::Engine, rulebook, start::Setup};
use huying_journal::{disk::real::RealDisk, segment::ClockKind};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

/// Most lines of load that people are shown: those that change most.
const LOAD_LINES_MAX: usize = 20;

/// Which journal, under which other rules.
#[derive(Clone, Debug, clap::Args)]
pub struct WhatIfArgs {
    /// The data folder; no engine may run on it (a backup that was restored will do)
    pub dir: PathBuf,
    /// Another policy
    #[arg(long, value_name = "FILE.toml")]
    pub policy: Option<PathBuf>,
    /// Another duty list
    #[arg(long, value_name = "FILE.toml")]
    pub duty: Option<PathBuf>,
    /// Other calendars
    #[arg(long, value_name = "FILE.toml")]
    pub calendar: Option<PathBuf>,
    /// Only what happened from this instant on is counted
    #[arg(long, value_name = "INSTANT")]
    pub from: Option<Timestamp>,
    /// Nothing after this instant is lived through
    #[arg(long, value_name = "INSTANT")]
    pub to: Option<Timestamp>,
    /// Where the other history is kept, to be looked at; without it a fresh folder that is removed
    #[arg(long)]
    pub data: Option<PathBuf>,
}

/// Reads, lives, compares.
pub fn run(args: &WhatIfArgs, lang: Lang) -> Result<Output, Failure> {
    let (history, texts) = read(args)?;
    let outcome = live(args, &history, texts)?;
    Ok(Output::done(for_programs(&history, &outcome), text(&history, &outcome, lang)))
}

/// Lives through a history under its own rules, those of the arguments instead of its own.
pub fn live(args: &WhatIfArgs, history: &History, mut texts: RuleTexts) -> Result<Outcome, Failure> {
    let others = [
        (RuleFile::Policy, &args.policy),
        (RuleFile::Duty, &args.duty),
        (RuleFile::Calendar, &args.calendar),
    ];
    for (file, path) in others {
        if let Some(path) = path {
            let text = fs::read(path).map_err(|error| Failure::unreadable(path.display(), error))?;
            texts.insert(file, text);
        }
    }
    Rules::read(&texts).map_err(|error| {
        let words = Say::CityUnusable.with(&[("dir", &args.dir.display())]);
        Failure::new(Exit::Unreadable, "rules", words).because(error)
    })?;
    let start = history.begun.ok_or_else(|| no_journal(&args.dir))?;
    let unusable = |error| Failure::unreadable(args.dir.display(), error);
    let folder = folder::open(args.data.as_deref(), "what-if").map_err(unusable)?;
    let disk =
        RealDisk::new(&folder.path).map_err(|error| Failure::unreadable(folder.path.display(), error))?;
    let setup = Setup::at(start, Some(texts), entropy());
    let engine = Engine::start(disk, setup).map_err(|error| not_started(&folder.path, error))?.engine;
    let outcome = relive(engine, history, args.from).map_err(stopped)?;
    if args.data.is_none() {
        // A folder that stays behind costs room and nothing else.
        let _removed = fs::remove_dir_all(&folder.path);
    }
    Ok(outcome)
}

/// The history, and the rules with which it began.
pub fn read(args: &WhatIfArgs) -> Result<(History, RuleTexts), Failure> {
    let dir: &Path = &args.dir;
    let kind = clock_kind(dir)?.ok_or_else(|| no_journal(dir))?;
    let disk = RealDisk::existing(dir);
    let setup = match kind {
        ClockKind::System => Setup::live(None, entropy()),
        ClockKind::Virtual => Setup::at(Timestamp::EPOCH, None, entropy()),
    };
    let engine = Engine::start(disk.clone(), setup).map_err(|error| not_started(dir, error))?.engine;
    let mut history = History::since(args.from);
    let mut first: BTreeMap<RuleFile, Hash> = BTreeMap::new();
    let scanned = engine.journal().reader().scan(1, &mut |record, _| {
        if args.to.is_some_and(|to| record.at > to) {
            return ControlFlow::Break(());
        }
        history.follow(record);
        published(record, &mut first);
        ControlFlow::Continue(())
    });
    scanned.map_err(|error| Failure::unreadable(dir.display(), error))?;
    let mut texts = RuleTexts::new();
    for (file, hash) in first {
        let text =
            rulebook::fetch(&disk, file, hash).map_err(|error| Failure::unreadable(dir.display(), error))?;
        texts.insert(file, text);
    }
    Ok((history, texts))
}

fn published(record: &Record, first: &mut BTreeMap<RuleFile, Hash>) {
    for part in &record.parts {
        for event in &part.events {
            if let (Event::RulesPublished(event), Subject::Rulebook(file)) = (event, &part.subject) {
                first.entry(*file).or_insert(event.hash);
            }
        }
    }
}

fn counts(was: &Side, other: &Side) -> Vec<Line> {
    let line =
        |what: &str, of: fn(&Side) -> u64| Line { what: what.to_owned(), was: of(was), would_be: of(other) };
    vec![
        line("cases 工单", |side| side.tally.cases),
        line("assigned 派遣", |side| side.tally.assigned.values().sum()),
        line("accepted 签收", |side| side.tally.accepted),
        line("escalated 升级", |side| side.tally.escalated.values().sum()),
        line("breached 超期", |side| side.tally.breached.values().sum()),
        line("reopened 返工", |side| side.tally.reopened),
        line("closed 结案", |side| side.tally.closed_all()),
        line("notices 通知", |side| side.notices),
        line("records", |side| side.tally.records),
    ]
}

fn breaches(was: &Side, other: &Side) -> Vec<Line> {
    Side::beside(&was.breached, &other.breached, |(clock, rung)| format!("{clock} · {rung}"))
}

fn load(was: &Side, other: &Side) -> Vec<Line> {
    Side::beside(&was.load, &other.load, ToString::to_string)
}

fn for_programs(history: &History, outcome: &Outcome) -> serde_json::Value {
    let (was, other) = (&history.side, &outcome.side);
    json!({
        "counts": counts(was, other),
        "breaches": breaches(was, other),
        "load": load(was, other),
        "acts": history.acts.len(),
        "carried": outcome.carried,
        "waited": outcome.waited,
        "refused": outcome.refused,
        "beyond_end": outcome.beyond_end,
        "left_out": history.left_out,
        "same": outcome.same.differs_at.is_none(),
        "differs_at": outcome.same.differs_at,
        "records": outcome.same.records,
    })
}

fn text(history: &History, outcome: &Outcome, lang: Lang) -> String {
    let (was, other) = (&history.side, &outcome.side);
    let heads =
        |what| [what, lang.pick("原来", "was"), lang.pick("将会", "would be"), lang.pick("差", "change")];
    let mut loads = load(was, other);
    loads.sort_by_key(|line| std::cmp::Reverse(line.was.abs_diff(line.would_be)));
    loads.retain(|line| line.was != line.would_be);
    let more = loads.len().saturating_sub(LOAD_LINES_MAX);
    loads.truncate(LOAD_LINES_MAX);
    let mut said = vec![
        table(heads(lang.pick("计数", "counts")), &counts(was, other)),
        table(heads(lang.pick("超期:时限 · 层级", "breaches: clock · rung")), &breaches(was, other)),
        table(
            heads(lang.pick("各单位收到的工单(有变化的)", "cases that came to a unit, where changed")),
            &loads,
        ),
    ];
    if more > 0 {
        said.push(told(lang, format!("另有 {more} 个单位有变化"), format!("{more} more units change")));
    }
    let listed = |of: Vec<(String, u64)>| {
        of.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    let refused: Vec<_> = outcome.refused.iter().map(|(name, count)| (name.clone(), *count)).collect();
    let left: Vec<_> = history.left_out.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    let (acts, carried, waited, beyond) =
        (history.acts.len(), outcome.carried, outcome.waited, outcome.beyond_end);
    said.push(told(
        lang,
        format!(
            "外来操作 {acts} 次,其中 {carried} 次转由新的承办单位以同样的间隔完成,{waited} 次等到案件办到该环节,{beyond} 次落在期末之后。\n\
             被拒绝:{}\n未带入:{}",
            listed(refused.clone()),
            listed(left.clone()),
        ),
        format!(
            "{acts} outside acts, {carried} carried to another holder at the same delay, {waited} waited for their stage, {beyond} after the end\n\
             refused: {}\nleft out: {}",
            listed(refused),
            listed(left),
        ),
    ));
    said.push(match outcome.same.differs_at {
        None => lang.pick("每条记录都与日志相同。", "every record is that of the journal").to_owned(),
        Some(seq) => told(
            lang,
            format!("自第 {seq} 条记录起与日志不同。"),
            format!("the records differ from the journal's from {seq} on"),
        ),
    });
    said.join("\n")
}

fn told(lang: Lang, zh: String, en: String) -> String {
    lang.of(&Words::new(zh, en)).to_owned()
}

fn table(heads: [&str; 4], lines: &[Line]) -> String {
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_header(heads);
    for Line { what, was, would_be } in lines {
        let change = i128::from(*would_be) - i128::from(*was);
        table.add_row([what.clone(), was.to_string(), would_be.to_string(), format!("{change:+}")]);
    }
    table.to_string()
}
