//! The tale of one clock: stretches that follow each other without a gap, and what they add up to.

use huying_domain::{
    calendar::{Calendar, Calendars, Why},
    ids::{CalendarName, UnitId},
    limit::Limit,
    time::Timestamp,
    vocabulary::{Clock, ExemptGround},
    words::Words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Past this many percent of its limit a clock is approaching 临期.
pub const APPROACHING_PERCENT: i64 = 80;

/// What became of one clock.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Tale {
    /// Which clock.
    pub clock: Clock,
    /// The leg of the case in which it started: 1, and one more for each reopening.
    pub leg: u8,
    /// Who held the case when it started.
    pub holder: UnitId,
    /// Since when it counts.
    pub from: Timestamp,
    /// The limit; none where the rules had no target.
    pub limit: Option<Limit>,
    /// The calendar on which it runs.
    pub calendar: Option<CalendarName>,
    /// The first instant that is too late. While the clock stands still, as it was before.
    pub due: Option<Timestamp>,
    /// The due instant lies beyond the published days off and may move.
    pub provisional: bool,
    /// What was counted and what was not, in order and without a gap, from `from` until the end or now.
    pub segments: Vec<Stretch>,
    /// Seconds counted so far: the sum of the counted stretches. For limits in working days, seconds of work.
    pub elapsed_s: i64,
    /// Seconds that the whole limit counts, as far as it is known.
    pub whole_s: Option<i64>,
    /// When it ended; none while it runs or stands still.
    pub ended: Option<Timestamp>,
    /// The instant that was missed first, if one was. It stays.
    pub breached: Option<Timestamp>,
    /// The second fact beside a breach: why it does not count against the unit.
    pub exempted: Option<ExemptGround>,
    /// The word for it.
    pub verdict: Verdict,
}

/// A stretch of time and why it was counted, or not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Stretch {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Whether the clock counted it.
    pub counted: bool,
    /// Why.
    pub why: Words,
}

impl Stretch {
    /// Whole seconds; those of stretches that follow each other add up without loss.
    pub const fn seconds(&self) -> i64 {
        self.to.seconds_since(self.from)
    }
}

/// The three words that are the same everywhere, and one for a clock without a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// In time.
    Within,
    /// Still running, and more than `APPROACHING_PERCENT` of the limit is gone.
    Approaching,
    /// An instant was missed, or is past and the engine has not yet been asked.
    Breached,
    /// There is no target to measure against.
    Unknown,
}

impl Verdict {
    /// The Chinese word.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Within => "正常",
            Self::Approaching => "临期",
            Self::Breached => "超期",
            Self::Unknown => "未知",
        }
    }

    /// The English word.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Within => "within",
            Self::Approaching => "approaching",
            Self::Breached => "breached",
            Self::Unknown => "unknown",
        }
    }
}

/// What a clock was given when it started.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) limit: Limit,
    pub(super) calendar: CalendarName,
    pub(super) due: Timestamp,
    pub(super) provisional: bool,
}

/// The facts of one clock, as they are read.
#[derive(Debug)]
pub(super) struct Thread {
    pub(super) clock: Clock,
    pub(super) terms: Option<Terms>,
    pub(super) ended: Option<Timestamp>,
    pub(super) breached: Option<Timestamp>,
    pub(super) exempted: Option<ExemptGround>,
    leg: u8,
    holder: UnitId,
    from: Timestamp,
    pauses: Vec<Pause>,
}

#[derive(Debug)]
struct Pause {
    from: Timestamp,
    to: Option<Timestamp>,
    why: Words,
}

impl Thread {
    pub(super) const fn begun(clock: Clock, leg: u8, holder: UnitId, from: Timestamp) -> Self {
        Self {
            clock,
            terms: None,
            ended: None,
            breached: None,
            exempted: None,
            leg,
            holder,
            from,
            pauses: Vec::new(),
        }
    }

    pub(super) fn pause(&mut self, at: Timestamp, why: Words) {
        self.pauses.push(Pause { from: at, to: None, why });
    }

    pub(super) fn resume(&mut self, at: Timestamp, due: Timestamp, provisional: bool) {
        if let Some(pause) = self.pauses.last_mut() {
            pause.to.get_or_insert(at);
        }
        self.moved(due, provisional);
    }

    /// Another due instant; what was counted so far stays counted.
    pub(super) const fn moved(&mut self, due: Timestamp, provisional: bool) {
        if let Some(terms) = &mut self.terms {
            terms.due = due;
            terms.provisional = provisional;
        }
    }

