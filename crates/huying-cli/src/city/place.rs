//! Which area above a polygon lies in, and the number that it gets there.

use super::{
    CityError,
    finding::{Findings, Trouble},
    shapes::Drawn,
};
use geo::{
    Area, BooleanOps, BoundingRect, Distance, Euclidean, InteriorPoint, Intersects, MultiPolygon, Point, Rect,
};
use huying_domain::{
    area::{AreaCode, Level},
    words::Words,
};
use std::collections::{BTreeMap, BTreeSet};

/// Most areas within one parent: what three digits number from 001.
pub(super) const AREAS_WITHIN_MAX: u64 = 999;

/// An area that has its code.
#[derive(Clone)]
pub(super) struct Placed {
    pub(super) code: AreaCode,
    pub(super) name: Words,
    pub(super) polygon: Option<MultiPolygon>,
}

/// The areas of a level that nobody drew: each area above has one, which bears its name and its polygon.
pub(super) fn inherit(above: &[Placed]) -> Vec<Placed> {
    above.iter().map(|up| Placed { code: below(up.code, 1), ..up.clone() }).collect()
}

/// Gives every polygon its parent and, by name within the parent, its number.
pub(super) fn place(
    level: Level,
    drawn: Vec<Drawn>,
    above: &[Placed],
    findings: &mut Findings,
) -> Result<Vec<Placed>, CityError> {
    let candidates: Vec<Candidate<'_>> = above.iter().map(Candidate::new).collect();
    let mut within: BTreeMap<AreaCode, Vec<Drawn>> = above.iter().map(|up| (up.code, Vec::new())).collect();
    for one in drawn {
        let parent = match one.code {
            Some(code) if own_code_fits(code, level, &within) => code.parent().expect("below the county"),
            own => {
                if let Some(code) = own {
                    findings.note(Trouble::CodeRefused, format!("{code} {}", called(&one)));
                }
                parent_of(&one, &candidates, findings)
            }
        };
        within.get_mut(&parent).expect("a parent is one of those above").push(one);
    }
    let mut placed = Vec::new();
    for (parent, mut children) in within {
        if children.is_empty() {
            findings.note(Trouble::Childless, parent.to_string());
        }
        children.sort_by(|one, other| called(one).cmp(called(other)).then_with(|| order(one, other)));
        number(level, parent, children, findings, &mut placed)?;
    }
    Ok(placed)
}

fn number(
    level: Level,
    parent: AreaCode,
    children: Vec<Drawn>,
    findings: &mut Findings,
    placed: &mut Vec<Placed>,
) -> Result<(), CityError> {
    let count = children.len();
    let fits = |code: &AreaCode| code.level() == level && code.parent() == Some(parent);
    let mut taken: BTreeSet<AreaCode> = children.iter().filter_map(|one| one.code).filter(fits).collect();
    let mut kept: BTreeSet<AreaCode> = BTreeSet::new();
    for one in children {
        let own = one.code.filter(fits).filter(|code| kept.insert(*code));
        let free =
            || (1..=AREAS_WITHIN_MAX).map(|serial| below(parent, serial)).find(|code| !taken.contains(code));
        let code = own.or_else(free).ok_or(CityError::Crowded { parent, count })?;
        taken.insert(code);
        if one.name.is_none() {
            findings.note(Trouble::Nameless, code.to_string());
        }
        let name = one.name.unwrap_or_else(|| Words::new(code.to_string(), code.to_string()));
        placed.push(Placed { code, name, polygon: Some(one.polygon) });
    }
    Ok(())
}

/// The area with this serial number below a parent.
pub(super) fn below(parent: AreaCode, serial: u64) -> AreaCode {
    AreaCode::new(parent.number() * 1000 + serial)
        .expect("a parent above the micro-grid and three more digits")
}

fn own_code_fits(code: AreaCode, level: Level, above: &BTreeMap<AreaCode, Vec<Drawn>>) -> bool {
    code.level() == level && code.parent().is_some_and(|parent| above.contains_key(&parent))
}

struct Candidate<'a> {
    code: AreaCode,
    polygon: Option<&'a MultiPolygon>,
    bounds: Option<Rect>,
}

impl<'a> Candidate<'a> {
    fn new(placed: &'a Placed) -> Self {
        let polygon = placed.polygon.as_ref();
        Self { code: placed.code, polygon, bounds: polygon.and_then(BoundingRect::bounding_rect) }
    }
}

/// The area above that holds the polygon's interior point; else the one that shares most ground with it; else the
/// nearest. An only area above is the parent without being asked.
fn parent_of(one: &Drawn, above: &[Candidate<'_>], findings: &mut Findings) -> AreaCode {
    if let [only] = above {
        return only.code;
    }
    let first = above.first().expect("every level has an area").code;
    let (Some(inner), Some(bounds)) = (one.polygon.interior_point(), one.polygon.bounding_rect()) else {
        findings.note(Trouble::PlacedByNearness, format!("{} has no ground, so {first}", called(one)));
        return first;
    };
    let near = |one: &&Candidate<'_>| one.bounds.is_some_and(|other| other.intersects(&bounds));
    let holds = |one: &&Candidate<'_>| one.polygon.is_some_and(|polygon| polygon.intersects(&inner));
    if let Some(holder) = above.iter().filter(near).find(holds) {
        return holder.code;
    }
    let shared = |up: &Candidate<'_>| {
        let shared = up.polygon.map_or(0.0, |polygon| polygon.intersection(&one.polygon).unsigned_area());
        (shared, up.code)
    };
    let largest = above.iter().filter(near).map(shared).max_by(|one, other| one.0.total_cmp(&other.0));
    if let Some((ground, code)) = largest
        && ground > 0.0
    {
        findings.note(Trouble::PlacedByOverlap, format!("{} in {code}", called(one)));
        return code;
    }
    let nearest = nearest(inner, above).unwrap_or(first);
    findings.note(Trouble::PlacedByNearness, format!("{} in {nearest}", called(one)));
    nearest
}

fn nearest(inner: Point, above: &[Candidate<'_>]) -> Option<AreaCode> {
    let distance = |up: &Candidate<'_>| Some((Euclidean.distance(&inner, up.polygon?), up.code));
    above.iter().filter_map(distance).min_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, code)| code)
}

fn called(one: &Drawn) -> &str {
    one.name.as_ref().map_or("", |name| &name.zh)
}

/// Among equal names from west to east, then from north to south, as serial numbers of grids run.
fn order(one: &Drawn, other: &Drawn) -> std::cmp::Ordering {
    let corner =
        |one: &Drawn| one.polygon.bounding_rect().map_or((0.0, 0.0), |rect| (rect.min().x, -rect.max().y));
    let (one, other) = (corner(one), corner(other));
    one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1))
}
