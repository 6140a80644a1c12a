//! Who sees what: a subtree of the territory, or what a unit has to do with; sensitive matters only where cleared.
//!
//! It is asked at each question and never stamped on a case, so that whoever moves to another post sees another city.

use super::row::Row;
use huying_domain::{area::AreaCode, ids::UnitId, vocabulary::Tag};

/// What somebody may see. The default sees everything: programs of the house ask so.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Sight {
    /// Everything, wherever it lies.
    pub whole: bool,
    /// What lies in this area or below it.
    pub area: Option<AreaCode>,
    /// What this unit holds, handles, dispatches or helps with.
    pub unit: Option<UnitId>,
    /// Sensitive matters 敏感 too.
    pub sensitive: bool,
}

impl Default for Sight {
    fn default() -> Self {
        Self { whole: true, area: None, unit: None, sensitive: true }
    }
}

impl Sight {
    /// Whether a case is seen.
    pub fn sees(&self, row: &Row) -> bool {
        let units = [Some(&row.holder), Some(&row.dispatcher), row.handler.as_ref()];
        let units = units.into_iter().flatten().chain(&row.co_handlers);
        self.covers(row.area, &row.tags, units)
    }

    /// Whether a case is seen that lies there, bears these marks, and has to do with these units.
    pub fn covers<'u>(
        &self,
        area: AreaCode,
        tags: &[Tag],
        units: impl IntoIterator<Item = &'u UnitId>,
    ) -> bool {
        if tags.contains(&Tag::Sensitive) && !self.sensitive {
            return false;
        }
        self.whole
            || self.area.is_some_and(|own| own.covers(area))
            || self.unit.as_ref().is_some_and(|own| units.into_iter().any(|unit| unit == own))
    }
}
