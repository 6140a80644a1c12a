//! Commands: what somebody asks. An id names one command, so that asking twice happens once.

use crate::{
    area::{AreaCode, Point},
    event::{
        collect::{Corrected, Filing},
        feedback::Verdict,
    },
    ids::{CaseId, ExternalId, PersonId, Seq, SourceId, TellChannel, UnitId, Version},
    private::Private,
    record::{Actor, CommandId, Hash, Origin, RuleFile, bytes},
    refusal::Malformed,
    time::Timestamp,
    vocabulary::{
        CancelGround, Clock, CloseCondition, EmergencyLine, RefusalGround, ReturnGround, Rung, Tag,
    },
    words::Words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The keyed digest of a command's body: the first 16 bytes of its HMAC-SHA-256 under the journal's digest key.
///
/// Keyed, because a body holds a telephone number, and all telephone numbers can be tried.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 16]);

bytes!(Digest, 16, "digest");

impl CommandId {
    /// The id that these parts make: SHA-256 over each part behind its length, the first 16 bytes. Frozen.
    fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"huying.command.v1");
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize()[..16]);
        Self(id)
    }

    /// The id of a call that its source names: the same call sent twice is one command.
    pub fn of_call(source: &SourceId, external: &ExternalId) -> Self {
        Self::of(&[b"call", source.as_str().as_bytes(), external.as_str().as_bytes()])
    }

    /// The id of a message in a durable inbox without a name of its own: the stream's creation and its sequence.
    pub fn of_message(stream_created: Timestamp, sequence: u64) -> Self {
        Self::of(&[b"message", &stream_created.millis().to_be_bytes(), &sequence.to_be_bytes()])
    }

    /// The id of the `n`th command that a station names because of a record.
    pub fn of_station(station: &str, cause: Seq, n: u32) -> Self {
        Self::of(&[b"station", station.as_bytes(), &cause.to_be_bytes(), &n.to_be_bytes()])
    }

    /// The id of a timer's question: the case, its clock, the step, and the instant for which it was set.
    pub fn of_timer(case: CaseId, clock: Clock, step: u32, scheduled: Timestamp) -> Self {
        let case_bytes = [&case.shard().to_be_bytes()[..], &case.number().to_be_bytes()[..]].concat();
        Self::of(&[
            b"timer",
            &case_bytes,
            clock.name().as_bytes(),
            &step.to_be_bytes(),
            &scheduled.millis().to_be_bytes(),
        ])
    }

    /// The id of something that one party does for the `n`th time to a thing: simulated people, command lines.
    pub fn of_act(party: &str, thing: &str, n: u64) -> Self {
        Self::of(&[b"act", party.as_bytes(), thing.as_bytes(), &n.to_be_bytes()])
    }
}

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
        rmp_serde::to_vec_named(&(&self.actor, &self.case, &self.ask, &self.private))
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
}

impl Ask {
    /// The name of the ask, for metrics and refusals.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Register(_) => "register",
            Self::RegisterSolved { .. } => "register_solved",
            Self::Join { .. } => "join",
            Self::Correct(_) => "correct",
            Self::Tag { .. } => "tag",
            Self::Refuse { .. } => "refuse",
            Self::Refer { .. } => "refer",
            Self::Cancel { .. } => "cancel",
            Self::Assign { .. } => "assign",
            Self::Accept => "accept",
            Self::Return { .. } => "return",
            Self::Rule { .. } => "rule",
            Self::Reassign { .. } => "reassign",
            Self::Delegate { .. } => "delegate",
            Self::Contact { .. } => "contact",
            Self::Arrive { .. } => "arrive",
            Self::Progress { .. } => "progress",
            Self::Resolve { .. } => "resolve",
            Self::CheckClock { .. } => "check_clock",
            Self::Escalate { .. } => "escalate",
            Self::Remind { .. } => "remind",
            Self::Check { .. } => "check",
            Self::Answer { .. } => "answer",
            Self::PassOn => "pass_on",
            Self::Tell { .. } => "tell",
            Self::ConfirmTold { .. } => "confirm_told",
            Self::CallBack { .. } => "call_back",
            Self::Reopen { .. } => "reopen",
            Self::Close { .. } => "close",
            Self::Reveal { .. } => "reveal",
            Self::Erase { .. } => "erase",
            Self::Rehome { .. } => "rehome",
            Self::PublishRules { .. } => "publish_rules",
            Self::SetDuty { .. } => "set_duty",
        }
    }
}
