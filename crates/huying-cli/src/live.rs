//! A data folder, whoever has it: the running engine is asked through a socket in it, a free folder is opened.
//!
//! **The route.** [`folder::open`] looks for an engine at [`SOCKET_FILE`]; where one answers, requests go to it
//! ([`client`], [`frame`]) and its [`server`] hands them to the [`desk`], which looks and submits through the one
//! door. Where nobody answers, the folder is opened here and the same desk is asked directly. Then no timer fires:
//! a command that only looks must not breach a limit, and a virtual journal stands at its last instant.
//!
//! **Who may.** The socket is its owner's alone (mode 0600), and whoever can open it could read the keys beside it:
//! so whoever speaks through it *is* the operator of the command centre. Commands bear the centre's unit; the person
//! is the one that the operator names, else [`OPERATOR`]. No other unit can be spoken for here.
//!
//! **The talk.** One or more requests a connection, each answered in turn: a frame of a version byte, a length and
//! MessagePack with field names, see [`frame`]. Both ends are the same program; another version is refused, not
//! guessed at.

pub mod beside;
pub mod callbacks;
pub mod client;
pub mod desk;
pub mod folder;
pub mod frame;
pub mod publishing;
pub mod server;
pub mod shredding;

use huying_bus::message::answer::RefusalMessage;
use huying_domain::{
    command::Ask,
    ids::{CaseId, PersonId, Seq, TellChannel, UnitId, Version},
    private::Private,
    record::{CommandId, Record, RuleFile},
    refusal::Refusal,
    time::Timestamp,
    vocabulary::Channel,
    wire::{self, WireError},
    words::Words,
};
use huying_engine::{
    person::{Holding, Opened},
    publishing::{MovedDue, Trial},
    reports::{Report, ReportAsk},
    sample::{Sample, SampleAsk},
};
use huying_escalation::explain::tale::Tale;
use huying_intake::topics::{Topic, TopicAsk};
use huying_projection::{retention::Proposals, word::WordCounts};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use std::path::PathBuf;

/// The socket in the data folder.
pub const SOCKET_FILE: &str = "engine.socket";
/// The person that records name when the operator names none.
pub const OPERATOR: &str = "operator";
/// The source of calls that come in by the command line.
pub const SOURCE: &str = "command-line";

/// What is asked of an engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Take this call.
    Call(Call),
    /// Do this to a case.
    Act(Box<Act>),
    /// The records of a case.
    Case(CaseId),
    /// The clocks of a case.
    Why(CaseId),
    /// Who is still to be told.
    Untold,
    /// Who is told and not called back yet.
    Unheard,
    /// Do this to a case, which must be to reveal, and show the caller's number.
    Reveal(Box<Act>),
    /// How everything stands.
    Status,
    /// The clock has jumped and is right: let the timers go on, and tell how everything stands.
    ConfirmClock,
    /// A page of the ledger over a period.
    Report(ReportAsk),
    /// What many call about.
    Topics(TopicAsk),
    /// Copy the journal into this empty folder, named from the root.
    Backup(PathBuf),
    /// Something that is read out of all records, beside the loop.
    Beside(BesideAsk),
    /// Try a rule file, or bring it into force.
    Publish(Publish),
    /// Do this to a case, which must be to reveal, and open what its records hold of whoever has this number.
    Open(Box<Act>, String),
}

/// What is read out of all records.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BesideAsk {
    /// The cases whose sealed data hold this number.
    Holding(String),
    /// Whose personal data are kept longer than the policy says.
    Retention,
    /// A sample of closed cases.
    Sample(SampleAsk),
}

/// A rule file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Publish {
    /// The command's id.
    pub id: CommandId,
    /// Which file.
    pub file: RuleFile,
    /// What stands in it.
    pub bytes: ByteBuf,
    /// Only tried: nothing is kept and nothing changes.
    pub preview: bool,
    /// Who publishes.
    pub person: Option<PersonId>,
}

