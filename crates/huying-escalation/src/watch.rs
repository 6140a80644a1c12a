//! The watch over running clocks: a timer asks, it does not act.

use huying_domain::{
    command::{Ask, Command},
    event::{
        Event,
        clocks::{ClockBreached, ClockChange, PlannedNotice},
    },
    ids::{CaseId, UnitId},
    pages::Pages,
    record::{Actor, CommandId, Origin, Record},
    time::Timestamp,
    vocabulary::Clock,
};
use std::{collections::BTreeSet, ops::Bound};

/// How long a clock that was named stays out of sight, in seconds, when no event answers: long enough for a slow
/// commit, short enough for a refusal that a minute may turn into an acceptance.
pub const ASK_AGAIN_S: i64 = 60;

/// The clocks of all cases and the instants at which they want to be asked.
///
/// It costs the logarithm of what runs for each event, and for each question no more than what it names.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// The clocks of each case and the notices planned about them.
    ticking: Pages<Box<[Tick]>>,
    /// Each case once, where the first of its clocks stands.
    order: BTreeSet<Place>,
    /// How many clocks and notices want to be asked.
    waiting: usize,
    looked_at: u64,
}

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
        for overdue in &passed {
            self.change(overdue.case, |ticks| {
                let named = ticks.iter_mut().find(|tick| tick.is(overdue.clock, overdue.notice));
                named.expect("whatever was named ticks").hidden_until = Some(hidden_until);
            });
        }
        passed.sort_unstable_by_key(|one| (one.scheduled, one.case, one.clock, one.notice));
        passed
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
        self.waiting
    }

    /// Whether no clock wants to be asked.
    pub fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// How many clocks were looked at in all questions so far: what the asking has cost.
    pub const fn looked_at(&self) -> u64 {
        self.looked_at
    }

    /// Every event is named, so that a new one stops the build here and somebody says what it does to clocks.
    fn evolve(&mut self, case: CaseId, event: &Event) {
        match event {
            Event::Clocked(event) => self.change(case, |ticks| {
                event.changes.iter().for_each(|change| follow(ticks, change));
            }),
            Event::ClockBreached(event) => self.change(case, |ticks| breach(ticks, event)),
            Event::Noticed(event) => self.change(case, |ticks| end(ticks, event.clock, Some(event.step))),
            // The door stops every clock of such a case; nothing may tick on even if it ever forgot one.
            Event::Closed(_) | Event::Reopened(_) => self.change(case, Vec::clear),
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

    /// Changes the clocks of a case, and puts it where the first of them stands now.
    fn change(&mut self, case: CaseId, change: impl FnOnce(&mut Vec<Tick>)) {
        let known = self.ticking.get_mut(case).map(std::mem::take);
        let was_there = known.is_some();
        let mut ticks = known.map_or_else(Vec::new, <[Tick]>::into_vec);
        if let Some(place) = Place::of(case, &ticks) {
            self.order.remove(&place);
        }
        self.waiting -= ticks.iter().filter(|tick| tick.scheduled().is_some()).count();
        change(&mut ticks);
        self.waiting += ticks.iter().filter(|tick| tick.scheduled().is_some()).count();
        if let Some(place) = Place::of(case, &ticks) {
            self.order.insert(place);
        }
        if !ticks.is_empty() {
            self.ticking.insert(case, ticks.into_boxed_slice());
        } else if was_there {
            self.ticking.remove(case);
        }
    }

    /// The clocks that are to be named, and an end to the notices on the way that nobody needs any more. It looks at
    /// what is due and at one more, and stops behind the last that it names: were all that is due looked at for each
    /// handful, whoever has to name a million after a stop would never be done.
    fn passed(&mut self, now: Timestamp, limit: usize) -> Vec<Overdue> {
        let mut passed = Vec::new();
        let mut behind = Bound::Unbounded;
        while passed.len() < limit
            && let Some(&place) = self.order.range((behind, Bound::Unbounded)).next()
        {
            self.looked_at += 1;
            if place.name_at > now {
                break;
            }
            let ticks = self.ticking.get(place.case).expect("whatever stands in the order ticks");
            let first = first(ticks).expect("it stands where its first clock does");
            let overdue = first.overdue(place.case, place.scheduled);
            if first.is_void(now) {
                // The case is looked at again, where it stands without that.
                self.change(place.case, |ticks| end(ticks, overdue.clock, overdue.notice));
            } else {
                passed.push(overdue);
                behind = Bound::Excluded(place);
            }
        }
        passed
    }
}

fn follow(ticks: &mut Vec<Tick>, change: &ClockChange) {
    let clock = change.clock();
    ticks.retain(|tick| tick.clock != clock || tick.notice.is_none());
    let tick = ticks.iter_mut().find(|tick| tick.clock == clock);
    match (change, tick) {
        (&ClockChange::Started { from, due, .. }, tick) => {
            let begun = Tick::begun(clock, from, due);
            match tick {
                Some(tick) => *tick = begun,
                None => ticks.push(begun),
            }
        }
        (ClockChange::Planned { notices, .. }, Some(_)) => {
            ticks.extend(notices.iter().map(|notice| Tick::planned(clock, notice)));
        }
        (ClockChange::Paused { .. }, Some(tick)) => tick.paused = true,
        (&ClockChange::Resumed { due, .. }, Some(tick)) => {
            tick.paused = false;
            tick.due_at(due);
        }
        (&ClockChange::Moved { due, .. }, Some(tick)) => tick.due_at(due),
        (ClockChange::Stopped { .. }, _) => ticks.retain(|tick| tick.clock != clock),
        (
            ClockChange::Planned { .. }
            | ClockChange::Paused { .. }
            | ClockChange::Resumed { .. }
            | ClockChange::Moved { .. },
            None,
        ) => {}
    }
}

fn breach(ticks: &mut Vec<Tick>, event: &ClockBreached) {
    // What was to warn of it comes too late now.
    let warns = |tick: &Tick| tick.asks_at.is_some_and(|at| at < event.due);
    ticks.retain(|tick| tick.clock != event.clock || tick.notice.is_none() || !warns(tick));
    if let Some(tick) = ticks.iter_mut().find(|tick| tick.is(event.clock, None)) {
        tick.breached = true;
        tick.asks_at = event.again;
        tick.step += 1;
        tick.hidden_until = None;
    }
}

fn end(ticks: &mut Vec<Tick>, clock: Clock, notice: Option<u8>) {
    ticks.retain(|tick| !tick.is(clock, notice));
}

/// The clock that is to be named first.
fn first(ticks: &[Tick]) -> Option<&Tick> {
    let waiting = ticks.iter().filter_map(|tick| Some((tick.name_at()?, tick)));
    waiting.min_by_key(|(at, tick)| (*at, tick.clock, tick.notice)).map(|(_, tick)| tick)
}

/// Where a case stands in the order of naming. The fields are compared from the first to the last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Place {
    /// The instant for which its first clock was set, or, named already, the end of its hiding.
    name_at: Timestamp,
    scheduled: Timestamp,
    case: CaseId,
}

