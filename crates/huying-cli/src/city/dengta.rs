//! The demo city 灯塔市: real names and codes of its 18 communities, its reported numbers of grids, micro-grids and
//! people, and everything else made up in the open.
//!
//! Reported: 18 communities, 277 grids, 5,170 micro-grids, 5,724 people in them. The grids are spread evenly over the
//! communities and the micro-grids over the grids; their codes and names are serial numbers. **The polygons are
//! schematic**: rectangles of equal ground in a box around the city, a partition down to the grid, and no map.
//! Limits and duties are a demonstration after the practice of several cities, not that city's own.

use super::{
    City, CityFacts,
    flat::calendar_text,
    place::below,
    roster::{DEPARTMENT_STAFF, Desk, Roster},
    shapes::{Shape, write_areas},
};
use geo::{Coord, MultiPolygon, Rect};
use huying_domain::{
    area::{AreaCode, Level},
    ids::{CalendarName, UnitId},
    record::RuleFile,
    rules::RuleTexts,
    words::Words,
};
use std::collections::BTreeMap;

/// Grids 基础网格 of the city, as reported.
pub const DENGTA_GRIDS: u64 = 277;
/// Micro-grids 微网格 of the city, as reported.
pub const DENGTA_MICRO_GRIDS: u64 = 5170;
/// People in grids and micro-grids, as reported: 党建指导员, 专职网格员 and 微网格员 together.
pub const DENGTA_GRID_PEOPLE: u32 = 5724;

const COMMUNITIES: &str = include_str!("../../data/dengta_communities.csv");
const POLICY: &str = include_str!("../../data/dengta_policy.toml");
const DUTY: &str = include_str!("../../data/dengta_duty.toml");
const OFFICE: &str = "cn-office";
const CONTINUOUS: &str = "continuous";

/// The schematic box, in millionths of a degree: west, south, east, north.
const BOX: [i64; 4] = [123_000_000, 41_200_000, 123_600_000, 41_600_000];

/// Departments of the street's 大工委 that the city names, with their calendars: who serves with water, power, heat or
/// order serves day and night.
const DEPARTMENTS: [(&str, &str, &str, &str); 5] = [
    ("police", CONTINUOUS, "公安局", "Police"),
    ("urban", OFFICE, "城市管理局", "Urban management"),
    ("water", CONTINUOUS, "水务局", "Water"),
    ("power", CONTINUOUS, "供电公司", "Power supply"),
    ("heat", CONTINUOUS, "供暖公司", "Heating"),
];

/// Makes the demo city. The same each time, to the byte.
pub fn dengta() -> City {
    let mut areas = named_areas();
    let communities: Vec<AreaCode> = at(&areas, Level::Community);
    for (nth, community) in communities.iter().enumerate() {
        let name = areas[community].clone();
        for serial in 1..=share(DENGTA_GRIDS, communities.len(), nth) {
            let grid = Words::new(format!("{}第{serial}网格", name.zh), format!("{} grid {serial}", name.en));
            areas.insert(below(*community, serial), grid);
        }
    }
    let grids = at(&areas, Level::Grid);
    let shapes = schematic(&areas);
    for (nth, grid) in grids.iter().enumerate() {
        let name = areas[grid].clone();
        for serial in 1..=share(DENGTA_MICRO_GRIDS, grids.len(), nth) {
            let micro = Words::new(
                format!("{}第{serial}微网格", name.zh),
                format!("{} micro-grid {serial}", name.en),
            );
            areas.insert(below(*grid, serial), micro);
        }
    }
    City { facts: facts(), texts: texts(areas), areas: Some(write_areas(&shapes)) }
}

fn named_areas() -> BTreeMap<AreaCode, Words> {
    let rows = COMMUNITIES.lines().skip(1).filter(|row| !row.is_empty());
    rows.map(|row| {
        let fields: Vec<&str> = row.split(',').collect();
        let [code, zh, en] = fields[..] else { panic!("the shipped file has three columns") };
        (code.parse().expect("the shipped file has codes"), Words::new(zh, en))
    })
    .collect()
}

fn at(areas: &BTreeMap<AreaCode, Words>, level: Level) -> Vec<AreaCode> {
    areas.keys().copied().filter(|code| code.level() == level).collect()
}

/// How many of `all` the nth of `among` gets: the first ones one more, where it does not come out even.
fn share(all: u64, among: usize, nth: usize) -> u64 {
    let (among, nth) = (among as u64, nth as u64);
    all / among + u64::from(nth < all % among)
}

