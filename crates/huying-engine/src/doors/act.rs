//! Acts of a person who has signed in: what they ask, in their unit's name.
//!
//! An act is written as the domain writes what is asked: `{"ask": "return", "with": {…}}`. Free text is redacted here
//! like everything that comes from outside; what was taken out of it is sealed as remarks.

use super::{
    Doors,
    deed::{Asked, Remarks, wgs84},
    refused::unreadable,
};
use crate::{door::Accepted, engine::Engine};
use huying_bus::message::{
    answer::{RefusalMessage, UnitReply},
    call::Caller,
    place::Degrees,
};
use huying_domain::{
    case::Case,
    command::{Ask, Command},
    decide::decide,
    ids::{CaseId, Seq, Version},
    private::Private,
    record::{Actor, CommandId, Origin},
    time::Timestamp,
};
use huying_intake::unreadable::Unreadable;
use huying_journal::disk::Disk;
use serde_json::{Value, json};

/// Fields of an act that a person writes freely.
const FREE: [&str; 14] = [
    "note",
    "reason",
    "result",
    "contacted",
    "done",
    "by_when",
    "summary",
    "purpose",
    "decision",
    "text",
    "what",
    "task",
    "plan",
    "advice",
];
/// Codes of refusals that say that the moment, the case or the asker is wrong, and not a field.
const NOT_NOW: [&str; 33] = [
    "appealed_already",
    "not_merged",
    "alarm_stands_alone",
    "still_owed",
    "wrong_stage",
    "not_yours",
    "own_work",
    "follows_lead",
    "ruled_cannot_return",
    "person_decides",
    "not_told",
    "members_wait",
    "lead_settled",
    "confidential",
    "accuser_protected",
    "data_erased",
    "nothing_to_erase",
    "unknown_case",
    "not_yet_due",
    "no_such_clock",
    "about_that_unit",
    "stale",
    "no_case",
    "nothing_new",
    "nothing_asked",
    "own_request",
    "request_pending",
    "not_called",
    "no_such_task",
    "used_up",
    "not_in_policy",
    "no_target",
    "at_the_top",
];

/// What a person asks of a case.
#[derive(Clone, Debug)]
pub struct Act {
    /// In whose name.
    pub actor: Actor,
    /// What names this act: sent again, it happens once.
    pub key: String,
    /// The case.
    pub case: CaseId,
    /// The version that was seen.
    pub saw: Option<Version>,
    /// What is asked.
    pub ask: Ask,
    /// What was taken out of the words.
    pub private: Option<Private>,
}

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Done {
    /// It is a record.
    Accepted(Accepted),
    /// It is a record who read the caller and why; here is the caller.
    Revealed(Seq, Caller),
}

/// Reads what is asked: `{"ask": …, "with": …}`.
///
/// # Errors
/// A refusal that names the form: no such ask, a field that is absent, of another kind or unknown.
pub fn read_ask(said: Value) -> Result<(Ask, Option<Private>), RefusalMessage> {
    let mut said = said;
    let mut remarks = Remarks::default();
    if let Some(with) = said.get_mut("with").and_then(Value::as_object_mut) {
        if let Some(point) = with.remove("point") {
            let point: Option<Degrees> =
                serde_json::from_value(point).map_err(|_| unreadable(Unreadable::bad_shape("with.point")))?;
            let place = point.map(wgs84).transpose()?;
            with.insert("place".to_owned(), json!(place));
        }
        for (_, text) in with.iter_mut().filter(|(field, _)| FREE.contains(&field.as_str())) {
            clean(text, &mut remarks);
        }
    }
    let ask = serde_json::from_value(said.clone()).or_else(|_| {
        // What a person wrote once is said so in both languages.
        if let Some(reason) = said.pointer_mut("/with/reason")
            && let Some(text) = reason.as_str()
        {
            *reason = json!({ "zh": text, "en": text });
        }
        serde_json::from_value(said)
    });
    let ask = ask.map_err(|_| unreadable(Unreadable::bad_shape("with")))?;
    Ok((ask, remarks.sealed()))
}

