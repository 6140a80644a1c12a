//! What holds for a case: the one walk over which tables count and lists name.

use super::{
    Ledger,
    entry::{Act, Entry, Leg},
    number::Number,
};
use huying_domain::{
    event::feedback::Verdict,
    ids::UnitId,
    time::Timestamp,
    vocabulary::{Grade, Rung, Solved},
};

/// That a number counts this leg of a case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fact<'l> {
    pub(super) number: Number,
    /// From 1.
    pub(super) leg: u8,
    /// Puts it into a period.
    pub(super) at: Timestamp,
    /// For whom it counts.
    pub(super) unit: &'l UnitId,
    pub(super) rung: Option<Rung>,
}

impl Ledger {
    /// Names everything that holds for a case. A case reopened within `soon_days` of its closing was so *soon*.
    pub(super) fn facts<'l>(&'l self, entry: &'l Entry, soon_days: u16, tell: &mut impl FnMut(Fact<'l>)) {
        for (nth, leg) in entry.legs.iter().enumerate() {
            let number = u8::try_from(nth + 1).unwrap_or(u8::MAX);
            let (unit, rung) = self.handler(leg);
            let mut say = |number_of: Number, at: Timestamp| {
                tell(Fact { number: number_of, leg: number, at, unit, rung });
            };
            of_leg(leg, &mut say);
            if let Some(before) = nth.checked_sub(1).and_then(|before| entry.legs[before].closed) {
                let soon_s = i64::from(soon_days) * 86_400;
                if leg.opened_at.seconds_since(before.0) <= soon_s {
                    // It counts for whoever had finished it.
                    let (unit, rung) = self.handler(&entry.legs[nth - 1]);
                    tell(Fact { number: Number::ReopenedSoon, leg: number, at: leg.opened_at, unit, rung });
                }
            }
        }
        self.cohort(entry, tell);
        self.whistles(entry, tell);
        for mark in &entry.marks {
            let (any, late) = match mark.act {
                Act::Reclassified => (Number::Reclassified, Some(Number::ReclassifiedLate)),
                Act::Paused => (Number::Paused, Some(Number::PausedLate)),
                Act::Extended => (Number::Extended, Some(Number::ExtendedLate)),
                Act::Merged => (Number::Merged, Some(Number::MergedLate)),
                Act::Cancelled => (Number::Cancelled, Some(Number::CancelledLate)),
                Act::Appealed => (Number::Appealed, None),
                Act::Upheld => (Number::AppealUpheld, None),
                Act::LookedAt => (Number::LookedAt, None),
                Act::CameBack => (Number::CameBack, None),
            };
            for number in [Some(any), late.filter(|_| mark.late)].into_iter().flatten() {
                tell(Fact { number, leg: mark.leg, at: mark.at, unit: &mark.unit, rung: mark.rung });
            }
        }
    }

    /// Both sides of a whistle are scored: who blew it, and each unit that was called. What the caller says of the leg
    /// counts for each of them once.
    fn whistles<'l>(&'l self, entry: &'l Entry, tell: &mut impl FnMut(Fact<'l>)) {
        let mut sides: Vec<(u8, &UnitId, Timestamp)> = Vec::new();
        for called in &entry.called {
            let (leg, at) = (called.leg, called.at);
            let mut say = |number, unit| tell(Fact { number, leg, at, unit, rung: None });
            say(Number::Blown, &called.by);
            say(Number::Called, &called.unit);
            if let Some(late) = called.reported_late {
                say(Number::Reported, &called.unit);
                if !late {
                    say(Number::ReportedInTime, &called.unit);
                }
            }
            for unit in [&called.by, &called.unit] {
                if !sides.iter().any(|side| (side.0, side.1) == (leg, unit)) {
                    sides.push((leg, unit, at));
                }
            }
        }
        for (leg, unit, at) in sides {
            let verdict = entry.legs.get(usize::from(leg.saturating_sub(1))).and_then(|leg| leg.verdict);
            let Some((_, verdict)) = verdict else { continue };
            tell(Fact { number: Number::WhistleEffective, leg, at, unit, rung: None });
            if verdict.solved == Solved::Yes {
                tell(Fact { number: Number::WhistleSolved, leg, at, unit, rung: None });
            }
        }
    }

    /// A case counts once, for whoever had its first leg, in the period in which that was due.
    fn cohort<'l>(&'l self, entry: &'l Entry, tell: &mut impl FnMut(Fact<'l>)) {
        let first = &entry.legs[0];
        let (unit, rung) = self.handler(first);
        let mut say = |number: Number, at: Timestamp| tell(Fact { number, leg: 1, at, unit, rung });
        let Some(due) = first.due else {
            if first.given {
                say(Number::NoTarget, entry.filed_at);
            }
            return;
        };
        // What another case answers for from its start on has no limit of its own and does not come here; one that
        // was merged later was due itself, and stays in its month.
        if first.was_never_owed() {
            return;
        }
        let late = entry.legs.iter().any(|leg| leg.breached.is_some());
        say(Number::Due, due);
        if entry.last().closed.is_some() {
            say(Number::Closed, due);
            if !entry.was_late() {
                say(Number::OnTime, due);
            }
        } else {
            say(Number::Open, due);
        }
        if late {
            say(Number::Late, due);
            if !entry.was_late() {
                say(Number::Exempted, due);
            }
        }
        if entry.legs.len() > 1 {
            say(Number::Reworked, due);
        }
    }

    /// Who handled a leg. One that follows a lead was handled with it.
    fn handler<'l>(&'l self, leg: &'l Leg) -> (&'l UnitId, Option<Rung>) {
        let lead = leg.lead.and_then(|lead| self.entry(lead));
        let with_lead = lead.map(|lead| {
            let until = leg.verdict.map_or(Timestamp::FAR, |(at, _)| at);
            lead.legs.iter().rev().find(|leg| leg.opened_at <= until).unwrap_or(&lead.legs[0])
        });
        let leg = with_lead.unwrap_or(leg);
        (&leg.unit, leg.rung)
    }
}

fn of_leg(leg: &Leg, say: &mut impl FnMut(Number, Timestamp)) {
    say(Number::Opened, leg.opened_at);
    if let Some((_, verdict)) = leg.verdict {
        of_verdict(verdict, &mut |number| say(number, leg.opened_at));
    }
    if let Some(done) = leg.done {
        say(Number::Done, done.at);
        if done.on_the_spot {
            say(Number::OnTheSpot, done.at);
        }
    }
    if let Some((at, _)) = leg.closed.filter(|_| leg.was_handled()) {
        // An answer on the line leaves no evidence but itself.
        if leg.done.is_some_and(|done| !done.evidence && !done.on_the_spot) {
            say(Number::NoEvidence, at);
        }
        if leg.attempts == 0 && leg.verdict.is_none() {
            say(Number::NoCallBack, at);
        }
    }
}

fn of_verdict(verdict: Verdict, say: &mut impl FnMut(Number)) {
    say(Number::Effective);
    if verdict.contacted {
        say(Number::Contacted);
    }
    match verdict.solved {
        Solved::Yes => say(Number::Solved),
        Solved::Partly => say(Number::SolvedPartly),
        Solved::No => {}
    }
    if let Some(grade) = verdict.grade {
        say(Number::Graded);
        say(match grade {
            Grade::VerySatisfied | Grade::Satisfied => Number::Satisfied,
            Grade::Basically => Number::Basically,
            Grade::Dissatisfied | Grade::VeryDissatisfied => Number::Dissatisfied,
        });
    }
}
