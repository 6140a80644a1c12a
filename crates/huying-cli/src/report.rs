//! What a replay or a demo leaves: numbers, each of which names the fact that it counts.

use crate::{
    people::{departments::Done, measures::Quantiles},
    replay::dues::DueAgreement,
};
use comfy_table::{Cell, CellAlignment, Table, presets::UTF8_HORIZONTAL_ONLY};
use huying_domain::{ids::Seq, record::Hash, time::Timestamp};
use huying_projection::tally::{Share, Tally};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fmt::Display,
    fs, io,
    path::{Path, PathBuf},
};

/// Most rows of disagreement that a report lists.
pub const DISAGREEMENTS_MAX: usize = 20;

/// The whole report. All but the wall figures is the same each time for the same seed and calls.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// `replay` or `demo`.
    pub kind: &'static str,
    /// The city.
    pub city: String,
    /// The profile by which the calls were read, or `demo`.
    pub profile: String,
    /// The seed of whatever is simulated.
    pub seed: u64,
    /// What is simulated, in words.
    pub simulated: Vec<String>,
    /// The data folder.
    pub data: PathBuf,
    /// Whether every case was closed: otherwise somebody stopped the run or the horizon was reached.
    pub finished: bool,
    /// Cases that were open at the end.
    pub open: u64,
    /// From and until when the virtual clock ran.
    pub from: Timestamp,
    /// The virtual clock at the end.
    pub until: Timestamp,
    /// Rows read or calls made.
    pub calls: u64,
    /// Calls that became a case.
    pub cases: u64,
    /// Calls that joined a lead case.
    pub joined: u64,
    /// Cases not taken on, by ground.
    pub refused: BTreeMap<String, u64>,
    /// Calls that the door refused, by code.
    pub refused_at_door: BTreeMap<String, u64>,
    /// Cases handed to an emergency line.
    pub referred: u64,
    /// Rows that could not be read, by reason.
    pub bad_rows: BTreeMap<String, u64>,
    /// Fields that were read and not believed, by what was wrong.
    pub notes: BTreeMap<String, u64>,
    /// Cases withdrawn because the data end before their closing.
    pub censored: u64,
    /// Calls that became nothing: calls less cases, joined, drills, refused at the door and bad rows. Must be 0.
    pub lost: i64,
    /// Calls whose place lies in no area.
    pub orphans: u64,
    /// Assignments.
    pub assigned: u64,
    /// Signed for.
    pub accepted: u64,
    /// Given back.
    pub returned: u64,
    /// Climbs, by the rung that was reached.
    pub escalated: BTreeMap<String, u64>,
    /// Breached clocks, each once a leg.
    pub breached: BTreeMap<String, u64>,
    /// Breaches that do not count.
    pub exempted: u64,
    /// Callers answered: their own case, or with its lead.
    pub answered: u64,
    /// Receipts.
    pub told: u64,
    /// Attempts to call back.
    pub called_back: u64,
    /// Callers' grades.
    pub satisfaction: BTreeMap<String, u64>,
    /// Callers who call it solved, among those who said.
    pub solved: Share,
    /// Reopenings.
    pub reopened: u64,
    /// Closed, by condition.
    pub closed: BTreeMap<String, u64>,
    /// Facts beside the main flow: requests, whistles, help, consultations, supervision, reminders.
    pub beside: BTreeMap<&'static str, u64>,
    /// One-key alarms, and how often they rang; drills, which count in nothing else.
    pub alarms: BTreeMap<&'static str, u64>,
    /// Notices of running clocks, by phase.
    pub noticed: BTreeMap<String, u64>,
    /// Records of the journal.
    pub records: u64,
    /// Events in them.
    pub events: u64,
    /// Call to assignment in seconds of the data's time.
    pub assignment_virtual_s: Quantiles,
    /// From the door until the assignment is on the platter, in microseconds of the machine's clock.
    pub assignment_wall_us: Quantiles,
    /// Batches that were written and synced in this run, one after the other.
    pub commits: u64,
    /// How many of the wall's seconds passed from begun to on the platter, all batches together.
    pub commit_seconds: f64,
    /// How long this run took.
    pub wall_seconds: f64,
    /// Records written in this run, a second.
    pub records_per_second: f64,
    /// Our verdict on time against the source's own, where the source has one.
    pub on_time_agreement: Option<Agreement>,
    /// Our due instants against those that the source promised, where a policy was tried on its calls.
    pub due_agreement: Option<DueAgreement>,
    /// Acts of simulated parties that were refused in this run, by deed and code.
    pub acts_refused: BTreeMap<String, u64>,
    /// What the departments did through NATS, where they ran in a process of their own.
    pub departments: Option<Done>,
    /// The last record.
    pub head: HeadOf,
}