impl Place {
    fn of(case: CaseId, ticks: &[Tick]) -> Option<Self> {
        let (name_at, scheduled) = first(ticks)?.name_at()?;
        Some(Self { name_at, scheduled, case })
    }
}

/// A clock that has started and not ended, or a notice planned about one: the same facts as the door's own.
#[derive(Clone, Copy, Debug)]
struct Tick {
    /// The instant for which it is set; none for a breached clock about which nobody is asked again.
    asks_at: Option<Timestamp>,
    /// Of a clock: since when it counts. Of a notice: until when it is of use.
    from_or_until: Timestamp,
    /// It was named and is out of sight until then.
    hidden_until: Option<Timestamp>,
    /// How often it was breached.
    step: u32,
    clock: Clock,
    /// The number of the notice; none for the clock itself.
    notice: Option<u8>,
    paused: bool,
    breached: bool,
}

impl Tick {
    const fn begun(clock: Clock, from: Timestamp, due: Timestamp) -> Self {
        Self {
            asks_at: Some(due),
            from_or_until: from,
            hidden_until: None,
            step: 0,
            clock,
            notice: None,
            paused: false,
            breached: false,
        }
    }

    const fn planned(clock: Clock, notice: &PlannedNotice) -> Self {
        Self { notice: Some(notice.step), ..Self::begun(clock, notice.until, notice.at) }
    }

    fn is(&self, clock: Clock, notice: Option<u8>) -> bool {
        (self.clock, self.notice) == (clock, notice)
    }

    /// A clock of which something was said is out of hiding; one that was breached keeps its own instant.
    const fn due_at(&mut self, due: Timestamp) {
        self.hidden_until = None;
        if !self.breached {
            self.asks_at = Some(due);
        }
    }

    /// The instant at which it wants to be asked, as the door sees it too.
    const fn scheduled(&self) -> Option<Timestamp> {
        if self.paused { None } else { self.asks_at }
    }

    /// The instant at which it is to be named, and the one for which it is set.
    fn name_at(&self) -> Option<(Timestamp, Timestamp)> {
        let scheduled = self.scheduled()?;
        Some((self.hidden_until.unwrap_or(scheduled), scheduled))
    }

    /// Whether it is a notice that is of use to nobody any more.
    fn is_void(&self, now: Timestamp) -> bool {
        self.notice.is_some() && self.from_or_until <= now
    }

    fn overdue(&self, case: CaseId, scheduled: Timestamp) -> Overdue {
        let from = if self.notice.is_some() { scheduled } else { self.from_or_until };
        Overdue { case, clock: self.clock, scheduled, from, step: self.step, notice: self.notice }
    }
}