fn facts() -> CityFacts {
    let sources = [
        "Names and codes of county, streets, towns and communities: statistical division codes of 2023.",
        "277 grids, 5170 micro-grids and 5724 people: the city's own report on its grids (有呼必应 mechanism).",
        "Codes and names of grids and micro-grids: serial numbers, spread evenly; not the city's own.",
        "Polygons: schematic rectangles, not a map. Units above the grid, limits and duties: a demonstration.",
    ];
    let county = AreaCode::new(211_081).expect("six digits");
    CityFacts {
        name_zh: "灯塔市".to_owned(),
        name_en: "Dengta".to_owned(),
        zone: "Asia/Shanghai".to_owned(),
        county,
        fallback: county,
        sources: sources.map(str::to_owned).to_vec(),
    }
}

fn texts(areas: BTreeMap<AreaCode, Words>) -> RuleTexts {
    let mut roster = Roster::default();
    for (code, name) in areas {
        roster.area(code, name);
    }
    for (id, calendar, zh, en) in DEPARTMENTS {
        let id = UnitId::new(id).expect("a plain token");
        roster.desk(&Desk { id: &id, calendar, staff: DEPARTMENT_STAFF, name: Words::new(zh, en) });
    }
    let office = CalendarName::new(OFFICE).expect("a plain token");
    let centre = Words::new("灯塔市社会治理指挥中心", "Dengta command centre");
    RuleTexts::from([
        (RuleFile::Policy, POLICY.as_bytes().to_vec()),
        (RuleFile::Duty, DUTY.as_bytes().to_vec()),
        (RuleFile::Calendar, calendar_text().into_bytes()),
        (RuleFile::Territory, roster.territory().into_bytes()),
        (RuleFile::Units, roster.units(&office, CONTINUOUS, &centre).into_bytes()),
    ])
}

/// Rectangles of whole millionths of a degree, so that neighbours share their borders exactly: streets as strips from
/// west to east, communities in them from north to south, grids in rows within the community.
fn schematic(areas: &BTreeMap<AreaCode, Words>) -> Vec<Shape> {
    let county = facts().county;
    let children = |up: AreaCode, level| -> Vec<AreaCode> {
        at(areas, level).into_iter().filter(|code| up.covers(*code)).collect()
    };
    let mut boxes = vec![(county, BOX)];
    let streets = at(areas, Level::Street);
    let weights: Vec<usize> = streets.iter().map(|one| children(*one, Level::Community).len()).collect();
    for (street, strip) in streets.iter().zip(cut(BOX, Side::WestToEast, &weights)) {
        boxes.push((*street, strip));
        let communities = children(*street, Level::Community);
        let even = vec![1; communities.len()];
        for (community, band) in communities.iter().zip(cut(strip, Side::NorthToSouth, &even)) {
            boxes.push((*community, band));
            let grids = children(*community, Level::Grid);
            boxes.extend(grids.iter().copied().zip(cells(band, grids.len())));
        }
    }
    boxes.sort_by_key(|(code, _)| (code.level().digits(), *code));
    boxes
        .into_iter()
        .map(|(code, edges)| Shape { code, name: areas[&code].zh.clone(), polygon: rectangle(edges) })
        .collect()
}

#[derive(Clone, Copy)]
enum Side {
    WestToEast,
    NorthToSouth,
}

/// Rows of cells, as many rows as a square would have.
fn cells(area: [i64; 4], count: usize) -> Vec<[i64; 4]> {
    let rows = count.isqrt().max(1);
    let in_rows: Vec<usize> = (0..rows)
        .map(|row| usize::try_from(share(count as u64, rows, row)).expect("no more than all"))
        .collect();
    let bands = cut(area, Side::NorthToSouth, &in_rows);
    bands
        .into_iter()
        .zip(&in_rows)
        .flat_map(|(band, cells)| cut(band, Side::WestToEast, &vec![1; *cells]))
        .collect()
}

/// Cuts a box into strips as wide as their weights.
fn cut([west, south, east, north]: [i64; 4], side: Side, weights: &[usize]) -> Vec<[i64; 4]> {
    let weight = |until: usize| i64::try_from(weights[..until].iter().sum::<usize>()).expect("a few hundred");
    let whole = weight(weights.len()).max(1);
    (0..weights.len())
        .map(|nth| {
            let (from, to) = (weight(nth), weight(nth + 1));
            match side {
                Side::WestToEast => {
                    let edge = |part| west + (east - west) * part / whole;
                    [edge(from), south, edge(to), north]
                }
                Side::NorthToSouth => {
                    let edge = |part| north - (north - south) * part / whole;
                    [west, edge(to), east, edge(from)]
                }
            }
        })
        .collect()
}

fn rectangle([west, south, east, north]: [i64; 4]) -> MultiPolygon {
    #[expect(clippy::cast_precision_loss, reason = "a whole circle in millionths of a degree fits a double")]
    let corner = |x: i64, y: i64| Coord { x: x as f64 / 1e6, y: y as f64 / 1e6 };
    MultiPolygon::from(Rect::new(corner(west, south), corner(east, north)).to_polygon())
}
