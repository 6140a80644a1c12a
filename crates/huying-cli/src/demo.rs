//! The demo: a day of 灯塔市 with simulated calls, from a seed, in virtual time.
//!
//! The route: [`callers`] make calls by the [`shares`]; the driver of [`people`](crate::people) takes them
//! in, units and centre act, and a [`Report`] says what came of it, beginning with the words that all of it
//! is simulated.

pub mod callers;
pub mod shares;

use self::{
    callers::{Callers, grounds},
    shares::{CHECK_FAILS_PERMILLE, GOVERNED},
};
use crate::{
    city::{City, dengta::dengta},
    http::Where,
    nerves::NatsArgs,
    people::{
        centre::CentrePeople,
        company::Apart,
        desk::Desk,
        drive::{Drive, People},
        governed::Beside,
        handlers::Handlers,
        pace::{NotASpeed, Speed},
        simulation::{Plan, Simulation, SimulationError, entropy, simulate},
        still::Still,
    },
    progress::Progress,
    report::Report,
};
use huying_bus::subject::token::Station;
use huying_domain::{
    area::{AreaCode, Level},
    ids::SourceId,
    rules::Rules,
    time::Timestamp,
};
use huying_engine::{engine::Engine, start::Setup};
use huying_journal::disk::Disk;
use std::{env, io, path::PathBuf, sync::atomic::AtomicBool};
use thiserror::Error;

/// When the demo begins: Monday 2 March 2026, 08:00 in the city, in the heating season.
const START: Timestamp = Timestamp::from_seconds(1_772_409_600);
/// The source of the calls.
const SOURCE: &str = "demo";

/// The stations that run in processes of their own in a demo with processes.
const STATIONS_APART: [Station; 4] =
    [Station::Intake, Station::Routing, Station::Escalation, Station::Feedback];

/// What is shown, where, how fast.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoArgs {
    /// The data folder; without it a fresh one. Begun again with the same arguments, an unfinished run goes
    /// on
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// For how many hours calls come in; the run goes on until all of them are closed
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=8784))]
    pub hours: u32,
    /// Calls an hour, on average over a day
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub calls_per_hour: u32,
    /// Virtual seconds a second (60: a minute a second), or max
    #[arg(long, default_value = "max")]
    pub speed: String,
    /// End with the summary: without it, a demo with processes goes on standing there to be looked at
    #[arg(long)]
    pub headless: bool,
    /// Where the report goes, as JSON
    #[arg(long)]
    pub report: Option<PathBuf>,
    /// The seed of the calls and of everything that people do
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where HTTP is served, such as 127.0.0.1:8311; none without one. With one the demo goes on standing there 网页地址
    #[arg(long, default_value = "none")]
    pub http: Where,
    /// What runs in processes of its own.
    #[command(flatten)]
    pub apart: DemoApart,
}

/// What runs in processes of its own.
#[derive(Clone, Default, Debug, clap::Args)]
pub struct DemoApart {
    /// The stations in processes of their own, and the departments in one more, over NATS 多进程
    #[arg(long)]
    pub processes: bool,
    /// These stations alone in processes of their own; all people in this one 在别处运行的环节
    #[arg(long, value_delimiter = ',', value_name = "STATION", conflicts_with = "processes")]
    pub stations_elsewhere: Vec<Station>,
    /// Which NATS server.
    #[command(flatten)]
    pub nats: NatsArgs,
}

impl DemoApart {
    /// None where everything runs in this process.
    fn apart(&self, seed: u64, city: &City) -> Result<Option<Apart>, DemoError> {
        if !self.processes && self.stations_elsewhere.is_empty() {
            return Ok(None);
        }
        let stations = if self.processes {
            STATIONS_APART.into_iter().collect()
        } else {
            self.stations_elsewhere.iter().copied().collect()
        };
        let (nats, departments) = (self.nats.clone(), self.processes);
        let (program, outlines) = (env::current_exe()?, city.areas.clone());
        let source = SourceId::new(SOURCE).expect("the word is a source id");
        Ok(Some(Apart { program, nats, stations, departments, seed, outlines, source }))
    }
}

