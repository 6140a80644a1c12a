//! The profile as it stands in its file.

use super::{Choice, Columns, Profile, ProfileError};
use huying_domain::{
    area::Point,
    ids::SourceId,
    rules::join::Join,
    vocabulary::{CaseKind, Channel},
};
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileFile {
    source: SourceId,
    zone: String,
    default_kind: CaseKind,
    #[serde(default)]
    absent: Vec<String>,
    #[serde(default)]
    no_place: Vec<(f64, f64)>,
    columns: ColumnsTable,
    channel: ChannelTable,
    class: JoinedColumns,
    #[serde(default)]
    condition: JoinedColumns,
    department: Option<DepartmentTable>,
    area: Option<AreaTable>,
    on_time: Option<OnTimeTable>,
    #[serde(default)]
    kind: KindTable,
    join: JoinTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnsTable {
    external: String,
    received: String,
    closed: Option<String>,
    snapshot_utc: Option<String>,
    target: Option<String>,
    lon: Option<String>,
    lat: Option<String>,
    address: Option<String>,
    summary: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelTable {
    column: Option<String>,
    default: Channel,
    #[serde(default)]
    values: BTreeMap<String, Channel>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct KindTable {
    column: Option<String>,
    #[serde(default)]
    values: BTreeMap<String, CaseKind>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct JoinedColumns {
    columns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DepartmentTable {
    column: String,
    #[serde(default)]
    none: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AreaTable {
    column: String,
    number_prefix: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnTimeTable {
    column: String,
    yes: Vec<String>,
    no: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JoinTable {
    radius_m: u32,
    window_s: u32,
    threshold_permille: u16,
    #[serde(default)]
    without_point: bool,
    /// Tables of open data hold no words of callers.
    #[serde(default)]
    words_permille: u16,
}

impl ProfileFile {
    pub(super) fn check(self) -> Result<Profile, ProfileError> {
        let zone = TimeZone::get(&self.zone).map_err(|_| ProfileError::Zone(self.zone))?;
        if self.class.columns.is_empty() {
            return Err(ProfileError::Bound { key: "class.columns", bound: "one column or more" });
        }
        let point = match (self.columns.lon, self.columns.lat) {
            (Some(lon), Some(lat)) => Some((lon, lat)),
            (None, None) => None,
            _ => return Err(ProfileError::Bound { key: "columns.lon, lat", bound: "both or neither" }),
        };
        let no_place = self.no_place.into_iter().map(|(lon, lat)| {
            Point::from_degrees(lon, lat)
                .ok_or(ProfileError::Bound { key: "no_place", bound: "[longitude, latitude] on the globe" })
        });
        let (department, no_department) =
            self.department.map_or((None, Vec::new()), |table| (Some(table.column), table.none));
        let (area, area_number_prefix) =
            self.area.map_or((None, None), |table| (Some(table.column), table.number_prefix));
        let (on_time, on_time_words) =
            self.on_time.map_or_else(Default::default, |table| (Some(table.column), (table.yes, table.no)));
        Ok(Profile {
            source: self.source,
            zone,
            default_kind: self.default_kind,
            absent: self.absent,
            no_place: no_place.collect::<Result<_, _>>()?,
            columns: Columns {
                external: self.columns.external,
                received: self.columns.received,
                closed: self.columns.closed,
                snapshot_utc: self.columns.snapshot_utc,
                target: self.columns.target,
                on_time,
                class: self.class.columns,
                condition: self.condition.columns,
                department,
                area,
                point,
                address: self.columns.address,
                summary: self.columns.summary,
            },
            channel: Choice {
                column: self.channel.column,
                values: self.channel.values,
                default: self.channel.default,
            },
            kind: Choice { column: self.kind.column, values: self.kind.values, default: self.default_kind },
            no_department,
            area_number_prefix,
            on_time_words,
            join: self.join.check()?,
        })
    }
}

impl JoinTable {
    fn check(self) -> Result<Join, ProfileError> {
        let join = Join {
            radius_m: self.radius_m,
            window_s: self.window_s,
            threshold_permille: self.threshold_permille,
            words_permille: self.words_permille,
            without_point: self.without_point,
        };
        match join.beyond_bound() {
            Some((key, bound)) => Err(ProfileError::Bound { key, bound }),
            None => Ok(join),
        }
    }
}
