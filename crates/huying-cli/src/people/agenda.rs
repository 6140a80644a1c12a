//! What the parties intend to do, in the order of its instants.

use super::act::Act;
use huying_domain::{record::CommandId, time::Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The acts to come. Two at one instant come in the order in which they were intended.
#[derive(Debug, Default)]
pub struct Agenda {
    acts: BTreeMap<(Timestamp, u64), Act>,
    order: u64,
}

impl Agenda {
    /// Intends an act.
    pub fn intend(&mut self, at: Timestamp, act: Act) {
        self.order += 1;
        self.acts.insert((at, self.order), act);
    }

    /// The instant of the next act.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.acts.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next act if its instant has come.
    pub fn take_due(&mut self, now: Timestamp) -> Option<Act> {
        let first = self.acts.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// Forgets what was done before a stop.
    pub fn forget_done(&mut self, done: &BTreeSet<CommandId>) {
        self.acts.retain(|_, act| !done.contains(&act.id()));
    }

    /// How many acts are to come.
    pub fn len(&self) -> usize {
        self.acts.len()
    }

    /// Whether nobody intends anything.
    pub fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }
}
