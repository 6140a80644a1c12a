//! What the city shows of its cases to everybody: what it is about, where, since when, how far it is and by when it is
//! to be solved. Nothing of the caller is here, and no word that a person has written.
//!
//! An entry takes some 150 bytes. Cases that came to rest more than [`KEEP_DAYS`] ago are let go; one that is asked for
//! by its number is folded anew from its records.

pub mod standing;

use self::standing::Standing;
use crate::ledger::KEEP_DAYS;
use huying_domain::{
    area::{AreaCode, Point},
    event::{Event, clocks::ClockChange, collect::Filing},
    ids::{CaseId, ClassId, ConditionId, SourceId, UnitId},
    pages::Pages,
    record::Record,
    time::Timestamp,
    vocabulary::{CaseKind, Channel, Clock, Tag},
};

const DAY_S: i64 = 86_400;

/// A case as everybody may see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Its number.
    pub case: CaseId,
    /// When it was registered.
    pub filed_at: Timestamp,
    /// When something changed last that everybody may know; for a closed case, when it was closed.
    pub updated_at: Timestamp,
    /// Class of the matter.
    pub class: ClassId,
    /// Filing condition.
    pub condition: Option<ConditionId>,
    /// Where it lies.
    pub area: AreaCode,
    /// Where exactly, in WGS-84.
    pub place: Option<Point>,
    /// Who has it.
    pub holder: UnitId,
    /// Who brought it.
    pub source: SourceId,
    /// How far it is.
    pub standing: Standing,
    /// Why it is not handled, where it is not: that stays the reason when it is answered and closed.
    pub unhandled: Option<Standing>,
    /// Since when it is closed.
    pub closed_at: Option<Timestamp>,
    /// When its resolve clock is due, or was.
    due: Option<Timestamp>,
    /// The case that it follows.
    pub lead: Option<CaseId>,
    /// The dispatcher, who has it again when nobody else does.
    dispatcher: UnitId,
    /// It is nobody's business: confidential, sensitive, about a unit, a report of wrongdoing, an alarm or a drill.
    hidden: bool,
}

/// All that are kept.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Requests {
    cases: Pages<Request>,
    /// When the rules changed last.
    rules_at: Option<Timestamp>,
    /// Up to which day, counted from 1970 in UTC, old cases have been let go.
    swept_day: i64,
}

impl Requests {
    /// Takes in one record.
    pub fn follow(&mut self, record: &Record) {
        for part in &record.parts {
            for event in &part.events {
                match (part.case(), event) {
                    (_, Event::RulesPublished(_)) => self.rules_at = Some(record.at),
                    (Some(case), Event::Registered(event)) => {
                        self.begin(case, &event.filing, &event.dispatcher, None, record.at);
                    }
                    (Some(case), Event::Joined(event)) => {
                        self.begin(case, &event.filing, &event.dispatcher, Some(event.lead), record.at);
                    }
                    (Some(case), event) => {
                        if let Some(request) = self.cases.get_mut(case) {
                            request.fold(event, record.at);
                        }
                    }
                    (None, _) => {}
                }
            }
        }
        self.sweep(record.at);
    }

    /// A case that everybody may see, if it is kept.
    pub fn shown(&self, case: CaseId) -> Option<&Request> {
        self.cases.get(case).filter(|request| request.is_shown())
    }

    /// Whether a case is kept, shown or not.
    pub fn holds(&self, case: CaseId) -> bool {
        self.cases.contains(case)
    }

    /// Whether a case is open, shown or not.
    pub fn is_open(&self, case: CaseId) -> bool {
        self.cases.get(case).is_some_and(|request| request.closed_at.is_none())
    }

    /// Every case that everybody may see, the newest first. Numbers grow with the instant of filing.
    pub fn newest(&self) -> impl Iterator<Item = &Request> {
        self.cases.values().rev().filter(|request| request.is_shown())
    }

    /// When the rules changed last.
    pub const fn rules_at(&self) -> Option<Timestamp> {
        self.rules_at
    }

