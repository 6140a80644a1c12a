//! What one run of one way gave, as one line of JSON: the engine's runs are processes of their own, as the yardstick's
//! server is, so that neither warms or crowds the other's memory.

use crate::spread::{micros, rate};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// The figures of a run.
#[derive(Clone, Default, Debug)]
pub struct Figures {
    /// Transitions that clients asked for, all durable when they were answered.
    pub transitions: u64,
    /// Until the last answer.
    pub answered: Duration,
    /// Until everything behind it had caught up: sled, the echo, the last assignment. The same for the yardstick.
    pub settled: Duration,
    /// Half of the transitions were answered within this.
    pub p50: Duration,
    /// 99 of 100 were.
    pub p99: Duration,
    /// What the processors spent, by part.
    pub spent: BTreeMap<String, Duration>,
    /// Memory of everything but the disk's cache.
    pub memory_bytes: u64,
}

impl Figures {
    /// The line.
    pub fn line(&self) -> String {
        let spent = self.spent.iter().map(|(part, spent)| (part.clone(), nanos(*spent).into()));
        let line = json!({
            "transitions": self.transitions,
            "answered_ns": nanos(self.answered),
            "settled_ns": nanos(self.settled),
            "p50_ns": nanos(self.p50),
            "p99_ns": nanos(self.p99),
            "spent_ns": spent.collect::<serde_json::Map<_, _>>(),
            "memory_bytes": self.memory_bytes,
        });
        line.to_string()
    }

    /// Reads a line.
    pub fn read(line: &str) -> Option<Self> {
        let said: Value = serde_json::from_str(line).ok()?;
        let time = |field: &str| said[field].as_u64().map(Duration::from_nanos);
        let spent = said["spent_ns"].as_object()?.iter();
        Some(Self {
            transitions: said["transitions"].as_u64()?,
            answered: time("answered_ns")?,
            settled: time("settled_ns")?,
            p50: time("p50_ns")?,
            p99: time("p99_ns")?,
            spent: spent
                .map(|(part, spent)| (part.clone(), Duration::from_nanos(spent.as_u64().unwrap_or(0))))
                .collect(),
            memory_bytes: said["memory_bytes"].as_u64()?,
        })
    }

    /// Transitions a second until the last answer.
    pub fn answered_rate(&self) -> f64 {
        rate(self.transitions, self.answered)
    }

    /// Transitions a second until everything had caught up.
    pub fn settled_rate(&self) -> f64 {
        rate(self.transitions, self.settled)
    }

    /// Processor time of all parts for one transition, in microseconds.
    pub fn cpu_us(&self) -> f64 {
        micros(self.spent.values().sum()) / rate(self.transitions, Duration::from_secs(1))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Figures;
    use std::{collections::BTreeMap, time::Duration};

    #[test]
    fn what_was_written_is_read_again() {
        let figures = Figures {
            transitions: 6,
            answered: Duration::from_millis(2),
            settled: Duration::from_millis(3),
            p50: Duration::from_micros(250),
            p99: Duration::from_micros(900),
            spent: BTreeMap::from([("loop".to_owned(), Duration::from_micros(60))]),
            memory_bytes: 4_096,
        };
        let read = Figures::read(&figures.line()).expect("it was written a moment ago");
        assert_eq!(format!("{read:?}"), format!("{figures:?}"));
        assert!((read.cpu_us() - 10.0).abs() < 1e-9);
    }
}
