//! What each event makes of a row. Every event is named, so that a new one stops the build here.

use super::{
    Cases, Open,
    flow::Stream,
    glance::Glance,
    row::{Row, Ticking},
};
use huying_domain::{
    event::{Event, clocks::ClockChange, collect::Filing},
    few::Few,
    ids::{CaseId, Seq, UnitId},
    summary::Summary,
    time::Timestamp,
    vocabulary::{Rung, Stage},
};

impl Cases {
    pub(super) fn fold(&mut self, case: CaseId, event: &Event, at: Timestamp) {
        match event {
            Event::Registered(event) => {
                let row = Row::filed(case, &event.filing, &event.dispatcher, None, at);
                self.begin(row, Some(at));
            }
            Event::Joined(event) => {
                let row = Row::filed(case, &event.filing, &event.dispatcher, Some(event.lead), at);
                self.begin(row, Some(at));
            }
            Event::Closed(_) => {
                if let Some(open) = self.open.remove(case) {
                    self.flow.note(Stream::Closed, case, open.glance, at);
                }
            }
            Event::Reopened(_) if !self.open.contains(case) => self.recall(case, event, at),
            event => {
                if let Some(open) = self.open.get_mut(case) {
                    if let Event::ClockBreached(breach) = event
                        && breach.clock.is_measured()
                    {
                        self.flow.note(Stream::Late, case, open.glance.clone(), at);
                    }
                    open.row.fold(event, at);
                    open.glance = Glance::at(&open.row, &mut self.numbered, Some(&open.glance));
                }
            }
        }
        let seq = self.seq;
        if let Some(open) = self.open.get_mut(case) {
            open.row.seq = seq;
        }
    }

    /// A case is open from now on; `filed` is when it came in, if it did so now.
    fn begin(&mut self, row: Row, filed: Option<Timestamp>) {
        let glance = Glance::at(&row, &mut self.numbered, None);
        if let Some(at) = filed {
            self.flow.note(Stream::Filed, row.case, glance.clone(), at);
        }
        self.open.insert(row.case, Open { glance, row: Box::new(row) });
    }

    /// A closed case that is reopened comes back. What its brief does not tell (channel, kind, filing instant) is
    /// not known here any more: the row counts from the reopening.
    fn recall(&mut self, case: CaseId, event: &Event, at: Timestamp) {
        let Event::Reopened(reopened) = event else { return };
        let row = Row {
            case,
            filed_at: at,
            stage: Stage::Filed,
            rung: Rung::Centre,
            holder: reopened.dispatcher.clone(),
            class: reopened.brief.class.clone(),
            area: reopened.brief.area,
            place: None,
            channel: huying_domain::vocabulary::Channel::Call,
            kind: huying_domain::vocabulary::CaseKind::Help,
            summary: Summary::default(),
            tags: Few::new(),
            co_handlers: Few::new(),
            lead: None,
            members: 0,
            leg: reopened.leg,
            reminded: 0,
            orphan: false,
            clocks: Vec::new(),
            seq: self.seq,
            dispatcher: reopened.dispatcher.clone(),
            handler: None,
        };
        self.begin(row, None);
    }
}

