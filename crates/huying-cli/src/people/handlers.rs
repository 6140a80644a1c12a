//! The simulated people of the units: they sign, come, note and solve; some do not answer, some give back,
//! some ask above. In a replay only for work that has to be done again, in the demo for all of it.

use super::{
    act::{Act, Deed},
    agenda::Agenda,
    centre::on_the_minute,
    dice::Dice,
    world::Seen,
};
use huying_domain::{event::Event, ids::UnitId};

/// Share of handings that nobody signs, so that the case climbs. Assumed.
pub const SILENT_PERMILLE: u32 = 50;
/// Share of handings that the unit gives back as not its duty. Assumed.
pub const GIVE_BACK_PERMILLE: u32 = 30;
/// Share of signed cases whose holder asks the level above. Assumed.
pub const ASK_ABOVE_PERMILLE: u32 = 40;
/// Share of first contacts in which the caller is not reached. Assumed.
pub const CONTACT_FAILS_PERMILLE: u32 = 80;
/// Share of cases with a note on the way. Assumed.
pub const NOTE_PERMILLE: u32 = 300;
/// Median of the time from handing to signing, in seconds. Assumed.
pub const SIGN_MEDIAN_S: i64 = 4 * 60;
/// Median from signing to the first contact. Assumed.
pub const CONTACT_MEDIAN_S: i64 = 10 * 60;
/// Median from signing to arrival. Assumed.
pub const ARRIVE_MEDIAN_S: i64 = 25 * 60;
/// Median from signing to the result: of the 40,563 calls of the New York file of 2026 that were closed, half
/// were closed within 3,991 seconds.
pub const SOLVE_MEDIAN_S: i64 = 3_991;
/// Urgent matters are worked on faster: the median is at most this share of the rung's hold, in percent.
/// Assumed.
pub const SOLVE_OF_HOLD_PERCENT: i64 = 35;
/// Spread of the logarithm of each time, in hundredths. Assumed.
pub const SIGMA_PERCENT: u32 = 90;

/// The people of the units.
#[derive(Clone, Copy, Debug)]
pub struct Handlers {
    /// The seed.
    pub seed: u64,
    /// From which leg on the work is simulated; before it the data say what happened.
    pub from_leg: u8,
    /// Whether some do not answer, give back or ask above.
    pub human: bool,
}

impl Handlers {
    /// What a unit intends because of an event.
    pub fn follow(&self, seen: &Seen<'_>, centre: &UnitId, agenda: &mut Agenda) {
        if seen.turn.leg < self.from_leg {
            return;
        }
        let mut dice = seen.dice(self.seed, "unit");
        match seen.event {
            Event::Assigned(event) => self.handed(seen, event.lead == *centre, &mut dice, agenda),
            Event::Escalated(event) => self.handed(seen, event.to == *centre, &mut dice, agenda),
            Event::Accepted(event) => self.signed(seen, event.unit == *centre, &mut dice, agenda),
            Event::Checked(event) if !event.passed => {
                intend(seen, dice.lognormal_s(SOLVE_MEDIAN_S / 2, SIGMA_PERCENT), Deed::Finish, agenda);
            }
            _ => {}
        }
    }

    fn handed(&self, seen: &Seen<'_>, is_centre: bool, dice: &mut Dice, agenda: &mut Agenda) {
        let wait = dice.lognormal_s(SIGN_MEDIAN_S, SIGMA_PERCENT);
        let reluctant = self.human && !is_centre;
        if reluctant && dice.happens(SILENT_PERMILLE) {
            return;
        }
        let deed = if reluctant && dice.happens(GIVE_BACK_PERMILLE) { Deed::GiveBack } else { Deed::Sign };
        intend(seen, wait, deed, agenda);
    }

    fn signed(&self, seen: &Seen<'_>, is_centre: bool, dice: &mut Dice, agenda: &mut Agenda) {
        let contact = dice.lognormal_s(CONTACT_MEDIAN_S, SIGMA_PERCENT);
        let arrive = dice.lognormal_s(ARRIVE_MEDIAN_S, SIGMA_PERCENT);
        let by_hold = seen.turn.hold_s.map_or(SOLVE_MEDIAN_S, |hold| hold * SOLVE_OF_HOLD_PERCENT / 100);
        let solve = dice.lognormal_s(SOLVE_MEDIAN_S.min(by_hold).max(60), SIGMA_PERCENT);
        let reached = !dice.happens(CONTACT_FAILS_PERMILLE);
        if contact < solve {
            intend(seen, contact, Deed::Contact { reached }, agenda);
            if !reached {
                intend(seen, contact + CONTACT_MEDIAN_S, Deed::Contact { reached: true }, agenda);
            }
        }
        if arrive < solve {
            intend(seen, arrive, Deed::Arrive, agenda);
        }
        if dice.happens(NOTE_PERMILLE) {
            intend(seen, solve / 2, Deed::Note, agenda);
        }
        let asks = self.human && !is_centre && dice.happens(ASK_ABOVE_PERMILLE);
        intend(seen, solve, if asks { Deed::AskAbove } else { Deed::Finish }, agenda);
    }
}

fn intend(seen: &Seen<'_>, after_s: i64, deed: Deed, agenda: &mut Agenda) {
    let at = on_the_minute(seen.at.plus_seconds(after_s));
    agenda.intend(at, Act { case: seen.case, turn: seen.turn.turn, deed });
}
