//! The walk up the ladder: the first unit that may hold the matter, and the words that say why it and no other.

mod reason;

use huying_domain::{
    area::Level,
    event::{collect::Brief, dispatch::Returned},
    ids::UnitId,
    rules::{Rules, units::Unit},
    vocabulary::Rung,
    words::Words,
};
use std::collections::BTreeSet;

/// A matter that wants a holder.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Class, place, accused, department.
    pub brief: &'a Brief,
    /// The return that makes it want another one.
    pub returned: Option<&'a Returned>,
}

/// Who is to have it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal {
    /// The unit in the lead 主办.
    pub lead: UnitId,
    /// Units that are told: the grid where a department leads.
    pub told: Vec<UnitId>,
    /// Where on the ladder the lead stands.
    pub rung: Rung,
    /// Which entry of the duty list won, who was skipped and why.
    pub reason: Words,
}

/// Why a rung was passed over. Escalation passes over the same ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bar {
    /// No unit stands there for this area or matter.
    NoUnit,
    /// The duty list forbids the rung to lead it.
    Forbidden,
    /// The case is about this unit or one above it.
    Accused,
    /// The unit has just given it back.
    Returner,
    /// It has no people.
    Vacant,
    /// Its people are not on duty.
    OffDuty,
}

/// A rung that was passed over.
struct Skip<'a> {
    rung: Rung,
    unit: Option<&'a Unit>,
    bar: Bar,
}

/// Finds the holder: on the rung that the duty list names, or the first above it that may and can hold the matter.
///
/// After a return the unit that the returner proposed comes first, then the rungs above the returner; the returner
/// itself never, since whoever gave a case back may not push its main flow on. None after more returns than the
/// policy allows, and where even the centre may not hold it: then a person rules 审定, and the centre's dispatch
/// clock sees to it that one does.
pub fn route(rules: &Rules, off_duty: &BTreeSet<UnitId>, wanted: &Wanted<'_>) -> Option<Proposal> {
    let walk = Walk { rules, off_duty, wanted };
    if wanted.returned.is_some_and(|returned| returned.count > rules.policy.returns_max) {
        return None;
    }
    let mut skipped = Vec::new();
    let proposed = walk.proposed().and_then(|(rung, unit)| walk.take(rung, Some(unit), &mut skipped));
    let (rung, lead) = match proposed {
        Some(found) => found,
        None => walk.climb(&mut skipped)?,
    };
    let told = walk.told(rung, lead);
    let reason = reason::words(rules, wanted, &skipped, rung, lead);
    Some(Proposal { lead: lead.id.clone(), told, rung, reason })
}

struct Walk<'a> {
    rules: &'a Rules,
    off_duty: &'a BTreeSet<UnitId>,
    wanted: &'a Wanted<'a>,
}

impl<'a> Walk<'a> {
    /// The unit that the returner named, with the rung on which it would lead.
    fn proposed(&self) -> Option<(Rung, &'a Unit)> {
        let unit = self.rules.unit(self.wanted.returned?.proposed.as_ref()?)?;
        Some((self.rung_of(unit), unit))
    }

    /// From the first rung upwards to the centre, which is always there.
    fn climb(&self, skipped: &mut Vec<Skip<'a>>) -> Option<(Rung, &'a Unit)> {
        let mut rung = self.first_rung();
        loop {
            let found = self.take(rung, self.rules.stands_on(rung, self.wanted.brief), skipped);
            if found.is_some() || rung == Rung::Centre {
                return found;
            }
            rung = self.rules.policy.above(rung);
        }
    }

    fn first_rung(&self) -> Rung {
        match self.wanted.returned.map(|returned| self.rules.unit(&returned.unit)) {
            None => self.rules.duty_for(self.wanted.brief).start,
            Some(Some(returner)) => self.rules.policy.above(self.rung_of(returner)),
            // The returner is no longer in the city: nobody knows where it stood.
            Some(None) => Rung::Centre,
        }
    }

    /// Where a unit would lead this matter: the rung on which it stands for it, else the one of its own level.
    fn rung_of(&self, unit: &Unit) -> Rung {
        let stands =
            |rung: &Rung| self.rules.stands_on(*rung, self.wanted.brief).is_some_and(|one| one.id == unit.id);
        let on_ladder = self.rules.policy.ladder.iter().copied().find(stands);
        let of_level = |level: Level| Rung::ALL.iter().copied().find(|rung| rung.level() == Some(level));
        if unit.id == *self.rules.centre() {
            Rung::Centre
        } else {
            on_ladder
                .or_else(|| unit.area.and_then(|area| of_level(area.level())))
                .unwrap_or(Rung::Department)
        }
    }

    fn take(
        &self,
        rung: Rung,
        unit: Option<&'a Unit>,
        skipped: &mut Vec<Skip<'a>>,
    ) -> Option<(Rung, &'a Unit)> {
        match (unit, unit.map_or(Some(Bar::NoUnit), |unit| self.bar(rung, unit))) {
            (Some(unit), None) => Some((rung, unit)),
            (_, bar) => {
                let bar = bar.unwrap_or(Bar::NoUnit);
                skipped.push(Skip { rung, unit, bar });
                None
            }
        }
    }

    /// What keeps a unit from leading, if anything does. The centre is never taken to be empty: it is the last.
    fn bar(&self, rung: Rung, unit: &Unit) -> Option<Bar> {
        let Wanted { brief, returned } = self.wanted;
        if self.rules.duty_for(brief).forbid.contains(&rung) {
            Some(Bar::Forbidden)
        } else if self.is_about(unit) {
            Some(Bar::Accused)
        } else if returned.is_some_and(|returned| returned.unit == unit.id) {
            Some(Bar::Returner)
        } else if rung == Rung::Centre {
            None
        } else if unit.staff == 0 {
            Some(Bar::Vacant)
        } else {
            self.off_duty.contains(&unit.id).then_some(Bar::OffDuty)
        }
    }

    fn is_about(&self, unit: &Unit) -> bool {
        let accused = self.wanted.brief.accused.as_ref();
        accused.is_some_and(|accused| self.rules.is_or_is_below(&unit.id, accused))
    }

    /// The grid, where a department leads: unless the case is about the grid or somebody above it.
    fn told(&self, rung: Rung, lead: &Unit) -> Vec<UnitId> {
        let grid = self.rules.stands_on(Rung::Grid, self.wanted.brief);
        grid.filter(|grid| rung == Rung::Department && grid.id != lead.id && !self.is_about(grid))
            .map(|grid| grid.id.clone())
            .into_iter()
            .collect()
    }
}
