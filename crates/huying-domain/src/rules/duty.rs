//! The duty list 派单目录: for each matter the starting rung, the department, and the reason in words.
//!
//! ```toml
//! [[duty]]                       # the first entry that fits counts; the last must fit all
//! class = "water."               # a class, or a prefix that ends in a dot; absent: any
//! start = "department"
//! department = "water"
//! forbid = ["community"]         # rungs that may never lead it
//! zh = "供水由水务部门负责"
//! en = "water supply is the water department's"
//! source = "…"
//! ```

use crate::{event::collect::Brief, ids::UnitId, vocabulary::Rung, words::Words};
use serde::Deserialize;

/// Who does what, in order.
#[derive(Debug)]
pub struct DutyList {
    entries: Vec<Duty>,
}

/// One entry.
#[derive(Debug)]
pub struct Duty {
    class: Option<String>,
    /// Where on the ladder such a matter starts.
    pub start: Rung,
    /// The department whose duty it is.
    pub department: Option<UnitId>,
    /// Rungs that may never lead it: a community is not put in charge of what its list does not hold
    /// (Beijing ordinance of 2021, art. 17; State Council office letter 66 of 2025, item 5).
    pub forbid: Vec<Rung>,
    /// Why.
    pub reason: Words,
}

impl DutyList {
    /// Reads the file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let entries: Vec<Duty> = file
            .duty
            .into_iter()
            .map(|one| Duty {
                class: one.class,
                start: one.start,
                department: one.department,
                forbid: one.forbid,
                reason: Words::new(one.zh, one.en),
            })
            .collect();
        match entries.last() {
            Some(last) if last.class.is_none() => Ok(Self { entries }),
            _ => Err("the last entry must fit every class, so that no matter is without a holder".to_owned()),
        }
    }

    /// The first entry that fits.
    pub fn find(&self, brief: &Brief) -> &Duty {
        let class = brief.class.as_str();
        let fits = |duty: &&Duty| match duty.class.as_deref() {
            None => true,
            Some(prefix) if prefix.ends_with('.') => class.starts_with(prefix),
            Some(whole) => class == whole,
        };
        self.entries.iter().find(fits).expect("the last entry fits every class")
    }

    /// Every entry, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Duty> {
        self.entries.iter()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    duty: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    class: Option<String>,
    start: Rung,
    department: Option<UnitId>,
    #[serde(default)]
    forbid: Vec<Rung>,
    zh: String,
    en: String,
    #[serde(rename = "source")]
    _source: String,
}