fn clean(text: &mut Value, remarks: &mut Remarks) {
    match text {
        Value::String(text) => *text = remarks.clean(text),
        Value::Object(both) => both.values_mut().for_each(|text| clean(text, remarks)),
        Value::Array(texts) => texts.iter_mut().for_each(|text| clean(text, remarks)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl<D: Disk> Doors<D> {
    /// Does what a person asks. `private` says that nobody on the link can read along.
    ///
    /// # Errors
    /// The refusal of `decide`, or of the door.
    pub async fn act(&self, act: Act, private: bool) -> Result<Done, RefusalMessage> {
        let Act { actor: Actor { unit, person }, key, case, saw, ask, private: sealed } = act;
        let name = person.as_ref().map_or("", |person| person.as_str());
        let asked = Asked { unit, id: format!("{name}/{key}"), case, saw, ask, private: sealed, person };
        if matches!(asked.ask, Ask::Reveal { .. }) {
            return match self.reveal(&asked, private).await {
                UnitReply::Revealed { seq, caller } => Ok(Done::Revealed(seq, caller)),
                UnitReply::Done { seq, version, repeat } => {
                    Ok(Done::Accepted(Accepted { seq, case: Some(case), version, repeat }))
                }
                UnitReply::Refused { refusal } => Err(refusal),
            };
        }
        self.done(asked.command(0)).await.map(Done::Accepted)
    }

    /// Does what a person asks that is about no case: rules, duty.
    ///
    /// # Errors
    /// The refusal of `decide`, or of the door.
    pub async fn set(&self, actor: Actor, key: &str, ask: Ask) -> Result<Accepted, RefusalMessage> {
        self.set_as(actor, Origin::Person, key, ask).await
    }

    /// The same of whatever kind of asker the door has proven.
    ///
    /// # Errors
    /// The refusal of `decide`, or of the door.
    pub async fn set_as(
        &self,
        actor: Actor,
        by: Origin,
        key: &str,
        ask: Ask,
    ) -> Result<Accepted, RefusalMessage> {
        let name = actor.person.as_ref().map_or("", |person| person.as_str()).to_owned();
        let id = CommandId::of_act(&format!("set/{}/{name}", actor.unit), key, 0);
        self.done(Command { id, actor, by, because: None, saw: None, case: None, ask, private: None }).await
    }
}

/// Which of these the actor may ask of the case now: each is decided, and nothing comes of it. A case at rest is in
/// memory for as long as that takes, as its records have left it.
pub fn may<'a, D: Disk>(
    engine: &mut Engine<D>,
    actor: &Actor,
    case: &Case,
    asks: impl IntoIterator<Item = &'a Ask>,
    now: Timestamp,
) -> Vec<&'static str> {
    let rests = engine.state.case(case.id).is_none() && engine.state.knows(case.id);
    if rests {
        engine.state.recall(case.clone());
    }
    let asks = allowed(engine, actor, case.id, asks, now);
    if rests {
        engine.state.rest(case.id);
    }
    asks
}

fn allowed<'a, D: Disk>(
    engine: &Engine<D>,
    actor: &Actor,
    case: CaseId,
    asks: impl IntoIterator<Item = &'a Ask>,
    now: Timestamp,
) -> Vec<&'static str> {
    let allowed = |ask: &&Ask| {
        let command = Command {
            id: CommandId([0; 16]),
            actor: actor.clone(),
            by: Origin::Person,
            because: None,
            saw: None,
            case: Some(case),
            ask: (*ask).clone(),
            private: None,
        };
        match decide(engine.state(), engine.rules(), &command, now) {
            Ok(_) => true,
            Err(refusal) => !NOT_NOW.contains(&refusal.code()),
        }
    };
    asks.into_iter().filter(allowed).map(Ask::name).collect()
}
