//! Those who watch: remind 催办, supervise 督办, instruct 批示. No clock moves by them.

use super::{Desk, written};
use crate::{
    case::Case,
    event::{
        Event,
        dispatch::Reminded,
        supervise::{Instructed, Supervised},
    },
    refusal::Refusal,
    vocabulary::governed::{SupervisionDegree, SupervisionGround},
};

pub(super) fn remind(desk: &Desk<'_>, case: &Case, note: &str) -> Result<Vec<Event>, Refusal> {
    desk.may_supervise(case)?;
    written("note", note)?;
    desk.act(case)?;
    Ok(vec![Event::Reminded(Reminded { by: desk.actor().unit.clone(), note: note.to_owned() })])
}

pub(super) fn supervise(
    desk: &Desk<'_>,
    case: &Case,
    degree: SupervisionDegree,
    ground: SupervisionGround,
    note: &str,
) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    desk.may_supervise(case)?;
    desk.act(case)?;
    written("note", note)?;
    let overdue = case.missed
        || case.clocks.iter().any(|running| {
            running.clock.is_measured() && running.paused_at.is_none() && running.due < desk.now
        });
    if ground == SupervisionGround::Overdue && !overdue {
        return Err(Refusal::GroundNotMet);
    }
    let (by, unit) = (desk.actor().unit.clone(), case.holder.clone());
    Ok(vec![Event::Supervised(Supervised { by, unit, degree, ground, note: note.to_owned() })])
}

pub(super) fn instruct(desk: &Desk<'_>, case: &Case, text: &str) -> Result<Vec<Event>, Refusal> {
    desk.person_decides()?;
    desk.may_supervise(case)?;
    desk.act(case)?;
    written("text", text)?;
    Ok(vec![Event::Instructed(Instructed { by: desk.actor().unit.clone(), text: text.to_owned() })])
}
