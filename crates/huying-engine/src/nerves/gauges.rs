//! What Prometheus may ask of the nerves: how far echo and outbox are behind, and how each unit's work arrives.

use huying_bus::delivery::{Delivery, UnitDelivery};
use prometheus::{IntCounter, IntGauge, IntGaugeVec, Opts, Registry};

/// Most units that have gauges of their own; a label for each of ten thousand would drown whoever reads them.
pub(crate) const UNIT_LABELS_MAX: usize = 500;

/// The number that a gauge shows of a unit.
type OfUnit = fn(&UnitDelivery) -> i64;

/// The gauges of the nerves.
#[derive(Debug)]
pub(crate) struct NerveGauges {
    pub(crate) up: IntGauge,
    pub(crate) echo_lag: IntGauge,
    /// 1 while the streams belong to another journal or are not what the journal says.
    pub(crate) refused: IntGauge,
    pub(crate) outbox_unsent: IntGauge,
    pub(crate) assignments_sent: IntCounter,
    pub(crate) withdrawn_sent: IntCounter,
    pub(crate) notices_sent: IntCounter,
    pub(crate) notices_expired: IntCounter,
    pub(crate) notices_void: IntCounter,
    pub(crate) notices_quiet: IntCounter,
    pub(crate) comparisons: IntCounter,
    silent_units: IntGauge,
    unlabelled: IntGauge,
    units: Vec<(IntGaugeVec, OfUnit)>,
}

impl NerveGauges {
    pub(super) fn new(registry: &Registry) -> Self {
        // Nerves that are started a second time beside the same engine keep the names of the first.
        let add = |collector: Box<dyn prometheus::core::Collector>| drop(registry.register(collector));
        let gauge = |name: &str, help: &str| {
            let made = IntGauge::new(name, help).expect("the name is a metric's");
            add(Box::new(made.clone()));
            made
        };
        let counter = |name: &str, help: &str| {
            let made = IntCounter::new(name, help).expect("the name is a metric's");
            add(Box::new(made.clone()));
            made
        };
        let by_unit = |name: &str, help: &str| {
            let made = IntGaugeVec::new(Opts::new(name, help), &["unit"]).expect("the name is a metric's");
            add(Box::new(made.clone()));
            made
        };
        Self {
            up: gauge("huying_nats_up", "Whether the server answers"),
            echo_lag: gauge(
                "huying_echo_lag_records",
                "Records on the platter that the stream does not hold yet",
            ),
            refused: gauge("huying_streams_refused", "Whether the streams are not this journal's to write"),
            outbox_unsent: gauge(
                "huying_outbox_unsent",
                "Messages to units that the stream does not hold yet",
            ),
            assignments_sent: counter("huying_assignments_sent_total", "Assignments that the stream took"),
            withdrawn_sent: counter("huying_withdrawals_sent_total", "Withdrawals that the stream took"),
            notices_sent: counter("huying_notices_sent_total", "Notices sent to units"),
            notices_void: counter(
                "huying_notices_void_total",
                "Notices whose reason had gone before they were sent",
            ),
            notices_quiet: counter("huying_notices_quiet_total", "Notices that were not sent in quiet hours"),
            notices_expired: counter("huying_notices_expired_total", "Notices that nobody needed any more"),
            comparisons: counter("huying_outbox_comparisons_total", "Comparisons of outbox and stream"),
            silent_units: gauge("huying_silent_units", "Units that do not take up what was sent to them"),
            unlabelled: gauge(
                "huying_units_without_gauges",
                "Units beyond those that have gauges of their own",
            ),
            units: vec![
                (by_unit("huying_unit_sent", "Messages for the unit since its consumer was made"), |unit| {
                    i64::try_from(unit.arrival.sent).unwrap_or(i64::MAX)
                }),
                (by_unit("huying_unit_delivered", "Messages that the unit fetched"), |unit| {
                    i64::try_from(unit.arrival.delivered).unwrap_or(i64::MAX)
                }),
                (by_unit("huying_unit_acked", "Messages that the unit acknowledged"), |unit| {
                    i64::try_from(unit.arrival.acked).unwrap_or(i64::MAX)
                }),
                (
                    by_unit("huying_unit_oldest_unaccepted_seconds", "Age of its oldest unaccepted work"),
                    |unit| unit.oldest_unaccepted_s.unwrap_or(0),
                ),
                (by_unit("huying_unit_silent", "Whether the unit is silent"), |unit| {
                    i64::from(unit.silent.is_some())
                }),
            ],
        }
    }

    /// Shows how the units' work arrives.
    pub(crate) fn delivered(&self, delivery: &Delivery) {
        for (gauge, of) in &self.units {
            gauge.reset();
            for (unit, shown) in delivery.units.iter().take(UNIT_LABELS_MAX) {
                gauge.with_label_values(&[unit.as_str()]).set(of(shown));
            }
        }
        let silent = delivery.silent().count();
        self.silent_units.set(i64::try_from(silent).unwrap_or(i64::MAX));
        let beyond = delivery.units.len().saturating_sub(UNIT_LABELS_MAX);
        self.unlabelled.set(i64::try_from(beyond).unwrap_or(i64::MAX));
    }
}
