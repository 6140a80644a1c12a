//! The people of all units as a department's program sees the world: an assignment comes, somebody signs it, works on
//! it and reports the result; some do not answer, some give back, some ask above. The chances are those of
//! [`handlers`](super::handlers); what is known is only what assignments and answers say.

use super::{
    centre::on_the_minute,
    departments::Done,
    dice::Dice,
    handlers::{
        ARRIVE_MEDIAN_S, ASK_ABOVE_PERMILLE, CONTACT_FAILS_PERMILLE, CONTACT_MEDIAN_S, GIVE_BACK_PERMILLE,
        NOTE_PERMILLE, SIGMA_PERCENT, SIGN_MEDIAN_S, SILENT_PERMILLE, SOLVE_MEDIAN_S, SOLVE_OF_HOLD_PERCENT,
    },
};
use huying_bus::message::{
    answer::UnitReply,
    assignment::{Assignment, WorkPart},
    deed::{Deed, Note, UnitRequest},
};
use huying_domain::{
    ids::{CaseId, ExternalId, PersonId, UnitId},
    time::Timestamp,
    vocabulary::{Clock, ReturnGround, Rung},
};
use std::collections::BTreeMap;

/// What names the chances of this party among all of the seed.
const OFFICE: u64 = 0x6f_66_66_69_63_65;
/// How long somebody waits before trying anew what was refused, in seconds.
const TRY_AGAIN_S: i64 = 600;
/// The code with which a signature is refused for a case that is being handled.
const HELD_ALREADY: &str = "wrong_stage";
/// How often somebody tries anew.
const TRIES_MAX: u8 = 5;

/// Everybody in all units.
pub struct Office {
    seed: u64,
    held: BTreeMap<(CaseId, UnitId), Held>,
    agenda: BTreeMap<(Timestamp, u64), Intent>,
    order: u64,
    done: Done,
}

/// What a unit knows of a case that it was handed.
#[derive(Clone, Debug)]
struct Held {
    /// Rises whenever what was intended has become pointless.
    turn: u64,
    rung: Rung,
    leg: u8,
    accept_by: Option<Timestamp>,
    hold_s: Option<i64>,
    accepted: bool,
    gone: bool,
    tries: u8,
}

#[derive(Clone, Debug)]
struct Intent {
    case: CaseId,
    unit: UnitId,
    turn: u64,
    deed: Deed,
}

impl Office {
    /// Nobody has anything to do.
    pub fn new(seed: u64) -> Self {
        let (held, agenda) = (BTreeMap::new(), BTreeMap::new());
        Self { seed, held, agenda, order: 0, done: Done::default() }
    }

    /// What the driver is told.
    pub fn done(&mut self) -> Done {
        self.done.next = self.agenda.first_key_value().map(|((at, _), _)| *at);
        let done = self.done.clone();
        self.done.asked = 0;
        done
    }

    /// Takes in an assignment.
    pub fn learn(&mut self, unit: &UnitId, told: &Assignment, now: Timestamp) {
        let key = (told.case, unit.clone());
        let limit = |clock| told.limits.iter().find(|limit| limit.clock == clock).map(|limit| limit.due);
        let before = self.held.get(&key);
        if told.part != WorkPart::Lead {
            if let Some(held) = self.held.get_mut(&key) {
                held.gone = true;
                held.turn += 1;
            }
            return;
        }
        let accept_by = limit(Clock::Accept);
        let is_same = |held: &Held| {
            let signs_anew = accept_by.is_some() && accept_by != held.accept_by;
            !held.gone && !signs_anew && held.rung == told.rung && held.leg == told.leg
        };
        if before.is_some_and(is_same) {
            return;
        }
        let turn = before.map_or(0, |held| held.turn) + 1;
        // Signed before and not to be signed again: the check sent it back to whoever had it.
        let again = before.is_some_and(|held| held.accepted && held.leg == told.leg) && accept_by.is_none();
        let hold_s = limit(Clock::Hold).map(|due| due.seconds_since(now));
        let held = Held {
            turn,
            rung: told.rung,
            leg: told.leg,
            accept_by,
            hold_s,
            accepted: again,
            gone: false,
            tries: 0,
        };
        self.held.insert(key, held);
        self.done.handed += 1;
        let mut dice = Dice::new(self.seed, &[OFFICE, told.case.number(), told.seq]);
        if again {
            let after = dice.lognormal_s(SOLVE_MEDIAN_S / 2, SIGMA_PERCENT);
            self.intend(now, after, told.case, unit, resolve());
        } else {
            self.handed(unit, told, now, &mut dice);
        }
    }

    fn handed(&mut self, unit: &UnitId, told: &Assignment, now: Timestamp, dice: &mut Dice) {
        let wait = dice.lognormal_s(SIGN_MEDIAN_S, SIGMA_PERCENT);
        let reluctant = told.rung != Rung::Centre;
        if reluctant && dice.happens(SILENT_PERMILLE) {
            return;
        }
        let gives_back = reluctant && dice.happens(GIVE_BACK_PERMILLE);
        let reason = note("非本单位职责 (not our duty)");
        let give_back = Deed::Return { ground: ReturnGround::NotOurDuty, reason, proposed: None };
        self.intend(now, wait, told.case, unit, if gives_back { give_back } else { Deed::Accept });
    }

