//! One case told from its records, in both languages.

mod words;

use huying_domain::{
    event::Event,
    ids::{CaseId, Seq},
    record::{Actor, Origin, Record},
    time::Timestamp,
    words::Words,
};
use jiff::tz::TimeZone;
use serde::Serialize;

/// Most lines of one timeline; a case that the top rung never solves goes on being asked.
pub const TIMELINE_LINES_MAX: usize = 5_000;

/// What happened to one case, first to last.
#[derive(Clone, Debug, Serialize)]
pub struct Timeline {
    /// The case.
    pub case: CaseId,
    /// One line an event.
    pub lines: Vec<Line>,
    /// Events that found no room.
    pub left_out: u64,
    #[serde(skip)]
    zone: TimeZone,
}

/// One event, told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Line {
    /// The record in which it stands.
    pub seq: Seq,
    /// When it was decided.
    pub at: Timestamp,
    /// For a timer that fired late: when it was due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_for: Option<Timestamp>,
    /// Who asked.
    pub actor: Actor,
    /// What kind of asker.
    pub by: Origin,
    /// The record that it follows from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Seq>,
    /// Name and version of the event.
    pub event: &'static str,
    /// What happened, for people.
    pub words: Words,
}

impl Timeline {
    /// Nothing told yet; instants will be shown on the wall of this zone.
    pub const fn new(case: CaseId, zone: TimeZone) -> Self {
        Self { case, lines: Vec::new(), left_out: 0, zone }
    }

    /// Takes in one record; what is not about the case is passed over.
    pub fn follow(&mut self, record: &Record) {
        let own = record.parts.iter().filter(|part| part.case() == Some(self.case));
        for event in own.flat_map(|part| &part.events) {
            if self.lines.len() < TIMELINE_LINES_MAX {
                self.lines.push(self.line(record, event));
            } else {
                self.left_out += 1;
            }
        }
    }

    fn line(&self, record: &Record, event: &Event) -> Line {
        Line {
            seq: record.seq,
            at: record.at,
            late_for: record.late_for,
            actor: record.actor.clone(),
            by: record.by,
            because: record.because,
            event: event.tag(),
            words: words::told(event, &self.zone),
        }
    }
}
