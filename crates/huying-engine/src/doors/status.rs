//! Where a case stands, for whoever brought it in: stage, holder, clocks in the three words, and what happened. No
//! person and nothing of the caller is in it.

use super::Doors;
use huying_bus::message::answer::RefusalMessage;
use huying_domain::{
    case::{Case, Running},
    event::Event,
    ids::{CaseId, Seq, SourceId, UnitId, Version},
    record::Record,
    refusal::Refusal,
    rules::Rules,
    time::Timestamp,
    vocabulary::{CaseKind, Clock, Phase, Stage},
    words::Words,
};
use huying_journal::disk::Disk;
use huying_projection::{timeline::Timeline, word::Word};
use serde::Serialize;

/// Whose cases may be seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sees<'s> {
    /// Those that this source brought.
    Own(&'s SourceId),
    /// All.
    All,
}

/// How a case stands at an instant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CaseStatus {
    /// The case.
    pub case: CaseId,
    /// Its version.
    pub version: Version,
    /// When it was registered.
    pub filed_at: Timestamp,
    /// What the caller wants.
    pub kind: CaseKind,
    /// The outer phase.
    pub phase: Phase,
    /// The stage.
    pub stage: Stage,
    /// The stage for people.
    pub stage_words: Words,
    /// Who has it.
    pub holder: UnitId,
    /// Who has it, for people.
    pub holder_words: Words,
    /// The case that it follows 并单.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<CaseId>,
    /// The worst of its clocks; absent when none runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word: Option<Word>,
    /// The clocks that run or stand still.
    pub clocks: Vec<ClockStatus>,
    /// What happened, first to last.
    pub timeline: Vec<Told>,
    /// Events that found no room in the timeline.
    pub left_out: u64,
    /// The instant at which it stands so.
    pub now: Timestamp,
}

/// How a clock stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ClockStatus {
    /// Which clock.
    pub clock: Clock,
    /// The clock for people.
    pub clock_words: Words,
    /// When it is due; as it was before, while it stands still.
    pub due: Timestamp,
    /// Whether it stands still.
    pub paused: bool,
    /// 正常, 临期 or 超期.
    pub word: Word,
    /// The word for people.
    pub words: Words,
}

/// One event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Told {
    /// The record in which it stands.
    pub seq: Seq,
    /// When it was decided.
    pub at: Timestamp,
    /// The unit that asked for it.
    pub unit: UnitId,
    /// Name and version of the event.
    pub event: &'static str,
    /// What happened.
    pub words: Words,
}

impl<D: Disk> Doors<D> {
    /// Where a case stands. A case of another source is unknown to who may see their own alone.
    pub async fn case_status(&self, case: CaseId, sees: Sees<'_>) -> Result<CaseStatus, RefusalMessage> {
        let now = self.now().await.map_err(|refusal| RefusalMessage::from(&refusal))?;
        let records = self.history(case).await?;
        let unknown = || RefusalMessage::from(&Refusal::UnknownCase(case));
        let theirs = match sees {
            Sees::All => true,
            Sees::Own(source) => source_of(&records, case) == Some(source),
        };
        let rules = self.desk().rules().clone();
        theirs.then(|| status(&records, case, &rules, now)).flatten().ok_or_else(unknown)
    }

    /// Whether the loop turns: it answers within the time that the caller is willing to wait.
    pub async fn turns(&self) -> bool {
        self.look(|_| ()).await.is_ok()
    }

    /// What Prometheus may ask of the engine.
    pub async fn metrics(&self) -> Option<String> {
        let metrics = self.look(|engine| engine.metrics()).await.ok()?;
        Some(metrics.text())
    }
}

fn events(records: &[Record], case: CaseId) -> impl Iterator<Item = (&Record, &Event)> {
    let own = move |record: &'_ Record| -> Vec<usize> {
        (0..record.parts.len()).filter(|part| record.parts[*part].case() == Some(case)).collect()
    };
    records.iter().flat_map(move |record| {
        own(record)
            .into_iter()
            .flat_map(move |part| record.parts[part].events.iter().map(move |event| (record, event)))
    })
}

fn source_of(records: &[Record], case: CaseId) -> Option<&SourceId> {
    match events(records, case).next()?.1 {
        Event::Registered(event) => Some(&event.filing.source),
        Event::Joined(event) => Some(&event.filing.source),
        _ => None,
    }
}

fn status(records: &[Record], id: CaseId, rules: &Rules, now: Timestamp) -> Option<CaseStatus> {
    let mut case: Option<Case> = None;
    for (record, event) in events(records, id) {
        match &mut case {
            None => case = Case::born(id, event, record.at),
            Some(case) => case.evolve(event, &record.actor, rules.centre(), record.at),
        }
    }
    let case = case?;
    let calendar = rules.calendars.get(&rules.policy.calendar).expect("checked when the rules were read");
    let mut timeline = Timeline::new(id, calendar.zone().clone());
    records.iter().for_each(|record| timeline.follow(record));
    let told = |line: huying_projection::timeline::Line| Told {
        seq: line.seq,
        at: line.at,
        unit: line.actor.unit,
        event: line.event,
        words: line.words,
    };
    let clocks: Vec<_> = case.clocks.iter().map(|running| clock_status(running, now)).collect();
    let holder_words = rules
        .unit(&case.holder)
        .map_or_else(|| Words::new(case.holder.as_str(), case.holder.as_str()), |unit| unit.name.clone());
    Some(CaseStatus {
        case: id,
        version: case.version,
        filed_at: case.filed_at,
        kind: case.kind,
        phase: case.stage.phase(),
        stage: case.stage,
        stage_words: Words::new(case.stage.zh(), case.stage.name()),
        holder: case.holder,
        holder_words,
        lead: case.lead,
        word: clocks.iter().map(|clock| clock.word).max(),
        clocks,
        timeline: timeline.lines.into_iter().map(told).collect(),
        left_out: timeline.left_out,
        now,
    })
}

fn clock_status(running: &Running, now: Timestamp) -> ClockStatus {
    let at = running.paused_at.map_or(now, |paused| paused.min(now));
    let word = if running.breached { Word::Breached } else { Word::of(running.from, running.due, at) };
    let english = match word {
        Word::Within => "within",
        Word::Approaching => "approaching",
        Word::Unknown => "unknown",
        Word::Breached => "breached",
    };
    ClockStatus {
        clock: running.clock,
        clock_words: Words::new(running.clock.zh(), running.clock.name()),
        due: running.due,
        paused: running.paused_at.is_some(),
        word,
        words: Words::new(word.zh(), english),
    }
}
