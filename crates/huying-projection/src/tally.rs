//! Plain counts for reports. Each names the fact that it counts: done, checked, answered and closed are four.

mod count;
mod sum;

use crate::drills::Drills;
use huying_domain::{
    event::{Event, clocks::ClockChange},
    ids::CaseId,
    record::Record,
    vocabulary::{
        CancelGround, Clock, CloseCondition, EmergencyLine, EscalationGround, Grade, NoticePhase,
        RefusalGround, ReturnGround, Rung, Solved,
    },
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Counts over records. Calls are not among them: a call that was refused at the door leaves no record.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Tally {
    /// Records.
    pub records: u64,
    /// Events.
    pub events: u64,
    /// Cases of their own: calls that were registered.
    pub cases: u64,
    /// Further calls, each a small case that follows a lead.
    pub joined: u64,
    /// Refusals of a demand by ground.
    pub refused: BTreeMap<RefusalGround, u64>,
    /// Handed to an emergency line, by line.
    pub referred: BTreeMap<EmergencyLine, u64>,
    /// Cancelled by ground; those whose data end stand apart in `censored`.
    pub cancelled: BTreeMap<CancelGround, u64>,
    /// Ended only because a replay's data end there.
    pub censored: u64,
    /// Assignments, by the rung to which they went.
    pub assigned: BTreeMap<Rung, u64>,
    /// Signed for.
    pub accepted: u64,
    /// Given back, by ground.
    pub returned: BTreeMap<ReturnGround, u64>,
    /// Decided finally by the level above.
    pub ruled: u64,
    /// Climbs, by the rung that was reached.
    pub escalated: BTreeMap<Rung, u64>,
    /// Climbs, by ground.
    pub escalated_for: BTreeMap<EscalationGround, u64>,
    /// Rungs that were climbed over because nobody was there.
    pub skipped: u64,
    /// How often the top rung was asked again.
    pub top_asked: u64,
    /// Reminders.
    pub reminded: u64,
    /// Clocks that were breached, each once, however often the engine asked again.
    pub breached: BTreeMap<Clock, u64>,
    /// Questions put again to clocks that were breached already.
    pub asked_again: u64,
    /// Breaches that do not count against the unit; they stand among `breached` as well.
    pub exempted: BTreeMap<Clock, u64>,
    /// Results reported under a work order, by the rung that reported them.
    pub resolved: BTreeMap<Rung, u64>,
    /// Results reported on the spot, without a work order.
    pub resolved_on_the_spot: u64,
    /// Checks that the result passed.
    pub checks_passed: u64,
    /// Checks that it failed.
    pub checks_failed: u64,
    /// Answers to a case of its own.
    pub answered: u64,
    /// Answers that went on to a case that follows.
    pub answered_with_lead: u64,
    /// Messages asked of a channel.
    pub tell_asked: u64,
    /// Callers told: receipts.
    pub told: u64,
    /// Attempts to call back.
    pub called_back: u64,
    /// Verdicts by whether it is solved.
    pub verdicts_solved: BTreeMap<Solved, u64>,
    /// Verdicts by grade; those without a grade are the difference to all.
    pub verdicts_grade: BTreeMap<Grade, u64>,
    /// Verdicts that say that the handler had been in touch: the numerator of 响应率.
    pub verdicts_contacted: u64,
    /// Reopenings.
    pub reopened: u64,
    /// Closed, by condition.
    pub closed: BTreeMap<CloseCondition, u64>,
    /// Readings of a caller's number.
    pub revealed: u64,
    /// Keys destroyed.
    pub erased: u64,
    /// One-key alarms; drills are none.
    pub alarms: u64,
    /// How often somebody was rung for them, ring by ring.
    pub rings: u64,
    /// Notices given out, by where they stand to the limit.
    pub noticed: BTreeMap<NoticePhase, u64>,
    /// Drills of alarms. Of them nothing else is counted here but records and events.
    pub drills: u64,
    #[serde(skip)]
    known: Known,
    #[serde(skip)]
    drilling: Drills,
}

/// A part of a whole, never divided here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Share {
    /// The part.
    pub numerator: u64,
    /// The whole.
    pub denominator: u64,
}

impl Tally {
    /// Takes in one record.
    pub fn follow(&mut self, record: &Record) {
        if self.drilling.covers(record) {
            self.records += 1;
            self.events += record.parts.iter().map(|part| part.events.len() as u64).sum::<u64>();
            self.drills += u64::from(Drills::begins(record));
            return;
        }
        let mut known = std::mem::take(&mut self.known);
        self.count(record, &mut known);
        self.known = known;
    }

    /// Counts one record, with what is known of the cases kept elsewhere.
    pub(crate) fn count(&mut self, record: &Record, known: &mut Known) {
        self.records += 1;
        for part in &record.parts {
            for event in &part.events {
                self.events += 1;
                let about = part.case().map(|case| (case, known.learn(case, event)));
                self.count_event(event, about.map(|(_, about)| about).unwrap_or_default());
            }
        }
    }

    /// Results under a work order that one rung reported, among all of them.
    pub fn resolved_share(&self, rung: Rung) -> Share {
        let numerator = self.resolved.get(&rung).copied().unwrap_or(0);
        Share { numerator, denominator: self.resolved.values().sum() }
    }

    /// Callers who call it solved, among those who said anything 解决率.
    pub fn solved_share(&self) -> Share {
        let numerator = self.verdicts_solved.get(&Solved::Yes).copied().unwrap_or(0);
        Share { numerator, denominator: self.verdicts_solved.values().sum() }
    }

    /// All closings.
    pub fn closed_all(&self) -> u64 {
        self.closed.values().sum()
    }
}

/// What counting an event needs to know of the case before it; kept for open cases only.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Known(BTreeMap<CaseId, About>);

/// What is known of one open case.
#[derive(Clone, PartialEq, Eq, Debug)]
struct About {
    rung: Rung,
    follows: bool,
    breached: Vec<Clock>,
}

/// What was so just before the event.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Before {
    pub(super) rung: Option<Rung>,
    pub(super) follows: bool,
    pub(super) breached: bool,
}

impl Known {
    /// Says what was so before the event, and takes the event in.
    fn learn(&mut self, case: CaseId, event: &Event) -> Before {
        let fresh = || About { rung: Rung::Centre, follows: false, breached: Vec::new() };
        if matches!(event, Event::Registered(_) | Event::Joined(_) | Event::Reopened(_)) {
            self.0.insert(case, fresh());
        }
        let Some(about) = self.0.get_mut(&case) else { return Before::default() };
        let mut before = Before { rung: Some(about.rung), follows: about.follows, breached: false };
        match event {
            Event::Joined(_) => about.follows = true,
            Event::Assigned(event) => about.rung = event.rung,
            Event::Escalated(event) => about.rung = event.rung,
            Event::ClockBreached(event) => {
                before.breached = about.breached.contains(&event.clock);
                if !before.breached {
                    about.breached.push(event.clock);
                }
            }
            Event::Clocked(event) => {
                for change in &event.changes {
                    if let ClockChange::Started { clock, .. } = change {
                        about.breached.retain(|breached| breached != clock);
                    }
                }
            }
            Event::Closed(_) => {
                self.0.remove(&case);
            }
            _ => {}
        }
        before
    }
}
