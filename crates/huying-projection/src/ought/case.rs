//! One case: who has it, and what each unit was last told of it.

use super::notice;
use super::work::{Face, Item, Limit, Work, WorkPart};
use huying_domain::{
    event::{Event, clocks::ClockChange, dispatch::Alarmed, errand::Called},
    few::Few,
    ids::{CaseId, UnitId, Version},
    record::Record,
    summary::Summary,
    time::Timestamp,
    vocabulary::{CaseKind, Clock, Rung, governed::ErrandKind},
    words::Words,
};
use std::{collections::BTreeSet, sync::Arc};

/// Reasons that are kept to be shared.
const REASONS_MAX: usize = 16_384;

/// The clocks that run for whoever holds a case; the others are the desk's.
const HOLDERS: [Clock; 5] = [Clock::Accept, Clock::Contact, Clock::Arrive, Clock::Resolve, Clock::Hold];

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub(super) face: Face,
    /// Of a case that is known in part: what changed its face since.
    put_right: Few<Event>,
    /// How often the face changed.
    faces: u32,
    leg: u8,
    rung: Rung,
    /// The unit that has it; none while it lies with the desk.
    pub(super) lead: Option<UnitId>,
    /// The unit to which a failed check gives it back.
    handler: Option<UnitId>,
    co_handlers: Few<UnitId>,
    /// Units with a limit of their own: called by a whistle, or helping.
    errands: Few<(ErrandKind, Called)>,
    told: Few<UnitId>,
    reason: Arc<Words>,
    pub(super) accepted: bool,
    /// Who is rung by an alarm that nobody has answered.
    ringing: Few<UnitId>,
    /// Who has it while it rings.
    pub(super) desk: Option<UnitId>,
    clocks: Vec<Ticking>,
    /// Who had it before it was merged, and whether they had signed for it.
    merged: Option<(Option<UnitId>, bool)>,
    pub(super) closed: bool,
    pub(super) items: Vec<(UnitId, Item)>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Ticking {
    due: Timestamp,
    clock: Clock,
    provisional: bool,
    paused: bool,
}

impl Ticking {
    const fn limit(&self) -> Limit {
        Limit { clock: self.clock, due: self.due, provisional: self.provisional }
    }
}

impl Entry {
    /// The entry that a first event makes; of a reopened case that is not in memory, as far as it tells.
    pub(super) fn born(events: &[Event]) -> Option<Self> {
        let face = events.iter().find_map(|event| match event {
            Event::Registered(event) => Some(Face::filed(&event.filing)),
            Event::Joined(event) => Some(Face::filed(&event.filing)),
            Event::Reopened(event) => Some(Face {
                kind: CaseKind::Help,
                class: event.brief.class.clone(),
                condition: event.brief.condition.clone(),
                summary: Summary::default(),
                area: event.brief.area,
                point: None,
                tags: Few::new(),
                partial: true,
            }),
            _ => None,
        })?;
        Some(Self {
            face,
            put_right: Few::new(),
            faces: 0,
            leg: 1,
            rung: Rung::Centre,
            lead: None,
            handler: None,
            co_handlers: Few::new(),
            errands: Few::new(),
            told: Few::new(),
            reason: Arc::new(Words::default()),
            accepted: false,
            ringing: Few::new(),
            desk: events.iter().find_map(|event| match event {
                Event::Registered(event) => Some(event.dispatcher.clone()),
                _ => None,
            }),
            clocks: Vec::new(),
            merged: None,
            closed: false,
            items: Vec::new(),
        })
    }

    pub(super) fn item(&self, unit: &UnitId) -> Option<&Item> {
        self.items.iter().find(|(of, _)| of == unit).map(|(_, item)| item)
    }

    pub(super) fn item_mut(&mut self, unit: &UnitId) -> Option<&mut Item> {
        self.items.iter_mut().find(|(of, _)| of == unit).map(|(_, item)| item)
    }

    /// Who holds it, and who helps.
    pub(super) fn lead_and_helpers(&self) -> impl Iterator<Item = &UnitId> {
        self.lead.iter().chain(self.lead.iter().flat_map(|_| &self.co_handlers))
    }

    /// The limit of a clock that has not ended.
    pub(super) fn limit(&self, clock: Clock) -> Option<Limit> {
        self.clocks.iter().find(|ticking| ticking.clock == clock).map(Ticking::limit)
    }

