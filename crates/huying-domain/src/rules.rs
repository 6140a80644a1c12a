//! The city's rules in force: five content-addressed files, read once, asked often.
//!
//! The engine loads the files; `decide` and the stations are handed the whole. Nothing here knows the time.

pub mod acts;
pub mod alarm;
pub mod duty;
pub mod join;
pub mod notice;
pub mod policy;
pub mod retention;
pub mod scores;
pub mod territory;
pub mod units;

use self::{
    duty::{Duty, DutyList},
    policy::{Hold, Policy},
    territory::Territory,
    units::{Unit, Units},
};
use crate::{
    area::{AreaCode, Level},
    calendar::{Calendar, CalendarError, Calendars, Due},
    event::collect::Brief,
    ids::{CalendarName, RulesLabel, UnitId},
    limit::Limit,
    record::{Hash, RuleFile},
    time::Timestamp,
    vocabulary::{Clock, Rung},
    wire,
};
use compact_str::format_compact;
use std::collections::BTreeMap;
use thiserror::Error;

/// Why a set of rule files is not a set of rules.
#[derive(Debug, Error)]
pub enum RulesError {
    /// A file of the set is absent.
    #[error("the rule file {} is absent", .0.name())]
    Absent(RuleFile),
    /// A file cannot be read as what it is.
    #[error("the rule file {} cannot be read: {why}", file.name())]
    Unreadable {
        /// Which file.
        file: RuleFile,
        /// Where and why.
        why: String,
    },
    /// The calendar file is wrong.
    #[error("the calendar file cannot be used")]
    Calendar(#[source] CalendarError),
    /// The files do not fit together, or a rule contradicts another.
    #[error("the rules do not hold together: {}", .0.join("; "))]
    Contradiction(Vec<String>),
}

/// Everything that a decision may look up.
#[derive(Debug)]
pub struct Rules {
    /// The label that events carry: the policy's name and the first digits over all five files' hashes.
    pub label: RulesLabel,
    /// Classes, conditions, limits, the ladder.
    pub policy: Policy,
    /// Who does what.
    pub duty: DutyList,
    /// Working calendars.
    pub calendars: Calendars,
    /// Areas.
    pub territory: Territory,
    /// Units.
    pub units: Units,
}

/// The bytes of the five files.
pub type RuleTexts = BTreeMap<RuleFile, Vec<u8>>;

impl Rules {
    /// Reads the five files and checks that they hold together.
    pub fn read(texts: &RuleTexts) -> Result<Self, RulesError> {
        let text = |file: RuleFile| {
            let bytes = texts.get(&file).ok_or(RulesError::Absent(file))?;
            std::str::from_utf8(bytes)
                .map_err(|error| RulesError::Unreadable { file, why: error.to_string() })
        };
        let unreadable = |file| move |why: String| RulesError::Unreadable { file, why };
        let policy = Policy::parse(text(RuleFile::Policy)?).map_err(unreadable(RuleFile::Policy))?;
        let all: Vec<u8> = RuleFile::ALL.iter().flat_map(|file| wire::hash(&texts[file]).0).collect();
        let rules = Self {
            label: RulesLabel::new(format_compact!("{}@{}", policy.name, &wire::hash(&all).to_string()[..8]))
                .map_err(|error| RulesError::Unreadable { file: RuleFile::Policy, why: error.to_string() })?,
            duty: DutyList::parse(text(RuleFile::Duty)?).map_err(unreadable(RuleFile::Duty))?,
            calendars: Calendars::parse(text(RuleFile::Calendar)?).map_err(RulesError::Calendar)?,
            territory: Territory::parse(text(RuleFile::Territory)?)
                .map_err(unreadable(RuleFile::Territory))?,
            units: Units::parse(text(RuleFile::Units)?).map_err(unreadable(RuleFile::Units))?,
            policy,
        };
        let findings = rules.contradictions();
        if findings.is_empty() { Ok(rules) } else { Err(RulesError::Contradiction(findings)) }
    }

    /// The hash under which the rulebook keeps these bytes.
    pub fn hash(bytes: &[u8]) -> Hash {
        wire::hash(bytes)
    }

    fn contradictions(&self) -> Vec<String> {
        let mut findings = self.policy.contradictions();
        let mut calendar = |name: &CalendarName, what: &dyn std::fmt::Display| {
            if self.calendars.get(name).is_none() {
                findings.push(format!("{what} names the calendar {name}, which is absent"));
            }
        };
        calendar(&self.policy.calendar, &"the policy");
        for unit in self.units.iter() {
            calendar(&unit.calendar, &format_args!("unit {}", unit.id));
        }
        for (class, rule) in &self.policy.classes {
            if let Some(name) = &rule.calendar {
                calendar(name, &format_args!("class {class}"));
            }
        }
        if self.units.get(&self.policy.centre).is_none() {
            findings.push(format!("the command centre {} is no unit", self.policy.centre));
        }
        let alarm = self.policy.alarm.iter().flat_map(alarm::AlarmPlan::units);
        for unit in alarm.chain(self.policy.notices.units()).filter(|unit| self.units.get(unit).is_none()) {
            findings.push(format!("the policy rings or tells {unit}, which is no unit"));
        }
        for duty in self.duty.iter() {
            if let Some(unit) = duty.department.as_ref().filter(|unit| self.units.get(unit).is_none()) {
                findings.push(format!("the duty list names {unit}, which is no unit"));
            }
        }
        findings
    }

