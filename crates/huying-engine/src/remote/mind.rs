//! What a station elsewhere knows: its fold, and what it has named without proof of acceptance.

use crate::{config::Bounds, stations::Stations};
use huying_bus::{
    message::station::{NamedAnswer, NamedCommand},
    subject::token::Station,
};
use huying_domain::{
    event::Event,
    ids::{CaseId, Seq},
    record::{CommandId, Record},
    rules::Rules,
    time::Timestamp,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::Arc,
};

/// A station's fold.
pub(crate) struct Mind {
    stations: Stations,
    rules: Option<Arc<Rules>>,
    /// Records that came before the last of the first rules was named.
    early: Vec<Record>,
    through: Seq,
    sweep_cases_max: usize,
    open: Open,
}

/// Commands that are named and not known to be answered, in the order in which they were named.
#[derive(Default)]
struct Open {
    commands: BTreeMap<u64, NamedCommand>,
    places: BTreeMap<CommandId, u64>,
    of_case: BTreeMap<CaseId, BTreeSet<u64>>,
    order: u64,
}

impl Mind {
    pub(crate) fn new(station: Station) -> Self {
        Self {
            stations: Stations::only(station),
            rules: None,
            early: Vec::new(),
            through: 0,
            sweep_cases_max: Bounds::default().sweep_cases_max,
            open: Open::default(),
        }
    }

    /// The last record that was taken in.
    pub(crate) const fn through(&self) -> Seq {
        self.through
    }

    /// Judges what comes from now on, and what waited for rules, by these.
    pub(crate) fn obey(&mut self, rules: Arc<Rules>) {
        self.rules = Some(rules);
        for record in mem::take(&mut self.early) {
            self.judge(&record);
        }
    }

    /// Takes in the next record.
    pub(crate) fn follow(&mut self, record: Record) {
        self.through = record.seq;
        if self.rules.is_some() { self.judge(&record) } else { self.early.push(record) }
    }

    fn judge(&mut self, record: &Record) {
        let Some(rules) = &self.rules else { return };
        self.open.drop(record.command);
        for (_, command) in self.stations.follow(rules, record) {
            self.open.push(NamedCommand { command, scheduled: None });
        }
        for part in &record.parts {
            // Nothing is asked of a case at rest; what reopens it names anew.
            if let Some(case) = part.case()
                && part.events.iter().any(|event| matches!(event, Event::Closed(_)))
            {
                self.open.drop_case(case);
            }
        }
    }

    /// Names the clocks whose instant has passed.
    pub(crate) fn look_at_clocks(&mut self, now: Timestamp) {
        let Some(rules) = &self.rules else { return };
        for (at, command) in self.stations.overdue(rules.centre(), now, self.sweep_cases_max) {
            self.open.push(NamedCommand { command, scheduled: Some(at) });
        }
    }

    /// The next instant at which a clock wants to be asked.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.stations.next_due()
    }

    /// In virtual time: everything that has been named since the last answer, and the next instant. The engine has
    /// it then, and nothing is left here to ask again.
    pub(crate) fn answer(&mut self, now: Timestamp) -> (Vec<NamedCommand>, Option<Timestamp>) {
        self.look_at_clocks(now);
        let open = mem::take(&mut self.open);
        self.open.order = open.order;
        (open.commands.into_values().collect(), self.next_due())
    }

    /// What is open, oldest first.
    pub(crate) fn open(&self) -> impl Iterator<Item = &NamedCommand> {
        self.open.commands.values()
    }

    /// Takes in the answers to these commands; what the engine only noted stays open.
    pub(crate) fn answered(&mut self, asked: &[CommandId], answers: &[NamedAnswer]) {
        for (id, answer) in asked.iter().zip(answers) {
            match answer {
                NamedAnswer::Accepted { .. } => self.open.drop(*id),
                NamedAnswer::Refused { refusal } => {
                    tracing::debug!(%id, code = refusal.code, "station refused");
                    self.open.drop(*id);
                }
                NamedAnswer::Noted => {}
            }
        }
    }
}

impl Open {
    fn push(&mut self, named: NamedCommand) {
        let id = named.command.id;
        if self.places.contains_key(&id) {
            return;
        }
        self.order += 1;
        self.places.insert(id, self.order);
        if let Some(case) = named.command.case {
            self.of_case.entry(case).or_default().insert(self.order);
        }
        self.commands.insert(self.order, named);
    }

    fn drop(&mut self, id: CommandId) {
        let Some(place) = self.places.remove(&id) else { return };
        let case = self.commands.remove(&place).and_then(|named| named.command.case);
        if let Some(case) = case
            && let Some(places) = self.of_case.get_mut(&case)
        {
            places.remove(&place);
            if places.is_empty() {
                self.of_case.remove(&case);
            }
        }
    }

    fn drop_case(&mut self, case: CaseId) {
        for place in self.of_case.remove(&case).unwrap_or_default() {
            if let Some(named) = self.commands.remove(&place) {
                self.places.remove(&named.command.id);
            }
        }
    }
}
