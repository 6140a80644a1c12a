//! What the loop decides on: the cases that are not at rest, the duty of units, the next number.

use crate::{
    case::Case,
    event::Event,
    ids::{CaseId, UnitId, Version},
    pages::Pages,
    record::{Actor, Part, Subject},
    rules::Rules,
    time::Timestamp,
};
use std::collections::BTreeMap;

/// Most units one above the other that are looked at; parents that name each other in a ring end here.
const UNITS_ABOVE_MAX: usize = 16;

/// The state in memory, rebuilt from the records alone.
#[derive(Debug, Default)]
pub struct State {
    shard: u16,
    last_number: u64,
    cases: Pages<Case>,
    duty: BTreeMap<UnitId, bool>,
    versions: BTreeMap<Subject, Version>,
}

impl State {
    /// An empty state of this shard.
    pub fn new(shard: u16) -> Self {
        Self { shard, ..Self::default() }
    }

    /// The id that the next case will have.
    pub const fn next_case(&self) -> CaseId {
        CaseId::new(self.shard, self.last_number + 1)
    }

    /// The case, if it is in memory.
    pub fn case(&self, id: CaseId) -> Option<&Case> {
        self.cases.get(id)
    }

    /// Every case in memory, by id.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }

    /// Whether a case of this number was ever registered here.
    pub const fn knows(&self, id: CaseId) -> bool {
        id.shard() == self.shard && id.number() >= 1 && id.number() <= self.last_number
    }

    /// Whether a unit has somebody on duty; units of which nothing was said have.
    pub fn on_duty(&self, unit: &UnitId) -> bool {
        self.duty.get(unit).copied().unwrap_or(true)
    }

    /// Whether a unit has somebody there: people at all, and not off duty.
    pub fn is_there(&self, rules: &Rules, unit: &UnitId) -> bool {
        rules.unit(unit).is_some_and(|unit| unit.staff > 0) && self.on_duty(unit)
    }

    /// The unit, or the first above it that has somebody there; at last the centre.
    pub fn present(&self, rules: &Rules, unit: &UnitId) -> UnitId {
        let mut unit = unit;
        for _ in 0..UNITS_ABOVE_MAX {
            if unit == rules.centre() || self.is_there(rules, unit) {
                return unit.clone();
            }
            unit = rules.above(unit);
        }
        rules.centre().clone()
    }

    /// The version of a case, unit or rule file.
    pub fn version(&self, subject: &Subject) -> Version {
        match subject {
            Subject::Case(id) => self.cases.get(*id).map_or(0, |case| case.version),
            Subject::Rulebook(_) | Subject::Unit(_) => self.versions.get(subject).copied().unwrap_or(0),
        }
    }

    /// Takes in what one record says.
    pub fn apply(&mut self, parts: &[Part], by: &Actor, centre: &UnitId, at: Timestamp) {
        for part in parts {
            match &part.subject {
                Subject::Case(id) => self.apply_to_case(*id, &part.events, by, centre, at),
                Subject::Unit(unit) => {
                    for event in &part.events {
                        if let Event::DutySet(event) = event {
                            self.duty.insert(unit.clone(), event.on_duty);
                        }
                    }
                    self.versions.insert(part.subject.clone(), part.version_after());
                }
                Subject::Rulebook(_) => {
                    self.versions.insert(part.subject.clone(), part.version_after());
                }
            }
        }
    }

    fn apply_to_case(&mut self, id: CaseId, events: &[Event], by: &Actor, centre: &UnitId, at: Timestamp) {
        let mut rest = events;
        if let Some(case) = events.first().and_then(|first| Case::born(id, first, at)) {
            self.last_number = self.last_number.max(id.number());
            self.cases.insert(id, case);
            rest = &events[1..];
        }
        if let Some(case) = self.cases.get_mut(id) {
            rest.iter().for_each(|event| case.evolve(event, by, centre, at));
        }
    }

    /// Puts a case that had come to rest back into memory, read from the journal.
    pub fn recall(&mut self, case: Case) {
        self.cases.insert(case.id, case);
    }

    /// Lets a case go from memory once nothing is owed; the journal still has it.
    pub fn rest(&mut self, id: CaseId) -> Option<Case> {
        self.cases.remove(id)
    }
}
