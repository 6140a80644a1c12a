//! What moves: each record told in a few words to whoever watches a live board.

use super::Doors;
use huying_domain::{
    event::Event,
    ids::{CaseId, Seq},
    record::Record,
    time::Timestamp,
    vocabulary::Channel,
};
use huying_journal::disk::Disk;
use std::sync::Arc;
use tokio::sync::broadcast;

/// How many records a watcher may be behind; who is further behind is told that there was more.
pub const MOVED_KEPT_MAX: usize = 4_096;

/// What one record moved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    /// The record.
    pub seq: Seq,
    /// When it was decided.
    pub at: Timestamp,
    /// The cases of its parts.
    pub cases: Vec<CaseId>,
    /// A one-key alarm came in.
    pub alarm: bool,
}

impl Moved {
    pub(super) fn of(record: &Record) -> Self {
        let alarm = |event: &Event| match event {
            Event::Registered(event) => event.filing.channel == Channel::Device,
            _ => false,
        };
        Self {
            seq: record.seq,
            at: record.at,
            cases: record.parts.iter().filter_map(|part| part.case()).collect(),
            alarm: record.parts.iter().flat_map(|part| &part.events).any(alarm),
        }
    }
}

impl<D: Disk> Doors<D> {
    /// Whatever moves from now on.
    pub fn watch(&self) -> broadcast::Receiver<Arc<Moved>> {
        self.moved.subscribe()
    }
}
