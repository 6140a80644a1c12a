//! `rules`: try a rule file on the open cases, and bring it into force.

use super::{out_of_turn, submit::fresh_id};
use crate::{
    exit::Exit,
    failure::{Failure, Output},
    live::{Answer, Publish, Published, Request, folder, frame::FRAME_BYTES_MAX},
    table::{table, wall, zone},
    words::{Lang, Say},
};
use clap::ValueEnum;
use huying_domain::{ids::PersonId, record::RuleFile, time::Timestamp, vocabulary::Clock};
use huying_engine::publishing::{MovedDue, Trial};
use serde_bytes::ByteBuf;
use serde_json::json;
use std::{
    fmt::Display,
    fs,
    path::{Path, PathBuf},
};

/// Most lines that people are shown.
const ROWS_MAX: usize = 50;
/// Room that a frame needs beside the file.
const FRAME_SPARE_BYTES: usize = 64 * 1024;

/// What is done with a rule file.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum RulesCommand {
    /// What it would mean for the open cases: how many late at once, which clocks moved. Nothing changes 试行
    Preview(RulesArgs),
    /// Bring it into force, and say what it moved 发布规则
    Publish(PublishArgs),
}

/// Which file, where.
#[derive(Clone, Debug, clap::Args)]
pub struct RulesArgs {
    /// The rule file, such as policy.toml or calendar.toml
    pub file: PathBuf,
    /// The data folder
    pub dir: PathBuf,
    /// Which of the five it is, where its name does not say so
    #[arg(long = "as", value_enum)]
    pub kind: Option<Kind>,
}

/// The same, and who publishes.
#[derive(Clone, Debug, clap::Args)]
pub struct PublishArgs {
    /// The file and the folder.
    #[command(flatten)]
    pub rules: RulesArgs,
    /// The person who publishes it
    #[arg(long)]
    pub person: Option<PersonId>,
}

/// The rule files.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Kind {
    /// 政策
    Policy,
    /// 派单目录
    Duty,
    /// 工作日历
    Calendar,
    /// 区域
    Territory,
    /// 单位
    Units,
}

/// Does it.
pub fn run(command: &RulesCommand, lang: Lang) -> Result<Output, Failure> {
    match command {
        RulesCommand::Preview(args) => {
            let publish = read(args, None, true)?;
            match folder::open(&args.dir)?.ask(Request::Publish(publish))? {
                Answer::Tried(trial) => Ok(Output::done(json!(trial), tried(&trial, lang))),
                answer => Err(out_of_turn(&answer)),
            }
        }
        RulesCommand::Publish(PublishArgs { rules: args, person }) => {
            let publish = read(args, person.clone(), false)?;
            match folder::open(&args.dir)?.ask(Request::Publish(publish))? {
                Answer::Published(told) => Ok(Output::done(json!(told), published(&told, lang))),
                answer => Err(out_of_turn(&answer)),
            }
        }
    }
}

fn read(args: &RulesArgs, person: Option<PersonId>, preview: bool) -> Result<Publish, Failure> {
    let file = args.kind.map(RuleFile::from).or_else(|| named(&args.file)).ok_or_else(|| {
        let words = Say::RulesWhich.with(&[("file", &args.file.display())]);
        Failure::new(Exit::Unreadable, "which_file", words)
    })?;
    let bytes = fs::read(&args.file).map_err(|error| Failure::unreadable(args.file.display(), error))?;
    let max = FRAME_BYTES_MAX - FRAME_SPARE_BYTES;
    if bytes.len() > max {
        return Err(Failure::new(Exit::Unreadable, "too_long", Say::TooLongInput.with(&[("max", &max)])));
    }
    Ok(Publish { id: fresh_id(), file, bytes: ByteBuf::from(bytes), preview, person })
}

/// The kind that a file's name says: as in a city's folder.
fn named(path: &Path) -> Option<RuleFile> {
    let stem = path.file_stem()?.to_str()?;
    RuleFile::ALL.into_iter().find(|file| file.name() == stem)
}

fn tried(trial: &Trial, lang: Lang) -> String {
    let fills: &[(&str, &dyn Display)] = &[
        ("open", &trial.open),
        ("late", &trial.late_now),
        ("at_once", &trial.late_at_once),
        ("loses", &trial.loses_target),
        ("moves", &trial.moved_clocks),
    ];
    let mut said = vec![Say::RulesTried.filled(lang, fills)];
    if let Some(from) = trial.valid_from {
        said.push(Say::RulesValidFrom.filled(lang, &[("from", &from)]));
    }
    let late: Vec<MovedDue> = trial
        .late
        .iter()
        .map(|late| MovedDue {
            case: late.case,
            clock: late.clock,
            was: late.was,
            due: late.due,
            provisional: false,
        })
        .collect();
    said.extend(rows(if late.is_empty() { &trial.moves } else { &late }, lang));
    said.join("\n")
}

fn published(told: &Published, lang: Lang) -> String {
    let fills: &[(&str, &dyn Display)] =
        &[("seq", &told.seq), ("cases", &told.cases), ("clocks", &told.moved.len())];
    let mut said = vec![Say::RulesPublishedNow.filled(lang, fills)];
    if told.left > 0 {
        said.push(Say::RulesLeft.filled(lang, &[("left", &told.left)]));
    }
    said.extend(rows(&told.moved, lang));
    said.join("\n")
}

/// Instants in UTC: clocks of several calendars stand here side by side.
fn rows(moved: &[MovedDue], lang: Lang) -> Vec<String> {
    if moved.is_empty() {
        return Vec::new();
    }
    let utc = zone("UTC");
    let at = |instant: Timestamp| format!("{}Z", wall(instant, &utc));
    let mut rows = table(lang, &[Say::HeadCase, Say::HeadClock, Say::HeadWasDue, Say::HeadIsDue]);
    for one in moved.iter().take(ROWS_MAX) {
        let clock: Clock = one.clock;
        let mark = if one.provisional { "*" } else { "" };
        rows.add_row([
            one.case.to_string(),
            lang.pick(clock.zh(), clock.name()).to_owned(),
            at(one.was),
            format!("{}{mark}", at(one.due)),
        ]);
    }
    let mut said = vec![rows.to_string()];
    if let Some(more) = moved.len().checked_sub(ROWS_MAX).filter(|more| *more > 0) {
        said.push(Say::LeftOut.filled(lang, &[("count", &more)]));
    }
    said
}

impl From<Kind> for RuleFile {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Policy => Self::Policy,
            Kind::Duty => Self::Duty,
            Kind::Calendar => Self::Calendar,
            Kind::Territory => Self::Territory,
            Kind::Units => Self::Units,
        }
    }
}
