//! Nothing leaves before it is on the platter, on a disk that takes as long as the story wants.

use crate::making::*;
use huying_domain::{command::Ask, ids::CaseId};
use huying_engine::{config::Bounds, door::Lane, engine::Engine, start::Setup};
use huying_journal::disk::{
    Disk, DiskFile, Mode,
    sim::{SimDisk, SimFile, SimLock},
};
use std::{
    io,
    path::Path,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

/// Turns of the loop in which somebody would have been answered.
const TURNS: usize = 20;

/// A disk whose segments are synced only while nobody holds them.
#[derive(Clone, Default)]
struct SlowDisk {
    disk: SimDisk,
    held: Arc<(Mutex<bool>, Condvar)>,
}

impl SlowDisk {
    fn hold(&self, hold: bool) {
        *self.held.0.lock().expect("nobody panics while holding") = hold;
        self.held.1.notify_all();
    }
}

/// Lets the disk go when the story ends, however it does.
struct LetGo(SlowDisk);

impl Drop for LetGo {
    fn drop(&mut self) {
        self.0.hold(false);
    }
}

struct SlowFile {
    file: SimFile,
    /// None where the file is no segment.
    held: Option<Arc<(Mutex<bool>, Condvar)>>,
}

impl Disk for SlowDisk {
    type File = SlowFile;
    type Lock = SimLock;

    fn lock(&self, name: &str) -> io::Result<Option<SimLock>> {
        self.disk.lock(name)
    }

    fn open(&self, name: &str, mode: Mode) -> io::Result<SlowFile> {
        // A new segment is made of the spare one.
        let is_segment = [".seg", "spare.tmp"].iter().any(|end| name.ends_with(end));
        let held = is_segment.then(|| Arc::clone(&self.held));
        Ok(SlowFile { file: self.disk.open(name, mode)?, held })
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.disk.list(folder)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.disk.remove(name)
    }

    fn sync_dir(&self, folder: &str) -> io::Result<()> {
        self.disk.sync_dir(folder)
    }

    fn folder(&self) -> Option<&Path> {
        None
    }
}

impl DiskFile for SlowFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, bytes)
    }

    fn sync(&self) -> io::Result<()> {
        if let Some(held) = &self.held {
            let is_held = held.0.lock().expect("nobody panics while holding");
            drop(held.1.wait_while(is_held, |is_held| *is_held).expect("nobody panics while holding"));
        }
        self.file.sync()
    }
}

#[test]
fn no_answer_of_any_kind_leaves_before_the_records_that_it_was_decided_upon_are_on_the_platter() {
    let (disk, now) = (SlowDisk::default(), at(WEDNESDAY_9));
    let setup = Setup::at(now, Some(texts()), entropy(1));
    let setup = Setup { segment_bytes: SEGMENT_BYTES, inline: false, shelf: false, ..setup };
    let mut engine = Engine::start(disk.clone(), setup).expect("the engine starts").engine;
    while !engine.step(now).expect("the disk is in order").idle {}
    disk.hold(true);
    // An engine that ends waits for its disk: a law that is broken must not hang on it.
    let _let_go = LetGo(disk.clone());
    let handle = engine.handle();
    let submit = |command| handle.submit(command, Lane::Ordinary).expect("there is room");
    let mut taken = submit(call(1));
    let mut repeated = submit(call(1));
    let mut refused = submit(act(1, "centre", Some(CaseId::new(0, 1)), Ask::Accept));
    let mut seen = handle.look(|engine| engine.journal().head()).expect("there is room");
    for _ in 0..TURNS {
        engine.step(now).expect("the disk is in order");
        assert!(taken.try_take().is_none(), "accepted, and not on the platter");
        assert!(repeated.try_take().is_none(), "a repeat speaks of a record too");
        assert!(refused.try_take().is_none(), "refused for what is not on the platter");
        assert!(seen.try_take().is_none(), "seen, and not on the platter");
    }
    disk.hold(false);
    while !engine.step(now).expect("the disk is in order").idle {}
    let accepted = taken.try_take().expect("a loop at rest has answered").expect("a call is taken");
    let again = repeated.try_take().expect("a loop at rest has answered").expect("a call is taken");
    assert!(again.repeat && again.seq == accepted.seq);
    assert!(refused.try_take().expect("a loop at rest has answered").is_err());
    assert!(seen.try_take().is_some(), "a loop at rest has answered");
}

/// The loop would sleep for an hour if nothing rang.
const IDLE_SLEEP_MS: u64 = 3_600_000;
/// How often it is looked whether somebody was answered, and how long in between.
const LOOKS_MAX: usize = 3_000;
const LOOK_MS: u64 = 1;

#[test]
fn who_only_looks_at_an_engine_at_rest_is_answered_although_nothing_else_happens() {
    let setup = Setup::at(at(WEDNESDAY_9), Some(texts()), entropy(1));
    let bounds = Bounds { idle_sleep_ms: IDLE_SLEEP_MS, ..Bounds::default() };
    let setup = Setup { segment_bytes: SEGMENT_BYTES, shelf: false, bounds, ..setup };
    let engine = Engine::start(SimDisk::default(), setup).expect("the engine starts").engine;
    let handle = engine.handle();
    let turning = thread::spawn(move || engine.run().is_ok());
    for _ in 0..3 {
        let mut seen = handle.look(|engine| engine.journal().head()).expect("there is room");
        let answered = (0..LOOKS_MAX).any(|_| {
            thread::sleep(Duration::from_millis(LOOK_MS));
            seen.try_take().is_some()
        });
        assert!(answered, "nobody rings for who only looks");
    }
    handle.stop();
    assert!(turning.join().expect("the loop does not panic"));
}
