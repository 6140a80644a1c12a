//! Rules and duty: what the city sets for all cases.

use super::Desk;
use crate::{
    event::{
        Event,
        setting::{DutySet, RulesPublished},
    },
    ids::UnitId,
    record::{Hash, Part, RuleFile, Subject},
    refusal::Refusal,
};

pub(super) fn publish(desk: &Desk<'_>, file: RuleFile, hash: Hash, bytes: u64) -> Result<Vec<Part>, Refusal> {
    desk.person_decides()?;
    if desk.actor().unit != *desk.centre() {
        return Err(Refusal::NotYours);
    }
    let subject = Subject::Rulebook(file);
    let now = desk.state.version(&subject);
    if desk.command.saw.is_some_and(|saw| saw != now) {
        return Err(Refusal::RulesMoved { now });
    }
    let events = vec![Event::RulesPublished(RulesPublished { hash, bytes })];
    Ok(vec![Part { version: now, subject, events }])
}

pub(super) fn set_duty(desk: &Desk<'_>, unit: &UnitId, on_duty: bool) -> Result<Vec<Part>, Refusal> {
    desk.rules.unit(unit).ok_or_else(|| Refusal::UnknownUnit(unit.clone()))?;
    let actor = &desk.actor().unit;
    if actor != unit && !desk.rules.supervises(actor, unit) {
        return Err(Refusal::NotYours);
    }
    if desk.state.on_duty(unit) == on_duty {
        return Err(Refusal::NothingNew);
    }
    let subject = Subject::Unit(unit.clone());
    let events = vec![Event::DutySet(DutySet { on_duty })];
    Ok(vec![Part { version: desk.state.version(&subject), subject, events }])
}
