//! The state of a case: what its events have made of it. Evolving is total: what happened cannot be refused.

pub mod alarm;
pub mod errands;
pub mod merging;
pub mod review;
mod running;

pub use running::Running;

use self::{
    alarm::Alarm,
    errands::{Errand, NewsOwed, Pending},
    merging::{Before, Lent},
    review::{Appeal, Breach},
};
use crate::{
    event::{
        Event,
        collect::{Brief, Filing},
        feedback::Verdict,
    },
    few::Few,
    ids::{CaseId, PersonId, UnitId, Version},
    record::Actor,
    time::Timestamp,
    vocabulary::{CaseKind, Clock, CloseCondition, Outcome, Rung, Stage, Tag},
};

/// A case as its events left it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// How many events it has behind it.
    pub version: Version,
    /// The version at which its stage or its holder last changed. What a station saw before that is stale; a note
    /// or a mark in between is not.
    pub moved_at: Version,
    /// The version at which something last happened that a person who acts has to have seen. That somebody else called
    /// about it, or was told of it, is nothing of the kind: a matter of which thousands call would never be settled.
    pub seen_from: Version,
    /// Where it is.
    pub stage: Stage,
    /// 1, and one more for each reopening.
    pub leg: u8,
    /// Since when the matter has been known: when the case was registered, or one that it took in before.
    pub filed_at: Timestamp,
    /// When the case itself was registered.
    pub own_filed_at: Timestamp,
    /// What the caller wants.
    pub kind: CaseKind,
    /// What routing needs.
    pub brief: Brief,
    /// Its marks. They are added and never taken away.
    pub tags: Few<Tag>,
    /// The instant that the source promised.
    pub target: Option<Timestamp>,
    /// Who has it now.
    pub holder: UnitId,
    /// The holder's person, if one was named.
    pub person: Option<PersonId>,
    /// Who helps.
    pub co_handlers: Few<UnitId>,
    /// Where on the ladder.
    pub rung: Rung,
    /// The unit that handled or handles it, kept while others check and answer.
    pub handler: Option<UnitId>,
    /// Everyone who resolved it: none of them checks or closes.
    pub resolvers: Few<Actor>,
    /// The case that it follows.
    pub lead: Option<CaseId>,
    /// The cases that follow it.
    pub members: Few<CaseId>,
    /// How many of the members have had the answer.
    pub served: u32,
    /// Where it stood when it was merged into the case that it follows; none for one that joined from its start.
    pub before: Option<Box<Before>>,
    /// The limit that it has from a case that it took in.
    pub lent: Option<Box<Lent>>,
    /// Returns of this leg.
    pub returns: u8,
    /// Whose Hold clock stands still because that unit returned the case.
    pub paused_for: Option<UnitId>,
    /// Whether the holder has it by a ruling.
    pub ruled: bool,
    /// How often the top rung was asked again.
    pub top_asked: u16,
    /// The alarm, if it is one.
    pub alarm: Option<Box<Alarm>>,
    /// Its clocks, running, paused or breached.
    pub clocks: Vec<Running>,
    /// How it was settled.
    pub outcome: Option<Outcome>,
    /// Whether the caller was told in this leg.
    pub told: bool,
    /// Attempts to call back in this leg.
    pub attempts: u8,
    /// What the caller said last.
    pub verdict: Option<Verdict>,
    /// On which condition it was closed.
    pub closed: Option<CloseCondition>,
    /// Whether the personal data are erased.
    pub erased: bool,
    /// What is asked of the level above and not decided yet.
    pub request: Option<Box<Pending>>,
    /// Extensions granted in this leg.
    pub extensions: u8,
    /// Suspensions granted, over all legs.
    pub suspensions: u8,
    /// The day on which a suspension ends by itself, while there is one.
    pub suspended_until: Option<Timestamp>,
    /// Whether the caller is owed word of what became of the limit.
    pub news: bool,
    /// What further callers are still to hear of the limit.
    pub news_owed: Option<Box<NewsOwed>>,
    /// What units owe beside the holder: report in, help, tasks.
    pub errands: Few<Errand>,
    /// How many errands the case has had: their numbers.
    pub errands_made: u16,
    /// Whether any limit of it was ever missed. It stays so.
    pub missed: bool,
    /// Who gave it to its holder by hand, if not the centre: a return goes there first.
    pub given_by: Option<UnitId>,
    /// Its breaches, over all legs: they stay.
    pub breaches: Few<Breach>,
    /// What a unit asks about one of them.
    pub appeal: Option<Box<Appeal>>,
    /// Who closed it last.
    pub closer: Option<Box<Actor>>,
    /// How often somebody was asked to look again.
    pub look_asked: u16,
}

