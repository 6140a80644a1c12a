//! What follows from a published rule file, and what would.
//!
//! **Calendars.** Clocks that were due beyond the published days are computed afresh, one record a case, by commands
//! that the engine queues itself when the publication is on the platter: they come in by the one door, at most
//! `batch_commands_max` a batch, so that calls are not kept waiting. A stop in between loses none: at the next start the
//! cases are looked at again, and what has been moved is not moved twice.
//!
//! **Policies** are for what comes after them and touch no running clock. [`Engine::trial`] counts what they would say
//! of the open cases all the same, before anybody publishes them.
//!
//! **Units.** A unit that still has work cannot be left out: its cases would have a holder whom nobody knows.

use crate::{
    engine::{Engine, Pending},
    rulebook::{self, RULE_FILE_BYTES_MAX, RulebookError},
};
use huying_domain::{
    case::{Case, Running},
    command::{Ask, Command},
    decide::recompute::moved,
    event::{Event, clocks::ClockChange},
    ids::{CaseId, Seq, UnitId},
    record::{Actor, CommandId, Hash, Origin, Record, RuleFile, Subject},
    refusal::Refusal,
    rules::{RuleTexts, Rules},
    time::Timestamp,
    vocabulary::{Clock, Stage},
};
use huying_journal::{disk::Disk, error::ReadError, reader::Reader};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

/// Most moved clocks that an answer lists; the rest is counted.
pub const MOVED_LISTED_MAX: usize = 2_000;
/// Most late cases that a trial lists; the rest is counted.
pub const LATE_LISTED_MAX: usize = 1_000;

/// A clock that is due at another instant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MovedDue {
    /// The case.
    pub case: CaseId,
    /// The clock.
    pub clock: Clock,
    /// When it was due.
    pub was: Timestamp,
    /// When it is due now.
    pub due: Timestamp,
    /// Whether that lies beyond the published calendar, too.
    pub provisional: bool,
}

/// What a rule file would mean for the open cases.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Trial {
    /// From when the policy holds, if it says so.
    pub valid_from: Option<Timestamp>,
    /// Open cases.
    pub open: u64,
    /// Of these, cases with a limit that is breached already; a new policy takes that from nobody.
    pub late_now: u64,
    /// Cases that are in time and would be late at once if they had been measured by the new policy from the start.
    pub late_at_once: u64,
    /// The first of these.
    pub late: Vec<LateAtOnce>,
    /// Cases that have a resolve limit and would have none.
    pub loses_target: u64,
    /// The first of the clocks that a new calendar moves.
    pub moves: Vec<MovedDue>,
    /// How many clocks that are.
    pub moved_clocks: u64,
    /// Of how many cases.
    pub moved_cases: u64,
}

/// A case that would be late.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LateAtOnce {
    /// The case.
    pub case: CaseId,
    /// The clock.
    pub clock: Clock,
    /// When it is due.
    pub was: Timestamp,
    /// When it would have been due.
    pub due: Timestamp,
}

impl<D: Disk> Engine<D> {
    /// Queues what a publication of calendars asks for; called when the record is on the platter.
    pub(crate) fn follow_calendars(&mut self, record: &Record) {
        if publishes_calendars(record) {
            self.recompute(record.seq);
        }
    }

    /// Names every case that the calendars in force make due at another instant. `cause` is their publication.
    pub(crate) fn recompute(&mut self, cause: Seq) {
        let touched = self.state.cases().filter(|case| !moved(&self.rules, case).is_empty());
        let actor = Actor::unit(self.rules.centre().clone());
        let commands = touched.map(|case| Command {
            id: CommandId::of_act("recompute", &case.id.to_string(), cause),
            actor: actor.clone(),
            by: Origin::Timer,
            because: Some(cause),
            saw: None,
            case: Some(case.id),
            ask: Ask::Recompute,
            private: None,
        });
        let commands: Vec<Pending> = commands.map(|command| Pending { command, scheduled: None }).collect();
        if !commands.is_empty() {
            tracing::info!(cases = commands.len(), seq = cause, "due instants are computed afresh");
        }
        self.pending.extend(commands);
    }

    /// Why a rule file that is not in force cannot come into force now.
    pub(crate) fn unpublishable(&self, file: RuleFile, hash: Hash, now: Timestamp) -> Option<Refusal> {
        let mut in_force = self.in_force.clone();
        in_force.insert(file, hash);
        match rulebook::read(&self.disk, &in_force) {
            Ok(rules) => {
                // Nothing waits: whoever publishes too early is told so, and nobody forgets it meanwhile.
                let from = rules.policy.valid_from.filter(|_| file == RuleFile::Policy);
                match from.filter(|from| *from > now) {
                    Some(from) => Some(Refusal::NotInForceYet(from)),
                    None => (file == RuleFile::Units).then(|| self.left_out(&rules)).flatten(),
                }
            }
            Err(error) => {
                tracing::warn!(file = file.name(), %hash, error = &error as &dyn std::error::Error, "rules refused");
                Some(Refusal::NoSuchRules)
            }
        }
    }

    /// The first unit that has work and that these rules lack.
    fn left_out(&self, rules: &Rules) -> Option<Refusal> {
        let gone = |unit: &UnitId| self.rules.unit(unit).is_some() && rules.unit(unit).is_none();
        let (unit, cases) = self.work_of_units().into_iter().find(|(unit, _)| gone(unit))?;
        Some(Refusal::UnitInUse { unit, cases })
    }

