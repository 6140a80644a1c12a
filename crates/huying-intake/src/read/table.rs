//! One row of a table under its profile.

use super::{ADDRESS_CHARS_MAX, FIELD_CHARS_MAX, wall_clock::instant};
use crate::{
    profile::{Choice, Profile, slug::slug},
    redact::{redact, summary_of},
    report::{Note, Report},
    unreadable::Unreadable,
};
use csv::StringRecord;
use huying_domain::{
    area::Point,
    ids::{ClassId, ConditionId, ExternalId, NAME_CHARS_MAX, UNIT_ID_CHARS_MAX, UnitId},
    private::Private,
    time::Timestamp,
};
use thiserror::Error;

/// How near a stand-in for "no place" a point counts as it, in 1e-7 degree: five metres, for rounded degrees.
const NO_PLACE_TOLERANCE_E7: u32 = 500;

/// The profile names a column that the table does not have.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("the table has no column {column}")]
pub struct MissingColumn {
    /// The column.
    pub column: String,
}

/// Where in a row each column of the profile stands, looked up once per table.
#[derive(Clone, Debug)]
pub struct TableHead {
    width: usize,
    external: usize,
    received: usize,
    closed: Option<usize>,
    snapshot: Option<usize>,
    target: Option<usize>,
    on_time: Option<usize>,
    channel: Option<usize>,
    kind: Option<usize>,
    class: Vec<usize>,
    condition: Vec<usize>,
    department: Option<usize>,
    area: Option<usize>,
    point: Option<(usize, usize)>,
    address: Option<usize>,
    summary: Vec<usize>,
}

impl TableHead {
    /// Finds the profile's columns in the header row. All that the profile names must be there.
    pub fn find(profile: &Profile, header: &StringRecord) -> Result<Self, MissingColumn> {
        let at = |column: &String| {
            header
                .iter()
                .position(|name| name.trim_start_matches('\u{feff}').trim() == column)
                .ok_or_else(|| MissingColumn { column: column.clone() })
        };
        let may = |column: &Option<String>| column.as_ref().map(at).transpose();
        let all = |columns: &[String]| columns.iter().map(at).collect::<Result<Vec<_>, _>>();
        let columns = &profile.columns;
        let point = columns.point.as_ref().map(|(lon, lat)| Ok((at(lon)?, at(lat)?))).transpose()?;
        Ok(Self {
            width: header.len(),
            external: at(&columns.external)?,
            received: at(&columns.received)?,
            closed: may(&columns.closed)?,
            snapshot: may(&columns.snapshot_utc)?,
            target: may(&columns.target)?,
            on_time: may(&columns.on_time)?,
            channel: may(&profile.channel.column)?,
            kind: may(&profile.kind.column)?,
            class: all(&columns.class)?,
            condition: all(&columns.condition)?,
            department: may(&columns.department)?,
            area: may(&columns.area)?,
            point,
            address: may(&columns.address)?,
            summary: all(&columns.summary)?,
        })
    }
}

/// Reads one row. What the caller's words give away (numbers, names) leaves the summary and is kept as
/// private.
pub fn read_csv_row(profile: &Profile, head: &TableHead, row: &StringRecord) -> Result<Report, Unreadable> {
    if row.len() != head.width {
        return Err(Unreadable::wrong_columns(""));
    }
    if row.iter().any(|field| field.len() > FIELD_CHARS_MAX && field.chars().count() > FIELD_CHARS_MAX) {
        return Err(Unreadable::too_long(""));
    }
    let row = Row { profile, row };
    let received = row
        .time(Some(head.received), &profile.columns.received)?
        .ok_or_else(|| Unreadable::missing_time(&profile.columns.received))?;
    let mut notes = Vec::new();
    let closed = row.time(head.closed, "closed")?.filter(|closed| {
        let believed = *closed >= received;
        if !believed {
            notes.push(Note::ClosedBeforeReceived);
        }
        believed
    });
    let point = row.point(head.point)?.filter(|point| {
        let stands_in = profile.is_no_place(*point);
        if stands_in {
            notes.push(Note::PlaceIsStandIn);
        }
        !stands_in
    });
    let class = row.joined(&head.class, NAME_CHARS_MAX).ok_or_else(|| Unreadable::missing_class("class"))?;
    let condition = row.joined(&head.condition, NAME_CHARS_MAX);
    let said = head.summary.iter().filter_map(|&at| row.field(at)).collect::<Vec<_>>().join(" · ");
    let clean = redact(&said);
    let words = (clean != said).then_some(said);
    let summary = summary_of(&clean, None, &class);
    let address = head.address.and_then(|at| row.field(at));
    Ok(Report {
        external: Some(row.external(head.external)?),
        received,
        kind: row.listed(head.kind, &profile.kind).unwrap_or(profile.default_kind),
        channel: row
            .listed(head.channel, &profile.channel)
            .ok_or_else(|| Unreadable::unknown_value("channel"))?,
        class: ClassId::new(class).map_err(|_| Unreadable::bad_name("class"))?,
        condition: condition
            .map(ConditionId::new)
            .transpose()
            .map_err(|_| Unreadable::bad_name("condition"))?,
        department: row.department(head.department)?,
        point,
        area: None,
        area_hint: head.area.and_then(|at| row.field(at)).map(|name| profile.area_name(name)),
        address: address.map(|text| text.chars().take(ADDRESS_CHARS_MAX).collect()),
        summary,
        private: Private { words, ..Private::default() },
        occurred_at: Some(received),
        target: row.time(head.target, "target")?,
        closed,
        snapshot: row.time(head.snapshot, "snapshot_utc")?,
        on_time: row.on_time(head.on_time)?,
        tags: Vec::new(),
        accused: None,
        settled: None,
        follows: None,
        photos: Vec::new(),
        notes,
    })
}