impl Case {
    /// The case that a registering or joining event makes; none for any other event.
    pub fn born(id: CaseId, first: &Event, at: Timestamp) -> Option<Self> {
        let (filing, holder, lead): (&Filing, &UnitId, Option<CaseId>) = match first {
            Event::Registered(event) => (&event.filing, &event.dispatcher, None),
            Event::Joined(event) => (&event.filing, &event.dispatcher, Some(event.lead)),
            _ => return None,
        };
        Some(Self {
            id,
            version: 1,
            moved_at: 1,
            seen_from: 1,
            stage: if lead.is_some() { Stage::Following } else { Stage::Filed },
            leg: 1,
            filed_at: at,
            own_filed_at: at,
            kind: filing.kind,
            brief: filing.brief.clone(),
            tags: (&filing.tags).into(),
            target: filing.target,
            holder: holder.clone(),
            person: None,
            co_handlers: Few::new(),
            rung: Rung::Centre,
            handler: None,
            resolvers: Few::new(),
            lead,
            members: Few::new(),
            served: 0,
            before: None,
            lent: None,
            returns: 0,
            paused_for: None,
            ruled: false,
            top_asked: 0,
            alarm: None,
            clocks: Vec::new(),
            outcome: None,
            told: false,
            attempts: 0,
            verdict: None,
            closed: None,
            erased: false,
            request: None,
            extensions: 0,
            suspensions: 0,
            suspended_until: None,
            news: false,
            news_owed: None,
            errands: Few::new(),
            errands_made: 0,
            missed: false,
            given_by: None,
            breaches: Few::new(),
            appeal: None,
            closer: None,
            look_asked: 0,
        })
    }

    /// The clock, if it has started and not ended.
    pub fn running(&self, clock: Clock) -> Option<&Running> {
        self.clocks.iter().find(|running| running.clock == clock)
    }

    /// The next instant at which the engine will act on the case by itself.
    pub fn next_instant(&self) -> Option<Timestamp> {
        self.clocks.iter().filter_map(Running::next).min()
    }

    /// How many further callers wait for the answer.
    pub fn waiting_members(&self) -> u32 {
        u32::try_from(self.members.len()).unwrap_or(u32::MAX).saturating_sub(self.served)
    }

