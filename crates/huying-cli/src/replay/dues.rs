//! Our due instants against those that a source promised: an outside oracle for clocks, limits and calendars.

use crate::calibrate::fit::AGREE_WITHIN_S;
use huying_domain::{
    calendar::Calendar,
    event::{Event, clocks::ClockChange, collect::Brief},
    ids::{CaseId, ExternalId},
    limit::Limit,
    rules::Rules,
    time::Timestamp,
    vocabulary::Clock,
};
use huying_intake::report::Report;
use serde::Serialize;
use std::collections::BTreeMap;

/// From so many promises of one other length on in one class and condition, the source changed its limit, or has two.
const OTHER_LIMIT_CALLS_MIN: usize = 5;
const HOUR_S: i64 = 3600;
const MINUTE_S: i64 = 60;

/// The promises, and what our clocks said.
#[derive(Debug, Default)]
pub struct Dues {
    promised: BTreeMap<ExternalId, Timestamp>,
    awaited: BTreeMap<CaseId, Awaited>,
    compared: Vec<Compared>,
}

#[derive(Debug)]
struct Awaited {
    brief: Brief,
    promised: Timestamp,
}

#[derive(Debug)]
struct Compared {
    brief: Brief,
    from: Timestamp,
    promised: Timestamp,
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
    /// The others by cause: `no_limit` (the policy has none), `one_hour` (a clock that was changed between),
    /// `other_limit` (several promises of that class and condition have one other length), `single` (one of its own).
    pub misses: BTreeMap<&'static str, u64>,
}

impl Dues {
    /// Takes the promised instants out of the reports, so that our own limits hold. Those of calls received from
    /// `from` on are compared.
    pub fn taken_out_of(reports: &mut [Report], from: Timestamp) -> Self {
        let mut dues = Self::default();
        for report in reports {
            if let Some((target, external)) = report.target.take().zip(report.external.clone())
                && report.received >= from
            {
                dues.promised.insert(external, target);
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
            Event::Clocked(event) => {
                for change in &event.changes {
                    if let &ClockChange::Started { clock: Clock::Resolve, from, due: ours, .. } = change
                        && let Some(Awaited { brief, promised }) = self.awaited.remove(&case)
                    {
                        self.compared.push(Compared { brief, from, promised, ours });
                    }
                }
            }
            _ => {}
        }
    }

    /// The comparison.
    pub fn agreement(&self, rules: &Rules) -> DueAgreement {
        let alike = |one: &&Compared| one.ours.seconds_since(one.promised).abs() <= AGREE_WITHIN_S;
        let agree = self.compared.iter().filter(alike).count() as u64;
        let misses: Vec<&Compared> = self.compared.iter().filter(|one| !alike(one)).collect();
        let mut lengths: BTreeMap<_, usize> = BTreeMap::new();
        let alike_in = |one: &Compared| {
            let brief = &one.brief;
            let calendar = rules.calendar_of_matter(brief);
            lengths_of(one, calendar).map(|length| (brief.class.clone(), brief.condition.clone(), length))
        };
        for key in misses.iter().flat_map(|miss| alike_in(miss)) {
            *lengths.entry(key).or_default() += 1;
        }
        let mut agreement = DueAgreement { agree, of: agree, ..DueAgreement::default() };
        let mut missed = |cause, count: u64| {
            if count > 0 {
                agreement.of += count;
                *agreement.misses.entry(cause).or_default() += count;
            }
        };
        missed("no_limit", self.awaited.len() as u64);
        for miss in misses {
            let off_s = miss.ours.seconds_since(miss.promised).abs();
            let cause = if (off_s - HOUR_S).abs() <= AGREE_WITHIN_S {
                "one_hour"
            } else if alike_in(miss).iter().any(|key| lengths[key] >= OTHER_LIMIT_CALLS_MIN) {
                "other_limit"
            } else {
                "single"
            };
            missed(cause, 1);
        }
        #[expect(clippy::cast_precision_loss, reason = "a share for people; the integers stand beside it")]
        let share = agreement.agree as f64 / agreement.of.max(1) as f64;
        DueAgreement { share, ..agreement }
    }
}

/// How long the promise is in minutes: of working time, and of all.
fn lengths_of(one: &Compared, calendar: &Calendar) -> [(bool, i64); 2] {
    let working_s = calendar.counted(&Limit::WorkingSeconds(1), one.from, one.promised);
    [(true, working_s / MINUTE_S), (false, one.promised.seconds_since(one.from) / MINUTE_S)]
}
