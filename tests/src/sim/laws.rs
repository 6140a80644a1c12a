//! The laws, read off the journal alone: a fresh replay that knows nothing of the engine that wrote it.

use self::clocks::clocks_law;
use super::ledger::Ledger;
use huying_domain::{
    case::Case,
    event::Event,
    ids::{CaseId, Seq, UnitId},
    record::{Actor, CommandId, Hash, Origin, Part, Record},
    rules::Rules,
    state::State,
    time::Timestamp,
    vocabulary::{Clock, Stage, Tag},
    wire,
};
use huying_engine::engine::Engine;
use huying_journal::{disk::Disk, head::Head};
use huying_projection::{cases::Cases, tally::Tally, timing::Timing};
use std::{collections::BTreeMap, fmt, ops::ControlFlow, panic::Location};

mod clocks;
pub(crate) mod queues;

/// A broken law.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Which: the place in the laws where it stands.
    pub law: String,
    /// How, in words.
    pub words: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.words, self.law)
    }
}

/// A law holds, or is broken.
pub type Law = Result<(), Broken>;

/// Says that the law that stands where this is called is broken.
#[track_caller]
pub(crate) fn broken(words: String) -> Broken {
    let place = Location::caller();
    Broken { law: format!("{}:{}", place.file(), place.line()), words }
}

/// Holds a law, or says which one is broken.
#[track_caller]
pub(crate) fn hold(law: bool, words: impl FnOnce() -> String) -> Law {
    // Not by `ok_or_else`, whose closure would not know the caller.
    if law { Ok(()) } else { Err(broken(words())) }
}

/// A journal, read afresh from its first record.
pub struct Replay {
    state: State,
    tally: Tally,
    cases: Cases,
    timings: Timing,
    hashes: Vec<Hash>,
    at: Timestamp,
    seqs: BTreeMap<CommandId, Seq>,
    firsts: BTreeMap<Seq, Option<CaseId>>,
    calls: BTreeMap<String, Vec<CaseId>>,
    answered: BTreeMap<CaseId, u32>,
    breaches: u64,
    facts: BTreeMap<&'static str, u64>,
}

