//! What differs between a replay and the demo: where the calls come from, and who handles them.

use super::{agenda::Agenda, dice::Dice, turns::Turn};
use huying_domain::{
    event::Event,
    ids::CaseId,
    time::Timestamp,
    vocabulary::{EmergencyLine, RefusalGround},
};
use huying_intake::report::Report;

/// A call that somebody takes.
#[derive(Clone, Debug)]
pub struct Call {
    /// What was said.
    pub report: Report,
    /// What the call-taker settles while the caller is on the line.
    pub at_desk: Option<AtDesk>,
}

/// What a call-taker settles at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtDesk {
    /// The question is answered.
    Solved,
    /// The grid's own worker found it and has put it right 自行处置.
    SolvedByFinder,
    /// Not taken on.
    Refused(RefusalGround),
    /// Handed to an emergency line.
    Referred(EmergencyLine),
}

/// An event on the platter, as the parties see it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The case.
    pub case: CaseId,
    /// What happened.
    pub event: &'a Event,
    /// Where the case is now.
    pub turn: Turn,
    /// When.
    pub at: Timestamp,
}

impl Seen<'_> {
    /// The chance of this occasion for one kind of party.
    pub fn dice(&self, seed: u64, party: &str) -> Dice {
        let party = party.bytes().fold(0, |sum, byte| sum << 8 | u64::from(byte));
        Dice::new(seed, &[party, self.case.number(), u64::from(self.turn.turn)])
    }
}

/// Where calls come from and what the data say of them.
pub trait World {
    /// The instant of the next call.
    fn next_call_at(&self) -> Option<Timestamp>;

    /// Takes the next call.
    fn take_call(&mut self) -> Option<Call>;

    /// Up to when the run may go on; later than that whatever is open stays open.
    fn horizon(&self) -> Timestamp;

    /// How many calls there will be, if that is known.
    fn calls(&self) -> Option<u64>;

    /// What follows from an event because the world's data say so.
    fn follow(&mut self, seen: &Seen<'_>, agenda: &mut Agenda);
}
