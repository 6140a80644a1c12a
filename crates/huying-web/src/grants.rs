//! The keys of feeds over HTTP: who has one, a new one, none any more. A key is told once, to whoever made it.

use crate::{
    keys::{Grant, KeysError},
    refused::Refused,
    rights::Right,
    router::{Ground, Read},
    sign_in::{changes::record_keys, who::Who},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use huying_domain::{event::setting::KeysSet, ids::SourceId, vocabulary::Channel};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most channels of one key.
const CHANNELS_MAX: usize = 16;

/// A feed that has a key.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Granted {
    source: SourceId,
    /// The first is taken where a request names none.
    channels: Vec<Channel>,
}

/// The feeds that have keys.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Grants {
    keys: Vec<Granted>,
}

/// Whom to let in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKey {
    source: SourceId,
    channels: Vec<Channel>,
}

/// A new key. It is told this once; the engine keeps its hash alone.
#[derive(Serialize, JsonSchema)]
pub(crate) struct KeyMade {
    source: SourceId,
    key: String,
}

/// The feeds that have keys.
pub(crate) async fn list(State(ground): State<Ground>, who: Who) -> Result<Json<Grants>, Refused> {
    who.must(Right::Accounts)?;
    let keys = ground.keys.all();
    let told = |grant: &Grant| Granted { source: grant.source.clone(), channels: grant.channels.clone() };
    Ok(Json(Grants { keys: keys.grants().map(told).collect() }))
}

/// Makes a key for a source, beside those that it has.
pub(crate) async fn make(
    State(ground): State<Ground>,
    who: Who,
    Read(said): Read<NewKey>,
) -> Result<(StatusCode, Json<KeyMade>), Refused> {
    who.must(Right::Accounts)?;
    if said.channels.is_empty() || said.channels.len() > CHANNELS_MAX {
        return Err(Refused::bad_request("channels"));
    }
    let (source, key) = (said.source, ground.desk.chance.token());
    let _turn = ground.keys.turn().await;
    let set = KeysSet { source: source.clone(), channels: said.channels.clone(), revoked: 0 };
    record_keys(&ground, &who, set).await?;
    let grant = Grant { source: source.clone(), channels: said.channels };
    ground.keys.change(|keys| keys.grant(&key, grant)).map_err(refused)?;
    Ok((StatusCode::CREATED, Json(KeyMade { source, key })))
}

/// Takes all keys of a source away; what it sends from now on is refused.
pub(crate) async fn revoke(
    State(ground): State<Ground>,
    who: Who,
    Path(source): Path<String>,
) -> Result<StatusCode, Refused> {
    who.must(Right::Accounts)?;
    let source: SourceId = source.parse().map_err(|_| Refused::not_found())?;
    let _turn = ground.keys.turn().await;
    let revoked = ground.keys.all().grants().filter(|grant| grant.source == source).count();
    if revoked == 0 {
        return Err(Refused::not_found());
    }
    let revoked = u32::try_from(revoked).unwrap_or(u32::MAX);
    record_keys(&ground, &who, KeysSet { source: source.clone(), channels: Vec::new(), revoked }).await?;
    ground.keys.change(|keys| keys.revoke(&source)).map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

fn refused(error: KeysError) -> Refused {
    Refused::fault(error)
}
