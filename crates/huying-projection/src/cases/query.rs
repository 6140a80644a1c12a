//! The path from a number to its list. A board and a list ask the same question of the same rows.

use super::{Cases, row::Row, sight::Sight};
use crate::{health::Flaw, word::Word};
use huying_domain::{
    area::AreaCode,
    ids::{CaseId, ClassId, Seq, UnitId},
    time::Timestamp,
    vocabulary::{CaseKind, Channel, Rung, Stage, Tag},
};
use jiff::tz::TimeZone;
use serde::Serialize;

/// Most rows of one page.
pub const PAGE_ROWS_MAX: usize = 500;

/// Which open cases are meant; what is absent does not narrow.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Query {
    /// On this rung.
    pub rung: Option<Rung>,
    /// Held by this unit.
    pub holder: Option<UnitId>,
    /// At this stage.
    pub stage: Option<Stage>,
    /// Standing under this word.
    pub word: Option<Word>,
    /// In this area or below it.
    pub area: Option<AreaCode>,
    /// Right at that area, and nothing below it.
    pub itself: bool,
    /// Of this class.
    pub class: Option<ClassId>,
    /// With this flaw.
    pub flaw: Option<Flaw>,
    /// Of this kind.
    pub kind: Option<CaseKind>,
    /// That came in so.
    pub channel: Option<Channel>,
    /// With this mark.
    pub tag: Option<Tag>,
    /// Registered at this instant or later.
    pub filed_from: Option<Timestamp>,
    /// Registered before this instant.
    pub filed_to: Option<Timestamp>,
    /// Registered on this weekday, at this hour.
    pub filed_on: Option<WallHour>,
    /// Seen by who asks.
    pub sight: Sight,
}

/// A weekday and an hour on a city's wall; what is absent does not narrow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WallHour {
    /// Days after Monday.
    pub weekday: Option<usize>,
    /// The hour, from 0.
    pub hour: Option<usize>,
    /// Whose wall.
    pub zone: TimeZone,
}

impl WallHour {
    pub(super) fn has(&self, at: Timestamp) -> bool {
        let (weekday, hour) = wall_hour(at, &self.zone);
        self.weekday.is_none_or(|asked| asked == weekday) && self.hour.is_none_or(|asked| asked == hour)
    }
}

/// Days after Monday and hour of an instant on a zone's wall.
pub(crate) fn wall_hour(at: Timestamp, zone: &TimeZone) -> (usize, usize) {
    let wall = zone.to_datetime(jiff::Timestamp::from(at));
    let day = usize::try_from(wall.weekday().to_monday_zero_offset()).unwrap_or(0);
    (day, usize::try_from(wall.hour()).unwrap_or(0))
}

/// In which order a list stands.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Order {
    /// By id, so that what comes in meanwhile shifts nothing.
    #[default]
    Id,
    /// By the next instant at which a clock is due, those without one last.
    Due,
}

/// A page of a list, in order of ids, so that what comes in meanwhile shifts nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Page<'a> {
    /// The rows.
    pub rows: Vec<Shown<'a>>,
    /// How many there are on all pages.
    pub total: u64,
    /// Where the next page begins: behind this case; none on the last page.
    pub after: Option<CaseId>,
    /// The record up to which the list holds.
    pub seq: Seq,
}

/// A row with how it stands at the instant of the question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Shown<'a> {
    /// The row.
    #[serde(flatten)]
    pub row: &'a Row,
    /// How it stands.
    pub word: Word,
    /// The next instant at which the engine will act by itself.
    pub next: Option<Timestamp>,
}

impl Cases {
    /// The cases behind a number, by id.
    pub fn list(&self, query: &Query, now: Timestamp) -> Vec<CaseId> {
        self.glances(query, now).map(|(case, ..)| case).collect()
    }

    /// At most `limit` of them, those behind `after`.
    pub fn page(&self, query: &Query, now: Timestamp, after: Option<CaseId>, limit: usize) -> Page<'_> {
        let limit = limit.clamp(1, PAGE_ROWS_MAX);
        let mut page = Page { rows: Vec::new(), total: 0, after: None, seq: self.seq };
        for (case, _, row, word) in self.glances(query, now) {
            page.total += 1;
            if after.is_some_and(|after| case <= after) {
                continue;
            }
            if page.rows.len() < limit {
                page.rows.push(Shown { row, word, next: row.next() });
            } else if page.after.is_none() {
                page.after = page.rows.last().map(|shown| shown.row.case);
            }
        }
        page
    }

    /// At most `limit` of them, soonest due first, those behind `after`.
    pub fn by_due(
        &self,
        query: &Query,
        now: Timestamp,
        after: Option<(Timestamp, CaseId)>,
        limit: usize,
    ) -> Page<'_> {
        let limit = limit.clamp(1, PAGE_ROWS_MAX);
        let (mut total, mut meant) = (0, Vec::new());
        for (case, glance, row, word) in self.glances(query, now) {
            total += 1;
            let place = (glance.next, case);
            if after.is_none_or(|after| place > after) {
                meant.push((place, row, word));
            }
        }
        let more = meant.len() > limit;
        if more {
            meant.select_nth_unstable_by_key(limit, |(place, ..)| *place);
            meant.truncate(limit);
        }
        meant.sort_unstable_by_key(|(place, ..)| *place);
        let after = meant.last().filter(|_| more).map(|((_, case), ..)| *case);
        let rows = meant.into_iter().map(|(_, row, word)| Shown { row, word, next: row.next() }).collect();
        Page { rows, total, after, seq: self.seq }
    }
}
