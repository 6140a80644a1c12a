//! Refusals: values with a code and a sentence in Chinese and in English, never faults.

mod governed;
mod merging;

use crate::{
    acts,
    area::AreaCode,
    ids::{CaseId, TELL_CHANNELS, TellChannel, UnitId, Version},
    time::Timestamp,
    vocabulary::{Stage, governed::RequestKind},
    words::Words,
};
use serde::Serialize;
use thiserror::Error;

/// A name, number or text that is not well formed, with what would be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("not a {what}: expected {expected}")]
pub struct Malformed {
    /// What it was meant to be.
    pub what: &'static str,
    /// The form that is expected.
    pub expected: &'static str,
}

impl Malformed {
    /// Says what was meant and what is expected.
    pub const fn new(what: &'static str, expected: &'static str) -> Self {
        Self { what, expected }
    }
}

/// Why a command is not accepted. Nothing has changed, and nothing of it stands in the journal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub enum Refusal {
    /// The command's id was used for another body.
    ReusedId,
    /// There is no such case.
    UnknownCase(CaseId),
    /// The command names no case and needs one.
    NoCase,
    /// The case has moved on since the asker saw it.
    Stale {
        /// The version that the case has now.
        now: Version,
    },
    /// The stage of the case does not allow it.
    WrongStage {
        /// The stage.
        stage: Stage,
    },
    /// The actor neither holds, co-handles nor supervises the case.
    NotYours,
    /// The instant has not come.
    NotYetDue {
        /// When it comes.
        due: Timestamp,
    },
    /// The clock does not run, or runs for another instant.
    NoSuchClock,
    /// The city has no such unit.
    UnknownUnit(UnitId),
    /// The city has no such area and never had.
    UnknownArea(AreaCode),
    /// A field is missing or empty.
    Missing(&'static str),
    /// A field is longer than it may be.
    TooLong {
        /// The field.
        field: &'static str,
        /// Most characters.
        max: u32,
    },
    /// Who handled a case neither checks nor closes it.
    OwnWork,
    /// The unit was given the case by a ruling and cannot return it.
    RuledCannotReturn,
    /// A case about a unit is not given to that unit or below it.
    AboutThatUnit(UnitId),
    /// The duty list forbids this matter on this rung.
    NotItsDuty,
    /// The case follows another one; what is asked has to be asked of the lead.
    FollowsLead(CaseId),
    /// The lead case takes no further callers any more.
    LeadSettled,
    /// A case that leads cannot follow another.
    JoinsItself,
    /// Further callers still wait for their answer.
    MembersWait(u32),
    /// The caller has not been told.
    NotTold,
    /// There is no such way of telling.
    UnknownChannel(TellChannel),
    /// What the caller said does not carry this condition of closing.
    ConditionNotMet,
    /// A program may not decide this; a person has to.
    PersonDecides,
    /// The personal data are erased already, or there never were any.
    NothingToErase,
    /// The personal data are erased: nothing can be read of them and nothing more sealed for the case.
    DataErased,
    /// The caller asked that contact data be kept secret 保密, from the handler too.
    Confidential,
    /// Who reports a wrong is protected: a handler is not told who it was.
    AccuserProtected,
    /// The rule file named is not in the rulebook folder, or its bytes differ from its hash.
    NoSuchRules,
    /// The rule file was published anew since the asker saw it.
    RulesMoved {
        /// The version that it has now.
        now: Version,
    },
    /// The new units lack one that has work.
    UnitInUse {
        /// The unit.
        unit: UnitId,
        /// How many open cases it holds or helps with.
        cases: u64,
    },
    /// The policy says itself that it holds only from a later instant.
    NotInForceYet(Timestamp),
    /// After so many returns the level above rules 审定; nobody assigns.
    RulingNeeded {
        /// How often it was given back.
        returns: u8,
    },
    /// A unit gives cases to itself and to those below it.
    NotBelowYou(UnitId),
    /// Nobody stands above the command centre.
    AtTheTop,
    /// The city's policy states nothing about it.
    NotInPolicy(&'static str),
    /// The case has no resolve limit that could end later.
    NoTarget,
    /// The limit has passed: that stays.
    Overdue,
    /// As many were granted as may be.
    UsedUp {
        /// What.
        kind: RequestKind,
        /// How many.
        max: u8,
    },
    /// An instant has to lie later.
    NotLater {
        /// The field.
        field: &'static str,
        /// Later than this.
        than: Timestamp,
    },
    /// An instant lies too far away.
    TooFar {
        /// The field.
        field: &'static str,
        /// The latest that may be.
        latest: Timestamp,
    },
    /// Something is asked already and not decided.
    RequestPending(RequestKind),
    /// Nothing is asked that could be decided.
    NothingAsked,
    /// Who asks does not decide.
    OwnRequest,
    /// The unit has been called, helps, or holds the case.
    AlreadyCalled(UnitId),
    /// The unit was not called, or does not help.
    NotCalled,
    /// There is no such open task.
    NoSuchTask(u16),
    /// The ground is not met.
    GroundNotMet,
    /// The alarm has been answered already, by this unit.
    AlarmAnswered(UnitId),
    /// Only an alarm of a device can be a drill, and only from its first second.
    DrillOnlyForAlarms,
    /// The notice is of use to nobody any more.
    NoticeLapsed {
        /// Since when.
        since: Timestamp,
    },
    /// Alarms and drills are neither merged nor settled on the line.
    AlarmStandsAlone,
    /// What a unit has does not follow what is at the desk.
    MergeTheOtherWay,
    /// Something is undecided or owed, and a merge would lose it.
    StillOwed,
    /// The cases are about different units.
    OtherAccused,
    /// The case joined from its start and has nowhere to go back to.
    NotMerged,
    /// A case has one appeal.
    AppealedAlready,
    /// The clock was not breached at that instant.
    NoSuchBreach,
    /// Only what needs no work is answered on the line.
    NotAQuestion,
    /// Nobody speaks with the caller on this channel.
    NobodyOnTheLine,
    /// Nothing would change.
    NothingNew,
    /// The engine's lane is full.
    Busy,
    /// The engine is stopping.
    Stopping,
}

impl Refusal {
    /// The code that programs read. Frozen with the wire form.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ReusedId => "reused_id",
            Self::UnknownCase(_) => "unknown_case",
            Self::NoCase => "no_case",
            Self::Stale { .. } => "stale",
            Self::WrongStage { .. } => "wrong_stage",
            Self::NotYours => "not_yours",
            Self::NotYetDue { .. } => "not_yet_due",
            Self::NoSuchClock => "no_such_clock",
            Self::UnknownUnit(_) => "unknown_unit",
            Self::UnknownArea(_) => "unknown_area",
            Self::Missing(_) => "missing",
            Self::TooLong { .. } => "too_long",
            Self::OwnWork => "own_work",
            Self::RuledCannotReturn => "ruled_cannot_return",
            Self::AboutThatUnit(_) => "about_that_unit",
            Self::NotItsDuty => "not_its_duty",
            Self::FollowsLead(_) => "follows_lead",
            Self::LeadSettled => "lead_settled",
            Self::JoinsItself => "joins_itself",
            Self::MembersWait(_) => "members_wait",
            Self::NotTold => "not_told",
            Self::UnknownChannel(_) => "unknown_channel",
            Self::ConditionNotMet => "condition_not_met",
            Self::PersonDecides => "person_decides",
            Self::NothingToErase => "nothing_to_erase",
            Self::DataErased => "data_erased",
            Self::Confidential => "confidential",
            Self::AccuserProtected => "accuser_protected",
            Self::NoSuchRules => "no_such_rules",
            Self::RulesMoved { .. } => "rules_moved",
            Self::UnitInUse { .. } => "unit_in_use",
            Self::NotInForceYet(_) => "not_in_force_yet",
            Self::RulingNeeded { .. } => "ruling_needed",
            Self::NotBelowYou(_) => "not_below_you",
            Self::AtTheTop => "at_the_top",
            Self::NotInPolicy(_) => "not_in_policy",
            Self::NoTarget => "no_target",
            Self::Overdue => "overdue",
            Self::UsedUp { .. } => "used_up",
            Self::NotLater { .. } => "not_later",
            Self::TooFar { .. } => "too_far",
            Self::RequestPending(_) => "request_pending",
            Self::NothingAsked => "nothing_asked",
            Self::OwnRequest => "own_request",
            Self::AlreadyCalled(_) => "already_called",
            Self::NotCalled => "not_called",
            Self::NoSuchTask(_) => "no_such_task",
            Self::GroundNotMet => "ground_not_met",
            Self::AlarmAnswered(_) => "alarm_answered",
            Self::DrillOnlyForAlarms => "drill_only_for_alarms",
            Self::NoticeLapsed { .. } => "notice_lapsed",
            Self::AlarmStandsAlone => "alarm_stands_alone",
            Self::MergeTheOtherWay => "merge_the_other_way",
            Self::StillOwed => "still_owed",
            Self::OtherAccused => "other_accused",
            Self::NotMerged => "not_merged",
            Self::AppealedAlready => "appealed_already",
            Self::NoSuchBreach => "no_such_breach",
            Self::NotAQuestion => "not_a_question",
            Self::NobodyOnTheLine => "nobody_on_the_line",
            Self::NothingNew => "nothing_new",
            Self::Busy => "busy",
            Self::Stopping => "stopping",
        }
    }

    /// The field that is meant, if it is one.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Missing(field)
            | Self::TooLong { field, .. }
            | Self::NotLater { field, .. }
            | Self::TooFar { field, .. } => Some(field),
            Self::NoSuchTask(_) => Some("number"),
            Self::GroundNotMet => Some("ground"),
            Self::NotBelowYou(_) => Some("lead"),
            Self::AlreadyCalled(_) => Some("units"),
            Self::UnknownChannel(_) => Some("channel"),
            Self::DrillOnlyForAlarms => Some("tags"),
            Self::MergeTheOtherWay | Self::OtherAccused => Some("into"),
            Self::NoSuchBreach => Some("due"),
            Self::NotAQuestion => Some("kind"),
            Self::NobodyOnTheLine => Some("channel"),
            _ => None,
        }
    }

    /// The sentence for people.
    #[expect(clippy::too_many_lines, reason = "one arm for each refusal")]
    pub fn words(&self) -> Words {
        match self {
            Self::ReusedId => Words::new(
                "该命令编号已用于另一条内容不同的命令。",
                "This command id was used for a command with another body.",
            ),
            Self::UnknownCase(case) => {
                Words::new(format!("没有工单 {case}。"), format!("There is no case {case}."))
            }
            Self::NoCase => Words::new("命令没有写明工单号。", "The command names no case."),
            Self::Stale { now } => Words::new(
                format!("工单已有新的变化（版本 {now}），请先查看。"),
                format!("The case has moved on to version {now}; look at it first."),
            ),
            Self::WrongStage { stage } => wrong_stage(*stage),
            Self::NotYours => Words::new(
                "贵单位既不承办、协办，也不督办该工单。",
                "Your unit neither holds, helps with nor supervises this case.",
            ),
            Self::NotYetDue { due } => {
                Words::new(format!("时限 {due} 尚未到期。"), format!("The limit {due} has not passed."))
            }
            Self::NoSuchClock => Words::new("该时钟未在运行。", "That clock does not run."),
            Self::UnknownUnit(unit) => {
                Words::new(format!("没有单位 {unit}。"), format!("There is no unit {unit}."))
            }
            Self::UnknownArea(area) => {
                Words::new(format!("没有区域 {area}。"), format!("There is no area {area}."))
            }
            Self::Missing(field) => {
                Words::new(format!("缺少必填项 {field}。"), format!("The field {field} is missing."))
            }
            Self::TooLong { field, max } => Words::new(
                format!("{field} 超过 {max} 字。"),
                format!("The field {field} is longer than {max} characters."),
            ),
            Self::OwnWork => Words::new(
                "承办者不得核查或办结自己的工单。",
                "Who handled a case neither checks nor closes it.",
            ),
            Self::RuledCannotReturn => {
                Words::new("经审定的工单不得再退回。", "A case given by a ruling cannot be returned.")
            }
            Self::AboutThatUnit(unit) => Words::new(
                format!("反映 {unit} 的工单不得交其本身或下级办理。"),
                format!("A case about {unit} is not given to it or below it."),
            ),
            Self::NotItsDuty => Words::new(
                "派单目录不允许将此类事项交该层级办理。",
                "The duty list does not allow this matter on that rung.",
            ),
            Self::FollowsLead(lead) => Words::new(
                format!("工单已并入 {lead}，请在主单上操作。"),
                format!("The case follows {lead}; ask it of that case."),
            ),
            Self::LeadSettled => Words::new(
                "主单已办结，不能再并单。",
                "The lead case is settled and takes no further callers.",
            ),
            Self::JoinsItself => {
                Words::new("主单不能再并入其他工单。", "A case that leads cannot follow another.")
            }
            Self::MembersWait(left) => Words::new(
                format!("还有 {left} 位来电人等待答复。"),
                format!("{left} further callers wait for their answer."),
            ),
            Self::NotTold => Words::new("尚未告知来电人。", "The caller has not been told."),
            Self::UnknownChannel(channel) => Words::new(
                format!("没有告知渠道 {channel}，可用：{}。", TELL_CHANNELS.join("、")),
                format!("There is no channel {channel}; there are: {}.", TELL_CHANNELS.join(", ")),
            ),
            Self::ConditionNotMet => {
                Words::new("不符合该结案条件。", "That condition of closing is not met.")
            }
            Self::PersonDecides => Words::new("此项决定须由工作人员作出。", "A person has to decide this."),
            Self::NothingToErase => {
                Words::new("没有可删除的个人信息。", "There are no personal data to erase.")
            }
            Self::DataErased => {
                Words::new("该工单的个人信息已删除。", "The personal data of this case are erased.")
            }
            Self::Confidential => Words::new(
                "来电人要求保密，只有指挥中心可以联系。",
                "The caller asked for secrecy; only the command centre may contact them.",
            ),
            Self::AccuserProtected => Words::new(
                "举报人受保护，不向承办单位提供其信息。",
                "Who reports a wrong is protected and not named to the handler.",
            ),
            Self::NotInForceYet(from) => Words::new(
                format!("该规则自 {from} 起有效；请在该时刻之后再发布。"),
                format!("The policy holds from {from} on; publish it then."),
            ),
            Self::NoSuchRules => Words::new(
                "规则文件不存在或内容与摘要不符。",
                "The rule file is absent or differs from its hash.",
            ),
            Self::RulesMoved { now } => Words::new(
                format!("规则文件已被他人更新（版本 {now}），请重新查看差异后再发布。"),
                format!("The rule file was published anew, as version {now}; look at the difference again."),
            ),
            Self::UnitInUse { unit, cases } => Words::new(
                format!("单位 {unit} 还有 {cases} 件在办工单，请先改派再撤销该单位。"),
                format!("The unit {unit} still has {cases} open cases; give them to others first."),
            ),
            Self::RulingNeeded { .. }
            | Self::NotBelowYou(_)
            | Self::AtTheTop
            | Self::NotInPolicy(_)
            | Self::NoTarget
            | Self::Overdue
            | Self::UsedUp { .. }
            | Self::NotLater { .. }
            | Self::TooFar { .. }
            | Self::RequestPending(_)
            | Self::NothingAsked
            | Self::OwnRequest
            | Self::AlreadyCalled(_)
            | Self::NotCalled
            | Self::NoSuchTask(_)
            | Self::GroundNotMet => governed::words(self),
            Self::AlarmStandsAlone
            | Self::MergeTheOtherWay
            | Self::StillOwed
            | Self::OtherAccused
            | Self::NotMerged
            | Self::AppealedAlready
            | Self::NoSuchBreach
            | Self::NotAQuestion
            | Self::NobodyOnTheLine => merging::words(self),
            Self::AlarmAnswered(unit) => Words::new(
                format!("{unit} 已率先接警，请勿重复出动。"),
                format!("{unit} has answered this alarm already; there is no need to go."),
            ),
            Self::DrillOnlyForAlarms => Words::new(
                "只有设备告警在发起时才能标为演练。",
                "Only an alarm of a device can be a drill, and only when it is sent.",
            ),
            Self::NoticeLapsed { since } => Words::new(
                format!("该提醒已于 {since} 失效。"),
                format!("The notice has been of no use since {since}."),
            ),
            Self::NothingNew => Words::new("没有任何变化。", "Nothing would change."),
            Self::Busy => Words::new("系统繁忙，请稍后重试。", "The engine is busy; try again shortly."),
            Self::Stopping => Words::new("系统正在停止。", "The engine is stopping."),
        }
    }
}

/// What cannot be done, and what could be done instead.
fn wrong_stage(stage: Stage) -> Words {
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for act in acts::of_people_in(stage) {
        zh.push(act.zh);
        en.push(act.ask);
    }
    Words::new(
        format!("工单处于“{}”，不能这样操作。此时可以：{}。", stage.zh(), zh.join("、")),
        format!("The case is {stage}; this cannot be done now. What can: {}.", en.join(", ")),
    )
}
