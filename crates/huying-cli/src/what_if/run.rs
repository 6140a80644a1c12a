//! The fresh engine that takes the acts.

use super::{
    above::raised,
    cases::{Cases, Missing},
    course::Course,
    history::{Act, History, print},
    side::Side,
    turn::{Turn, then, turn},
};
use huying_domain::{
    command::{Ask, Command},
    ids::CaseId,
    record::{Actor, CommandId, Hash, Record},
    time::Timestamp,
    vocabulary::Stage,
};
use huying_engine::{
    door::{Answer, Lane, Ticket},
    engine::{Engine, Fault},
};
use huying_journal::disk::Disk;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

/// Most acts that are handed in before the loop turns.
const ACTS_AT_ONCE_MAX: usize = 512;
/// Stands beside an act whose case the other rules did not take up.
const CALL_REFUSED: &str = "call_refused";
/// Stands beside an act whose case never came as far.
const NEVER_ITS_TURN: &str = "never_its_turn";

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The counts.
    pub side: Side,
    /// Acts that went to another unit than the one that did them.
    pub carried: u64,
    /// Acts that waited until their case had come as far as it had in the journal.
    pub waited: u64,
    /// Acts that the other rules refuse, by ask and code.
    pub refused: BTreeMap<String, u64>,
    /// Acts that were to come after the end.
    pub beyond_end: u64,
    /// Whether every record is that of the journal.
    pub same: Sameness,
}

impl Outcome {
    fn refuse(&mut self, ask: &str, code: &str) {
        *self.refused.entry(format!("{ask} {code}")).or_default() += 1;
    }
}

/// How far the records are those of the journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Sameness {
    /// Records.
    pub records: u64,
    /// The first that differs.
    pub differs_at: Option<u64>,
}

#[derive(Default)]
struct Seen {
    side: Side,
    prints: Vec<Hash>,
    cases: Cases,
    course: Course,
}

impl Seen {
    fn follow(&mut self, record: &Record) {
        self.side.follow(record);
        self.cases.follow(record);
        self.prints.push(print(record));
        self.course.follow(record);
    }
}

/// Lets a fresh engine live through the acts of a history; what happens from `from` on is counted.
pub fn run<D: Disk + Clone>(
    mut engine: Engine<D>,
    history: &History,
    from: Option<Timestamp>,
) -> Result<Outcome, Fault> {
    let seen = Seen { side: Side::since(from), ..Seen::default() };
    let seen = Arc::new(Mutex::new(seen));
    let inbox = Arc::clone(&seen);
    engine.subscribe(Box::new(move |committed| {
        inbox.lock().expect("nobody panics while holding it").follow(&committed.record);
    }));
    let mut life = Life {
        engine,
        seen,
        later: BTreeMap::new(),
        waiting: BTreeMap::new(),
        outcome: Outcome::default(),
        nth: 0,
    };
    let mut acts = history.acts.iter().peekable();
    let start = history.begun.unwrap_or_default();
    life.settle(start)?;
    loop {
        let next = [acts.peek().map(|act| act.at), life.next_later(), life.engine.next_due()];
        let Some(now) = next.into_iter().flatten().min().filter(|now| *now <= history.ended) else { break };
        life.engine.clock().advance_to(now);
        life.postponed(now)?;
        // Calls come in when the clocks of an instant have been asked, other acts before.
        if acts.peek().is_none_or(|act| act.at > now || act.made.is_some()) {
            life.settle(now)?;
        }
        while acts.peek().is_some_and(|act| act.at <= now) {
            let mut together = vec![acts.next().expect("it was looked at")];
            while together.len() < ACTS_AT_ONCE_MAX
                && let Some(act) = acts.next_if(|act| act.at <= now && act.follows_at_once)
            {
                together.push(act);
            }
            life.hand_in(&together, now)?;
        }
    }
    life.outcome.beyond_end = life.later.len() as u64;
    for act in std::mem::take(&mut life.waiting).into_values().flatten() {
        life.outcome.refuse(act.command.ask.name(), NEVER_ITS_TURN);
    }
    let Life { engine, seen, mut outcome, .. } = life;
    drop(engine);
    let seen = std::mem::take(&mut *seen.lock().expect("nobody panics while holding it"));
    let differs = seen.prints.iter().zip(&history.prints).position(|(ours, theirs)| ours != theirs);
    let shorter = seen.prints.len().min(history.prints.len());
    let differs = differs.or((seen.prints.len() != history.prints.len()).then_some(shorter));
    outcome.same =
        Sameness { records: seen.prints.len() as u64, differs_at: differs.map(|at| at as u64 + 1) };
    outcome.side = seen.side;
    Ok(outcome)
}

struct Life<D: Disk> {
    engine: Engine<D>,
    seen: Arc<Mutex<Seen>>,
    /// Acts that are done later than in the journal.
    later: BTreeMap<(Timestamp, u64), Act>,
    /// Acts whose cases have not come as far.
    waiting: BTreeMap<CaseId, Vec<Act>>,
    outcome: Outcome,
    nth: u64,
}

