//! One case in the ledger: its legs, each with its own due instant and its own verdict, and what was done to it.

use huying_domain::{
    area::AreaCode,
    event::feedback::Verdict,
    few::Few,
    ids::{CaseId, ClassId, UnitId},
    time::Timestamp,
    vocabulary::{CloseCondition, Outcome, Rung},
};

/// What is kept of a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The case.
    pub case: CaseId,
    /// When it was registered.
    pub filed_at: Timestamp,
    /// Its class now.
    pub class: ClassId,
    /// Where it was filed.
    pub(super) filed_in: AreaCode,
    /// Where it lay from later instants on: a report for March asks for March's.
    pub(super) moved: Few<(Timestamp, AreaCode)>,
    /// One, and one more for each reopening.
    pub legs: Vec<Leg>,
    /// Acts that can make a number look better than the work.
    pub marks: Few<Mark>,
    /// Units that were called to it 吹哨.
    pub called: Few<CalledUnit>,
    /// It waits for a person to name its class for the first time.
    pub(super) unclassed: bool,
}

/// A unit that was called, and whether it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CalledUnit {
    /// The errand's number within the case.
    pub number: u16,
    /// In which leg, from 1.
    pub leg: u8,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: UnitId,
    /// The unit.
    pub unit: UnitId,
    /// Whether it reported in 报到, and whether that was late.
    pub reported_late: Option<bool>,
}

/// From filing or reopening to closing or the next reopening.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leg {
    /// When it began.
    pub opened_at: Timestamp,
    /// Who handles or handled it; whoever dispatches it until somebody does.
    pub unit: UnitId,
    /// Where on the ladder that unit stands; none at the desk.
    pub rung: Option<Rung>,
    /// The case that it follows in this leg.
    pub lead: Option<CaseId>,
    /// By when it is to be resolved, as the clock stands or stood last.
    pub due: Option<Timestamp>,
    /// When the resolve clock was breached. It stays.
    pub breached: Option<Timestamp>,
    /// The breach does not count.
    pub exempted: bool,
    /// Somebody was given the work.
    pub given: bool,
    /// The last result.
    pub done: Option<Done>,
    /// How it was settled.
    pub outcome: Option<Outcome>,
    /// Attempts to call back.
    pub attempts: u8,
    /// What the caller said, and when.
    pub verdict: Option<(Timestamp, Verdict)>,
    /// When and on which condition it was closed.
    pub closed: Option<(Timestamp, CloseCondition)>,
}

/// A result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// Whether anything proves it.
    pub evidence: bool,
    /// Solved by whoever found it.
    pub on_the_spot: bool,
}

/// An act that the integrity page counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// What was done.
    pub act: Act,
    /// When.
    pub at: Timestamp,
    /// In which leg, from 1.
    pub leg: u8,
    /// Who had the work then.
    pub unit: UnitId,
    /// Where that unit stood.
    pub rung: Option<Rung>,
    /// The resolve limit had passed already.
    pub late: bool,
}

/// What can make a number look better than the work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Class or condition were changed.
    Reclassified,
    /// The resolve clock was made to stand still.
    Paused,
    /// The resolve limit was moved.
    Extended,
    /// It was merged into another case.
    Merged,
    /// It was ended without being handled.
    Cancelled,
    /// A unit asked that a breach shall not count.
    Appealed,
    /// And it does not.
    Upheld,
    /// Somebody looked at it again after it had been closed.
    LookedAt,
    /// And the matter had come back.
    CameBack,
}

impl Entry {
    /// Where it lay at an instant.
    pub fn area_at(&self, at: Timestamp) -> AreaCode {
        let moved = self.moved.iter().rev().find(|(from, _)| *from <= at);
        moved.map_or(self.filed_in, |(_, area)| *area)
    }

    /// Since when it is closed.
    pub fn rests_since(&self) -> Option<Timestamp> {
        self.last().closed.map(|(at, _)| at)
    }

    /// The leg that runs or ran last.
    pub fn last(&self) -> &Leg {
        self.legs.last().expect("a case has a leg from its filing on")
    }

    /// Whether the resolve limit was breached in any leg, and nobody said that it does not count.
    pub fn was_late(&self) -> bool {
        self.legs.iter().any(|leg| leg.breached.is_some() && !leg.exempted)
    }
}

impl Leg {
    /// A leg that nobody has been given yet.
    pub fn at_desk(at: Timestamp, unit: &UnitId, lead: Option<CaseId>) -> Self {
        Self {
            opened_at: at,
            unit: unit.clone(),
            rung: None,
            lead,
            due: None,
            breached: None,
            exempted: false,
            given: false,
            done: None,
            outcome: None,
            attempts: 0,
            verdict: None,
            closed: None,
        }
    }

    /// Whether the resolve limit has passed at an instant, noticed or not.
    pub fn is_late(&self, at: Timestamp) -> bool {
        self.breached.is_some() || self.due.is_some_and(|due| due <= at && self.done.is_none())
    }

    /// Whether somebody worked on it, so that a caller can be asked whether it helped.
    pub const fn was_handled(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Handled | Outcome::OnTheSpot | Outcome::WithLead))
    }

    /// Ended on a listed ground before its limit: it was never owed.
    pub const fn was_never_owed(&self) -> bool {
        let declined = matches!(
            self.outcome,
            Some(Outcome::Refused | Outcome::Referred | Outcome::Cancelled | Outcome::Terminated)
        );
        declined && self.breached.is_none()
    }
}
