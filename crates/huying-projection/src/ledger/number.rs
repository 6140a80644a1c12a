//! The numbers that a page shows. Each names the fact that it counts and the instant that puts it into a period.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// To which page a number belongs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// The three rates 三率, by when the leg began.
    Rates,
    /// The cohorts 应结案, by the due instant of the first leg.
    Cohorts,
    /// Who solves it, by when it was done.
    Levels,
    /// Whistles 吹哨报到 and both their sides 双考核, by when they were blown.
    Whistles,
    /// Acts that can make a number look better than the work, by when they were done.
    Integrity,
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $number:ident = $page:ident, $name:literal, $zh:literal, $en:literal;)+) => {
        /// A number of a table.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum Number { $($(#[$doc])* #[serde(rename = $name)] $number),+ }

        impl Number {
            /// All of them, page by page.
            pub const ALL: &'static [Self] = &[$(Self::$number),+];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// Its page.
            pub const fn page(self) -> Page {
                match self { $(Self::$number => Page::$page),+ }
            }
            /// The written name, the same on the command line and on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$number => $name),+ }
            }
            /// For people, in Chinese.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$number => $zh),+ }
            }
            /// For people, in English.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$number => $en),+ }
            }
        }
    };
}

numbers! {
    /// Legs that began.
    Opened = Rates, "opened", "工单", "cases";
    /// Callers who were reached and said what they think: the whole of each rate.
    Effective = Rates, "effective", "有效回访", "effective call-backs";
    /// Of these, whom the handler had contacted.
    Contacted = Rates, "contacted", "已联系", "contacted";
    /// Of these, who call it solved.
    Solved = Rates, "solved", "解决", "solved";
    /// Of these, who call it solved in part.
    SolvedPartly = Rates, "solved_partly", "部分解决", "solved in part";
    /// Of these, who gave a grade: the whole of the third rate.
    Graded = Rates, "graded", "已评价", "graded";
    /// Very satisfied or satisfied.
    Satisfied = Rates, "satisfied", "满意", "satisfied";
    /// Basically satisfied.
    Basically = Rates, "basically", "基本满意", "basically satisfied";
    /// Dissatisfied or very dissatisfied.
    Dissatisfied = Rates, "dissatisfied", "不满意", "dissatisfied";

    /// Cases whose first resolve limit ends in the period.
    Due = Cohorts, "due", "应结案", "due";
    /// Of these, closed 结案 by now.
    Closed = Cohorts, "closed", "结案", "closed";
    /// Of these, closed and never late, or exempted.
    OnTime = Cohorts, "on_time", "按期结案", "closed in time";
    /// Of those due, breached in some leg, exempted or not. It stays a fact.
    Late = Cohorts, "late", "超期", "late";
    /// Of those late, where every breach was exempted.
    Exempted = Cohorts, "exempted", "免责", "exempted";
    /// Of those due, not closed yet.
    Open = Cohorts, "open", "未结案", "open";
    /// Of those due, reopened at least once 返工.
    Reworked = Cohorts, "reworked", "返工", "reworked";
    /// Given to a unit without a resolve limit, by when the case was filed: *unknown*, and never "in time".
    NoTarget = Cohorts, "no_target", "无时限", "without a limit";

    /// Results that stand.
    Done = Levels, "done", "办结", "done";
    /// Of these, solved by whoever found it 自行处置.
    OnTheSpot = Levels, "on_the_spot", "自行处置", "solved on the spot";

    /// Units that this unit called, each once a whistle.
    Blown = Whistles, "blown", "吹哨", "units called by it";
    /// Whistles that called this unit.
    Called = Whistles, "called", "被吹哨", "called";
    /// Of these, on which it reported in.
    Reported = Whistles, "reported", "报到", "reported in";
    /// Of these, within the limit.
    ReportedInTime = Whistles, "reported_in_time", "按时报到", "reported in time";
    /// Callers of whistled cases who were reached: they count for both sides.
    WhistleEffective = Whistles, "whistle_effective", "哨件有效回访", "call-backs of whistled cases";
    /// Of these, who call it solved.
    WhistleSolved = Whistles, "whistle_solved", "哨件解决", "solved of whistled cases";

    /// Class or condition changed.
    Reclassified = Integrity, "reclassified", "改类", "reclassified";
    /// After the limit had passed.
    ReclassifiedLate = Integrity, "reclassified_late", "超期后改类", "reclassified when late";
    /// Resolve clocks made to stand still.
    Paused = Integrity, "paused", "暂停", "paused";
    /// After the limit had passed.
    PausedLate = Integrity, "paused_late", "超期后暂停", "paused when late";
    /// Resolve limits moved.
    Extended = Integrity, "extended", "延期", "extended";
    /// After the limit had passed.
    ExtendedLate = Integrity, "extended_late", "超期后延期", "extended when late";
    /// Merged into another case.
    Merged = Integrity, "merged", "并单", "merged";
    /// After the limit had passed.
    MergedLate = Integrity, "merged_late", "超期后并单", "merged when late";
    /// Ended without being handled.
    Cancelled = Integrity, "cancelled", "撤销", "cancelled";
    /// After the limit had passed.
    CancelledLate = Integrity, "cancelled_late", "超期后撤销", "cancelled when late";
    /// Breaches of which a unit asks that they shall not count 申诉.
    Appealed = Integrity, "appealed", "申诉", "appealed";
    /// Of these, what does not count any more; the breach stays a fact.
    AppealUpheld = Integrity, "appeal_upheld", "申诉成立", "appeals upheld";
    /// Closed cases at which somebody looked again 回头看.
    LookedAt = Integrity, "looked_at", "回头看", "looked at again";
    /// Of these, where the matter had come back.
    CameBack = Integrity, "came_back", "问题反弹", "came back";
    /// Handled and closed without any evidence.
    NoEvidence = Integrity, "no_evidence", "无凭证结案", "closed without evidence";
    /// Handled and closed although nobody tried to call back.
    NoCallBack = Integrity, "no_call_back", "未回访结案", "closed without a call-back";
    /// Reopened within the policy's number of days after closing.
    ReopenedSoon = Integrity, "reopened_soon", "短期内返工", "reopened soon after closing";
}

impl Number {
    /// The numbers of a page.
    pub fn of(page: Page) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |number| number.page() == page)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Number {
    type Err = UnknownNumber;

    fn from_str(text: &str) -> Result<Self, UnknownNumber> {
        let found = Self::ALL.iter().copied().find(|number| number.name() == text || number.zh() == text);
        found.ok_or(UnknownNumber)
    }
}

/// No number has this name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownNumber;

impl fmt::Display for UnknownNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Number::ALL.iter().map(|number| number.name()).collect();
        write!(f, "expected one of {}", names.join(", "))
    }
}

impl std::error::Error for UnknownNumber {}

/// How often each number was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counts([u64; Number::COUNT]);

impl Default for Counts {
    fn default() -> Self {
        Self([0; Number::COUNT])
    }
}

impl Counts {
    /// A number.
    pub const fn of(&self, number: Number) -> u64 {
        self.0[number as usize]
    }

    /// One more.
    pub const fn one(&mut self, number: Number) {
        self.0[number as usize] += 1;
    }

    /// Adds the numbers of another line.
    pub fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, more)| *sum += more);
    }
}

impl Serialize for Counts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Number::ALL.iter().map(|number| (number.name(), self.of(*number))))
    }
}
