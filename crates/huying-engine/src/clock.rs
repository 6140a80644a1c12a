//! The one clock. Everything else is told the time.

use huying_domain::time::Timestamp;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A forward jump of the wall clock against the monotonic clock beyond this many seconds holds the timers (never
/// the calls) until a person confirms: a wrong clock must not breach every limit of a city at once.
pub const JUMP_MAX_S: i64 = 300;

/// Where the engine's time comes from.
#[derive(Debug)]
pub enum Clock {
    /// The machine's clock, watched for jumps.
    System(Watched),
    /// A clock that moves only when it is told to, kept in journals of their own.
    Virtual(Timestamp),
}

/// The machine's clock with the monotonic one beside it.
#[derive(Debug)]
pub struct Watched {
    anchor: Instant,
    anchored_at: Timestamp,
    held: bool,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::System(Watched { anchor: Instant::now(), anchored_at: wall(), held: false })
    }

    /// The instant. On a virtual clock, the one that it was set to.
    pub fn now(&mut self) -> Timestamp {
        match self {
            Self::Virtual(now) => *now,
            Self::System(watched) => watched.now(),
        }
    }

    /// Whether the clock jumped forward and nobody has confirmed it yet: timers wait.
    pub const fn is_held(&self) -> bool {
        matches!(self, Self::System(Watched { held: true, .. }))
    }

    /// A person says that the clock is right.
    pub fn confirm(&mut self) {
        if let Self::System(watched) = self {
            *watched = Watched { anchor: Instant::now(), anchored_at: wall(), held: false };
        }
    }

    /// Moves a virtual clock forward; it never goes back, and a system clock is not moved.
    pub fn advance_to(&mut self, to: Timestamp) {
        if let Self::Virtual(now) = self {
            *now = to.max(*now);
        }
    }

    /// Whether the clock is a virtual one.
    pub const fn is_virtual(&self) -> bool {
        matches!(self, Self::Virtual(_))
    }
}

impl Watched {
    fn now(&mut self) -> Timestamp {
        let wall = wall();
        let passed = i64::try_from(self.anchor.elapsed().as_secs()).unwrap_or(i64::MAX);
        if wall.seconds_since(self.anchored_at) - passed > JUMP_MAX_S {
            self.held = true;
        } else if !self.held {
            // Anchoring anew at each look keeps slow drift from adding up to a jump.
            self.anchor = Instant::now();
            self.anchored_at = wall;
        }
        wall
    }
}

/// The machine's own instant, for what is no fact of a case: until when a session holds, one-time codes.
pub fn machine() -> Timestamp {
    wall()
}

fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// How long something took, for metrics and reports; never for a decision.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Since it started.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::making;

    /// The machine's clock, an hour ahead of what the monotonic one says.
    fn jumped() -> Clock {
        Clock::System(Watched {
            anchor: Instant::now(),
            anchored_at: wall().plus_seconds(-3_600),
            held: false,
        })
    }

    #[test]
    fn a_forward_jump_is_held_until_a_person_confirms_and_a_slow_drift_is_none() {
        let mut clock = jumped();
        clock.now();
        assert!(clock.is_held());
        clock.now();
        assert!(clock.is_held(), "looking again confirms nothing");
        clock.confirm();
        clock.now();
        assert!(!clock.is_held());
        let anchored_at = wall().plus_seconds(-JUMP_MAX_S + 1);
        let mut slow = Clock::System(Watched { anchor: Instant::now(), anchored_at, held: false });
        slow.now();
        assert!(!slow.is_held());
    }

    #[test]
    fn a_held_clock_keeps_timers_waiting_and_calls_coming() {
        let dir = tempfile::tempdir().expect("a folder");
        let now = making::at(making::WEDNESDAY_9);
        let mut engine = making::start(dir.path(), now, 1);
        making::must(&mut engine, now, making::call(1));
        let due = engine.next_due().expect("the grid has to sign");
        *engine.clock() = jumped();
        engine.clock().now();
        let before = making::records(&engine).len();
        making::settle(&mut engine, due);
        assert_eq!(making::records(&engine).len(), before, "no timer asks by a clock that jumped");
        making::must(&mut engine, due, making::call(2));
        let before = making::records(&engine).len();
        engine.clock().confirm();
        making::settle(&mut engine, due);
        assert!(making::records(&engine).len() > before, "a person said that it is right");
    }
}
