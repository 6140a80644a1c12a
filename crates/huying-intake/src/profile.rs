//! A profile says how one source's table is read: which column is what, and which of its values mean what.
//!
//! Profiles are TOML files in which unknown keys are refused, so that a slip of the pen is not silently
//! nothing.

mod file;
pub mod slug;

use huying_domain::{
    area::Point,
    ids::SourceId,
    rules::join::Join,
    vocabulary::{CaseKind, Channel},
};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use thiserror::Error;

const BUILT_IN: [(&str, &str); 2] = [
    ("nyc311", include_str!("../profiles/nyc311.toml")),
    ("boston311", include_str!("../profiles/boston311.toml")),
];

/// How one source's table is read.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The source.
    pub source: SourceId,
    /// The zone of its wall-clock. A time that the clock shows twice is the first of the two; one that the
    /// clock leaps over is as much later ("compatible", RFC 5545).
    pub zone: TimeZone,
    /// What a caller wants where nothing says it.
    pub default_kind: CaseKind,
    /// Values that mean "nothing" in any column.
    pub absent: Vec<String>,
    /// Points that mean "no place".
    pub no_place: Vec<Point>,
    /// The columns.
    pub columns: Columns,
    /// How the channel is found.
    pub channel: Choice<Channel>,
    /// How the kind of demand is found; a value that is not listed is `default_kind`.
    pub kind: Choice<CaseKind>,
    /// Values of the department's column that mean none.
    pub no_department: Vec<String>,
    /// What stands before a bare number in the area's column: `03` and `Ward 3` are one ward.
    pub area_number_prefix: Option<String>,
    /// The source's own words for "kept its promise" and for "did not".
    pub on_time_words: (Vec<String>, Vec<String>),
    /// When two calls are taken for one matter.
    pub join: Join,
}

/// The names of the columns; those that may be absent are options.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Columns {
    /// The source's own name for the call.
    pub external: String,
    /// When it came in.
    pub received: String,
    /// When it was closed.
    pub closed: Option<String>,
    /// When the table was cut, in UTC.
    pub snapshot_utc: Option<String>,
    /// By when the source promised a result.
    pub target: Option<String>,
    /// Whether the source kept its promise, in its own words.
    pub on_time: Option<String>,
    /// The columns that make the class together.
    pub class: Vec<String>,
    /// The columns that make the filing condition together.
    pub condition: Vec<String>,
    /// The department.
    pub department: Option<String>,
    /// The area's name.
    pub area: Option<String>,
    /// Longitude and latitude in degrees, WGS-84.
    pub point: Option<(String, String)>,
    /// The address of the matter.
    pub address: Option<String>,
    /// The columns that are read aloud as the summary.
    pub summary: Vec<String>,
}

/// A column whose values are on a list, and what holds without the column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice<T> {
    /// The column.
    pub column: Option<String>,
    /// What its values mean.
    pub values: BTreeMap<String, T>,
    /// What holds for an empty field or without a column.
    pub default: T,
}

/// Why a profile cannot be used.
#[derive(Debug, Error)]
pub enum ProfileError {
    /// Not TOML, an unknown key, or a value of the wrong form.
    #[error("the profile is not well formed")]
    Form(#[source] toml::de::Error),
    /// A zone that the time zone database does not have.
    #[error("the time zone {0} is not known")]
    Zone(String),
    /// A value beyond its bound.
    #[error("{key} is not within {bound}")]
    Bound {
        /// The key.
        key: &'static str,
        /// What it may be.
        bound: &'static str,
    },
}

impl Profile {
    /// Reads a profile.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        toml::from_str::<file::ProfileFile>(text).map_err(ProfileError::Form)?.check()
    }

    /// One of the profiles that come with the crate.
    pub fn built_in(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Some(Self::parse(text).expect("a test reads every built-in profile"))
    }

    /// The names of the profiles that come with the crate.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_reads_and_is_named_after_its_source() {
        for name in Profile::built_in_names() {
            let profile = Profile::built_in(name).expect("it was named");
            assert_eq!(profile.source.as_str(), name);
        }
        assert!(Profile::built_in("nowhere311").is_none());
    }

    #[test]
    fn an_unknown_key_is_refused_wherever_it_stands() {
        let (_, text) = BUILT_IN[1];
        assert!(matches!(Profile::parse(&format!("colour = 1\n{text}")), Err(ProfileError::Form(_))));
        for (table, _) in text.lines().filter_map(|line| line.strip_prefix('[')?.split_once(']')) {
            if !table.ends_with(".values") {
                let slipped = text.replace(&format!("[{table}]"), &format!("[{table}]\ncolour = 1"));
                assert!(matches!(Profile::parse(&slipped), Err(ProfileError::Form(_))), "in [{table}]");
            }
        }
    }

    #[test]
    fn an_unknown_zone_and_a_join_without_bounds_are_refused() {
        let (_, text) = BUILT_IN[0];
        let elsewhere = text.replace("America/New_York", "America/Gotham");
        assert!(
            matches!(Profile::parse(&elsewhere), Err(ProfileError::Zone(zone)) if zone == "America/Gotham")
        );
        for (from, to) in [
            ("window_s = 3600", "window_s = 604801"),
            ("radius_m = 30", "radius_m = 0"),
            ("threshold_permille = 500", "threshold_permille = 1001"),
        ] {
            assert!(
                matches!(Profile::parse(&text.replace(from, to)), Err(ProfileError::Bound { .. })),
                "{to}"
            );
        }
    }
}