impl Replay {
    /// Reads the journal of an engine and holds every law that a record can break.
    pub fn of<D: Disk>(engine: &Engine<D>) -> Result<Self, Broken> {
        let mut replay = Self {
            state: State::new(0),
            tally: Tally::default(),
            cases: Cases::default(),
            timings: Timing::default(),
            hashes: Vec::new(),
            at: Timestamp::EPOCH,
            seqs: BTreeMap::new(),
            firsts: BTreeMap::new(),
            calls: BTreeMap::new(),
            answered: BTreeMap::new(),
            breaches: 0,
            facts: BTreeMap::new(),
        };
        let mut law = Ok(());
        let rules = engine.rules();
        let scanned = engine.journal().scan(1, &mut |record, bytes| {
            law = replay.follow(record, bytes, rules);
            if law.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        scanned.map_err(|error| broken(format!("the journal cannot be read: {error}")))?;
        law.map(|()| replay)
    }

    /// How many records there are.
    pub fn records(&self) -> u64 {
        self.hashes.len() as u64
    }

    /// How often each fact stands there.
    pub fn facts(self) -> BTreeMap<&'static str, u64> {
        self.facts
    }

    fn follow(&mut self, record: &Record, bytes: &[u8], rules: &Rules) -> Law {
        let seq = self.records() + 1;
        hold(record.seq == seq, || format!("record {seq} calls itself {}", record.seq))?;
        let before = self.hashes.last().copied().unwrap_or(Hash::ZERO);
        hold(record.prev == before, || format!("record {seq} does not follow the one before it"))?;
        hold(record.at >= self.at, || format!("record {seq} goes back in time"))?;
        hold(self.seqs.insert(record.command, seq).is_none(), || {
            format!("record {seq}: command {} stands in the journal twice", record.command)
        })?;
        let late = record.late_for.is_none_or(|due| due < record.at && record.by == Origin::Timer);
        hold(late, || format!("record {seq} is late for {:?}", record.late_for))?;
        for part in &record.parts {
            self.part(record, part, rules)
                .map_err(|broken| Broken { words: format!("record {seq}: {}", broken.words), ..broken })?;
        }
        self.hashes.push(wire::hash(bytes));
        self.at = record.at;
        self.firsts.insert(seq, record.parts.first().and_then(Part::case));
        self.tally.follow(record);
        self.cases.follow(record);
        self.timings.follow(record);
        Ok(())
    }

    fn part(&mut self, record: &Record, part: &Part, rules: &Rules) -> Law {
        hold(part.version == self.state.version(&part.subject), || {
            format!("{:?} has another version than {}", part.subject, part.version)
        })?;
        hold(!part.events.is_empty(), || "a part without events".to_owned())?;
        for event in &part.events {
            *self.facts.entry(event.tag()).or_default() += 1;
        }
        let before = part.case().and_then(|id| self.state.case(id)).cloned();
        if let Some(case) = &before {
            part.events.iter().try_for_each(|event| case_law(case, event, record, part, rules))?;
        }
        let one = std::slice::from_ref(part);
        self.state.apply(one, &record.actor, rules.centre(), record.at);
        let Some(id) = part.case() else { return Ok(()) };
        let after = self.state.case(id).ok_or_else(|| broken(format!("{id} was never registered")))?;
        clocks_law(before.as_ref(), after, part, record)?;
        // What a drill misses counts in no figure.
        let is_drill = after.tags.contains(&Tag::Drill);
        for event in &part.events {
            match event {
                Event::Registered(event) => note_call(&mut self.calls, event.filing.external.as_ref(), id),
                Event::Joined(event) => note_call(&mut self.calls, event.filing.external.as_ref(), id),
                Event::Answered(_) => *self.answered.entry(id).or_default() += 1,
                Event::ClockBreached(_) if !is_drill => self.breaches += 1,
                _ => {}
            }
        }
        Ok(())
    }

    /// Heads that were once shown stand where they stood.
    pub(crate) fn keeps(&self, heads: &BTreeMap<Seq, Hash>) -> Law {
        heads.iter().filter(|(seq, _)| **seq > 0).try_for_each(|(seq, hash)| {
            let place = usize::try_from(*seq - 1).expect("a short journal");
            let now = self.hashes.get(place);
            hold(now == Some(hash), || {
                format!("record {seq} was shown as {hash}, and the journal has {now:?} of {}", self.records())
            })
        })
    }

    /// What clients were told is so: every accepted command stands in its record, once, and nothing that was
    /// refused for good stands anywhere.
    pub(crate) fn keeps_word(&self, ledger: &Ledger) -> Law {
        for (id, told) in ledger.accepted() {
            let seq = self.seqs.get(&id);
            hold(seq == Some(&told.seq), || format!("{id} was told record {}, and it is {seq:?}", told.seq))?;
            let first = self.firsts.get(&told.seq).copied().flatten();
            hold(first == told.case, || format!("{id} was told case {:?}, and it is {first:?}", told.case))?;
        }
        for id in ledger.refused_for_good() {
            hold(!self.seqs.contains_key(&id), || format!("{id} was refused and stands in the journal"))?;
        }
        let doubled = self.calls.iter().find(|(_, cases)| cases.len() > 1);
        hold(doubled.is_none(), || format!("a call became several cases: {doubled:?}"))
    }

    /// What the engine shows is what a fresh replay shows.
    pub fn is_shown_by<D: Disk>(&self, engine: &Engine<D>) -> Law {
        let views = engine.views();
        hold(views.tally == self.tally, || format!("the tally {:?} is not {:?}", views.tally, self.tally))?;
        hold(views.cases == self.cases, || "the open cases are not those of a fresh replay".to_owned())?;
        hold(views.timings == self.timings, || "the timings are not those of a fresh replay".to_owned())?;
        let breaches = views.tally.breached.values().sum::<u64>() + views.tally.asked_again;
        hold(breaches == self.breaches, || format!("{breaches} breaches shown, {} stand", self.breaches))?;
        let is_open = |case: &&Case| case.stage.is_open();
        let here: Vec<&Case> = self.state.cases().filter(is_open).collect();
        let there: Vec<&Case> = engine.state().cases().filter(is_open).collect();
        let other = here.iter().zip(&there).find(|(here, there)| here != there);
        hold(other.is_none() && here.len() == there.len(), || {
            format!(
                "the engine's cases ({}) are not those of a fresh replay ({}): {other:?}",
                there.len(),
                here.len()
            )
        })
    }

    /// At the end everybody who called has been answered and told, and every case is closed.
    pub(crate) fn is_finished(&self, ledger: &Ledger) -> Law {
        for (external, told) in ledger.calls() {
            let case = self.calls.get(external).and_then(|cases| cases.first());
            hold(case.is_some() && case == told.as_ref(), || {
                format!("{external} is case {case:?}, and its caller was told {told:?}")
            })?;
        }
        self.is_answered()
    }

    /// Every case is closed, and whoever called about it was answered and told.
    pub fn is_answered(&self) -> Law {
        for case in self.state.cases() {
            let answered = self.answered.get(&case.id).copied().unwrap_or(0);
            // A drill has no caller: it ends with whoever answers it, or with nobody.
            let drill = case.tags.contains(&Tag::Drill);
            let served = drill || (case.told && answered >= u32::from(case.leg));
            let done = case.stage == Stage::Closed && served;
            hold(done, || format!("{} was not finished: answered {answered} times, {case:?}", case.id))?;
        }
        Ok(())
    }
}

fn note_call(
    calls: &mut BTreeMap<String, Vec<CaseId>>,
    external: Option<&huying_domain::ids::ExternalId>,
    case: CaseId,
) {
    if let Some(external) = external {
        calls.entry(external.to_string()).or_default().push(case);
    }
}

/// Laws 3, 5 and 8, and that nothing is closed before its caller was told, for one event.
fn case_law(case: &Case, event: &Event, record: &Record, part: &Part, rules: &Rules) -> Law {
    match event {
        Event::ClockBreached(breach) => {
            hold(breach.due <= record.at, || format!("{} was breached before it was due", breach.clock))
        }
        Event::Exempted(exempt) => {
            let beside = part.events.iter().any(|other| {
                matches!(other, Event::ClockBreached(breach) if breach.clock == exempt.clock && breach.due == exempt.due)
            });
            // The engine exempts beside the breach; a person later, once.
            let earlier = case.breach(exempt.clock, exempt.due).is_some_and(|breach| !breach.exempted);
            let (clock, fits) = (exempt.clock, if exempt.by.is_some() { earlier } else { beside });
            hold(fits, || format!("{clock} is exempted and was not breached"))
        }
        Event::Extended(event) => {
            let running = case.running(Clock::Resolve);
            let in_time =
                running.is_some_and(|one| !one.breached && record.at < one.due && one.due < event.until);
            hold(in_time, || format!("{} was extended out of time: {event:?}", case.id))?;
            let max = rules.policy.acts.as_ref().map_or(0, |acts| acts.extensions_max);
            hold(event.count <= max, || format!("{} has extension {}", case.id, event.count))
        }
        Event::Suspended(_) => hold(case.suspensions == 0, || format!("{} rests a second time", case.id)),
        Event::Resumed(event) => {
            let due = event.by.is_some() || (record.at >= event.until && record.by == Origin::Timer);
            hold(due, || format!("{} went on before its day", case.id))
        }
        Event::ErrandMissed(event) => {
            hold(event.due <= record.at, || format!("errand {} was missed before it was due", event.number))
        }
        Event::Checked(_) => own_work(case, &record.actor, rules, "checked"),
        Event::Closed(_) => {
            let drill = case.tags.contains(&Tag::Drill);
            hold(case.told || drill, || format!("{} was closed before its caller was told", case.id))?;
            let by_program = record.by == Origin::Station;
            if by_program { Ok(()) } else { own_work(case, &record.actor, rules, "closed") }
        }
        Event::Assigned(event) => {
            std::iter::once(&event.lead).chain(&event.co_handlers).try_for_each(|to| about(case, to, rules))
        }
        Event::Ruled(event) => about(case, &event.holder, rules),
        Event::Escalated(event) => about(case, &event.to, rules),
        _ => Ok(()),
    }
}

/// Law 5: not by a unit that resolved it; at the centre, not by the same person.
fn own_work(case: &Case, by: &Actor, rules: &Rules, what: &str) -> Law {
    let own = case.resolvers.iter().any(|resolver| {
        let another = by.unit == *rules.centre() && resolver.person != by.person;
        resolver.unit == by.unit && !another
    });
    hold(!own, || format!("{} was {what} by its resolver {by:?}", case.id))
}

/// Law 8: never to the unit that it is about, nor below it.
fn about(case: &Case, to: &UnitId, rules: &Rules) -> Law {
    let own = case.brief.accused.as_ref().filter(|accused| rules.is_or_is_below(to, accused));
    hold(own.is_none(), || format!("{} about {own:?} was given to {to}", case.id))
}

/// Law 1, at an instant at which the engine has nothing to do, and what follows from it: every open case has a
/// holder known to the city and a next instant that has not passed, or follows an open one; the watch waits for
/// the earliest of them; and no case waits for a station.
pub(crate) fn at_rest<D: Disk>(engine: &Engine<D>, now: Timestamp) -> Law {
    let state = engine.state();
    let open = |case: &&Case| case.stage.is_open();
    for case in state.cases().filter(open) {
        let id = case.id;
        hold(engine.rules().unit(&case.holder).is_some(), || format!("{id} is held by {}", case.holder))?;
        let led = case.lead.and_then(|lead| state.case(lead)).is_some_and(|lead| open(&lead));
        match case.next_instant() {
            Some(next) => {
                hold(next > now, || format!("{id} has waited since {next}; it is {now}: {case:?}"))?
            }
            None => {
                hold(case.stage == Stage::Following && led, || format!("{id} sleeps for ever: {case:?}"))?
            }
        }
        let unpassed = case.stage == Stage::Answered && case.waiting_members() > 0;
        let unheard = case.members_without_news() > 0;
        hold(!unpassed && !unheard, || format!("{id} has further callers whom no station serves"))?;
    }
    let next = state.cases().filter_map(|case| case.next_wake(now)).min();
    let watched = engine.next_due();
    hold(next == watched, || format!("the watch waits for {watched:?}, the cases for {next:?} at {now}"))
}

/// A head that was shown to somebody.
pub(crate) fn note_head(heads: &mut BTreeMap<Seq, Hash>, head: Head) -> Law {
    let before = heads.insert(head.seq, head.hash).unwrap_or(head.hash);
    hold(before == head.hash, || format!("record {} has had two hashes", head.seq))
}
