//! Territory by code: a prefix is the parent.

use crate::{ids::as_text, refusal::Malformed};
use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How high an area or a rung stands. Titles differ by city and are configuration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 微网格, 18 digits.
    MicroGrid,
    /// 网格, 15 digits.
    Grid,
    /// 社区 or 村, 12 digits.
    Community,
    /// 街道, 乡 or 镇, 9 digits.
    Street,
    /// 县, 区 or 县级市, 6 digits.
    County,
}

impl Level {
    /// All levels of territory, lowest first.
    pub const ALL: [Self; 5] = [Self::MicroGrid, Self::Grid, Self::Community, Self::Street, Self::County];

    /// How many digits a code of this level has: GB/T 2260 for the county, the statistical division codes for
    /// street and community, three more for the grid (as DB11 does) and three more for the micro-grid.
    pub const fn digits(self) -> u32 {
        match self {
            Self::County => 6,
            Self::Street => 9,
            Self::Community => 12,
            Self::Grid => 15,
            Self::MicroGrid => 18,
        }
    }

    /// The level above, if there is one.
    pub const fn above(self) -> Option<Self> {
        match self {
            Self::MicroGrid => Some(Self::Grid),
            Self::Grid => Some(Self::Community),
            Self::Community => Some(Self::Street),
            Self::Street => Some(Self::County),
            Self::County => None,
        }
    }

    /// The English name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MicroGrid => "micro_grid",
            Self::Grid => "grid",
            Self::Community => "community",
            Self::Street => "street",
            Self::County => "county",
        }
    }
}

impl FromStr for Level {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::ALL
            .into_iter()
            .find(|level| level.name() == text)
            .ok_or(Malformed::new("level", "one of county, street, community, grid, micro_grid"))
    }
}

/// The code of an area: 6, 9, 12, 15 or 18 digits that do not begin with 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(with = "String")]
pub struct AreaCode(u64);

impl AreaCode {
    /// The area with this code, if its number of digits is that of a level.
    pub fn new(code: u64) -> Result<Self, Malformed> {
        let digits = code.checked_ilog10().map_or(0, |log| log + 1);
        if Level::ALL.iter().any(|level| level.digits() == digits) {
            Ok(Self(code))
        } else {
            Err(Malformed::new("area code", "6, 9, 12, 15 or 18 digits that do not begin with 0"))
        }
    }

    /// The level that the number of digits tells.
    pub fn level(self) -> Level {
        let digits = self.0.ilog10() + 1;
        *Level::ALL.iter().find(|level| level.digits() == digits).expect("checked when the code was made")
    }

    /// The area one level up; none above a county.
    pub fn parent(self) -> Option<Self> {
        (self.level() != Level::County).then_some(Self(self.0 / 1000))
    }

    /// The area at this level that this one lies in (or is); none when this one stands higher.
    pub fn at(self, level: Level) -> Option<Self> {
        let mut area = self;
        while area.level() < level {
            area = area.parent()?;
        }
        (area.level() == level).then_some(area)
    }

    /// Whether the other area is this one or lies in it.
    pub fn covers(self, other: Self) -> bool {
        other.at(self.level()) == Some(self)
    }

    /// The code as a number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for AreaCode {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 18;
        let number = if digits { text.parse().unwrap_or(0) } else { 0 };
        Self::new(number)
    }
}

as_text!(AreaCode);

/// A point in WGS-84, in units of 1e-7 degree, so that equal points are equal and no float is ever stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// Longitude east, 1e-7 degree, −1,800,000,000 to 1,800,000,000.
    pub lon: i32,
    /// Latitude north, 1e-7 degree, −900,000,000 to 900,000,000.
    pub lat: i32,
}

impl Point {
    /// The point at these degrees; none when they are not on the globe.
    pub fn from_degrees(lon: f64, lat: f64) -> Option<Self> {
        let on_globe = (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked: it fits in an i32")]
        on_globe.then(|| Self { lon: (lon * 1e7).round() as i32, lat: (lat * 1e7).round() as i32 })
    }

    /// Longitude and latitude in degrees.
    pub fn degrees(self) -> (f64, f64) {
        (f64::from(self.lon) / 1e7, f64::from(self.lat) / 1e7)
    }
}
