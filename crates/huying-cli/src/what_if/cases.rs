//! Which case of the trial is which case of the journal.

use huying_domain::{
    command::{Ask, Command},
    ids::CaseId,
    record::{CommandId, Record},
};
use std::collections::BTreeMap;

/// Cases are numbered as they are registered, so one call that the other rules refuse shifts the numbers of all that
/// come behind it. A case of the trial is therefore found by the call that made it.
#[derive(Debug, Default)]
pub struct Cases {
    /// The journal's case, by the call that was handed in and has not been answered.
    called: BTreeMap<CommandId, CaseId>,
    /// The trial's case, by the journal's.
    here: BTreeMap<CaseId, CaseId>,
    /// Whether a number is no longer the journal's.
    shifted: bool,
}

/// Why an act finds no case in the trial.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// Its call was handed in together with it; the number is not known yet.
    Unanswered,
    /// Its call was refused.
    Refused,
}

impl Cases {
    /// A call is handed in that made this case in the journal.
    pub fn call(&mut self, call: CommandId, there: CaseId) {
        self.called.insert(call, there);
    }

    /// Takes in the next record of the trial.
    pub fn follow(&mut self, record: &Record) {
        let made = record.parts.first().and_then(|part| part.case());
        if let (Some(there), Some(here)) = (self.called.remove(&record.command), made) {
            self.shifted |= here != there;
            self.here.insert(there, here);
        }
    }

    /// The answered calls are all that will be: who was not answered with a case was refused.
    pub fn answered(&mut self) {
        self.shifted |= !self.called.is_empty();
        self.called.clear();
    }

    /// An act of the journal as it reads in the trial.
    pub fn translate(&self, command: &mut Command) -> Result<(), Missing> {
        if let Some(case) = &mut command.case {
            *case = self.of(*case)?;
        }
        match &mut command.ask {
            Ask::Join { lead, .. } => *lead = self.of(*lead)?,
            Ask::Merge { into, .. } => *into = self.of(*into)?,
            _ => {}
        }
        Ok(())
    }

    fn of(&self, there: CaseId) -> Result<CaseId, Missing> {
        if let Some(here) = self.here.get(&there) {
            return Ok(*here);
        }
        if !self.called.values().any(|called| *called == there) {
            return Err(Missing::Refused);
        }
        // A single call that follows only taken ones gets the number that it had, if it gets one.
        if self.shifted || self.called.len() > 1 { Err(Missing::Unanswered) } else { Ok(there) }
    }
}