struct Row<'a> {
    profile: &'a Profile,
    row: &'a StringRecord,
}

impl<'a> Row<'a> {
    /// The field, unless it is empty or says "nothing" in the source's way.
    fn field(&self, at: usize) -> Option<&'a str> {
        let text = self.row.get(at)?.trim();
        (!text.is_empty() && !self.profile.absent.iter().any(|absent| absent == text)).then_some(text)
    }

    fn external(&self, at: usize) -> Result<ExternalId, Unreadable> {
        let column = &self.profile.columns.external;
        let text = self.field(at).ok_or_else(|| Unreadable::missing_external_id(column))?;
        ExternalId::new(text).map_err(|_| Unreadable::bad_external_id(column))
    }

    fn time(&self, at: Option<usize>, name: &str) -> Result<Option<Timestamp>, Unreadable> {
        let text = at.and_then(|at| self.field(at));
        text.map(|text| instant(text, &self.profile.zone).ok_or_else(|| Unreadable::bad_time(name)))
            .transpose()
    }

    fn point(&self, at: Option<(usize, usize)>) -> Result<Option<Point>, Unreadable> {
        let Some((Some(lon), Some(lat))) = at.map(|(lon, lat)| (self.field(lon), self.field(lat))) else {
            return Ok(None);
        };
        let (lon, lat) = match (lon.parse::<f64>(), lat.parse::<f64>()) {
            (Ok(lon), Ok(lat)) => (lon, lat),
            _ => return Err(Unreadable::bad_point("lon, lat")),
        };
        Point::from_degrees(lon, lat).map(Some).ok_or_else(|| Unreadable::bad_point("lon, lat"))
    }

    fn joined(&self, columns: &[usize], chars_max: usize) -> Option<String> {
        let parts = columns.iter().filter_map(|&at| self.field(at)).collect::<Vec<_>>();
        slug(&parts.join(" "), chars_max)
    }

    /// The member that the field's value stands for; the default for an empty field; none for an unlisted
    /// value.
    fn listed<T: Copy>(&self, at: Option<usize>, choice: &Choice<T>) -> Option<T> {
        match at.and_then(|at| self.field(at)) {
            None => Some(choice.default),
            Some(value) => choice.values.get(value).copied(),
        }
    }

    fn department(&self, at: Option<usize>) -> Result<Option<UnitId>, Unreadable> {
        let name = at.and_then(|at| self.field(at));
        let name = name.filter(|name| !self.profile.no_department.iter().any(|none| none == name));
        let id = name.and_then(|name| slug(name, UNIT_ID_CHARS_MAX));
        id.map(UnitId::new).transpose().map_err(|_| Unreadable::bad_name("department"))
    }

    fn on_time(&self, at: Option<usize>) -> Result<Option<bool>, Unreadable> {
        let Some(said) = at.and_then(|at| self.field(at)) else { return Ok(None) };
        let (yes, no) = &self.profile.on_time_words;
        if yes.iter().any(|word| word == said) {
            Ok(Some(true))
        } else if no.iter().any(|word| word == said) {
            Ok(Some(false))
        } else {
            Err(Unreadable::unknown_value("on_time"))
        }
    }
}

impl Profile {
    /// Whether a point is the source's way to say "no place". The point 0, 0 always is.
    pub fn is_no_place(&self, point: Point) -> bool {
        let near = |other: Point| {
            point.lon.abs_diff(other.lon) <= NO_PLACE_TOLERANCE_E7
                && point.lat.abs_diff(other.lat) <= NO_PLACE_TOLERANCE_E7
        };
        near(Point { lon: 0, lat: 0 }) || self.no_place.iter().any(|other| near(*other))
    }

    /// The area's name with a bare number spelt out: `03` becomes `Ward 3` where the profile says so.
    fn area_name(&self, written: &str) -> String {
        let Some(prefix) = &self.area_number_prefix else { return written.to_owned() };
        let number = written.strip_prefix(prefix.as_str()).unwrap_or(written);
        number.parse::<u32>().map_or_else(|_| written.to_owned(), |number| format!("{prefix}{number}"))
    }
}
