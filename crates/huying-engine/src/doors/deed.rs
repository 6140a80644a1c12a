//! Deeds: what a unit asks becomes a command in its name.
//!
//! Notes are redacted here like everything that comes from outside: what was taken out of them is sealed as remarks
//! and goes to nobody. The unit is the subject's, where permissions have proven it, and never the body's.

use super::{
    Doors,
    refused::{misshapen, refused, stopping, unreadable, verb_mismatch},
};
use crate::door::Accepted;
use huying_bus::{
    message::{
        answer::{RefusalMessage, UnitReply},
        deed::{CallerVerdict, Deed, Note, TaskGiven, UnitRequest},
        place::{CoordinateSystem as Said, Degrees},
    },
    subject::token::Verb,
};
use huying_domain::{
    area::Point,
    command::{Ask, Command, TaskWanted},
    event::{
        collect::{Corrected, Guide},
        feedback::Verdict,
    },
    ids::{CaseId, PersonId, UnitId, Version},
    private::{PRIVATE_FIELD_CHARS_MAX, Private},
    record::{Actor, CommandId, Origin},
    refusal::Refusal,
    words::Words,
};
use huying_intake::{
    coordinates::{CoordinateSystem, to_wgs84},
    redact::redact,
    unreadable::Unreadable,
};
use huying_journal::disk::Disk;

/// Most bytes of one request of a unit: an answer with its four elements and 32 hashes has room.
pub const UNIT_REQUEST_BYTES_MAX: usize = 64 * 1024;

/// A request that was read: the command, and for a reveal what it is for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) unit: UnitId,
    pub(super) id: String,
    pub(super) case: CaseId,
    pub(super) saw: Option<Version>,
    pub(super) person: Option<PersonId>,
    pub(super) ask: Ask,
    pub(super) private: Option<Private>,
}

impl Asked {
    /// The command; `n` tells one reading of the caller from the next.
    pub(super) fn command(&self, n: u64) -> Command {
        let Self { unit, id, case, saw, person, ask, private } = self.clone();
        Command {
            id: CommandId::of_act(&format!("unit/{unit}"), &id, n),
            actor: Actor { unit, person },
            by: Origin::Person,
            because: None,
            // The first reading has moved the case on; whoever asks again saw what there was to see.
            saw: saw.filter(|_| n == 0),
            case: Some(case),
            ask,
            private,
        }
    }
}

impl<D: Disk> Doors<D> {
    /// Does what a unit asks. `private` says that nobody on the link can read along.
    pub async fn unit(&self, unit: &UnitId, verb: Verb, body: &[u8], private: bool) -> UnitReply {
        let asked = match read(unit, verb, body) {
            Ok(asked) => asked,
            Err(refusal) => return UnitReply::Refused { refusal },
        };
        if matches!(asked.ask, Ask::Reveal { .. }) {
            return self.reveal(&asked, private).await;
        }
        match self.done(asked.command(0)).await {
            Ok(Accepted { seq, version, repeat, .. }) => UnitReply::Done { seq, version, repeat },
            Err(refusal) => UnitReply::Refused { refusal },
        }
    }

    /// Submits a command and waits for its answer.
    pub(super) async fn done(&self, command: Command) -> Result<Accepted, RefusalMessage> {
        let ticket = self.submit(command).map_err(|refusal| RefusalMessage::from(&refusal))?;
        let answer = ticket.answer().await.ok_or_else(stopping)?;
        answer.map_err(|refusal| RefusalMessage::from(&refusal))
    }
}

fn read(unit: &UnitId, verb: Verb, body: &[u8]) -> Result<Asked, RefusalMessage> {
    if body.len() > UNIT_REQUEST_BYTES_MAX {
        return Err(unreadable(Unreadable::too_long("")));
    }
    let request: UnitRequest = serde_json::from_slice(body).map_err(|error| misshapen(body, &error))?;
    let UnitRequest { id, case, saw, person, deed } = request;
    if deed.verb() != verb {
        return Err(verb_mismatch(verb, deed.verb()));
    }
    let mut remarks = Remarks::default();
    let ask = ask(deed, &mut remarks)?;
    let (unit, id) = (unit.clone(), id.as_str().to_owned());
    Ok(Asked { unit, id, case, saw, person, ask, private: remarks.sealed() })
}

