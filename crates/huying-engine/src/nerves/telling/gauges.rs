//! What Prometheus may ask about telling.

use super::attempt::Made;
use huying_domain::ids::{CALLBACK_LIST, TellChannel};
use prometheus::{IntCounterVec, IntGaugeVec, Opts, Registry};
use std::collections::BTreeMap;

pub(super) struct Gauges {
    up: IntGaugeVec,
    owed: IntGaugeVec,
    attempts: IntCounterVec,
}

impl Gauges {
    pub(super) fn new(registry: &Registry) -> Self {
        let gauge = |name: &str, help: &str| {
            IntGaugeVec::new(Opts::new(name, help), &["channel"]).expect("the name is a metric's")
        };
        let up = gauge("huying_tell_channel_up", "Whether callers can be told by this channel now");
        let owed = gauge("huying_tell_owed", "Callers whom this channel owes the answer");
        let attempts = Opts::new("huying_tell_attempts_total", "What adapters answered");
        let attempts = IntCounterVec::new(attempts, &["channel", "answer"]).expect("the name is a metric's");
        // A second host on the same metrics would count into nothing; there is none.
        let _once = registry.register(Box::new(up.clone()));
        let _once = registry.register(Box::new(owed.clone()));
        let _once = registry.register(Box::new(attempts.clone()));
        up.with_label_values(&[CALLBACK_LIST]).set(1);
        owed.with_label_values(&[CALLBACK_LIST]).set(0);
        Self { up, owed, attempts }
    }

    pub(super) fn up(&self, channel: &TellChannel, ready: bool) {
        self.up.with_label_values(&[channel.as_str()]).set(i64::from(ready));
    }

    pub(super) fn owed(&self, by_channel: BTreeMap<&TellChannel, u64>) {
        self.owed.reset();
        self.owed.with_label_values(&[CALLBACK_LIST]).set(0);
        for (channel, owed) in by_channel {
            self.owed.with_label_values(&[channel.as_str()]).set(i64::try_from(owed).unwrap_or(i64::MAX));
        }
    }

    pub(super) fn attempt(&self, made: &Made) {
        self.attempts.with_label_values(&[made.channel.as_str(), made.answer]).inc();
    }
}
