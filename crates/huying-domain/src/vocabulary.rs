//! The closed lists of the trade: kinds, channels, grounds, rungs, clocks.

use crate::{area::Level, refusal::Malformed};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A closed list whose members have one written name and a Chinese word beside it.
macro_rules! list {
    ($(#[$doc:meta])* $list:ident, $what:literal { $($(#[$member_doc:meta])* $member:ident = $name:literal, $zh:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
        pub enum $list {
            $($(#[$member_doc])* #[serde(rename = $name)] $member,)+
        }
        impl $list {
            /// Every member, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$member),+];
            /// The written name, the same in files, on the wire and in metrics.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$member => $name),+ }
            }
            /// The Chinese word.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$member => $zh),+ }
            }
        }
        impl fmt::Display for $list {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
        impl FromStr for $list {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                Self::ALL.iter().copied().find(|member| member.name() == text || member.zh() == text)
                    .ok_or(Malformed::new($what, concat!("one of ", $($name, " "),+)))
            }
        }
    };
}

pub mod governed;
pub mod review;

list! {
    /// What a caller wants 诉求性质 (Beijing ordinance of 2021, art. 2), and praise, which hotlines count too.
    CaseKind, "kind of demand" {
        /// A question.
        Inquiry = "inquiry", "咨询";
        /// A request for help.
        Help = "help", "求助";
        /// A complaint.
        Complaint = "complaint", "投诉";
        /// A report of wrongdoing; its maker is protected.
        Accusation = "accusation", "举报";
        /// A suggestion, which is answered and not "solved".
        Suggestion = "suggestion", "建议";
        /// Praise.
        Praise = "praise", "表扬";
    }
}

list! {
    /// The typed sources of calls; each has its own person to be told.
    Channel, "channel" {
        /// A telephone call.
        Call = "call", "来电";
        /// A telephone app or mini program.
        App = "app", "小程序";
        /// A web page.
        Web = "web", "网页";
        /// A station's counter.
        Counter = "counter", "窗口";
        /// The station of deputies and committee members 两代表一委员.
        Deputies = "deputies", "代表委员";
        /// A leader's reception day 领导接访.
        Reception = "reception", "领导接访";
        /// A grid worker's patrol or visit 走访排查.
        Patrol = "patrol", "走访排查";
        /// A device or one-key alarm.
        Device = "device", "设备";
        /// Another government system.
        Transfer = "transfer", "转办";
    }
}

impl Channel {
    /// Whether somebody speaks with the caller while the matter is written down.
    pub const fn is_spoken(self) -> bool {
        matches!(self, Self::Call | Self::Counter | Self::Deputies | Self::Reception)
    }
}

list! {
    /// Marks that narrow who sees a case.
    Tag, "tag" {
        /// The caller asked that contact data be kept secret.
        Confidential = "confidential", "保密";
        /// Sensitive matter.
        Sensitive = "sensitive", "敏感";
        /// A drill of an alarm 演练: it rings like one and counts in no figure. Only the call itself can say so.
        Drill = "drill", "演练";
    }
}

list! {
    /// Rungs of the ladder. Their order is the policy's; the command centre always stands on top.
    Rung, "rung" {
        /// The micro-grid's member.
        MicroGrid = "micro_grid", "微网格";
        /// The grid's worker.
        Grid = "grid", "网格";
        /// The community.
        Community = "community", "社区";
        /// The street or town.
        Street = "street", "街道";
        /// The department whose duty it is.
        Department = "department", "部门";
        /// The command centre.
        Centre = "centre", "指挥中心";
    }
}

impl Rung {
    /// The level of territory that holds this rung; none for the department and the centre.
    pub const fn level(self) -> Option<Level> {
        match self {
            Self::MicroGrid => Some(Level::MicroGrid),
            Self::Grid => Some(Level::Grid),
            Self::Community => Some(Level::Community),
            Self::Street => Some(Level::Street),
            Self::Department | Self::Centre => None,
        }
    }
}

list! {
    /// The clocks of a case. All but `hold` are measured against a limit of the condition or the stage.
    Clock, "clock" {
        /// From filing to the first assignment.
        Dispatch = "dispatch", "派遣";
        /// From assignment to 签收.
        Accept = "accept", "签收";
        /// From assignment to the first contact with the caller.
        Contact = "contact", "联系";
        /// From assignment to arrival on the spot.
        Arrive = "arrive", "到场";
        /// From the first assignment to the result; it never stops for a return.
        Resolve = "resolve", "办结";
        /// From the result to the check 核查.
        Check = "check", "核查";
        /// From the checked result to the answer.
        Answer = "answer", "答复";
        /// From the answer to the call-back.
        CallBack = "call_back", "回访";
        /// From the call-back to closing or reopening.
        Close = "close", "结案";
        /// How long a rung may hold the case before it climbs.
        Hold = "hold", "层级停留";
        /// Until a suspension ends; what it wakes is no breach.
        Suspension = "suspension", "挂账";
        /// Until the next unit that was called, asked to help or given a task owes its part.
        Errand = "errand", "协同";
        /// How long an alarm rings at one ring before the next is rung.
        Ring = "ring", "响铃";
        /// From closing to the day on which somebody looks again 回头看.
        LookAgain = "look_again", "回头看";
    }
}

impl Clock {
    /// Whether somebody's time is measured by it. The end of a suspension, the next errand and the day to look again
    /// only wake the engine.
    pub const fn is_measured(self) -> bool {
        !matches!(self, Self::Suspension | Self::Errand | Self::LookAgain)
    }
}

list! {
    /// Why a demand is not taken on: the six-way sorting of the Beijing ordinance of 2021, art. 11, and malice (2025).
    RefusalGround, "ground of refusal" {
        /// For courts, arbitration, discipline, review, disclosure, or already a petition.
        OtherLegalWay = "other_legal_way", "应走法定途径";
        /// The same matter of the same person, nothing new.
        NothingNew = "nothing_new", "重复无新情况";
        /// State secret, business secret or privacy.
        Secret = "secret", "涉密或隐私";
        /// Beyond the units' duty: market or society.
        BeyondDuty = "beyond_duty", "非职责范围";
        /// Against law or public morals.
        Unlawful = "unlawful", "违法或违背公序良俗";
        /// Malicious disturbance.
        Malicious = "malicious", "恶意扰乱";
    }
}

list! {
    /// The emergency lines to which a matter is handed at once.
    EmergencyLine, "emergency line" {
        /// Police.
        Police = "110", "公安110";
        /// Fire and rescue.
        Fire = "119", "消防119";
        /// Ambulance.
        Ambulance = "120", "急救120";
        /// Traffic police.
        Traffic = "122", "交警122";
    }
}

list! {
    /// Why a case ends without being handled.
    CancelGround, "ground of cancelling" {
        /// It does not meet the filing conditions 作废.
        Void = "void", "作废";
        /// The caller took it back.
        Withdrawn = "withdrawn", "来电人撤回";
        /// An alarm was set off by mistake 误触; it never counts against whoever wears the button.
        FalseAlarm = "false_alarm", "误触";
        /// A replay's data end before the case was closed.
        Censored = "censored", "数据截止";
    }
}

list! {
    /// Why a unit gives a case back 退回.
    ReturnGround, "ground of return" {
        /// Not this unit's duty.
        NotOurDuty = "not_our_duty", "非本单位职责";
        /// Not this unit's territory.
        NotOurArea = "not_our_area", "非本辖区";
        /// The report lacks what is needed to act.
        Unclear = "unclear", "信息不清";
        /// The unit may not act in its own matter 回避.
        Conflict = "conflict", "需回避";
    }
}

list! {
    /// Why a case climbs.
    EscalationGround, "ground of escalation" {
        /// Not accepted in time.
        NotAccepted = "not_accepted", "未按时签收";
        /// Not solved within the rung's hold.
        NotSolved = "not_solved", "本级限时内未解决";
        /// The holder cannot solve it and says so.
        BeyondUs = "beyond_us", "本级无法解决";
    }
}

list! {
    /// On what condition a case is closed 结案条件.
    CloseCondition, "condition of closing" {
        /// The caller confirmed that it helped.
        Confirmed = "confirmed", "群众确认";
        /// The caller could not be reached in all attempts.
        Unreached = "unreached", "多次未联系上";
        /// A person decided to close it although the caller calls it unsolved.
        Unsolved = "unsolved", "未解决经审定";
        /// It was refused on a listed ground and the caller was told.
        Refused = "refused", "不予受理已告知";
        /// It was handed to an emergency line and the caller was told.
        Referred = "referred", "已转紧急热线";
        /// It was cancelled.
        Cancelled = "cancelled", "撤销";
        /// The handling was given up on a listed ground and the caller was told.
        Terminated = "terminated", "终止办理已告知";
        /// It was a drill, and somebody answered or nobody did.
        Drill = "drill", "演练结束";
    }
}

list! {
    /// Who is told of a case without holding it.
    NoticeRole, "one to be told" {
        /// Whoever holds it.
        Holder = "holder", "承办单位";
        /// The unit one rung above the holder.
        Above = "above", "上级";
        /// The leader's office that sponsors the street 包保.
        Sponsor = "sponsor", "包保领导";
        /// The command centre.
        Centre = "centre", "指挥中心";
    }
}

list! {
    /// Where a notice stands to the instant that it is about.
    NoticePhase, "phase of a notice" {
        /// The limit draws near 临期.
        Before = "before", "临期";
        /// The limit is over 到期.
        At = "at", "到期";
        /// The limit has been over for a while 超期.
        After = "after", "超期";
    }
}

list! {
    /// Whether the caller calls the matter solved.
    Solved, "solution" {
        /// Solved.
        Yes = "yes", "解决";
        /// Solved in part.
        Partly = "partly", "部分解决";
        /// Not solved.
        No = "no", "未解决";
    }
}

list! {
    /// The five grades of satisfaction.
    Grade, "grade" {
        /// Very satisfied.
        VerySatisfied = "very_satisfied", "非常满意";
        /// Satisfied.
        Satisfied = "satisfied", "满意";
        /// Basically satisfied; many cities weigh it 0.9.
        Basically = "basically", "基本满意";
        /// Dissatisfied.
        Dissatisfied = "dissatisfied", "不满意";
        /// Very dissatisfied.
        VeryDissatisfied = "very_dissatisfied", "非常不满意";
    }
}

list! {
    /// Why an overdue fact does not count against a unit. The fact stays.
    ExemptGround, "ground of exemption" {
        /// The engine itself was away for the whole limit.
        Outage = "outage", "系统停机";
        /// Weather, disaster or an order from above made it impossible.
        ForceMajeure = "force_majeure", "不可抗力";
        /// It waited for somebody who is not under the unit.
        ThirdParty = "third_party", "第三方原因";
        /// It waited for the caller.
        Caller = "caller", "来电人原因";
        /// It had been given to the wrong unit.
        Misrouted = "misrouted", "派单有误";
    }
}

list! {
    /// How a case was settled, once it is.
    Outcome, "outcome" {
        /// Handled by a unit.
        Handled = "handled", "已处置";
        /// Solved on the spot by whoever found it 自行处置.
        OnTheSpot = "on_the_spot", "自行处置";
        /// Refused on a listed ground.
        Refused = "refused", "不予受理";
        /// Handed to an emergency line.
        Referred = "referred", "转紧急热线";
        /// Cancelled.
        Cancelled = "cancelled", "撤销";
        /// Given up on a listed ground 终止.
        Terminated = "terminated", "终止办理";
        /// Joined to another case and answered with it.
        WithLead = "with_lead", "随主单办结";
    }
}

list! {
    /// The fine stages of a case.
    Stage, "stage" {
        /// Registered, waiting for dispatch.
        Filed = "filed", "待派遣";
        /// Joined to another case, goes with it.
        Following = "following", "并单";
        /// Dispatched, not yet accepted.
        Assigned = "assigned", "待签收";
        /// Accepted, being handled.
        Handling = "handling", "处置中";
        /// At rest until a day that was set 挂账; nothing is handled meanwhile.
        Suspended = "suspended", "挂账中";
        /// Given back, waiting for a new assignment.
        Returned = "returned", "退回待派";
        /// Done, waiting for the check.
        Resolved = "resolved", "待核查";
        /// Checked, refused, referred or cancelled: the caller waits for the answer.
        Settled = "settled", "待答复";
        /// Answered: to be told and called back.
        Answered = "answered", "待回访";
        /// Called back: to be closed or reopened.
        CalledBack = "called_back", "待结案";
        /// Closed.
        Closed = "closed", "已结案";
    }
}

list! {
    /// The four outer phases of 有呼必应.
    Phase, "phase" {
        /// 信息采集
        Collect = "collect", "采集";
        /// 任务派遣
        Dispatch = "dispatch", "派遣";
        /// 问题处置
        Handle = "handle", "处置";
        /// 结果反馈
        FeedBack = "feed_back", "反馈";
    }
}

impl Stage {
    /// Whether a case in this stage takes further callers. What is settled takes none: it has been answered.
    pub const fn takes_callers(self) -> bool {
        match self {
            Self::Filed
            | Self::Assigned
            | Self::Handling
            | Self::Suspended
            | Self::Returned
            | Self::Resolved => true,
            Self::Following | Self::Settled | Self::Answered | Self::CalledBack | Self::Closed => false,
        }
    }

    /// The outer phase that a stage belongs to.
    pub const fn phase(self) -> Phase {
        match self {
            Self::Filed | Self::Following => Phase::Collect,
            Self::Assigned | Self::Returned => Phase::Dispatch,
            Self::Handling | Self::Suspended => Phase::Handle,
            Self::Resolved | Self::Settled | Self::Answered | Self::CalledBack | Self::Closed => {
                Phase::FeedBack
            }
        }
    }

    /// Whether the case is still owed something.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Closed)
    }
}
