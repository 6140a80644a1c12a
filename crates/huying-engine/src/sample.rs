//! A sample of closed cases, to be checked by somebody else than who handled or closed them 抽查.
//!
//! It is drawn by a hash of a seed and the case's number: whoever has the seed draws the same list, and nobody can wish
//! for a case. Of each group the cases with the smallest hashes are taken, rounded up, so that no group is left out.

use crate::reports::{Day, NoReport, Period, period_of};
use huying_domain::{
    ids::{CaseId, PersonId, Seq, UnitId},
    record::{Hash, Origin},
    rules::Rules,
    time::Timestamp,
    wire,
};
use huying_projection::survey::{Survey, Surveyed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most cases of one sample.
pub const SAMPLE_CASES_MAX: usize = 10_000;
/// The whole, in thousandths.
pub const WHOLE_PERMILLE: u16 = 1000;
/// Units above one another that are looked at.
const UNITS_ABOVE_MAX: usize = 16;

/// What is to be drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SampleAsk {
    /// Closed within these reporting days.
    pub period: Period,
    /// The same seed draws the same list.
    pub seed: u64,
    /// How many of a thousand.
    pub permille: u16,
    /// From each handling unit so many, and at least one.
    pub per_unit: bool,
}

/// A sample.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// What was asked.
    pub ask: SampleAsk,
    /// The first and the last reporting day; none for everything.
    pub days: Option<(Day, Day)>,
    /// Cases that were closed within the period and are closed still.
    pub closed: u64,
    /// Those that were drawn, by number.
    pub picked: Vec<Picked>,
    /// The zone of the city's clocks on the wall.
    pub zone: String,
    /// The record up to which this holds.
    pub up_to: Seq,
}

/// A case to be checked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Picked {
    /// The case.
    pub case: CaseId,
    /// When it was closed.
    pub closed_at: Timestamp,
    /// Who handled it last; none for a case that ended without handling.
    pub handler: Option<UnitId>,
    /// The unit that closed it; none where a program did, on a condition that was met.
    pub closed_by: Option<UnitId>,
    /// The person who closed it.
    pub closer: Option<PersonId>,
    /// Who may check it, the nearest first.
    pub may_check: Vec<Checker>,
}

/// Who may check a case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Checker {
    /// The unit.
    pub unit: UnitId,
    /// Not by these persons of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not: Vec<PersonId>,
}

/// Draws.
pub fn sample(rules: &Rules, survey: &Survey, ask: SampleAsk, now: Timestamp) -> Result<Sample, NoReport> {
    let (days, span) = period_of(rules, ask.period, now)?;
    let mut groups: BTreeMap<Option<&UnitId>, Vec<(Hash, CaseId)>> = BTreeMap::new();
    let mut closed_cases = 0;
    for (case, surveyed, _) in
        survey.closed().filter(|(_, _, closed)| span.from <= closed.at && closed.at < span.to)
    {
        closed_cases += 1;
        let group = surveyed.handler.as_ref().filter(|_| ask.per_unit);
        groups.entry(group).or_default().push((lot(ask.seed, case), case));
    }
    let mut drawn: Vec<CaseId> = groups.into_values().flat_map(|group| lowest(group, ask.permille)).collect();
    drawn.sort_unstable();
    drawn.truncate(SAMPLE_CASES_MAX);
    let picked = drawn.into_iter().filter_map(|case| picked(rules, case, survey.cases.get(&case)?));
    let calendar = rules.calendars.get(&rules.policy.calendar).expect("checked when the rules were read");
    Ok(Sample {
        ask,
        days,
        closed: closed_cases,
        picked: picked.collect(),
        zone: calendar.zone().iana_name().unwrap_or("UTC").to_owned(),
        up_to: survey.up_to,
    })
}

/// What a case draws. Frozen: an old list is drawn again from its seed.
fn lot(seed: u64, case: CaseId) -> Hash {
    wire::hash(format!("huying.sample.v1:{seed}:{case}").as_bytes())
}

fn lowest(mut group: Vec<(Hash, CaseId)>, permille: u16) -> impl Iterator<Item = CaseId> {
    let wanted = (group.len() * usize::from(permille)).div_ceil(usize::from(WHOLE_PERMILLE));
    group.sort_unstable();
    group.into_iter().take(wanted).map(|(_, case)| case)
}

fn picked(rules: &Rules, case: CaseId, surveyed: &Surveyed) -> Option<Picked> {
    let closed = surveyed.closed.as_ref()?;
    let by_person = matches!(closed.by, Origin::Person | Origin::Feed);
    let closer = closed.actor.person.clone().filter(|_| by_person);
    Some(Picked {
        case,
        closed_at: closed.at,
        handler: surveyed.handler.clone(),
        closed_by: by_person.then(|| closed.actor.unit.clone()),
        may_check: checkers(rules, surveyed, closer.as_ref().map(|person| (&closed.actor.unit, person))),
        closer,
    })
}

/// The units above the handler, up to the centre, that had no hand in the case. The centre stands above all: where it
/// had one, other persons of it than those who did may check, if it is known who did. Nobody checks what they closed.
fn checkers(rules: &Rules, surveyed: &Surveyed, closer: Option<(&UnitId, &PersonId)>) -> Vec<Checker> {
    let centre = rules.centre();
    let mut above = surveyed.handler.as_ref().map_or(centre, |handler| rules.above(handler));
    let mut units: Vec<&UnitId> = Vec::new();
    for _ in 0..UNITS_ABOVE_MAX {
        if above == centre || units.contains(&above) {
            break;
        }
        units.push(above);
        above = rules.above(above);
    }
    units.retain(|unit| !surveyed.handled.contains(*unit) && surveyed.handler.as_ref() != Some(*unit));
    let unknown_hand = surveyed.handled.contains(centre) && surveyed.resolvers.is_empty();
    units.extend(Some(centre).filter(|_| !unknown_hand));
    let checker = |unit: &UnitId| {
        let mut not: Vec<PersonId> = Vec::new();
        if surveyed.handled.contains(unit) {
            not.extend(surveyed.resolvers.iter().cloned());
        }
        not.extend(closer.filter(|(of, _)| *of == unit).map(|(_, person)| person.clone()));
        not.sort_unstable();
        not.dedup();
        Checker { unit: unit.clone(), not }
    };
    units.into_iter().map(checker).collect()
}
