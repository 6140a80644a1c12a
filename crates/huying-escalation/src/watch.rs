//! The watch over running clocks: a timer asks, it does not act.

use huying_domain::{
    command::{Ask, Command},
    event::{
        Event,
        clocks::{ClockBreached, ClockChange, PlannedNotice},
    },
    ids::{CaseId, UnitId},
    record::{Actor, CommandId, Origin, Record},
    time::Timestamp,
    vocabulary::Clock,
};
use std::collections::{BTreeMap, BTreeSet};

/// How long a clock that was named stays out of sight, in seconds, when no event answers: long enough for a slow
/// commit, short enough for a refusal that a minute may turn into an acceptance.
pub const ASK_AGAIN_S: i64 = 60;

/// The clocks of all cases and the instants at which they want to be asked.
///
/// It costs the logarithm of what runs for each event, and for each question no more than what it names.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    ticking: BTreeMap<Key, Tick>,
    order: BTreeSet<Place>,
    looked_at: u64,
}

/// A clock of a case, or one of the notices planned about it.
type Key = (CaseId, Clock, Option<u8>);

/// A clock whose instant has passed, or a notice about a clock whose instant has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Overdue {
    /// Whose clock.
    pub case: CaseId,
    /// Which clock.
    pub clock: Clock,
    /// The instant for which it was set.
    pub scheduled: Timestamp,
    /// Since when it counts: an engine that was away since before then was away for the whole limit.
    pub from: Timestamp,
    /// How often it was breached before; part of the command's id.
    pub step: u32,
    /// The notice's number among those of the clock; none if it is the clock itself.
    pub notice: Option<u8>,
}

impl Watch {
    /// Takes in what a record says of clocks.
    pub fn follow(&mut self, record: &Record) {
        for part in &record.parts {
            if let Some(case) = part.case() {
                part.events.iter().for_each(|event| self.evolve(case, event));
            }
        }
    }

    /// Names at most `limit` clocks whose instant has passed and that were not named within `ASK_AGAIN_S`, in the
    /// order of their instants.
    ///
    /// Naming one does not end its watch (only the answering event does), and one that stays refused never blocks
    /// those behind it: it goes out of sight and comes back. Of each case only the earliest is named: what follows
    /// from it may end or move the others, and after a stop the steps of a case have to come in order. Whoever
    /// wants them all asks until nothing is named.
    pub fn overdue(&mut self, now: Timestamp, limit: usize) -> Vec<Overdue> {
        let mut passed = self.passed(now, limit);
        let hidden_until = now.plus_seconds(ASK_AGAIN_S);
        for place in &passed {
            self.order.remove(place);
            self.order.insert(Place { name_at: hidden_until, ..*place });
            self.tick_of(place).name_at = hidden_until;
        }
        passed.sort_unstable_by_key(|place| (place.scheduled, place.case, place.clock, place.notice));
        passed.iter().map(|place| self.tick_of(place).overdue(place)).collect()
    }

    /// The question for the door. It names no version: whether the clock still runs to that instant is asked
    /// there, and a note written a second before must not send the timer away.
    pub fn command(centre: &UnitId, overdue: &Overdue, away_since: Option<Timestamp>) -> Command {
        let Overdue { case, clock, scheduled, step, notice, .. } = *overdue;
        let (id, ask) = match notice {
            Some(step) => (
                CommandId::of_notice(case, clock, step, scheduled),
                Ask::CheckNotice { clock, step, scheduled },
            ),
            None => (
                CommandId::of_timer(case, clock, step, scheduled),
                Ask::CheckClock { clock, scheduled, away_since },
            ),
        };
        Command {
            id,
            actor: Actor::unit(centre.clone()),
            by: Origin::Timer,
            because: None,
            saw: None,
            case: Some(case),
            ask,
            private: None,
        }
    }

