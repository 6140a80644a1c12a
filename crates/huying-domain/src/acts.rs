//! The one table of stages and asks: which act is allowed in which stage. The door looks here, a refusal says from
//! here what would be allowed instead, and `docs/TRANSITIONS.md` is written from here and from what the door does.

use crate::vocabulary::{Phase, Stage};

/// What may be asked of a case.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    /// The name of the ask, as on the wire.
    pub ask: &'static str,
    /// The Chinese word.
    pub zh: &'static str,
    /// The phase to which it belongs.
    pub phase: Phase,
    /// Whether people ask it; the rest is asked by stations, timers and adapters.
    pub of_people: bool,
    /// The stages in which it is allowed.
    pub stages: &'static [Stage],
}

use Phase::{Collect, Dispatch, FeedBack, Handle};
use Stage::{
    Answered, Assigned, CalledBack, Closed, Filed, Following, Handling, Resolved, Returned, Settled,
    Suspended,
};

const HELD: &[Stage] = &[Assigned, Handling];
const UNSETTLED: &[Stage] = &[Filed, Assigned, Handling, Suspended, Returned];
const UNCHECKED: &[Stage] = &[Filed, Assigned, Handling, Suspended, Returned, Resolved];
const LED: &[Stage] =
    &[Filed, Assigned, Handling, Suspended, Returned, Resolved, Settled, Answered, CalledBack];
const OPEN: &[Stage] =
    &[Filed, Following, Assigned, Handling, Suspended, Returned, Resolved, Settled, Answered, CalledBack];

const fn act(ask: &'static str, zh: &'static str, phase: Phase, stages: &'static [Stage]) -> Act {
    Act { ask, zh, phase, of_people: true, stages }
}

const fn of_programs(ask: &'static str, zh: &'static str, phase: Phase, stages: &'static [Stage]) -> Act {
    Act { ask, zh, phase, of_people: false, stages }
}

/// Every ask that is about a case, in the order of the phases.
pub const ACTS: &[Act] = &[
    act("correct", "更正", Collect, OPEN),
    act("tag", "标记", Collect, Stage::ALL),
    act("refuse", "不予受理", Collect, &[Filed, Returned]),
    act("refer", "转紧急热线", Collect, UNSETTLED),
    act("cancel", "撤销", Collect, UNCHECKED),
    act("merge", "并单", Collect, UNSETTLED),
    act("unmerge", "拆单", Collect, &[Following]),
    act("rehome", "改属地", Collect, OPEN),
    act("assign", "派单", Dispatch, &[Filed, Returned]),
    act("accept", "签收", Dispatch, &[Assigned]),
    act("return", "退回", Dispatch, &[Assigned, Handling, Returned]),
    act("rule", "审定", Dispatch, &[Returned]),
    act("reassign", "改派", Dispatch, HELD),
    act("delegate", "交办到人", Dispatch, HELD),
    act("contact", "联系来电人", Handle, HELD),
    act("arrive", "到场", Handle, HELD),
    act("progress", "记录进展", Handle, &[Assigned, Handling, Suspended, Returned]),
    act("whistle", "吹哨", Handle, HELD),
    act("report_in", "报到", Handle, &[Assigned, Handling, Suspended, Returned]),
    act("call_help", "请协办", Handle, HELD),
    act("report", "协办报告", Handle, &[Assigned, Handling, Suspended]),
    act("extend", "申请延期", Handle, &[Handling]),
    act("suspend", "申请挂账", Handle, &[Handling]),
    act("terminate", "申请终止", Handle, &[Handling, Suspended]),
    act("grant", "同意申请", Handle, &[Handling, Suspended]),
    act("deny", "不同意申请", Handle, &[Handling, Suspended]),
    act("resume", "恢复办理", Handle, &[Suspended]),
    act("escalate", "请求升级", Handle, HELD),
    act("resolve", "办结", Handle, &[Handling]),
    act("remind", "催办", Dispatch, OPEN),
    act("supervise", "督办", Dispatch, LED),
    act("instruct", "批示", Dispatch, LED),
    act("consult", "会商", Dispatch, UNSETTLED),
    act("finish_task", "完成任务", Handle, UNCHECKED),
    act("check", "核查", FeedBack, &[Resolved]),
    act("answer", "答复", FeedBack, &[Settled]),
    of_programs("pass_on", "转达答复", FeedBack, &[Answered, CalledBack]),
    of_programs("tell", "告知", FeedBack, &[Answered]),
    of_programs("confirm_told", "告知回执", FeedBack, &[Answered, CalledBack]),
    of_programs("inform", "告知时限变化", FeedBack, OPEN),
    of_programs("confirm_informed", "时限变化回执", FeedBack, OPEN),
    act("call_back", "回访", FeedBack, &[Answered]),
    act("reopen", "返工", FeedBack, &[Answered, CalledBack, Closed]),
    act("close", "结案", FeedBack, &[Answered, CalledBack]),
    act("look_again", "回头看", FeedBack, &[Closed]),
    act("appeal", "申诉", FeedBack, &[Closed]),
    act("judge_appeal", "裁定申诉", FeedBack, &[Closed]),
    act("exempt", "免责", FeedBack, Stage::ALL),
    act("reveal", "查看来电人", FeedBack, Stage::ALL),
    act("erase", "删除个人信息", FeedBack, &[Closed]),
];

/// The line of an ask; none for one that makes a case or is about none, and for the timer's.
pub fn of(ask: &str) -> Option<&'static Act> {
    ACTS.iter().find(|act| act.ask == ask)
}

/// What people may ask in a stage.
pub fn of_people_in(stage: Stage) -> impl Iterator<Item = &'static Act> {
    ACTS.iter().filter(move |act| act.of_people && act.stages.contains(&stage))
}
