//! The closed lists of governed acts: what is asked of the level above, who is whistled for, how one is supervised.

use crate::refusal::Malformed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

list! {
    /// Why a case is suspended 挂账: its work waits for something that nobody here can hasten.
    SuspensionGround, "ground of suspension" {
        /// Season or weather do not allow it.
        Season = "season", "季节气候";
        /// It stands in a plan of works or of money.
        Planned = "planned", "列入计划";
        /// A court or another procedure set by law has to end first.
        Legal = "legal", "法定程序";
        /// The conditions on the spot do not allow it yet.
        Conditions = "conditions", "条件不具备";
        /// The work was put off 缓办.
        Deferred = "deferred", "缓办";
    }
}

list! {
    /// Why the handling is given up 终止办理: a ground of refusal that is found later, or a caller who will not help.
    TerminationGround, "ground of termination" {
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
        /// The caller will not co-operate.
        Uncooperative = "uncooperative", "来电人不配合";
    }
}

list! {
    /// What is asked of the level above.
    RequestKind, "kind of request" {
        /// More time 延期.
        Extension = "extension", "延期";
        /// To let it rest 挂账.
        Suspension = "suspension", "挂账";
        /// To give it up 终止.
        Termination = "termination", "终止办理";
    }
}

list! {
    /// What a unit whistles for 吹哨 (Beijing's regulations on street offices, art. 5).
    WhistleKind, "kind of whistle" {
        /// What residents ask for and the street cannot solve alone.
        Demand = "demand", "群众诉求";
        /// A task that the district has set.
        KeyWork = "key_work", "重点工作";
        /// Several departments have to enforce together.
        Enforcement = "enforcement", "综合执法";
        /// Danger that does not wait.
        Emergency = "emergency", "应急处置";
    }
}

list! {
    /// How hard one is supervised 督办, the lightest first.
    SupervisionDegree, "degree of supervision" {
        /// By the hotline, day by day.
        Routine = "routine", "日常督办";
        /// On the public list until it is done.
        Listed = "listed", "挂牌督办";
        /// The head of the unit is called to a talk.
        Talk = "talk", "约谈督办";
    }
}

list! {
    /// Why one is supervised.
    SupervisionGround, "ground of supervision" {
        /// A limit of the case was missed.
        Overdue = "overdue", "超过时限";
        /// A matter within the unit's duty was refused or passed on.
        Shirked = "shirked", "推诿";
        /// It ought to be solved and is not.
        Unsolved = "unsolved", "应解决未解决";
        /// Many call about it, again and again.
        Repeated = "repeated", "重复集中";
        /// The effect is bad.
        Effect = "effect", "影响恶劣";
    }
}

list! {
    /// What a unit owes to a case beside its holder. Each errand has a limit of its own.
    ErrandKind, "kind of errand" {
        /// To be there after a whistle 报到.
        ReportIn = "report_in", "报到";
        /// To help, and to report to the lead 协办.
        Help = "help", "协办";
        /// A task that was agreed upon 会商任务.
        Task = "task", "会商任务";
    }
}
