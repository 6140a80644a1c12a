//! What units are told beside their work. A notice has an end, and is looked at again before it is sent: one that
//! waited through an outage, or whose cause has gone, is dropped.

use super::{case::Entry, work::Limit};
use huying_domain::{
    case::Case,
    event::{
        Event,
        clocks::{Addressed, ClockBreached, ClockChange, Noticed},
        dispatch::{Alarmed, Escalated},
    },
    ids::{CaseId, Seq, UnitId},
    record::Record,
    time::Timestamp,
    vocabulary::{Clock, Rung, Stage},
    words::Words,
};

/// How long a reminder 催办 or a word about a passed limit is of use, in seconds.
pub const REMINDER_HOLDS_S: i64 = 3_600;
/// How long news of a supervision 督办 or an instruction 批示 is of use, in seconds; both stand in the case.
pub const SUPERVISION_HOLDS_S: i64 = 4 * 3_600;
/// How long news of an escalation 升级 is of use, in seconds; the assignment itself stays.
pub const ESCALATION_HOLDS_S: i64 = 3_600;
/// How long "nobody is there" is of use, in seconds.
pub const ALARM_HOLDS_S: i64 = 900;

/// What kind of thing a unit is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NoticeKind {
    /// 催办: somebody asks for speed, or a limit draws near or has passed.
    Reminder,
    /// 督办, 批示: somebody above watches this case.
    Supervision,
    /// 升级: a case climbed to or from this unit.
    Escalation,
    /// A one-key alarm rings, or nobody was there one rung below.
    Alarm,
}

/// Something that a unit must know. It never names the caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Who is told.
    pub unit: UnitId,
    /// What kind.
    pub kind: NoticeKind,
    /// The record that caused it.
    pub seq: Seq,
    /// When that was decided.
    pub at: Timestamp,
    /// The case.
    pub case: CaseId,
    /// Who says so; absent when a clock does.
    pub by: Option<UnitId>,
    /// What is said.
    pub words: Words,
    /// The limit that it is about.
    pub limit: Option<Limit>,
    /// What has to be so still when it is sent.
    pub cause: Cause,
    /// It is a matter of life: no quiet hours, and it rings where it was sent.
    pub urgent: bool,
    /// It is for waking hours: in the quiet ones nobody is told, and what it is about stands in the work and on the
    /// board. What was planned for an instant has been kept out of them already.
    pub lets_sleep: bool,
    /// After this instant nobody needs it.
    pub expires_at: Timestamp,
}

/// What a notice is about, and so when it is void.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cause {
    /// The case is open.
    Open,
    /// The clock runs, to this instant.
    Runs(Clock, Timestamp),
    /// This unit has it in hand.
    Holds(UnitId),
    /// The alarm rings and nobody has answered.
    Rings,
    /// The case is closed and somebody is to look at it again.
    Looks,
}

impl Notice {
    /// Whether there is still a reason for it, as the case stands now.
    pub fn stands(&self, case: Option<&Case>) -> bool {
        let Some(case) = case else { return false };
        match &self.cause {
            Cause::Open => case.stage.is_open(),
            Cause::Runs(clock, due) => {
                case.running(*clock).is_some_and(|running| running.paused_at.is_none() && running.due == *due)
            }
            Cause::Holds(unit) => {
                case.holder == *unit && matches!(case.stage, Stage::Assigned | Stage::Handling)
            }
            Cause::Rings => case.rings(),
            Cause::Looks => case.look_asked > 0,
        }
    }
}

/// The notices that an event makes, seen before the case takes the event in; none for most.
pub(super) fn of(
    record: &Record,
    case: CaseId,
    entry: &Entry,
    event: &Event,
    beside: &[Event],
) -> Option<Vec<Notice>> {
    let teller = Teller { record, case };
    match event {
        Event::Reminded(event) => {
            // The note is a person's own words: those who may read it find it in the case.
            let words = Words::new(format!("{case} 被催办"), format!("{case}: somebody asks for speed"));
            let reminded = entry.lead_and_helpers().map(|unit| Notice {
                by: Some(event.by.clone()),
                ..teller.about(unit, NoticeKind::Reminder, words.clone(), REMINDER_HOLDS_S)
            });
            Some(reminded.collect())
        }
        Event::ClockBreached(event) if climbs_or_rings(event, beside) => None,
        Event::ClockBreached(event) => {
            let limit = entry.limit(event.clock);
            let words = passed(case, event.clock);
            Some(vec![Notice {
                limit,
                cause: Cause::Runs(event.clock, limit.map_or(event.due, |limit| limit.due)),
                ..teller.about(&event.holder, NoticeKind::Reminder, words, REMINDER_HOLDS_S)
            }])
        }
        Event::Noticed(event) => {
            Some(event.to.iter().map(|to| teller.noticed(event, to, entry.limit(event.clock))).collect())
        }
        Event::Escalated(event) => Some(teller.escalated(event)),
        Event::Alarmed(event) => Some(teller.alarmed(event, beside)),
        event => governed(&teller, entry, event),
    }
}

