//! The parties of a simulation that run in processes of their own: stations, departments, and the NATS server
//! between them and the engine.

use super::{
    children::{Children, Kind},
    departments::Departments,
    feed::Feed,
    folder::Folder,
};
use crate::{
    commands::nats::unusable,
    exit::Exit,
    failure::Failure,
    live::folder::entropy,
    nerves::{NatsArgs, Parts},
    words::Say,
};
use huying_bus::{link::Link, role::Role, roster::Roster, subject::token::Station};
use huying_domain::ids::{Seq, SourceId};
use huying_engine::{
    doors::{Doors, DoorsSetup},
    elsewhere::Elsewhere,
    engine::Engine,
    nerves::Progress,
    rulebook::OUTLINES_FILE,
};
use huying_journal::disk::real::RealDisk;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::watch;

/// What runs in processes of its own.
#[derive(Clone, Debug)]
pub struct Apart {
    /// The program that plays them: this one.
    pub program: PathBuf,
    /// Which NATS server.
    pub nats: NatsArgs,
    /// Which stations.
    pub stations: BTreeSet<Station>,
    /// Whether the people of the units do, too.
    pub departments: bool,
    /// The seed of what people do.
    pub seed: u64,
    /// The outlines of the city's areas.
    pub outlines: Option<String>,
    /// The source of the calls.
    pub source: SourceId,
}

/// The running parties.
pub struct Company {
    /// The people of the units, if they are among them.
    pub departments: Option<Departments>,
    /// How calls come in, if intake is among them.
    pub feed: Option<Feed>,
    children: Children,
    parts: Parts,
    elsewhere: Arc<Elsewhere>,
    progress: watch::Receiver<Progress>,
}

impl Company {
    /// Starts the server, the engine's nerves and every party.
    pub fn start(engine: &mut Engine<RealDisk>, folder: &Folder, apart: &Apart) -> Result<Self, Failure> {
        let data = folder.path.as_path();
        if apart.departments && folder.run > 1 {
            // What people intended was in their own memory.
            return Err(Failure::new(Exit::Unreadable, "not_resumed", Say::DemoNotResumed.with(&[])));
        }
        let setup = DoorsSetup { outlines: apart.outlines.clone(), entropy: entropy() };
        let doors = Doors::open(engine, setup)
            .map_err(|error| Failure::unreadable(data.join(OUTLINES_FILE).display(), error))?;
        let elsewhere = engine.elsewhere();
        let mut random = entropy();
        let mut roster = Roster::open_or_create(data, &mut *random).map_err(unusable)?;
        if apart.departments {
            roster.grant_all_units(&mut *random).map_err(unusable)?;
        }
        let feeds = apart.stations.contains(&Station::Intake);
        if feeds {
            roster.grant_feed(apart.source.clone(), &mut *random).map_err(unusable)?;
            keep_outlines(data, apart.outlines.as_deref())?;
            elsewhere.drive_calls();
        }
        let parts = Parts::start(engine, data, &apart.nats, doors)?;
        let parts = parts
            .ok_or_else(|| Failure::new(Exit::Unreadable, "needs_nats", Say::DemoNeedsNats.with(&[])))?;
        let progress = parts.progress();
        let address = roster.address(&Role::Feed { source: apart.source.clone() }, parts.url());
        let feed = address.filter(|_| feeds).map(|address| Feed::connect(&address, apart.source.clone()));
        let feed = feed.transpose()?;
        let mut kinds: Vec<_> = apart.stations.iter().map(|station| Kind::Station(*station)).collect();
        let departments = if apart.departments {
            let (departments, child) = Departments::start(&apart.program, data, parts.url(), apart.seed)?;
            kinds.push(Kind::Departments(child));
            Some(departments)
        } else {
            None
        };
        let children = Children::start(&apart.program, data, parts.url(), kinds)?;
        Ok(Self { departments, feed, children, parts, elsewhere, progress })
    }

    /// Where the NATS server answers.
    pub fn url(&self) -> &str {
        self.parts.url()
    }

    /// The engine's connection to it.
    pub fn link(&self) -> Option<&Link> {
        self.parts.link()
    }

    /// Up to which record every unit was sent what it ought to have.
    pub fn posted(&self) -> Seq {
        self.progress.borrow().posted
    }

    /// What engine and processes share.
    pub const fn elsewhere(&self) -> &Arc<Elsewhere> {
        &self.elsewhere
    }

    /// Whether the run was told to stop.
    pub fn is_stopping(&self) -> bool {
        self.elsewhere.is_closed()
    }

    /// Ends every party, then the server.
    pub fn stop(self) {
        let Self { departments, feed, children, parts, elsewhere, .. } = self;
        elsewhere.close();
        drop((departments, feed));
        children.stop();
        parts.stop();
    }
}

/// Puts the outlines where the engine hands them out to intake.
fn keep_outlines(data: &Path, outlines: Option<&str>) -> Result<(), Failure> {
    let Some(outlines) = outlines else { return Ok(()) };
    let path = data.join(OUTLINES_FILE);
    fs::write(&path, outlines).map_err(|error| {
        Failure::new(Exit::Fault, "cannot_write", Say::CannotWrite.with(&[("path", &path.display())]))
            .because(error)
    })
}
