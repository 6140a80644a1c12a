//! The sentences of refusals of governed acts. Each says what would be allowed instead.

use super::Refusal;
use crate::words::Words;

pub(super) fn words(refusal: &Refusal) -> Words {
    match refusal {
        Refusal::RulingNeeded { returns } => Words::new(
            format!("工单已退回 {returns} 次，须由上级审定，不再派单。"),
            format!("It was given back {returns} times: the level above rules (rule), nobody assigns."),
        ),
        Refusal::NotBelowYou(unit) => Words::new(
            format!("{unit} 不是贵单位的下级；请退回，或由上级改派。"),
            format!("{unit} is not below your unit; return the case, or let the level above reassign it."),
        ),
        Refusal::AtTheTop => Words::new(
            "指挥中心之上没有层级；请改派、会商或办结。",
            "Nobody stands above the command centre; reassign, consult or resolve.",
        ),
        Refusal::NotInPolicy(entry) => Words::new(
            format!("本市规则未规定 {entry}，请先在规则中写明。"),
            format!("The policy states no {entry}; publish one that does."),
        ),
        Refusal::NoTarget => Words::new(
            "该工单没有办结时限，无需延期。",
            "The case has no resolve limit, so there is nothing to extend.",
        ),
        Refusal::Overdue => Words::new(
            "已经超期，不能再延期；请尽快办结，结案后可申诉。",
            "The limit has passed and cannot be extended; resolve it now and appeal when it is closed.",
        ),
        Refusal::UsedUp { kind, max } => Words::new(
            format!("{}最多 {max} 次，已经用完。", kind.zh()),
            format!("At most {max} may be granted of: {kind}; none is left."),
        ),
        Refusal::NotLater { field, than } => Words::new(
            format!("{field} 须晚于 {than}。"),
            format!("The field {field} has to be later than {than}."),
        ),
        Refusal::TooFar { field, latest } => Words::new(
            format!("{field} 最晚为 {latest}。"),
            format!("The field {field} is {latest} at the latest."),
        ),
        Refusal::RequestPending(kind) => Words::new(
            format!("{}申请尚未答复，请等待上级决定。", kind.zh()),
            format!("A request is not decided yet: {kind}; wait for the level above."),
        ),
        Refusal::NothingAsked => Words::new("没有待决定的申请。", "Nothing was asked that could be decided."),
        Refusal::OwnRequest => Words::new(
            "申请人不得决定自己的申请，请由上级决定。",
            "Who asks does not decide; the level above does.",
        ),
        Refusal::AlreadyCalled(unit) => Words::new(
            format!("{unit} 已在承办或已被召集。"),
            format!("{unit} holds the case or has been called already; name other units."),
        ),
        Refusal::NotCalled => Words::new(
            "贵单位未被召集，或已经报到、报告。",
            "Your unit was not called, or has reported already.",
        ),
        Refusal::NoSuchTask(number) => {
            Words::new(format!("没有未完成的任务 {number}。"), format!("There is no open task {number}."))
        }
        Refusal::GroundNotMet => Words::new(
            "该事由不成立：工单没有超期；请改用其他事由。",
            "That ground is not met: no limit was missed; name another ground.",
        ),
        _ => Words::default(),
    }
}
