//! The page of a case: everything that its records tell, nothing of the caller.

use super::Doors;
use huying_bus::message::answer::RefusalMessage;
use huying_domain::{
    case::Case,
    event::{Event, collect::Filing},
    ids::{CaseId, Seq, TellChannel, UnitId},
    record::{Hash, Record},
    refusal::Refusal,
    rules::Rules,
    time::Timestamp,
    words::Words,
};
use huying_escalation::explain::{explain, tale::Tale};
use huying_journal::disk::Disk;
use huying_projection::timeline::{Line, Timeline};
use std::sync::Arc;

/// A case told whole.
#[derive(Clone, Debug)]
pub struct CasePage {
    /// The case as its events left it.
    pub case: Case,
    /// What was written down, with what was put right since.
    pub filing: Filing,
    /// What happened, first to last.
    pub timeline: Vec<Line>,
    /// Events that found no room in it.
    pub left_out: u64,
    /// Its clocks, stretch by stretch.
    pub tales: Vec<Tale>,
    /// Whom a channel was asked to tell, and when it had.
    pub told: Vec<ToldBy>,
    /// Photographs and papers that came with the call or that results name.
    pub evidence: Vec<Evidence>,
    /// The last answer: what was done, and what follows.
    pub answer: Option<Words>,
    /// Whether anything of the caller is held.
    pub has_private: bool,
    /// The rules in force.
    pub rules: Arc<Rules>,
    /// The instant at which it stands so.
    pub now: Timestamp,
    /// The last record about it.
    pub seq: Seq,
}

/// A channel that was asked to tell the caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldBy {
    /// The channel.
    pub channel: TellChannel,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it had told.
    pub told_at: Option<Timestamp>,
    /// Its receipt.
    pub receipt: Option<String>,
}

/// A photograph or paper.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// The hash of its bytes.
    pub hash: Hash,
    /// When it was named.
    pub at: Timestamp,
    /// By whom.
    pub unit: UnitId,
}

impl<D: Disk> Doors<D> {
    /// Everything about a case.
    ///
    /// # Errors
    /// `unknown_case`; `busy` and `sealed_unreadable` where it cannot be read now.
    pub async fn page(&self, id: CaseId) -> Result<CasePage, RefusalMessage> {
        let now = self.now().await.map_err(|refusal| RefusalMessage::from(&refusal))?;
        let records = self.history(id).await?;
        let unknown = || RefusalMessage::from(&Refusal::UnknownCase(id));
        told(&records, id, self.rules(), now).ok_or_else(unknown)
    }
}

fn told(records: &[Record], id: CaseId, rules: Arc<Rules>, now: Timestamp) -> Option<CasePage> {
    let mut page = CasePage::empty(records, id, rules, now)?;
    let calendar = page.rules.calendars.get(&page.rules.policy.calendar);
    let zone = calendar.expect("checked when the rules were read").zone().clone();
    let mut timeline = Timeline::new(id, zone);
    for (at, record) in records.iter().enumerate() {
        timeline.follow(record);
        page.seq = record.seq;
        page.has_private |=
            record.sealed.is_some() && record.parts.first().and_then(|part| part.case()) == Some(id);
        let own = record.parts.iter().filter(|part| part.case() == Some(id)).flat_map(|part| &part.events);
        for (n, event) in own.enumerate() {
            if at > 0 || n > 0 {
                page.case.evolve(event, &record.actor, page.rules.centre(), record.at);
            }
            page.follow(event, record);
        }
    }
    page.timeline = timeline.lines;
    page.left_out = timeline.left_out;
    page.tales = explain(&page.rules, records, id, now);
    Some(page)
}

impl CasePage {
    fn empty(records: &[Record], id: CaseId, rules: Arc<Rules>, now: Timestamp) -> Option<Self> {
        let first = records.first()?;
        let event = first.parts.iter().find(|part| part.case() == Some(id))?.events.first()?;
        let filing = match event {
            Event::Registered(event) => event.filing.clone(),
            Event::Joined(event) => event.filing.clone(),
            _ => return None,
        };
        let brought = |hash: &Hash| Evidence { hash: *hash, at: first.at, unit: first.actor.unit.clone() };
        let evidence = filing.photos.iter().map(brought).collect();
        Some(Self {
            case: Case::born(id, event, first.at)?,
            filing,
            timeline: Vec::new(),
            left_out: 0,
            tales: Vec::new(),
            told: Vec::new(),
            evidence,
            answer: None,
            has_private: false,
            rules,
            now,
            seq: first.seq,
        })
    }

    fn follow(&mut self, event: &Event, record: &Record) {
        match event {
            Event::Corrected(event) => {
                self.filing.summary = event.summary.clone().unwrap_or_else(|| self.filing.summary.clone());
                self.filing.place = event.place.or(self.filing.place);
            }
            Event::Resolved(event) => {
                let named = |hash: &Hash| Evidence { hash: *hash, at: record.at, unit: event.unit.clone() };
                self.evidence.extend(event.evidence.iter().map(named));
            }
            Event::Answered(event) => {
                let follows = event.by_when.as_deref().unwrap_or_default();
                let text = [event.done.as_str(), follows].join(" ").trim().to_owned();
                self.answer = Some(Words::new(text.clone(), text));
            }
            Event::TellAsked(event) => self.told.push(ToldBy {
                channel: event.channel.clone(),
                asked_at: record.at,
                told_at: None,
                receipt: None,
            }),
            Event::Told(event) => {
                let asked = self.told.iter_mut().rev().find(|told| told.channel == event.channel);
                if let Some(asked) = asked {
                    asked.told_at = Some(record.at);
                    asked.receipt = Some(event.receipt.clone());
                }
            }
            _ => {}
        }
    }
}
