//! What becomes of clocks. Every fold over time reads these facts and no others.

use crate::calendar::Due;
use crate::ids::CalendarName;
use crate::ids::UnitId;
use crate::limit::Limit;
use crate::time::Timestamp;
use crate::vocabulary::Clock;
use crate::vocabulary::ExemptGround;
use crate::vocabulary::NoticePhase;
use crate::vocabulary::NoticeRole;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of clocks, in order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Clocked {
    /// The changes.
    pub changes: Vec<ClockChange>,
}

/// A clock's life. The due instant is computed once, by the decision, and stands here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum ClockChange {
    /// The clock runs. Starting a running clock of the same name ends that one.
    Started {
        /// Which clock.
        clock: Clock,
        /// From when it counts: the instant of the decision, or the scheduled instant of the step before.
        from: Timestamp,
        /// When it is due.
        due: Timestamp,
        /// The limit that it was given.
        limit: Limit,
        /// The calendar on which it runs.
        calendar: CalendarName,
        /// The due instant lies beyond the published calendar and will be computed anew.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        provisional: bool,
    },
    /// The clock stands still.
    Paused {
        /// Which clock.
        clock: Clock,
    },
    /// The clock goes on.
    Resumed {
        /// Which clock.
        clock: Clock,
        /// When it is due now.
        due: Timestamp,
        /// Beyond the published calendar.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        provisional: bool,
    },
    /// The clock is due at another instant, because somebody granted it or a calendar was published. Whether it
    /// runs or stands still does not change.
    Moved {
        /// Which clock.
        clock: Clock,
        /// When it is due now.
        due: Timestamp,
        /// Beyond the published calendar.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        provisional: bool,
    },
    /// Notices about the clock are planned for these instants, instead of those planned before. They end with the
    /// clock, and stand still with it.
    Planned {
        /// Which clock.
        clock: Clock,
        /// In the order of their steps.
        notices: Vec<PlannedNotice>,
    },
    /// The clock has ended: what it measured has happened, or no longer matters.
    Stopped {
        /// Which clock.
        clock: Clock,
    },
}

impl ClockChange {
    /// A clock that starts now or at the scheduled instant of the step before.
    pub fn started(clock: Clock, from: Timestamp, limit: Limit, calendar: CalendarName, due: Due) -> Self {
        Self::Started { clock, from, due: due.at, limit, calendar, provisional: due.provisional }
    }

    /// The clock that changed.
    pub const fn clock(&self) -> Clock {
        match self {
            Self::Started { clock, .. }
            | Self::Paused { clock }
            | Self::Resumed { clock, .. }
            | Self::Moved { clock, .. }
            | Self::Planned { clock, .. }
            | Self::Stopped { clock } => *clock,
        }
    }
}

/// An instant passed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ClockBreached {
    /// Which clock.
    pub clock: Clock,
    /// The instant.
    pub due: Timestamp,
    /// Who held the case then.
    pub holder: UnitId,
    /// When the engine will ask again, for clocks whose breach moves nothing by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Timestamp>,
}

/// A second fact beside a breach.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Exempted {
    /// The breached clock.
    pub clock: Clock,
    /// The breached instant.
    pub due: Timestamp,
    /// Why it does not count.
    pub ground: ExemptGround,
    /// Who decided so; none where the engine itself knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UnitId>,
    /// In words, where somebody decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// A notice that will be sent if the clock still runs then.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PlannedNotice {
    /// Its number among those of the clock.
    pub step: u8,
    /// Whether the limit draws near, is over, or has been for a while.
    pub phase: NoticePhase,
    /// When it is sent: never within the quiet hours, unless it is urgent.
    pub at: Timestamp,
    /// From this instant on nobody needs it any more.
    pub until: Timestamp,
    /// Who is told. Who that is, and who of them is there, is found out when it is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<NoticeRole>,
    /// Units that are told besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<UnitId>,
}

/// A notice was given out. Being told is not holding: nothing else changes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Noticed {
    /// The clock that it is about.
    pub clock: Clock,
    /// When that clock is due.
    pub due: Timestamp,
    /// The notice's number among those of the clock.
    pub step: u8,
    /// Whether the limit draws near, is over, or has been for a while.
    pub phase: NoticePhase,
    /// Who is told, each once.
    pub to: Vec<Addressed>,
    /// From this instant on nobody needs it any more.
    pub until: Timestamp,
}

/// Somebody who is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Addressed {
    /// The unit.
    pub unit: UnitId,
    /// As what; absent for a unit that the policy names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<NoticeRole>,
    /// The unit that was meant and has nobody there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<UnitId>,
}
