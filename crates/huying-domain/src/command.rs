//! Commands: what somebody asks. An id names one command, so that asking twice happens once.

mod id;
mod name;
mod parts;

pub use parts::{AtOnce, TaskWanted};

use crate::{
    area::{AreaCode, Point},
    event::{
        collect::{Corrected, Filing, Guide},
        feedback::Verdict,
        setting::{AccountSet, KeysSet},
    },
    ids::{CaseId, PersonId, Seq, TellChannel, UnitId, Version},
    private::Private,
    record::{Actor, CommandId, Hash, Origin, RuleFile, bytes},
    refusal::Malformed,
    time::Timestamp,
    vocabulary::governed::{
        SupervisionDegree, SupervisionGround, SuspensionGround, TerminationGround, WhistleKind,
    },
    vocabulary::review::{CallBackWay, LookKind},
    vocabulary::{
        CancelGround, Clock, CloseCondition, EmergencyLine, ExemptGround, RefusalGround, ReturnGround, Rung,
        Tag,
    },
    wire,
    words::Words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The keyed digest of a command's body: the first 16 bytes of its HMAC-SHA-256 under the journal's digest key.
///
/// Keyed, because a body holds a telephone number, and all telephone numbers can be tried.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 16]);

bytes!(Digest, 16, "digest");

/// One command, as it comes in at the one door.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Command {
    /// Names this command; sent again, it gets the first answer again.
    pub id: CommandId,
    /// Who asks, as proven by the door.
    pub actor: Actor,
    /// What kind of asker.
    pub by: Origin,
    /// The record that a station or timer follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Seq>,
    /// The version that the asker saw; refused as stale when the case has moved on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saw: Option<Version>,
    /// The case that it is about; none for a call that becomes a new one, for rules and for units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// What is asked.
    pub ask: Ask,
    /// Personal data that travel with it and will be sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<Private>,
}

impl Command {
    /// The bytes that the keyed digest covers: who, which case, what, with which personal data.
    pub fn body(&self) -> Vec<u8> {
        wire::named(&(&self.actor, &self.case, &self.ask, &self.private))
            .expect("a command consists of maps, texts and numbers")
    }
}

