//! Calls on their way: submitted, and no cases yet that the desk knows.
//!
//! Whoever calls about what somebody else reports at this very instant waits until that one is a case, and then joins
//! it. Nobody else waits, and nobody waits who has calls of their own on the way: so none waits for another in a ring.

use huying_domain::{event::collect::Filing, rules::join::Join, time::Timestamp};
use huying_intake::{likeness::upcoming::Upcoming, report::Report};
use std::collections::BTreeMap;
use tokio::sync::watch;

/// Held by whoever submitted a call, until the desk knows what became of it. Dropping it lets the others on, whatever
/// became of the call.
#[derive(Debug)]
pub struct OnItsWay(
    #[expect(dead_code, reason = "dropping it is what the others wait for")] watch::Sender<()>,
);

/// A call that another one has to wait for.
#[derive(Debug)]
pub struct Before(watch::Receiver<()>);

impl Before {
    /// Waits until it is a case, or never becomes one.
    pub async fn is_known(mut self) {
        // Nothing is ever sent: it ends when the other side is gone.
        while self.0.changed().await.is_ok() {}
    }

    fn is_past(&self) -> bool {
        self.0.has_changed().is_err()
    }
}

/// The calls on their way through one desk.
#[derive(Debug)]
pub(super) struct Arrivals {
    upcoming: Upcoming,
    calls: BTreeMap<u64, Before>,
}

impl Arrivals {
    pub(super) fn new(join: Join) -> Self {
        Self { upcoming: Upcoming::new(join), calls: BTreeMap::new() }
    }

    /// The call that this one has to wait for, if there is one.
    pub(super) fn before(&mut self, filing: &Filing, report: &Report) -> Option<Before> {
        for number in self.upcoming.like(filing, report) {
            match self.calls.get(&number) {
                Some(call) if !call.is_past() => return Some(Before(call.0.clone())),
                _ => self.forget(number),
            }
        }
        None
    }

    /// Notes that a call is on its way.
    pub(super) fn enter(&mut self, filing: &Filing, report: &Report, now: Timestamp) -> Option<OnItsWay> {
        while let Some((&number, call)) = self.calls.first_key_value()
            && call.is_past()
        {
            self.forget(number);
        }
        let number = self.upcoming.add(filing, report, now)?;
        let (there, before) = watch::channel(());
        self.calls.insert(number, Before(before));
        Some(OnItsWay(there))
    }

    fn forget(&mut self, number: u64) {
        self.calls.remove(&number);
        self.upcoming.remove(number);
    }
}
