//! How long it took from the call to the assignment: in the data's time, and on the machine's clock.

use huying_domain::{
    event::Event,
    ids::CaseId,
    record::{CommandId, Record},
    time::Timestamp,
};
use huying_engine::clock::Stopwatch;
use serde::Serialize;
use std::collections::BTreeMap;

/// Two quantiles of what was measured, and of how many.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Quantiles {
    /// How many were measured.
    pub count: u64,
    /// The median.
    pub p50: u64,
    /// The value that 99 of 100 do not exceed.
    pub p99: u64,
}

impl Quantiles {
    /// The quantiles by nearest rank.
    pub fn of(values: &[u32]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let rank = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
            sorted.get(rank).map_or(0, |value| u64::from(*value))
        };
        Self { count: sorted.len() as u64, p50: rank(50), p99: rank(99) }
    }
}

/// What is measured while the records pass.
#[derive(Debug, Default)]
pub struct Measures {
    handed_in: BTreeMap<CommandId, Stopwatch>,
    waiting: BTreeMap<CaseId, (Timestamp, Option<Stopwatch>)>,
    virtual_s: Vec<u32>,
    wall_us: Vec<u32>,
    beside: BTreeMap<&'static str, u64>,
}

impl Measures {
    /// A call goes to the door.
    pub fn handed_in(&mut self, id: CommandId) {
        self.handed_in.insert(id, Stopwatch::start());
    }

    /// Takes in a record that is on the platter now, or was before a stop.
    pub fn follow(&mut self, record: &Record) {
        for part in &record.parts {
            let Some(case) = part.case() else { continue };
            for event in &part.events {
                if let Some(what) = beside(event) {
                    *self.beside.entry(what).or_default() += 1;
                }
                match event {
                    Event::Registered(_) => {
                        let since = self.handed_in.remove(&record.command);
                        self.waiting.insert(case, (record.at, since));
                    }
                    Event::Joined(_) => {
                        self.handed_in.remove(&record.command);
                    }
                    Event::Assigned(_) => self.assigned(case, record.at),
                    // What was settled at the desk was never waiting.
                    Event::Closed(_) | Event::Resolved(_) => {
                        self.waiting.remove(&case);
                    }
                    _ => {}
                }
            }
        }
    }

    fn assigned(&mut self, case: CaseId, at: Timestamp) {
        if let Some((filed, since)) = self.waiting.remove(&case) {
            self.virtual_s.push(u32::try_from(at.seconds_since(filed)).unwrap_or(0));
            if let Some(since) = since {
                self.wall_us.push(u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
        }
    }

    /// How often each fact beside the main flow.
    pub const fn beside(&self) -> &BTreeMap<&'static str, u64> {
        &self.beside
    }

    /// Call to assignment in seconds of the data's time.
    pub fn assignment_virtual_s(&self) -> Quantiles {
        Quantiles::of(&self.virtual_s)
    }

    /// From handing the call to the door until the assignment is on the platter, in microseconds.
    pub fn assignment_wall_us(&self) -> Quantiles {
        Quantiles::of(&self.wall_us)
    }
}

/// What a fact beside the main flow is called in a report.
const fn beside(event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::Requested(_) => "requested",
        Event::Extended(_) => "extended",
        Event::Suspended(_) => "suspended",
        Event::Resumed(_) => "resumed",
        Event::Terminated(_) => "terminated",
        Event::Denied(_) => "denied",
        Event::Informed(_) => "informed",
        Event::Whistled(_) => "whistled",
        Event::ReportedIn(_) => "reported_in",
        Event::HelpCalled(_) => "help_called",
        Event::HelpReported(_) => "help_reported",
        Event::Consulted(_) => "consulted",
        Event::TaskFinished(_) => "task_finished",
        Event::ErrandMissed(_) => "errand_missed",
        Event::Supervised(_) => "supervised",
        Event::Instructed(_) => "instructed",
        Event::Reminded(_) => "reminded",
        _ => return None,
    })
}
