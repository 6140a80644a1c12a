//! One open case in a list.

use crate::word::Word;
use huying_domain::{
    area::{AreaCode, Point},
    few::Few,
    ids::{CaseId, ClassId, Seq, UnitId},
    summary::Summary,
    time::Timestamp,
    vocabulary::{CaseKind, Channel, Clock, Rung, Stage, Tag},
};
use serde::Serialize;

/// What a list shows of an open case: nothing of the caller.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// The case.
    pub case: CaseId,
    /// When it was registered.
    pub filed_at: Timestamp,
    /// Where it is.
    pub stage: Stage,
    /// Where on the ladder.
    pub rung: Rung,
    /// Who has it.
    pub holder: UnitId,
    /// Class of the matter.
    pub class: ClassId,
    /// Where it lies.
    pub area: AreaCode,
    /// Where exactly, in WGS-84.
    #[serde(skip)]
    pub place: Option<Point>,
    /// How it came in.
    pub channel: Channel,
    /// What the caller wants.
    pub kind: CaseKind,
    /// What it is about, redacted.
    pub summary: Summary,
    /// Its marks, which narrow who sees it.
    pub tags: Few<Tag>,
    /// Who helps its holder 协办.
    pub co_handlers: Few<UnitId>,
    /// The case that it follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<CaseId>,
    /// How many follow it.
    pub members: u32,
    /// 1, and one more for each reopening.
    pub leg: u8,
    /// How often its holders were reminded 催办: repeated calls raise priority.
    pub reminded: u32,
    /// No area was found for its place, and nobody has rehomed it yet.
    pub orphan: bool,
    /// Its clocks.
    pub clocks: Vec<Ticking>,
    /// The record that changed it last.
    pub seq: Seq,
    /// Who dispatches, checks and answers it.
    #[serde(skip)]
    pub dispatcher: UnitId,
    /// The unit to which a failed check gives it back.
    #[serde(skip)]
    pub handler: Option<UnitId>,
}

/// A clock that has started and not ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Ticking {
    /// Which clock.
    pub clock: Clock,
    /// Since when it counts, moved on by the stretches in which it stood still.
    pub from: Timestamp,
    /// When it is due.
    pub due: Timestamp,
    /// Since when it stands still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_at: Option<Timestamp>,
    /// It was breached; the fact stays.
    pub breached: bool,
    /// When the engine asks again although it is breached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<Timestamp>,
}

impl Ticking {
    /// How the clock stands; one that stands still stands as it did when it was paused.
    pub fn word(&self, now: Timestamp) -> Word {
        let at = self.paused_at.map_or(now, |paused| paused.min(now));
        if self.breached { Word::Breached } else { Word::of(self.from, self.due, at) }
    }

    /// The next instant at which the engine acts on it.
    pub const fn next(&self) -> Option<Timestamp> {
        match (self.paused_at, self.breached) {
            (Some(_), _) => None,
            (None, false) => Some(self.due),
            (None, true) => self.again,
        }
    }
}

impl Row {
    /// The clock, if it has started and not ended.
    pub fn clock(&self, clock: Clock) -> Option<&Ticking> {
        self.clocks.iter().find(|ticking| ticking.clock == clock)
    }

    /// The next instant at which the engine will act by itself.
    pub fn next(&self) -> Option<Timestamp> {
        self.clocks.iter().filter_map(Ticking::next).min()
    }

    /// Whether it is being handled without a resolve limit, so that nobody can say whether it is late.
    pub fn lacks_target(&self) -> bool {
        let handled =
            matches!(self.stage, Stage::Assigned | Stage::Handling | Stage::Suspended | Stage::Returned);
        handled && self.clock(Clock::Resolve).is_none()
    }

    /// The worst of its clocks; *unknown* where nothing says when it is late, even if its other clocks are well.
    pub fn word(&self, now: Timestamp) -> Word {
        let measured = self.clocks.iter().filter(|ticking| ticking.clock.is_measured());
        let worst = measured.map(|ticking| ticking.word(now)).max().unwrap_or(Word::Unknown);
        if self.lacks_target() { worst.max(Word::Unknown) } else { worst }
    }
}
