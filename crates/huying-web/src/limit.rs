//! How often somebody who has not signed in may come: so many times a minute from one address, then a pause.

use crate::{asked::Asked, refused::Refused, router::Ground};
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::request::Parts,
};
use huying_domain::{ids::CaseId, time::Timestamp};
use huying_engine::clock::machine;
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Mutex,
};

/// Most requests of one address in a minute.
pub const PER_MINUTE_MAX: u32 = 60;
/// Most addresses that are remembered; the count begins anew when there are more.
const ADDRESSES_MAX: usize = 100_000;
const MINUTE_S: i64 = 60;

/// Who is at the other end.
#[derive(Clone, Debug)]
pub struct Peer {
    /// From where.
    pub address: SocketAddr,
    /// Whether a whole request has come from there.
    pub(crate) asked: Asked,
}

/// Counts requests by address and minute.
#[derive(Default, Debug)]
pub struct Limit(Mutex<BTreeMap<IpAddr, (i64, u32)>>);

impl Limit {
    /// Whether one more may come at this instant.
    fn lets(&self, from: IpAddr, now: Timestamp) -> bool {
        let mut counts = self.0.lock().expect("nobody panics while counting");
        if counts.len() >= ADDRESSES_MAX {
            counts.clear();
        }
        let minute = now.seconds() / MINUTE_S;
        let (since, count) = counts.entry(from).or_insert((minute, 0));
        if *since != minute {
            (*since, *count) = (minute, 0);
        }
        *count += 1;
        *count <= PER_MINUTE_MAX
    }
}

/// Tries of a caller's number at one case before that way is closed.
pub const NUMBER_TRIES_MAX: u32 = 5;
/// For how long it is closed then, in seconds.
const NUMBER_CLOSED_S: i64 = 3_600;
/// Most cases of which tries are remembered; the count begins anew when there are more.
const CASES_TRIED_MAX: usize = 100_000;

/// Counts wrong tries of callers' numbers by case, there or not.
#[derive(Default, Debug)]
pub struct Tries(Mutex<BTreeMap<CaseId, (Timestamp, u32)>>);

impl Tries {
    /// Whether the number may be tried once more at this case.
    pub(crate) fn lets(&self, case: CaseId, now: Timestamp) -> bool {
        let mut tries = self.0.lock().expect("nobody panics while counting");
        if tries.len() >= CASES_TRIED_MAX {
            tries.clear();
        }
        let (since, count) = tries.entry(case).or_insert((now, 0));
        if now.seconds_since(*since) >= NUMBER_CLOSED_S {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        let lets = *count <= NUMBER_TRIES_MAX;
        if lets {
            // The hour begins with the last try that was let in.
            *since = now;
        }
        lets
    }

    /// It was the right one.
    pub(crate) fn right(&self, case: CaseId) {
        self.0.lock().expect("nobody panics while counting").remove(&case);
    }
}

/// Somebody who need not sign in and may come so often.
pub(crate) struct Anybody;

impl FromRequestParts<Ground> for Anybody {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, ground: &Ground) -> Result<Self, Refused> {
        // Without an address (a test calls the router directly) all share one count.
        let from = parts.extensions.get::<ConnectInfo<Peer>>().map(|from| from.0.address.ip());
        let from = from.unwrap_or(IpAddr::from([0, 0, 0, 0]));
        if ground.desk.limit.lets(from, machine()) { Ok(Self) } else { Err(Refused::too_often()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_wrong_numbers_close_that_way_to_the_case_for_an_hour() {
        let (tries, now) = (Tries::default(), Timestamp::from_seconds(600));
        let (case, other) = (CaseId::new(0, 1), CaseId::new(0, 2));
        assert!((0..NUMBER_TRIES_MAX).all(|_| tries.lets(case, now)));
        assert!(!tries.lets(case, now.plus_seconds(NUMBER_CLOSED_S - 1)));
        assert!(tries.lets(other, now) && tries.lets(case, now.plus_seconds(NUMBER_CLOSED_S)));
        let slow = CaseId::new(0, 3);
        let last =
            (0..5).map(|n| now.plus_seconds(n * 700)).inspect(|at| assert!(tries.lets(slow, *at))).last();
        assert!(!tries.lets(slow, last.expect("five").plus_seconds(NUMBER_CLOSED_S - 1)), "from the last on");
        tries.right(case);
        assert!((0..NUMBER_TRIES_MAX).all(|_| tries.lets(case, now)));
    }

    #[test]
    fn an_address_that_comes_too_often_waits_for_the_next_minute_and_others_do_not() {
        let (limit, now) = (Limit::default(), Timestamp::from_seconds(600));
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        assert!((0..PER_MINUTE_MAX).all(|_| limit.lets(one, now)));
        assert!(!limit.lets(one, now.plus_seconds(MINUTE_S - 1)));
        assert!(limit.lets(other, now));
        assert!(limit.lets(one, now.plus_seconds(MINUTE_S)));
    }
}
