//! Where each case stands and who has it, since when: folded alike in the journal and in the trial.

use huying_domain::{
    event::Event,
    ids::{CaseId, UnitId},
    record::Record,
    time::Timestamp,
    vocabulary::Stage,
};
use huying_projection::cases::Cases;
use std::collections::{BTreeMap, BTreeSet};

/// Every case.
#[derive(Debug, Default)]
pub struct Course {
    open: Cases,
    held: BTreeMap<CaseId, (UnitId, Timestamp)>,
    /// Where the level above is asked for something.
    asked: BTreeSet<CaseId>,
    stands: BTreeMap<CaseId, Stand>,
    moved: Vec<CaseId>,
}

/// Where a case stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stand {
    /// Its stage.
    pub stage: Stage,
    /// 1, and one more for each reopening.
    pub leg: u8,
    /// The level above is asked for something and has not decided.
    pub asked: bool,
    /// Since when.
    pub since: Timestamp,
}

impl Course {
    /// Takes in the next record.
    pub fn follow(&mut self, record: &Record) {
        self.open.follow(record);
        for part in &record.parts {
            let Some(case) = part.case() else { continue };
            for event in &part.events {
                self.ask(case, event);
                if let Some(holder) = taken_by(event) {
                    self.held.insert(case, (holder.clone(), record.at));
                }
            }
            self.stand(case, record.at);
        }
    }

    fn ask(&mut self, case: CaseId, event: &Event) {
        match event {
            Event::Requested(_) => drop(self.asked.insert(case)),
            Event::Extended(_) | Event::Suspended(_) | Event::Terminated(_) | Event::Denied(_) => {
                self.asked.remove(&case);
            }
            _ => {}
        }
    }

    fn stand(&mut self, case: CaseId, at: Timestamp) {
        let before = self.stands.get(&case);
        let (stage, leg) = match self.open.row(case) {
            Some(row) => (row.stage, row.leg),
            None => (Stage::Closed, before.map_or(1, |before| before.leg)),
        };
        let asked = self.asked.contains(&case);
        if before.is_none_or(|before| (before.stage, before.leg, before.asked) != (stage, leg, asked)) {
            self.stands.insert(case, Stand { stage, leg, asked, since: at });
            self.moved.push(case);
        }
    }

    /// Who has a case, and since when.
    pub fn holder(&self, case: CaseId) -> Option<&(UnitId, Timestamp)> {
        self.held.get(&case)
    }

    /// Where a case stands.
    pub fn stands(&self, case: CaseId) -> Option<Stand> {
        self.stands.get(&case).copied()
    }

    /// The cases that came to another stage, or about which the level above was asked, since this was asked last.
    pub fn moved(&mut self) -> Vec<CaseId> {
        std::mem::take(&mut self.moved)
    }
}

/// The unit to which a case comes by an event.
pub(super) fn taken_by(event: &Event) -> Option<&UnitId> {
    match event {
        Event::Assigned(event) => Some(&event.lead),
        Event::Escalated(event) => Some(&event.to),
        Event::Returned(event) => Some(&event.receiver),
        _ => None,
    }
}
