//! The units file: who there is, for which area, on which calendar, with how many people.
//!
//! CSV with a header: `id,area,parent,calendar,staff,zh,en`. `area` is empty for departments and the centre;
//! `parent` names the unit above where no area tells it; `staff` counts people, 0 is a vacancy.

use crate::{
    area::AreaCode,
    ids::{CalendarName, UnitId},
    words::Words,
};
use std::collections::BTreeMap;

/// Most units of one city file.
pub const UNITS_MAX: usize = 200_000;

/// The units by id and by area.
#[derive(Debug, Default)]
pub struct Units {
    units: BTreeMap<UnitId, Unit>,
    by_area: BTreeMap<AreaCode, UnitId>,
}

/// A unit that can hold, handle, check or supervise.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its id, one token of a subject.
    pub id: UnitId,
    /// The area whose unit it is.
    pub area: Option<AreaCode>,
    /// The unit above, where no area tells it.
    pub parent: Option<UnitId>,
    /// The calendar on which its clocks run.
    pub calendar: CalendarName,
    /// How many people it has.
    pub staff: u32,
    /// Its names.
    pub name: Words,
}

/// The rows of a CSV text with this header, each with its line number. No field of ours holds a comma or a quote.
pub(super) fn rows<'a>(text: &'a str, header: &str) -> Result<Vec<(usize, Vec<&'a str>)>, String> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    match lines.next() {
        Some((_, first)) if first.trim() == header => {}
        _ => return Err(format!("line 1: expected the header {header}")),
    }
    let columns = header.split(',').count();
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| {
            let fields: Vec<&str> = line.trim_end().split(',').map(str::trim).collect();
            if fields.len() == columns && !line.contains('"') {
                Ok((at + 1, fields))
            } else {
                Err(format!("line {}: expected {columns} plain fields", at + 1))
            }
        })
        .collect()
}

impl Units {
    /// Reads the file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut all = Self::default();
        for (line, row) in rows(text, "id,area,parent,calendar,staff,zh,en")? {
            let at = |why: &dyn std::fmt::Display| format!("line {line}: {why}");
            let unit = Unit {
                id: row[0].parse().map_err(|error| at(&error))?,
                area: (!row[1].is_empty()).then(|| row[1].parse()).transpose().map_err(|error| at(&error))?,
                parent: (!row[2].is_empty())
                    .then(|| row[2].parse())
                    .transpose()
                    .map_err(|error| at(&error))?,
                calendar: row[3].parse().map_err(|error| at(&error))?,
                staff: row[4].parse().map_err(|error| at(&error))?,
                name: Words::new(row[5], row[6]),
            };
            if let Some(area) = unit.area
                && all.by_area.insert(area, unit.id.clone()).is_some()
            {
                return Err(at(&format_args!("the area {area} has two units")));
            }
            if let Some(twice) = all.units.insert(unit.id.clone(), unit) {
                return Err(at(&format_args!("the unit {} stands twice", twice.id)));
            }
        }
        if all.units.len() > UNITS_MAX { Err(format!("more than {UNITS_MAX} units")) } else { Ok(all) }
    }

    /// The unit with this id.
    pub fn get(&self, id: &UnitId) -> Option<&Unit> {
        self.units.get(id)
    }

    /// The unit of an area.
    pub fn of_area(&self, area: AreaCode) -> Option<&Unit> {
        self.units.get(self.by_area.get(&area)?)
    }

    /// Every unit, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    /// How many people all units have together.
    pub fn staff(&self) -> u32 {
        self.units.values().map(|unit| unit.staff).sum()
    }
}