    pub(super) const fn end(&mut self, at: Timestamp) {
        self.ended = Some(at);
    }

    /// The instant up to which the clock ran: where it stands still, or ended, or now.
    fn ran_until(&self, now: Timestamp) -> Timestamp {
        let standing = self.pauses.last().filter(|pause| pause.to.is_none()).map(|pause| pause.from);
        standing.or(self.ended).unwrap_or(now)
    }

    pub(super) fn tell(self, calendars: &Calendars, now: Timestamp) -> Tale {
        let segments = self.stretches(calendars, now);
        let elapsed_s = segments.iter().filter(|part| part.counted).map(Stretch::seconds).sum();
        let until = self.ran_until(now);
        let left_s = self.terms.as_ref().and_then(|terms| {
            let calendar = calendars.get(&terms.calendar)?;
            Some(calendar.counted(&terms.limit, until, terms.due))
        });
        let whole_s = left_s.map(|left_s| elapsed_s + left_s);
        let verdict = self.verdict(until, elapsed_s, whole_s);
        let Self { clock, terms, ended, breached, exempted, leg, holder, from, .. } = self;
        Tale {
            clock,
            leg,
            holder,
            from,
            limit: terms.as_ref().map(|terms| terms.limit),
            due: terms.as_ref().map(|terms| terms.due),
            provisional: terms.as_ref().is_some_and(|terms| terms.provisional),
            calendar: terms.map(|terms| terms.calendar),
            segments,
            elapsed_s,
            whole_s,
            ended,
            breached,
            exempted,
            verdict,
        }
    }

    fn verdict(&self, until: Timestamp, elapsed_s: i64, whole_s: Option<i64>) -> Verdict {
        let Some(terms) = &self.terms else { return Verdict::Unknown };
        let nearly_over = whole_s.is_some_and(|whole_s| elapsed_s * 100 > whole_s * APPROACHING_PERCENT);
        if self.breached.is_some() || until >= terms.due {
            Verdict::Breached
        } else if self.ended.is_none() && nearly_over {
            Verdict::Approaching
        } else {
            Verdict::Within
        }
    }

    fn stretches(&self, calendars: &Calendars, now: Timestamp) -> Vec<Stretch> {
        let end = self.ended.unwrap_or(now);
        let mut told = Vec::new();
        let mut cursor = self.from;
        for pause in &self.pauses {
            self.ran(calendars, cursor, pause.from, &mut told);
            cursor = pause.to.unwrap_or(end);
            if cursor > pause.from {
                told.push(Stretch { from: pause.from, to: cursor, counted: false, why: pause.why.clone() });
            }
        }
        self.ran(calendars, cursor, end, &mut told);
        told
    }

    /// The stretches in which the clock ran, cut by its calendar.
    fn ran(&self, calendars: &Calendars, from: Timestamp, to: Timestamp, told: &mut Vec<Stretch>) {
        if from >= to {
            return;
        }
        let Some(terms) = &self.terms else {
            let why = Words::new("无办结时限，按昼夜计", "no target; every hour is told");
            told.push(Stretch { from, to, counted: true, why });
            return;
        };
        match calendars.get(&terms.calendar) {
            Some(calendar) => told.extend(cut(calendar, &terms.limit, from, to)),
            None => {
                let why = Words::new(
                    format!("日历{}已不在现行规则中", terms.calendar),
                    format!("the calendar {} is no longer in the rules", terms.calendar),
                );
                told.push(Stretch { from, to, counted: false, why });
            }
        }
    }
}

fn cut(calendar: &Calendar, limit: &Limit, from: Timestamp, to: Timestamp) -> Vec<Stretch> {
    let segments = calendar.segments(limit, from, to).into_iter();
    segments
        .map(|one| Stretch { from: one.from, to: one.to, counted: one.counted, why: in_words(&one.why) })
        .collect()
}

fn in_words(why: &Why) -> Words {
    match why {
        Why::Working => Words::new("工作时间", "working hours"),
        Why::Makeup => Words::new("调休上班", "make-up workday"),
        Why::OffHours => Words::new("非工作时段", "outside working hours"),
        Why::Weekend => Words::new("周末休息", "weekend"),
        Why::Holiday { zh, en } => Words::new(zh.as_str(), en.as_str()),
        Why::Always => Words::new("昼夜连续计时", "runs day and night"),
    }
}
