//! The simulated people of the command centre: they check, answer, call back and decide; and the channel that
//! tells the callers. Every share and delay here is simulated, and a report says so.

use super::{
    act::{Act, Deed},
    agenda::Agenda,
    dice::Dice,
    turns::Turn,
    world::Seen,
};
use huying_domain::{
    event::{Event, feedback::Verdict},
    time::Timestamp,
    vocabulary::{Grade, Solved},
};

/// Share of effective call-backs whose caller calls it solved: 解决率 of Beijing's 12345, 2019 to 2024, 96.7 %.
pub const SOLVED_PERMILLE: u32 = 967;
/// Of those who do not call it solved, the share that says "in part". Assumed.
pub const PARTLY_OF_UNSOLVED_PERMILLE: u32 = 300;
/// Grades of callers who call it solved, from very satisfied to very dissatisfied, in permille. Chosen so
/// that all together are near 满意率 97 % of Beijing's 12345, 2019 to 2024; the spread over the grades is
/// assumed.
pub const GRADES_SOLVED_PERMILLE: [u32; 5] = [450, 430, 115, 4, 1];
/// Grades of callers who do not. Assumed.
pub const GRADES_UNSOLVED_PERMILLE: [u32; 5] = [0, 20, 180, 600, 200];
/// Share of callers who say that the handler had been in touch 响应率. Assumed.
pub const CONTACTED_PERMILLE: u32 = 985;
/// Share of attempts to call back that nobody answers. Assumed.
pub const UNREACHED_PERMILLE: u32 = 120;

/// Delays in seconds, from and to, drawn evenly and rounded up to the whole minute. Assumed; short enough to
/// keep the limits of check (30 minutes) and answer.
pub const CHECK_DELAY_S: (i64, i64) = (60, 20 * 60);
/// From the checked result to the answer.
pub const ANSWER_DELAY_S: (i64, i64) = (60, 20 * 60);
/// From the message to its receipt.
pub const RECEIPT_DELAY_S: (i64, i64) = (1, 2 * 60);
/// From the answer to the call-back, and from one attempt to the next.
pub const CALL_BACK_DELAY_S: (i64, i64) = (3600, 8 * 3600);
/// Until a person decides about what no station may end.
pub const DECIDE_DELAY_S: (i64, i64) = (10 * 60, 60 * 60);

/// Milliseconds of a minute: simulated people look at the clock by the minute.
const MINUTE_MS: i64 = 60_000;

/// The people of the centre.
#[derive(Clone, Copy, Debug)]
pub struct CentrePeople {
    /// The seed.
    pub seed: u64,
    /// Share of results that the checker does not accept.
    pub check_fails_permille: u32,
}

impl CentrePeople {
    /// What the centre intends because of an event.
    pub fn follow(&self, seen: &Seen<'_>, call_backs_max: u8, agenda: &mut Agenda) {
        let Seen { case, event, turn: Turn { turn, owes_call_back, .. }, at, .. } = *seen;
        let mut dice = seen.dice(self.seed, "centre");
        let mut intend = |delay: (i64, i64), dice: &mut Dice, deed: Deed| {
            let after = dice.between(delay.0, delay.1);
            agenda.intend(on_the_minute(at.plus_seconds(after)), Act { case, turn, deed });
        };
        match event {
            Event::Resolved(_) => {
                let passed = !dice.happens(self.check_fails_permille);
                intend(CHECK_DELAY_S, &mut dice, Deed::Check { passed });
            }
            Event::Checked(event) if event.passed => intend(ANSWER_DELAY_S, &mut dice, Deed::Answer),
            Event::Refused(_) | Event::Referred(_) | Event::Cancelled(_) | Event::Terminated(_) => {
                intend(ANSWER_DELAY_S, &mut dice, Deed::Answer);
            }
            Event::TellAsked(event) => {
                intend(RECEIPT_DELAY_S, &mut dice, Deed::Receipt(event.channel.clone()));
            }
            Event::Answered(_) if owes_call_back => {
                let verdict = verdict(&mut dice);
                intend(CALL_BACK_DELAY_S, &mut dice, Deed::CallBack { verdict });
            }
            Event::CalledBack(event) if event.verdict.is_none() && event.attempt < call_backs_max => {
                let verdict = verdict(&mut dice);
                intend(CALL_BACK_DELAY_S, &mut dice, Deed::CallBack { verdict });
            }
            Event::CalledBack(_) => intend(DECIDE_DELAY_S, &mut dice, Deed::Decide),
            Event::Returned(_) => intend(DECIDE_DELAY_S, &mut dice, Deed::Rule),
            _ => {}
        }
    }
}

/// The whole minute at or after an instant.
pub fn on_the_minute(at: Timestamp) -> Timestamp {
    Timestamp::from_millis((at.millis() + MINUTE_MS - 1).div_euclid(MINUTE_MS) * MINUTE_MS)
}

/// What the caller says, if the caller is reached.
fn verdict(dice: &mut Dice) -> Option<Verdict> {
    if dice.happens(UNREACHED_PERMILLE) {
        return None;
    }
    let solved = if dice.happens(SOLVED_PERMILLE) {
        Solved::Yes
    } else if dice.happens(PARTLY_OF_UNSOLVED_PERMILLE) {
        Solved::Partly
    } else {
        Solved::No
    };
    let grades = if solved == Solved::Yes { GRADES_SOLVED_PERMILLE } else { GRADES_UNSOLVED_PERMILLE };
    let grade = Grade::ALL.get(dice.weighted(&grades)).copied();
    Some(Verdict { contacted: dice.happens(CONTACTED_PERMILLE), solved, grade, beyond: None })
}