    pub(super) fn work(&self, case: CaseId, unit: &UnitId, item: &Item) -> Work {
        let withdrawn = item.part == WorkPart::Withdrawn;
        let mut face = self.face.clone();
        if withdrawn {
            // Who has it no longer is not told again what it is about.
            face = Face { summary: Summary::default(), point: None, partial: false, ..face };
        }
        Work {
            unit: unit.clone(),
            case,
            seq: item.seq,
            at: item.at,
            version: item.version,
            part: item.part,
            face,
            rung: item.rung,
            reason: Arc::clone(&item.reason),
            limits: item.limits.to_vec(),
            lead: item.lead.clone(),
            co_handlers: item.co_handlers.to_vec(),
            leg: item.leg,
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each event, so that a new one stops the build here"
    )]
    pub(super) fn fold(&mut self, event: &Event) {
        if self.face.fold(event) {
            self.faces += 1;
            if self.face.partial {
                self.put_right.push(event.clone());
            }
        }
        match event {
            Event::Assigned(event) => {
                self.give(&event.lead, event.rung, event.reason.clone());
                self.co_handlers = (&event.co_handlers).into();
                self.errands.retain(|(kind, _)| *kind != ErrandKind::Help);
                self.told = (&event.told).into();
                self.leg = event.leg;
            }
            Event::Escalated(event) => self.give(&event.to, event.rung, event.reason.clone()),
            Event::Ruled(event) => self.lead = Some(event.holder.clone()),
            Event::Accepted(_) => self.accepted = true,
            Event::Alarmed(event) => self.ring(event),
            Event::Returned(_) => self.take("已退回", "given back"),
            Event::Resolved(event) => {
                self.handler = Some(event.unit.clone());
                self.take("已办结，待核查", "resolved, to be checked");
            }
            Event::Checked(event) if event.passed => self.take("核查通过", "checked and found well"),
            Event::Checked(event) if event.brief.is_some() => {
                self.handler = None;
                self.take("核查未通过，重新派遣", "did not stand the check, dispatched anew");
            }
            Event::Checked(_) => {
                self.lead.clone_from(&self.handler);
                self.accepted = true;
                let (zh, en) =
                    ("核查未通过，退回继续处置", "did not stand the check: to be worked on further");
                self.reason = Arc::new(Words::new(zh, en));
            }
            Event::Merged(event) => {
                self.merged = Some((self.lead.clone(), self.accepted));
                let (zh, en) = (format!("已并入 {}", event.into), format!("merged into {}", event.into));
                self.take(&zh, &en);
            }
            Event::Unmerged(event) => {
                let (lead, accepted) = self.merged.take().unwrap_or_default();
                self.lead = lead;
                self.accepted = accepted;
                let (zh, en) = (
                    format!("从 {} 拆出", event.from),
                    format!("goes its own way again, from {}", event.from),
                );
                self.reason = Arc::new(Words::new(zh, en));
            }
            Event::Refused(_) => self.take("不予受理", "not taken on"),
            Event::Referred(_) => self.take("已转紧急热线", "handed to an emergency line"),
            Event::Cancelled(_) => self.take("已撤销", "cancelled"),
            Event::Terminated(_) => self.take("已终止办理", "given up"),
            Event::HelpCalled(event) => {
                event.helpers.iter().for_each(|called| self.helps(&called.unit));
                self.call(ErrandKind::Help, &event.helpers);
            }
            Event::Whistled(event) => self.call(ErrandKind::ReportIn, &event.called),
            Event::Resumed(event) => self.call(ErrandKind::Help, &event.helpers),
            Event::ReportedIn(event) => {
                self.served(event.number);
                self.helps(&event.unit);
            }
            Event::HelpReported(event) if event.finished => self.served(event.number),
            Event::Reopened(event) => {
                self.take("已返工，重新派遣", "reopened, dispatched anew");
                self.leg = event.leg;
                self.rung = Rung::Centre;
                self.clocks.clear();
                self.closed = false;
            }
            Event::Closed(_) => {
                self.take("已结案", "closed");
                self.clocks.clear();
                self.closed = true;
            }
            Event::Clocked(event) => event.changes.iter().for_each(|change| self.clock(change)),
            Event::Registered(_)
            | Event::Joined(_)
            | Event::MemberAdded(_)
            | Event::Corrected(_)
            | Event::Tagged(_)
            | Event::Rehomed(_)
            | Event::Delegated(_)
            | Event::Contacted(_)
            | Event::Arrived(_)
            | Event::Progressed(_)
            | Event::ClockBreached(_)
            | Event::Exempted(_)
            | Event::TopAsked(_)
            | Event::Noticed(_)
            | Event::Reminded(_)
            | Event::Requested(_)
            | Event::Denied(_)
            | Event::Extended(_)
            | Event::Suspended(_)
            | Event::InformAsked(_)
            | Event::Informed(_)
            | Event::HelpReported(_)
            | Event::Consulted(_)
            | Event::TaskFinished(_)
            | Event::ErrandMissed(_)
            | Event::TookIn(_)
            | Event::LetGo(_)
            | Event::Appealed(_)
            | Event::AppealJudged(_)
            | Event::LookAsked(_)
            | Event::LookedAgain(_)
            | Event::NewsPassed(_)
            | Event::Supervised(_)
            | Event::Instructed(_)
            | Event::Answered(_)
            | Event::PassedOn(_)
            | Event::TellAsked(_)
            | Event::Told(_)
            | Event::CalledBack(_)
            | Event::Revealed(_)
            | Event::Erased(_)
            | Event::RulesPublished(_)
            | Event::DutySet(_)
            | Event::AccountSet(_)
            | Event::KeysSet(_) => {}
        }
    }

