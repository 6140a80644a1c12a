//! `POST /v1/rings`, `GET /v1/rings`: a call comes in at the desk. The telephone system says which number rings at which
//! seat; the console of whoever sits there shows it at once.
//!
//! A ring is no record: it stands in memory for [`RING_KEPT_S`], and what becomes of it is the call. Whoever may not
//! read callers sees the end of the number alone, and the call that they begin is given the number by this door.

use crate::{
    keys::Grant,
    refused::Refused,
    rights::{Right, act_of},
    router::{Ground, Read},
    sign_in::who::Who,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use huying_domain::{ids::PersonId, time::Timestamp, vocabulary::Channel};
use huying_engine::clock::machine;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Mutex};
use tokio::sync::broadcast;

/// For how long a ring is shown that nobody has put away.
pub const RING_KEPT_S: i64 = 900;
/// Most seats that are remembered.
pub const SEATS_MAX: usize = 10_000;
/// Most characters of a seat, a number, a line, a call's name.
pub const RING_FIELD_CHARS_MAX: usize = 64;
/// How many rings a console may be behind before it has to ask.
const RINGS_KEPT_MAX: usize = 256;
/// How much of a number is shown to who may not read it.
const SHOWN_DIGITS: usize = 4;

/// A call that rings at a seat.
#[derive(Clone)]
pub(crate) struct Ring {
    id: String,
    /// The telephone system's own name for the call.
    call: Option<String>,
    seat: String,
    pub(crate) number: String,
    line: Option<String>,
    at: Timestamp,
}

/// That it rang: whom it concerns.
#[derive(Clone, Debug)]
pub(crate) struct Rang {
    pub(crate) account: PersonId,
}

/// What rings at which seat, and who sits there.
pub struct Rings {
    held: Mutex<Held>,
    rang: broadcast::Sender<Rang>,
}

#[derive(Default)]
struct Held {
    sitting: BTreeMap<String, PersonId>,
    ringing: BTreeMap<String, Ring>,
}

impl Default for Rings {
    fn default() -> Self {
        Self { held: Mutex::default(), rang: broadcast::channel(RINGS_KEPT_MAX).0 }
    }
}

impl Rings {
    /// It rings at a seat; the same call rings nowhere else any more. Says whether anybody is known to sit there.
    fn ring(&self, ring: Ring) -> Result<bool, Refused> {
        let mut held = self.held.lock().expect("nobody panics over the rings");
        let oldest = ring.at.plus_seconds(-RING_KEPT_S);
        held.ringing
            .retain(|_, other| other.at >= oldest && (ring.call.is_none() || other.call != ring.call));
        if held.ringing.len() >= SEATS_MAX {
            return Err(Refused::too_often());
        }
        let sits = held.sitting.get(&ring.seat).cloned();
        let known = sits.is_some();
        let account = sits.or_else(|| PersonId::new(ring.seat.as_str()).ok());
        held.ringing.insert(ring.seat.clone(), ring);
        drop(held);
        if let Some(account) = account {
            // Nobody listens: then they see it when they ask.
            _ = self.rang.send(Rang { account });
        }
        Ok(known)
    }

    /// Somebody takes a seat, or leaves theirs. Who sat there before sits there no more: a telephone has one user.
    fn sit(&self, account: &PersonId, seat: Option<String>) -> Result<(), Refused> {
        let mut held = self.held.lock().expect("nobody panics over the rings");
        held.sitting.retain(|_, sits| sits != account);
        let Some(seat) = seat else { return Ok(()) };
        if held.sitting.len() >= SEATS_MAX {
            return Err(Refused::too_often());
        }
        held.sitting.insert(seat, account.clone());
        Ok(())
    }

    fn seat_of(&self, account: &PersonId) -> Option<String> {
        let held = self.held.lock().expect("nobody panics over the rings");
        held.sitting.iter().find(|(_, sits)| *sits == account).map(|(seat, _)| seat.clone())
    }

