//! The sentences of refusals of merges, of appeals, and of what is settled on the line.

use super::Refusal;
use crate::words::Words;

pub(super) fn words(refusal: &Refusal) -> Words {
    match refusal {
        Refusal::AlarmStandsAlone => Words::new(
            "告警和演练单独处置，不并单，也不在接听时办结。",
            "Alarms and drills stand alone: they are neither merged nor settled on the line.",
        ),
        Refusal::MergeTheOtherWay => Words::new(
            "主单尚未派遣而该工单已派遣，请把主单并入该工单。",
            "The lead is still at the desk and this case is not; merge the lead into this one instead.",
        ),
        Refusal::StillOwed => Words::new(
            "该工单还有未决申请或未完成的协同事项，请先处理再并单。",
            "A request is undecided or a unit still owes its part; settle that first, then merge.",
        ),
        Refusal::OtherAccused => Words::new(
            "两件工单反映的单位不同，不能并单。",
            "The two cases are about different units and cannot be merged.",
        ),
        Refusal::NotMerged => Words::new(
            "该来电一开始就并入主单，无可恢复；请另行登记。",
            "The call joined its lead from the start and has nothing to go back to; register it anew.",
        ),
        Refusal::AppealedAlready => {
            Words::new("每件工单只可申诉一次。", "A case has one appeal, and this one has had it.")
        }
        Refusal::NoSuchBreach => Words::new(
            "该时钟没有在该时刻超期；请查看工单的超期记录。",
            "That clock was not breached at that instant; look at the breaches of the case.",
        ),
        Refusal::NotAQuestion => Words::new(
            "只有咨询、建议、表扬可以当场答复办结；其他诉求请登记派单。",
            "Only a question, a suggestion or praise is answered on the line; register anything else.",
        ),
        Refusal::NobodyOnTheLine => Words::new(
            "该渠道没有人员与来电人当面交谈，不能当场办结；请照常登记。",
            "Nobody speaks with the caller on this channel, so nothing is settled at once; register it.",
        ),
        _ => Words::default(),
    }
}
