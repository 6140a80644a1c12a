//! Whose turn an act is in the trial: at once, when its case has come as far as it had in the journal, or never.

use super::{above::decides, course::Stand, history::Act};
use huying_domain::{acts, command::Ask, time::Timestamp, vocabulary::Stage};

/// When an act is done in the trial.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// Now, whether the door takes it or not.
    Now,
    /// When the case has come to a stage in which it is allowed.
    WhenItMoves,
}

/// A result that comes later in the trial than it did is checked, answered and called back later, too. So an act whose
/// case has not come as far waits, and so does a decision about which nobody has asked; one whose stage is over is handed in and refused.
pub fn turn(act: &Act, here: Option<Stand>) -> Turn {
    let (Some(there), Some(here)) = (act.stood, here) else { return Turn::Now };
    if decides(&act.command.ask) && !here.asked && here.leg == there.stand.leg && far(here.stage) == 0 {
        return Turn::WhenItMoves;
    }
    let Some(line) = acts::of(act.command.ask.name()) else { return Turn::Now };
    let is_of_this_leg = here.leg == there.stand.leg;
    let comes = line.stages.iter().any(|stage| far(*stage) >= far(here.stage));
    // An alarm is answered before anybody has it, which the table does not say.
    let as_it_was = here.stage == there.stand.stage;
    // Who has the result signs for the case with it.
    let signs = matches!(act.command.ask, Ask::Resolve { .. }) && here.stage == Stage::Assigned;
    if as_it_was || line.stages.contains(&here.stage) || signs || !is_of_this_leg || !comes {
        Turn::Now
    } else {
        Turn::WhenItMoves
    }
}

/// When an act that waited is done: as long after its case came to the stage as it was in the journal.
pub fn then(act: &Act, here: Stand) -> Timestamp {
    here.since.plus_seconds(act.stood.map_or(0, |there| there.for_s))
}

/// How far a case has come; a case may go back and forth while it is worked on.
const fn far(stage: Stage) -> u8 {
    match stage {
        Stage::Filed
        | Stage::Following
        | Stage::Assigned
        | Stage::Handling
        | Stage::Suspended
        | Stage::Returned => 0,
        Stage::Resolved => 1,
        Stage::Settled => 2,
        Stage::Answered => 3,
        Stage::CalledBack => 4,
        Stage::Closed => 5,
    }
}