    fn begin(
        &mut self,
        case: CaseId,
        filing: &Filing,
        dispatcher: &UnitId,
        lead: Option<CaseId>,
        at: Timestamp,
    ) {
        let brief = &filing.brief;
        let request = Request {
            case,
            filed_at: at,
            updated_at: at,
            class: brief.class.clone(),
            condition: brief.condition.clone(),
            area: brief.area,
            place: filing.place,
            holder: dispatcher.clone(),
            source: filing.source.clone(),
            standing: lead.map_or(Standing::Received, Standing::Joined),
            unhandled: None,
            closed_at: None,
            due: None,
            lead,
            dispatcher: dispatcher.clone(),
            hidden: !filing.tags.is_empty()
                || brief.accused.is_some()
                || filing.kind == CaseKind::Accusation
                || filing.channel == Channel::Device,
        };
        self.cases.insert(case, request);
    }

    /// Lets old cases go, once a day.
    fn sweep(&mut self, now: Timestamp) {
        let day = now.seconds() / DAY_S;
        if day > self.swept_day {
            self.swept_day = day;
            let oldest = now.plus_seconds(-KEEP_DAYS * DAY_S);
            self.cases.retain(|_, request| request.closed_at.is_none_or(|since| since >= oldest));
        }
    }
}

impl Request {
    /// Whether everybody may see it.
    pub const fn is_shown(&self) -> bool {
        !self.hidden
    }

    /// By when it is to be solved, or was; none while nobody has said, while it rests, and while another case is
    /// answered for it.
    pub const fn expected(&self) -> Option<Timestamp> {
        match self.standing {
            Standing::Suspended(..) | Standing::Joined(_) => None,
            _ => self.due,
        }
    }

    fn fold(&mut self, event: &Event, at: Timestamp) {
        if let Some(standing) = Standing::after(event) {
            self.standing = standing;
            self.updated_at = at;
            if standing.is_unhandled() {
                self.unhandled = Some(standing);
            }
        }
        match event {
            Event::Corrected(event) => {
                if let Some(class) = &event.class {
                    self.class = class.clone();
                    self.condition = None;
                }
                self.condition = event.condition.clone().or(self.condition.take());
                self.place = event.place.or(self.place);
                self.hidden |= event.kind == Some(CaseKind::Accusation);
                self.updated_at = at;
            }
            // Every mark there is narrows who sees a case.
            Event::Tagged(event) => {
                self.hidden |= event.tags.iter().any(|tag| match tag {
                    Tag::Confidential | Tag::Sensitive | Tag::Drill => true,
                });
            }
            Event::Rehomed(event) => {
                self.area = event.to;
                self.updated_at = at;
            }
            Event::Assigned(event) => self.holder = event.lead.clone(),
            Event::Escalated(event) => self.holder = event.to.clone(),
            Event::Ruled(event) => self.holder = event.holder.clone(),
            Event::Returned(event) => self.holder = event.receiver.clone(),
            Event::Merged(event) => {
                self.lead = Some(event.into);
                self.holder = event.dispatcher.clone();
            }
            Event::Unmerged(event) => {
                self.lead = None;
                self.holder = event.holder.clone();
            }
            Event::Resolved(_)
            | Event::Refused(_)
            | Event::Referred(_)
            | Event::Cancelled(_)
            | Event::Terminated(_) => {
                self.holder = self.dispatcher.clone();
            }
            Event::Reopened(event) => {
                (self.closed_at, self.lead, self.unhandled) = (None, None, None);
                self.dispatcher = event.dispatcher.clone();
                self.holder = event.dispatcher.clone();
                self.class = event.brief.class.clone();
                self.condition = event.brief.condition.clone();
                self.area = event.brief.area;
                self.due = None;
            }
            Event::Closed(_) => self.closed_at = Some(at),
            Event::Clocked(event) => event.changes.iter().for_each(|change| self.tick(change, at)),
            // What else happens is told by the standing, or is nobody's business.
            _ => {}
        }
    }

    fn tick(&mut self, change: &ClockChange, at: Timestamp) {
        if change.clock() != Clock::Resolve {
            return;
        }
        match change {
            ClockChange::Started { due, .. }
            | ClockChange::Resumed { due, .. }
            | ClockChange::Moved { due, .. } => {
                if self.due.replace(*due) != Some(*due) {
                    self.updated_at = at;
                }
            }
            // What was promised stays so; while it rests the standing says that.
            ClockChange::Paused { .. } | ClockChange::Stopped { .. } | ClockChange::Planned { .. } => {}
        }
    }
}
