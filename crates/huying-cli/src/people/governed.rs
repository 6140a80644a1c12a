//! The simulated people beside the main flow: holders who ask for time, rest or an end, and those above who decide;
//! whistles and who comes; helpers; consultations; those who supervise; and whoever is first at an alarm.

use super::{
    act::{Act, Deed, governed::Governed},
    agenda::Agenda,
    centre::on_the_minute,
    dice::Dice,
    handlers::{SIGMA_PERCENT, SOLVE_MEDIAN_S},
    world::Seen,
};
use huying_domain::{
    event::{Event, dispatch::Alarmed, errand::Called},
    rules::Rules,
    time::Timestamp,
    vocabulary::{
        Clock, Rung,
        governed::{SupervisionDegree, SupervisionGround, SuspensionGround, TerminationGround, WhistleKind},
    },
};

/// How often what happens, in permille, and how long it takes. A demo states them with their sources.
#[derive(Clone, Copy, Debug)]
pub struct GovernedShares {
    /// Of signed cases: the holder asks for time.
    pub extends_permille: u32,
    /// … asks to let it rest.
    pub suspends_permille: u32,
    /// … asks to give it up.
    pub terminates_permille: u32,
    /// … blows the whistle, where it is a grid, a community or a street.
    pub whistles_permille: u32,
    /// … asks for help.
    pub helped_permille: u32,
    /// Of requests: as asked.
    pub granted_permille: u32,
    /// Of those who were called or have a task: in time.
    pub in_time_permille: u32,
    /// Of cases that rest: gone on with before the day.
    pub resumed_early_permille: u32,
    /// Of cases that reach the street or a department by climbing: consulted about.
    pub consulted_permille: u32,
    /// Of breached resolve limits: supervised.
    pub supervised_permille: u32,
    /// Of cases that nobody signed in time: reminded of.
    pub reminded_permille: u32,
    /// Of all cases: a leader writes on it.
    pub instructed_permille: u32,
    /// Of rings: whoever is rung answers.
    pub answers_permille: u32,
    /// Median of the seconds until a ring is answered.
    pub answers_median_s: i64,
    /// Median of the seconds until a request is decided.
    pub decides_median_s: i64,
    /// The shortest and the longest rest, in days.
    pub rests_days: (i64, i64),
    /// The days that a consultation gives for its tasks, shortest and longest.
    pub task_days: (i64, i64),
    /// Why cases rest, in the order of the grounds, by weight.
    pub rest_grounds: [u32; 5],
    /// Why cases are given up, in the order of the grounds, by weight.
    pub end_grounds: [u32; 7],
    /// What whistles are for, in the order of the kinds, by weight.
    pub whistle_kinds: [u32; 4],
    /// How one supervises, in the order of the degrees, by weight.
    pub degrees: [u32; 3],
}

/// The people beside the main flow.
#[derive(Clone, Copy, Debug)]
pub struct Beside {
    /// The seed.
    pub seed: u64,
    /// How often what happens.
    pub shares: GovernedShares,
}

