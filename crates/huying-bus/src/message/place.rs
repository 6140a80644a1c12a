//! Where something is, as foreign systems say it: degrees with their coordinate system.

use crate::message::text::Text;
use huying_domain::{area::AreaCode, refusal::Malformed};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most characters of an address.
pub const ADDRESS_CHARS_MAX: usize = 400;

/// The datum and disguise of a pair of degrees. In a Chinese city the three lie up to 800 m apart.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, JsonSchema)]
pub enum CoordinateSystem {
    /// WGS-84, and CGCS2000, which differs from it by centimetres.
    #[default]
    #[serde(rename = "wgs84")]
    Wgs84,
    /// GCJ-02, as Chinese maps print.
    #[serde(rename = "gcj02")]
    Gcj02,
    /// BD-09, as Baidu prints.
    #[serde(rename = "bd09")]
    Bd09,
}

/// A point in degrees. It becomes the domain's point at the door, after conversion to WGS-84.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawDegrees")]
#[schemars(!try_from, deny_unknown_fields)]
pub struct Degrees {
    lon: f64,
    lat: f64,
    #[schemars(default)]
    system: CoordinateSystem,
}

impl Degrees {
    /// The point at these degrees east and north, if it is on the globe.
    pub fn new(lon: f64, lat: f64, system: CoordinateSystem) -> Result<Self, Malformed> {
        if (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat) {
            Ok(Self { lon, lat, system })
        } else {
            Err(Malformed::new("point", "lon from -180 to 180 and lat from -90 to 90"))
        }
    }

    /// Degrees east.
    pub const fn lon(self) -> f64 {
        self.lon
    }

    /// Degrees north.
    pub const fn lat(self) -> f64 {
        self.lat
    }

    /// What the degrees mean.
    pub const fn system(self) -> CoordinateSystem {
        self.system
    }
}

/// Where the matter is, never where the caller lives. Each field is what the source happens to know.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Degrees>,
    /// The address in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Text<ADDRESS_CHARS_MAX>>,
    /// The area's code, where the source has asked the same territory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaCode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDegrees {
    lon: f64,
    lat: f64,
    #[serde(default)]
    system: CoordinateSystem,
}

impl TryFrom<RawDegrees> for Degrees {
    type Error = Malformed;

    fn try_from(raw: RawDegrees) -> Result<Self, Malformed> {
        Self::new(raw.lon, raw.lat, raw.system)
    }
}