/// What is asked of the level above and what comes of it, and what those who watch say.
fn governed(teller: &Teller<'_>, entry: &Entry, event: &Event) -> Option<Vec<Notice>> {
    let case = teller.case;
    match event {
        Event::Supervised(event) => {
            let words = Words::new(
                format!("{case} 被{}（{}）", event.degree.zh(), event.ground.zh()),
                format!("{case} is supervised: {}, {}", event.degree, event.ground),
            );
            Some(vec![Notice {
                by: Some(event.by.clone()),
                ..teller.about(&event.unit, NoticeKind::Supervision, words, SUPERVISION_HOLDS_S)
            }])
        }
        Event::Instructed(event) => {
            let words = Words::new(format!("{case} 有批示"), format!("{case}: a leader has instructed"));
            let told = entry.lead_and_helpers().map(|unit| Notice {
                by: Some(event.by.clone()),
                ..teller.about(unit, NoticeKind::Supervision, words.clone(), SUPERVISION_HOLDS_S)
            });
            Some(told.collect())
        }
        Event::Requested(event) => {
            let words = Words::new(
                format!("{case}：{} 申请{}", event.unit, event.request.kind().zh()),
                format!("{case}: {} asks for {}", event.unit, event.request.kind()),
            );
            let desk = entry.desk.iter();
            Some(
                desk.map(|desk| teller.about(desk, NoticeKind::Reminder, words.clone(), REMINDER_HOLDS_S))
                    .collect(),
            )
        }
        Event::Denied(event) => {
            let kind = event.kind;
            let words =
                Words::new(format!("{case} 的{}申请未获同意", kind.zh()), format!("{case}: no {kind}"));
            let lead = entry.lead.iter();
            Some(
                lead.map(|unit| teller.about(unit, NoticeKind::Reminder, words.clone(), REMINDER_HOLDS_S))
                    .collect(),
            )
        }
        Event::Extended(event) => Some(vec![teller.granted(&event.unit, "延期", "an extension")]),
        Event::Suspended(event) => Some(vec![teller.granted(&event.unit, "挂账", "a suspension")]),
        Event::LookAsked(_) => {
            let words =
                Words::new(format!("{case} 该回头看了"), format!("{case}: the day to look again has come"));
            let desk = entry.desk.iter();
            let told = desk.map(|desk| Notice {
                cause: Cause::Looks,
                ..teller.about(desk, NoticeKind::Reminder, words.clone(), REMINDER_HOLDS_S)
            });
            Some(told.collect())
        }
        _ => None,
    }
}

/// What says itself by what follows in the same record.
fn climbs_or_rings(event: &ClockBreached, beside: &[Event]) -> bool {
    event.clock == Clock::Ring || beside.iter().any(|event| matches!(event, Event::Escalated(_)))
}

struct Teller<'a> {
    record: &'a Record,
    case: CaseId,
}

