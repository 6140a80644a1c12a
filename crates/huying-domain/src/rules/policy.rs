//! The policy file: classes, filing conditions, limits, the ladder. Each limit has a stated source.
//!
//! ```toml
//! [policy]
//! name = "dengta-2026"                # appears in every case
//! source = "where these limits come from"
//! valid_from = "2026-01-01T00:00:00+08:00"   # from when it holds; absent: always has
//! centre = "centre"                   # the unit above the last rung
//! calendar = "cn-office"              # of matters that name none
//! top_repeat = "8wh"                  # how often the centre is asked again
//! returns_max = 2                     # then the level above rules
//! reopenings_max = 2                  # then a person decides
//! call_backs_max = 3                  # attempts before a case may be closed as unreached
//! token_days = 180                    # for so long a resident's token opens the case; absent: half a year
//! tell = ["mail", "callback-list"]    # ways to tell a caller, in their order; without it a person calls
//! ladder = ["grid", "community", "street", "department"]
//! [limits]                            # of every class that has none of its own
//! dispatch = "15um"
//! resolve = "5wd"
//! [hold.grid]
//! limit = "4wh"                       # where a matter has no resolve limit
//! share = 20                          # percent of the resolve limit
//! [acts]                              # more time, rest, helpers, whistles: see `acts.rs`
//! # [alarm], [join], [quiet], [[notice]], [sponsors]: see `alarm.rs`, `join.rs` and `notice.rs`
//! [scores]                            # how units are scored, see `scores.rs`
//! # [[retention]]                     # how long personal data are kept: see `retention.rs`
//! [[class]]
//! id = "manhole"
//! zh = "井盖"
//! en = "manhole cover"
//! source = "…"
//! limits = { resolve = "2wd" }
//! [[class.condition]]
//! id = "missing"
//! zh = "缺失"
//! en = "missing"
//! source = "…"                        # absent: the class's
//! limits = { resolve = "2uh", accept = "15um" }
//! ```

use super::{
    acts::Acts,
    alarm::{AlarmEntry, AlarmPlan},
    join::{Join, JoinEntry},
    notice::{self, NoticeEntry, NoticePlan, QuietEntry},
    retention::{self, Retention},
    scores::{Scores, ScoresEntry},
};
use crate::{
    event::collect::Brief,
    ids::{CALLBACK_LIST, CalendarName, ClassId, ConditionId, TELL_CHANNELS, TellChannel, UnitId},
    limit::Limit,
    time::Timestamp,
    vocabulary::{Clock, Rung},
};
use compact_str::CompactString;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Most rungs of a ladder, the centre not counted.
pub const LADDER_RUNGS_MAX: usize = 5;

/// Limits by clock.
pub type Limits = BTreeMap<Clock, Limit>;

/// The policy in force.
#[derive(Debug)]
pub struct Policy {
    /// Its name; part of the label in every case.
    pub name: CompactString,
    /// Where it comes from.
    pub source: String,
    /// From when it holds; absent, it always has.
    pub valid_from: Option<Timestamp>,
    /// The unit above the last rung.
    pub centre: UnitId,
    /// The calendar of matters that name none.
    pub calendar: CalendarName,
    /// How often the centre is asked again.
    pub top_repeat: Limit,
    /// How many returns a leg may have before the level above rules.
    pub returns_max: u8,
    /// How many times a case is reopened without a person deciding.
    pub reopenings_max: u8,
    /// How many attempts to call back before a case may be closed as unreached.
    pub call_backs_max: u8,
    /// For how many days a resident's token opens a case.
    pub token_days: u16,
    /// The ways to tell a caller: the first is asked first, the next where a caller cannot be reached by it. The
    /// last is the list from which a person calls, so that nobody is left untold.
    pub tell: Vec<TellChannel>,
    /// The rungs, lowest first, the centre not among them.
    pub ladder: Vec<Rung>,
    /// Limits of every class that has none of its own.
    pub limits: Limits,
    /// How long each rung may hold a case.
    pub holds: BTreeMap<Rung, Hold>,
    /// Bounds of governed acts; a city that states none has none of them.
    pub acts: Option<Acts>,
    /// How one-key alarms ring; none where the city has no such devices.
    pub alarm: Option<AlarmPlan>,
    /// When a feed's call is joined to an open case by itself; none where only people join.
    pub join: Option<Join>,
    /// Who is told of running clocks, and when.
    pub notices: NoticePlan,
    /// How units are scored.
    pub scores: Scores,
    /// How long personal data are kept.
    pub retention: Retention,
    /// The catalogue.
    pub classes: BTreeMap<ClassId, Class>,
}

/// How long a rung may hold a case.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Where the matter has no resolve limit, or no share is set.
    pub limit: Limit,
    /// Percent of the resolve limit.
    pub share: Option<u8>,
}

/// A class of matter.
#[derive(Debug)]
pub struct Class {
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// Where its limits come from.
    pub source: String,
    /// Its own calendar: water, heat and power serve round the clock.
    pub calendar: Option<CalendarName>,
    /// Its limits.
    pub limits: Limits,
    /// Its filing conditions.
    pub conditions: BTreeMap<ConditionId, Condition>,
}

/// A filing condition 立案条件. Limits hang here, not on the class.
#[derive(Debug)]
pub struct Condition {
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// Where its limits come from, if not from where the class's do.
    pub source: Option<String>,
    /// Its limits.
    pub limits: Limits,
}