    /// What rings where somebody sits: at their seat, and at the one that bears their own name.
    fn at(&self, account: &PersonId, now: Timestamp) -> Option<Ring> {
        let seat = self.seat_of(account);
        let held = self.held.lock().expect("nobody panics over the rings");
        let own = held.ringing.get(account.as_str()).filter(|_| !held.sitting.contains_key(account.as_str()));
        let rings = seat.and_then(|seat| held.ringing.get(&seat)).into_iter().chain(own);
        rings.filter(|ring| now.seconds_since(ring.at) < RING_KEPT_S).max_by_key(|ring| ring.at).cloned()
    }

    /// The ring of this name, if it rings where somebody sits.
    pub(crate) fn of(&self, account: &PersonId, id: &str) -> Result<Ring, Refused> {
        self.at(account, machine()).filter(|ring| ring.id == id).ok_or_else(|| {
            let (zh, en) = (
                "该来电已不在您的座席上，请手工填写号码。",
                "That call is no longer at your seat; write the number yourself.",
            );
            Refused::new(StatusCode::GONE, "ring_over", zh, en).field("ring")
        })
    }

    fn put_away(&self, id: &str) {
        let mut held = self.held.lock().expect("nobody panics over the rings");
        held.ringing.retain(|_, ring| ring.id != id);
    }

    /// Whom it rings for, from now on.
    pub(crate) fn watch(&self) -> broadcast::Receiver<Rang> {
        self.rang.subscribe()
    }
}

/// What the telephone system says.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rung {
    /// The seat's number in the telephone system, or the account of who answers.
    seat: String,
    /// Who calls.
    number: String,
    /// The telephone system's own name for the call: handed to another seat, it rings there alone.
    call: Option<String>,
    /// The line that was called.
    line: Option<String>,
}

/// It is shown, or will be when somebody takes that seat.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Heard {
    ring: String,
    /// Whether anybody has taken that seat.
    seated: bool,
}

fn short(field: &str, text: &str) -> Result<String, Refused> {
    let text = text.trim();
    let fits =
        (1..=RING_FIELD_CHARS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(bad(field)) }
}

fn bad(field: &str) -> Refused {
    let (zh, en) = (
        format!("{field} 应为 1 至 {RING_FIELD_CHARS_MAX} 个字符。"),
        format!("{field} has 1 to {RING_FIELD_CHARS_MAX} characters."),
    );
    Refused::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_shape", &zh, &en).field(field)
}

/// A call rings: told by who brings telephone calls.
pub(crate) async fn ring(
    State(ground): State<Ground>,
    grant: Grant,
    Read(said): Read<Rung>,
) -> Result<Response, Refused> {
    if !grant.channels.contains(&Channel::Call) {
        return Err(Refused::not_for_key());
    }
    let of_source = |call: String| format!("{}/{call}", grant.source);
    let ring = Ring {
        id: ground.desk.chance.token(),
        call: said.call.as_deref().map(|call| short("call", call)).transpose()?.map(of_source),
        seat: short("seat", &said.seat)?,
        number: short("number", &said.number)?,
        line: said.line.as_deref().map(|line| short("line", line)).transpose()?,
        at: machine(),
    };
    let told = ring.id.clone();
    let seated = ground.desk.rings.ring(ring)?;
    Ok((StatusCode::ACCEPTED, Json(Heard { ring: told, seated })).into_response())
}

/// What rings where the asker sits.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AtSeat {
    seat: Option<String>,
    ring: Option<Shown>,
}

/// A ring as somebody may see it.
#[derive(Serialize, JsonSchema)]
struct Shown {
    ring: String,
    at: Timestamp,
    line: Option<String>,
    number: String,
    /// Only the end of the number is shown.
    masked: bool,
}

/// A number as somebody may see it, and whether that is only its end.
pub(crate) fn shown(who: &Who, number: &str) -> (String, bool) {
    if act_of("reveal").is_some_and(|act| who.account.may_ask(act)) {
        return (number.to_owned(), false);
    }
    let end = number.chars().count().saturating_sub(SHOWN_DIGITS);
    (format!("•••{}", number.chars().skip(end).collect::<String>()), true)
}

