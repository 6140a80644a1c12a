//! What a unit does. The unit and the verb stand in the subject, where permissions can see them.

use crate::{
    message::{place::Degrees, text::Text},
    subject::token::Verb,
};
use huying_domain::{
    area::AreaCode,
    ids::{CaseId, ClassId, ConditionId, ExternalId, PersonId, UnitId, Version},
    record::Hash,
    time::Timestamp,
    vocabulary::{
        CancelGround, CaseKind, Clock, CloseCondition, EmergencyLine, ExemptGround, Grade, RefusalGround,
        ReturnGround, Rung, Solved, Tag,
        governed::{SupervisionDegree, SupervisionGround, SuspensionGround, TerminationGround, WhistleKind},
        review::{BeyondPower, CallBackWay, LookKind},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// Most characters of a reason, a note or a result.
pub const NOTE_CHARS_MAX: usize = 2_000;
/// Most characters of an emergency line's receipt.
pub const RECEIPT_CHARS_MAX: usize = 200;
/// Most pieces of evidence with one result.
pub const EVIDENCE_MAX: usize = 32;

/// Most units that one request names.
pub const UNITS_MAX: usize = 16;

/// A reason, a note, a result in words.
pub type Note = Text<NOTE_CHARS_MAX>;

/// One request of a unit about one case.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitRequest {
    /// The unit's own name for this request. Sent again with the same body, it gets the first answer again.
    pub id: ExternalId,
    /// The case.
    pub case: CaseId,
    /// The version that the unit saw; refused as stale when the case has moved on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saw: Option<Version>,
    /// The account of the person who acts, as the unit's own system knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// What is done; its verb must be the subject's.
    pub deed: Deed,
}

/// A verb with what it needs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", content = "with", rename_all = "snake_case", deny_unknown_fields)]
pub enum Deed {
    /// 签收
    Accept,
    /// 退回
    Return {
        /// On which ground.
        ground: ReturnGround,
        /// In words.
        reason: Note,
        /// Who ought to have it.
        proposed: Option<UnitId>,
    },
    /// 审定
    Rule {
        /// Who has it and cannot return it.
        holder: UnitId,
        /// Where on the ladder.
        rung: Rung,
        /// Why.
        reason: Note,
    },
    /// 改派
    Reassign {
        /// The new lead.
        lead: UnitId,
        /// Where on the ladder.
        rung: Rung,
        /// Why.
        reason: Note,
    },
    /// To a person of the unit.
    Delegate {
        /// The account.
        person: PersonId,
    },
    /// 升级
    Escalate {
        /// Why this rung cannot solve it.
        reason: Note,
    },
    /// Handed over to an emergency line; an alarm only with the line's receipt.
    Refer {
        /// The line.
        line: EmergencyLine,
        /// The line's own name for it.
        receipt: Option<Text<RECEIPT_CHARS_MAX>>,
    },
    /// 联系
    Contact {
        /// Whether the caller was reached.
        reached: bool,
    },
    /// 到场
    Arrive {
        /// Where the person's device says that it is.
        point: Option<Degrees>,
    },
    /// On the way.
    Progress {
        /// What there is to say.
        note: Note,
    },
    /// 延期, asked for.
    Extend {
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: Note,
    },
    /// Give it to a unit.
    Assign {
        /// The unit in the lead.
        lead: UnitId,
        /// Units that help, at most [`UNITS_MAX`].
        #[serde(default, deserialize_with = "bounded_units")]
        #[schemars(length(max = UNITS_MAX))]
        co_handlers: Vec<UnitId>,
        /// Where on the ladder.
        rung: Rung,
        /// Why.
        reason: Note,
    },
    /// 挂账, asked for.
    Suspend {
        /// On which ground.
        ground: SuspensionGround,
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: Note,
    },
    /// 终止, asked for.
    Terminate {
        /// On which ground.
        ground: TerminationGround,
        /// What the caller will hear.
        reason: Note,
    },
    /// Granted.
    Grant {
        /// In words.
        note: Option<Note>,
    },
    /// Denied.
    Deny {
        /// Why.
        note: Note,
    },
    /// On it goes, before the day of the suspension.
    Resume,
    /// 吹哨
    Whistle {
        /// What for.
        kind: WhistleKind,
        /// Whom, at most [`UNITS_MAX`].
        #[serde(deserialize_with = "bounded_units")]
        #[schemars(length(max = UNITS_MAX))]
        units: Vec<UnitId>,
        /// Why.
        reason: Note,
    },
    /// 报到
    ReportIn,
    /// 协办, asked for.
    CallHelp {
        /// Whom, at most [`UNITS_MAX`].
        #[serde(deserialize_with = "bounded_units")]
        #[schemars(length(max = UNITS_MAX))]
        units: Vec<UnitId>,
        /// For what.
        reason: Note,
    },
    /// A helper's word to the lead.
    Report {
        /// What was done, or why it is not done yet.
        note: Note,
        /// Whether its part is done.
        finished: bool,
    },
    /// 会商
    Consult {
        /// Who took part, at most [`UNITS_MAX`].
        #[serde(deserialize_with = "bounded_units")]
        #[schemars(length(max = UNITS_MAX))]
        participants: Vec<UnitId>,
        /// What was decided.
        decision: Note,
        /// Who does what by when; the engine takes at most 16.
        #[serde(default)]
        tasks: Vec<TaskGiven>,
    },
    /// A task is done.
    FinishTask {
        /// Its number within the case.
        number: u16,
        /// What came of it.
        note: Note,
    },
    /// 督办
    Supervise {
        /// How hard.
        degree: SupervisionDegree,
        /// Why.
        ground: SupervisionGround,
        /// What is demanded.
        note: Note,
    },
    /// 批示
    Instruct {
        /// What it says.
        text: Note,
    },
    /// 办结
    Resolve {
        /// What was done.
        result: Note,
        /// Content hashes of photographs and papers, at most [`EVIDENCE_MAX`].
        #[serde(default, deserialize_with = "bounded_evidence")]
        #[schemars(length(max = EVIDENCE_MAX))]
        evidence: Vec<Hash>,
    },
    /// 催办
    Remind {
        /// What is said.
        note: Note,
    },
    /// 核查
    Check {
        /// Whether the result stands.
        passed: bool,
        /// What was found.
        note: Note,
    },
    /// 答复, four elements.
    Answer {
        /// When it was looked into.
        when: Timestamp,
        /// Whom we contacted, as a role.
        contacted: Note,
        /// What was done.
        done: Note,
        /// What will follow and by when.
        by_when: Option<Note>,
    },
    /// 回访
    CallBack {
        /// How it was tried; where nothing is said, by telephone.
        #[serde(default)]
        way: CallBackWay,
        /// What the caller said; absent if not reached.
        verdict: Option<CallerVerdict>,
    },
    /// 返工
    Reopen {
        /// Why.
        reason: Note,
    },
    /// 结案
    Close {
        /// On which condition.
        condition: CloseCondition,
        /// In words, where a person decides.
        reason: Option<Note>,
    },
    /// Not taken on.
    Refuse {
        /// The listed ground.
        ground: RefusalGround,
        /// What the caller will hear.
        reason: Note,
        /// Where the caller can turn instead; some grounds owe that.
        way: Option<Note>,
        /// The caller's earlier case about the same matter; one ground owes that.
        earlier: Option<CaseId>,
    },
    /// Ended without being handled.
    Cancel {
        /// The ground.
        ground: CancelGround,
        /// In words.
        reason: Note,
    },
    /// Put right; only what changes is present.
    Correct {
        /// New class.
        class: Option<ClassId>,
        /// New filing condition.
        condition: Option<ConditionId>,
        /// New kind of demand.
        kind: Option<CaseKind>,
        /// New summary.
        summary: Option<Note>,
        /// New place.
        point: Option<Degrees>,
    },
    /// Marks.
    Tag {
        /// 保密, 敏感.
        tags: Vec<Tag>,
    },
    /// It lies elsewhere.
    Rehome {
        /// Where.
        to: AreaCode,
    },
    /// 并单
    Merge {
        /// The case to follow.
        into: CaseId,
        /// Why.
        reason: Note,
    },
    /// 拆单
    Unmerge {
        /// Why.
        reason: Note,
    },
    /// 申诉
    Appeal {
        /// The breached clock.
        clock: Clock,
        /// The breached instant.
        due: Timestamp,
        /// On which ground.
        ground: ExemptGround,
        /// In words.
        reason: Note,
    },
    /// An appeal is decided.
    JudgeAppeal {
        /// Whether the breach no longer counts.
        upheld: bool,
        /// Why.
        note: Note,
    },
    /// 免责
    Exempt {
        /// The breached clock.
        clock: Clock,
        /// The breached instant.
        due: Timestamp,
        /// On which ground.
        ground: ExemptGround,
        /// In words.
        reason: Note,
    },
    /// 回头看
    LookAgain {
        /// Because its day had come, or as a sample.
        kind: LookKind,
        /// Whether the matter is still solved.
        stands: bool,
        /// What was found.
        note: Note,
    },
    /// Read the caller's number.
    Reveal {
        /// What for; it is kept.
        purpose: Note,
    },
}

/// A task that was agreed upon.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskGiven {
    /// Who owes it.
    pub owner: UnitId,
    /// What.
    pub what: Note,
    /// By when.
    pub due: Timestamp,
}

