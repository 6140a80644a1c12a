//! When personal data are erased, the photographs and papers that only such cases name are destroyed: beside a running
//! engine at its start, for what a stop left over, and after each erasure; in a folder at rest before it is let go.

use huying_domain::{event::Event, record::Record};
use huying_engine::engine::Engine;
use huying_journal::{
    disk::real::RealDisk,
    files::FILES_FOLDER,
    reader::Reader,
    shred::{ShredError, shred},
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::sync_channel,
    },
    thread,
};

/// Goes on for as long as the engine does. Erasures that come in while the log is read are seen by the next reading.
pub fn beside(engine: &mut Engine<RealDisk>, dir: &Path) {
    let (reader, dir) = (engine.journal().reader(), dir.to_owned());
    let (wake, woken) = sync_channel(1);
    engine.subscribe(Box::new(move |committed| {
        if erases(&committed.record) {
            // Full means that a reading is due anyway.
            _ = wake.try_send(());
        }
    }));
    thread::spawn(move || {
        loop {
            destroy(&reader, &dir);
            if woken.recv().is_err() {
                break;
            }
        }
    });
}

/// Whether anything was erased in a folder at rest.
#[derive(Clone)]
pub struct Erasures {
    any: Arc<AtomicBool>,
    dir: PathBuf,
}

impl Erasures {
    /// Looks at what an engine commits from now on.
    pub fn of(engine: &mut Engine<RealDisk>, dir: &Path) -> Self {
        let any = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&any);
        engine.subscribe(Box::new(move |committed| {
            if erases(&committed.record) {
                noted.store(true, Ordering::Relaxed);
            }
        }));
        Self { any, dir: dir.to_owned() }
    }

    /// Destroys what they leave over.
    pub fn finish(&self, engine: &Engine<RealDisk>) {
        if self.any.swap(false, Ordering::Relaxed) {
            destroy(&engine.journal().reader(), &self.dir);
        }
    }
}

fn erases(record: &Record) -> bool {
    record.parts.iter().flat_map(|part| &part.events).any(|event| matches!(event, Event::Erased(_)))
}

fn destroy(reader: &Reader<RealDisk>, dir: &Path) {
    match destroyed(reader, dir) {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "files of erased cases are destroyed"),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "files of erased cases stay until the next start"
            );
        }
    }
}

fn destroyed(reader: &Reader<RealDisk>, dir: &Path) -> Result<u64, ShredError> {
    if dir.join(FILES_FOLDER).exists() { shred(reader, dir) } else { Ok(0) }
}
