//! Our due instants against those that a source promised: an outside oracle for clocks, limits and calendars.

use crate::calibrate::fit::{AGREE_WITHIN_S, Promise, agrees, fit};
use huying_domain::{
    calendar::Calendar,
    event::{Event, clocks::ClockChange, collect::Brief},
    ids::{CaseId, ClassId, ConditionId, ExternalId},
    limit::Limit,
    rules::Rules,
    time::Timestamp,
    vocabulary::Clock,
};
use huying_intake::report::Report;
use jiff::{Span, civil::Date};
use serde::Serialize;
use std::{cmp::Reverse, collections::BTreeMap, fmt};

/// From so many promises of one other length on in one class and condition, that length is a limit of the source's and
/// not a slip.
const OTHER_LIMIT_CALLS_MIN: u64 = 5;
const HOUR_S: i64 = 3600;
/// Days of a week: the same day of the next one says whether a day off is off by itself.
const WEEK_DAYS: i64 = 7;
/// Most classes and conditions that are named with their misses.
const MOST_MISSED_MAX: usize = 20;

/// A class and a filing condition.
type Group = (ClassId, Option<ConditionId>);

/// The promises, and what our clocks said.
#[derive(Debug, Default)]
pub struct Dues {
    from: Timestamp,
    /// Promises before `from`, of which a policy may have been fitted.
    earlier: BTreeMap<Group, Vec<Promise>>,
    promised: BTreeMap<ExternalId, Timestamp>,
    awaited: BTreeMap<CaseId, Awaited>,
    compared: Vec<Compared>,
    joined: u64,
}

#[derive(Debug)]
struct Awaited {
    brief: Brief,
    promised: Timestamp,
}

#[derive(Debug)]
struct Compared {
    brief: Brief,
    promise: Promise,
    ours: Timestamp,
}

/// How our due instants agree with the promised ones, within ten minutes.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct DueAgreement {
    /// Alike.
    pub agree: u64,
    /// Compared.
    pub of: u64,
    /// The share, for people.
    pub share: f64,
    /// Promises to callers who joined another's case, which has one clock for all of them: not compared.
    pub joined: u64,
    /// The others by cause: `no_limit` (the policy has none), `no_sample` (nothing was promised to that class and
    /// condition before, so the class's limit stood in), `clock_changed` (an hour beside it), `day_off` (as promised if
    /// days off were worked), `limit_changed` (several promises have one other length, which none had before),
    /// `two_limits` (several have one other length, which there was before, too), `single` (one of its own).
    pub misses: BTreeMap<&'static str, u64>,
    /// The classes and conditions with the most misses, each with how many, and the most frequent other limit.
    pub most_missed: Vec<Missed>,
}

/// A class and condition that is promised something else than our limit gives.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Missed {
    /// The class.
    pub class: ClassId,
    /// The filing condition.
    pub condition: Option<ConditionId>,
    /// Misses.
    pub misses: u64,
    /// The limit that explains the most of them, and how many.
    pub other: Option<(String, u64)>,
}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { class, condition, misses, other } = self;
        write!(f, "{misses} of {class}")?;
        condition.as_ref().map_or(Ok(()), |condition| write!(f, " / {condition}"))?;
        other.as_ref().map_or(Ok(()), |(limit, count)| write!(f, ", {count} of them promised {limit}"))
    }
}

impl Dues {
    /// Takes the promised instants out of the reports, so that our own limits hold. Those of calls received from
    /// `from` on are compared.
    pub fn taken_out_of(reports: &mut [Report], from: Timestamp) -> Self {
        let mut dues = Self { from, ..Self::default() };
        for report in reports {
            let Some((target, external)) = report.target.take().zip(report.external.clone()) else {
                continue;
            };
            if report.received >= from {
                dues.promised.insert(external, target);
            } else {
                let group = (report.class.clone(), report.condition.clone());
                let promise = Promise { received: report.received, target };
                dues.earlier.entry(group).or_default().push(promise);
            }
        }
        dues
    }

    /// Takes in what happened to a case: the first start of its resolve clock is compared. Who joins a lead has no
    /// clock of its own.
    pub fn follow(&mut self, case: CaseId, event: &Event) {
        match event {
            Event::Registered(event) => {
                let promised = event.filing.external.as_ref().and_then(|id| self.promised.remove(id));
                if let Some(promised) = promised {
                    self.awaited.insert(case, Awaited { brief: event.filing.brief.clone(), promised });
                }
            }
            Event::Joined(event) => {
                let promised = event.filing.external.as_ref().and_then(|id| self.promised.remove(id));
                self.joined += u64::from(promised.is_some());
            }
            Event::Clocked(event) => {
                for change in &event.changes {
                    if let &ClockChange::Started { clock: Clock::Resolve, from, due: ours, .. } = change
                        && let Some(Awaited { brief, promised }) = self.awaited.remove(&case)
                    {
                        let promise = Promise { received: from, target: promised };
                        self.compared.push(Compared { brief, promise, ours });
                    }
                }
            }
            _ => {}
        }
    }

