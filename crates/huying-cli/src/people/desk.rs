//! The desk where calls are opened: address to grid, likeness to what was called about a while ago.

use huying_domain::{
    area::AreaCode,
    command::Command,
    ids::SourceId,
    record::{CommandId, Origin, Record},
    rules::{Rules, join::Join},
    time::Timestamp,
};
use huying_intake::{
    likeness::{Matter, Neighbours},
    open::{Opening, command_id, open, placed},
    place::{Gazetteer, GazetteerError},
    report::Report,
};

use super::act::clerk;
use crate::city::City;

/// The desk.
pub struct Desk {
    source: SourceId,
    join: Join,
    fallback: AreaCode,
    gazetteer: Gazetteer,
    has_map: bool,
    neighbours: Neighbours,
}

impl Desk {
    /// A desk for this source in this city.
    pub fn new(city: &City, rules: &Rules, source: SourceId, join: Join) -> Result<Self, GazetteerError> {
        let mut gazetteer = match &city.areas {
            Some(text) => Gazetteer::from_geojson(text)?,
            None => Gazetteer::default(),
        };
        let has_map = gazetteer.outlines() > 0;
        let units = rules.units.iter().filter_map(|unit| Some((unit.area?, unit.name.zh.as_str())));
        if has_map {
            gazetteer.add_names(units);
        }
        let neighbours = Neighbours::new(join);
        Ok(Self { source, join, fallback: city.facts.fallback, gazetteer, has_map, neighbours })
    }

    /// The source whose calls it takes.
    pub const fn source(&self) -> &SourceId {
        &self.source
    }

    /// Follows a record.
    pub fn follow(&mut self, record: &Record) {
        self.neighbours.follow(record);
    }

    /// Keeps what the caller says.
    pub fn hear(&mut self, report: &Report) {
        self.neighbours.hear(self.id(report), report);
    }

    /// The command of a call, and whether it joins a lead. In a city without a map nothing can be an orphan.
    pub fn open(&self, report: &Report, rules: &Rules, now: Timestamp, may_join: bool) -> Command {
        let known = |area: AreaCode| rules.units.of_area(area).is_some();
        let mut placed = placed(report, &self.gazetteer, known, self.fallback);
        placed.orphan &= self.has_map;
        let id = self.id(report);
        let matter = Matter { id, report, area: placed.area, now };
        let proposal = self.neighbours.like(&matter, &self.join).filter(|_| may_join);
        let actor = clerk(rules.centre(), "seat");
        open(
            report,
            &Opening {
                source: &self.source,
                actor: &actor,
                by: Origin::Feed,
                id,
                placed,
                proposal: proposal.as_ref(),
                threshold_permille: self.join.threshold_permille,
                classed: None,
            },
        )
    }

    /// The id of the command that a call becomes.
    pub fn id(&self, report: &Report) -> CommandId {
        command_id(&self.source, report)
            .expect("rows of a table and simulated calls have a name of their own")
    }
}
