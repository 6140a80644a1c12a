//! Facts. Each stands in the journal for ever under a name and a version, such as `case.assigned/1`.
//!
//! A released form never changes. A new meaning is a new version: the old shape moves to `past.rs`, which says
//! what it means today (an *upcaster*), and `tests/golden` keeps an old journal that must still replay.

pub mod clocks;
pub mod collect;
pub mod dispatch;
pub mod errand;
pub mod feedback;
pub mod handle;
pub mod merge;
pub mod request;
pub mod review;
pub mod setting;
pub mod supervise;

use self::clocks::{ClockBreached, Clocked, Exempted, Noticed};
use self::collect::{
    Cancelled, Corrected, Erased, Joined, MemberAdded, Referred, Refused, Registered, Rehomed, Revealed,
    Tagged,
};
use self::dispatch::{
    Accepted, Alarmed, Assigned, Delegated, Escalated, Reminded, Returned, Ruled, TopAsked,
};
use self::errand::{Consulted, ErrandMissed, HelpCalled, HelpReported, ReportedIn, TaskFinished, Whistled};
use self::feedback::{Answered, CalledBack, Checked, Closed, PassedOn, Reopened, TellAsked, Told};
use self::handle::{Arrived, Contacted, Progressed, Resolved};
use self::merge::{LetGo, Merged, TookIn, Unmerged};
use self::request::{
    Denied, Extended, InformAsked, Informed, NewsPassed, Requested, Resumed, Suspended, Terminated,
};
use self::review::{AppealJudged, Appealed, LookAsked, LookedAgain};
use self::setting::{AccountSet, DutySet, KeysSet, RulesPublished};
use self::supervise::{Instructed, Supervised};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares the events: the enum that is written and the wider one that is read, old versions included.
macro_rules! events {
    (
        today { $($(#[$doc:meta])* $event:ident($body:ty) = $tag:literal;)+ }
        past { $($old:ident($old_body:ty) = $old_tag:literal => $today:ident;)* }
    ) => {
        /// A fact about a case, a unit or a rule file.
        #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "event", content = "data", from = "Stored")]
        #[schemars(!from)]
        pub enum Event {
            $($(#[$doc])* #[serde(rename = $tag)] $event($body),)+
        }

        /// Every form that was ever written.
        #[derive(Deserialize)]
        #[serde(tag = "event", content = "data")]
        enum Stored {
            $(#[serde(rename = $tag)] $event($body),)+
            $(#[serde(rename = $old_tag)] $old($old_body),)*
        }

        impl From<Stored> for Event {
            fn from(stored: Stored) -> Self {
                match stored {
                    $(Stored::$event(body) => Self::$event(body),)+
                    $(Stored::$old(body) => Self::$today(body.into()),)*
                }
            }
        }

        impl Event {
            /// Name and version of every event that is written today.
            pub const TAGS: &'static [&'static str] = &[$($tag),+];

            /// Name and version, as on the wire.
            pub const fn tag(&self) -> &'static str {
                match self { $(Self::$event(_) => $tag,)+ }
            }
        }
    };
}

events! { today {
    /// A call became a case.
    Registered(Registered) = "case.registered/1";
    /// A further call about the same matter became a small case of its own that follows a lead case.
    Joined(Joined) = "case.joined/1";
    /// The lead case learns of a further caller.
    MemberAdded(MemberAdded) = "case.member_added/1";
    /// The case follows another one from now on 并单.
    Merged(Merged) = "case.merged/1";
    /// The lead case has taken another one in.
    TookIn(TookIn) = "case.took_in/1";
    /// The case goes its own way again.
    Unmerged(Unmerged) = "case.unmerged/1";
    /// The lead case has let one go.
    LetGo(LetGo) = "case.let_go/1";
    /// What was written down wrongly was put right.
    Corrected(Corrected) = "case.corrected/1";
    /// Marks were set.
    Tagged(Tagged) = "case.tagged/1";
    /// The demand is not taken on.
    Refused(Refused) = "case.refused/1";
    /// Handed to an emergency line.
    Referred(Referred) = "case.referred/1";
    /// Ended without being handled.
    Cancelled(Cancelled) = "case.cancelled/1";
    /// Given to a unit.
    Assigned(Assigned) = "case.assigned/1";
    /// Signed for 签收.
    Accepted(Accepted) = "case.accepted/1";
    /// Given back 退回.
    Returned(Returned) = "case.returned/1";
    /// The level above decided who has it, finally 审定.
    Ruled(Ruled) = "case.ruled/1";
    /// A unit named its person.
    Delegated(Delegated) = "case.delegated/1";
    /// The caller was contacted.
    Contacted(Contacted) = "case.contacted/1";
    /// Somebody arrived on the spot.
    Arrived(Arrived) = "case.arrived/1";
    /// A note on the way.
    Progressed(Progressed) = "case.progressed/1";
    /// Done, says the handler.
    Resolved(Resolved) = "case.resolved/1";
    /// A unit asks the level above for time, for rest or to give it up.
    Requested(Requested) = "case.requested/1";
    /// The level above says no.
    Denied(Denied) = "case.denied/1";
    /// More time was granted 延期.
    Extended(Extended) = "case.extended/1";
    /// At rest until a day 挂账.
    Suspended(Suspended) = "case.suspended/1";
    /// Goes on after a suspension.
    Resumed(Resumed) = "case.resumed/1";
    /// Given up 终止办理.
    Terminated(Terminated) = "case.terminated/1";
    /// Telling the caller what became of the limit was asked of a channel.
    InformAsked(InformAsked) = "case.inform_asked/1";
    /// The caller heard of it: the channel's receipt.
    Informed(Informed) = "case.informed/1";
    /// Further callers are to hear of the limit too.
    NewsPassed(NewsPassed) = "case.news_passed/1";
    /// Units were called to the spot 吹哨.
    Whistled(Whistled) = "case.whistled/1";
    /// A unit that was called is there 报到.
    ReportedIn(ReportedIn) = "case.reported_in/1";
    /// Units were asked to help 协办.
    HelpCalled(HelpCalled) = "case.help_called/1";
    /// A helper reported to the lead.
    HelpReported(HelpReported) = "case.help_reported/1";
    /// Units met and decided 会商.
    Consulted(Consulted) = "case.consulted/1";
    /// A task that was agreed upon is done.
    TaskFinished(TaskFinished) = "case.task_finished/1";
    /// A unit's own limit passed without its part.
    ErrandMissed(ErrandMissed) = "case.errand_missed/1";
    /// Supervised 督办.
    Supervised(Supervised) = "case.supervised/1";
    /// A leader's instruction 批示.
    Instructed(Instructed) = "case.instructed/1";
    /// Clocks started, paused, went on, moved or stopped.
    Clocked(Clocked) = "case.clocked/1";
    /// An instant passed. It stays a fact.
    ClockBreached(ClockBreached) = "case.clock_breached/1";
    /// A breach does not count against the unit; the breach stays.
    Exempted(Exempted) = "case.exempted/1";
    /// Climbed the ladder.
    Escalated(Escalated) = "case.escalated/1";
    /// The last rung was asked again.
    TopAsked(TopAsked) = "case.top_asked/1";
    /// A one-key alarm rings 一键呼叫.
    Alarmed(Alarmed) = "case.alarmed/1";
    /// A notice about a clock was given out.
    Noticed(Noticed) = "case.noticed/1";
    /// Reminded 催办.
    Reminded(Reminded) = "case.reminded/1";
    /// Checked 核查.
    Checked(Checked) = "case.checked/1";
    /// Answered 答复.
    Answered(Answered) = "case.answered/1";
    /// The answer went on to further callers.
    PassedOn(PassedOn) = "case.passed_on/1";
    /// Telling the caller was asked of a channel.
    TellAsked(TellAsked) = "case.tell_asked/1";
    /// The caller was told: the channel's receipt.
    Told(Told) = "case.told/1";
    /// Called back 回访.
    CalledBack(CalledBack) = "case.called_back/1";
    /// Reopened 返工.
    Reopened(Reopened) = "case.reopened/1";
    /// Closed 结案.
    Closed(Closed) = "case.closed/1";
    /// A unit asks that a breach shall not count 申诉.
    Appealed(Appealed) = "case.appealed/1";
    /// The appeal was decided.
    AppealJudged(AppealJudged) = "case.appeal_judged/1";
    /// The day to look again has come.
    LookAsked(LookAsked) = "case.look_asked/1";
    /// Somebody looked again 回头看.
    LookedAgain(LookedAgain) = "case.looked_again/1";
    /// Somebody read the caller's number.
    Revealed(Revealed) = "case.revealed/1";
    /// The key of the personal data was destroyed.
    Erased(Erased) = "case.erased/1";
    /// The case lies in another area now.
    Rehomed(Rehomed) = "case.rehomed/1";
    /// A rule file came into force.
    RulesPublished(RulesPublished) = "rulebook.published/1";
    /// A unit has somebody on duty, or nobody.
    DutySet(DutySet) = "unit.duty_set/1";
    /// Who may sign in for a unit, and as what.
    AccountSet(AccountSet) = "unit.account_set/1";
    /// Which feed may bring calls.
    KeysSet(KeysSet) = "unit.keys_set/1";
} past {} }

#[cfg(test)]
#[expect(
    unreachable_pub,
    dead_code,
    reason = "the macro writes for the whole world what a test needs in part"
)]
mod tests {
    use super::{Deserialize, JsonSchema, Serialize};

    /// What was written before anybody counted.
    #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
    pub struct SeenOnce {
        what: String,
    }

    #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
    pub struct Seen {
        what: String,
        times: u32,
    }

    impl From<SeenOnce> for Seen {
        fn from(old: SeenOnce) -> Self {
            Self { what: old.what, times: 1 }
        }
    }

    events! {
        today {
            /// Seen, and how often.
            Seen(Seen) = "case.seen/2";
        }
        past { SeenOnce(SeenOnce) = "case.seen/1" => Seen; }
    }

    #[test]
    fn an_old_form_is_read_as_what_it_means_today_and_never_written_again() {
        #[derive(Serialize)]
        struct Old {
            event: &'static str,
            data: SeenOnce,
        }
        let old = Old { event: "case.seen/1", data: SeenOnce { what: "a hole".to_owned() } };
        let bytes = rmp_serde::to_vec_named(&old).expect("it has a wire form");
        let read: Event = rmp_serde::from_slice(&bytes).expect("old forms are read for ever");
        assert_eq!(read, Event::Seen(Seen { what: "a hole".to_owned(), times: 1 }));
        let again = rmp_serde::to_vec_named(&read).expect("it has a wire form");
        assert_eq!(rmp_serde::from_slice::<Event>(&again).expect("today's form is read"), read);
        assert_ne!(again, bytes, "what is written is today's form");
    }
}