/// What is asked. The events are the past tense of these.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "ask", content = "with", rename_all = "snake_case")]
pub enum Ask {
    /// Make a case of a call.
    Register(Box<Filing>),
    /// Make a case of a matter that whoever found it has solved already 自行处置: a grid worker on patrol, a
    /// question answered at the desk. It is checked, answered and called back like any other.
    RegisterSolved {
        /// What was written down.
        filing: Box<Filing>,
        /// What was done, redacted.
        result: String,
        /// Content hashes of photographs and papers.
        evidence: Vec<Hash>,
    },
    /// Make a case of a call and settle it while the caller is on the line, in one record.
    RegisterSettled {
        /// What was written down.
        filing: Box<Filing>,
        /// What was settled.
        how: AtOnce,
    },
    /// Make a small case of a further call that follows `lead`.
    Join {
        /// The case to follow.
        lead: CaseId,
        /// What was written down.
        filing: Box<Filing>,
    },
    /// Put right what was written down.
    Correct(Corrected),
    /// Set marks.
    Tag {
        /// The marks.
        tags: Vec<Tag>,
    },
    /// Do not take it on.
    Refuse {
        /// The listed ground.
        ground: RefusalGround,
        /// What the caller will hear.
        reason: String,
        /// Where the caller is pointed to: some grounds owe that.
        guide: Option<Guide>,
    },
    /// Let this case follow another one about the same matter 并单.
    Merge {
        /// The case to follow.
        into: CaseId,
        /// Why.
        reason: String,
    },
    /// Let a merged case go its own way again.
    Unmerge {
        /// Why.
        reason: String,
    },
    /// Hand to an emergency line.
    Refer {
        /// The line.
        line: EmergencyLine,
        /// Its receipt.
        receipt: Option<String>,
    },
    /// End it without handling.
    Cancel {
        /// The ground.
        ground: CancelGround,
        /// In words.
        reason: String,
    },
    /// Give it to a unit.
    Assign {
        /// The unit in the lead.
        lead: UnitId,
        /// Units that help.
        co_handlers: Vec<UnitId>,
        /// Units that are told.
        told: Vec<UnitId>,
        /// Where on the ladder.
        rung: Rung,
        /// Why this unit.
        reason: Words,
    },
    /// Sign for it 签收.
    Accept,
    /// Give it back 退回.
    Return {
        /// The ground.
        ground: ReturnGround,
        /// In words.
        reason: String,
        /// Who ought to have it.
        proposed: Option<UnitId>,
    },
    /// Decide finally who has it 审定.
    Rule {
        /// The holder.
        holder: UnitId,
        /// Where on the ladder.
        rung: Rung,
        /// Why.
        reason: String,
    },
    /// Give it to another unit 改派.
    Reassign {
        /// The new lead.
        lead: UnitId,
        /// Where on the ladder.
        rung: Rung,
        /// Why.
        reason: Words,
    },
    /// Name the unit's person.
    Delegate {
        /// The account.
        person: PersonId,
    },
    /// Contact with the caller 联系.
    Contact {
        /// Whether reached.
        reached: bool,
    },
    /// There 到场.
    Arrive {
        /// Where the device says.
        place: Option<Point>,
    },
    /// A note on the way.
    Progress {
        /// The note, redacted.
        note: String,
    },
    /// Done 办结, says the holder.
    Resolve {
        /// What was done, redacted.
        result: String,
        /// Content hashes of photographs and papers.
        evidence: Vec<Hash>,
    },
    /// A clock's instant has passed, says the watch: see what follows.
    CheckClock {
        /// The clock.
        clock: Clock,
        /// The instant for which it was set.
        scheduled: Timestamp,
        /// Since when the engine had been away, if it was away at that instant.
        away_since: Option<Timestamp>,
    },
    /// A notice about a clock is to be given out, says the watch.
    CheckNotice {
        /// The clock.
        clock: Clock,
        /// The notice's number among those of the clock.
        step: u8,
        /// The instant for which it was planned.
        scheduled: Timestamp,
    },
    /// A calendar was published, says the engine: compute afresh what lay beyond the one before.
    Recompute,
    /// Ask the level above 升级.
    Escalate {
        /// Why, in words.
        reason: Words,
    },
    /// Remind the holder 催办.
    Remind {
        /// What is said.
        note: String,
    },
    /// Ask for more time 延期, before the limit ends.
    Extend {
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// Ask to let it rest 挂账.
    Suspend {
        /// On which ground.
        ground: SuspensionGround,
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// Ask to give it up 终止.
    Terminate {
        /// On which ground.
        ground: TerminationGround,
        /// What the caller will hear.
        reason: String,
    },
    /// Grant what a unit asked.
    Grant {
        /// In words; may be empty.
        note: String,
    },
    /// Deny what a unit asked.
    Deny {
        /// Why.
        note: String,
    },
    /// Go on before the day of a suspension.
    Resume,
    /// Ask a channel to tell the caller what became of the limit.
    Inform {
        /// The channel.
        channel: TellChannel,
    },
    /// That channel's receipt.
    ConfirmInformed {
        /// The channel.
        channel: TellChannel,
        /// Its receipt.
        receipt: String,
    },
    /// Call units to the spot 吹哨.
    Whistle {
        /// What for.
        kind: WhistleKind,
        /// Whom.
        units: Vec<UnitId>,
        /// Why.
        reason: String,
    },
    /// Called, and there 报到.
    ReportIn,
    /// Ask units to help 协办.
    CallHelp {
        /// Whom.
        units: Vec<UnitId>,
        /// For what.
        reason: String,
    },
    /// A helper's word to the lead.
    Report {
        /// What it did, or why it is not done yet.
        note: String,
        /// Whether its part is done.
        finished: bool,
    },
    /// Meet and decide 会商.
    Consult {
        /// Who took part.
        participants: Vec<UnitId>,
        /// What was decided.
        decision: String,
        /// What somebody has to do by a date.
        tasks: Vec<TaskWanted>,
    },
    /// A task that was agreed upon is done.
    FinishTask {
        /// Its number within the case.
        number: u16,
        /// What came of it.
        note: String,
    },
    /// Supervise the holder 督办.
    Supervise {
        /// How hard.
        degree: SupervisionDegree,
        /// Why.
        ground: SupervisionGround,
        /// What is demanded.
        note: String,
    },
    /// A leader's instruction 批示.
    Instruct {
        /// What it says.
        text: String,
    },
    /// Check the result 核查.
    Check {
        /// Whether it stands.
        passed: bool,
        /// What was found.
        note: String,
    },
    /// Answer the caller 答复, with the four elements.
    Answer {
        /// When it was looked into.
        when: Timestamp,
        /// Whom we contacted.
        contacted: String,
        /// What was done.
        done: String,
        /// What follows and by when.
        by_when: Option<String>,
    },
    /// Pass the lead's answer on to the next further callers.
    PassOn,
    /// Ask a channel to tell the caller.
    Tell {
        /// The channel.
        channel: TellChannel,
    },
    /// The channel's receipt.
    ConfirmTold {
        /// The channel.
        channel: TellChannel,
        /// Its receipt.
        receipt: String,
    },
    /// Call back 回访.
    CallBack {
        /// How it was tried; where nothing is said, by telephone.
        #[serde(default)]
        way: CallBackWay,
        /// What the caller said; none if not reached.
        verdict: Option<Verdict>,
    },
    /// Reopen 返工.
    Reopen {
        /// Why.
        reason: Words,
    },
    /// Close 结案.
    Close {
        /// On which condition.
        condition: CloseCondition,
        /// In words, where a person decides.
        reason: String,
    },
    /// Ask that a breach shall not count against the unit 申诉.
    Appeal {
        /// The breached clock.
        clock: Clock,
        /// The breached instant.
        due: Timestamp,
        /// On which ground.
        ground: ExemptGround,
        /// In words.
        reason: String,
    },
    /// Decide on an appeal.
    JudgeAppeal {
        /// Whether the breach no longer counts.
        upheld: bool,
        /// Why.
        note: String,
    },
    /// Let a breach not count, without an appeal. The breach stays a fact.
    Exempt {
        /// The breached clock.
        clock: Clock,
        /// The breached instant.
        due: Timestamp,
        /// On which ground.
        ground: ExemptGround,
        /// In words.
        reason: String,
    },
    /// Looked again at a closed case 回头看; if the matter has come back, it is reopened.
    LookAgain {
        /// Because its day had come, or as a sample.
        kind: LookKind,
        /// Whether the matter is still solved.
        stands: bool,
        /// What was found.
        note: String,
    },
    /// Read the caller's number.
    Reveal {
        /// What for.
        purpose: String,
    },
    /// Destroy the key of the personal data.
    Erase {
        /// Why.
        reason: String,
    },
    /// The case lies in another area.
    Rehome {
        /// Where.
        to: AreaCode,
    },
    /// Bring a rule file into force.
    PublishRules {
        /// Which file.
        file: RuleFile,
        /// SHA-256 of its bytes.
        hash: Hash,
        /// Its length in bytes.
        bytes: u64,
    },
    /// A unit has somebody on duty, or nobody.
    SetDuty {
        /// The unit.
        unit: UnitId,
        /// Whether somebody is there.
        on_duty: bool,
    },
    /// Write down that an account is made or changed; the account itself stands beside the journal.
    SetAccount {
        /// The unit for which it speaks from now on.
        unit: UnitId,
        /// What is other.
        set: Box<AccountSet>,
    },
    /// Write down that a feed has a further key, or none any more.
    SetKeys {
        /// What is other.
        set: KeysSet,
    },
}
