//! The read models that every door reads, folded in the order of the records.

use crate::telling::ways::Ways;
use huying_bus::delivery::Delivery;
use huying_domain::record::Record;
use huying_projection::{
    cases::Cases, ledger::Ledger, ought::Ought, requests::Requests, tally::Tally, timing::Timing,
};
use std::sync::{Arc, Mutex, MutexGuard};

/// The read models of the engine.
#[derive(Debug, Default)]
pub struct Views {
    /// Plain counts since the first record.
    pub tally: Tally,
    /// What is open, where; the board and the health row are asked of it.
    pub cases: Cases,
    /// How long each clock took, per unit.
    pub timings: Timing,
    /// What rates, cohorts and the integrity page are made of, for a year and more.
    pub ledger: Ledger,
    /// What the city shows of its cases to everybody.
    pub requests: Requests,
    /// What each unit ought to have, shared with the outbox.
    pub ought: SharedOught,
    /// How the units' work arrives over NATS, as it was last read: who is silent. Empty without NATS.
    pub delivery: Delivery,
    /// Which ways of telling residents work, as the last self-test found them. Empty without NATS.
    pub ways: Ways,
}

impl Views {
    pub(crate) fn follow(&mut self, record: &Record) {
        self.tally.follow(record);
        self.cases.follow(record);
        self.timings.follow(record);
        self.ledger.follow(record);
        self.requests.follow(record);
        self.ought.lock().follow(record);
    }
}

/// What each unit ought to have. The loop folds into it and the outbox takes from it in steps of bounded length, so
/// neither waits long, and the outbox goes on while the loop is busy or at rest.
#[derive(Clone, Debug, Default)]
pub struct SharedOught(Arc<Mutex<Ought>>);

impl SharedOught {
    /// The fold, for as long as this is held: the loop waits meanwhile.
    pub fn lock(&self) -> MutexGuard<'_, Ought> {
        self.0.lock().expect("nobody panics while holding what units ought to have")
    }
}
