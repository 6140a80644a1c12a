//! Who may do what at this door: a role says what sort of thing a person may ask, their unit and its territory say of
//! which cases, their clearing which of these they see. It is computed at each request and stamped on nothing.
//!
//! The engine's own `decide` has the last word on acts; this door only keeps roles apart *within* a unit. What stands
//! here is printed as `docs/ACCESS.md`, and a test tries every cell of it.

use huying_domain::words::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What somebody is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 话务员: takes calls.
    CallTaker,
    /// 承办人: handles what their unit has.
    Handler,
    /// 派单员: gives cases to units.
    Dispatcher,
    /// 督办: watches, reminds, steps in.
    Supervisor,
    /// 核查回访: checks results, answers and calls back.
    Checker,
    /// 审计: reads records, changes nothing.
    Auditor,
    /// 运维: units, rules, accounts, keys; sees no case.
    Operator,
}

use Role::{Auditor, CallTaker, Checker, Dispatcher, Handler, Operator, Supervisor};

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [CallTaker, Handler, Dispatcher, Supervisor, Checker, Auditor, Operator];

    /// The written name.
    pub const fn name(self) -> &'static str {
        match self {
            CallTaker => "call_taker",
            Handler => "handler",
            Dispatcher => "dispatcher",
            Supervisor => "supervisor",
            Checker => "checker",
            Auditor => "auditor",
            Operator => "operator",
        }
    }

    /// The Chinese word.
    pub const fn zh(self) -> &'static str {
        match self {
            CallTaker => "话务员",
            Handler => "承办人",
            Dispatcher => "派单员",
            Supervisor => "督办员",
            Checker => "核查回访员",
            Auditor => "审计员",
            Operator => "运维员",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|role| role.name() == text || role.zh() == text);
        found.ok_or_else(|| format!("one of {}", Self::ALL.map(Self::name).join(" ")))
    }
}

/// What this door offers to who has signed in, acts on cases apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Right {
    /// Boards, lists, maps, the page of a case, the live stream.
    See,
    /// The list of one's unit's work.
    Work,
    /// Take a call, and look at one before.
    TakeCalls,
    /// Bring what one has found oneself, put right or not.
    Patrol,
    /// Lists as files.
    Export,
    /// Put photographs in and look at them.
    Files,
    /// Who is on duty, and how work arrives.
    Roster,
    /// Say that a unit has somebody on duty, or nobody.
    SetDuty,
    /// The records as such: who asked what.
    Audit,
    /// Rules and what the checker finds in them; units, calendars.
    Rules,
    /// Bring rules into force: units, calendars.
    SetRules,
    /// Accounts, keys of feeds.
    Accounts,
    /// Head, disk, consumers.
    System,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 13] = [
        Self::See,
        Self::Work,
        Self::TakeCalls,
        Self::Patrol,
        Self::Export,
        Self::Files,
        Self::Roster,
        Self::SetDuty,
        Self::Audit,
        Self::Rules,
        Self::SetRules,
        Self::Accounts,
        Self::System,
    ];

    /// The written name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Work => "work",
            Self::TakeCalls => "take_calls",
            Self::Patrol => "patrol",
            Self::Export => "export",
            Self::Files => "files",
            Self::Roster => "roster",
            Self::SetDuty => "set_duty",
            Self::Audit => "audit",
            Self::Rules => "rules",
            Self::SetRules => "set_rules",
            Self::Accounts => "accounts",
            Self::System => "system",
        }
    }

    /// What it is, for people.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::See => ("看板、列表、地图、工单页", "boards, lists, maps, the page of a case"),
            Self::Work => ("本单位工作", "one's unit's work"),
            Self::TakeCalls => ("接听登记", "take calls"),
            Self::Patrol => ("巡查上报", "bring what one has found"),
            Self::Export => ("导出", "export lists"),
            Self::Files => ("照片文件", "photographs"),
            Self::Roster => ("在岗与送达", "roster and delivery"),
            Self::SetDuty => ("设置在岗", "set duty"),
            Self::Audit => ("审计", "audit"),
            Self::Rules => ("查看规则", "read the rules"),
            Self::SetRules => ("发布单位与日历", "publish units and calendars"),
            Self::Accounts => ("账号与密钥", "accounts and keys"),
            Self::System => ("系统状态", "system"),
        }
    }

    /// The roles that have it.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::See => &[CallTaker, Handler, Dispatcher, Supervisor, Checker, Auditor],
            Self::Work => &[Handler, Dispatcher, Supervisor, Checker],
            Self::TakeCalls => &[CallTaker, Dispatcher],
            Self::Patrol => &[CallTaker, Handler, Dispatcher],
            Self::Export => &[Supervisor, Auditor],
            Self::Files => &[CallTaker, Handler, Dispatcher, Supervisor, Checker],
            Self::Roster => &[Dispatcher, Supervisor, Auditor, Operator],
            Self::SetDuty => &[Handler, Supervisor, Operator],
            Self::Audit => &[Auditor, Operator],
            Self::Rules => &[Dispatcher, Supervisor, Auditor, Operator],
            Self::SetRules | Self::Accounts => &[Operator],
            Self::System => &[Supervisor, Auditor, Operator],
        }
    }
}

