//! A city from polygons: codes, names, units, and the rules with which a replay starts.
//!
//! The levels are read from the highest down. A feature belongs to the area above that holds its interior point, and
//! gets the next number there by name. A level that is left out between two that are given is inherited: each area
//! above has one below it, of the same name and ground. A feature that brings a fitting official `code` keeps it.

use super::{
    City, CityError, CityFacts,
    finding::Findings,
    flat::{calendar_text, duty_text, policy_text},
    place::{Placed, inherit, place},
    read,
    roster::Roster,
    shapes::{Shape, read_drawn, write_areas},
};
use huying_domain::{
    area::{AreaCode, Level},
    ids::CalendarName,
    record::RuleFile,
    rules::RuleTexts,
    words::Words,
};
use std::path::PathBuf;

/// The county code where none is given. No division of GB/T 2260 has it.
pub const COUNTY_DEFAULT: u64 = 900_000;

/// What a city is to be built of.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its name.
    pub name: Words,
    /// The zone of its clocks on the wall.
    pub zone: String,
    /// The calendar of its offices, one of those shipped.
    pub calendar: CalendarName,
    /// The 6-digit code above all others.
    pub county: AreaCode,
    /// A GeoJSON file for each level that there is; a county's file gives the outline.
    pub levels: Vec<(Level, PathBuf)>,
    /// Where the polygons come from, a sentence each.
    pub sources: Vec<String>,
}

/// A city as built.
#[derive(Debug)]
pub struct Built {
    /// The city.
    pub city: City,
    /// How many areas each level has, the highest first.
    pub counts: Vec<(Level, usize)>,
    /// What could not be settled by the polygons alone.
    pub findings: Findings,
}

/// Builds a city; nothing is written.
pub fn build(plan: &Plan) -> Result<Built, CityError> {
    let mut findings = Findings::default();
    let mut above = vec![county(plan)?];
    let mut all = above.clone();
    let mut counts = vec![(Level::County, 1)];
    let lowest =
        plan.levels.iter().map(|(level, _)| *level).min().ok_or(CityError::Plan("no level is given"))?;
    for level in [Level::Street, Level::Community, Level::Grid, Level::MicroGrid] {
        if level < lowest {
            break;
        }
        let placed = match file_of(plan, level)? {
            Some(path) => {
                let drawn =
                    read_drawn(&read(path)?).map_err(|why| CityError::Shapes { path: path.clone(), why })?;
                place(level, drawn, &above, &mut findings)?
            }
            None => inherit(&above),
        };
        counts.push((level, placed.len()));
        all.extend(placed.iter().cloned());
        above = placed;
    }
    Ok(Built { city: assemble(plan, all), counts, findings })
}

fn county(plan: &Plan) -> Result<Placed, CityError> {
    if plan.county.level() != Level::County {
        return Err(CityError::Plan("a county code has 6 digits"));
    }
    let polygon = match file_of(plan, Level::County)? {
        None => None,
        Some(path) => {
            let wrong = |why| CityError::Shapes { path: path.clone(), why };
            let mut drawn = read_drawn(&read(path)?).map_err(wrong)?;
            match (drawn.pop(), drawn.is_empty()) {
                (Some(only), true) => Some(only.polygon),
                _ => return Err(wrong("the county's file has not exactly one feature".to_owned())),
            }
        }
    };
    Ok(Placed { code: plan.county, name: plan.name.clone(), polygon })
}

fn file_of(plan: &Plan, level: Level) -> Result<Option<&PathBuf>, CityError> {
    let mut files = plan.levels.iter().filter(|(one, _)| *one == level).map(|(_, path)| path);
    let first = files.next();
    if files.next().is_some() {
        return Err(CityError::Plan("a level is given twice"));
    }
    Ok(first)
}

fn assemble(plan: &Plan, all: Vec<Placed>) -> City {
    let mut roster = Roster::default();
    let mut shapes = Vec::new();
    for Placed { code, name, polygon } in all {
        shapes.extend(polygon.map(|polygon| Shape { code, name: name.zh.clone(), polygon }));
        roster.area(code, name);
    }
    shapes.sort_by_key(|shape| (shape.code.level().digits(), shape.code));
    let centre = Words::new("指挥中心", "Command centre");
    let texts = RuleTexts::from([
        (RuleFile::Policy, policy_text(&plan.calendar).into_bytes()),
        (RuleFile::Duty, duty_text().into_bytes()),
        (RuleFile::Calendar, calendar_text().into_bytes()),
        (RuleFile::Territory, roster.territory().into_bytes()),
        (RuleFile::Units, roster.units(&plan.calendar, plan.calendar.as_str(), &centre).into_bytes()),
    ]);
    let facts = CityFacts {
        name_zh: plan.name.zh.clone(),
        name_en: plan.name.en.clone(),
        zone: plan.zone.clone(),
        county: plan.county,
        fallback: plan.county,
        sources: plan.sources.clone(),
    };
    City { facts, texts, areas: (!shapes.is_empty()).then(|| write_areas(&shapes)) }
}
