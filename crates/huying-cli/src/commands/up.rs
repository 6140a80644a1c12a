//! `up`: the engine on the machine's clock, until it is told to stop.

use crate::{
    city::City,
    commands::stations::StationsArgs,
    exit::Exit,
    failure::{Failure, Output},
    http::{self, Http, HttpArgs},
    live::{
        desk::Desk,
        folder::{classes, clock_kind, devices, entropy, not_started, outlines, stopped},
        server::Server,
        shredding,
    },
    nerves::{NatsArgs, Parts},
    words::{Lang, Say},
};
use clap::builder::ArgPredicate;
use huying_engine::{
    doors::{Doors, DoorsSetup, LiveDoors, SharedDesk},
    engine::Engine,
    rulebook::OUTLINES_FILE,
    start::{Setup, Started},
};
use huying_intake::{
    class::{file::MODEL_FILE, labels::LABELS_FILE},
    devices::DEVICES_FILE,
};
use huying_journal::{disk::real::RealDisk, segment::ClockKind};
use serde_json::json;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

/// Which folder, which city.
#[derive(Clone, Debug, clap::Args)]
pub struct UpArgs {
    /// The data folder; a new one is made
    #[arg(long, default_value_if("stations", ArgPredicate::IsPresent, "."))]
    pub data: PathBuf,
    /// The city's folder; needed for a new data folder, which then keeps its rules
    #[arg(long)]
    pub city: Option<PathBuf>,
    /// Which stations run where.
    #[command(flatten)]
    pub apart: StationsArgs,
    /// Which NATS server.
    #[command(flatten)]
    pub nats: NatsArgs,
    /// The HTTP door.
    #[command(flatten)]
    pub http: HttpArgs,
}

/// Runs the engine. `ready` is called once it answers at its socket; the notes are what the operator should know.
pub fn run(args: &UpArgs, lang: Lang, ready: &mut dyn FnMut(&Output)) -> Result<Output, Failure> {
    let dir = args.data.as_path();
    let fill: &[(&str, &dyn std::fmt::Display)] = &[("dir", &dir.display())];
    // A folder that is not there is no failure here: it is made.
    let kind = if dir.exists() { clock_kind(dir)? } else { None };
    if kind == Some(ClockKind::Virtual) {
        return Err(Failure::new(Exit::Unreadable, "virtual_journal", Say::VirtualJournal.with(fill)));
    }
    let city = args.city.as_deref().map(load).transpose()?;
    if kind.is_none()
        && let (Some(from), Some(city)) = (&args.city, &city)
        && let Ok(rules) = city.rules()
    {
        // A model that cannot be used is said before a journal begins.
        classes(from, &rules)?;
    }
    if kind.is_none() && city.is_none() {
        return Err(Failure::new(Exit::Unreadable, "needs_city", Say::NeedsCity.with(fill)));
    }
    if kind.is_some() && city.is_some() {
        tracing::warn!("{}", Say::CityIgnored.filled(lang, fill));
    }
    args.http.check()?;
    let disk = RealDisk::new(dir).map_err(|error| Failure::unreadable(dir.display(), error))?;
    let texts = city.as_ref().map(|city| city.texts.clone());
    let elsewhere = args.apart.stations_elsewhere.iter().copied().collect();
    let setup = Setup { elsewhere, ..Setup::live(texts, entropy()) };
    let Started { mut engine, opened } =
        Engine::start(disk, setup).map_err(|error| not_started(dir, error))?;
    if kind.is_none()
        && let Some(areas) = city.and_then(|city| city.areas)
    {
        keep(dir, OUTLINES_FILE, areas.as_bytes())?;
    }
    if kind.is_none()
        && let Some(from) = &args.city
    {
        for name in [MODEL_FILE, LABELS_FILE, DEVICES_FILE] {
            let path = from.join(name);
            if path.exists() {
                let bytes = fs::read(&path).map_err(|error| Failure::unreadable(path.display(), error))?;
                keep(dir, name, &bytes)?;
            }
        }
    }
    shredding::beside(&mut engine, dir);
    let doors = doors(&mut engine, dir)?;
    let calls = doors.shared_desk();
    let nerves = Parts::start(&mut engine, dir, &args.nats, Arc::clone(&doors))?;
    let http = http::start(&args.http, dir, doors, nerves.as_ref().and_then(Parts::link), false)?;
    let ended = serve(engine, calls, dir, &mut || {
        let head = opened.head.to_string();
        let nats = nerves.as_ref().map_or("—", Parts::url);
        let at = http.as_ref().map_or_else(|| "—".to_owned(), |http| http.url());
        let said = Say::ReadyAt
            .filled(lang, &[("dir", &dir.display()), ("head", &head), ("nats", &nats), ("http", &at)]);
        ready(&Output::done(
            json!({ "ready": true, "data": dir, "head": head, "nats": nats, "http": at }),
            said,
        ));
    });
    http.into_iter().for_each(Http::stop);
    nerves.into_iter().for_each(Parts::stop);
    ended?;
    Ok(Output::done(json!({ "stopped": true }), Say::StoppedCleanly.text(lang).to_owned()))
}