impl Policy {
    /// Reads the file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let classes = file.class.into_iter().map(|class| {
            let conditions = class.condition.into_iter();
            let conditions = conditions
                .map(|one| {
                    (one.id, Condition { zh: one.zh, en: one.en, source: one.source, limits: one.limits })
                })
                .collect();
            let (zh, en, calendar, limits) = (class.zh, class.en, class.calendar, class.limits);
            (class.id, Class { zh, en, source: class.source, calendar, limits, conditions })
        });
        let policy = file.policy;
        Ok(Self {
            name: policy.name,
            source: policy.source,
            valid_from: policy.valid_from,
            centre: policy.centre,
            calendar: policy.calendar,
            top_repeat: policy.top_repeat,
            returns_max: policy.returns_max,
            reopenings_max: policy.reopenings_max,
            call_backs_max: policy.call_backs_max,
            token_days: policy.token_days,
            tell: policy.tell,
            ladder: policy.ladder,
            limits: file.limits,
            holds: file.hold,
            acts: file.acts,
            alarm: file.alarm.map(AlarmPlan::from),
            join: file.join.map(JoinEntry::read).transpose()?,
            notices: notice::read(file.quiet, file.notice, file.sponsors)?,
            scores: file.scores.map(Scores::from).unwrap_or_default(),
            retention: file.retention.into(),
            classes: classes.collect(),
        })
    }

    /// The limit of a clock: of the condition, else of the class, else the policy's own.
    pub fn limit(&self, clock: Clock, brief: &Brief) -> Option<Limit> {
        let class = self.classes.get(&brief.class);
        let condition = class.zip(brief.condition.as_ref()).and_then(|(class, id)| class.conditions.get(id));
        let of = |limits: &Limits| limits.get(&clock).copied();
        condition
            .and_then(|condition| of(&condition.limits))
            .or_else(|| class.and_then(|class| of(&class.limits)))
            .or_else(|| of(&self.limits))
    }

    /// How long a rung may hold a case; above the ladder, until the centre is asked again.
    pub fn hold(&self, rung: Rung) -> Hold {
        self.holds.get(&rung).copied().unwrap_or(Hold { limit: self.top_repeat, share: None })
    }

    /// The rung above, or the centre.
    pub fn above(&self, rung: Rung) -> Rung {
        let at = self.ladder.iter().position(|one| *one == rung);
        at.and_then(|at| self.ladder.get(at + 1)).copied().unwrap_or(Rung::Centre)
    }

    /// What in the file contradicts itself. Classes without a resolve limit are not among it: they are *unknown*.
    pub fn contradictions(&self) -> Vec<String> {
        let mut findings = self.scores.contradictions();
        findings.extend(self.acts.iter().flat_map(Acts::contradictions));
        findings.extend(self.alarm.iter().flat_map(AlarmPlan::contradictions));
        findings.extend(self.retention.contradictions(&self.classes));
        if self.ladder.len() > LADDER_RUNGS_MAX || self.ladder.contains(&Rung::Centre) {
            findings.push(format!("the ladder has at most {LADDER_RUNGS_MAX} rungs and not the centre"));
        }
        for (at, rung) in self.ladder.iter().enumerate() {
            if self.ladder[..at].contains(rung) {
                findings.push(format!("the ladder names {rung} twice"));
            }
            if !self.holds.contains_key(rung) {
                findings.push(format!("the ladder names {rung}, but no [hold.{rung}] says for how long"));
            }
        }
        let shares: u32 = self.ladder.iter().filter_map(|rung| self.hold(*rung).share).map(u32::from).sum();
        if shares > 100 {
            findings.push(format!("the ladder's shares sum to {shares} %: it would outlast the limit"));
        }
        for (at, channel) in self.tell.iter().enumerate() {
            if !channel.is_known() {
                findings.push(format!("tell names {channel}; there are {}", TELL_CHANNELS.join(", ")));
            }
            if self.tell[..at].contains(channel) {
                findings.push(format!("tell names {channel} twice"));
            }
        }
        if self.tell.last() != Some(&TellChannel::callback_list()) {
            findings.push(format!("tell does not end with {CALLBACK_LIST}: a caller could be left untold"));
        }
        for clock in [Clock::Dispatch, Clock::Check, Clock::Answer, Clock::CallBack, Clock::Close] {
            if !self.limits.contains_key(&clock) {
                findings.push(format!("[limits] lacks {clock}: a case would wait there for ever"));
            }
        }
        findings
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    policy: Head,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    hold: BTreeMap<Rung, Hold>,
    acts: Option<Acts>,
    alarm: Option<AlarmEntry>,
    join: Option<JoinEntry>,
    quiet: Option<QuietEntry>,
    #[serde(default)]
    notice: Vec<NoticeEntry>,
    #[serde(default)]
    sponsors: BTreeMap<UnitId, UnitId>,
    scores: Option<ScoresEntry>,
    #[serde(default)]
    retention: Vec<retention::Rule>,
    #[serde(default)]
    class: Vec<ClassEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    name: CompactString,
    source: String,
    valid_from: Option<Timestamp>,
    centre: UnitId,
    calendar: CalendarName,
    top_repeat: Limit,
    returns_max: u8,
    reopenings_max: u8,
    call_backs_max: u8,
    #[serde(default = "half_a_year")]
    token_days: u16,
    #[serde(default = "a_person_calls")]
    tell: Vec<TellChannel>,
    ladder: Vec<Rung>,
}

const fn half_a_year() -> u16 {
    180
}

fn a_person_calls() -> Vec<TellChannel> {
    vec![TellChannel::callback_list()]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassEntry {
    id: ClassId,
    zh: String,
    en: String,
    source: String,
    calendar: Option<CalendarName>,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    condition: Vec<ConditionEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionEntry {
    id: ConditionId,
    zh: String,
    en: String,
    source: Option<String>,
    #[serde(default)]
    limits: Limits,
}
