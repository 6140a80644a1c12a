//! What would become of a call, before it is one: where it lies, who would get it and why, what it is like.

use super::{
    Doors,
    desk::{Heard, Taking},
    refused::unreadable,
};
use huying_bus::message::answer::RefusalMessage;
use huying_domain::{
    area::AreaCode,
    event::collect::Brief,
    ids::{CaseId, UnitId},
    record::{CommandId, Origin},
    refusal::Refusal,
    time::Timestamp,
    vocabulary::{CaseKind, Channel, Clock, Rung},
    words::Words,
};
use huying_intake::metres::metres_between;
use huying_journal::disk::Disk;
use huying_projection::cases::{query::Query, row::Row};
use huying_routing::route::{Wanted, route};
use std::collections::BTreeSet;

/// How long ago a case may have been filed that is shown as alike, in days.
pub const LIKE_DAYS_MAX: i64 = 14;
/// How far apart such a case may lie, in metres.
pub const LIKE_METRES_MAX: f64 = 500.0;
/// Most cases that are shown as alike.
pub const LIKE_CASES_MAX: usize = 8;

const DAY_S: i64 = 86_400;

/// What would become of a call.
#[derive(Clone, PartialEq, Debug)]
pub struct Preview {
    /// Class, condition, area, accused, department.
    pub brief: Brief,
    /// What the caller wants.
    pub kind: CaseKind,
    /// No area was found for its place.
    pub orphan: bool,
    /// What it is about, redacted.
    pub summary: String,
    /// Who would get it.
    pub lead: Option<Lead>,
    /// When the lead would have to have signed.
    pub accept_due: Option<Timestamp>,
    /// When it would have to be solved.
    pub resolve_due: Option<Timestamp>,
    /// Cases that may be about the same and take further callers, the likest first.
    pub like: Vec<Like>,
    /// The instant of the question.
    pub now: Timestamp,
}

/// Who would get it, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lead {
    /// The unit.
    pub unit: UnitId,
    /// On which rung.
    pub rung: Rung,
    /// Who would be told.
    pub told: Vec<UnitId>,
    /// Why.
    pub reason: Words,
    /// Whether somebody is there.
    pub on_duty: bool,
}

/// An open case that may be about the same.
#[derive(Clone, PartialEq, Debug)]
pub struct Like {
    /// The case.
    pub case: CaseId,
    /// How far apart, where both places are known.
    pub metres: Option<u32>,
    /// Since when it is open, in seconds.
    pub age_s: i64,
}

impl<D: Disk> Doors<D> {
    /// Looks at a call without taking it.
    ///
    /// # Errors
    /// The call cannot be read; the engine is stopping or busy.
    pub async fn preview(&self, channel: Channel, call: &[u8]) -> Result<Preview, RefusalMessage> {
        let now = self.now().await.map_err(|refusal| RefusalMessage::from(&refusal))?;
        let taking = Taking {
            source: "preview".parse().expect("the word is a source id"),
            channel,
            by: Origin::Person,
            person: None,
            unit: None,
            fallback_id: CommandId([0; 16]),
            now,
        };
        let heard = Heard::read(&taking, call)?;
        let command = self.desk().alone(&taking, &heard)?;
        let huying_domain::command::Ask::Register(filing) = command.ask else {
            return Err(unreadable(huying_intake::unreadable::Unreadable::bad_shape("")));
        };
        let (brief, place) = (filing.brief.clone(), filing.place);
        let seen = self.look(move |engine| {
            let rules = engine.rules();
            let off: BTreeSet<UnitId> = rules
                .units
                .iter()
                .filter(|unit| !engine.state().on_duty(&unit.id))
                .map(|unit| unit.id.clone())
                .collect();
            let proposal = route(rules, &off, &Wanted { brief: &brief, returned: None });
            let due = |unit: &UnitId| {
                let limit = rules.limit(Clock::Accept, &brief)?;
                Some(rules.due_for_unit(unit, &limit, now).at)
            };
            let accept_due = proposal.as_ref().and_then(|lead| due(&lead.lead));
            let resolve = rules.limit(Clock::Resolve, &brief);
            let resolve_due = resolve.map(|limit| rules.calendar_of_matter(&brief).due(&limit, now).at);
            let lead = proposal.map(|lead| Lead {
                on_duty: engine.state().on_duty(&lead.lead),
                unit: lead.lead,
                rung: lead.rung,
                told: lead.told,
                reason: lead.reason,
            });
            let class = Query { class: Some(brief.class.clone()), ..Query::default() };
            let of_class = engine.views().cases.meant(&class, now).map(|(row, _)| row);
            let like = alike(of_class, &brief, place, now);
            (lead, accept_due, resolve_due, like)
        });
        let (lead, accept_due, resolve_due, like) =
            seen.await.map_err(|refusal: Refusal| RefusalMessage::from(&refusal))?;
        Ok(Preview {
            brief: filing.brief.clone(),
            kind: filing.kind,
            orphan: filing.orphan,
            summary: filing.summary.to_string(),
            lead,
            accept_due,
            resolve_due,
            like,
            now,
        })
    }
}

/// Cases of the same class close by, or in the same area where a place is not known, that still take callers; the
/// nearest first, then the newest.
fn alike<'r>(
    rows: impl Iterator<Item = &'r Row>,
    brief: &Brief,
    place: Option<huying_domain::area::Point>,
    now: Timestamp,
) -> Vec<Like> {
    let oldest = now.plus_seconds(-LIKE_DAYS_MAX * DAY_S);
    let near = |row: &Row| -> Option<Option<u32>> {
        match (row.place, place) {
            (Some(there), Some(here)) => {
                let metres = metres_between(there, here);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "at most some hundreds"
                )]
                (metres <= LIKE_METRES_MAX).then_some(Some(metres as u32))
            }
            _ => same_area(row.area, brief.area).then_some(None),
        }
    };
    let mut like: Vec<Like> = rows
        .filter(|row| row.class == brief.class && row.filed_at >= oldest)
        .filter(|row| row.lead.is_none() && row.stage.takes_callers())
        .filter_map(|row| {
            Some(Like { case: row.case, metres: near(row)?, age_s: now.seconds_since(row.filed_at) })
        })
        .collect();
    like.sort_by_key(|like| (like.metres.unwrap_or(u32::MAX), like.age_s, like.case));
    like.truncate(LIKE_CASES_MAX);
    like
}

fn same_area(one: AreaCode, other: AreaCode) -> bool {
    one.covers(other) || other.covers(one)
}
