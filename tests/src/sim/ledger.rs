//! What clients sent and what they were told. A client that got no answer sends the same again, under the same id.

use super::laws::{Law, broken};
use huying_domain::{
    command::Command,
    ids::{CaseId, Seq},
    record::CommandId,
    refusal::Refusal,
};
use huying_engine::door::{Accepted, Answer, Handle, Lane, Ticket};
use huying_journal::disk::Disk;
use std::collections::{BTreeMap, BTreeSet};

/// A command under way.
struct Letter {
    command: Command,
    lane: Lane,
    ticket: Option<Ticket<Answer>>,
}

/// What all clients together know.
#[derive(Default)]
pub struct Ledger {
    waiting: Vec<Letter>,
    accepted: BTreeMap<CommandId, (Accepted, Vec<u8>)>,
    refused: BTreeSet<CommandId>,
    /// Calls that nothing can be said against: each must be taken, once.
    calls: BTreeMap<CommandId, String>,
    answers: u64,
    repeats: u64,
}

impl Ledger {
    /// Sends a command.
    pub(crate) fn send<D: Disk>(&mut self, handle: &Handle<D>, command: Command, lane: Lane) {
        let mut letter = Letter { command, lane, ticket: None };
        letter.post(handle);
        self.waiting.push(letter);
    }

    /// Notes that a call with this name of its source's must be taken.
    pub(crate) fn expect_call(&mut self, id: CommandId, external: String) {
        self.calls.insert(id, external);
    }

    /// Sends everything again that was not answered: the engine that had it is gone.
    pub(crate) fn send_again<D: Disk>(&mut self, handle: &Handle<D>) {
        self.waiting.iter_mut().for_each(|letter| letter.post(handle));
    }

    /// Opens the answers that have come, and checks each against what was told before and what is safe by now.
    pub(crate) fn open_answers(&mut self, synced: Seq) -> Law {
        for mut letter in std::mem::take(&mut self.waiting) {
            match letter.ticket.as_mut().and_then(Ticket::try_take) {
                Some(answer) => self.note(&letter.command, answer, synced)?,
                None => self.waiting.push(letter),
            }
        }
        Ok(())
    }

    fn note(&mut self, command: &Command, answer: Answer, synced: Seq) -> Law {
        self.answers += 1;
        let id = command.id;
        match answer {
            Err(Refusal::Busy | Refusal::Stopping) => {
                Err(broken(format!("{id} was told busy in an empty house")))
            }
            Err(_) => {
                self.refused.insert(id);
                Ok(())
            }
            Ok(accepted) if accepted.seq > synced => Err(broken(format!(
                "{id} was answered with record {} when only {synced} was safe",
                accepted.seq
            ))),
            Ok(accepted) => self.note_accepted(id, accepted, command.body()),
        }
    }

    fn note_accepted(&mut self, id: CommandId, accepted: Accepted, body: Vec<u8>) -> Law {
        self.repeats += u64::from(accepted.repeat);
        let Some((first, first_body)) = self.accepted.get(&id) else {
            self.accepted.insert(id, (accepted, body));
            return Ok(());
        };
        if *first_body != body {
            return Err(broken(format!("{id} was accepted with two bodies")));
        }
        let same =
            first.seq == accepted.seq && first.case == accepted.case && first.version == accepted.version;
        if same && (accepted.repeat || first.repeat) {
            Ok(())
        } else {
            Err(broken(format!("{id} was answered {first:?} and then {accepted:?}")))
        }
    }

    /// How many wait for an answer.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Answers opened so far, and how many of them were a first answer again.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.answers, self.repeats)
    }

    /// What was accepted: the command and the record and case that its sender was told.
    pub(crate) fn accepted(&self) -> impl Iterator<Item = (CommandId, Accepted)> {
        self.accepted.iter().map(|(id, (accepted, _))| (*id, *accepted))
    }

    /// What was refused and neither accepted before or after nor sent again and still under way.
    pub(crate) fn refused_for_good(&self) -> impl Iterator<Item = CommandId> {
        let waiting: BTreeSet<_> = self.waiting.iter().map(|letter| letter.command.id).collect();
        let open = move |id: &CommandId| waiting.contains(id) || self.accepted.contains_key(id);
        self.refused.iter().copied().filter(move |id| !open(id))
    }

    /// Every call that had to be taken, with the case that its caller was told, if one was.
    pub(crate) fn calls(&self) -> impl Iterator<Item = (&str, Option<CaseId>)> {
        self.calls.iter().map(|(id, external)| {
            (external.as_str(), self.accepted.get(id).and_then(|(accepted, _)| accepted.case))
        })
    }
}

impl Letter {
    fn post<D: Disk>(&mut self, handle: &Handle<D>) {
        self.ticket = handle.submit(self.command.clone(), self.lane).ok();
    }
}
