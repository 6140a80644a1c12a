//! The report: what a foreign call says, read and redacted, before anybody has decided anything.

use huying_domain::{
    area::{AreaCode, Point},
    command::AtOnce,
    ids::{CaseId, ClassId, ConditionId, ExternalId, UnitId},
    private::Private,
    record::Hash,
    time::Timestamp,
    vocabulary::{CaseKind, Channel, Tag},
};

/// One call as its source tells it. Times are the source's own: evidence, while the engine's time starts the
/// clocks.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// The source's own name for the call. Rows of a table always have one, messages may not.
    pub external: Option<ExternalId>,
    /// When it came in: for a table what the row says, for a message the instant at the door.
    pub received: Timestamp,
    /// What the caller wants.
    pub kind: CaseKind,
    /// How it came in.
    pub channel: Channel,
    /// What it is about.
    pub class: ClassId,
    /// The filing condition, where the source names one.
    pub condition: Option<ConditionId>,
    /// The department that the source itself names.
    pub department: Option<UnitId>,
    /// Where it is, in WGS-84; none where the source has no place or writes a stand-in for "no place".
    pub point: Option<Point>,
    /// The area's code, where the source knows the same territory.
    pub area: Option<AreaCode>,
    /// The area's name, where the source writes one.
    pub area_hint: Option<String>,
    /// The address of the matter, as written. It may hold a room's number and is redacted before it is shown.
    pub address: Option<String>,
    /// What it is about in words, redacted.
    pub summary: String,
    /// What belongs to the caller alone.
    pub private: Private,
    /// When it happened, says the source.
    pub occurred_at: Option<Timestamp>,
    /// The instant by which the source promised a result.
    pub target: Option<Timestamp>,
    /// When the source closed it, for replays and comparisons; never earlier than `received`.
    pub closed: Option<Timestamp>,
    /// When the table was cut: a report that is not closed by then may be closed later.
    pub snapshot: Option<Timestamp>,
    /// What the source itself says about its promise.
    pub on_time: Option<bool>,
    /// Marks.
    pub tags: Vec<Tag>,
    /// The unit that the report is about.
    pub accused: Option<UnitId>,
    /// What the call-taker has settled while the caller was on the line, redacted.
    pub settled: Option<AtOnce>,
    /// The case whose matter this is, says whoever took the call.
    pub follows: Option<CaseId>,
    /// Content hashes of photographs that came along.
    pub photos: Vec<Hash>,
    /// What was read but not believed.
    pub notes: Vec<Note>,
}

/// Something in a report that was not believed and was left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Note {
    /// The source says that it closed the call before it received it.
    ClosedBeforeReceived,
    /// The point is the source's stand-in for "no place".
    PlaceIsStandIn,
}

impl Note {
    /// The name in counts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClosedBeforeReceived => "closed_before_received",
            Self::PlaceIsStandIn => "place_is_stand_in",
        }
    }
}