    /// The next instant at which a clock wants to be named; the host sleeps until then.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.order.first().map(|place| place.name_at)
    }

    /// How many clocks want to be asked at some instant; those that stand still are not among them.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether no clock wants to be asked.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How many clocks were looked at in all questions so far: what the asking has cost.
    pub const fn looked_at(&self) -> u64 {
        self.looked_at
    }

    fn tick_of(&mut self, place: &Place) -> &mut Tick {
        self.ticking
            .get_mut(&(place.case, place.clock, place.notice))
            .expect("whatever stands in the order ticks")
    }

    /// Every event is named, so that a new one stops the build here and somebody says what it does to clocks.
    fn evolve(&mut self, case: CaseId, event: &Event) {
        match event {
            Event::Clocked(event) => event.changes.iter().for_each(|change| self.change(case, change)),
            Event::ClockBreached(event) => self.breach(case, event),
            Event::Noticed(event) => _ = self.take((case, event.clock, Some(event.step))),
            // The door stops every clock of such a case; nothing may tick on even if it ever forgot one.
            Event::Closed(_) | Event::Reopened(_) => self.end_all(case),
            Event::Registered(_)
            | Event::Joined(_)
            | Event::MemberAdded(_)
            | Event::Corrected(_)
            | Event::Tagged(_)
            | Event::Refused(_)
            | Event::Referred(_)
            | Event::Cancelled(_)
            | Event::Assigned(_)
            | Event::Accepted(_)
            | Event::Returned(_)
            | Event::Ruled(_)
            | Event::Delegated(_)
            | Event::Contacted(_)
            | Event::Arrived(_)
            | Event::Progressed(_)
            | Event::Resolved(_)
            | Event::Exempted(_)
            | Event::Escalated(_)
            | Event::TopAsked(_)
            | Event::Alarmed(_)
            | Event::Reminded(_)
            | Event::Requested(_)
            | Event::Denied(_)
            | Event::Extended(_)
            | Event::Suspended(_)
            | Event::Resumed(_)
            | Event::Terminated(_)
            | Event::InformAsked(_)
            | Event::Informed(_)
            | Event::Whistled(_)
            | Event::ReportedIn(_)
            | Event::HelpCalled(_)
            | Event::HelpReported(_)
            | Event::Consulted(_)
            | Event::TaskFinished(_)
            | Event::ErrandMissed(_)
            | Event::Merged(_)
            | Event::TookIn(_)
            | Event::Unmerged(_)
            | Event::LetGo(_)
            | Event::Appealed(_)
            | Event::AppealJudged(_)
            | Event::LookAsked(_)
            | Event::LookedAgain(_)
            | Event::NewsPassed(_)
            | Event::Supervised(_)
            | Event::Instructed(_)
            | Event::Checked(_)
            | Event::Answered(_)
            | Event::PassedOn(_)
            | Event::TellAsked(_)
            | Event::Told(_)
            | Event::CalledBack(_)
            | Event::Revealed(_)
            | Event::Erased(_)
            | Event::Rehomed(_)
            | Event::RulesPublished(_)
            | Event::DutySet(_)
            | Event::AccountSet(_)
            | Event::KeysSet(_) => {}
        }
    }

    fn change(&mut self, case: CaseId, change: &ClockChange) {
        let clock = change.clock();
        if let ClockChange::Planned { notices, .. } = change {
            self.take_notices(case, clock, Timestamp::FAR);
            if self.ticking.contains_key(&(case, clock, None)) {
                notices.iter().for_each(|notice| self.plan(case, clock, notice));
            }
            return;
        }
        self.take_notices(case, clock, Timestamp::FAR);
        let before = self.take((case, clock, None));
        let after = match (change, before) {
            (&ClockChange::Started { from, due, .. }, _) => Some(Tick::begun(from, due)),
            (ClockChange::Paused { .. }, Some(tick)) => Some(Tick { paused: true, ..tick }),
            (&ClockChange::Resumed { due, .. }, Some(tick)) => Some(Tick { paused: false, due, ..tick }),
            (&ClockChange::Moved { due, .. }, Some(tick)) => Some(Tick { due, ..tick }),
            (ClockChange::Stopped { .. } | ClockChange::Planned { .. }, _)
            | (ClockChange::Paused { .. } | ClockChange::Resumed { .. } | ClockChange::Moved { .. }, None) => {
                None
            }
        };
        if let Some(tick) = after {
            self.put((case, clock, None), tick);
        }
    }

    fn plan(&mut self, case: CaseId, clock: Clock, notice: &PlannedNotice) {
        let tick = Tick { until: Some(notice.until), ..Tick::begun(notice.at, notice.at) };
        self.put((case, clock, Some(notice.step)), tick);
    }

    fn breach(&mut self, case: CaseId, event: &ClockBreached) {
        // What was to warn of it comes too late now.
        self.take_notices(case, event.clock, event.due);
        if let Some(tick) = self.take((case, event.clock, None)) {
            let after = Tick { breached: true, again: event.again, step: tick.step + 1, ..tick };
            self.put((case, event.clock, None), after);
        }
    }

    fn end_all(&mut self, case: CaseId) {
        for clock in Clock::ALL {
            self.take_notices(case, *clock, Timestamp::FAR);
            self.take((case, *clock, None));
        }
    }

    /// Ends the notices of a clock that are planned for before an instant.
    fn take_notices(&mut self, case: CaseId, clock: Clock, before: Timestamp) {
        let all = self.ticking.range((case, clock, Some(0))..=(case, clock, Some(u8::MAX)));
        let ended: Vec<Key> = all.filter(|(_, tick)| tick.due < before).map(|(key, _)| *key).collect();
        for key in ended {
            self.take(key);
        }
    }

    /// The places that are to be named, and an end to the notices on the way that nobody needs any more. It looks at
    /// what is due and at one more, and stops behind the last that it names: were all that is due looked at for each
    /// handful, whoever has to name a million after a stop would never be done.
    fn passed(&mut self, now: Timestamp, limit: usize) -> Vec<Place> {
        let (mut cases, mut passed, mut lapsed) = (BTreeSet::new(), Vec::new(), Vec::new());
        for place in &self.order {
            if passed.len() == limit {
                break;
            }
            self.looked_at += 1;
            if place.name_at > now {
                break;
            }
            let key = (place.case, place.clock, place.notice);
            if place.notice.is_some() && self.ticking[&key].until.is_some_and(|until| until <= now) {
                lapsed.push(key);
            } else if cases.insert(place.case) {
                passed.push(*place);
            }
        }
        for key in lapsed {
            self.take(key);
        }
        passed
    }

    fn take(&mut self, key: Key) -> Option<Tick> {
        let tick = self.ticking.remove(&key)?;
        if let Some(scheduled) = tick.scheduled() {
            self.order.remove(&Place::of(key, tick.name_at, scheduled));
        }
        Some(tick)
    }

    /// A clock of which something was said is out of hiding.
    fn put(&mut self, key: Key, mut tick: Tick) {
        if let Some(scheduled) = tick.scheduled() {
            tick.name_at = scheduled;
            self.order.insert(Place::of(key, scheduled, scheduled));
        }
        self.ticking.insert(key, tick);
    }
}

