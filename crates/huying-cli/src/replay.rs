//! Replaying a file of past calls: every row becomes a case or joins one, and is handled when the file says
//! so.
//!
//! The route: [`rows`] reads the file, the city gets the departments that it names, the driver of
//! [`people`](crate::people) moves the virtual clock, [`past`] lets the holders finish at the instants of the
//! file, and a [`Report`] says what came of it. What the file does not say (checks, answers, call-backs,
//! reopenings) is simulated, and the report says so.

pub mod dues;
pub mod past;
pub mod rows;
pub mod verdicts;

use self::{
    dues::Dues,
    past::PastCalls,
    rows::{CallFile, RowsError},
};
use crate::{
    city::{
        City, CityError,
        flat::{flat, with_departments},
    },
    http::Where,
    people::{
        centre::CentrePeople,
        drive::People,
        handlers::Handlers,
        pace::{NotASpeed, Speed},
        simulation::{Plan, Simulation, SimulationError, simulate},
        still::Still,
    },
    progress::Progress,
    report::Report,
};
use huying_domain::{ids::CalendarName, record::RuleFile, rules::RulesError, words::Words};
use huying_intake::profile::{Profile, ProfileError};
use std::{fs, io, path::PathBuf, sync::atomic::AtomicBool};
use thiserror::Error;

/// The zone's calendar, where no city was given.
const CALENDARS: [(&str, &str); 2] = [("nyc311", "nyc-office"), ("boston311", "boston-office")];
/// The calendar of every other profile.
const CALENDAR_DEFAULT: &str = "cn-office";

/// What is replayed, where, how fast.
#[derive(Clone, Debug, clap::Args)]
pub struct ReplayArgs {
    /// The calls: CSV, plain or packed with gzip
    pub calls: PathBuf,
    /// How the calls are read: nyc311, boston311 or a profile of your own as TOML
    #[arg(long)]
    pub profile: String,
    /// Another policy; the promised instants of the file are then compared with its own
    #[arg(long, value_name = "POLICY.toml")]
    pub policy: Option<PathBuf>,
    /// The data folder; without it a fresh one. Begun again with the same arguments, an unfinished run goes
    /// on
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// The city; without it one flat county with the departments that the calls name
    #[arg(long)]
    pub city: Option<PathBuf>,
    /// Virtual seconds a second (60: a minute a second), or max
    #[arg(long, default_value = "max")]
    pub speed: String,
    /// Where the report goes, as JSON
    #[arg(long)]
    pub report: Option<PathBuf>,
    /// The seed of whatever is simulated
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Only so many rows
    #[arg(long)]
    pub limit: Option<usize>,
    /// Where HTTP is served, such as 127.0.0.1:8311; none without one. With one the replay goes on standing there 网页地址
    #[arg(long, default_value = "none")]
    pub http: Where,
}

