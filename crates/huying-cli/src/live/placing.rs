//! Where a call lies: the outlines that `up` keeps in the data folder, and the names of the territory.

use huying_domain::{
    area::{AreaCode, Level},
    rules::Rules,
};
use huying_intake::{
    open::{Placed, placed},
    place::{Gazetteer, GazetteerError},
    report::Report,
};

/// The outlines in the data folder, as the city gave them.
pub const OUTLINES_FILE: &str = huying_engine::rulebook::OUTLINES_FILE;

/// A gazetteer with its fallback.
pub struct Placing {
    gazetteer: Gazetteer,
    fallback: Option<AreaCode>,
}

impl Placing {
    /// The places of the rules in force, with these outlines. An orphan goes to the county: the command centre's.
    pub fn new(rules: &Rules, outlines: Option<&str>) -> Result<Self, GazetteerError> {
        let mut gazetteer = outlines.map_or_else(|| Ok(Gazetteer::default()), Gazetteer::from_geojson)?;
        let codes = Level::ALL.into_iter().flat_map(|level| rules.territory.codes(level));
        let names = codes.filter_map(|code| Some((code, rules.territory.name(code)?.zh.as_str())));
        gazetteer.add_names(names);
        Ok(Self { gazetteer, fallback: rules.territory.codes(Level::County).next() })
    }

    /// The area of a report; none in a territory without any county.
    pub fn of(&self, report: &Report, rules: &Rules) -> Option<Placed> {
        let known = |area: AreaCode| rules.territory.name(area).is_some();
        Some(placed(report, &self.gazetteer, known, self.fallback?))
    }
}