    /// The comparison.
    pub fn agreement(&self, rules: &Rules) -> DueAgreement {
        let alike = |one: &&Compared| one.off_s().abs() <= AGREE_WITHIN_S;
        let agree = self.compared.iter().filter(alike).count() as u64;
        let mut agreement = DueAgreement { agree, of: agree, joined: self.joined, ..DueAgreement::default() };
        let mut missed = |cause, count: usize| {
            if count > 0 {
                agreement.of += count as u64;
                *agreement.misses.entry(cause).or_default() += count as u64;
            }
        };
        missed("no_limit", self.awaited.len());
        let mut groups: BTreeMap<Group, Vec<&Compared>> = BTreeMap::new();
        for miss in self.compared.iter().filter(|one| !alike(one)) {
            let group = (miss.brief.class.clone(), miss.brief.condition.clone());
            groups.entry(group).or_default().push(miss);
        }
        let mut most_missed = Vec::new();
        for (group, misses) in groups {
            let calendar = rules.calendar_of_matter(&misses[0].brief);
            for (cause, count) in self.causes(&group, &misses, calendar) {
                missed(cause, count);
            }
            let promises: Vec<Promise> = misses.iter().map(|miss| miss.promise).collect();
            let other = fit(&promises, calendar, self.from);
            let other = other.map(|fitted| (fitted.limit.to_string(), fitted.agree));
            let (class, condition) = group;
            most_missed.push(Missed { class, condition, misses: misses.len() as u64, other });
        }
        most_missed.sort_by_key(|missed| Reverse(missed.misses));
        most_missed.truncate(MOST_MISSED_MAX);
        #[expect(clippy::cast_precision_loss, reason = "a share for people; the integers stand beside it")]
        let share = agreement.agree as f64 / agreement.of.max(1) as f64;
        DueAgreement { share, most_missed, ..agreement }
    }

    /// Why the promises of one class and condition are not what our limit gives.
    fn causes(&self, group: &Group, misses: &[&Compared], calendar: &Calendar) -> Vec<(&'static str, usize)> {
        let Some(earlier) = self.earlier.get(group) else { return vec![("no_sample", misses.len())] };
        let (hour, rest): (Vec<&Compared>, Vec<&Compared>) =
            misses.iter().partition(|one| (one.off_s().abs() - HOUR_S).abs() <= AGREE_WITHIN_S);
        let (day_off, rest): (Vec<&Compared>, Vec<&Compared>) =
            rest.into_iter().partition(|one| by_days_off(one, calendar));
        let mut causes = vec![("clock_changed", hour.len()), ("day_off", day_off.len())];
        let mut left: Vec<Promise> = rest.into_iter().map(|one| one.promise).collect();
        // The most frequent other length, then the most frequent of what that leaves.
        while let Some(other) = fit(&left, calendar, self.from)
            && other.agree >= OTHER_LIMIT_CALLS_MIN
        {
            let before = earlier.iter().filter(|promise| agrees(other.limit, promise, calendar)).count();
            let was_there = before as u64 >= OTHER_LIMIT_CALLS_MIN;
            let cause = if was_there { "two_limits" } else { "limit_changed" };
            let all = left.len();
            left.retain(|promise| !agrees(other.limit, promise, calendar));
            causes.push((cause, all - left.len()));
        }
        causes.push(("single", left.len()));
        causes
    }
}

impl Compared {
    /// How much later ours is, in seconds.
    fn off_s(&self) -> i64 {
        self.ours.seconds_since(self.promise.target)
    }
}

/// Whether the promise comes true if days off between were worked: it is earlier by as many whole days of work, and no
/// more of them than were off.
fn by_days_off(one: &Compared, calendar: &Calendar) -> bool {
    let &Compared { promise: Promise { received, target }, ours, .. } = one;
    let (first, last) = (calendar.date(received), calendar.date(ours));
    let off_itself = |day: &Date| {
        let a_week_on = day.checked_add(Span::new().days(WEEK_DAYS));
        !calendar.is_workday(*day) && a_week_on.is_ok_and(|other| calendar.is_workday(other))
    };
    let days =
        || std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(|day| *day <= last);
    let off = days().filter(off_itself).count();
    let Some(worked) = days().find(|day| calendar.is_workday(*day)) else { return false };
    let work = |from, to| calendar.counted(&Limit::WorkingSeconds(1), from, to);
    let day_s =
        work(midnight(worked, calendar), midnight(worked.tomorrow().unwrap_or(worked), calendar)).max(1);
    let early_s = work(target, ours);
    let whole = (early_s + day_s / 2) / day_s;
    let no_more = usize::try_from(whole).is_ok_and(|whole| (1..=off).contains(&whole));
    target < ours && no_more && (early_s - whole * day_s).abs() <= AGREE_WITHIN_S
}

fn midnight(day: Date, calendar: &Calendar) -> Timestamp {
    let wall = calendar.zone().to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible();
    wall.map_or(Timestamp::FAR, Timestamp::from)
}