/// The last record and its hash.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct HeadOf {
    /// Its position.
    pub seq: Seq,
    /// Its hash.
    pub hash: Hash,
}

/// How our verdict agrees with the source's own flag, on closed cases that had a promised instant.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Agreement {
    /// Verdicts alike.
    pub agree: u64,
    /// Verdicts compared.
    pub of: u64,
    /// The share, for people.
    pub share: f64,
    /// Closed cases with a promised instant and without the source's flag.
    pub without_flag: u64,
    /// The first that differ.
    pub disagreements: Vec<Disagreement>,
}

/// One verdict that differs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Disagreement {
    /// The source's own name of the call.
    pub external: String,
    /// When it was closed.
    pub closed: Timestamp,
    /// The promised instant.
    pub target: Timestamp,
    /// Whether we call it on time.
    pub ours: bool,
    /// Whether the source does.
    pub theirs: bool,
}

/// Classes and conditions with most missed due instants that the table shows; the file has more.
const DUE_MISSED_SHOWN: usize = 6;

impl Report {
    /// A report with nothing counted yet.
    pub fn empty(kind: &'static str, city: String, profile: String, seed: u64) -> Self {
        Self {
            kind,
            city,
            profile,
            seed,
            simulated: Vec::new(),
            data: PathBuf::new(),
            finished: false,
            open: 0,
            from: Timestamp::EPOCH,
            until: Timestamp::EPOCH,
            calls: 0,
            cases: 0,
            joined: 0,
            refused: BTreeMap::new(),
            refused_at_door: BTreeMap::new(),
            referred: 0,
            bad_rows: BTreeMap::new(),
            notes: BTreeMap::new(),
            censored: 0,
            lost: 0,
            orphans: 0,
            assigned: 0,
            accepted: 0,
            returned: 0,
            escalated: BTreeMap::new(),
            breached: BTreeMap::new(),
            exempted: 0,
            answered: 0,
            told: 0,
            called_back: 0,
            satisfaction: BTreeMap::new(),
            solved: Share { numerator: 0, denominator: 0 },
            reopened: 0,
            closed: BTreeMap::new(),
            beside: BTreeMap::new(),
            alarms: BTreeMap::new(),
            noticed: BTreeMap::new(),
            records: 0,
            events: 0,
            assignment_virtual_s: Quantiles::default(),
            assignment_wall_us: Quantiles::default(),
            commits: 0,
            commit_seconds: 0.0,
            wall_seconds: 0.0,
            records_per_second: 0.0,
            on_time_agreement: None,
            due_agreement: None,
            acts_refused: BTreeMap::new(),
            departments: None,
            head: HeadOf { seq: 0, hash: Hash::ZERO },
        }
    }

    /// Takes in the counts of the records.
    pub fn count(&mut self, tally: &Tally) {
        self.cases = tally.cases;
        self.joined = tally.joined;
        self.refused = named(&tally.refused);
        self.referred = tally.referred.values().sum();
        self.censored = tally.censored;
        self.assigned = tally.assigned.values().sum();
        self.accepted = tally.accepted;
        self.returned = tally.returned.values().sum();
        self.escalated = named(&tally.escalated);
        self.breached = named(&tally.breached);
        self.exempted = tally.exempted.values().sum();
        self.answered = tally.answered + tally.answered_with_lead;
        self.told = tally.told;
        self.called_back = tally.called_back;
        self.satisfaction = named(&tally.verdicts_grade);
        self.solved = tally.solved_share();
        self.reopened = tally.reopened;
        self.closed = named(&tally.closed);
        self.alarms = [("alarms", tally.alarms), ("rings", tally.rings), ("drills", tally.drills)].into();
        self.noticed = named(&tally.noticed);
        self.records = tally.records;
        self.events = tally.events;
        let became = self.cases
            + self.joined
            + tally.drills
            + self.refused_at_door.values().sum::<u64>()
            + self.bad_rows.values().sum::<u64>();
        self.lost = i64::try_from(self.calls).unwrap_or(i64::MAX) - i64::try_from(became).unwrap_or(i64::MAX);
    }