#[expect(clippy::too_many_lines, reason = "one arm for each deed, so that a new one stops the build here")]
fn ask(deed: Deed, remarks: &mut Remarks) -> Result<Ask, RefusalMessage> {
    let mut clean = |note: Note| remarks.clean(note.as_str());
    Ok(match deed {
        Deed::Accept => Ask::Accept,
        Deed::Return { ground, reason, proposed } => Ask::Return { ground, reason: clean(reason), proposed },
        Deed::Rule { holder, rung, reason } => Ask::Rule { holder, rung, reason: clean(reason) },
        Deed::Reassign { lead, rung, reason } => Ask::Reassign { lead, rung, reason: both(clean(reason)) },
        Deed::Delegate { person } => Ask::Delegate { person },
        Deed::Escalate { reason } => Ask::Escalate { reason: both(clean(reason)) },
        Deed::Refer { line, receipt } => {
            Ask::Refer { line, receipt: receipt.map(|receipt| receipt.as_str().to_owned()) }
        }
        Deed::Contact { reached } => Ask::Contact { reached },
        Deed::Arrive { point } => Ask::Arrive { place: point.map(wgs84).transpose()? },
        Deed::Progress { note } => Ask::Progress { note: clean(note) },
        Deed::Assign { lead, co_handlers, rung, reason } => {
            Ask::Assign { lead, co_handlers, told: Vec::new(), rung, reason: both(clean(reason)) }
        }
        Deed::Extend { until, reason } => Ask::Extend { until, reason: clean(reason) },
        Deed::Suspend { ground, until, reason } => Ask::Suspend { ground, until, reason: clean(reason) },
        Deed::Terminate { ground, reason } => Ask::Terminate { ground, reason: clean(reason) },
        Deed::Grant { note } => Ask::Grant { note: note.map(&mut clean).unwrap_or_default() },
        Deed::Deny { note } => Ask::Deny { note: clean(note) },
        Deed::Resume => Ask::Resume,
        Deed::Whistle { kind, units, reason } => Ask::Whistle { kind, units, reason: clean(reason) },
        Deed::ReportIn => Ask::ReportIn,
        Deed::CallHelp { units, reason } => Ask::CallHelp { units, reason: clean(reason) },
        Deed::Report { note, finished } => Ask::Report { note: clean(note), finished },
        Deed::Consult { participants, decision, tasks } => {
            let task = |TaskGiven { owner, what, due }| TaskWanted { owner, what: clean(what), due };
            let tasks = tasks.into_iter().map(task).collect();
            Ask::Consult { participants, decision: clean(decision), tasks }
        }
        Deed::FinishTask { number, note } => Ask::FinishTask { number, note: clean(note) },
        Deed::Supervise { degree, ground, note } => Ask::Supervise { degree, ground, note: clean(note) },
        Deed::Instruct { text } => Ask::Instruct { text: clean(text) },
        Deed::Resolve { result, evidence } => Ask::Resolve { result: clean(result), evidence },
        Deed::Remind { note } => Ask::Remind { note: clean(note) },
        Deed::Check { passed, note } => Ask::Check { passed, note: clean(note) },
        Deed::Answer { when, contacted, done, by_when } => Ask::Answer {
            when,
            contacted: clean(contacted),
            done: clean(done),
            by_when: by_when.map(&mut clean),
        },
        Deed::CallBack { way, verdict } => Ask::CallBack { way, verdict: verdict.map(verdict_of) },
        Deed::Reopen { reason } => Ask::Reopen { reason: both(clean(reason)) },
        Deed::Close { condition, reason } => {
            Ask::Close { condition, reason: reason.map(&mut clean).unwrap_or_default() }
        }
        Deed::Reveal { purpose } => Ask::Reveal { purpose: clean(purpose) },
        Deed::Refuse { ground, reason, way, earlier } => {
            let guide = way.map(|way| Guide::Way(clean(way))).or_else(|| earlier.map(Guide::Earlier));
            Ask::Refuse { ground, reason: clean(reason), guide }
        }
        Deed::Cancel { ground, reason } => Ask::Cancel { ground, reason: clean(reason) },
        Deed::Correct { class, condition, kind, summary, point } => Ask::Correct(Corrected {
            class,
            condition,
            kind,
            summary: summary.map(|summary| clean(summary).into()),
            place: point.map(wgs84).transpose()?,
        }),
        Deed::Tag { tags } => Ask::Tag { tags },
        Deed::Rehome { to } => Ask::Rehome { to },
        Deed::Merge { into, reason } => Ask::Merge { into, reason: clean(reason) },
        Deed::Unmerge { reason } => Ask::Unmerge { reason: clean(reason) },
        Deed::Appeal { clock, due, ground, reason } => {
            Ask::Appeal { clock, due, ground, reason: clean(reason) }
        }
        Deed::JudgeAppeal { upheld, note } => Ask::JudgeAppeal { upheld, note: clean(note) },
        Deed::Exempt { clock, due, ground, reason } => {
            Ask::Exempt { clock, due, ground, reason: clean(reason) }
        }
        Deed::LookAgain { kind, stands, note } => Ask::LookAgain { kind, stands, note: clean(note) },
    })
}

/// What a person wrote is said as it was written, in whichever language.
fn both(reason: String) -> Words {
    Words::new(reason.clone(), reason)
}

fn verdict_of(said: CallerVerdict) -> Verdict {
    let CallerVerdict { contacted, solved, grade, beyond } = said;
    Verdict { contacted, solved, grade, beyond }
}

pub(super) fn wgs84(said: Degrees) -> Result<Point, RefusalMessage> {
    let system = match said.system() {
        Said::Wgs84 => CoordinateSystem::Wgs84,
        Said::Gcj02 => CoordinateSystem::Gcj02,
        Said::Bd09 => CoordinateSystem::Bd09,
    };
    let (lon, lat) = to_wgs84(system, said.lon(), said.lat());
    Point::from_degrees(lon, lat).ok_or_else(|| unreadable(Unreadable::bad_point("deed.with.point")))
}

/// What notes held before they were redacted, where that was more.
#[derive(Default)]
pub(super) struct Remarks(String);

impl Remarks {
    pub(super) fn clean(&mut self, note: &str) -> String {
        let clean = redact(note);
        if clean != note {
            if !self.0.is_empty() {
                self.0.push('\n');
            }
            self.0.push_str(note);
        }
        clean
    }

    pub(super) fn sealed(self) -> Option<Private> {
        let remarks: String = self.0.chars().take(PRIVATE_FIELD_CHARS_MAX).collect();
        (!remarks.is_empty()).then(|| Private { remarks: Some(remarks), ..Private::default() })
    }
}

/// What is said to a unit whose subject cannot be read.
pub fn bad_subject() -> RefusalMessage {
    refused(
        super::refused::BAD_SUBJECT,
        "主题中的单位、来源、渠道或动作不合格式。",
        "The subject names no unit, source, channel or verb that could be.",
        None,
    )
}

/// What is said where more is asked at once than may be.
pub fn busy() -> RefusalMessage {
    RefusalMessage::from(&Refusal::Busy)
}
