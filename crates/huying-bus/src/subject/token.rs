//! The closed lists whose members stand in subjects: verbs, kinds of notice, channels of telling.

use huying_domain::refusal::Malformed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A closed list of subject tokens; the token is the wire name in JSON too.
macro_rules! tokens {
    ($(#[$doc:meta])* $list:ident, $what:literal {
        $($(#[$member_doc:meta])* $member:ident = $name:literal;)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
        pub enum $list {
            $($(#[$member_doc])* #[serde(rename = $name)] $member,)+
        }

        impl $list {
            /// Every member, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$member),+];

            /// The token in the subject.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$member => $name),+ }
            }
        }

        impl fmt::Display for $list {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $list {
            type Err = Malformed;

            fn from_str(token: &str) -> Result<Self, Malformed> {
                let expected = concat!("one of", $(" ", $name),+);
                let found = Self::ALL.iter().copied().find(|member| member.name() == token);
                found.ok_or(Malformed::new($what, expected))
            }
        }
    };
}

tokens! {
    /// What a unit can do over NATS. The words are those of the domain's commands.
    Verb, "verb" {
        /// 签收
        Accept = "accept";
        /// 退回, with a ground and a proposed holder.
        Return = "return";
        /// 审定: who has it finally, decided by the level above.
        Rule = "rule";
        /// 改派
        Reassign = "reassign";
        /// A unit to its own person.
        Delegate = "delegate";
        /// 升级: this rung cannot solve it.
        Escalate = "escalate";
        /// Hand over to 110, 119, 120 or 122, with the line's receipt.
        Refer = "refer";
        /// 联系 the caller.
        Contact = "contact";
        /// 到场
        Arrive = "arrive";
        /// A note on the way.
        Progress = "progress";
        /// Give it to a unit: whoever received a return assigns it again.
        Assign = "assign";
        /// Ask for 延期; the level above grants or denies.
        Extend = "extend";
        /// Ask for 挂账: let it rest until a day.
        Suspend = "suspend";
        /// Ask for 终止: give it up on a listed ground.
        Terminate = "terminate";
        /// Grant what a unit asked.
        Grant = "grant";
        /// Deny what a unit asked.
        Deny = "deny";
        /// Go on before the day of a suspension.
        Resume = "resume";
        /// 吹哨: call units to the spot.
        Whistle = "whistle";
        /// 报到: called, and there.
        ReportIn = "report_in";
        /// Ask units to help 协办.
        CallHelp = "call_help";
        /// A helper's word to the lead.
        Report = "report";
        /// 会商: who met, what was decided, who does what by when.
        Consult = "consult";
        /// A task of a consultation is done.
        FinishTask = "finish_task";
        /// 督办, in three degrees.
        Supervise = "supervise";
        /// 批示
        Instruct = "instruct";
        /// 办结
        Resolve = "resolve";
        /// 催办
        Remind = "remind";
        /// 核查, never by the one who handled.
        Check = "check";
        /// 答复, with its four elements.
        Answer = "answer";
        /// 回访
        CallBack = "call_back";
        /// 返工
        Reopen = "reopen";
        /// 结案
        Close = "close";
        /// Not taken on, on a listed ground.
        Refuse = "refuse";
        /// Ended without being handled.
        Cancel = "cancel";
        /// Put right what was written down.
        Correct = "correct";
        /// Set marks.
        Tag = "tag";
        /// It lies in another area.
        Rehome = "rehome";
        /// 并单: let it follow another case about the same matter.
        Merge = "merge";
        /// 拆单: let it go its own way again.
        Unmerge = "unmerge";
        /// 申诉: a breach shall not count.
        Appeal = "appeal";
        /// Decide on an appeal.
        JudgeAppeal = "judge_appeal";
        /// 免责, without an appeal.
        Exempt = "exempt";
        /// 回头看: looked again at a closed case.
        LookAgain = "look_again";
        /// Read the caller's number, with a purpose; each reading is a record.
        Reveal = "reveal";
    }
}

tokens! {
    /// What kind of thing a unit is told.
    NoticeKind, "kind of notice" {
        /// 催办: somebody asks for speed, or a limit draws near 临期.
        Reminder = "reminder";
        /// 督办: a supervisor watches this case.
        Supervision = "supervision";
        /// 升级: a case climbed to or from this unit.
        Escalation = "escalation";
        /// A one-key alarm, or "nobody there" one rung below.
        Alarm = "alarm";
    }
}

tokens! {
    /// The ways to a resident, one adapter each: those that the domain knows (`TELL_CHANNELS`).
    TellChannel, "channel of telling" {
        /// A person calls; the adapter only keeps the list.
        CallbackList = "callback-list";
        /// A short message.
        Sms = "sms";
        /// Electronic mail.
        Mail = "mail";
        /// 微信
        Wechat = "wechat";
    }
}

tokens! {
    /// The stations that may run in a process of their own.
    Station, "station" {
        /// Reads foreign reports and opens them as commands.
        Intake = "intake";
        /// Names who gets a case, and why.
        Routing = "routing";
        /// Asks about clocks whose instant has passed.
        Escalation = "escalation";
        /// Tells, passes on, closes and reopens where no judgement is needed.
        Feedback = "feedback";
    }
}