impl Row {
    fn filed(id: CaseId, filing: &Filing, holder: &UnitId, lead: Option<CaseId>, at: Timestamp) -> Self {
        Self {
            case: id,
            filed_at: at,
            stage: if lead.is_some() { Stage::Following } else { Stage::Filed },
            rung: Rung::Centre,
            holder: holder.clone(),
            class: filing.brief.class.clone(),
            area: filing.brief.area,
            place: filing.place,
            channel: filing.channel,
            kind: filing.kind,
            summary: filing.summary.clone(),
            tags: (&filing.tags).into(),
            co_handlers: Few::new(),
            lead,
            members: 0,
            leg: 1,
            reminded: 0,
            orphan: filing.orphan,
            clocks: Vec::new(),
            seq: Seq::default(),
            dispatcher: holder.clone(),
            handler: None,
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each event, so that a new one stops the build here"
    )]
    fn fold(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::MemberAdded(_) => self.members += 1,
            Event::TookIn(event) => {
                self.members += 1;
                self.filed_at = event.filed_at;
            }
            Event::LetGo(event) => {
                self.members = self.members.saturating_sub(1);
                self.filed_at = event.filed_at;
            }
            Event::Merged(event) => {
                self.stage = Stage::Following;
                self.lead = Some(event.into);
                self.holder = event.dispatcher.clone();
            }
            Event::Unmerged(event) => {
                self.lead = None;
                self.given(event.stage, &event.holder, event.rung);
            }
            Event::Corrected(event) => {
                self.class = event.class.clone().unwrap_or_else(|| self.class.clone());
                self.kind = event.kind.unwrap_or(self.kind);
                self.place = event.place.or(self.place);
                if let Some(summary) = &event.summary {
                    self.summary.clone_from(summary);
                }
            }
            Event::Tagged(event) => {
                let new = event.tags.iter().filter(|tag| !self.tags.contains(tag));
                let new: Vec<_> = new.copied().collect();
                self.tags.extend(new);
            }
            Event::Refused(_) | Event::Referred(_) | Event::Cancelled(_) | Event::Terminated(_) => {
                self.back_to_desk(Stage::Settled);
            }
            Event::Suspended(_) => self.stage = Stage::Suspended,
            Event::Resumed(_) => self.stage = Stage::Handling,
            Event::Assigned(event) => {
                self.given(Stage::Assigned, &event.lead, event.rung);
                self.co_handlers = (&event.co_handlers).into();
            }
            Event::Escalated(event) => self.given(Stage::Assigned, &event.to, event.rung),
            Event::Accepted(_) => self.stage = Stage::Handling,
            Event::Returned(event) => {
                self.stage = Stage::Returned;
                self.holder = event.receiver.clone();
            }
            Event::Ruled(event) => self.holder = event.holder.clone(),
            Event::Resolved(event) => {
                self.handler = Some(event.unit.clone());
                self.back_to_desk(Stage::Resolved);
            }
            Event::Clocked(event) => event.changes.iter().for_each(|change| self.tick(change, at)),
            Event::ClockBreached(event) => {
                let found = self.clocks.iter_mut().find(|ticking| ticking.clock == event.clock);
                if let Some(ticking) = found {
                    ticking.breached = true;
                    ticking.again = event.again;
                }
            }
            Event::Checked(event) if event.passed => self.back_to_desk(Stage::Settled),
            // Work that nobody had been assigned goes back to be dispatched.
            Event::Checked(event) if event.brief.is_some() => {
                self.handler = None;
                self.back_to_desk(Stage::Filed);
            }
            Event::Checked(_) => {
                self.stage = Stage::Handling;
                self.holder = self.handler.clone().unwrap_or_else(|| self.holder.clone());
            }
            Event::Answered(_) => self.stage = Stage::Answered,
            Event::CalledBack(event) if event.verdict.is_some() => self.stage = Stage::CalledBack,
            Event::Reopened(event) => {
                self.dispatcher = event.dispatcher.clone();
                self.given(Stage::Filed, &event.dispatcher, Rung::Centre);
                self.leg = event.leg;
                self.lead = None;
                self.clocks.clear();
            }
            Event::Rehomed(event) => {
                self.area = event.to;
                self.orphan = false;
            }
            Event::Reminded(_) => self.reminded += 1,
            Event::Registered(_)
            | Event::Joined(_)
            | Event::Delegated(_)
            | Event::Contacted(_)
            | Event::Arrived(_)
            | Event::Progressed(_)
            | Event::Exempted(_)
            | Event::TopAsked(_)
            | Event::Requested(_)
            | Event::Denied(_)
            | Event::Extended(_)
            | Event::InformAsked(_)
            | Event::Informed(_)
            | Event::Whistled(_)
            | Event::ReportedIn(_)
            | Event::HelpCalled(_)
            | Event::HelpReported(_)
            | Event::Consulted(_)
            | Event::TaskFinished(_)
            | Event::ErrandMissed(_)
            | Event::Appealed(_)
            | Event::AppealJudged(_)
            | Event::LookAsked(_)
            | Event::LookedAgain(_)
            | Event::NewsPassed(_)
            | Event::Supervised(_)
            | Event::Instructed(_)
            | Event::Alarmed(_)
            | Event::Noticed(_)
            | Event::PassedOn(_)
            | Event::TellAsked(_)
            | Event::Told(_)
            | Event::CalledBack(_)
            | Event::Closed(_)
            | Event::Revealed(_)
            | Event::Erased(_)
            | Event::RulesPublished(_)
            | Event::DutySet(_)
            | Event::AccountSet(_)
            | Event::KeysSet(_) => {}
        }
    }

    fn given(&mut self, stage: Stage, unit: &UnitId, rung: Rung) {
        self.stage = stage;
        self.holder = unit.clone();
        self.rung = rung;
    }

    /// Whoever dispatched it checks and answers it.
    fn back_to_desk(&mut self, stage: Stage) {
        self.stage = stage;
        self.holder = self.dispatcher.clone();
    }

    fn tick(&mut self, change: &ClockChange, at: Timestamp) {
        let clock = change.clock();
        let ticking = self.clocks.iter_mut().find(|ticking| ticking.clock == clock);
        match (change, ticking) {
            (ClockChange::Started { from, due, .. }, _) => {
                self.clocks.retain(|ticking| ticking.clock != clock);
                let (from, due) = (*from, *due);
                // There are two or three: the next power of two would be twice as much.
                self.clocks.reserve_exact(1);
                self.clocks.push(Ticking { clock, from, due, paused_at: None, breached: false, again: None });
            }
            (ClockChange::Paused { .. }, Some(ticking)) => ticking.paused_at = Some(at),
            (ClockChange::Resumed { due, .. }, Some(ticking)) => {
                if let Some(paused) = ticking.paused_at.take() {
                    ticking.from = ticking.from.plus_seconds(at.seconds_since(paused));
                }
                ticking.due = *due;
            }
            (ClockChange::Moved { due, .. }, Some(ticking)) => ticking.due = *due,
            (ClockChange::Stopped { .. }, _) => self.clocks.retain(|ticking| ticking.clock != clock),
            (ClockChange::Planned { .. }, _)
            | (ClockChange::Paused { .. } | ClockChange::Resumed { .. } | ClockChange::Moved { .. }, None) => {
            }
        }
    }
}
