//! Who is told of a running clock, and when: before it is due, when it is, and after.
//!
//! ```toml
//! [quiet]                            # within these hours no notice is sent that is not urgent; alarms always are
//! source = "where this comes from"
//! from = "22:00"
//! to = "07:00"
//! days_off = true                    # nor on days off of the matter's calendar; absent: days off are as others
//! [[notice]]
//! source = "where this comes from"
//! clock = "hold"
//! before = 20                        # percent of the limit that is left; or after = "1wh"; neither: when it is due
//! class = "water."                   # a class, or a prefix that ends in a dot; absent: any
//! rung = "grid"                      # absent: any
//! to = ["holder", "above"]           # holder, above, sponsor, centre
//! units = ["water"]                  # besides
//! holds = "2uh"                      # then it is of use to nobody
//! urgent = true                      # sent in quiet hours too
//! [sponsors]                         # 包保: the leader's office that is told of a street's cases
//! street-1 = "leader-3"
//! ```

use super::alarm::fits;
use crate::{
    calendar::Calendar,
    event::{clocks::PlannedNotice, collect::Brief},
    ids::UnitId,
    limit::Limit,
    time::Timestamp,
    vocabulary::{Clock, NoticePhase, NoticeRole, Rung},
};
use jiff::civil;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Most notices of a policy.
pub const NOTICES_MAX: usize = 64;

/// The notices of a policy.
#[derive(Debug, Default)]
pub struct NoticePlan {
    quiet: Option<Quiet>,
    rules: Vec<NoticeRule>,
    /// The sponsor of a street, by the street's unit.
    pub sponsors: BTreeMap<UnitId, UnitId>,
}

/// Most quiet stretches, nights and days off, that follow each other: holidays are shorter.
const QUIET_STRETCHES_MAX: usize = 64;

/// The hours in which people are let sleep, and the days on which they are let be.
#[derive(Clone, Copy, Debug)]
struct Quiet {
    from: civil::Time,
    to: civil::Time,
    days_off: bool,
}

#[derive(Debug)]
struct NoticeRule {
    clock: Clock,
    when: When,
    class: Option<String>,
    rung: Option<Rung>,
    to: Vec<NoticeRole>,
    units: Vec<UnitId>,
    holds_s: i64,
    urgent: bool,
}

#[derive(Clone, Copy, Debug)]
enum When {
    /// When this many percent of the time are left.
    Before(u8),
    /// When it is due.
    At,
    /// This long after.
    After(Limit),
}

/// A clock that starts or goes on.
pub(crate) struct Matter<'a> {
    pub(crate) clock: Clock,
    pub(crate) brief: &'a Brief,
    pub(crate) rung: Rung,
    pub(crate) from: Timestamp,
    pub(crate) due: Timestamp,
    pub(crate) calendar: &'a Calendar,
}

impl NoticePlan {
    /// Whether nobody is ever told.
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Every unit that the plan names itself.
    pub fn units(&self) -> impl Iterator<Item = &UnitId> {
        let named = self.rules.iter().flat_map(|rule| &rule.units);
        named.chain(self.sponsors.iter().flat_map(|(street, sponsor)| [street, sponsor]))
    }

    /// Whether people are let sleep at this instant, on this calendar's wall.
    pub fn is_quiet(&self, at: Timestamp, calendar: &Calendar) -> bool {
        self.quiet.is_some_and(|quiet| quiet.covers(at, calendar).is_some())
    }

    /// When who is told of a clock. A notice that would fall in the quiet hours waits until they end; if the clock
    /// is due by then, a warning comes before they begin.
    pub(crate) fn plan(&self, matter: &Matter<'_>) -> Vec<PlannedNotice> {
        let rules = self.rules.iter().filter(|rule| {
            rule.clock == matter.clock
                && rule.rung.is_none_or(|rung| rung == matter.rung)
                && rule.class.as_ref().is_none_or(|class| fits(class, &matter.brief.class))
        });
        let planned = rules.enumerate().map(|(step, rule)| {
            let step = u8::try_from(step).expect("a policy has at most NOTICES_MAX notices");
            self.planned(step, rule, matter)
        });
        planned.filter(|notice| notice.at < notice.until).collect()
    }

    fn planned(&self, step: u8, rule: &NoticeRule, matter: &Matter<'_>) -> PlannedNotice {
        let (phase, at) = match rule.when {
            When::Before(percent) => {
                let whole = matter.due.millis() - matter.from.millis();
                let left = whole.saturating_mul(i64::from(percent)) / 100;
                (NoticePhase::Before, Timestamp::from_millis(matter.due.millis() - left))
            }
            When::At => (NoticePhase::At, matter.due),
            When::After(limit) => (NoticePhase::After, matter.calendar.due(&limit, matter.due).at),
        };
        let at = match self.quiet.filter(|_| !rule.urgent).and_then(|quiet| quiet.covers(at, matter.calendar))
        {
            // A clock that began in the quiet time and ends in it has no waking hour for a warning: there is none.
            Some((begin, end)) if phase == NoticePhase::Before && end >= matter.due => {
                let evening = begin.plus_seconds(-1);
                if evening >= matter.from { evening } else { end }
            }
            Some((_, end)) => end,
            None => at,
        };
        let end = at.plus_seconds(rule.holds_s);
        let until = if phase == NoticePhase::Before { end.min(matter.due) } else { end };
        PlannedNotice { step, phase, at, until, to: rule.to.clone(), units: rule.units.clone() }
    }
}

