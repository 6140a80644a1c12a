//! Which number each event raises. Every event is named, so that a new one stops the build here.

use super::{Before, Tally};
use huying_domain::{event::Event, vocabulary::CancelGround};
use std::collections::BTreeMap;

fn one<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    *counts.entry(key).or_default() += 1;
}

impl Tally {
    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each event, so that a new one stops the build here"
    )]
    pub(super) fn count_event(&mut self, event: &Event, before: Before) {
        match event {
            Event::Registered(_) => self.cases += 1,
            Event::Joined(_) => self.joined += 1,
            Event::Refused(event) => one(&mut self.refused, event.ground),
            Event::Referred(event) => one(&mut self.referred, event.line),
            Event::Cancelled(event) if event.ground == CancelGround::Censored => self.censored += 1,
            Event::Cancelled(event) => one(&mut self.cancelled, event.ground),
            Event::Assigned(event) => one(&mut self.assigned, event.rung),
            Event::Accepted(_) => self.accepted += 1,
            Event::Returned(event) => one(&mut self.returned, event.ground),
            Event::Ruled(_) => self.ruled += 1,
            Event::Resolved(event) if event.on_the_spot => self.resolved_on_the_spot += 1,
            Event::Resolved(_) => before.rung.into_iter().for_each(|rung| one(&mut self.resolved, rung)),
            Event::ClockBreached(_) if before.breached => self.asked_again += 1,
            Event::ClockBreached(event) => one(&mut self.breached, event.clock),
            Event::Exempted(event) => one(&mut self.exempted, event.clock),
            Event::Escalated(event) => {
                one(&mut self.escalated, event.rung);
                one(&mut self.escalated_for, event.ground);
                self.skipped += event.skipped.len() as u64;
            }
            Event::TopAsked(_) => self.top_asked += 1,
            Event::Alarmed(event) => {
                self.alarms += u64::from(event.ring == 1);
                self.rings += 1;
            }
            Event::Noticed(event) => one(&mut self.noticed, event.phase),
            Event::Reminded(_) => self.reminded += 1,
            Event::Checked(event) if event.passed => self.checks_passed += 1,
            Event::Checked(_) => self.checks_failed += 1,
            Event::Answered(_) if before.follows => self.answered_with_lead += 1,
            Event::Answered(_) => self.answered += 1,
            Event::TellAsked(_) => self.tell_asked += 1,
            Event::Told(_) => self.told += 1,
            Event::CalledBack(event) => {
                self.called_back += 1;
                if let Some(verdict) = event.verdict {
                    one(&mut self.verdicts_solved, verdict.solved);
                    verdict.grade.into_iter().for_each(|grade| one(&mut self.verdicts_grade, grade));
                    self.verdicts_contacted += u64::from(verdict.contacted);
                }
            }
            Event::Reopened(_) => self.reopened += 1,
            Event::Closed(event) => one(&mut self.closed, event.condition),
            Event::Revealed(_) => self.revealed += 1,
            Event::Erased(_) => self.erased += 1,
            Event::MemberAdded(_)
            | Event::Corrected(_)
            | Event::Tagged(_)
            | Event::Delegated(_)
            | Event::Contacted(_)
            | Event::Arrived(_)
            | Event::Progressed(_)
            | Event::Requested(_)
            | Event::Denied(_)
            | Event::Extended(_)
            | Event::Suspended(_)
            | Event::Resumed(_)
            | Event::Terminated(_)
            | Event::InformAsked(_)
            | Event::Informed(_)
            | Event::Whistled(_)
            | Event::ReportedIn(_)
            | Event::HelpCalled(_)
            | Event::HelpReported(_)
            | Event::Consulted(_)
            | Event::TaskFinished(_)
            | Event::ErrandMissed(_)
            | Event::Merged(_)
            | Event::TookIn(_)
            | Event::Unmerged(_)
            | Event::LetGo(_)
            | Event::Appealed(_)
            | Event::AppealJudged(_)
            | Event::LookAsked(_)
            | Event::LookedAgain(_)
            | Event::NewsPassed(_)
            | Event::Supervised(_)
            | Event::Instructed(_)
            | Event::Clocked(_)
            | Event::PassedOn(_)
            | Event::Rehomed(_)
            | Event::RulesPublished(_)
            | Event::DutySet(_)
            | Event::AccountSet(_)
            | Event::KeysSet(_) => {}
        }
    }
}
