//! The one limit that reproduces the most of these promises.

use huying_domain::{
    calendar::Calendar,
    limit::{LIMIT_DAYS_MAX, LIMIT_SECONDS_MAX, Limit},
    time::Timestamp,
};
use serde::Serialize;
use std::{cmp::Reverse, collections::BTreeMap};

/// How near to the promised instant a limit has to come, in seconds.
pub const AGREE_WITHIN_S: i64 = 600;
/// A promise this much older weighs half: limits change, and the last one counts. In seconds: ten days.
pub const HALF_LIFE_S: i64 = 10 * 86_400;
/// How many limits are tried on all promises: those that explain most of them one by one.
const CANDIDATES_MAX: usize = 12;
/// From so many half-lives on all promises weigh alike: they only count where there are no newer ones.
const HALVINGS_MAX: u32 = 30;
const DAY_S: i64 = 86_400;
const MINUTE_S: i64 = 60;

/// A call and the instant that was promised to it.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    /// When the call came in.
    pub received: Timestamp,
    /// By when a result was promised.
    pub target: Timestamp,
}

/// A limit and how well it explains.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Fitted {
    /// Kind and length.
    pub limit: Limit,
    /// Promises that it reproduces within [`AGREE_WITHIN_S`].
    pub agree: u64,
    /// Promises.
    pub of: u64,
}

/// Finds the limit. None without a promise that any limit explains.
pub fn fit(promises: &[Promise], calendar: &Calendar, until: Timestamp) -> Option<Fitted> {
    let mut explained: BTreeMap<Order, (Limit, u64)> = BTreeMap::new();
    for promise in promises {
        for limit in candidates(promise, calendar) {
            explained.entry(order(limit)).or_insert((limit, 0)).1 += weight(promise, until);
        }
    }
    let mut tried: Vec<(Limit, u64)> = explained.into_values().collect();
    tried.sort_by_key(|&(limit, weight)| (Reverse(weight), order(limit)));
    tried.truncate(CANDIDATES_MAX);
    let scored = tried.into_iter().map(|(limit, _)| {
        let agree: Vec<&Promise> =
            promises.iter().filter(|promise| agrees(limit, promise, calendar)).collect();
        let weight: u64 = agree.iter().map(|promise| weight(promise, until)).sum();
        (weight, Fitted { limit, agree: agree.len() as u64, of: promises.len() as u64 })
    });
    scored.min_by_key(|(weight, fitted)| (Reverse(*weight), order(fitted.limit))).map(|(_, fitted)| fitted)
}

/// Whether a limit names the promised instant, or one near it.
pub fn agrees(limit: Limit, promise: &Promise, calendar: &Calendar) -> bool {
    calendar.due(&limit, promise.received).at.seconds_since(promise.target).abs() <= AGREE_WITHIN_S
}

fn weight(promise: &Promise, until: Timestamp) -> u64 {
    let halvings = until.seconds_since(promise.received).max(0) / HALF_LIFE_S;
    1 << (HALVINGS_MAX - u32::try_from(halvings).unwrap_or(HALVINGS_MAX).min(HALVINGS_MAX))
}

/// Of each kind the one length that would explain this promise, if one does.
fn candidates(promise: &Promise, calendar: &Calendar) -> impl Iterator<Item = Limit> {
    let &Promise { received, target } = promise;
    let long_s = target.seconds_since(received);
    let days = |days: i64| u16::try_from(days).ok().filter(|days| (1..=LIMIT_DAYS_MAX).contains(days));
    let whole_minutes = |seconds: i64| {
        let rounded = (seconds + MINUTE_S / 2) / MINUTE_S * MINUTE_S;
        u32::try_from(rounded).ok().filter(|seconds| (1..=LIMIT_SECONDS_MAX).contains(seconds))
    };
    let (first, last) = (calendar.date(received), calendar.date(target.plus_seconds(-1)));
    let almanac = first.duration_until(last).as_hours() / 24;
    let worked = days(almanac).map_or(0, |days| {
        let after = std::iter::successors(first.tomorrow().ok(), |day| day.tomorrow().ok());
        after.take(usize::from(days)).filter(|day| calendar.is_workday(*day)).count()
    });
    let worked = i64::try_from(worked).unwrap_or_default();
    let working_s = calendar.counted(&Limit::WorkingSeconds(1), received, target);
    let all = [
        days(worked).map(Limit::WorkingDays),
        days(almanac).map(Limit::NaturalDays),
        days((long_s + DAY_S / 2) / DAY_S).map(Limit::RollingDays),
        whole_minutes(working_s).map(Limit::WorkingSeconds),
        whole_minutes(long_s).map(Limit::UrgentSeconds),
    ];
    all.into_iter().flatten().filter(move |limit| long_s > 0 && agrees(*limit, promise, calendar))
}

/// A limit in the order in which equals are preferred: whole days before hours, working time before all time, short
/// before long.
type Order = (u8, u32);

fn order(limit: Limit) -> Order {
    match limit {
        Limit::WorkingDays(days) => (0, days.into()),
        Limit::NaturalDays(days) => (1, days.into()),
        Limit::RollingDays(days) => (2, days.into()),
        Limit::WorkingSeconds(seconds) => (3, seconds),
        Limit::UrgentSeconds(seconds) => (4, seconds),
        Limit::Given(_) => (5, 0),
    }
}
