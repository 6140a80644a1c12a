//! What narrows and counts an open case, in some hundred bytes that lie side by side: boards and lists walk these, and
//! open a row only to show it. A walk over the rows themselves took three to four times as long at a million open cases.

use super::{
    names::{NOBODY, Names},
    row::{Row, Ticking},
};
use crate::word::{APPROACHING_PERCENT, Word};
use huying_domain::{
    area::AreaCode,
    ids::{CaseId, ClassId, UnitId},
    time::Timestamp,
    vocabulary::{CaseKind, Channel, Rung, Stage, Tag},
};

/// The names that glances number.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Numbered {
    pub(super) units: Names<UnitId>,
    pub(super) classes: Names<ClassId>,
    pub(super) areas: Names<AreaCode>,
}

/// An open case at a glance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Glance {
    pub(crate) filed_at: Timestamp,
    /// The next instant at which the engine acts; [`Timestamp::FAR`] where there is none.
    pub(crate) next: Timestamp,
    /// Since when its holder has had it.
    pub(crate) waits_since: Timestamp,
    pub(crate) steps: Steps,
    /// The case that it follows.
    pub(crate) lead: Option<CaseId>,
    pub(crate) area: u32,
    pub(crate) class: u32,
    pub(crate) holder: u32,
    pub(crate) dispatcher: u32,
    pub(crate) handler: u32,
    pub(crate) helpers: Box<[u32]>,
    /// One bit for each mark.
    pub(crate) tags: u16,
    pub(crate) rung: Rung,
    pub(crate) stage: Stage,
    pub(crate) channel: Channel,
    pub(crate) kind: CaseKind,
    pub(crate) orphan: bool,
    pub(crate) no_target: bool,
    /// It has no clock of its own and so stands as the case does that it follows.
    pub(crate) clockless: bool,
}

/// When the word of a case changes by the passing of time alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Steps {
    /// From this instant on it is approaching.
    approaching: Timestamp,
    /// From this instant on it is breached.
    breached: Timestamp,
    /// Until then nobody can say.
    unknown: bool,
}

impl Steps {
    fn of(row: &Row) -> Self {
        let mut steps = Self { approaching: Timestamp::FAR, breached: Timestamp::FAR, unknown: true };
        for ticking in row.clocks.iter().filter(|ticking| ticking.clock.is_measured()) {
            steps.unknown = false;
            steps.take_in(ticking);
        }
        steps.unknown |= row.lacks_target();
        steps
    }

    fn take_in(&mut self, ticking: &Ticking) {
        if ticking.breached {
            self.breached = Timestamp::EPOCH;
            return;
        }
        // A clock that stands still never comes to what lies behind the instant at which it was paused.
        let comes = |at: &Timestamp| ticking.paused_at.is_none_or(|paused| *at <= paused);
        let whole = ticking.due.millis() - ticking.from.millis();
        let most = ticking.from.millis() + whole * APPROACHING_PERCENT / 100;
        let approaching = Some(Timestamp::from_millis(most + 1)).filter(|_| whole > 0);
        if let Some(at) = approaching.filter(comes) {
            self.approaching = self.approaching.min(at);
        }
        if let Some(at) = Some(ticking.due).filter(comes) {
            self.breached = self.breached.min(at);
        }
    }

    /// The word at an instant.
    pub(super) fn at(&self, now: Timestamp) -> Word {
        if now >= self.breached && self.breached < Timestamp::FAR {
            Word::Breached
        } else if self.unknown {
            Word::Unknown
        } else if now >= self.approaching {
            Word::Approaching
        } else {
            Word::Within
        }
    }
}

/// The bit of a mark.
pub(super) const fn bit(tag: Tag) -> u16 {
    1 << tag as u16
}

impl Glance {
    /// A row at a glance; `before` is how it was seen last.
    pub(super) fn at(row: &Row, numbered: &mut Numbered, before: Option<&Self>) -> Self {
        let Numbered { units, classes, areas } = numbered;
        let was = |number: fn(&Self) -> u32| before.map_or(NOBODY, number);
        let handler = row.handler.as_ref();
        Self {
            filed_at: row.filed_at,
            next: row.next().unwrap_or(Timestamp::FAR),
            waits_since: row.waiting_since(),
            steps: Steps::of(row),
            lead: row.lead,
            area: areas.number(&row.area, was(|glance| glance.area)),
            class: classes.number(&row.class, was(|glance| glance.class)),
            holder: units.number(&row.holder, was(|glance| glance.holder)),
            dispatcher: units.number(&row.dispatcher, was(|glance| glance.dispatcher)),
            handler: handler.map_or(NOBODY, |unit| units.number(unit, was(|glance| glance.handler))),
            helpers: row.co_handlers.iter().map(|unit| units.number(unit, NOBODY)).collect(),
            tags: row.tags.iter().fold(0, |bits, tag| bits | bit(*tag)),
            rung: row.rung,
            stage: row.stage,
            channel: row.channel,
            kind: row.kind,
            orphan: row.orphan,
            no_target: row.lacks_target(),
            clockless: row.clocks.is_empty(),
        }
    }
}
