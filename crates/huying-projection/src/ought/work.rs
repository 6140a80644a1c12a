//! One unit's work for one case, and what it is about.

use huying_domain::{
    area::{AreaCode, Point},
    event::{Event, collect::Filing},
    few::Few,
    ids::{CaseId, ClassId, ConditionId, Seq, UnitId, Version},
    record::Record,
    summary::Summary,
    time::Timestamp,
    vocabulary::{CaseKind, Clock, Rung, Tag},
    words::Words,
};
use std::sync::Arc;

/// What a unit is to a case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum WorkPart {
    /// 主办: holds it.
    Lead,
    /// 协办: helps.
    CoHandler,
    /// Is rung by an alarm: the first to accept it has it.
    Ring,
    /// Is told and owes nothing.
    Told,
    /// No longer has it.
    Withdrawn,
}

/// A clock and the instant at which its limit is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Which clock.
    pub clock: Clock,
    /// When it is due.
    pub due: Timestamp,
    /// Beyond the last published calendar.
    pub provisional: bool,
}

/// What a case is about: nothing of the caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Face {
    /// What the caller wants.
    pub kind: CaseKind,
    /// The class of the matter.
    pub class: ClassId,
    /// The filing condition.
    pub condition: Option<ConditionId>,
    /// What it is about, redacted.
    pub summary: Summary,
    /// Where it lies.
    pub area: AreaCode,
    /// The point, in WGS-84.
    pub point: Option<Point>,
    /// Marks.
    pub tags: Few<Tag>,
    /// Not all of this is known: the case had been closed and was reopened.
    pub partial: bool,
}

/// A unit's current message about a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Work {
    /// The unit.
    pub unit: UnitId,
    /// The case.
    pub case: CaseId,
    /// The record that made it.
    pub seq: Seq,
    /// When that was decided.
    pub at: Timestamp,
    /// The case's version at that record.
    pub version: Version,
    /// What the unit is to the case.
    pub part: WorkPart,
    /// What the case is about.
    pub face: Face,
    /// Where on the ladder the case stands with its lead.
    pub rung: Rung,
    /// Why this unit; of a withdrawal, why no longer.
    pub reason: Arc<Words>,
    /// The limits that ran for it then.
    pub limits: Vec<Limit>,
    /// The unit in the lead.
    pub lead: UnitId,
    /// The units that help.
    pub co_handlers: Vec<UnitId>,
    /// 1, and one more for each reopening.
    pub leg: u8,
}

/// What is kept of a work beside its case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Item {
    pub(super) seq: Seq,
    pub(super) at: Timestamp,
    pub(super) version: Version,
    pub(super) part: WorkPart,
    pub(super) rung: Rung,
    pub(super) reason: Arc<Words>,
    pub(super) limits: Box<[Limit]>,
    pub(super) lead: UnitId,
    pub(super) co_handlers: Few<UnitId>,
    pub(super) leg: u8,
    /// How often the case's face had changed.
    pub(super) faces: u32,
    /// The comparison in which the stream was found to hold it, or took it.
    pub(super) sent_in: u32,
    /// The comparison in which the stream is known to hold some message for this unit and case.
    pub(super) held_in: u32,
}

impl Face {
    pub(super) fn filed(filing: &Filing) -> Self {
        Self {
            kind: filing.kind,
            class: filing.brief.class.clone(),
            condition: filing.brief.condition.clone(),
            summary: filing.summary.clone(),
            area: filing.brief.area,
            point: filing.place,
            tags: (&filing.tags).into(),
            partial: false,
        }
    }

    /// What a case is about after these records of it.
    pub fn of(case: CaseId, records: &[Record]) -> Option<Self> {
        let parts = records.iter().flat_map(|record| &record.parts).filter(|part| part.case() == Some(case));
        let mut face = None;
        for event in parts.flat_map(|part| &part.events) {
            match (event, &mut face) {
                (Event::Registered(event), _) => face = Some(Self::filed(&event.filing)),
                (Event::Joined(event), _) => face = Some(Self::filed(&event.filing)),
                (event, Some(face)) => drop(face.fold(event)),
                (_, None) => {}
            }
        }
        face
    }

    /// Whether the event changed it.
    pub(super) fn fold(&mut self, event: &Event) -> bool {
        match event {
            Event::Corrected(event) => {
                if let Some(class) = &event.class {
                    self.class = class.clone();
                    self.condition = None;
                }
                self.condition = event.condition.clone().or_else(|| self.condition.take());
                self.kind = event.kind.unwrap_or(self.kind);
                if let Some(summary) = &event.summary {
                    self.summary = summary.clone();
                }
                self.point = event.place.or(self.point);
            }
            Event::Tagged(event) => {
                let new = event.tags.iter().filter(|tag| !self.tags.contains(tag)).copied();
                let new: Vec<Tag> = new.collect();
                self.tags.extend(new);
            }
            Event::Rehomed(event) => self.area = event.to,
            _ => return false,
        }
        true
    }
}