    pub(super) fn recall(&mut self, closed_with: Face) {
        self.face = closed_with;
        for event in std::mem::take(&mut self.put_right).into_vec() {
            self.face.fold(&event);
        }
    }

    fn give(&mut self, unit: &UnitId, rung: Rung, reason: Words) {
        self.lead = Some(unit.clone());
        self.handler = Some(unit.clone());
        self.rung = rung;
        self.reason = Arc::new(reason);
        self.accepted = false;
        self.ringing.clear();
    }

    fn ring(&mut self, event: &Alarmed) {
        let new = event.units.iter().filter(|unit| !self.ringing.contains(unit)).cloned();
        let new: Vec<UnitId> = new.collect();
        self.ringing.extend(new);
        self.reason = Arc::new(notice::rings(event));
    }

    fn helps(&mut self, unit: &UnitId) {
        if !self.co_handlers.contains(unit) {
            self.co_handlers.push(unit.clone());
        }
    }

    /// The limits of these units, in the place of those that the same errands had.
    fn call(&mut self, kind: ErrandKind, called: &[Called]) {
        for one in called {
            self.served(one.number);
            self.errands.push((kind, one.clone()));
        }
    }

    fn served(&mut self, number: u16) {
        self.errands.retain(|(_, errand)| errand.number != number);
    }

    /// Back to the desk; the words say to those who had it why they have it no longer.
    fn take(&mut self, zh: &str, en: &str) {
        self.errands.clear();
        let rang = !std::mem::take(&mut self.ringing).is_empty();
        if self.lead.take().is_some() || rang {
            self.reason = Arc::new(Words::new(zh, en));
        }
        self.accepted = false;
    }

    fn clock(&mut self, change: &ClockChange) {
        let clock = change.clock();
        if clock == Clock::LookAgain {
            // It runs on a closed case and is no unit's work.
            return;
        }
        let ticking = self.clocks.iter_mut().find(|ticking| ticking.clock == clock);
        match (change, ticking) {
            (ClockChange::Started { due, provisional, .. }, _) => {
                self.clocks.retain(|ticking| ticking.clock != clock);
                self.clocks.reserve_exact(1);
                let (due, provisional) = (*due, *provisional);
                self.clocks.push(Ticking { due, clock, provisional, paused: false });
            }
            (ClockChange::Resumed { due, provisional, .. }, Some(ticking)) => {
                (ticking.due, ticking.provisional, ticking.paused) = (*due, *provisional, false);
            }
            (ClockChange::Moved { due, provisional, .. }, Some(ticking)) => {
                (ticking.due, ticking.provisional) = (*due, *provisional);
            }
            (ClockChange::Paused { .. }, Some(ticking)) => ticking.paused = true,
            (ClockChange::Stopped { .. }, _) => self.clocks.retain(|ticking| ticking.clock != clock),
            (ClockChange::Planned { .. }, _)
            | (ClockChange::Paused { .. } | ClockChange::Resumed { .. } | ClockChange::Moved { .. }, None) => {
            }
        }
    }

    /// Takes the reason that says the same as its own and was said before, if there is one among the last.
    pub(super) fn share_reason(&mut self, reasons: &mut BTreeSet<Arc<Words>>) {
        // Whatever is shared already has been here before.
        if Arc::strong_count(&self.reason) > 1 {
            return;
        }
        if let Some(said) = reasons.get(&self.reason) {
            self.reason = Arc::clone(said);
            return;
        }
        if reasons.len() >= REASONS_MAX {
            reasons.clear();
        }
        reasons.insert(Arc::clone(&self.reason));
    }

