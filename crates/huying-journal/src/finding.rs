//! What a check of a journal found.

use crate::head::Head;
use huying_domain::ids::Seq;
use std::fmt;

/// Most findings that are kept; what is broken in so many places need not be counted out.
pub const FINDINGS_MAX: usize = 1000;

/// What is wrong at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A record of the log is flipped, swapped, dropped or does not join the chain.
    LogDamaged,
    /// A segment's header is damaged or does not join the one before.
    HeaderDamaged,
    /// A segment is missing.
    SegmentMissing,
    /// Bytes stand behind the end of a segment that is full.
    BytesBehindEnd,
    /// The head file knows records that the log does not have.
    HeadAhead,
    /// The head file knows another record at its place.
    HeadForeign,
    /// Both slots of the head file are damaged.
    HeadUnreadable,
    /// sled's copy of a record is missing or not the log's.
    ShelfDiffers,
    /// sled has records that the log does not have.
    ShelfAhead,
    /// sled has pages behind the last record that it says it has.
    ShelfBeyondApplied,
    /// sled does not open or breaks while it is read.
    ShelfUnreadable,
    /// A header of the key files is damaged, or a copy is missing.
    KeyFileDamaged,
    /// A slot differs between the two copies of the key file.
    KeyMirrorDiffers,
    /// A rule file that the records name is not there or has other bytes.
    RuleFileDamaged,
    /// The published head is ahead of the log.
    PublishedAhead,
    /// The published head names another record at its place: history was rewritten.
    PublishedForeign,
}

impl Kind {
    /// A sentence without place.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::LogDamaged => "the log's record is flipped, swapped, dropped or does not join the chain",
            Self::HeaderDamaged => "the segment's header is damaged or does not join the segment before",
            Self::SegmentMissing => "the segment with this record is missing",
            Self::BytesBehindEnd => "bytes stand behind the segment's last record",
            Self::HeadAhead => "the head file knows records that the log does not have",
            Self::HeadForeign => "the head file knows another record at this place",
            Self::HeadUnreadable => "both slots of the head file are damaged",
            Self::ShelfDiffers => "sled's copy of the record is missing or is not the log's",
            Self::ShelfAhead => "sled has records that the log does not have",
            Self::ShelfBeyondApplied => "sled has pages behind the last record that it says it has",
            Self::ShelfUnreadable => "sled does not open or breaks while it is read",
            Self::KeyFileDamaged => "the key file is damaged or missing",
            Self::KeyMirrorDiffers => "the key's slot differs between the two copies",
            Self::RuleFileDamaged => "a rule file that the records name is missing or altered",
            Self::PublishedAhead => "the published head is ahead of the log: records were lost or withheld",
            Self::PublishedForeign => {
                "the published head names another record at this place: history was rewritten"
            }
        }
    }
}

/// Something that is wrong, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What is wrong.
    pub kind: Kind,
    /// The record, where it is about one.
    pub seq: Option<Seq>,
    /// The file, within the journal's folder.
    pub file: String,
    /// The byte in the file, where it is known.
    pub offset: Option<u64>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(offset) = self.offset {
            write!(f, " at byte {offset}")?;
        }
        if let Some(seq) = self.seq {
            write!(f, ", record {seq}")?;
        }
        write!(f, ": {}", self.kind.sentence())
    }
}

/// The result of a check.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// What is wrong, in the order in which it was found, at most [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    /// The last record of the log that holds.
    pub head: Option<Head>,
    /// Records of the log that hold.
    pub records: u64,
    /// Records of sled that were compared with the log; none when sled was not looked at.
    pub shelf_records: Option<u64>,
    /// Bytes of a batch that was never whole; the next start cuts them, and nobody was answered for them.
    pub torn_bytes: u64,
    /// Why the journal could not be looked at.
    pub unreadable: Option<String>,
}

impl Verdict {
    /// 0 whole, 1 broken or mendable, 2 not to be read.
    pub const fn exit_code(&self) -> u8 {
        match (&self.unreadable, self.findings.is_empty()) {
            (Some(_), _) => 2,
            (None, false) => 1,
            (None, true) => 0,
        }
    }

    /// Whether all that was found is that sled does not open: the next start builds it anew of the log, and nothing is
    /// lost. sled is no copy that outlives a cut of power.
    pub fn is_mendable(&self) -> bool {
        let closed = |found: &Finding| found.kind == Kind::ShelfUnreadable && found.seq.is_none();
        self.unreadable.is_none() && !self.findings.is_empty() && self.findings.iter().all(closed)
    }

    pub(crate) fn add(&mut self, kind: Kind, seq: Option<Seq>, file: &str, offset: Option<u64>) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { kind, seq, file: file.to_owned(), offset });
        }
    }
}