/// What the door was asked, and where the answer will be.
type Asked = (&'static str, Ticket<Answer>);

impl<D: Disk + Clone> Life<D> {
    fn settle(&mut self, now: Timestamp) -> Result<(), Fault> {
        while !self.engine.step(now)?.idle {}
        let moved = self.seen().course.moved();
        for case in moved {
            let Some(acts) = self.waiting.remove(&case) else { continue };
            let here = self.seen().course.stands(case);
            for act in acts {
                match (turn(&act, here), here) {
                    (Turn::Now, Some(here)) => self.postpone(then(&act, here).max(now), act),
                    (Turn::Now | Turn::WhenItMoves, _) => self.waiting.entry(case).or_default().push(act),
                }
            }
        }
        Ok(())
    }

    fn next_later(&self) -> Option<Timestamp> {
        self.later.keys().next().map(|(at, _)| *at)
    }

    fn postpone(&mut self, then: Timestamp, act: Act) {
        self.nth += 1;
        self.later.insert((then, self.nth), act);
    }

    fn hand_in(&mut self, acts: &[&Act], now: Timestamp) -> Result<(), Fault> {
        let mut tickets = Vec::new();
        let mut asked: BTreeSet<CaseId> = BTreeSet::new();
        // What is settled while the caller is on the line comes behind the call, by the same lane.
        let mut lane = Lane::Urgent;
        for act in acts {
            let mut act = (*act).clone();
            if let Some(made) = act.made {
                lane = Lane::Ordinary;
                self.seen().cases.call(act.command.id, made);
            }
            let mut found = self.seen().cases.translate(&mut act.command);
            if found == Err(Missing::Unanswered) {
                self.taken(std::mem::take(&mut tickets), now)?;
                found = self.seen().cases.translate(&mut act.command);
            }
            if found.is_err() {
                self.outcome.refuse(act.command.ask.name(), CALL_REFUSED);
                continue;
            }
            // Where something was asked of the case in the same breath, the state does not show yet what comes of it.
            let case = act.command.case;
            let ticket = if case.is_some_and(|case| asked.contains(&case)) {
                self.submit(act.command, lane)
            } else {
                self.place(act, lane, now)
            };
            asked.extend(case.filter(|_| ticket.is_some()));
            tickets.extend(ticket);
        }
        self.taken(tickets, now)
    }

    fn postponed(&mut self, now: Timestamp) -> Result<(), Fault> {
        while let Some(entry) = self.later.first_entry().filter(|entry| entry.key().0 <= now) {
            let act = entry.remove();
            let ticket = self.place(act, Lane::Urgent, now);
            self.taken(ticket.into_iter().collect(), now)?;
        }
        Ok(())
    }

    /// Does an act now, or sees to it that it is done when its time comes.
    fn place(&mut self, mut act: Act, lane: Lane, now: Timestamp) -> Option<Asked> {
        let Some(case) = act.command.case else { return self.submit(act.command, lane) };
        let holder = self.seen().course.holder(case).cloned();
        if let (Some(held_for_s), Some((holder, since))) = (act.held_for_s, holder)
            && holder != act.command.actor.unit
        {
            self.outcome.carried += u64::from(!std::mem::replace(&mut act.carried, true));
            act.command.actor = Actor { unit: holder, person: act.command.actor.person.clone() };
            let then = since.plus_seconds(held_for_s);
            if then > now {
                self.postpone(then, act);
                return None;
            }
        }
        reassigned(&mut act.command, &self.engine);
        let here = self.seen().course.stands(case);
        let (state, rules) = (self.engine.state(), self.engine.rules());
        if state.case(case).is_some_and(|case| raised(&mut act.command, case, rules)) {
            self.outcome.carried += u64::from(!std::mem::replace(&mut act.carried, true));
        }
        match turn(&act, here) {
            Turn::Now => self.submit(act.command, lane),
            Turn::WhenItMoves => {
                self.outcome.waited += u64::from(!std::mem::replace(&mut act.waited, true));
                self.waiting.entry(case).or_default().push(act);
                None
            }
        }
    }

    fn submit(&mut self, mut command: Command, lane: Lane) -> Option<Asked> {
        reassigned(&mut command, &self.engine);
        if let Some(accept) = self.signed_before(&command) {
            // Whoever has it now never signed in the history: they sign when they have the result. A refusal of it is
            // seen in the result's own.
            drop(self.engine.handle().submit(accept, lane));
        }
        let name = command.ask.name();
        match self.engine.handle().submit(command, lane) {
            Ok(ticket) => Some((name, ticket)),
            Err(refusal) => {
                self.outcome.refuse(name, refusal.code());
                None
            }
        }
    }

    /// The signature that a result needs, where its case was given to somebody who has not signed for it.
    fn signed_before(&mut self, command: &Command) -> Option<Command> {
        let case = self.engine.state().case(command.case?)?;
        let needs = matches!(command.ask, Ask::Resolve { .. })
            && case.stage == Stage::Assigned
            && case.holder == command.actor.unit;
        needs.then(|| {
            self.nth += 1;
            let id = CommandId::of_act("what-if/accept", &case.id.to_string(), self.nth);
            Command { id, ask: Ask::Accept, private: None, saw: None, ..command.clone() }
        })
    }

    fn taken(&mut self, tickets: Vec<Asked>, now: Timestamp) -> Result<(), Fault> {
        self.settle(now)?;
        for (name, mut ticket) in tickets {
            if let Some(Err(refusal)) = ticket.try_take() {
                self.outcome.refuse(name, refusal.code());
            }
        }
        self.seen().cases.answered();
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("nobody panics while holding it")
    }
}

/// A person's assignment reads the same whether it was the first or another: what it is depends on the case.
fn reassigned<D: Disk + Clone>(command: &mut Command, engine: &Engine<D>) {
    let Some(case) = command.case.and_then(|case| engine.state().case(case)) else { return };
    let Ask::Assign { lead, rung, reason, .. } = &command.ask else { return };
    if !matches!(case.stage, Stage::Filed | Stage::Returned) {
        command.ask = Ask::Reassign { lead: lead.clone(), rung: *rung, reason: reason.clone() };
    }
}
