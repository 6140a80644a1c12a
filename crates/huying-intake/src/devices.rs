//! Devices that say from time to time that they are alive; one that falls silent is a case.
//!
//! A city lists its devices in `devices.csv`: `id,source,area,class,every,about`. `every` is urgent time, such as
//! `24uh`: after so long without a sign of life the device is silent. `about` says whose it is and where it hangs, and
//! is sealed with the case like a caller's own words. What was heard is kept in memory alone; after a
//! start each device has its whole time again, so that a stop of the engine accuses nobody.

use huying_domain::{
    area::AreaCode,
    ids::{ClassId, ExternalId, SourceId},
    limit::Limit,
    time::Timestamp,
};
use std::collections::BTreeMap;
use thiserror::Error;

/// Most devices of a city.
pub const DEVICES_MAX: usize = 100_000;
/// Most bytes of the file.
pub const DEVICES_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// The file in the city's folder.
pub const DEVICES_FILE: &str = "devices.csv";
const COLUMNS: [&str; 6] = ["id", "source", "area", "class", "every", "about"];

/// Why a list of devices is none.
#[derive(Debug, Error)]
pub enum DevicesError {
    /// The first line names other columns.
    #[error("the first line is not {}", COLUMNS.join(","))]
    Columns,
    /// A line cannot be read.
    #[error("line {line}: {why}")]
    Line {
        /// Which, from 1.
        line: u64,
        /// Why.
        why: String,
    },
    /// It is too long.
    #[error("more than {DEVICES_MAX} devices")]
    TooMany,
}

/// The devices of a city.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Devices {
    known: BTreeMap<(SourceId, ExternalId), Device>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Device {
    area: AreaCode,
    class: ClassId,
    every_s: i64,
    about: String,
    heard_at: Timestamp,
    /// Its silence is a case already.
    told: bool,
}

/// A device that has been silent for too long.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Silent {
    /// Whose device.
    pub source: SourceId,
    /// Which.
    pub device: ExternalId,
    /// Where it is.
    pub area: AreaCode,
    /// The class of the case.
    pub class: ClassId,
    /// Whose it is and where; personal, so it is sealed.
    pub about: String,
    /// When it was heard last, or since when the engine has listened.
    pub since: Timestamp,
}

impl Devices {
    /// Reads the file; each device has its whole time from `now` on.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, DevicesError> {
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        if !rows.headers().is_ok_and(|heads| heads.iter().eq(COLUMNS)) {
            return Err(DevicesError::Columns);
        }
        let mut known = BTreeMap::new();
        for (row, line) in rows.records().zip(2_u64..) {
            let wrong = |why: &dyn std::fmt::Display| DevicesError::Line { line, why: why.to_string() };
            let row = row.map_err(|error| wrong(&error))?;
            let id: ExternalId = row[0].parse().map_err(|error| wrong(&error))?;
            let source: SourceId = row[1].parse().map_err(|error| wrong(&error))?;
            let Limit::UrgentSeconds(every_s) = row[4].parse().map_err(|error| wrong(&error))? else {
                return Err(wrong(&"every is urgent time, such as 24uh"));
            };
            let device = Device {
                area: row[2].parse().map_err(|error| wrong(&error))?,
                class: row[3].parse().map_err(|error| wrong(&error))?,
                every_s: i64::from(every_s),
                about: row[5].to_owned(),
                heard_at: now,
                told: false,
            };
            if known.insert((source, id), device).is_some() {
                return Err(wrong(&"the device stands twice"));
            }
        }
        if known.len() > DEVICES_MAX { Err(DevicesError::TooMany) } else { Ok(Self { known }) }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// A device says that it is alive; false if the city has no such device of that source.
    pub fn heard(&mut self, source: &SourceId, device: &ExternalId, now: Timestamp) -> bool {
        let Some(known) = self.known.get_mut(&(source.clone(), device.clone())) else { return false };
        known.heard_at = known.heard_at.max(now);
        known.told = false;
        true
    }

    /// Names at most `limit` devices that have been silent for too long and are no case yet.
    pub fn silent(&self, now: Timestamp, limit: usize) -> Vec<Silent> {
        let silent = self
            .known
            .iter()
            .filter(|(_, device)| !device.told && now.seconds_since(device.heard_at) > device.every_s);
        let named = silent.take(limit).map(|((source, id), device)| Silent {
            source: source.clone(),
            device: id.clone(),
            area: device.area,
            class: device.class.clone(),
            about: device.about.clone(),
            since: device.heard_at,
        });
        named.collect()
    }

    /// Its silence is a case now; the next one begins when it has been heard again.
    pub fn told(&mut self, silent: &Silent) {
        if let Some(known) = self.known.get_mut(&(silent.source.clone(), silent.device.clone())) {
            known.told = known.heard_at == silent.since;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "id,source,area,class,every,about\nbtn-1,care,211081001001001,device.silent,1uh,王奶奶家\n";

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn a_device_is_silent_once_until_it_is_heard_again() {
        let begun = at("2026-11-18T09:00:00+08:00");
        let mut devices = Devices::parse(FILE, begun).expect("it reads");
        let (source, id) = ("care".parse().expect("a source"), "btn-1".parse().expect("an id"));
        assert!(devices.silent(begun.plus_seconds(3_600), 9).is_empty(), "its hour is not over");
        assert!(devices.heard(&source, &id, begun.plus_seconds(3_000)));
        assert!(devices.silent(begun.plus_seconds(6_600), 9).is_empty());
        let silent = devices.silent(begun.plus_seconds(6_601), 9);
        assert_eq!((silent.len(), silent[0].since), (1, begun.plus_seconds(3_000)));
        devices.told(&silent[0]);
        assert!(devices.silent(begun.plus_seconds(90_000), 9).is_empty(), "it is a case already");
        devices.heard(&source, &id, begun.plus_seconds(90_000));
        assert_eq!(devices.silent(begun.plus_seconds(93_601), 9).len(), 1, "silent again");
        assert!(!devices.heard(&source, &"btn-2".parse().expect("an id"), begun), "no such device");
    }

    #[test]
    fn a_list_that_makes_no_sense_names_its_line() {
        let now = at("2026-11-18T09:00:00+08:00");
        let wrong = |text: &str| Devices::parse(text, now).expect_err("wrong").to_string();
        assert!(wrong("id,area\n").contains("first line"));
        assert_eq!(wrong(&FILE.replace("1uh", "2wd")), "line 2: every is urgent time, such as 24uh");
        assert!(wrong(&format!("{FILE}{}\n", FILE.lines().nth(1).expect("a line"))).starts_with("line 3: "));
        assert!(wrong(&FILE.replace("211081001001001", "here")).starts_with("line 2: "));
    }
}
