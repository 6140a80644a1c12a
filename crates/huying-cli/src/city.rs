//! A city as a folder: its facts, its five rule files, and the polygons of its areas.
//!
//! | file | what |
//! |---|---|
//! | `city.toml` | [`CityFacts`]: names, zone, county code, fallback area, where it all comes from |
//! | `policy.toml` | classes, filing conditions 立案条件, limits, the ladder |
//! | `duty.toml` | the duty list 派单目录 |
//! | `calendar.toml` | working calendars |
//! | `territory.csv` | `code,zh,en,from,to` |
//! | `units.csv` | `id,area,parent,calendar,staff,zh,en` |
//! | `areas.geojson` | optional: a feature per area, with the properties `code`, `level` and `name`, in WGS-84 |
//!
//! [`build::build`] makes such a folder from polygons, [`check::check`] says what is wrong with one,
//! [`dengta::dengta`] is the demo city, [`flat::flat`] the smallest city in which a replay can run.

pub mod build;
pub mod check;
pub mod dengta;
pub mod finding;
pub mod flat;
mod partition;
mod place;
mod roster;
mod shapes;

use huying_domain::{
    area::AreaCode,
    record::RuleFile,
    rules::{RuleTexts, Rules, RulesError},
};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// Most bytes of one file of a city: 256 MiB, ten times the polygons of a large one.
pub const CITY_FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

const FACTS: &str = "city.toml";
const AREAS: &str = "areas.geojson";

/// Why a city could not be read, built or written.
#[derive(Debug, Error)]
pub enum CityError {
    /// A file is absent or cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file has more than [`CITY_FILE_BYTES_MAX`].
    #[error("{} has {bytes} bytes, more than {CITY_FILE_BYTES_MAX}", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// The folder or a file in it cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The folder holds a city already; nobody's work is written over.
    #[error("{} holds a city already", .0.display())]
    Occupied(PathBuf),
    /// `city.toml` is not of the documented form.
    #[error("{} is not of the documented form", path.display())]
    Facts {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A GeoJSON file is not a collection of polygons.
    #[error("{} cannot be used: {why}", path.display())]
    Shapes {
        /// Which file.
        path: PathBuf,
        /// Which feature, and why.
        why: String,
    },
    /// Three digits do not number the areas within one parent.
    #[error("{parent} would have {count} areas below it, and three digits number 999")]
    Crowded {
        /// The area above.
        parent: AreaCode,
        /// How many were to be numbered.
        count: usize,
    },
    /// What was asked for contradicts itself.
    #[error("{0}")]
    Plan(&'static str),
}

/// What a city says about itself in `city.toml`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityFacts {
    /// 中文名
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// The zone of its clocks on the wall, by its name in the time-zone database.
    pub zone: String,
    /// The 6-digit code under which all its areas stand.
    pub county: AreaCode,
    /// Where a call goes whose place lies in no area. The county itself means that the command centre takes it.
    pub fallback: AreaCode,
    /// Where names, codes, polygons and numbers come from, a sentence each.
    pub sources: Vec<String>,
}

/// A city, whole and in memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct City {
    /// What it says about itself.
    pub facts: CityFacts,
    /// Its rule files, as the rulebook keeps them.
    pub texts: RuleTexts,
    /// The polygons of its areas as GeoJSON, where there are any.
    pub areas: Option<String>,
}

impl City {
    /// Reads a folder. What stands in the rule files is not looked at: [`Self::rules`] and [`check::check`] do that.
    pub fn load(folder: &Path) -> Result<Self, CityError> {
        let path = folder.join(FACTS);
        let facts = toml::from_str(&read(&path)?)
            .map_err(|source| CityError::Facts { path, source: Box::new(source) })?;
        let mut texts = RuleTexts::new();
        for file in RuleFile::ALL {
            texts.insert(file, read(&folder.join(file_name(file)))?.into_bytes());
        }
        let areas = folder.join(AREAS);
        let areas = if areas.exists() { Some(read(&areas)?) } else { None };
        Ok(Self { facts, texts, areas })
    }

    /// Writes the folder, and refuses when a city stands there already.
    pub fn write(&self, folder: &Path) -> Result<(), CityError> {
        if folder.join(FACTS).exists() {
            return Err(CityError::Occupied(folder.to_owned()));
        }
        fs::create_dir_all(folder).map_err(|source| CityError::Write { path: folder.to_owned(), source })?;
        for (file, bytes) in &self.texts {
            write(folder.join(file_name(*file)), bytes)?;
        }
        if let Some(areas) = &self.areas {
            write(folder.join(AREAS), areas.as_bytes())?;
        }
        // Last, because a folder with a city.toml is a whole city.
        write(folder.join(FACTS), toml::to_string(&self.facts).expect("facts are plain text").as_bytes())
    }

    /// The rules in force, read and found to hold together.
    pub fn rules(&self) -> Result<Rules, RulesError> {
        Rules::read(&self.texts)
    }
}

/// The name of a rule file in a city's folder.
pub const fn file_name(file: RuleFile) -> &'static str {
    match file {
        RuleFile::Policy => "policy.toml",
        RuleFile::Duty => "duty.toml",
        RuleFile::Calendar => "calendar.toml",
        RuleFile::Territory => "territory.csv",
        RuleFile::Units => "units.csv",
    }
}

fn read(path: &Path) -> Result<String, CityError> {
    let unreadable = |source| CityError::Read { path: path.to_owned(), source };
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    if bytes > CITY_FILE_BYTES_MAX {
        return Err(CityError::TooLarge { path: path.to_owned(), bytes });
    }
    fs::read_to_string(path).map_err(unreadable)
}

fn write(path: PathBuf, bytes: &[u8]) -> Result<(), CityError> {
    fs::write(&path, bytes).map_err(|source| CityError::Write { path, source })
}

#[cfg(test)]
mod tests;