impl Beside {
    /// What they intend because of an event. True where the holder takes another course than straight to the result.
    pub fn follow(&self, seen: &Seen<'_>, rules: &Rules, agenda: &mut Agenda) -> bool {
        let shares = &self.shares;
        // Each kind of fact has its own chance: several of one turn would else draw the same.
        let mut dice = seen.dice(self.seed, seen.event.tag());
        match seen.event {
            Event::Accepted(event) => {
                let climbs = rules.unit(&event.unit).is_some_and(|unit| unit.area.is_some());
                let own = event.unit == *rules.centre() || seen.turn.alarm;
                return !own && self.another_course(seen, climbs, &mut dice, agenda);
            }
            Event::Requested(_) => {
                let grants = dice.happens(shares.granted_permille);
                let after_s = dice.lognormal_s(shares.decides_median_s, SIGMA_PERCENT);
                intend(seen, after_s, Deed::Governed(Governed::Decide { grants }), agenda);
            }
            Event::Extended(event) => {
                let left_s = event.until.seconds_since(seen.at).max(1);
                let after_s = dice.between(left_s / 4, left_s * 95 / 100);
                intend(seen, after_s, Deed::Finish, agenda);
            }
            Event::Suspended(event) if dice.happens(shares.resumed_early_permille) => {
                let left_s = event.until.seconds_since(seen.at).max(1);
                intend(seen, dice.between(left_s / 4, left_s), Deed::Governed(Governed::Resume), agenda);
            }
            Event::Denied(_) | Event::Resumed(_) => self.finish(seen, seen.at, &mut dice, agenda),
            Event::InformAsked(event) => {
                let told = Governed::Informed { channel: event.channel.clone(), asked_at: seen.at };
                intend(seen, dice.between(1, 2 * MINUTE_S), Deed::Governed(told), agenda);
            }
            Event::Whistled(event) => {
                let last = self.serve(seen, &event.called, &mut dice, agenda, |called| {
                    Governed::ReportIn(called.unit.clone())
                });
                self.finish(seen, last, &mut dice, agenda);
            }
            Event::HelpCalled(event) => {
                let last = self.serve(seen, &event.helpers, &mut dice, agenda, |called| {
                    Governed::Help(called.unit.clone())
                });
                self.finish(seen, last, &mut dice, agenda);
            }
            Event::Alarmed(event) => self.rung(seen, event, &mut dice, agenda),
            _ => self.watched(seen, rules, &mut dice, agenda),
        }
        false
    }

    /// What is not the holder's: consultations, supervision, reminders, instructions.
    fn watched(&self, seen: &Seen<'_>, rules: &Rules, dice: &mut Dice, agenda: &mut Agenda) {
        let shares = &self.shares;
        match seen.event {
            Event::Consulted(event) => {
                for task in &event.tasks {
                    let after_s = self.served_after_s(task.due.seconds_since(seen.at), dice);
                    let done = Governed::FinishTask(task.number);
                    intend(seen, after_s, Deed::Governed(done), agenda);
                }
            }
            Event::Escalated(event)
                if matches!(event.rung, Rung::Street | Rung::Department)
                    && event.to != *rules.centre()
                    && dice.happens(shares.consulted_permille) =>
            {
                let days = dice.between(shares.task_days.0, shares.task_days.1);
                intend(seen, HOUR_S, Deed::Governed(Governed::Consult { days }), agenda);
            }
            Event::ClockBreached(event)
                if event.clock == Clock::Resolve && dice.happens(shares.supervised_permille) =>
            {
                let degree = SupervisionDegree::ALL[dice.weighted(&shares.degrees)];
                let deed = Governed::Supervise(degree, SupervisionGround::Overdue);
                intend(seen, HOUR_S, Deed::Governed(deed), agenda);
            }
            Event::ClockBreached(event)
                if event.clock == Clock::Accept && dice.happens(shares.reminded_permille) =>
            {
                intend(seen, MINUTE_S, Deed::Governed(Governed::Remind), agenda);
            }
            Event::Registered(_) if dice.happens(shares.instructed_permille) => {
                intend(seen, HOUR_S / 2, Deed::Governed(Governed::Instruct), agenda);
            }
            _ => {}
        }
    }

