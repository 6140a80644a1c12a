//! Every case in a few words, open or at rest, folded from all records when somebody asks: when it was closed and by
//! whom, who handled it, whether personal data are held. Kept nowhere; a question reads the journal beside the loop.

use huying_domain::{
    event::Event,
    ids::{CaseId, ClassId, PersonId, Seq, UnitId},
    record::{Actor, Origin, Record},
    time::Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// One case.
#[derive(Clone, Debug)]
pub struct Surveyed {
    /// Its class as it is now.
    pub class: ClassId,
    /// When and by whom it was closed; none while it is open, a reopened case among them.
    pub closed: Option<ClosedFact>,
    /// The unit that resolved it last, else that had it last.
    pub handler: Option<UnitId>,
    /// Every unit that signed for it, resolved it, reported in or helped.
    pub handled: BTreeSet<UnitId>,
    /// Everyone who said that it was resolved.
    pub resolvers: BTreeSet<PersonId>,
    /// Whether anything of the caller was ever sealed.
    pub is_sealed: bool,
    /// Whether its key is destroyed.
    pub is_erased: bool,
}

/// How a case came to its end.
#[derive(Clone, Debug)]
pub struct ClosedFact {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// A person, or a program on a condition that was met.
    pub by: Origin,
}

/// All cases.
#[derive(Clone, Default, Debug)]
pub struct Survey {
    /// By number.
    pub cases: BTreeMap<CaseId, Surveyed>,
    /// The record up to which this holds.
    pub up_to: Seq,
}

impl Survey {
    /// Takes in one record.
    pub fn follow(&mut self, record: &Record) {
        self.up_to = record.seq;
        for part in &record.parts {
            let Some(id) = part.case() else { continue };
            for event in &part.events {
                match event {
                    Event::Registered(event) => self.begin(id, &event.filing.brief.class),
                    Event::Joined(event) => self.begin(id, &event.filing.brief.class),
                    _ => {
                        if let Some(case) = self.cases.get_mut(&id) {
                            case.follow(event, record);
                        }
                    }
                }
            }
        }
        if record.sealed.is_some()
            && let Some(id) = record.parts.first().and_then(|part| part.case())
            && let Some(case) = self.cases.get_mut(&id)
        {
            case.is_sealed = true;
        }
    }

    /// The cases that are closed now, by number.
    pub fn closed(&self) -> impl Iterator<Item = (CaseId, &Surveyed, &ClosedFact)> {
        self.cases.iter().filter_map(|(id, case)| Some((*id, case, case.closed.as_ref()?)))
    }

    fn begin(&mut self, id: CaseId, class: &ClassId) {
        let case = Surveyed {
            class: class.clone(),
            closed: None,
            handler: None,
            handled: BTreeSet::new(),
            resolvers: BTreeSet::new(),
            is_sealed: false,
            is_erased: false,
        };
        self.cases.insert(id, case);
    }
}

impl Surveyed {
    /// What else happens to a case changes nothing here.
    fn follow(&mut self, event: &Event, record: &Record) {
        match event {
            Event::Corrected(event) => {
                if let Some(class) = &event.class {
                    self.class = class.clone();
                }
            }
            Event::Assigned(event) => self.handler = Some(event.lead.clone()),
            Event::Escalated(event) => self.handler = Some(event.to.clone()),
            Event::Accepted(event) => drop(self.handled.insert(event.unit.clone())),
            Event::ReportedIn(event) => drop(self.handled.insert(event.unit.clone())),
            Event::HelpReported(event) => drop(self.handled.insert(event.unit.clone())),
            Event::Resolved(event) => {
                self.handler = Some(event.unit.clone());
                self.handled.insert(event.unit.clone());
                self.resolvers.extend(record.actor.person.clone());
            }
            Event::Closed(_) => {
                self.closed = Some(ClosedFact { at: record.at, actor: record.actor.clone(), by: record.by });
            }
            Event::Reopened(_) => self.closed = None,
            Event::Erased(_) => self.is_erased = true,
            _ => {}
        }
    }
}
