//! The tiny city, alive: what is asked of it is decided by the real `decide` and becomes a record of its history.
//! Tests of several crates take this file in by its path; the clock is a field that the test moves.

use huying_domain::{
    command::{Ask, Command, Digest},
    decide::decide,
    event::collect::{Brief, Filing},
    ids::{CaseId, PersonId, SourceId, UnitId},
    record::{Actor, CommandId, Hash, Origin, Record, RuleFile},
    refusal::Refusal,
    rules::{RuleTexts, Rules},
    state::State,
    time::Timestamp,
    vocabulary::{CaseKind, Channel},
};

/// Wednesday, 18 November 2026, 09:00 in the tiny city: an hour into the first shift.
pub(crate) const WEDNESDAY_9: &str = "2026-11-18T09:00:00+08:00";
/// A grid with its worker, in the first community.
pub(crate) const GRID: &str = "211081001001001";

/// A city with its state and its history.
pub(crate) struct City {
    pub(crate) rules: Rules,
    pub(crate) state: State,
    pub(crate) history: Vec<Record>,
    pub(crate) now: Timestamp,
}

impl City {
    pub(crate) fn new() -> Self {
        let texts: RuleTexts = [
            (RuleFile::Policy, include_str!("policy.toml")),
            (RuleFile::Duty, include_str!("duty.toml")),
            (RuleFile::Calendar, include_str!("calendar.toml")),
            (RuleFile::Territory, include_str!("territory.csv")),
            (RuleFile::Units, include_str!("units.csv")),
        ]
        .into_iter()
        .map(|(file, text)| (file, text.as_bytes().to_vec()))
        .collect();
        let rules = Rules::read(&texts).expect("the tiny city's rules hold together");
        Self {
            rules,
            state: State::new(0),
            history: Vec::new(),
            now: WEDNESDAY_9.parse().expect("an instant"),
        }
    }

    /// Decides a command and takes in what follows.
    pub(crate) fn submit(&mut self, command: Command) -> Result<Record, Refusal> {
        let parts = decide(&self.state, &self.rules, &command, self.now)?;
        self.state.apply(&parts, &command.actor, self.rules.centre(), self.now);
        let record = Record {
            seq: self.history.len() as u64 + 1,
            at: self.now,
            late_for: None,
            actor: command.actor,
            by: command.by,
            because: command.because,
            command: command.id,
            digest: Digest([0; 16]),
            parts,
            sealed: None,
            prev: Hash::ZERO,
        };
        self.history.push(record.clone());
        Ok(record)
    }

    /// A person of a unit asks something, and it is not refused.
    pub(crate) fn ask(&mut self, unit: &str, case: Option<CaseId>, ask: Ask) -> Record {
        let name = ask.name();
        let command = self.person(unit, case, ask);
        self.submit(command).unwrap_or_else(|refusal| panic!("{name} by {unit}: {refusal:?}"))
    }

    /// What a person of a unit would ask.
    pub(crate) fn person(&self, unit: &str, case: Option<CaseId>, ask: Ask) -> Command {
        let person = Some(PersonId::new(format!("someone of {unit}")).expect("a name"));
        Command {
            id: CommandId::of_act("tiny", unit, self.history.len() as u64),
            actor: Actor { unit: id(unit), person },
            by: Origin::Person,
            because: None,
            saw: None,
            case,
            ask,
            private: None,
        }
    }

    /// A call about this class comes in, and is registered.
    pub(crate) fn call(&mut self, brief: Brief) -> (CaseId, Record) {
        let case = self.state.next_case();
        let record = self.ask("centre", None, Ask::Register(Box::new(filing(brief))));
        (case, record)
    }
}

/// A unit by its id.
pub(crate) fn id(unit: &str) -> UnitId {
    UnitId::new(unit).expect("a unit id")
}

/// A matter of this class in this area.
pub(crate) fn matter(class: &str, area: &str) -> Brief {
    Brief {
        class: class.parse().expect("a class"),
        condition: None,
        area: area.parse().expect("an area"),
        accused: None,
        department: None,
    }
}

/// What a desk writes down about a matter.
pub(crate) fn filing(brief: Brief) -> Filing {
    Filing {
        source: SourceId::new("hotline").expect("a source"),
        channel: Channel::Call,
        external: None,
        kind: CaseKind::Help,
        brief,
        place: None,
        orphan: false,
        summary: "请尽快处理".into(),
        occurred_at: None,
        target: None,
        tags: Vec::new(),
        proposal: None,
        photos: Vec::new(),
    }
}
