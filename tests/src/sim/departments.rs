//! Departments whose own software subscribes: they know of a case what their stream has told them and nothing else,
//! acknowledge late or never, answer twice, and answer after everybody has gone on.

use super::{
    city::{UNITS, UNITS_KNOWN},
    history::Step,
    laws::{Broken, broken, hold},
    nats::{
        SimNats,
        store::{Fetched, header},
    },
    people::{People, Sending, id, person, resolve},
};
use huying_bus::{
    header::CE_ID,
    message::assignment::{Assignment, WorkPart},
};
use huying_domain::{
    command::Ask,
    ids::{CaseId, UnitId},
    record::Origin,
    time::Timestamp,
    vocabulary::ReturnGround,
};
use std::collections::BTreeMap;

/// Messages that a unit fetches at once.
const FETCHED_AT_ONCE: usize = 4;
/// Moments for which an answer may lie on a clerk's desk.
const LATE_MOMENTS_MAX: usize = 6;

/// All of them.
#[derive(Default)]
pub(crate) struct Departments {
    /// What each was told last of each case.
    desks: BTreeMap<(UnitId, CaseId), Assignment>,
    /// What stood under each name of a message, and where in the stream.
    read: BTreeMap<(String, CaseId), (Vec<u8>, Place)>,
    /// What somebody will send in a later moment.
    late: Vec<(u32, Sending)>,
    fetched: u64,
    again: u64,
}

/// Where a message stood: which store of the server's, and its sequence there.
type Place = (u64, u64);

impl Departments {
    /// Messages that were fetched, and how many of them had been handed out before.
    pub(crate) const fn counts(&self) -> (u64, u64) {
        (self.fetched, self.again)
    }

    /// One of them looks what there is, and does something about it.
    pub(crate) fn look(
        &mut self,
        people: &mut People,
        nats: &SimNats,
        step: Step,
        now: Timestamp,
    ) -> Result<Vec<Sending>, Broken> {
        let unit = id(UNITS[1 + people.dice.below(UNITS_KNOWN - 1)]);
        let mut sendings = Vec::new();
        for fetched in nats.fetch(&unit, FETCHED_AT_ONCE, now) {
            let assignment = self.take(&unit, nats, &fetched)?;
            if people.happens(60) {
                nats.acknowledge(&unit, fetched.sequence);
            }
            let Some(sending) = answer(people, &unit, &assignment) else { continue };
            if people.happens(15) {
                sendings.push(Sending { command: sending.command.clone(), lane: sending.lane, call: None });
            }
            if people.happens(15) {
                let later = 1 + u32::try_from(people.dice.below(LATE_MOMENTS_MAX)).expect("few");
                self.late.push((step.moment + later, sending));
            } else {
                sendings.push(sending);
            }
        }
        Ok(sendings)
    }

    /// What was to be sent at this moment.
    pub(crate) fn overdue(&mut self, moment: u32) -> Vec<Sending> {
        let (due, later) = std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= moment);
        self.late = later;
        due.into_iter().map(|(_, sending)| sending).collect()
    }

    /// All of them empty their queues, and accept what they have, or report it done.
    pub(crate) fn finish(
        &mut self,
        people: &mut People,
        nats: &SimNats,
        accept: bool,
        now: Timestamp,
    ) -> Result<Vec<Sending>, Broken> {
        for unit in UNITS[..UNITS_KNOWN].iter().map(|unit| id(unit)) {
            loop {
                let fetched = nats.fetch(&unit, FETCHED_AT_ONCE, now);
                if fetched.is_empty() {
                    break;
                }
                for one in fetched {
                    self.take(&unit, nats, &one)?;
                    nats.acknowledge(&unit, one.sequence);
                }
            }
        }
        let own = self.desks.iter().filter(|(_, told)| matches!(told.part, WorkPart::Lead | WorkPart::Ring));
        let sendings = own.map(|((unit, case), told)| {
            let ask = if accept || told.part == WorkPart::Ring { Ask::Accept } else { resolve() };
            let mut sending = people.ordinary(unit, Some(*case), ask);
            sending.command.actor = person(unit, "worker");
            sending.command.by = Origin::Person;
            sending
        });
        Ok(sendings.collect())
    }

    /// Reads a message; laws: it says what it says under its name for ever, and what is handed out a second time from
    /// the same place is marked as a repeat.
    fn take(&mut self, unit: &UnitId, nats: &SimNats, fetched: &Fetched) -> Result<Assignment, Broken> {
        let Fetched { sequence, stored, delivered } = fetched;
        let told: Assignment = serde_json::from_slice(&stored.body)
            .map_err(|error| broken(format!("{unit} cannot read message {sequence}: {error}")))?;
        let name = header(&stored.headers, CE_ID).unwrap_or_default().to_owned();
        hold(name == format!("{}.{unit}", told.seq), || {
            format!("{unit} got {} of record {} under the name {name}", told.case, told.seq)
        })?;
        self.fetched += 1;
        self.again += u64::from(*delivered > 1);
        let place = (nats.set_back(), *sequence);
        let before = self.read.insert((name.clone(), told.case), (stored.body.to_vec(), place));
        if let Some((body, there)) = before {
            hold(body == stored.body, || {
                let (was, is) = (String::from_utf8_lossy(&body), String::from_utf8_lossy(&stored.body));
                format!("message {name} about {} has had two contents: {was} and {is}", told.case)
            })?;
            hold(there != place || *delivered > 1, || {
                format!("message {name} about {} came again and is not marked as a repeat", told.case)
            })?;
        }
        // A stream that was set back may tell an older state before the newer one.
        self.desks.insert((unit.clone(), told.case), told.clone());
        Ok(told)
    }
}

/// What whoever got this does.
fn answer(people: &mut People, unit: &UnitId, told: &Assignment) -> Option<Sending> {
    let ask = match (told.part, people.dice.below(10)) {
        (WorkPart::Lead | WorkPart::Ring, 0..4) => Ask::Accept,
        (WorkPart::Lead, 4) => Ask::Return {
            ground: ReturnGround::ALL[people.dice.below(ReturnGround::ALL.len())],
            reason: "非本单位职责".to_owned(),
            proposed: None,
        },
        (WorkPart::Lead, 5..7) => resolve(),
        (WorkPart::Lead, 7) => Ask::Arrive { place: None },
        (WorkPart::Lead | WorkPart::CoHandler, 8) => Ask::Progress { note: "正在处理".to_owned() },
        (WorkPart::CoHandler, 0..3) => Ask::Report { note: "已到场".to_owned(), finished: true },
        (WorkPart::Withdrawn, 0) => resolve(),
        _ => return None,
    };
    let mut sending = people.ordinary(unit, Some(told.case), ask);
    if people.happens(30) {
        sending.command.saw = Some(told.version);
    }
    Some(sending)
}