/// An act on a case: who may ask it, how people call it, and an example with which it is tried out whether the moment
/// is right for it.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    /// The name of what is asked.
    pub ask: &'static str,
    /// How people call it.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// The roles that may ask it.
    pub roles: &'static [Role],
    /// An example of what goes with it, as JSON; `UNIT` stands for a unit and `CASE` for a case.
    pub example: &'static str,
}

impl Act {
    /// How people call it.
    pub fn words(&self) -> Words {
        Words::new(self.zh, self.en)
    }
}

const fn act(
    ask: &'static str,
    zh: &'static str,
    en: &'static str,
    roles: &'static [Role],
    example: &'static str,
) -> Act {
    Act { ask, zh, en, roles, example }
}

/// Every act that a person may ask of a case over this door.
pub const ACTS: &[Act] = &[
    act("accept", "签收", "Accept", &[Handler], ""),
    act("contact", "联系", "Contact", &[Handler], r#"{"reached":true}"#),
    act("arrive", "到场", "Arrive", &[Handler], r#"{"place":null}"#),
    act("progress", "进展", "Progress", &[Handler, CallTaker], r#"{"note":"x"}"#),
    act("resolve", "办结", "Resolve", &[Handler, CallTaker], r#"{"result":"x","evidence":[]}"#),
    act("return", "退回", "Return", &[Handler], r#"{"ground":"not_our_duty","reason":"x","proposed":null}"#),
    act("escalate", "升级", "Escalate", &[Handler], r#"{"reason":{"zh":"x","en":"x"}}"#),
    act("delegate", "指派到人", "Delegate", &[Handler, Supervisor], r#"{"person":"somebody"}"#),
    act("remind", "催办", "Remind", &[CallTaker, Dispatcher, Supervisor], r#"{"note":"x"}"#),
    act(
        "extend",
        "申请延期",
        "Ask for longer",
        &[Handler],
        r#"{"until":"2100-01-01T00:00:00Z","reason":"x"}"#,
    ),
    act(
        "suspend",
        "申请挂账",
        "Ask to let it rest",
        &[Handler],
        r#"{"ground":"season","until":"2100-01-01T00:00:00Z","reason":"x"}"#,
    ),
    act(
        "terminate",
        "申请终止",
        "Ask to give it up",
        &[Handler],
        r#"{"ground":"other_legal_way","reason":"x"}"#,
    ),
    act("grant", "准予", "Grant", &[Supervisor], r#"{"note":"x"}"#),
    act("deny", "不准", "Deny", &[Supervisor], r#"{"note":"x"}"#),
    act("resume", "恢复办理", "Go on", &[Handler, Supervisor], ""),
    act(
        "whistle",
        "吹哨",
        "Whistle",
        &[Handler, Supervisor],
        r#"{"kind":"demand","units":["UNIT"],"reason":"x"}"#,
    ),
    act("report_in", "报到", "Report in", &[Handler], ""),
    act(
        "call_help",
        "请求协办",
        "Ask for help",
        &[Handler, Dispatcher],
        r#"{"units":["UNIT"],"reason":"x"}"#,
    ),
    act("report", "协办反馈", "Report to the lead", &[Handler], r#"{"note":"x","finished":true}"#),
    act(
        "consult",
        "会商",
        "Consult",
        &[Handler, Supervisor],
        r#"{"participants":["UNIT"],"decision":"x","tasks":[]}"#,
    ),
    act("finish_task", "完成任务", "Finish a task", &[Handler, Supervisor], r#"{"number":1,"note":"x"}"#),
    act(
        "supervise",
        "督办",
        "Supervise",
        &[Supervisor],
        r#"{"degree":"routine","ground":"overdue","note":"x"}"#,
    ),
    act("instruct", "批示", "Instruct", &[Supervisor], r#"{"text":"x"}"#),
    act(
        "assign",
        "派单",
        "Assign",
        &[Dispatcher],
        r#"{"lead":"UNIT","co_handlers":[],"told":[],"rung":"centre","reason":{"zh":"x","en":"x"}}"#,
    ),
    act(
        "reassign",
        "改派",
        "Reassign",
        &[Dispatcher, Supervisor],
        r#"{"lead":"UNIT","rung":"centre","reason":{"zh":"x","en":"x"}}"#,
    ),
    act("rule", "审定", "Rule", &[Supervisor], r#"{"holder":"UNIT","rung":"centre","reason":"x"}"#),
    act("rehome", "改属地", "Rehome", &[Dispatcher], r#"{"to":"100000"}"#),
    act("correct", "更正", "Correct", &[CallTaker, Dispatcher], r#"{"summary":"x"}"#),
    act("tag", "标记", "Tag", &[CallTaker, Dispatcher, Supervisor], r#"{"tags":["sensitive"]}"#),
    act("refuse", "不予受理", "Refuse", &[Dispatcher, Supervisor], r#"{"ground":"secret","reason":"x"}"#),
    act("refer", "转紧急热线", "Refer", &[CallTaker, Dispatcher], r#"{"line":"110","receipt":null}"#),
    act("cancel", "作废", "Cancel", &[Dispatcher, Supervisor], r#"{"ground":"void","reason":"x"}"#),
    act("merge", "并单", "Merge", &[Dispatcher, Supervisor], r#"{"into":"CASE","reason":"x"}"#),
    act("unmerge", "拆单", "Unmerge", &[Dispatcher, Supervisor], r#"{"reason":"x"}"#),
    act(
        "look_again",
        "回头看",
        "Look again",
        &[Checker, Supervisor],
        r#"{"kind":"sample","stands":true,"note":"x"}"#,
    ),
    act(
        "appeal",
        "申诉",
        "Appeal",
        &[Handler],
        r#"{"clock":"resolve","due":"2026-01-01T00:00:00Z","ground":"third_party","reason":"x"}"#,
    ),
    act("judge_appeal", "裁定申诉", "Decide on an appeal", &[Supervisor], r#"{"upheld":true,"note":"x"}"#),
    act(
        "exempt",
        "免责",
        "Exempt",
        &[Supervisor],
        r#"{"clock":"resolve","due":"2026-01-01T00:00:00Z","ground":"force_majeure","reason":"x"}"#,
    ),
    act("check", "核查", "Check", &[Checker], r#"{"passed":true,"note":"x"}"#),
    act(
        "answer",
        "答复",
        "Answer",
        &[Checker],
        r#"{"when":"2026-01-01T00:00:00Z","contacted":"x","done":"x","by_when":null}"#,
    ),
    act("tell", "告知", "Tell", &[Checker], r#"{"channel":"callback-list"}"#),
    act(
        "confirm_told",
        "登记已告知",
        "The caller was told",
        &[Checker, CallTaker],
        r#"{"channel":"callback-list","receipt":"x"}"#,
    ),
    act("call_back", "回访", "Call back", &[Checker, CallTaker], r#"{"verdict":null}"#),
    act("reopen", "返工", "Reopen", &[Checker, Supervisor], r#"{"reason":{"zh":"x","en":"x"}}"#),
    act("close", "结案", "Close", &[Checker, Supervisor], r#"{"condition":"confirmed","reason":"x"}"#),
    act(
        "reveal",
        "查看来电人",
        "Reveal the caller",
        &[CallTaker, Handler, Supervisor, Checker],
        r#"{"purpose":"x"}"#,
    ),
    act("erase", "删除个人信息", "Erase personal data", &[Supervisor], r#"{"reason":"x"}"#),
];

/// What only programs and other doors ask.
pub const NOT_HERE: [&str; 14] = [
    "register",
    "register_solved",
    "register_settled",
    "join",
    "check_clock",
    "check_notice",
    "recompute",
    "pass_on",
    "inform",
    "confirm_informed",
    "publish_rules",
    "set_duty",
    "set_account",
    "set_keys",
];

/// The act of this name.
pub fn act_of(ask: &str) -> Option<&'static Act> {
    ACTS.iter().find(|act| act.ask == ask)
}

/// Whether one of the roles is among those that may.
pub fn any(roles: &[Role], may: &[Role]) -> bool {
    roles.iter().any(|role| may.contains(role))
}

/// The access matrix as `docs/ACCESS.md` has it.
pub fn matrix() -> String {
    let head: Vec<_> = Role::ALL.iter().map(|role| format!("{} {}", role.zh(), role.name())).collect();
    let mut text = String::from(
        "# Who may do what\n\nWritten by `make access` from `crates/huying-web/src/rights.rs`, and tried cell by cell by a test. A role \
         says what sort of thing a person may ask over HTTP. Of *which* cases is said by the unit and its territory, and \
         cases marked 敏感 are seen only by accounts that are cleared for them. The engine decides each act once more.\n\n",
    );
    let line = |name: String, may: &[Role]| {
        let cells: Vec<_> =
            Role::ALL.iter().map(|role| if may.contains(role) { "✓" } else { "" }.to_owned()).collect();
        format!("| {name} | {} |\n", cells.join(" | "))
    };
    let rule = "|---".repeat(Role::ALL.len() + 1) + "|\n";
    text += &format!("## Reading and setting\n\n| | {} |\n{rule}", head.join(" | "));
    for right in Right::ALL {
        let (zh, en) = right.words();
        text += &line(format!("{zh} {en} (`{}`)", right.name()), right.roles());
    }
    text += &format!("\n## Acts on a case\n\n| | {} |\n{rule}", head.join(" | "));
    for act in ACTS {
        text += &line(format!("{} {} (`{}`)", act.zh, act.en, act.ask), act.roles);
    }
    text
}