/// Why a replay could not be run to its end.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// The calls.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// The profile is neither built in nor a file.
    #[error("{name} is neither a profile that comes with the program ({}) nor a file", known.join(", "))]
    NoProfile {
        /// What was asked for.
        name: String,
        /// What comes with the program.
        known: Vec<&'static str>,
        /// Why it is no file.
        #[source]
        source: io::Error,
    },
    /// The policy.
    #[error("cannot read {}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The policy does not fit the city.
    #[error("the rules cannot be used")]
    Rules(#[from] RulesError),
    /// The profile.
    #[error("the profile cannot be used")]
    Profile(#[from] ProfileError),
    /// The city.
    #[error(transparent)]
    City(#[from] CityError),
    /// The speed.
    #[error(transparent)]
    Speed(#[from] NotASpeed),
    /// The run itself.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
}

/// Runs a replay until every case is closed, or until `stop` is set.
pub fn run(args: &ReplayArgs, stop: &AtomicBool, progress: &mut dyn Progress) -> Result<Report, ReplayError> {
    let (report, still) = play(args, stop, progress)?;
    still.into_iter().for_each(Still::end);
    Ok(report)
}

/// The same, and hands out what still runs at the end.
pub fn play(
    args: &ReplayArgs,
    stop: &AtomicBool,
    progress: &mut dyn Progress,
) -> Result<(Report, Option<Still>), ReplayError> {
    let speed: Speed = args.speed.parse()?;
    let profile = profile(&args.profile)?;
    let mut file = CallFile::read(&args.calls, &profile, args.limit)?;
    let mut city = city(args, &profile, &file)?;
    let mut reports = std::mem::take(&mut file.reports);
    let mut dues = None;
    if let Some(path) = &args.policy {
        let text = fs::read(path).map_err(|source| ReplayError::Policy { path: path.clone(), source })?;
        city.texts.insert(RuleFile::Policy, text);
        let policy = &city.rules()?.policy;
        dues = Some(Dues::taken_out_of(&mut reports, policy.valid_from.unwrap_or_default()));
    }
    let start = reports.first().map(|report| report.received).unwrap_or_default();
    let mut report =
        Report::empty("replay", city.facts.name_en.clone(), profile.source.to_string(), args.seed);
    report.bad_rows = file.bad_rows.clone();
    report.notes = file.notes.clone();
    report.simulated = simulated();
    let plan = Plan {
        what: format!(
            "replay {} of {} rows {} seed {}",
            profile.source,
            reports.len(),
            file.digest,
            args.seed
        ),
        city: &city,
        data: args.data.as_deref(),
        seed: args.seed,
        speed,
        start,
        source: profile.source.clone(),
        join: profile.join,
        people: People {
            centre: CentrePeople { seed: args.seed, check_fails_permille: 0 },
            handlers: Handlers { seed: args.seed, from_leg: 2, human: false },
            beside: None,
        },
        apart: None,
        http: args.http,
    };
    let bad: u64 = file.bad_rows.values().sum();
    let Simulation { world, mut report, tally, still } =
        simulate(&plan, PastCalls::new(reports, file.end, dues), report, stop, progress)?;
    report.calls += bad;
    report.orphans = world.orphans;
    report.on_time_agreement = world.verdicts.agreement();
    if let Some(dues) = world.dues {
        report.due_agreement = Some(dues.agreement(&city.rules()?));
    }
    report.count(&tally);
    Ok((report, still))
}

/// A profile that comes with the program, or that of a file.
pub fn profile(name: &str) -> Result<Profile, ReplayError> {
    if let Some(profile) = Profile::built_in(name) {
        return Ok(profile);
    }
    let known = || Profile::built_in_names().collect();
    let text = fs::read_to_string(name).map_err(|source| ReplayError::NoProfile {
        name: name.to_owned(),
        known: known(),
        source,
    })?;
    Ok(Profile::parse(&text)?)
}

fn city(args: &ReplayArgs, profile: &Profile, file: &CallFile) -> Result<City, ReplayError> {
    let departments: Vec<_> = file.departments.iter().cloned().collect();
    if let Some(folder) = &args.city {
        let named: Vec<_> =
            departments.into_iter().map(|id| (id.clone(), Words::new(id.as_str(), id.as_str()))).collect();
        return Ok(with_departments(City::load(folder)?, &named));
    }
    let source = profile.source.as_str();
    let calendar = calendar_of(source);
    let zone = profile.zone.iana_name().unwrap_or("UTC");
    Ok(flat(
        &Words::new(format!("{source} 全域"), format!("{source}, one county")),
        zone,
        &calendar,
        &departments,
    ))
}

/// The shipped calendar on which a source's offices work.
pub fn calendar_of(source: &str) -> CalendarName {
    let calendar =
        CALENDARS.iter().find(|(known, _)| *known == source).map_or(CALENDAR_DEFAULT, |(_, name)| name);
    CalendarName::new(calendar).expect("the names above are well formed")
}

fn simulated() -> Vec<String> {
    [
        "Calls, their instants, places, classes, departments and closings are the file's.",
        "Until the file's closing nobody signs, since it does not say who did: cases climb by their limits.",
        "Checks, answers and receipts are simulated: every result passes the check after some minutes.",
        "Call-backs are simulated: who is reached, whether it is solved and how satisfied, by stated shares.",
        "Work after a reopening is simulated: signing and solving after drawn times.",
        "A case without a closing is withdrawn where the file's data end, and counted as censored.",
    ]
    .map(str::to_owned)
    .to_vec()
}