/// Where a clock stands in the order of naming. The fields are compared from the first to the last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Place {
    /// The instant for which it was set, or, named already, the end of its hiding.
    name_at: Timestamp,
    scheduled: Timestamp,
    case: CaseId,
    clock: Clock,
    notice: Option<u8>,
}

impl Place {
    const fn of((case, clock, notice): Key, name_at: Timestamp, scheduled: Timestamp) -> Self {
        Self { name_at, scheduled, case, clock, notice }
    }
}

/// A clock that has started and not ended: the same facts as the door's own.
#[derive(Clone, Copy, Debug)]
struct Tick {
    from: Timestamp,
    due: Timestamp,
    paused: bool,
    breached: bool,
    again: Option<Timestamp>,
    step: u32,
    /// A notice is of use until then.
    until: Option<Timestamp>,
    /// Its place in the order, if it has one.
    name_at: Timestamp,
}

impl Tick {
    const fn begun(from: Timestamp, due: Timestamp) -> Self {
        Self { from, due, paused: false, breached: false, again: None, step: 0, until: None, name_at: due }
    }

    /// The instant at which it wants to be asked, as the door sees it too.
    const fn scheduled(&self) -> Option<Timestamp> {
        match (self.paused, self.breached) {
            (true, _) => None,
            (false, false) => Some(self.due),
            (false, true) => self.again,
        }
    }

    const fn overdue(&self, place: &Place) -> Overdue {
        let Place { scheduled, case, clock, notice, .. } = *place;
        Overdue { case, clock, scheduled, from: self.from, step: self.step, notice }
    }
}
