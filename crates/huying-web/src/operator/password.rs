//! `POST /v1/accounts/{account}/password`: a new password for somebody who has none yet or has forgotten theirs. It is
//! drawn here and told this once, to whoever asked for it.

use crate::{
    refused::Refused,
    rights::Right,
    router::Ground,
    sign_in::{
        account::Account,
        changes::{By, set_account},
        secret::hash_password,
        who::Who,
    },
};
use axum::{
    Json,
    extract::{Path, State},
};
use huying_domain::ids::PersonId;
use schemars::JsonSchema;
use serde::Serialize;

/// Characters of a password that is drawn.
const PASSWORD_CHARS: usize = 20;

/// A new password.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Drawn {
    account: PersonId,
    password: String,
}

/// Draws one; whoever was signed in with the old one no longer is.
pub(crate) async fn draw(
    State(ground): State<Ground>,
    who: Who,
    Path(name): Path<String>,
) -> Result<Json<Drawn>, Refused> {
    who.must(Right::Accounts)?;
    let name: PersonId = name.parse().map_err(|_| Refused::not_found())?;
    let desk = &ground.desk;
    desk.accounts.of(&name).ok_or_else(Refused::not_found)?;
    let password: String = desk.chance.token().chars().take(PASSWORD_CHARS).collect();
    let turn = desk.hashing.acquire().await.map_err(|_| Refused::late())?;
    let (drawn, chance) = (password.clone(), desk.chance.clone());
    let hashed = tokio::task::spawn_blocking(move || hash_password(&drawn, &chance));
    let hashed = hashed.await.map_err(Refused::fault)?;
    drop(turn);
    let make = |before: Option<&Account>| {
        let before = before.ok_or_else(Refused::not_found)?.clone();
        Ok(Account { password: Some(hashed), ..before })
    };
    set_account(&ground, By::from(&who), &name, make).await?;
    desk.sessions.end_all(&name).map_err(Refused::fault)?;
    Ok(Json(Drawn { account: name, password }))
}
