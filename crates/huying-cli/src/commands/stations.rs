//! `up --stations`: stations alone, for an engine in another process.

use crate::{
    commands::{nats::unusable, up::UpArgs},
    exit::Exit,
    failure::{Failure, Output},
    live::folder::entropy,
    nerves::{NatsArgs, Which},
    words::{Lang, Say},
};
use huying_bus::{
    link::Address,
    role::Role,
    roster::{NATS_FOLDER, Roster},
    server::Server,
    subject::token::Station,
};
use huying_engine::remote::{self, RemoteSetup};
use serde_json::json;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};
use std::{
    io::{self, Read},
    os::unix::process::parent_id,
    path::Path,
    thread,
    time::Duration,
};
use tokio::{runtime, sync::watch, task::JoinSet};

/// Threads of the runtime: a station folds in one, the link reads and writes in the other.
const RUNTIME_THREADS: usize = 2;
/// How long after the end of standard input a parent is looked for: one that only closes it is still there, and one
/// that was killed is gone.
const ORPHANED_AFTER_MS: u64 = 200;

/// Which stations, and where.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct StationsArgs {
    /// Run these stations alone, for an engine in another process: intake, routing, escalation, feedback. They reach it
    /// by --nats URL with their own users, or with the accounts of --data 只运行这些环节
    #[arg(long, value_delimiter = ',', value_name = "STATION")]
    pub stations: Vec<Station>,
    /// The stations that run in processes of their own and not in this one 在别处运行的环节
    #[arg(long, value_delimiter = ',', value_name = "STATION", conflicts_with = "stations")]
    pub stations_elsewhere: Vec<Station>,
    /// End when standard input is closed: with the parent that started this
    #[arg(long, hide = true)]
    pub with_parent: bool,
}

/// Runs the stations. `ready` is called once they look for their engine.
pub fn run(args: &UpArgs, lang: Lang, ready: &mut dyn FnMut(&Output)) -> Result<Output, Failure> {
    let mut addresses = Vec::new();
    for station in &args.apart.stations {
        let role = Role::Station { station: *station };
        addresses.push((*station, address(&args.nats, &args.data, &role)?));
    }
    let stopping = until_told(args.apart.with_parent.then_some(args.data.as_path()))?;
    let runtime = runtime()?;
    let names: Vec<_> = args.apart.stations.iter().map(|station| station.name()).collect();
    let said = Say::StationsReady.filled(lang, &[("stations", &names.join(", "))]);
    ready(&Output::done(json!({ "ready": true, "stations": names }), said));
    let ended = runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for (station, address) in addresses {
            let stopping = stopping.clone();
            let setup = RemoteSetup { station, address, entropy: entropy() };
            tasks.spawn(remote::run(setup, stopping));
        }
        while let Some(ended) = tasks.join_next().await {
            ended.expect("a station does not panic")?;
        }
        Ok::<_, remote::RemoteError>(())
    });
    ended
        .map_err(|error| Failure::new(Exit::Fault, "station", Say::StationFailed.with(&[])).because(error))?;
    Ok(Output::done(json!({ "stopped": true }), Say::StoppedCleanly.text(lang).to_owned()))
}

/// A runtime for a process that speaks NATS and does little else.
pub fn runtime() -> Result<runtime::Runtime, Failure> {
    let made = runtime::Builder::new_multi_thread().worker_threads(RUNTIME_THREADS).enable_all().build();
    made.map_err(|error| Failure::new(Exit::Fault, "runtime", Say::NervesFailed.with(&[])).because(error))
}

/// How a role reaches the server: as the arguments say, else with the accounts of a data folder on this machine.
pub fn address(nats: &NatsArgs, data: &Path, role: &Role) -> Result<Address, Failure> {
    let Which::Join(urls) = &nats.nats else {
        return Err(Failure::new(Exit::Unreadable, "needs_url", Say::StationsNeedUrl.with(&[])));
    };
    let proven = nats.nats_creds.is_some() || nats.nats_password_file.is_some();
    if proven || !data.join(NATS_FOLDER).exists() {
        return nats.address(urls, role);
    }
    let roster = Roster::open_or_create(data, &mut *entropy()).map_err(unusable)?;
    roster
        .address(role, urls)
        .ok_or_else(|| Failure::new(Exit::Unreadable, "needs_proof", Say::NatsNeedsProof.with(&[])))
}

/// Becomes true at SIGINT or SIGTERM; with a parent, whose data folder this is, also when standard input is closed.
pub fn until_told(with_parent: Option<&Path>) -> Result<watch::Receiver<bool>, Failure> {
    let (stop, stopping) = watch::channel(false);
    let mut signals = Signals::new([SIGINT, SIGTERM])
        .map_err(|error| Failure::new(Exit::Fault, "signals", Say::SignalsFailed.with(&[])).because(error))?;
    let by_signal = stop.clone();
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            by_signal.send_replace(true);
        }
    });
    if let Some(data) = with_parent.map(Path::to_owned) {
        thread::spawn(move || {
            let mut rest = [0; 256];
            let parent = parent_id();
            // Nothing is said here; the end is all that is waited for, and it comes when the parent dies, too.
            while io::stdin().lock().read(&mut rest).is_ok_and(|bytes| bytes > 0) {}
            thread::sleep(Duration::from_millis(ORPHANED_AFTER_MS));
            if parent_id() != parent
                && let Err(error) = Server::end_left_behind(&data)
            {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the server of the dead parent runs on"
                );
            }
            stop.send_replace(true);
        });
    }
    Ok(stopping)
}
