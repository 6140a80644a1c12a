//! Who may come in, and as what: written down before it is so. The accounts themselves stand beside the journal.

use super::Desk;
use crate::{
    event::{
        Event,
        setting::{AccountField, AccountSet, KeysSet},
    },
    ids::UnitId,
    record::{Origin, Part, Subject},
    refusal::Refusal,
};

/// What people set of their own account, whatever their unit.
const OWN: [AccountField; 2] = [AccountField::Password, AccountField::SecondFactor];

pub(super) fn set_account(desk: &Desk<'_>, unit: &UnitId, set: &AccountSet) -> Result<Vec<Part>, Refusal> {
    if set.changed.is_empty() {
        return Err(Refusal::NothingNew);
    }
    let actor = desk.actor();
    let own = actor.person.as_ref() == Some(&set.account)
        && actor.unit == *unit
        && set.was.is_none()
        && set.changed.iter().all(|field| OWN.contains(field));
    let may = |one: &UnitId| actor.unit == *one || desk.rules.supervises(&actor.unit, one);
    if set.by_provider.is_some() {
        // The door has proven whose word it is; a person never borrows it.
        if desk.command.by != Origin::Feed || actor.unit != *desk.centre() {
            return Err(Refusal::NotYours);
        }
    } else {
        desk.person_decides()?;
        if !own && ![Some(unit), set.was.as_ref()].into_iter().flatten().all(may) {
            return Err(Refusal::NotYours);
        }
    }
    // An account whose unit is gone can still be locked.
    let new = set.changed.iter().any(|field| matches!(field, AccountField::Made | AccountField::Unit));
    if new && desk.rules.unit(unit).is_none() {
        return Err(Refusal::UnknownUnit(unit.clone()));
    }
    Ok(vec![of_unit(desk, unit, Event::AccountSet(set.clone()))])
}

pub(super) fn set_keys(desk: &Desk<'_>, set: &KeysSet) -> Result<Vec<Part>, Refusal> {
    desk.person_decides()?;
    if desk.actor().unit != *desk.centre() {
        return Err(Refusal::NotYours);
    }
    if set.channels.is_empty() && set.revoked == 0 {
        return Err(Refusal::NothingNew);
    }
    Ok(vec![of_unit(desk, desk.centre(), Event::KeysSet(set.clone()))])
}

fn of_unit(desk: &Desk<'_>, unit: &UnitId, event: Event) -> Part {
    let subject = Subject::Unit(unit.clone());
    Part { version: desk.state.version(&subject), subject, events: vec![event] }
}
