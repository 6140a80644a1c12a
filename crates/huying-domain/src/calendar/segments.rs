//! Segments: what a clock counted and what it did not, and why. The answer to "why is this red?".

use super::{Calendar, days::DayKind};
use crate::{limit::Limit, time::Timestamp};
use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A stretch of time that was counted, or was not, for one reason.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Segment {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Whether the limit counts it.
    pub counted: bool,
    /// Why it does, or does not.
    pub why: Why,
}

impl Segment {
    /// Whole seconds; those of segments that follow each other add up without loss.
    pub const fn seconds(&self) -> i64 {
        self.to.seconds_since(self.from)
    }
}

/// Why a stretch of time is counted or not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Why {
    /// Inside a shift of an ordinary working day.
    Working,
    /// Inside a shift of a make-up workday 调休.
    Makeup,
    /// Before, between or after the shifts of a day that is worked.
    OffHours,
    /// A day of the week without shifts.
    Weekend,
    /// A listed day off, with what it is called.
    Holiday {
        /// Its name in Chinese.
        #[schemars(with = "String")]
        zh: CompactString,
        /// Its name in English.
        #[schemars(with = "String")]
        en: CompactString,
    },
    /// The limit, or the calendar, runs day and night.
    Always,
}

impl Calendar {
    /// The time between two instants cut into segments: in order, without a gap, from `from` to `to`,
    /// neighbours always differing. The seconds of the counted ones add up to [`Calendar::counted`].
    pub fn segments(&self, limit: &Limit, from: Timestamp, to: Timestamp) -> Vec<Segment> {
        let mut track = Track { from, to, segments: Vec::new() };
        if limit.counts_always() || self.is_continuous() {
            track.add(from.millis(), to.millis(), true, Why::Always);
            return track.segments;
        }
        let mut next = Some(self.days.containing(from));
        while let Some(day) = next.filter(|day| day.start_ms < to.millis()) {
            let (busy, idle) = self.reasons(day.kind);
            let mut cursor = day.start_ms;
            for (open, close) in day.spans() {
                track.add(cursor, open, false, idle.clone());
                track.add(open, close, true, busy.clone());
                cursor = close;
            }
            track.add(cursor, day.next_ms, false, idle);
            next = day.after();
        }
        // Only the last days of the year 9999 are left over.
        let covered = track.segments.last().map_or(from, |last| last.to);
        track.add(covered.millis(), to.millis(), false, Why::OffHours);
        track.segments
    }

    /// Why the shifts of such a day count, and why the rest of it does not.
    fn reasons(&self, kind: DayKind) -> (Why, Why) {
        match kind {
            DayKind::Workday => (Why::Working, Why::OffHours),
            DayKind::Makeup => (Why::Makeup, Why::OffHours),
            DayKind::Weekend => (Why::Working, Why::Weekend),
            DayKind::Holiday(reason) => {
                let (zh, en) = self.reasons_off[usize::from(reason)].clone();
                (Why::Working, Why::Holiday { zh, en })
            }
        }
    }
}

struct Track {
    from: Timestamp,
    to: Timestamp,
    segments: Vec<Segment>,
}

impl Track {
    /// Adds what of a stretch lies within the bounds; one that goes on for the same reason is drawn out.
    fn add(&mut self, from_ms: i64, to_ms: i64, counted: bool, why: Why) {
        let from = Timestamp::from_millis(from_ms).max(self.from);
        let to = Timestamp::from_millis(to_ms).min(self.to);
        if from >= to {
            return;
        }
        match self.segments.last_mut() {
            Some(last) if last.counted == counted && last.why == why => last.to = to,
            _ => self.segments.push(Segment { from, to, counted, why }),
        }
    }
}
