//! `POST /v1/cases/{id}/acts`: what a person asks of a case, in their unit's name.
//!
//! The header `Idempotency-Key` names the act, so that a telephone that was without signal may send it again. Whoever
//! was overtaken is told by whom: 409 with what has happened since.

use crate::{
    cases::{case_id, seen},
    refused::Refused,
    rights::act_of,
    router::{Ground, Read},
    sentence::{Reach, named},
    shown::Tongue,
    sign_in::who::Who,
};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use huying_domain::{
    command::Ask,
    ids::{CaseId, Seq, TellChannel, Version},
    words::Words,
};
use huying_engine::doors::act::{Act, Done, read_ask};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The header that names an act.
pub(crate) const KEY: &str = "idempotency-key";
/// Most bytes of such a name.
const KEY_BYTES_MAX: usize = 64;

/// What is asked.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The version that was seen; refused as `stale` when the case has moved on.
    saw: Option<Version>,
    /// The name of the act.
    ask: String,
    /// What goes with it.
    with: Option<Value>,
}

/// It is on the disk.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Taken {
    pub(crate) seq: Seq,
    pub(crate) case: Option<CaseId>,
    pub(crate) version: Option<Version>,
    /// It had been taken before; this is the first answer again.
    pub(crate) repeat: bool,
    /// Whom it revealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) caller: Option<Value>,
}

/// The name of an act: the header's, else one that nothing else has.
pub(crate) fn key(ground: &Ground, headers: &HeaderMap) -> Result<String, Refused> {
    let Some(said) = headers.get(KEY) else { return Ok(ground.desk.chance.token()) };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    let said =
        said.to_str().ok().filter(|key| (1..=KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(plain));
    said.map(str::to_owned).ok_or_else(|| Refused::bad_request(KEY))
}

/// Does what is asked.
pub(crate) async fn act(
    State(ground): State<Ground>,
    who: Who,
    Path(case): Path<String>,
    headers: HeaderMap,
    Read(said): Read<Asked>,
) -> Result<Json<Taken>, Refused> {
    let case = case_id(&case)?;
    let key = key(&ground, &headers)?;
    let act = act_of(&said.ask).ok_or_else(|| {
        let words = Words::new(format!("没有操作 {}。", said.ask), format!("There is no act {}.", said.ask));
        Refused::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_act", &words.zh, &words.en).field("ask")
    })?;
    who.must_ask(act)?;
    // Whoever does not see a case is not told that it is there.
    seen(&ground, &who, case).await?;
    let mut value = json!({ "ask": said.ask });
    if let Some(with) = said.with.filter(|with| with.as_object().is_none_or(|fields| !fields.is_empty())) {
        value["with"] = with;
    }
    // An act whose fields may all be absent is written with none, and one that has no fields without them.
    let read = read_ask(value.clone()).or_else(|refusal| match value.get("with") {
        None => {
            value["with"] = json!({});
            read_ask(value).map_err(|_| refusal)
        }
        Some(_) => Err(refusal),
    });
    let (ask, private) = read?;
    if let Ask::ConfirmTold { channel, .. } = &ask
        && *channel != TellChannel::callback_list()
    {
        let (zh, en) = (
            "该渠道的回执由系统给出；只有电话名单上的告知由人登记。",
            "That channel gives its receipt itself; only what is told from the call-back list is written down by hand.",
        );
        return Err(Refused::new(StatusCode::UNPROCESSABLE_ENTITY, "not_by_hand", zh, en).field("channel"));
    }
    let done = ground
        .doors
        .act(Act { actor: who.actor(), key, case, saw: said.saw, ask, private }, ground.desk.private);
    match done.await {
        Ok(Done::Accepted(accepted)) => Ok(Json(Taken {
            seq: accepted.seq,
            case: Some(case),
            version: Some(accepted.version),
            repeat: accepted.repeat,
            caller: None,
        })),
        Ok(Done::Revealed(seq, caller)) => {
            let caller = serde_json::to_value(caller).map_err(Refused::fault)?;
            Ok(Json(Taken { seq, case: Some(case), version: None, repeat: false, caller: Some(caller) }))
        }
        Err(refusal) => {
            let refused = Refused::from(refusal);
            if refused.status() == StatusCode::CONFLICT {
                Err(overtaken(&ground, &who, case, said.saw, refused).await)
            } else {
                Err(refused)
            }
        }
    }
}

/// The refusal, with what has happened since the asker saw the case.
async fn overtaken(
    ground: &Ground,
    who: &Who,
    id: CaseId,
    saw: Option<Version>,
    refused: Refused,
) -> Refused {
    let Ok(page) = seen(ground, who, id).await else { return refused };
    let seen = saw.and_then(|version| usize::try_from(version).ok()).unwrap_or(usize::MAX);
    let since: Vec<Value> = page
        .timeline
        .iter()
        .skip(seen)
        .map(|line| {
            json!({
                "seq": line.seq, "at": line.at, "unit": line.actor.unit, "person": line.actor.person,
                "event": line.event, "words": named(&line.words, &page.rules, Reach::of(line.by, line.event)),
                "unit_words": Tongue(&page.rules).unit(&line.actor.unit),
            })
        })
        .collect();
    let case = &page.case;
    refused.now(json!({
        "version": case.version, "stage": case.stage, "holder": case.holder, "since": since,
    }))
}