/// What the caller said when called back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallerVerdict {
    /// Whether the handler had been in touch.
    pub contacted: bool,
    /// Whether it is solved.
    pub solved: Solved,
    /// How satisfied; absent if not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// What keeps the matter from being solved, where that is outside the unit's power.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<BeyondPower>,
}

impl Deed {
    /// The verb, which must be the one in the subject: permissions were given on that.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Accept => Verb::Accept,
            Self::Return { .. } => Verb::Return,
            Self::Rule { .. } => Verb::Rule,
            Self::Reassign { .. } => Verb::Reassign,
            Self::Delegate { .. } => Verb::Delegate,
            Self::Escalate { .. } => Verb::Escalate,
            Self::Refer { .. } => Verb::Refer,
            Self::Contact { .. } => Verb::Contact,
            Self::Arrive { .. } => Verb::Arrive,
            Self::Progress { .. } => Verb::Progress,
            Self::Assign { .. } => Verb::Assign,
            Self::Extend { .. } => Verb::Extend,
            Self::Suspend { .. } => Verb::Suspend,
            Self::Terminate { .. } => Verb::Terminate,
            Self::Grant { .. } => Verb::Grant,
            Self::Deny { .. } => Verb::Deny,
            Self::Resume => Verb::Resume,
            Self::Whistle { .. } => Verb::Whistle,
            Self::ReportIn => Verb::ReportIn,
            Self::CallHelp { .. } => Verb::CallHelp,
            Self::Report { .. } => Verb::Report,
            Self::Consult { .. } => Verb::Consult,
            Self::FinishTask { .. } => Verb::FinishTask,
            Self::Supervise { .. } => Verb::Supervise,
            Self::Instruct { .. } => Verb::Instruct,
            Self::Resolve { .. } => Verb::Resolve,
            Self::Remind { .. } => Verb::Remind,
            Self::Check { .. } => Verb::Check,
            Self::Answer { .. } => Verb::Answer,
            Self::CallBack { .. } => Verb::CallBack,
            Self::Reopen { .. } => Verb::Reopen,
            Self::Close { .. } => Verb::Close,
            Self::Refuse { .. } => Verb::Refuse,
            Self::Cancel { .. } => Verb::Cancel,
            Self::Correct { .. } => Verb::Correct,
            Self::Tag { .. } => Verb::Tag,
            Self::Rehome { .. } => Verb::Rehome,
            Self::Merge { .. } => Verb::Merge,
            Self::Unmerge { .. } => Verb::Unmerge,
            Self::Appeal { .. } => Verb::Appeal,
            Self::JudgeAppeal { .. } => Verb::JudgeAppeal,
            Self::Exempt { .. } => Verb::Exempt,
            Self::LookAgain { .. } => Verb::LookAgain,
            Self::Reveal { .. } => Verb::Reveal,
        }
    }
}

fn bounded_units<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<UnitId>, D::Error> {
    let units = Vec::deserialize(deserializer)?;
    if units.len() > UNITS_MAX {
        return Err(D::Error::custom(format_args!("at most {UNITS_MAX} units")));
    }
    Ok(units)
}

fn bounded_evidence<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Hash>, D::Error> {
    let evidence = Vec::deserialize(deserializer)?;
    if evidence.len() > EVIDENCE_MAX {
        return Err(D::Error::custom(format_args!("at most {EVIDENCE_MAX} pieces of evidence")));
    }
    Ok(evidence)
}
