//! `up`: the engine on the machine's clock, until it is told to stop.

use crate::{
    city::City,
    exit::Exit,
    failure::{Failure, Output},
    live::{
        desk::Desk,
        folder::{clock_kind, entropy, not_started, outlines, stopped},
        placing::{OUTLINES_FILE, Placing},
        server::Server,
    },
    words::{Lang, Say},
};
use huying_engine::{
    engine::Engine,
    start::{Setup, Started},
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
    #[arg(long)]
    pub data: PathBuf,
    /// The city's folder; needed for a new data folder, which then keeps its rules
    #[arg(long)]
    pub city: Option<PathBuf>,
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
    if kind.is_none() && city.is_none() {
        return Err(Failure::new(Exit::Unreadable, "needs_city", Say::NeedsCity.with(fill)));
    }
    if kind.is_some() && city.is_some() {
        tracing::warn!("{}", Say::CityIgnored.filled(lang, fill));
    }
    let disk = RealDisk::new(dir).map_err(|error| Failure::unreadable(dir.display(), error))?;
    let texts = city.as_ref().map(|city| city.texts.clone());
    let Started { engine, opened } =
        Engine::start(disk, Setup::live(texts, entropy())).map_err(|error| not_started(dir, error))?;
    if kind.is_none()
        && let Some(areas) = city.and_then(|city| city.areas)
    {
        keep_outlines(dir, &areas)?;
    }
    let placing = Placing::new(engine.rules(), outlines(dir)?.as_deref())
        .map_err(|error| Failure::unreadable(dir.join(OUTLINES_FILE).display(), error))?;
    let desk = Desk::new(engine.handle(), Arc::new(placing), dir.to_owned());
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
    let head = opened.head.to_string();
    let said = Say::Ready.filled(lang, &[("dir", &dir.display()), ("head", &head)]);
    ready(&Output::done(json!({ "ready": true, "data": dir, "head": head }), said));
    let ended = engine.run();
    server.close();
    signalled.close();
    let _ended_or_panicked = waiting.join();
    ended.map_err(stopped)?;
    Ok(Output::done(json!({ "stopped": true }), Say::StoppedCleanly.text(lang).to_owned()))
}

fn load(dir: &Path) -> Result<City, Failure> {
    City::load(dir).map_err(|error| {
        Failure::new(Exit::Unreadable, "city_unusable", Say::CityUnusable.with(&[("dir", &dir.display())]))
            .because(error)
    })
}

/// Keeps the outlines beside the rules, so that the next start needs no city. Written aside and moved: half a file
/// would keep the engine from starting.
fn keep_outlines(dir: &Path, areas: &str) -> Result<(), Failure> {
    let path = dir.join(OUTLINES_FILE);
    let aside = dir.join(format!("{OUTLINES_FILE}.new"));
    fs::write(&aside, areas).and_then(|()| fs::rename(&aside, &path)).map_err(|error| {
        Failure::new(Exit::Fault, "cannot_write", Say::CannotWrite.with(&[("path", &path.display())]))
            .because(error)
    })
}
