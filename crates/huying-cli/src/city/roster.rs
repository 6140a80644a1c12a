//! The areas and units of a city on their way into `territory.csv` and `units.csv`.

use huying_domain::{
    area::{AreaCode, Level},
    ids::{CalendarName, UnitId},
    words::Words,
};
use std::{collections::BTreeMap, fmt::Write};

/// People of a community's, a street's and a department's unit and of the command centre, where nobody said: enough
/// for one to answer while others are out. They stand outside the staffing law of grids.
pub(super) const COMMUNITY_STAFF: u32 = 3;
pub(super) const STREET_STAFF: u32 = 5;
pub(super) const DEPARTMENT_STAFF: u32 = 12;
pub(super) const CENTRE_STAFF: u32 = 9;
/// One full-time member 专职网格员 and one instructor 党建指导员 per grid, one member 微网格员 per micro-grid: the
/// only staffing with which 277 grids and 5,170 micro-grids have the 5,724 people that 灯塔市 reports.
pub(super) const GRID_STAFF: u32 = 2;
pub(super) const MICRO_GRID_STAFF: u32 = 1;

/// The command centre's id in every city that is made here.
pub(super) const CENTRE: &str = "centre";

/// A unit without an area.
pub(super) struct Desk<'a> {
    pub(super) id: &'a UnitId,
    pub(super) calendar: &'a str,
    pub(super) staff: u32,
    pub(super) name: Words,
}

/// Areas by code, and the units beside those of the areas.
#[derive(Default)]
pub(super) struct Roster {
    areas: BTreeMap<AreaCode, Words>,
    desks: String,
}

impl Roster {
    pub(super) fn area(&mut self, code: AreaCode, name: Words) {
        self.areas.insert(code, name);
    }

    pub(super) fn desk(&mut self, desk: &Desk<'_>) {
        let centre = UnitId::new(CENTRE).expect("a plain token");
        desk_row(&mut self.desks, &centre, desk);
    }

    pub(super) fn territory(&self) -> String {
        let mut text = "code,zh,en,from,to\n".to_owned();
        for (code, name) in &self.areas {
            line(&mut text, format_args!("{code},{},{},,", plain(&name.zh), plain(&name.en)));
        }
        text
    }

    /// The command centre stands for the county; every area below has a unit that bears its code.
    pub(super) fn units(&self, calendar: &CalendarName, centre_calendar: &str, centre: &Words) -> String {
        let mut text = "id,area,parent,calendar,staff,zh,en\n".to_owned();
        for (code, name) in &self.areas {
            let (zh, en) = (plain(&name.zh), plain(&name.en));
            let staff = match code.level() {
                Level::MicroGrid => MICRO_GRID_STAFF,
                Level::Grid => GRID_STAFF,
                Level::Community => COMMUNITY_STAFF,
                Level::Street => STREET_STAFF,
                Level::County => {
                    let (zh, en) = (plain(&centre.zh), plain(&centre.en));
                    line(
                        &mut text,
                        format_args!("{CENTRE},{code},,{centre_calendar},{CENTRE_STAFF},{zh},{en}"),
                    );
                    continue;
                }
            };
            line(&mut text, format_args!("{code},{code},,{calendar},{staff},{zh},{en}"));
        }
        text + &self.desks
    }
}

/// Adds the row of a unit without an area, which stands below the centre.
pub(super) fn desk_row(text: &mut String, centre: &UnitId, desk: &Desk<'_>) {
    let Desk { id, calendar, staff, name } = desk;
    line(text, format_args!("{id},,{centre},{calendar},{staff},{},{}", plain(&name.zh), plain(&name.en)));
}

/// The name without what our CSV files do not hold: commas become semicolons, double quotes single ones.
pub(super) fn plain(name: &str) -> String {
    let one = |letter: char| match letter {
        ',' => ';',
        '"' => '\'',
        other if other.is_control() => ' ',
        other => other,
    };
    name.trim().chars().map(one).collect()
}

fn line(text: &mut String, row: std::fmt::Arguments<'_>) {
    writeln!(text, "{row}").expect("a string takes all");
}