    /// How many open cases each unit holds, handled or helps with.
    pub fn work_of_units(&self) -> BTreeMap<UnitId, u64> {
        let mut work = BTreeMap::new();
        for case in self.state.cases().filter(|case| case.stage != Stage::Closed) {
            let before = case.before.as_ref().map(|before| &before.holder);
            let owing = case.errands.iter().map(|errand| &errand.unit);
            let one = [&case.holder].into_iter().chain(&case.handler).chain(before);
            let units: BTreeSet<&UnitId> = one.chain(&case.co_handlers).chain(owing).collect();
            for unit in units {
                *work.entry(unit.clone()).or_default() += 1;
            }
        }
        work
    }

    /// How many cases are still to be computed afresh.
    pub fn recomputing(&self) -> usize {
        self.pending.iter().filter(|pending| matches!(pending.command.ask, Ask::Recompute)).count()
    }

    /// What a rule file would mean for the open cases at an instant. Nothing is kept and nothing changes.
    pub fn trial(&self, file: RuleFile, bytes: &[u8], now: Timestamp) -> Result<Trial, RulebookError> {
        if bytes.len() > RULE_FILE_BYTES_MAX {
            return Err(RulebookError::TooLong(bytes.len()));
        }
        let mut texts = RuleTexts::new();
        for (other, hash) in &self.in_force {
            texts.insert(*other, rulebook::fetch(&self.disk, *other, *hash)?);
        }
        texts.insert(file, bytes.to_vec());
        let rules = Rules::read(&texts)?;
        let valid_from = rules.policy.valid_from.filter(|_| file == RuleFile::Policy);
        let mut trial = Trial { valid_from, ..Trial::default() };
        for case in self.state.cases().filter(|case| case.stage != Stage::Closed) {
            trial.look_at(&rules, case, now);
            let moves = moves(&rules, case);
            trial.moved_cases += u64::from(!moves.is_empty());
            trial.moved_clocks += moves.len() as u64;
            let room = MOVED_LISTED_MAX.saturating_sub(trial.moves.len());
            trial.moves.extend(moves.into_iter().take(room));
        }
        Ok(trial)
    }
}

impl Trial {
    fn look_at(&mut self, rules: &Rules, case: &Case, now: Timestamp) {
        self.open += 1;
        if case.clocks.iter().any(|running| running.breached) {
            self.late_now += 1;
            return;
        }
        if case.running(Clock::Resolve).is_some()
            && case.target.is_none()
            && rules.limit(Clock::Resolve, &case.brief).is_none()
        {
            self.loses_target += 1;
        }
        // The limit of the whole case is named first: those within it follow from it.
        let (whole, parts): (Vec<_>, Vec<_>) =
            case.clocks.iter().partition(|running| running.clock == Clock::Resolve);
        let late = whole.into_iter().chain(parts).find_map(|running| {
            let due = under(rules, case, running)?;
            (due <= now).then_some(LateAtOnce { case: case.id, clock: running.clock, was: running.due, due })
        });
        if let Some(late) = late {
            self.late_at_once += 1;
            if self.late.len() < LATE_LISTED_MAX {
                self.late.push(late);
            }
        }
    }
}

/// When a running clock would be due if it had had the limit of these rules from its start. A clock that stands still
/// is not late; nor is one whose limit was given, and not by the policy.
fn under(rules: &Rules, case: &Case, running: &Running) -> Option<Timestamp> {
    if running.paused_at.is_some() || matches!(running.limit, huying_domain::limit::Limit::Given(_)) {
        return None;
    }
    let limit = match running.clock {
        Clock::Hold => rules.hold(case.rung, &case.brief, case.target),
        clock => rules.limit(clock, &case.brief)?,
    };
    (limit != running.limit).then_some(())?;
    Some(rules.calendars.get(&running.calendar)?.due(&limit, running.from).at)
}

fn moves(rules: &Rules, case: &Case) -> Vec<MovedDue> {
    let changes = moved(rules, case).into_iter().filter_map(|change| match change {
        ClockChange::Moved { clock, due, provisional } => {
            let was = case.running(clock)?.due;
            Some(MovedDue { case: case.id, clock, was, due, provisional })
        }
        _ => None,
    });
    changes.collect()
}

/// Whether a record brings calendars into force.
pub(crate) fn publishes_calendars(record: &Record) -> bool {
    record.parts.iter().any(|part| {
        part.subject == Subject::Rulebook(RuleFile::Calendar)
            && part.events.iter().any(|event| matches!(event, Event::RulesPublished(_)))
    })
}

/// What the records behind a publication say that it moved: which clock is due when, and how many cases there were.
pub fn moved_by<D: Disk>(
    reader: &Reader<D>,
    publication: Seq,
) -> Result<(Vec<(CaseId, ClockChange)>, u64), ReadError> {
    let (mut changes, mut cases) = (Vec::new(), 0);
    reader.scan(publication + 1, &mut |record, _| {
        if record.because == Some(publication) && record.by == Origin::Timer {
            for part in &record.parts {
                let Some(case) = part.case() else { continue };
                cases += 1;
                for event in &part.events {
                    if let Event::Clocked(event) = event {
                        let own = event.changes.iter().filter(|one| matches!(one, ClockChange::Moved { .. }));
                        changes.extend(own.map(|change| (case, change.clone())));
                    }
                }
            }
        }
        ControlFlow::Continue(())
    })?;
    changes.truncate(MOVED_LISTED_MAX);
    Ok((changes, cases))
}
