//! What units are told beside their work. A notice has an end: one that waited through an outage is dropped.

use super::{case::Entry, work::Limit};
use huying_domain::{
    event::Event,
    ids::{CaseId, Seq, UnitId},
    record::Record,
    time::Timestamp,
    vocabulary::{Clock, Rung},
    words::Words,
};

/// How long a reminder 催办 or a word about a passed limit is of use, in seconds.
pub const REMINDER_HOLDS_S: i64 = 3_600;
/// How long news of an escalation 升级 is of use, in seconds; the assignment itself stays.
pub const ESCALATION_HOLDS_S: i64 = 3_600;
/// How long an alarm is of use, in seconds.
pub const ALARM_HOLDS_S: i64 = 900;

/// What kind of thing a unit is told. Supervision 督办 will join when there is a fact for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NoticeKind {
    /// 催办: somebody asks for speed, or a limit has passed.
    Reminder,
    /// 升级: a case climbed to or from this unit.
    Escalation,
    /// Nobody was there one rung below.
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
    /// After this instant nobody needs it.
    pub expires_at: Timestamp,
}

/// The notices that an event makes, seen before the case takes the event in; none for most.
pub(super) fn of(
    record: &Record,
    case: CaseId,
    entry: &Entry,
    event: &Event,
    beside: &[Event],
) -> Option<Vec<Notice>> {
    let about = |unit: &UnitId, kind, words: Words, holds_s: i64| Notice {
        unit: unit.clone(),
        kind,
        seq: record.seq,
        at: record.at,
        case,
        by: None,
        words,
        limit: None,
        expires_at: record.at.plus_seconds(holds_s),
    };
    match event {
        Event::Reminded(event) => {
            // The note is a person's own words: those who may read it find it in the case.
            let words = Words::new(format!("{case} 被催办"), format!("{case}: somebody asks for speed"));
            let reminded = entry.lead_and_helpers().map(|unit| Notice {
                by: Some(event.by.clone()),
                ..about(unit, NoticeKind::Reminder, words.clone(), REMINDER_HOLDS_S)
            });
            Some(reminded.collect())
        }
        Event::ClockBreached(event) if !beside.iter().any(|event| matches!(event, Event::Escalated(_))) => {
            let words = passed(case, event.clock);
            let limit = entry.limit(event.clock).map(|limit| Limit { due: event.due, ..limit });
            Some(vec![Notice {
                limit,
                ..about(&event.holder, NoticeKind::Reminder, words, REMINDER_HOLDS_S)
            }])
        }
        Event::Escalated(event) => {
            let up = climbed(case, &event.from, event.rung);
            let mut notices = vec![
                about(&event.to, NoticeKind::Escalation, up.clone(), ESCALATION_HOLDS_S),
                about(&event.from, NoticeKind::Escalation, up, ESCALATION_HOLDS_S),
            ];
            if !event.skipped.is_empty() {
                let words = nobody_there(case, &event.skipped);
                notices.push(about(&event.to, NoticeKind::Alarm, words, ALARM_HOLDS_S));
            }
            Some(notices)
        }
        _ => None,
    }
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