    /// Folds one more event of this case. `by` is the actor of the record, `centre` stands for who checks,
    /// answers and calls back.
    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each event, so that a new one stops the build here"
    )]
    pub fn evolve(&mut self, event: &Event, by: &Actor, centre: &UnitId, at: Timestamp) {
        self.version += 1;
        if !is_told_to_others(event) {
            self.seen_from = self.version;
        }
        let stage = self.stage;
        let moves = matches!(
            event,
            Event::Assigned(_)
                | Event::Returned(_)
                | Event::Ruled(_)
                | Event::Escalated(_)
                | Event::Reopened(_)
                | Event::Merged(_)
                | Event::Unmerged(_)
        );
        match event {
            Event::Corrected(event) => self.correct(event),
            Event::Assigned(event) => {
                self.assign(event);
                self.given_by = (by.unit != *centre && by.unit != event.lead).then(|| by.unit.clone());
            }
            Event::Accepted(_) => self.stage = Stage::Handling,
            Event::Returned(event) => {
                if self.stage != Stage::Returned {
                    self.paused_for = Some(event.unit.clone());
                }
                self.stage = Stage::Returned;
                self.returns = event.count;
                self.request = None;
                self.dismiss_helpers();
                self.holder = event.receiver.clone();
                self.person = None;
            }
            Event::Ruled(event) => {
                self.ruled = true;
                self.holder = event.holder.clone();
            }
            Event::Delegated(event) => self.person = Some(event.person.clone()),
            Event::Resolved(event) => {
                self.stage = Stage::Resolved;
                self.handler = Some(event.unit.clone());
                self.outcome = Some(if event.on_the_spot { Outcome::OnTheSpot } else { Outcome::Handled });
                self.resolvers.push(by.clone());
                self.hand_to(centre);
                self.part_with_helpers();
            }
            Event::Clocked(event) => event.changes.iter().for_each(|change| self.clock(change, at)),
            Event::ClockBreached(event) => {
                if let Some(running) = self.clocks.iter_mut().find(|running| running.clock == event.clock) {
                    running.breached = true;
                    running.again = event.again;
                    running.step += 1;
                    running.notices.retain(|notice| notice.at >= event.due);
                }
                self.overdue(event.clock);
                self.breached(event);
            }
            Event::Noticed(event) => {
                if let Some(running) = self.clocks.iter_mut().find(|running| running.clock == event.clock) {
                    running.notices.retain(|notice| notice.step != event.step);
                }
            }
            Event::Alarmed(event) => self.ring(event),
            Event::Escalated(event) => {
                self.stage = Stage::Assigned;
                self.holder = event.to.clone();
                self.handler = Some(event.to.clone());
                self.rung = event.rung;
                self.person = None;
                self.ruled = false;
                self.request = None;
                self.given_by = None;
            }
            Event::TopAsked(event) => self.top_asked = event.count,
            Event::Checked(event) if event.passed => {
                self.settle(self.outcome.unwrap_or(Outcome::Handled), centre)
            }
            Event::Checked(event) if event.brief.is_some() => {
                self.stage = Stage::Filed;
                self.handler = None;
                self.outcome = None;
            }
            Event::Checked(_) => {
                self.stage = Stage::Handling;
                if let Some(handler) = self.handler.clone() {
                    self.holder = handler;
                }
            }
            Event::Refused(_) => self.settle(Outcome::Refused, centre),
            Event::Referred(_) => self.settle(Outcome::Referred, centre),
            Event::Cancelled(_) => self.settle(Outcome::Cancelled, centre),
            Event::Answered(_) => {
                if self.stage == Stage::Following {
                    self.outcome = Some(Outcome::WithLead);
                    self.before = None;
                }
                self.stage = Stage::Answered;
                // The answer says more than any word of a limit would.
                self.news = false;
                self.news_owed = None;
            }
            Event::MemberAdded(event) => self.members.push(event.member),
            Event::PassedOn(event) => self.served = event.served,
            Event::Told(_) => self.told = true,
            Event::CalledBack(event) => {
                self.attempts = event.attempt;
                self.verdict = event.verdict;
                if event.verdict.is_some() {
                    self.stage = Stage::CalledBack;
                }
            }
            Event::Reopened(event) => self.reopen(event),
            Event::Closed(event) => {
                self.stage = Stage::Closed;
                self.closed = Some(event.condition);
                self.closer = Some(Box::new(by.clone()));
                self.clocks.clear();
                self.errands.clear();
                self.news = false;
            }
            Event::Erased(_) => self.erased = true,
            Event::Rehomed(event) => self.brief.area = event.to,
            Event::Tagged(event) => {
                for tag in &event.tags {
                    if !self.tags.contains(tag) {
                        self.tags.push(*tag);
                    }
                }
            }
            Event::Terminated(_) => self.settle(Outcome::Terminated, centre),
            Event::Merged(_) | Event::TookIn(_) | Event::Unmerged(_) | Event::LetGo(_) => self.merging(event),
            Event::Exempted(_)
            | Event::Appealed(_)
            | Event::AppealJudged(_)
            | Event::LookAsked(_)
            | Event::LookedAgain(_) => self.review(event, by),
            Event::Requested(_)
            | Event::Denied(_)
            | Event::Extended(_)
            | Event::Suspended(_)
            | Event::Resumed(_)
            | Event::InformAsked(_)
            | Event::Informed(_)
            | Event::NewsPassed(_)
            | Event::Whistled(_)
            | Event::ReportedIn(_)
            | Event::HelpCalled(_)
            | Event::HelpReported(_)
            | Event::Consulted(_)
            | Event::TaskFinished(_)
            | Event::ErrandMissed(_)
            | Event::Supervised(_)
            | Event::Instructed(_) => self.govern(event, by, at),
            Event::Registered(_)
            | Event::Joined(_)
            | Event::Contacted(_)
            | Event::Arrived(_)
            | Event::Progressed(_)
            | Event::Reminded(_)
            | Event::TellAsked(_)
            | Event::Revealed(_)
            | Event::RulesPublished(_)
            | Event::DutySet(_)
            | Event::AccountSet(_)
            | Event::KeysSet(_) => {}
        }
        if moves || self.stage != stage {
            self.moved_at = self.version;
        }
    }

    fn correct(&mut self, event: &crate::event::collect::Corrected) {
        if let Some(class) = &event.class {
            self.brief.class = class.clone();
            self.brief.condition = None;
        }
        if let Some(condition) = &event.condition {
            self.brief.condition = Some(condition.clone());
        }
        self.kind = event.kind.unwrap_or(self.kind);
    }

    fn assign(&mut self, event: &crate::event::dispatch::Assigned) {
        self.stage = Stage::Assigned;
        self.holder = event.lead.clone();
        self.handler = Some(event.lead.clone());
        self.person = None;
        self.co_handlers = (&event.co_handlers).into();
        self.rung = event.rung;
        self.ruled = false;
        self.request = None;
        self.suspended_until = None;
        self.dismiss_helpers();
    }

    fn hand_to(&mut self, unit: &UnitId) {
        self.holder = unit.clone();
        self.person = None;
    }

    fn settle(&mut self, outcome: Outcome, centre: &UnitId) {
        self.stage = Stage::Settled;
        self.outcome = Some(outcome);
        self.hand_to(centre);
        self.request = None;
        self.suspended_until = None;
        self.errands.clear();
    }

    fn reopen(&mut self, event: &crate::event::feedback::Reopened) {
        self.stage = Stage::Filed;
        self.leg = event.leg;
        self.holder = event.dispatcher.clone();
        self.person = None;
        self.rung = Rung::Centre;
        self.lead = None;
        self.returns = 0;
        self.paused_for = None;
        self.ruled = false;
        self.top_asked = 0;
        self.alarm = None;
        self.outcome = None;
        self.told = false;
        self.attempts = 0;
        self.verdict = None;
        self.closed = None;
        self.clocks.clear();
        self.request = None;
        self.extensions = 0;
        self.suspended_until = None;
        self.errands.clear();
        self.given_by = None;
        self.before = None;
        self.lent = None;
    }
}

/// What happens beside the case: further callers come to it, and somebody is told how it stands.
const fn is_told_to_others(event: &Event) -> bool {
    matches!(
        event,
        Event::MemberAdded(_)
            | Event::Noticed(_)
            | Event::InformAsked(_)
            | Event::Informed(_)
            | Event::NewsPassed(_)
    )
}