    /// Brings what each unit is told to what the events left, and says which units are told something new.
    pub(super) fn settle(&mut self, record: &Record, version: Version) -> Vec<UnitId> {
        let wanted = self.wanted();
        let mut changed = Vec::new();
        let had: Vec<UnitId> = self.items.iter().map(|(unit, _)| unit.clone()).collect();
        for unit in had.into_iter().filter(|unit| wanted.iter().all(|(wanted, _)| wanted != unit)) {
            let gone = self.gone();
            if let Some(item) = self.item_mut(&unit).filter(|item| item.part != WorkPart::Withdrawn) {
                item.renew(record.seq, record.at, version);
                item.part = WorkPart::Withdrawn;
                item.reason = gone;
                item.limits = Box::default();
                item.co_handlers = Few::new();
                changed.push(unit);
            }
        }
        for (unit, part) in wanted {
            let new = self.made(&unit, part, record, version);
            match self.item_mut(&unit) {
                Some(item) if item.says(&new) => {}
                Some(item) => {
                    *item = Item { held_in: item.held_in, ..new };
                    changed.push(unit);
                }
                None => {
                    // One unit, as a rule.
                    self.items.reserve_exact(1);
                    self.items.push((unit.clone(), new));
                    changed.push(unit);
                }
            }
        }
        changed
    }

    /// Why a unit has it no longer: the desk's reason, or that another has it.
    fn gone(&self) -> Arc<Words> {
        match &self.lead {
            None => Arc::clone(&self.reason),
            Some(lead) => Arc::new(Words::new(format!("已改由{lead}主办"), format!("{lead} has it now"))),
        }
    }

    fn wanted(&self) -> Vec<(UnitId, WorkPart)> {
        let Some(lead) = &self.lead else {
            return self.ringing.iter().map(|unit| (unit.clone(), WorkPart::Ring)).collect();
        };
        let mut wanted = vec![(lead.clone(), WorkPart::Lead)];
        let called = self.errands.iter().map(|(_, errand)| &errand.unit);
        let helpers = self.co_handlers.iter().chain(called).map(|unit| (unit, WorkPart::CoHandler));
        for (unit, part) in helpers.chain(self.told.iter().map(|unit| (unit, WorkPart::Told))) {
            if wanted.iter().all(|(there, _)| there != unit) {
                wanted.push((unit.clone(), part));
            }
        }
        wanted
    }

    fn made(&self, unit: &UnitId, part: WorkPart, record: &Record, version: Version) -> Item {
        let mut clocks: Vec<Limit> =
            self.clocks.iter().filter(|one| !one.paused).map(Ticking::limit).collect();
        clocks.retain(|limit| match part {
            WorkPart::Lead => HOLDERS.contains(&limit.clock),
            // Who helps does not sign and does not climb: the result is owed by all.
            WorkPart::Ring => limit.clock == Clock::Ring,
            WorkPart::CoHandler => limit.clock == Clock::Resolve,
            WorkPart::Told | WorkPart::Withdrawn => false,
        });
        if part == WorkPart::CoHandler {
            let own = self.errands.iter().filter(|(_, errand)| errand.unit == *unit);
            let own =
                own.map(|(_, errand)| Limit { clock: Clock::Errand, due: errand.due, provisional: false });
            clocks.extend(own);
        }
        clocks.sort_by_key(|limit| (limit.due, limit.clock));
        Item {
            seq: record.seq,
            at: record.at,
            version,
            part,
            rung: self.rung,
            reason: Arc::clone(&self.reason),
            limits: clocks.into(),
            lead: self
                .lead
                .clone()
                .or_else(|| self.desk.clone())
                .expect("work is made while somebody has the lead, or a call rings"),
            co_handlers: self.co_handlers.clone(),
            leg: self.leg,
            faces: self.faces,
            sent_in: 0,
            held_in: 0,
        }
    }
}

impl Item {
    fn renew(&mut self, seq: u64, at: Timestamp, version: Version) {
        (self.seq, self.at, self.version, self.sent_in) = (seq, at, version, 0);
    }

    /// Whether it says all that the new one would say; limits that have ended need no message.
    fn says(&self, new: &Self) -> bool {
        self.part == new.part
            && self.rung == new.rung
            && self.reason == new.reason
            && self.lead == new.lead
            && self.co_handlers == new.co_handlers
            && self.leg == new.leg
            && self.faces == new.faces
            && new.limits.iter().all(|limit| self.limits.contains(limit))
    }
}