impl Quiet {
    /// The quiet time that this instant falls into: its first instant, and the first one after it.
    fn covers(self, at: Timestamp, calendar: &Calendar) -> Option<(Timestamp, Timestamp)> {
        let (mut begin, mut end) = self.stretch(at, calendar)?;
        for _ in 0..QUIET_STRETCHES_MAX {
            let Some((_, later)) = self.stretch(end, calendar).filter(|(_, later)| *later > end) else {
                break;
            };
            end = later;
        }
        for _ in 0..QUIET_STRETCHES_MAX {
            let before = self.stretch(begin.plus_seconds(-1), calendar);
            let Some((earlier, _)) = before.filter(|(earlier, _)| *earlier < begin) else { break };
            begin = earlier;
        }
        Some((begin, end))
    }

    /// The day off or the night that it falls into.
    fn stretch(self, at: Timestamp, calendar: &Calendar) -> Option<(Timestamp, Timestamp)> {
        let day = calendar.date(at);
        if self.days_off && !calendar.is_workday(day) {
            let midnight = |date: civil::Date| -> Option<Timestamp> {
                Some(
                    calendar
                        .zone()
                        .to_ambiguous_zoned(date.to_datetime(civil::Time::midnight()))
                        .compatible()
                        .ok()?
                        .timestamp()
                        .into(),
                )
            };
            return Some((midnight(day)?, midnight(day.tomorrow().ok()?)?));
        }
        self.night(at, calendar)
    }

    fn night(self, at: Timestamp, calendar: &Calendar) -> Option<(Timestamp, Timestamp)> {
        let zone = calendar.zone();
        let wall = zone.to_datetime(jiff::Timestamp::from(at));
        let (today, time) = (wall.date(), wall.time());
        let instant = |date: civil::Date, time| -> Option<Timestamp> {
            let zoned = zone.to_ambiguous_zoned(date.to_datetime(time)).compatible().ok()?;
            Some(zoned.timestamp().into())
        };
        let (first, last) = if self.from <= self.to {
            (self.from <= time && time < self.to).then_some((today, today))?
        } else if time >= self.from {
            (today, today.tomorrow().ok()?)
        } else if time < self.to {
            (today.yesterday().ok()?, today)
        } else {
            return None;
        };
        Some((instant(first, self.from)?, instant(last, self.to)?))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuietEntry {
    #[serde(rename = "source")]
    _source: String,
    from: String,
    to: String,
    #[serde(default)]
    days_off: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoticeEntry {
    #[serde(rename = "source")]
    _source: String,
    clock: Clock,
    before: Option<u8>,
    after: Option<Limit>,
    class: Option<String>,
    rung: Option<Rung>,
    #[serde(default)]
    to: Vec<NoticeRole>,
    #[serde(default)]
    units: Vec<UnitId>,
    holds: Limit,
    #[serde(default)]
    urgent: bool,
}

/// Reads what the policy says of notices.
pub(super) fn read(
    quiet: Option<QuietEntry>,
    entries: Vec<NoticeEntry>,
    sponsors: BTreeMap<UnitId, UnitId>,
) -> Result<NoticePlan, String> {
    if entries.len() > NOTICES_MAX {
        return Err(format!("more than {NOTICES_MAX} notices"));
    }
    let time = |text: &str| {
        let read = civil::Time::strptime("%H:%M", text);
        read.map_err(|_| format!("quiet: {text:?} is no time of day; write 22:00"))
    };
    let quiet = quiet.map(|entry| {
        let (from, to, days_off) = (time(&entry.from)?, time(&entry.to)?, entry.days_off);
        Ok::<_, String>(Quiet { from, to, days_off })
    });
    let rules = entries.into_iter().enumerate().map(|(at, entry)| {
        let wrong = |why: &str| Err(format!("notice {}: {why}", at + 1));
        let when = match (entry.before, entry.after) {
            (None, None) => When::At,
            (Some(percent), None) if (1..100).contains(&percent) => When::Before(percent),
            (Some(_), None) => return wrong("before is 1 to 99 percent of the limit"),
            (None, Some(limit)) => When::After(limit),
            (Some(_), Some(_)) => return wrong("either before or after"),
        };
        let Limit::UrgentSeconds(holds_s) = entry.holds else {
            return wrong("holds is urgent time, such as 2uh");
        };
        if entry.to.is_empty() && entry.units.is_empty() {
            return wrong("nobody is told");
        }
        let (clock, class, rung, urgent) = (entry.clock, entry.class, entry.rung, entry.urgent);
        let (to, units, holds_s) = (entry.to, entry.units, i64::from(holds_s));
        Ok(NoticeRule { clock, when, class, rung, to, units, holds_s, urgent })
    });
    Ok(NoticePlan { quiet: quiet.transpose()?, rules: rules.collect::<Result<_, String>>()?, sponsors })
}
