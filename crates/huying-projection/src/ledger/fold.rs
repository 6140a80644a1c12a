//! What each event makes of an entry. Every event is named, so that a new one stops the build here.

use super::{
    Ledger,
    entry::{Act, CalledUnit, Done, Entry, Leg, Mark},
};
use huying_domain::{
    event::{
        Event,
        clocks::{ClockChange, Clocked},
        collect::Filing,
    },
    few::Few,
    ids::{CaseId, UnitId},
    time::Timestamp,
    vocabulary::{CancelGround, Clock, Outcome, Rung},
};

impl Ledger {
    pub(super) fn fold(&mut self, case: CaseId, event: &Event, at: Timestamp) {
        let born = match event {
            Event::Registered(event) => Entry::filed(case, &event.filing, &event.dispatcher, None, at),
            Event::Joined(event) => {
                Entry::filed(case, &event.filing, &event.dispatcher, Some(event.lead), at)
            }
            event => {
                if let Some(entry) = self.cases.get_mut(case) {
                    entry.fold(event, at);
                }
                return;
            }
        };
        self.cases.insert(case, born);
    }
}

impl Entry {
    fn filed(
        case: CaseId,
        filing: &Filing,
        dispatcher: &UnitId,
        lead: Option<CaseId>,
        at: Timestamp,
    ) -> Self {
        Self {
            case,
            filed_at: at,
            class: filing.brief.class.clone(),
            filed_in: filing.brief.area,
            moved: Few::new(),
            legs: vec![Leg::at_desk(at, dispatcher, lead)],
            marks: Few::new(),
            called: Few::new(),
            unclassed: filing.waits_for_class(),
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each event, so that a new one stops the build here"
    )]
    fn fold(&mut self, event: &Event, at: Timestamp) {
        let leg = self.legs.last_mut().expect("a case has a leg from its filing on");
        match event {
            Event::Corrected(event) => {
                let reclassified = event.class.as_ref().is_some_and(|class| *class != self.class);
                // That a person names the class of which a program was not sure is no change of it.
                let named = event.class.is_some() && std::mem::take(&mut self.unclassed);
                if !named && (reclassified || event.condition.is_some()) {
                    self.mark(Act::Reclassified, at);
                }
                if let Some(class) = &event.class {
                    self.class.clone_from(class);
                }
            }
            Event::Rehomed(event) => self.moved.push((at, event.to)),
            Event::Assigned(event) => leg.give(&event.lead, event.rung),
            Event::Escalated(event) => leg.give(&event.to, event.rung),
            // A ruling gives it to a unit; the rung stands in the assignment beside it.
            Event::Ruled(event) => leg.unit.clone_from(&event.holder),
            Event::Resolved(event) => {
                leg.unit.clone_from(&event.unit);
                let evidence = !event.evidence.is_empty();
                leg.done = Some(Done { at, evidence, on_the_spot: event.on_the_spot });
                leg.outcome = Some(if event.on_the_spot { Outcome::OnTheSpot } else { Outcome::Handled });
            }
            Event::Checked(event) if !event.passed => {
                leg.done = None;
                leg.outcome = None;
            }
            Event::Refused(_) => leg.outcome = Some(Outcome::Refused),
            Event::Referred(_) => leg.outcome = Some(Outcome::Referred),
            Event::Terminated(_) => {
                self.mark(Act::Cancelled, at);
                self.leg().outcome = Some(Outcome::Terminated);
            }
            Event::Merged(event) => {
                self.mark(Act::Merged, at);
                self.leg().lead = Some(event.into);
            }
            Event::Unmerged(_) => self.leg().lead = None,
            Event::Appealed(_) => self.mark(Act::Appealed, at),
            Event::AppealJudged(event) if event.upheld => self.mark(Act::Upheld, at),
            Event::LookedAgain(event) => {
                self.mark(Act::LookedAt, at);
                if !event.stands {
                    self.mark(Act::CameBack, at);
                }
            }
            Event::Extended(_) => self.mark(Act::Extended, at),
            Event::Suspended(_) => self.mark(Act::Paused, at),
            Event::Whistled(event) => {
                let leg = self.number();
                let called = event.called.iter().map(|called| CalledUnit {
                    number: called.number,
                    leg,
                    at,
                    by: event.by.clone(),
                    unit: called.unit.clone(),
                    reported_late: None,
                });
                self.called.extend(called);
            }
            Event::ReportedIn(event) => {
                let called = self.called.iter_mut().find(|called| called.number == event.number);
                if let Some(called) = called {
                    called.reported_late = Some(event.late);
                }
            }
            Event::Cancelled(event) => {
                // That a replay's data end is nobody's act.
                if event.ground != CancelGround::Censored {
                    self.mark(Act::Cancelled, at);
                }
                self.leg().outcome = Some(Outcome::Cancelled);
            }
            Event::Answered(_) if leg.lead.is_some() => leg.outcome = Some(Outcome::WithLead),
            Event::Clocked(event) => self.clocked(event),
            Event::ClockBreached(event) if event.clock == Clock::Resolve => {
                leg.breached.get_or_insert(event.due);
            }
            Event::Exempted(event) if event.clock == Clock::Resolve => {
                // An appeal may come when another leg runs already.
                let of = self.legs.iter_mut().rev().find(|leg| leg.breached == Some(event.due));
                of.into_iter().for_each(|leg| leg.exempted = true);
            }
            Event::CalledBack(event) => {
                leg.attempts = event.attempt;
                leg.verdict = event.verdict.map(|verdict| (at, verdict)).or(leg.verdict);
            }
            Event::Reopened(event) => self.legs.push(Leg::at_desk(at, &event.dispatcher, None)),
            Event::Closed(event) => leg.closed = Some((at, event.condition)),
            Event::Registered(_)
            | Event::Joined(_)
            | Event::MemberAdded(_)
            | Event::Tagged(_)
            | Event::Accepted(_)
            | Event::Returned(_)
            | Event::Delegated(_)
            | Event::Contacted(_)
            | Event::Arrived(_)
            | Event::Progressed(_)
            | Event::ClockBreached(_)
            | Event::Exempted(_)
            | Event::TopAsked(_)
            | Event::Alarmed(_)
            | Event::Noticed(_)
            | Event::Reminded(_)
            | Event::Requested(_)
            | Event::Denied(_)
            | Event::Resumed(_)
            | Event::InformAsked(_)
            | Event::Informed(_)
            | Event::HelpCalled(_)
            | Event::HelpReported(_)
            | Event::Consulted(_)
            | Event::TaskFinished(_)
            | Event::ErrandMissed(_)
            | Event::TookIn(_)
            | Event::LetGo(_)
            | Event::LookAsked(_)
            | Event::AppealJudged(_)
            | Event::NewsPassed(_)
            | Event::Supervised(_)
            | Event::Instructed(_)
            | Event::Checked(_)
            | Event::Answered(_)
            | Event::PassedOn(_)
            | Event::TellAsked(_)
            | Event::Told(_)
            | Event::Revealed(_)
            | Event::Erased(_)
            | Event::RulesPublished(_)
            | Event::DutySet(_)
            | Event::AccountSet(_)
            | Event::KeysSet(_) => {}
        }
    }

    fn clocked(&mut self, event: &Clocked) {
        for change in event.changes.iter().filter(|change| change.clock() == Clock::Resolve) {
            match change {
                ClockChange::Started { due, .. }
                | ClockChange::Resumed { due, .. }
                | ClockChange::Moved { due, .. } => {
                    self.leg().due = Some(*due);
                }
                ClockChange::Paused { .. } | ClockChange::Stopped { .. } | ClockChange::Planned { .. } => {}
            }
        }
    }

    fn mark(&mut self, act: Act, at: Timestamp) {
        let (number, leg) = (self.number(), self.last());
        let (unit, rung, late) = (leg.unit.clone(), leg.rung, leg.is_late(at));
        self.marks.push(Mark { act, at, leg: number, unit, rung, late });
    }

    /// The number of the leg that runs, from 1.
    fn number(&self) -> u8 {
        u8::try_from(self.legs.len()).unwrap_or(u8::MAX)
    }

    fn leg(&mut self) -> &mut Leg {
        self.legs.last_mut().expect("a case has a leg from its filing on")
    }
}

impl Leg {
    fn give(&mut self, unit: &UnitId, rung: Rung) {
        self.unit.clone_from(unit);
        self.rung = Some(rung);
        self.given = true;
    }
}
