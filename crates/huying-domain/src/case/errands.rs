//! What a case knows beside its holder and its clocks: what is asked of the level above, and what units owe it.

use super::Case;
use crate::{
    event::{
        Event,
        errand::Called,
        request::{LimitNews, Request, Requested},
    },
    ids::UnitId,
    record::Actor,
    time::Timestamp,
    vocabulary::{
        Clock, Stage,
        governed::{ErrandKind, RequestKind},
    },
};

/// Asked of the level above and not decided yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pending {
    /// Who asked. That person does not decide it.
    pub by: Actor,
    /// What.
    pub request: Request,
    /// Why.
    pub reason: String,
}

/// What a unit owes to the case by an instant, beside its holder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Errand {
    /// Its number within the case.
    pub number: u16,
    /// What it is.
    pub kind: ErrandKind,
    /// Who owes it.
    pub unit: UnitId,
    /// Since when.
    pub from: Timestamp,
    /// By when.
    pub due: Timestamp,
    /// The instant has passed; the fact stays, and the errand is owed all the same.
    pub missed: bool,
    /// Since when it stands still.
    pub paused_at: Option<Timestamp>,
}

/// News of a limit that has not gone on to all further callers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewsOwed {
    /// What they are to hear.
    pub what: LimitNews,
    /// How many of the members were looked at.
    pub served: u32,
}

impl Case {
    /// How many further callers are still to hear of the limit.
    pub fn members_without_news(&self) -> u32 {
        let all = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
        self.news_owed.as_ref().map_or(0, |owed| all.saturating_sub(owed.served))
    }

    fn tell_members(&mut self, what: LimitNews) {
        self.news_owed = (!self.members.is_empty()).then(|| Box::new(NewsOwed { what, served: 0 }));
    }

    /// The open errand of this kind that a unit owes.
    pub fn errand_of(&self, kind: ErrandKind, unit: &UnitId) -> Option<&Errand> {
        self.errands.iter().find(|errand| errand.kind == kind && errand.unit == *unit)
    }

    /// What these events make of it. Every event that comes here is named by `evolve`.
    pub(super) fn govern(&mut self, event: &Event, by: &Actor, at: Timestamp) {
        match event {
            Event::Requested(Requested { request, reason, .. }) => {
                let pending = Pending { by: by.clone(), request: *request, reason: reason.clone() };
                self.request = Some(Box::new(pending));
            }
            Event::Denied(_) => self.request = None,
            Event::Extended(event) => {
                self.request = None;
                self.extensions = event.count;
                self.news = true;
                self.tell_members(LimitNews::Extended { until: event.until });
            }
            Event::Suspended(event) => {
                self.stage = Stage::Suspended;
                self.request = None;
                self.suspensions = self.suspensions.saturating_add(1);
                self.suspended_until = Some(event.until);
                self.news = true;
                self.tell_members(LimitNews::Suspended { ground: event.ground, until: event.until });
                let open = self
                    .errands
                    .iter_mut()
                    .filter(|errand| errand.kind == ErrandKind::Help && !errand.missed);
                open.for_each(|errand| errand.paused_at = Some(at));
            }
            Event::Resumed(event) => {
                self.stage = Stage::Handling;
                self.suspended_until = None;
                self.news = true;
                self.tell_members(LimitNews::Resumed);
                for called in &event.helpers {
                    if let Some(errand) = self.errands.iter_mut().find(|one| one.number == called.number) {
                        errand.due = called.due;
                        errand.paused_at = None;
                    }
                }
            }
            Event::InformAsked(event) if event.news.is_some() => self.news = true,
            Event::Informed(_) => self.news = false,
            Event::NewsPassed(event) => {
                self.news_owed = self.news_owed.take().filter(|_| event.left > 0);
                if let Some(owed) = &mut self.news_owed {
                    owed.served = event.served;
                }
            }
            Event::Whistled(event) => self.owe(ErrandKind::ReportIn, &event.called, at),
            Event::HelpCalled(event) => {
                event.helpers.iter().for_each(|called| self.helps(&called.unit));
                self.owe(ErrandKind::Help, &event.helpers, at);
            }
            Event::Consulted(event) => {
                for task in &event.tasks {
                    let called = Called { number: task.number, unit: task.owner.clone(), due: task.due };
                    self.owe(ErrandKind::Task, &[called], at);
                }
            }
            Event::ReportedIn(event) => {
                self.served(event.number);
                self.helps(&event.unit);
            }
            Event::HelpReported(event) if event.finished => self.served(event.number),
            Event::TaskFinished(event) => self.served(event.number),
            Event::ErrandMissed(event) => {
                self.missed = true;
                if let Some(errand) = self.errands.iter_mut().find(|one| one.number == event.number) {
                    errand.missed = true;
                }
            }
            _ => {}
        }
    }

    fn owe(&mut self, kind: ErrandKind, called: &[Called], at: Timestamp) {
        for Called { number, unit, due } in called {
            self.errands_made = self.errands_made.max(*number);
            let (unit, due) = (unit.clone(), *due);
            let errand =
                Errand { number: *number, kind, unit, from: at, due, missed: false, paused_at: None };
            self.errands.push(errand);
        }
    }

    fn served(&mut self, number: u16) {
        self.errands.retain(|errand| errand.number != number);
    }

    fn helps(&mut self, unit: &UnitId) {
        if !self.co_handlers.contains(unit) {
            self.co_handlers.push(unit.clone());
        }
    }

    /// Another lead has helpers of its own.
    pub(super) fn dismiss_helpers(&mut self) {
        self.errands.retain(|errand| errand.kind != ErrandKind::Help);
    }

    /// Work that is done needs nobody else; tasks that were agreed upon are owed all the same.
    pub(super) fn part_with_helpers(&mut self) {
        self.request = None;
        self.errands.retain(|errand| errand.kind == ErrandKind::Task);
    }

    /// A limit was missed: that stays, and more time for it can no longer be granted.
    pub(super) fn overdue(&mut self, clock: Clock) {
        self.missed = true;
        let extension = |pending: &Pending| pending.request.kind() == RequestKind::Extension;
        if clock == Clock::Resolve && self.request.as_deref().is_some_and(extension) {
            self.request = None;
        }
    }
}
