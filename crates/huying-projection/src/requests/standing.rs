//! How far a case is, in words of the trade alone: what a person has written may name somebody, these cannot.

use huying_domain::{
    event::Event,
    ids::CaseId,
    time::Timestamp,
    vocabulary::{
        CancelGround, CloseCondition, EmergencyLine, EscalationGround, RefusalGround,
        governed::{SuspensionGround, TerminationGround},
    },
};

/// What was the last that happened and that everybody may know, with its listed ground.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It was written down.
    Received,
    /// It follows an earlier one about the same matter.
    Joined(CaseId),
    /// It goes its own way again.
    Parted,
    /// A unit has it.
    Assigned,
    /// The unit has signed for it.
    Accepted,
    /// The unit gave it back; another one is looked for.
    Returned,
    /// It climbed.
    Escalated(EscalationGround),
    /// More time was granted.
    Extended(Timestamp),
    /// It rests until then.
    Suspended(SuspensionGround, Timestamp),
    /// It goes on.
    Resumed,
    /// It was given up.
    Terminated(TerminationGround),
    /// It is not taken on.
    Refused(RefusalGround),
    /// An emergency line has it.
    Referred(EmergencyLine),
    /// It ends without being handled.
    Cancelled(CancelGround),
    /// It is done, says who handled it; that is looked at now.
    Resolved,
    /// What was done does not stand.
    NotDone,
    /// The answer is on its way.
    Answered,
    /// It is worked on again.
    Reopened,
    /// It is closed.
    Closed(CloseCondition),
}

impl Standing {
    /// Whether it says why a case is not handled.
    pub const fn is_unhandled(self) -> bool {
        matches!(self, Self::Refused(_) | Self::Referred(_) | Self::Cancelled(_) | Self::Terminated(_))
    }

    /// Where an event leaves a case; none where everybody's knowledge does not change. Every event is named, so that a
    /// new one stops the build here.
    pub fn after(event: &Event) -> Option<Self> {
        Some(match event {
            Event::Registered(_) => Self::Received,
            Event::Joined(event) => Self::Joined(event.lead),
            Event::Merged(event) => Self::Joined(event.into),
            Event::Unmerged(_) => Self::Parted,
            Event::Refused(event) => Self::Refused(event.ground),
            Event::Referred(event) => Self::Referred(event.line),
            Event::Cancelled(event) => Self::Cancelled(event.ground),
            Event::Assigned(_) | Event::Ruled(_) => Self::Assigned,
            Event::Accepted(_) => Self::Accepted,
            Event::Returned(_) => Self::Returned,
            Event::Escalated(event) => Self::Escalated(event.ground),
            Event::Extended(event) => Self::Extended(event.until),
            Event::Suspended(event) => Self::Suspended(event.ground, event.until),
            Event::Resumed(_) => Self::Resumed,
            Event::Terminated(event) => Self::Terminated(event.ground),
            Event::Resolved(_) => Self::Resolved,
            Event::Checked(event) if !event.passed => Self::NotDone,
            Event::Answered(_) => Self::Answered,
            Event::Reopened(_) => Self::Reopened,
            Event::Closed(event) => Self::Closed(event.condition),
            Event::MemberAdded(_)
            | Event::TookIn(_)
            | Event::LetGo(_)
            | Event::Corrected(_)
            | Event::Tagged(_)
            | Event::Delegated(_)
            | Event::Contacted(_)
            | Event::Arrived(_)
            | Event::Progressed(_)
            | Event::Requested(_)
            | Event::Denied(_)
            | Event::InformAsked(_)
            | Event::Informed(_)
            | Event::NewsPassed(_)
            | Event::Whistled(_)
            | Event::ReportedIn(_)
            | Event::HelpCalled(_)
            | Event::HelpReported(_)
            | Event::Consulted(_)
            | Event::TaskFinished(_)
            | Event::ErrandMissed(_)
            | Event::Supervised(_)
            | Event::Instructed(_)
            | Event::Clocked(_)
            | Event::ClockBreached(_)
            | Event::Exempted(_)
            | Event::TopAsked(_)
            | Event::Alarmed(_)
            | Event::Noticed(_)
            | Event::Reminded(_)
            | Event::Checked(_)
            | Event::PassedOn(_)
            | Event::TellAsked(_)
            | Event::Told(_)
            | Event::CalledBack(_)
            | Event::Appealed(_)
            | Event::AppealJudged(_)
            | Event::LookAsked(_)
            | Event::LookedAgain(_)
            | Event::Revealed(_)
            | Event::Erased(_)
            | Event::Rehomed(_)
            | Event::RulesPublished(_)
            | Event::DutySet(_)
            | Event::AccountSet(_)
            | Event::KeysSet(_) => return None,
        })
    }
}