    /// What the holder does instead of going straight to the result, if it does.
    fn another_course(&self, seen: &Seen<'_>, climbs: bool, dice: &mut Dice, agenda: &mut Agenda) -> bool {
        let shares = &self.shares;
        let whistles = if climbs { shares.whistles_permille } else { 0 };
        let courses = [
            shares.extends_permille,
            shares.suspends_permille,
            shares.terminates_permille,
            whistles,
            shares.helped_permille,
        ];
        let straight = 1000_u32.saturating_sub(courses.iter().sum());
        let [extends, suspends, terminates, whistles, helped] = courses;
        let drawn = dice.weighted(&[straight, extends, suspends, terminates, whistles, helped]);
        let ground = |weights: &[u32], dice: &mut Dice| dice.weighted(weights);
        let which = usize::try_from(dice.between(0, WHICH_MAX)).unwrap_or_default();
        let course = match drawn {
            1 => Governed::Extend,
            2 => {
                let ground = SuspensionGround::ALL[ground(&shares.rest_grounds, dice)];
                let days = dice.between(shares.rests_days.0, shares.rests_days.1);
                Governed::Suspend { ground, days }
            }
            3 => Governed::Terminate { ground: TerminationGround::ALL[ground(&shares.end_grounds, dice)] },
            4 => {
                let kind = WhistleKind::ALL[ground(&shares.whistle_kinds, dice)];
                Governed::Whistle { kind, which }
            }
            5 => Governed::CallHelp { which },
            _ => return false,
        };
        // Soon enough that the case has not climbed by then.
        let hold_s = seen.turn.hold_s.unwrap_or(HOUR_S);
        let after_s = dice.lognormal_s(COURSE_MEDIAN_S, SIGMA_PERCENT).min(hold_s / 3).max(MINUTE_S);
        intend(seen, after_s / 2, Deed::Contact { reached: true }, agenda);
        intend(seen, after_s, Deed::Governed(course), agenda);
        true
    }

    /// Whoever is rung answers after some seconds, or does not; behind the last ring the centre calls the line.
    fn rung(&self, seen: &Seen<'_>, event: &Alarmed, dice: &mut Dice, agenda: &mut Agenda) {
        for unit in &event.units {
            let after_s = dice.lognormal_s(self.shares.answers_median_s, SIGMA_PERCENT);
            if dice.happens(self.shares.answers_permille) && event.line.is_none() {
                let deed = Deed::Governed(Governed::AnswerAlarm(unit.clone()));
                let at = seen.at.plus_seconds(after_s);
                agenda.intend(at, Act { case: seen.case, turn: seen.turn.turn, deed });
            }
        }
        if let Some(line) = event.line {
            intend(seen, MINUTE_S, Deed::Governed(Governed::HandOver(line)), agenda);
        }
    }

    /// Everybody who was called does their part, most in time; says when the last one has.
    fn serve(
        &self,
        seen: &Seen<'_>,
        called: &[Called],
        dice: &mut Dice,
        agenda: &mut Agenda,
        deed: impl Fn(&Called) -> Governed,
    ) -> Timestamp {
        let mut last = seen.at;
        for one in called {
            let after_s = self.served_after_s(one.due.seconds_since(seen.at), dice);
            last = last.max(seen.at.plus_seconds(after_s));
            intend(seen, after_s, Deed::Governed(deed(one)), agenda);
        }
        last
    }

    fn served_after_s(&self, limit_s: i64, dice: &mut Dice) -> i64 {
        let limit_s = limit_s.max(MINUTE_S);
        if dice.happens(self.shares.in_time_permille) {
            dice.lognormal_s(limit_s / SERVED_MEDIAN_PART, SIGMA_PERCENT).min(limit_s * 9 / 10)
        } else {
            dice.between(limit_s, limit_s * 2)
        }
    }

    /// The result, some time after an instant.
    fn finish(&self, seen: &Seen<'_>, after: Timestamp, dice: &mut Dice, agenda: &mut Agenda) {
        let work_s = dice.lognormal_s(SOLVE_MEDIAN_S / 2, SIGMA_PERCENT);
        intend(seen, after.seconds_since(seen.at) + work_s, Deed::Finish, agenda);
    }
}

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3_600;
/// Median from signing to such a request. Assumed.
const COURSE_MEDIAN_S: i64 = 40 * MINUTE_S;
/// Half of those who come in time come within this part of their limit: an eighth. Assumed.
const SERVED_MEDIAN_PART: i64 = 8;
/// More than there are departments; which one it is is counted round.
const WHICH_MAX: i64 = 999;

fn intend(seen: &Seen<'_>, after_s: i64, deed: Deed, agenda: &mut Agenda) {
    let at = on_the_minute(seen.at.plus_seconds(after_s));
    agenda.intend(at, Act { case: seen.case, turn: seen.turn.turn, deed });
}