impl Teller<'_> {
    fn about(&self, unit: &UnitId, kind: NoticeKind, words: Words, holds_s: i64) -> Notice {
        Notice {
            unit: unit.clone(),
            kind,
            seq: self.record.seq,
            at: self.record.at,
            case: self.case,
            by: None,
            words,
            limit: None,
            cause: Cause::Open,
            urgent: false,
            lets_sleep: kind != NoticeKind::Alarm,
            expires_at: self.record.at.plus_seconds(holds_s),
        }
    }

    /// Whoever asked hears that it was granted.
    fn granted(&self, unit: &UnitId, zh: &str, en: &str) -> Notice {
        let case = self.case;
        let words = Words::new(format!("{case} 的{zh}申请已同意"), format!("{case}: {en} was granted"));
        self.about(unit, NoticeKind::Reminder, words, REMINDER_HOLDS_S)
    }

    fn noticed(&self, event: &Noticed, to: &Addressed, limit: Option<Limit>) -> Notice {
        let (case, clock) = (self.case, event.clock);
        let mut words = Words::new(
            format!("{case} {}时限{}", clock.zh(), event.phase.zh()),
            format!("{case}: {} the limit of {clock}", event.phase),
        );
        if let Some(meant) = &to.instead_of {
            words = Words::new(
                format!("{}（{meant} 无人在岗，代为转告）", words.zh),
                format!("{} (told you because nobody is there at {meant})", words.en),
            );
        }
        Notice {
            limit: limit.map(|limit| Limit { due: event.due, ..limit }),
            cause: Cause::Runs(clock, event.due),
            lets_sleep: false,
            expires_at: event.until,
            ..self.about(&to.unit, NoticeKind::Reminder, words, 0)
        }
    }

    fn escalated(&self, event: &Escalated) -> Vec<Notice> {
        let up = climbed(self.case, &event.from, event.rung);
        let holds = Cause::Holds(event.to.clone());
        let told = |unit: &UnitId| Notice {
            cause: holds.clone(),
            ..self.about(unit, NoticeKind::Escalation, up.clone(), ESCALATION_HOLDS_S)
        };
        let mut notices = vec![told(&event.to), told(&event.from)];
        if !event.skipped.is_empty() {
            let words = nobody_there(self.case, &event.skipped);
            notices.push(self.about(&event.to, NoticeKind::Alarm, words, ALARM_HOLDS_S));
        }
        notices
    }

    /// All of the ring at once; whoever would have been rung and is not there, is named.
    fn alarmed(&self, event: &Alarmed, beside: &[Event]) -> Vec<Notice> {
        let ring = |change: &ClockChange| match change {
            ClockChange::Started { clock: Clock::Ring, due, .. } => Some(*due),
            _ => None,
        };
        let due = beside.iter().find_map(|event| match event {
            Event::Clocked(event) => event.changes.iter().find_map(ring),
            _ => None,
        });
        let words = rings(event);
        let words = Words::new(format!("{} {}", self.case, words.zh), format!("{}: {}", self.case, words.en));
        let rung = event.units.iter().map(|unit| Notice {
            limit: due.map(|due| Limit { clock: Clock::Ring, due, provisional: false }),
            cause: Cause::Rings,
            urgent: true,
            expires_at: due.unwrap_or(self.record.at.plus_seconds(ALARM_HOLDS_S)),
            ..self.about(unit, NoticeKind::Alarm, words.clone(), ALARM_HOLDS_S)
        });
        rung.collect()
    }
}

/// What whoever is rung reads first.
pub(super) fn rings(event: &Alarmed) -> Words {
    let mut words = match (event.drill, event.line) {
        (true, _) => Words::new(
            format!("【演练】一键呼叫第{}轮，请签收应答", event.ring),
            format!("DRILL: one-key alarm, ring {}; accept it to answer", event.ring),
        ),
        (false, Some(line)) => Words::new(
            format!("一键呼叫无人应答，移交{}，请凭回执接收", line.zh()),
            format!("one-key alarm that nobody answered, for {line}: refer it with your receipt"),
        ),
        (false, None) => Words::new(
            format!("一键呼叫第{}轮，率先签收者出动", event.ring),
            format!("one-key alarm, ring {}; the first to accept it goes", event.ring),
        ),
    };
    if !event.skipped.is_empty() {
        let names: Vec<&str> = event.skipped.iter().map(UnitId::as_str).collect();
        words.zh.push_str(&format!("；{}无人在岗", names.join("、")));
        words.en.push_str(&format!("; nobody is there at {}", names.join(", ")));
    }
    words
}

fn passed(case: CaseId, clock: Clock) -> Words {
    Words::new(format!("{case} {}时限已过", clock.zh()), format!("{case}: the limit of {clock} has passed"))
}

fn climbed(case: CaseId, from: &UnitId, rung: Rung) -> Words {
    Words::new(
        format!("{case} 由{from}升级到{}", rung.zh()),
        format!("{case} climbs from {from} to the {rung}"),
    )
}

fn nobody_there(case: CaseId, skipped: &[UnitId]) -> Words {
    let names: Vec<&str> = skipped.iter().map(UnitId::as_str).collect();
    Words::new(
        format!("{case}：{}无人在岗", names.join("、")),
        format!("{case}: nobody is there at {}", names.join(", ")),
    )
}
