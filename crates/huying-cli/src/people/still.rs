//! The end of a demo with processes: the clock stands, everything still runs, and can be looked at.

use super::company::Company;
use crate::{
    exit::Exit,
    failure::Failure,
    http::Http,
    live::{
        SOCKET_FILE,
        desk::Desk,
        folder::{call_desk, stopped},
        server::Server,
    },
    words::Say,
};
use huying_domain::time::Timestamp;
use huying_engine::engine::Engine;
use huying_journal::disk::real::RealDisk;
use std::{
    path::Path,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// How often it is looked whether to stop, in milliseconds.
const LOOK_EVERY_MS: u64 = 50;

/// An engine at the end of its days, with the processes round it.
pub struct Still {
    /// The engine.
    pub engine: Engine<RealDisk>,
    /// Server, stations, departments, where there are any.
    pub company: Option<Company>,
    /// The HTTP door, where there is one.
    pub http: Option<Http>,
    /// Where the clock stands.
    pub now: Timestamp,
}

impl Still {
    /// Ends everything.
    pub fn end(self) {
        self.http.into_iter().for_each(Http::stop);
        self.company.into_iter().for_each(Company::stop);
        drop(self.engine);
    }

    /// Answers whoever looks until `stop` is set, then ends everything. `ready` is called once it answers.
    pub fn stay(
        self,
        dir: &Path,
        stop: &AtomicBool,
        ready: &mut dyn FnMut(&str, &str),
    ) -> Result<(), Failure> {
        let Self { mut engine, company, http, now } = self;
        engine.clock().advance_to(now);
        let calls = Arc::new(RwLock::new(call_desk(&engine, dir)?));
        let desk = Desk::new(engine.handle(), calls, dir.to_owned());
        let server = Server::start(dir, desk).map_err(|error| {
            let words = Say::SocketFailed.with(&[("path", &dir.join(SOCKET_FILE).display())]);
            Failure::new(Exit::Fault, "socket", words).because(error)
        })?;
        let at = http.as_ref().map_or_else(|| "—".to_owned(), Http::url);
        ready(company.as_ref().map_or("—", Company::url), &at);
        let (handle, elsewhere) = (engine.handle(), engine.elsewhere());
        let ended = thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(LOOK_EVERY_MS));
                }
                handle.stop();
                elsewhere.close();
            });
            let ended = engine.run();
            // An engine that stopped by itself lets nobody wait for a signal.
            stop.store(true, Ordering::Relaxed);
            ended
        });
        server.close();
        http.into_iter().for_each(Http::stop);
        company.into_iter().for_each(Company::stop);
        ended.map_err(stopped)
    }
}
