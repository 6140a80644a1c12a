//! What Prometheus may ask of the loop.

use huying_domain::refusal::Refusal;
use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};
use std::time::Duration;

/// Buckets of a commit's duration in seconds: from a fast disk's sync to a stalled one.
const COMMIT_BUCKETS_S: [f64; 12] =
    [0.0001, 0.0002, 0.0004, 0.0008, 0.0016, 0.0032, 0.0064, 0.0128, 0.05, 0.2, 1.0, 5.0];
/// Buckets of records in a batch.
const BATCH_BUCKETS_RECORDS: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0, 512.0];

/// The engine's metrics.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    pub(crate) accepted: IntCounterVec,
    refused: IntCounterVec,
    pub(crate) repeats: IntCounter,
    pub(crate) records: IntCounter,
    pub(crate) events: IntCounter,
    pub(crate) late_timers: IntCounter,
    batch: Histogram,
    commit: Histogram,
    lanes: IntGaugeVec,
    pub(crate) open_cases: IntGauge,
    pub(crate) clocks: IntGauge,
    pub(crate) watchdog_lag_s: IntGauge,
    pub(crate) shelf_lag: IntGauge,
    pub(crate) clock_held: IntGauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let registry = Registry::new();
        let add = |collector: Box<dyn prometheus::core::Collector>| {
            registry.register(collector).expect("each name is registered once");
        };
        let counter = |name: &str, help: &str| {
            let made = IntCounter::new(name, help).expect("the name is a metric's");
            add(Box::new(made.clone()));
            made
        };
        let counters = |name: &str, help: &str, label: &str| {
            let made = IntCounterVec::new(Opts::new(name, help), &[label]).expect("the name is a metric's");
            add(Box::new(made.clone()));
            made
        };
        let gauge = |name: &str, help: &str| {
            let made = IntGauge::new(name, help).expect("the name is a metric's");
            add(Box::new(made.clone()));
            made
        };
        let histogram = |name: &str, help: &str, buckets: &[f64]| {
            let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
            let made = Histogram::with_opts(options).expect("the buckets are in order");
            add(Box::new(made.clone()));
            made
        };
        let lanes =
            IntGaugeVec::new(Opts::new("huying_lane_commands", "Commands that wait, by lane"), &["lane"])
                .expect("the name is a metric's");
        add(Box::new(lanes.clone()));
        Self {
            accepted: counters("huying_commands_accepted_total", "Accepted commands, by ask", "ask"),
            refused: counters("huying_commands_refused_total", "Refused commands, by code", "code"),
            repeats: counter("huying_commands_repeated_total", "Commands that had been accepted before"),
            records: counter("huying_records_total", "Records on the platter since start"),
            events: counter("huying_events_total", "Events on the platter since start"),
            late_timers: counter("huying_timers_late_total", "Timers that fired late"),
            batch: histogram("huying_batch_records", "Records committed together", &BATCH_BUCKETS_RECORDS),
            commit: histogram("huying_commit_seconds", "From begun to on the platter", &COMMIT_BUCKETS_S),
            open_cases: gauge("huying_open_cases", "Cases that are not at rest"),
            clocks: gauge("huying_clocks_running", "Clocks that the watch follows"),
            watchdog_lag_s: gauge("huying_watchdog_lag_seconds", "How long the next due clock has been due"),
            clock_held: gauge(
                "huying_clock_held",
                "Whether the clock jumped and the timers wait for a person",
            ),
            shelf_lag: gauge(
                "huying_shelf_lag_records",
                "Records on the platter that sled does not hold yet",
            ),
            lanes,
            registry,
        }
    }

    /// Where parts beside the loop put metrics of their own.
    pub(crate) const fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn refused(&self, refusal: &Refusal) {
        self.refused.with_label_values(&[refusal.code()]).inc();
    }

    pub(crate) fn waiting(&self, urgent: usize, ordinary: usize) {
        for (lane, commands) in [("urgent", urgent), ("ordinary", ordinary)] {
            self.lanes.with_label_values(&[lane]).set(i64::try_from(commands).unwrap_or(i64::MAX));
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a batch has at most some hundreds of records")]
    pub(crate) fn committed(&self, records: usize, took: Duration) {
        self.batch.observe(records as f64);
        self.commit.observe(took.as_secs_f64());
    }

    /// The text that Prometheus reads.
    pub fn text(&self) -> String {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text).expect("metrics are text");
        String::from_utf8(text).expect("metrics are text")
    }
}