/// A call in the JSON form of intake.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Call {
    /// The command's id where the call has no name of its own; drawn by whoever asks, so that asking twice is once.
    pub id: CommandId,
    /// How the call came in.
    pub channel: Channel,
    /// The bytes of the JSON.
    pub json: ByteBuf,
    /// Who took it.
    pub person: Option<PersonId>,
}

/// Something that a person of the centre does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Act {
    /// The command's id.
    pub id: CommandId,
    /// The case, where it is about one.
    pub case: Option<CaseId>,
    /// The version that was seen.
    pub saw: Option<Version>,
    /// What is asked.
    pub ask: Ask,
    /// Personal data to seal.
    pub private: Option<Private>,
    /// Who acts.
    pub person: Option<PersonId>,
}

/// What an engine answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The command is on the platter.
    Accepted(Accepted),
    /// It is not taken, and nothing has changed.
    Refused(Refused),
    /// A case.
    Case(CaseTold),
    /// Its clocks.
    Why(WhyTold),
    /// Who is still to be told.
    Untold(Untold),
    /// Who is not called back yet.
    Unheard(Unheard),
    /// The caller's number, if one was left.
    Revealed(Private),
    /// How everything stands.
    Status(Box<Status>),
    /// A page of the ledger.
    Report(Box<Report>),
    /// What many call about, the largest first.
    Topics(TopicsTold),
    /// The backup is made.
    BackedUp,
    /// The cases of a number.
    Holding(Holding),
    /// What the records of a case hold of a person, and the case.
    Opened(OpenedTold),
    /// What is due to be erased.
    Retention(Box<Proposals>),
    /// A sample.
    Sample(Box<Sample>),
    /// What a rule file would mean.
    Tried(Box<Trial>),
    /// It is in force.
    Published(Box<Published>),
    /// The engine could not.
    Failed(Failed),
}

/// A rule file that is in force.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Published {
    /// The record that says so.
    pub seq: Seq,
    /// How many cases it moved.
    pub cases: u64,
    /// Their clocks that are due at another instant.
    pub moved: Vec<MovedDue>,
    /// Cases that are still to be computed afresh; the engine goes on.
    pub left: u64,
}

/// A command that is on the platter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Accepted {
    /// Its record.
    pub seq: Seq,
    /// The first case of the record.
    pub case: Option<CaseId>,
    /// That case's version after the record.
    pub version: Version,
    /// It had been answered before; this is the first answer again.
    pub repeat: bool,
}

/// A reason.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// For programs.
    pub code: String,
    /// For people.
    pub words: Words,
    /// The field that is meant.
    pub field: Option<String>,
}

/// The records of a case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseTold {
    /// Their bytes, in order.
    pub records: Vec<ByteBuf>,
    /// The zone of the city's clocks on the wall.
    pub zone: String,
}

/// What the records of a case hold of a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenedTold {
    /// What was sealed, in order.
    pub own: Vec<Opened>,
    /// Sealed records that hold another number and stay closed.
    pub of_others: u64,
    /// The case's records.
    pub case: CaseTold,
}

/// The clocks of a case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WhyTold {
    /// Each clock's tale.
    pub tales: Vec<Tale>,
    /// The instant at which they stand so.
    pub now: Timestamp,
    /// The zone of the city's clocks on the wall.
    pub zone: String,
}

/// Who is still to be told, the longest waiting first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Untold {
    /// One caller each.
    pub lines: Vec<UntoldLine>,
    /// The zone of the city's clocks on the wall.
    pub zone: String,
}

/// A caller who is still to be told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UntoldLine {
    /// The case.
    pub case: CaseId,
    /// Since when somebody is asked to tell.
    pub since: Timestamp,
    /// By which channel.
    pub channel: TellChannel,
    /// The channels that were asked, in their order, this one among them.
    pub tried: Vec<TellChannel>,
    /// What is said.
    pub words: Words,
    /// Whether the caller left a number that can still be read.
    pub has_number: bool,
}