/// Why the demo could not be run.
#[derive(Debug, Error)]
pub enum DemoError {
    /// The speed.
    #[error(transparent)]
    Speed(#[from] NotASpeed),
    /// The run itself.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// The program does not know where it is, and cannot start others.
    #[error("the program does not find itself")]
    Program(#[from] io::Error),
}

/// Runs the demo until every case is closed, or until `stop` is set.
pub fn run(args: &DemoArgs, stop: &AtomicBool, progress: &mut dyn Progress) -> Result<Report, DemoError> {
    let (report, still) = play(args, stop, progress)?;
    still.into_iter().for_each(Still::end);
    Ok(report)
}

/// The same, and hands out what still runs at the end.
pub fn play(
    args: &DemoArgs,
    stop: &AtomicBool,
    progress: &mut dyn Progress,
) -> Result<(Report, Option<Still>), DemoError> {
    let speed: Speed = args.speed.parse()?;
    let city = dengta();
    let rules = city.rules().map_err(SimulationError::from)?;
    let world = callers(args, &city, &rules);
    let mut report = Report::empty("demo", city.facts.name_zh.clone(), "demo".to_owned(), args.seed);
    report.simulated = simulated();
    let plan = Plan {
        what: format!("demo {} hours {} calls/h seed {}", args.hours, args.calls_per_hour, args.seed),
        city: &city,
        data: args.data.as_deref(),
        seed: args.seed,
        speed,
        start: START,
        source: SourceId::new(SOURCE).expect("the word is a source id"),
        join: rules.policy.join.expect("the demo's policy says when calls are one matter"),
        people: people(args.seed),
        apart: args.apart.apart(args.seed, &city)?,
        http: args.http,
    };
    let Simulation { world, mut report, tally, still } = simulate(&plan, world, report, stop, progress)?;
    report.orphans = world.orphans;
    report.count(&tally);
    Ok((report, still))
}

/// The demo's city, calls and people round an engine on a disk of the caller's, in one thread and without a shelf: with
/// a disk in memory nothing is written to the machine's own.
pub fn beside<D: Disk + Clone>(args: &DemoArgs, disk: D) -> Result<Drive<Callers, D>, SimulationError> {
    let city = dengta();
    let rules = city.rules()?;
    let world = callers(args, &city, &rules);
    let source = SourceId::new(SOURCE).expect("the word is a source id");
    let join = rules.policy.join.expect("the demo's policy says when calls are one matter");
    let desk = Desk::new(&city, &rules, source, join)?;
    let setup = Setup::at(START, Some(city.texts), entropy(args.seed, 1));
    let engine = Engine::start(disk, Setup { inline: true, shelf: false, ..setup })?.engine;
    Ok(Drive::new(engine, world, people(args.seed), desk, START, None)?)
}

fn callers(args: &DemoArgs, city: &City, rules: &Rules) -> Callers {
    let is_community = |area: AreaCode| area.level() == Level::Community;
    let communities = rules.units.iter().filter(|unit| unit.area.is_some_and(is_community));
    let communities = communities.map(|unit| unit.name.zh.clone()).collect();
    let until = START.plus_seconds(i64::from(args.hours) * 3600);
    let grounds = grounds(city.areas.as_deref().unwrap_or_default());
    Callers::new(args.seed, grounds, communities, args.calls_per_hour, START, until)
}

fn people(seed: u64) -> People {
    People {
        centre: CentrePeople { seed, check_fails_permille: CHECK_FAILS_PERMILLE },
        handlers: Handlers { seed, from_leg: 1, human: true },
        beside: Some(Beside { seed, shares: GOVERNED }),
    }
}

fn simulated() -> Vec<String> {
    [
        "All calls are simulated: instants, places, matters, channels and callers are drawn from the seed.",
        "All handling is simulated: signing, returns, silence, results, checks, answers and call-backs;",
        "so are requests for time and rest, whistles, help, consultations, supervision, alarms and drills.",
        "Names and numbers are made up; the map is schematic; limits and duties are a demonstration.",
        "Real are the city's communities with their codes and its reported numbers of grids and people.",
    ]
    .map(str::to_owned)
    .to_vec()
}
