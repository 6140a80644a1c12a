//! The territory file: every area with its names and the days from and until which it is valid.
//!
//! CSV with a header: `code,zh,en,from,to`, days as `2026-01-01`, empty where open. Routing asks for today's
//! tree, a report for March asks for March's. A code that is no longer valid stays resolvable.

use crate::{
    area::{AreaCode, Level},
    words::Words,
};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Most areas of one territory file: ten times a district of 5,170 micro-grids, and room.
pub const AREAS_MAX: usize = 200_000;

/// The areas, effective-dated.
#[derive(Debug, Default)]
pub struct Territory {
    areas: BTreeMap<AreaCode, Vec<Span>>,
}

/// One stretch of an area's life.
#[derive(Clone, Debug)]
pub struct Span {
    /// Its names then.
    pub name: Words,
    /// The first day.
    pub from: Option<Date>,
    /// The first day on which it is no more.
    pub to: Option<Date>,
}

impl Span {
    fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }
}

impl Territory {
    /// Reads the file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut areas: BTreeMap<AreaCode, Vec<Span>> = BTreeMap::new();
        for (line, row) in super::units::rows(text, "code,zh,en,from,to")? {
            let at = |why: &dyn std::fmt::Display| format!("line {line}: {why}");
            let code: AreaCode = row[0].parse().map_err(|error| at(&error))?;
            let day = |text: &str| match text {
                "" => Ok(None),
                day => day.parse::<Date>().map(Some).map_err(|error| at(&error)),
            };
            let span = Span { name: Words::new(row[1], row[2]), from: day(row[3])?, to: day(row[4])? };
            areas.entry(code).or_default().push(span);
        }
        if areas.len() > AREAS_MAX {
            return Err(format!("more than {AREAS_MAX} areas"));
        }
        if let Some(orphan) =
            areas.keys().find(|code| code.parent().is_some_and(|up| !areas.contains_key(&up)))
        {
            return Err(format!("the area {orphan} has no parent in the file"));
        }
        Ok(Self { areas })
    }

    /// Whether an area is valid on a day.
    pub fn holds(&self, code: AreaCode, day: Date) -> bool {
        self.span(code, day).is_some()
    }

    /// The area on a day.
    pub fn span(&self, code: AreaCode, day: Date) -> Option<&Span> {
        self.areas.get(&code)?.iter().find(|span| span.holds_on(day))
    }

    /// The latest name of an area, valid or not: old codes stay resolvable.
    pub fn name(&self, code: AreaCode) -> Option<&Words> {
        self.areas.get(&code)?.last().map(|span| &span.name)
    }

    /// Every code that was ever valid at this level, in order.
    pub fn codes(&self, level: Level) -> impl Iterator<Item = AreaCode> + '_ {
        self.areas.keys().copied().filter(move |code| code.level() == level)
    }

    /// How many areas there are.
    pub fn len(&self) -> usize {
        self.areas.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.areas.is_empty()
    }
}