/// Who was told and has not said whether it helped, the earliest due first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unheard {
    /// One caller each.
    pub lines: Vec<UnheardLine>,
    /// How many there are: more than lines where the list is cut.
    pub all: usize,
    /// Attempts after which a person may close the case as unreached.
    pub attempts_max: u8,
    /// The instant at which they stand so.
    pub now: Timestamp,
    /// The zone of the city's clocks on the wall.
    pub zone: String,
}

/// A caller who is to be called back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnheardLine {
    /// The case.
    pub case: CaseId,
    /// The unit whose work the caller judges.
    pub unit: Option<UnitId>,
    /// By when the call-back is owed.
    pub due: Option<Timestamp>,
    /// Whether that has passed.
    pub late: bool,
    /// Attempts so far in this leg.
    pub attempts: u8,
}

/// What many call about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TopicsTold {
    /// The largest first.
    pub topics: Vec<Topic>,
    /// The zone of the city's clocks on the wall.
    pub zone: String,
}

/// How everything stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Status {
    /// The journal's id in hexadecimal digits, and its epoch.
    pub journal: String,
    /// 1, and one more with each restore.
    pub epoch: u32,
    /// `system` or `virtual`.
    pub clock: String,
    /// Whether a process runs the engine.
    pub running: bool,
    /// Whether the clock jumped and the timers wait for a person.
    pub clock_held: bool,
    /// The engine's instant.
    pub now: Timestamp,
    /// The last safe record, `SEQ:HASH`.
    pub head: String,
    /// Records ever.
    pub records: u64,
    /// Cases ever.
    pub cases: u64,
    /// The next instant at which a clock is asked.
    pub next_due: Option<Timestamp>,
    /// Safe records that sled does not have yet.
    pub shelf_lag_records: u64,
    /// Open cases: all, then by rung, under the three words and *unknown*.
    pub open: Counts,
    /// Open cases by rung, lowest first.
    pub rungs: Vec<(String, Counts)>,
    /// Numbers that must be nought, and how far behind the watch is.
    pub health: HealthRow,
    /// The zone of the city's clocks on the wall.
    pub zone: String,
    /// Units that do not take up what was sent to them over NATS, though their first limit draws near.
    #[serde(default)]
    pub silent: Vec<SilentUnit>,
    /// What Prometheus reads.
    pub metrics: String,
}

/// A unit that does not take up its work.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SilentUnit {
    /// The unit.
    pub unit: UnitId,
    /// The oldest such work.
    pub case: CaseId,
    /// When its first limit is reached.
    pub due: Timestamp,
}

/// Open cases under each word.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Counts {
    /// 正常
    pub within: u64,
    /// 临期
    pub approaching: u64,
    /// 超期
    pub breached: u64,
    /// 无时限
    pub unknown: u64,
}

/// The health row.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct HealthRow {
    /// Cases without an area; must be 0.
    pub orphans: u64,
    /// Cases without a resolve limit; must be 0.
    pub no_target: u64,
    /// Cases that nothing will wake; must be 0.
    pub no_next: u64,
    /// Dispatched and not signed for.
    pub unaccepted: u64,
    /// Seconds by which the watch is behind.
    pub watch_lag_s: i64,
}

/// Why the engine could not, and what it could not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failed {
    /// For programs.
    pub code: String,
    /// For people.
    pub words: Words,
    /// The causes, the nearest first.
    pub causes: Vec<String>,
}

impl CaseTold {
    /// The records.
    pub fn read(&self) -> Result<Vec<Record>, WireError> {
        self.records.iter().map(|bytes| wire::decode(bytes)).collect()
    }
}

impl From<&Refusal> for Refused {
    fn from(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code().to_owned(),
            words: refusal.words(),
            field: refusal.field().map(str::to_owned),
        }
    }
}

impl From<RefusalMessage> for Refused {
    fn from(refusal: RefusalMessage) -> Self {
        let RefusalMessage { code, words, field } = refusal;
        Self { code, words, field }
    }
}

impl From<WordCounts> for Counts {
    fn from(counts: WordCounts) -> Self {
        let WordCounts { within, approaching, breached, unknown } = counts;
        Self { within, approaching, breached, unknown }
    }
}