/// Where somebody sits and what rings there.
pub(crate) async fn see(State(ground): State<Ground>, who: Who) -> Result<Json<AtSeat>, Refused> {
    who.must(Right::TakeCalls)?;
    let (rings, account) = (&ground.desk.rings, &who.account.name);
    let ring = rings.at(account, machine()).map(|ring| {
        let (number, masked) = shown(&who, &ring.number);
        Shown { ring: ring.id, at: ring.at, line: ring.line, number, masked }
    });
    Ok(Json(AtSeat { seat: rings.seat_of(account), ring }))
}

/// A seat to take; none leaves it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seat {
    seat: Option<String>,
}

/// Takes a seat, or leaves it.
pub(crate) async fn sit(
    State(ground): State<Ground>,
    who: Who,
    Read(Seat { seat }): Read<Seat>,
) -> Result<StatusCode, Refused> {
    who.must(Right::TakeCalls)?;
    let seat = seat.as_deref().filter(|seat| !seat.trim().is_empty());
    let seat = seat.map(|seat| short("seat", seat)).transpose()?;
    tracing::info!(account = %who.account.name, seat = seat.as_deref(), "a seat was taken or left");
    ground.desk.rings.sit(&who.account.name, seat)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a ring away.
pub(crate) async fn put_away(
    State(ground): State<Ground>,
    who: Who,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    who.must(Right::TakeCalls)?;
    ground.desk.rings.of(&who.account.name, &id)?;
    ground.desk.rings.put_away(&id);
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> PersonId {
        PersonId::new(name).expect("a name")
    }

    fn ring(id: &str, call: &str, seat: &str, at: i64) -> Ring {
        Ring {
            id: id.to_owned(),
            call: Some(call.to_owned()),
            seat: seat.to_owned(),
            number: "13900000042".to_owned(),
            line: None,
            at: Timestamp::from_seconds(at),
        }
    }

    #[test]
    fn it_rings_where_somebody_sits_and_for_nobody_else_and_not_for_ever() {
        let rings = Rings::default();
        let now = Timestamp::from_seconds(1_000);
        let at = |who: &str, now| rings.at(&person(who), now).map(|ring| ring.id);
        assert!(!rings.ring(ring("a", "1", "8003", 1_000)).expect("room"), "nobody sits there yet");
        rings.sit(&person("li"), Some("8003".to_owned())).expect("room");
        assert_eq!((at("li", now), at("wang", now)), (Some("a".to_owned()), None));
        assert_eq!(at("li", now.plus_seconds(RING_KEPT_S - 1)).as_deref(), Some("a"));
        assert_eq!(at("li", now.plus_seconds(RING_KEPT_S)), None);
        rings.sit(&person("wang"), Some("8003".to_owned())).expect("room");
        assert_eq!(
            (at("li", now), at("wang", now)),
            (None, Some("a".to_owned())),
            "a telephone has one user"
        );
    }

    #[test]
    fn a_call_that_is_handed_on_rings_at_the_other_seat_alone() {
        let rings = Rings::default();
        let now = Timestamp::from_seconds(1_000);
        let at = |who: &str| rings.at(&person(who), now).map(|ring| ring.id);
        rings.ring(ring("a", "1", "li", 1_000)).expect("room");
        assert_eq!(at("li").as_deref(), Some("a"), "an account is a seat of its own");
        rings.ring(ring("b", "2", "zhao", 1_000)).expect("room");
        rings.ring(ring("c", "1", "wang", 1_000)).expect("room");
        assert_eq!((at("li"), at("wang").as_deref(), at("zhao").as_deref()), (None, Some("c"), Some("b")));
        // Somebody else who sits down at a seat that bears a name takes what rings there.
        rings.sit(&person("sun"), Some("wang".to_owned())).expect("room");
        assert_eq!((at("wang"), at("sun").as_deref()), (None, Some("c")));
        rings.put_away("c");
        assert_eq!(at("sun"), None);
    }
}
