//! The child processes of a simulation: started, watched, begun anew when they die, ended with the parent.

use crate::{exit::Exit, failure::Failure, words::Say};
use huying_bus::subject::token::Station;
use serde_json::{Map, Value};
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::Duration,
};

/// The file in the data folder that says which process plays which part.
pub const PROCESSES_FILE: &str = "processes.json";
/// How often the parent looks whether all are there, in milliseconds.
const LOOK_EVERY_MS: u64 = 100;
/// How long a child may take to end when it is told to, in milliseconds.
const END_MAX_MS: u64 = 3_000;

/// What a child is.
#[derive(Debug)]
pub enum Kind {
    /// A station, which can be begun anew: it keeps nothing.
    Station(Station),
    /// The people of the units, who remember what they intend; begun by whoever speaks with them.
    Departments(Child),
}

/// The children, watched by a thread.
pub struct Children {
    stop: mpsc::Sender<()>,
    watcher: JoinHandle<()>,
}

struct Kept {
    name: String,
    /// How it is begun anew, if it can be.
    again: Option<Station>,
    child: Child,
}

struct Watch {
    program: PathBuf,
    data: PathBuf,
    url: String,
    kept: Vec<Kept>,
}

impl Children {
    /// Starts the stations and keeps everybody.
    pub fn start(program: &Path, data: &Path, url: &str, kinds: Vec<Kind>) -> Result<Self, Failure> {
        let (program, data, url) = (program.to_owned(), data.to_owned(), url.to_owned());
        let mut watch = Watch { program, data, url, kept: Vec::new() };
        for kind in kinds {
            let kept = match kind {
                Kind::Station(station) => Kept {
                    name: station.name().to_owned(),
                    again: Some(station),
                    child: watch.begin(station).map_err(|error| not_begun(station.name(), error))?,
                },
                Kind::Departments(child) => Kept { name: "departments".to_owned(), again: None, child },
            };
            watch.kept.push(kept);
        }
        watch.note();
        let (stop, stopped) = mpsc::channel();
        let named = thread::Builder::new().name("children".to_owned());
        let watcher = named.spawn(move || watch.run(&stopped));
        Ok(Self { stop, watcher: watcher.map_err(|error| not_begun("children", error))? })
    }

    /// Lets all of them end, and waits for it.
    pub fn stop(self) {
        drop(self.stop);
        if self.watcher.join().is_err() {
            tracing::error!("the watcher of the children panicked");
        }
    }
}

impl Watch {
    fn run(mut self, stopped: &mpsc::Receiver<()>) {
        let every = Duration::from_millis(LOOK_EVERY_MS);
        while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
            self.look();
        }
        for kept in &mut self.kept {
            // What stands at its standard input sees the end of it.
            drop(kept.child.stdin.take());
        }
        for _ in 0..END_MAX_MS / LOOK_EVERY_MS {
            if self.kept.iter_mut().all(|kept| matches!(kept.child.try_wait(), Ok(Some(_)))) {
                break;
            }
            thread::sleep(every);
        }
        for kept in &mut self.kept {
            let _ended_or_not_ours = kept.child.kill();
            let _collected = kept.child.wait();
        }
    }

    fn look(&mut self) {
        let mut changed = false;
        for place in 0..self.kept.len() {
            let Ok(Some(status)) = self.kept[place].child.try_wait() else { continue };
            let Some(station) = self.kept[place].again else { continue };
            tracing::warn!(station = %station, %status, "a station died and is begun anew");
            match self.begin(station) {
                Ok(child) => {
                    self.kept[place].child = child;
                    changed = true;
                }
                Err(error) => tracing::error!(%station, %error, "a station cannot be begun anew"),
            }
        }
        if changed {
            self.note();
        }
    }

    fn begin(&self, station: Station) -> io::Result<Child> {
        Command::new(&self.program)
            .args(["up", "--with-parent", "--stations", station.name(), "--nats", &self.url, "--data"])
            .arg(&self.data)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log(&self.data, station.name())?)
            .spawn()
    }

    /// Writes down who plays what, for whoever looks on.
    fn note(&self) {
        let by_name = self.kept.iter().map(|kept| (kept.name.clone(), Value::from(kept.child.id())));
        let text = Value::Object(by_name.collect::<Map<_, _>>()).to_string();
        let aside = self.data.join(format!("{PROCESSES_FILE}.new"));
        let written =
            fs::write(&aside, text).and_then(|()| fs::rename(&aside, self.data.join(PROCESSES_FILE)));
        if let Err(error) = written {
            tracing::warn!(%error, "cannot write down which processes run");
        }
    }
}

/// Where a child's complaints go.
pub fn log(data: &Path, name: &str) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(data.join(format!("{name}.log")))
}

/// What to say of a child that does not start.
pub fn not_begun(name: &str, error: io::Error) -> Failure {
    Failure::new(Exit::Fault, "child", Say::ChildFailed.with(&[("name", &name)])).because(error)
}
