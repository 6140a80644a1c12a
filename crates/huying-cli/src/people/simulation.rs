//! One simulation from the folder to the report, whatever its world.

use super::{
    company::{Apart, Company},
    desk::Desk,
    drive::{Drive, DriveError, End, People},
    folder::{self, FolderError},
    pace::Speed,
    still::Still,
    world::World,
};
use crate::{
    city::City,
    commands::up::keep,
    failure::Failure,
    http::{self, Http, HttpArgs, Where},
    live::folder::entropy as chance,
    progress::Progress,
    report::{HeadOf, Report},
};
use huying_bus::link::Link;
use huying_domain::{
    ids::SourceId,
    rules::{Rules, RulesError, join::Join},
    time::Timestamp,
};
use huying_engine::{
    clock::Stopwatch,
    doors::{Doors, DoorsSetup},
    elsewhere::Elsewhere,
    engine::Engine,
    rulebook::OUTLINES_FILE,
    start::{Setup, StartError},
};
use huying_intake::place::GazetteerError;
use huying_journal::{disk::real::RealDisk, seal::Entropy};
use huying_projection::tally::Tally;
use huying_web::sign_in::account::DEMO_PASSWORD;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::{
    io,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};
use thiserror::Error;

/// How long the seed of the random bytes is, as its generator wants it.
const SEED_BYTES: usize = 32;
/// How often it is looked whether the run is to stop, in milliseconds.
const STOP_LOOK_MS: u64 = 20;

/// What a simulation needs to know.
pub struct Plan<'a> {
    /// What it is, in one line: a data folder of another one is refused.
    pub what: String,
    /// The city.
    pub city: &'a City,
    /// The data folder; without it a fresh one.
    pub data: Option<&'a Path>,
    /// The seed.
    pub seed: u64,
    /// How fast.
    pub speed: Speed,
    /// Where the virtual clock begins.
    pub start: Timestamp,
    /// The source of the calls.
    pub source: SourceId,
    /// When two calls are one matter.
    pub join: Join,
    /// The parties.
    pub people: People,
    /// Those of them that run in processes of their own.
    pub apart: Option<Apart>,
    /// Where HTTP is served meanwhile, for whoever wants to look and join in.
    pub http: Where,
}

/// What a simulation leaves.
pub struct Simulation<W> {
    /// The world, with what it counted.
    pub world: W,
    /// The report, still without the tally of the records.
    pub report: Report,
    /// The tally.
    pub tally: Tally,
    /// What still runs: engine, server and processes, where there are any.
    pub still: Option<Still>,
}