/// The doors of an engine with the outlines that its folder keeps. Calls are joined to no other: whoever takes them
/// sees what is alike and says so.
fn doors(engine: &mut Engine<RealDisk>, dir: &Path) -> Result<Arc<LiveDoors>, Failure> {
    let setup = DoorsSetup { outlines: outlines(dir)?, entropy: entropy() };
    let classes = classes(dir, engine.rules())?;
    let devices = devices(dir, engine.clock().now())?;
    let doors = Doors::open(engine, setup)
        .map_err(|error| Failure::unreadable(dir.join(OUTLINES_FILE).display(), error))?;
    let desk = doors.shared_desk();
    let mut desk = desk.write().expect("nobody panics at the desk");
    desk.set_classes(classes);
    desk.set_devices(devices);
    drop(desk);
    Ok(doors)
}

/// Listens at the socket and lets the loop turn until a signal comes.
fn serve(
    engine: Engine<RealDisk>,
    calls: SharedDesk,
    dir: &Path,
    ready: &mut dyn FnMut(),
) -> Result<(), Failure> {
    let desk = Desk::new(engine.handle(), calls, dir.to_owned());
    let mut signals = Signals::new([SIGINT, SIGTERM])
        .map_err(|error| Failure::new(Exit::Fault, "signals", Say::SignalsFailed.with(&[])).because(error))?;
    let (handle, signalled) = (engine.handle(), signals.handle());
    let waiting = thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            tracing::info!(signal, "stopping");
            handle.stop();
        }
    });
    let server = Server::start(dir, desk).map_err(|error| {
        let path = dir.join(crate::live::SOCKET_FILE);
        Failure::new(Exit::Fault, "socket", Say::SocketFailed.with(&[("path", &path.display())]))
            .because(error)
    })?;
    ready();
    let ended = engine.run();
    server.close();
    signalled.close();
    let _ended_or_panicked = waiting.join();
    ended.map_err(stopped)
}

fn load(dir: &Path) -> Result<City, Failure> {
    City::load(dir).map_err(|error| {
        Failure::new(Exit::Unreadable, "city_unusable", Say::CityUnusable.with(&[("dir", &dir.display())]))
            .because(error)
    })
}

/// Keeps a file beside the rules, so that the next start needs no city. Written aside and moved: half a file
/// would keep the engine from starting.
pub fn keep(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let path = dir.join(name);
    let aside = dir.join(format!("{name}.new"));
    fs::write(&aside, bytes).and_then(|()| fs::rename(&aside, &path)).map_err(|error| {
        Failure::new(Exit::Fault, "cannot_write", Say::CannotWrite.with(&[("path", &path.display())]))
            .because(error)
    })
}