    fn signed(&mut self, unit: &UnitId, case: CaseId, now: Timestamp, held: &Held) {
        let mut dice = Dice::new(self.seed, &[OFFICE, case.number(), held.turn, 1 + u64::from(held.leg)]);
        let contact = dice.lognormal_s(CONTACT_MEDIAN_S, SIGMA_PERCENT);
        let arrive = dice.lognormal_s(ARRIVE_MEDIAN_S, SIGMA_PERCENT);
        let by_hold = held.hold_s.map_or(SOLVE_MEDIAN_S, |hold| hold * SOLVE_OF_HOLD_PERCENT / 100);
        let solve = dice.lognormal_s(SOLVE_MEDIAN_S.min(by_hold).max(60), SIGMA_PERCENT);
        let reached = !dice.happens(CONTACT_FAILS_PERMILLE);
        if contact < solve {
            self.intend(now, contact, case, unit, Deed::Contact { reached });
            if !reached {
                self.intend(now, contact + CONTACT_MEDIAN_S, case, unit, Deed::Contact { reached: true });
            }
        }
        if arrive < solve {
            self.intend(now, arrive, case, unit, Deed::Arrive { point: None });
        }
        if dice.happens(NOTE_PERMILLE) {
            self.intend(now, solve / 2, case, unit, Deed::Progress { note: note("正在处理 (under way)") });
        }
        let asks = held.rung != Rung::Centre && dice.happens(ASK_ABOVE_PERMILLE);
        let reason = note("本级无法解决 (beyond this rung)");
        self.intend(now, solve, case, unit, if asks { Deed::Escalate { reason } } else { resolve() });
    }

    fn intend(&mut self, now: Timestamp, after_s: i64, case: CaseId, unit: &UnitId, deed: Deed) {
        let Some(held) = self.held.get(&(case, unit.clone())) else { return };
        let intent = Intent { case, unit: unit.clone(), turn: held.turn, deed };
        self.order += 1;
        self.agenda.insert((on_the_minute(now.plus_seconds(after_s)), self.order), intent);
    }

    /// The requests that are due, those about one case together and in their order.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<Vec<(UnitId, UnitRequest)>> {
        let mut due: BTreeMap<CaseId, Vec<(UnitId, UnitRequest)>> = BTreeMap::new();
        while let Some(first) = self.agenda.first_entry()
            && first.key().0 <= now
        {
            let order = first.key().1;
            let Intent { case, unit, turn, deed } = first.remove();
            let fits = |held: &Held| held.turn == turn && !held.gone;
            if !self.held.get(&(case, unit.clone())).is_some_and(fits) {
                continue;
            }
            let id = ExternalId::new(format!("{case}-{order}")).expect("a case and a number");
            let person = PersonId::new(format!("{unit}-worker")).ok();
            let request = UnitRequest { id, case, saw: None, person, deed };
            due.entry(case).or_default().push((unit, request));
            self.done.asked += 1;
        }
        due.into_values().collect()
    }

    /// Takes in an answer.
    pub fn answered(&mut self, unit: &UnitId, request: &UnitRequest, reply: &UnitReply, now: Timestamp) {
        let Some(held) = self.held.get_mut(&(request.case, unit.clone())) else { return };
        match (reply, &request.deed) {
            (UnitReply::Done { .. }, Deed::Accept) => {
                held.accepted = true;
                let held = held.clone();
                self.signed(unit, request.case, now, &held);
            }
            // Whoever was first at an alarm has it without signing.
            (UnitReply::Refused { refusal }, Deed::Accept) if refusal.code == HELD_ALREADY => {
                held.accepted = true;
                let held = held.clone();
                self.signed(unit, request.case, now, &held);
            }
            (UnitReply::Done { .. } | UnitReply::Revealed { .. }, _) => {}
            (UnitReply::Refused { refusal }, deed) => {
                let name = format!("{}:{}", deed.verb(), refusal.code);
                *self.done.refused.entry(name).or_default() += 1;
                let again = match deed {
                    // What cannot be given back is worked on.
                    Deed::Return { .. } => Deed::Accept,
                    Deed::Escalate { .. } => resolve(),
                    Deed::Accept | Deed::Resolve { .. } => deed.clone(),
                    _ => return,
                };
                held.tries += 1;
                if held.tries <= TRIES_MAX {
                    self.intend(now, TRY_AGAIN_S, request.case, unit, again);
                }
            }
        }
    }
}

fn resolve() -> Deed {
    Deed::Resolve { result: note("已处理 (done)"), evidence: Vec::new() }
}

fn note(text: &str) -> Note {
    Note::new(text).expect("a short text")
}