/// Why a simulation could not be run.
#[derive(Debug, Error)]
pub enum SimulationError {
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The city's rules.
    #[error("the city's rules cannot be used")]
    Rules(#[from] RulesError),
    /// The city's map.
    #[error("the city's areas cannot be used")]
    Map(#[from] GazetteerError),
    /// The data folder's files.
    #[error("the data folder cannot be used")]
    Disk(#[from] io::Error),
    /// The engine did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The run broke off.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// The processes round the engine did not start.
    #[error("{0}")]
    Company(Failure),
}

/// Runs a world to its end, or until `stop` is set.
pub fn simulate<W: World>(
    plan: &Plan<'_>,
    world: W,
    mut report: Report,
    stop: &AtomicBool,
    progress: &mut dyn Progress,
) -> Result<Simulation<W>, SimulationError> {
    let rules = plan.city.rules()?;
    let desk = Desk::new(plan.city, &rules, plan.source.clone(), plan.join)?;
    let what = format!("{} city {} {}", plan.what, plan.city.facts.county, label(&rules));
    let folder = folder::open(plan.data, &what)?;
    report.data = folder.path.clone();
    let begun = Stopwatch::start();
    let disk = RealDisk::new(&folder.path)?;
    let setup = Setup::at(plan.start, Some(plan.city.texts.clone()), entropy(plan.seed, folder.run));
    let elsewhere = plan.apart.as_ref().map(|apart| apart.stations.clone()).unwrap_or_default();
    let mut engine = Engine::start(disk, Setup { elsewhere, ..setup })?.engine;
    let before = engine.journal().synced_head().seq;
    let company = plan.apart.as_ref().map(|apart| Company::start(&mut engine, &folder, apart));
    let company = company.transpose().map_err(SimulationError::Company)?;
    let elsewhere = engine.elsewhere();
    let link = company.as_ref().and_then(Company::link);
    let http = door(plan, &mut engine, &folder.path, link).map_err(SimulationError::Company)?;
    let mut drive = Drive::new(engine, world, plan.people, desk, plan.start, company)?;
    drive.at_the_door = http.is_some();
    let end = stopping(stop, &elsewhere, || drive.run(plan.speed, stop, progress))?;
    let head = drive.engine.journal().synced_head();
    report.finished = end == End::Finished && drive.open() == 0;
    report.open = drive.open() as u64;
    report.from = plan.start;
    report.until = drive.now();
    report.calls = drive.door.calls;
    report.refused_at_door = drive.door.refused.clone();
    report.acts_refused = drive.door.acts_refused.clone();
    report.assignment_virtual_s = drive.measured(|measures| measures.assignment_virtual_s());
    report.assignment_wall_us = drive.measured(|measures| measures.assignment_wall_us());
    report.beside = drive.measured(|measures| measures.beside().clone());
    report.head = HeadOf { seq: head.seq, hash: head.hash };
    let metrics = drive.engine.metrics().text();
    report.commits = metric(&metrics, "huying_commit_seconds_count").parse().unwrap_or(0);
    report.commit_seconds = metric(&metrics, "huying_commit_seconds_sum").parse().unwrap_or(0.0);
    let tally = drive.engine.views().tally.clone();
    if let Some(departments) = drive.company().and_then(|company| company.departments.as_ref()) {
        report.departments = Some(departments.done().clone());
    }
    let now = drive.now();
    let (world, engine, company) = drive.into_parts();
    let still = if company.is_some() || http.is_some() {
        Some(Still { engine, company, http, now })
    } else {
        // The shelf catches up while the journal closes; that belongs to the time that the run took.
        drop(engine);
        None
    };
    report.wall_seconds = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let written = (head.seq - before) as f64;
    report.records_per_second = written / report.wall_seconds.max(f64::MIN_POSITIVE);
    Ok(Simulation { world, report, tally, still })
}

/// Opens the HTTP door of a simulation, where one is wanted; everybody may sign in there with the demo's accounts.
fn door(
    plan: &Plan<'_>,
    engine: &mut Engine<RealDisk>,
    dir: &Path,
    link: Option<&Link>,
) -> Result<Option<Http>, Failure> {
    if plan.http == Where::None {
        return Ok(None);
    }
    if let Some(areas) = &plan.city.areas {
        keep(dir, OUTLINES_FILE, areas.as_bytes())?;
    }
    let setup = DoorsSetup { outlines: plan.city.areas.clone(), entropy: chance() };
    let doors = Doors::open(engine, setup).map_err(|error| Failure::unreadable(dir.display(), error))?;
    let http = http::start(&HttpArgs::at(plan.http), dir, doors, link, true)?;
    if let Some(http) = &http {
        let accounts: Vec<_> = http.demo_accounts().iter().map(|one| one.account.as_str()).collect();
        let (accounts, password) = (accounts.join(" "), DEMO_PASSWORD);
        tracing::warn!(address = %http.address(), accounts, password, "the demo can be looked at over HTTP");
    }
    Ok(http)
}

/// Runs, and lets the loop wait for no other process any more as soon as `stop` is set.
fn stopping<R>(stop: &AtomicBool, elsewhere: &Elsewhere, run: impl FnOnce() -> R) -> R {
    if elsewhere.is_empty() {
        return run();
    }
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                if stop.load(Ordering::Relaxed) {
                    return elsewhere.close();
                }
                thread::sleep(Duration::from_millis(STOP_LOOK_MS));
            }
        });
        let result = run();
        ended.store(true, Ordering::Relaxed);
        result
    })
}

fn label(rules: &Rules) -> &str {
    rules.label.as_str()
}

/// The value of one line of the engine's metrics.
fn metric<'m>(metrics: &'m str, name: &str) -> &'m str {
    let value = |line: &'m str| line.strip_prefix(name)?.strip_prefix(' ');
    metrics.lines().find_map(value).unwrap_or_default()
}

/// Random bytes from the seed. Each start has its own: the same again would seal twice with one key and
/// nonce.
pub(crate) fn entropy(seed: u64, run: u64) -> Entropy {
    let mut bytes = [0; SEED_BYTES];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    bytes[8..16].copy_from_slice(&run.to_be_bytes());
    let mut random = ChaCha20Rng::from_seed(bytes);
    Box::new(move |wanted| random.fill_bytes(wanted))
}