    /// The unit, if the city has it.
    pub fn unit(&self, id: &UnitId) -> Option<&Unit> {
        self.units.get(id)
    }

    /// The command centre, which stands above the last rung.
    pub const fn centre(&self) -> &UnitId {
        &self.policy.centre
    }

    /// The duty entry for a matter: the starting rung, the department, and the reason in words.
    pub fn duty_for(&self, brief: &Brief) -> &Duty {
        self.duty.find(brief)
    }

    /// Who stands on a rung for a matter: the area's unit, the department whose duty it is, or the centre.
    pub fn stands_on(&self, rung: Rung, brief: &Brief) -> Option<&Unit> {
        match rung.level() {
            Some(level) => self.units.of_area(brief.area.at(level)?),
            None if rung == Rung::Centre => self.units.get(self.centre()),
            None => {
                let duty = self.duty_for(brief);
                self.units.get(brief.department.as_ref().or(duty.department.as_ref())?)
            }
        }
    }

    /// Whether a unit supervises another: the centre all, an area's unit those within its area, a parent its own.
    pub fn supervises(&self, above: &UnitId, below: &UnitId) -> bool {
        if above == self.centre() {
            return true;
        }
        let (Some(above), Some(below)) = (self.units.get(above), self.units.get(below)) else { return false };
        let within = matches!((above.area, below.area), (Some(outer), Some(inner)) if outer != inner && outer.covers(inner));
        within || below.parent.as_ref() == Some(&above.id)
    }

    /// The unit above: its parent, or that of the next larger area that has one; above all the centre.
    pub fn above(&self, unit: &UnitId) -> &UnitId {
        let Some(unit) = self.units.get(unit) else { return self.centre() };
        if let Some(parent) = unit.parent.as_ref().filter(|parent| self.units.get(parent).is_some()) {
            return parent;
        }
        let mut area = unit.area.and_then(AreaCode::parent);
        while let Some(larger) = area {
            if let Some(above) = self.units.of_area(larger) {
                return &above.id;
            }
            area = larger.parent();
        }
        self.centre()
    }

    /// The leader's office that sponsors the street in which an area lies 包保. It is told and does not hold.
    pub fn sponsor(&self, area: AreaCode) -> Option<&UnitId> {
        let street = self.units.of_area(area.at(Level::Street)?)?;
        self.policy.notices.sponsors.get(&street.id)
    }

    /// Whether a unit is that other one or stands below it: then a case about the other is not given to it.
    pub fn is_or_is_below(&self, unit: &UnitId, other: &UnitId) -> bool {
        unit == other || (other != self.centre() && self.supervises(other, unit))
    }

    /// The limit of a clock: of the condition, else of the class, else the policy's own.
    pub fn limit(&self, clock: Clock, brief: &Brief) -> Option<Limit> {
        self.policy.limit(clock, brief)
    }

    /// How long a rung may hold a matter: its share of the resolve limit where there is one, else its own limit.
    pub fn hold(&self, rung: Rung, brief: &Brief, given: Option<Timestamp>) -> Limit {
        let Hold { limit, share } = self.policy.hold(rung);
        match (share, self.limit(Clock::Resolve, brief)) {
            (Some(percent), Some(resolve)) if given.is_none() => resolve.share(percent),
            _ => limit,
        }
    }

    /// The calendar on which a matter's own clocks run.
    pub fn calendar_of_matter(&self, brief: &Brief) -> &Calendar {
        let class = self.policy.classes.get(&brief.class);
        let name = class.and_then(|class| class.calendar.as_ref()).unwrap_or(&self.policy.calendar);
        self.calendars.get(name).expect("checked when the rules were read")
    }

    /// The calendar on which a unit's clocks run; the policy's for a unit that is no longer in the city.
    pub fn calendar_of_unit(&self, unit: &UnitId) -> &Calendar {
        let name = self.units.get(unit).map_or(&self.policy.calendar, |unit| &unit.calendar);
        self.calendars.get(name).expect("checked when the rules were read")
    }

    /// When a limit that starts now on a unit's calendar is due.
    pub fn due_for_unit(&self, unit: &UnitId, limit: &Limit, from: Timestamp) -> Due {
        self.calendar_of_unit(unit).due(limit, from)
    }
}
