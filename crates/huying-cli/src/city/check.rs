//! What is wrong with a city: everything that reading its rules finds, and what they cannot see.

use super::{
    City, CityError,
    finding::{Findings, Trouble},
    partition::partition,
    roster::{GRID_STAFF, MICRO_GRID_STAFF},
    shapes::{Shape, read_areas},
};
use huying_domain::{
    area::{AreaCode, Level},
    record::RuleFile,
    rules::{Rules, RulesError, policy::Limits},
    vocabulary::{Clock, Rung},
};
use jiff::tz::TimeZoneDatabase;
use std::{collections::BTreeSet, path::Path};

/// Reads a folder and looks at everything in it. Only a folder that is not a city at all is an error of its own.
pub fn check(folder: &Path) -> Result<Findings, CityError> {
    Ok(check_city(&City::load(folder)?))
}

/// Looks at everything in a city.
pub fn check_city(city: &City) -> Findings {
    let mut findings = Findings::default();
    if TimeZoneDatabase::bundled().get(&city.facts.zone).is_err() {
        findings.note(Trouble::Zone, &city.facts.zone);
    }
    orphans(city, &mut findings);
    match city.rules() {
        Ok(rules) => {
            territory(city, &rules, &mut findings);
            units(&rules, &mut findings);
            targets(&rules, &mut findings);
            duty(city, &rules, &mut findings);
            shapes(city, &rules, &mut findings);
        }
        Err(RulesError::Contradiction(sentences)) => {
            sentences.into_iter().for_each(|sentence| findings.note(Trouble::Rules, sentence));
        }
        Err(error) => findings.note(Trouble::Rules, sentence(&error)),
    }
    findings
}

fn sentence(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Looks at the file itself, because the rules name only the first orphan and then refuse the whole.
fn orphans(city: &City, findings: &mut Findings) {
    let text = city.texts.get(&RuleFile::Territory).map(|bytes| String::from_utf8_lossy(bytes));
    let rows = text.as_deref().unwrap_or_default().lines().skip(1);
    let codes: BTreeSet<AreaCode> =
        rows.filter_map(|row| row.split(',').next()?.trim().parse().ok()).collect();
    for code in &codes {
        if code.parent().is_some_and(|parent| !codes.contains(&parent)) {
            findings.note(Trouble::Orphan, code.to_string());
        }
    }
}

fn territory(city: &City, rules: &Rules, findings: &mut Findings) {
    let facts = &city.facts;
    if rules.territory.name(facts.fallback).is_none() {
        findings.note(Trouble::Fallback, facts.fallback.to_string());
    }
    for code in Level::ALL.into_iter().rev().flat_map(|level| rules.territory.codes(level)) {
        if !facts.county.covers(code) {
            findings.note(Trouble::OutsideCounty, code.to_string());
        }
        let on_ladder = rules.policy.ladder.iter().any(|rung| rung.level() == Some(code.level()));
        if on_ladder && rules.units.of_area(code).is_none() {
            findings.note(Trouble::AreaWithoutUnit, code.to_string());
        }
    }
}

fn units(rules: &Rules, findings: &mut Findings) {
    for unit in rules.units.iter() {
        if let Some(area) = unit.area.filter(|area| rules.territory.name(*area).is_none()) {
            findings.note(Trouble::UnitWithoutArea, format!("{} names {area}", unit.id));
        }
        if let Some(parent) = unit.parent.as_ref().filter(|parent| rules.units.get(parent).is_none()) {
            findings.note(Trouble::ParentUnknown, format!("{} names {parent}", unit.id));
        }
        let staff = unit.staff;
        match unit.area.map(AreaCode::level) {
            _ if staff == 0 => findings.note(Trouble::Vacancy, unit.id.to_string()),
            Some(Level::Grid) if staff < GRID_STAFF => {
                findings.note(Trouble::GridStaff, format!("{} has {staff}", unit.id));
            }
            Some(Level::MicroGrid) if staff != MICRO_GRID_STAFF => {
                findings.note(Trouble::MicroGridStaff, format!("{} has {staff}", unit.id));
            }
            _ => {}
        }
    }
}

fn targets(rules: &Rules, findings: &mut Findings) {
    let has = |limits: &Limits| limits.contains_key(&Clock::Resolve);
    if has(&rules.policy.limits) {
        return;
    }
    for (id, class) in rules.policy.classes.iter().filter(|(_, class)| !has(&class.limits)) {
        if class.conditions.is_empty() {
            findings.note(Trouble::NoTarget, id.to_string());
        }
        for (condition, _) in class.conditions.iter().filter(|(_, condition)| !has(&condition.limits)) {
            findings.note(Trouble::NoTarget, format!("{id} {condition}"));
        }
    }
}

fn duty(city: &City, rules: &Rules, findings: &mut Findings) {
    for entry in
        rules.duty.iter().filter(|entry| entry.start == Rung::Department && entry.department.is_none())
    {
        findings.note(Trouble::DutyWithoutDepartment, &entry.reason.en);
    }
    for class in duty_classes(&city.texts[&RuleFile::Duty]) {
        let known = if class.ends_with('.') {
            rules.policy.classes.keys().any(|id| id.as_str().starts_with(&class))
        } else {
            rules.policy.classes.keys().any(|id| id.as_str() == class)
        };
        if !known {
            findings.note(Trouble::DutyWithoutClass, class);
        }
    }
}

/// The classes and prefixes that the duty list names, read from the file: an entry keeps to itself what it fits.
fn duty_classes(bytes: &[u8]) -> Vec<String> {
    let file = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<toml::Table>().ok());
    let entries = file.as_ref().and_then(|file| file.get("duty")?.as_array());
    let class = |entry: &toml::Value| entry.get("class")?.as_str().map(str::to_owned);
    entries.into_iter().flatten().filter_map(class).collect()
}

fn shapes(city: &City, rules: &Rules, findings: &mut Findings) {
    let Some(text) = &city.areas else { return };
    let shapes = match read_areas(text) {
        Ok(shapes) => shapes,
        Err(why) => return findings.note(Trouble::Shapes, why),
    };
    let drawn: BTreeSet<AreaCode> = shapes.iter().map(|shape| shape.code).collect();
    for Shape { code, name, .. } in shapes.iter().filter(|shape| rules.territory.name(shape.code).is_none()) {
        findings.note(Trouble::ShapeUnknown, format!("{code} {name}"));
    }
    for level in Level::ALL.into_iter().rev().filter(|level| drawn.iter().any(|code| code.level() == *level))
    {
        for code in rules.territory.codes(level).filter(|code| !drawn.contains(code)) {
            findings.note(Trouble::AreaWithoutShape, code.to_string());
        }
    }
    partition(&shapes, findings);
}
