//! Fitting limits on a city's own history: of calls with a promised instant, which limit explains the promises?
//!
//! The route: the calls of a file before `until` → [`fit`] finds for each class, and for each filing condition of it,
//! the kind and length that reproduce the most promises, recent ones weighing more → [`policy`] writes them into a
//! policy file → the calls from `until` on, which fitted nothing, say how good it is.

pub mod fit;
pub mod policy;

use self::fit::{AGREE_WITHIN_S, Fitted, Promise, fit};
use huying_domain::{
    calendar::Calendar,
    ids::{ClassId, ConditionId},
    time::Timestamp,
};
use huying_intake::report::Report;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// From how many calls on a filing condition has a limit of its own; with fewer it takes its class's.
pub const CONDITION_CALLS_MIN: usize = 5;

/// What a history says of one class.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ClassFit {
    /// The limit of the class as a whole; none where no call of it was ever promised an instant.
    pub whole: Option<Fitted>,
    /// The conditions that differ from it.
    pub conditions: BTreeMap<ConditionId, Fitted>,
}

/// How well fitted limits explain promises.
#[derive(Clone, Copy, Default, Debug, Serialize)]
pub struct Explained {
    /// Promises that the limit reproduces.
    pub agree: u64,
    /// Promises.
    pub of: u64,
    /// Promises of classes without a limit, among the latter.
    pub without_limit: u64,
    /// The share, for people.
    pub share: f64,
}

/// All classes of a history.
#[derive(Debug, Default, Serialize)]
pub struct Calibration {
    /// By class.
    pub classes: BTreeMap<ClassId, ClassFit>,
    /// The promises that fitted it.
    pub fitted: Explained,
    /// The promises from `until` on.
    pub held_apart: Explained,
}

/// Fits all classes on the calls received before `until`.
pub fn calibrate(reports: &[Report], calendar: &Calendar, until: Timestamp) -> Calibration {
    let (past, later): (Vec<&Report>, Vec<&Report>) =
        reports.iter().partition(|report| report.received < until);
    let mut calibration = Calibration::default();
    for class in past.iter().map(|report| &report.class).collect::<BTreeSet<_>>() {
        calibration.classes.insert(class.clone(), ClassFit::default());
    }
    let mut by_class: BTreeMap<&ClassId, Vec<&Report>> = BTreeMap::new();
    for report in past.iter().filter(|report| report.target.is_some()) {
        by_class.entry(&report.class).or_default().push(report);
    }
    for (class, reports) in by_class {
        calibration.classes.insert(class.clone(), of_class(&reports, calendar, until));
    }
    calibration.fitted = calibration.explains(&past, calendar);
    calibration.held_apart = calibration.explains(&later, calendar);
    calibration
}

fn of_class(reports: &[&Report], calendar: &Calendar, until: Timestamp) -> ClassFit {
    let promises = |of: &[&Report]| of.iter().filter_map(|report| promise(report)).collect::<Vec<_>>();
    let whole = fit(&promises(reports), calendar, until);
    let mut by_condition: BTreeMap<&ConditionId, Vec<&Report>> = BTreeMap::new();
    for report in reports {
        if let Some(condition) = &report.condition {
            by_condition.entry(condition).or_default().push(report);
        }
    }
    let enough = by_condition.into_iter().filter(|(_, reports)| reports.len() >= CONDITION_CALLS_MIN);
    let own = enough.filter_map(|(id, reports)| Some((id, fit(&promises(&reports), calendar, until)?)));
    let differs = own.filter(|(_, own)| whole.is_none_or(|whole| whole.limit != own.limit));
    ClassFit { whole, conditions: differs.map(|(id, own)| (id.clone(), own)).collect() }
}

fn promise(report: &Report) -> Option<Promise> {
    report.target.map(|target| Promise { received: report.received, target })
}

impl Calibration {
    /// The limit that a report of this class and condition has.
    pub fn limit(&self, class: &ClassId, condition: Option<&ConditionId>) -> Option<&Fitted> {
        let class = self.classes.get(class)?;
        condition.and_then(|id| class.conditions.get(id)).or(class.whole.as_ref())
    }

    /// The classes to which nothing was ever promised.
    pub fn without_target(&self) -> impl Iterator<Item = &ClassId> {
        self.classes.iter().filter(|(_, fit)| fit.whole.is_none()).map(|(class, _)| class)
    }

    fn explains(&self, reports: &[&Report], calendar: &Calendar) -> Explained {
        let mut explained = Explained::default();
        for report in reports {
            let Some(Promise { received, target }) = promise(report) else { continue };
            explained.of += 1;
            match self.limit(&report.class, report.condition.as_ref()) {
                None => explained.without_limit += 1,
                Some(fitted) => {
                    let off_s = calendar.due(&fitted.limit, received).at.seconds_since(target).abs();
                    explained.agree += u64::from(off_s <= AGREE_WITHIN_S);
                }
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a share for people; the integers stand beside it")]
        let share = explained.agree as f64 / explained.of.max(1) as f64;
        Explained { share, ..explained }
    }
}