    /// Writes the report for programs.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut text = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        text.push('\n');
        fs::write(path, text)
    }

    /// What happened beside the main flow, as far as anything did.
    fn beside_rows(&self) -> Vec<(&'static str, u64, BTreeMap<String, u64>)> {
        let all = |parts: &BTreeMap<String, u64>| parts.values().sum();
        let (beside, alarms) = (named(&self.beside), named(&self.alarms));
        let rung = self.alarms.get("alarms").copied().unwrap_or_default();
        let rows = [
            ("beside the main flow 督办协同", all(&beside), beside),
            ("one-key alarms 一键呼叫", rung, alarms),
            ("notices 提醒", all(&self.noticed), self.noticed.clone()),
            ("acts refused 被拒", all(&self.acts_refused), self.acts_refused.clone()),
        ];
        rows.into_iter().filter(|(_, number, _)| *number > 0).collect()
    }

    /// The report for people.
    pub fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_preset(UTF8_HORIZONTAL_ONLY);
        table.set_header(["", "", "of which"]);
        let mut row = |what: &str, number: u64, parts: &BTreeMap<String, u64>| {
            let number = Cell::new(number).set_alignment(CellAlignment::Right);
            table.add_row([Cell::new(what), number, Cell::new(listed(parts))]);
        };
        let none = BTreeMap::new();
        row("calls 来电", self.calls, &none);
        row("cases 工单", self.cases, &none);
        row("joined 并单", self.joined, &none);
        row("bad rows", self.bad_rows.values().sum(), &self.bad_rows);
        row("refused at the door", self.refused_at_door.values().sum(), &self.refused_at_door);
        row("lost", self.lost.unsigned_abs(), &none);
        row("refused 不予受理", self.refused.values().sum(), &self.refused);
        row("referred 转紧急热线", self.referred, &none);
        row("censored: the data end first", self.censored, &none);
        row("orphans 无网格", self.orphans, &none);
        row("assigned 派遣", self.assigned, &none);
        row("accepted 签收", self.accepted, &none);
        row("returned 退回", self.returned, &none);
        row("escalated 升级", self.escalated.values().sum(), &self.escalated);
        row("clocks breached 超期", self.breached.values().sum(), &self.breached);
        row("answered 答复", self.answered, &none);
        row("told 告知", self.told, &none);
        row("called back 回访", self.called_back, &self.satisfaction);
        row("reopened 返工", self.reopened, &none);
        row("closed 结案", self.closed.values().sum(), &self.closed);
        for (what, number, parts) in self.beside_rows() {
            row(what, number, &parts);
        }
        row("open", self.open, &none);
        row("records", self.records, &none);
        row("events", self.events, &none);
        let text = |what: &str, text: String| [Cell::new(what), Cell::new(""), Cell::new(text)];
        let Quantiles { p50, p99, .. } = self.assignment_virtual_s;
        table.add_row(text("call → assignment", format!("p50 {p50} s, p99 {p99} s of the data's time")));
        let Quantiles { p50, p99, .. } = self.assignment_wall_us;
        table.add_row(text("door → platter", format!("p50 {p50} µs, p99 {p99} µs by the machine's clock")));
        let speed = format!("{:.1} s, {:.0} records a second", self.wall_seconds, self.records_per_second);
        table.add_row(text("this run", speed));
        let commits =
            format!("{} batches, {:.1} s of it in writing and syncing", self.commits, self.commit_seconds);
        table.add_row(text("commits", commits));
        if let Some(Done { handed, refused, .. }) = &self.departments {
            let refused = if refused.is_empty() { "none".to_owned() } else { listed(refused) };
            table.add_row(text("by NATS", format!("{handed} assignments taken in; refused: {refused}")));
        }
        if let Some(agreement) = &self.on_time_agreement {
            let Agreement { agree, of, share, .. } = agreement;
            let found = format!("{agree} of {of} verdicts on time as the source's own ({share:.5})");
            table.add_row(text("on time", found));
        }
        if let Some(DueAgreement { agree, of, share, joined, misses, most_missed }) = &self.due_agreement {
            let found =
                format!("{agree} of {of} instants as promised ({share:.4}); {joined} joined another's case");
            table.add_row(text("due 时限", found));
            table.add_row(text("due otherwise 不符", listed(misses)));
            for missed in most_missed.iter().take(DUE_MISSED_SHOWN) {
                table.add_row(text("", missed.to_string()));
            }
        }
        table.add_row(text("head", format!("{}:{}", self.head.seq, self.head.hash)));
        table
    }
}

fn named<K: ToString>(counts: &BTreeMap<K, u64>) -> BTreeMap<String, u64> {
    counts.iter().map(|(key, count)| (key.to_string(), *count)).collect()
}

fn listed<K: Display>(parts: &BTreeMap<K, u64>) -> String {
    parts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}
