//! `/v1/session` and what belongs to it.

use super::{
    account::{Account, DemoAccount},
    changes::{By, set_account},
    provider::Provider,
    secret::{PASSWORD_CHARS_MIN, code_step, hash_password, is_password, totp_secret},
    session::{SESSION_S, Session},
    who::{COOKIE, Who, token},
};
use crate::{
    limit::Anybody,
    refused::Refused,
    rights::{ACTS, Right, Role},
    router::{FrontDesk, Ground, Read},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use huying_domain::{
    area::AreaCode,
    ids::{PersonId, UnitId},
    rules::Rules,
    time::Timestamp,
    vocabulary::Tag,
    words::Words,
};
use huying_engine::clock::machine;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How one may sign in here.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Ways {
    /// With an account of this engine.
    local: bool,
    /// By an identity provider.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    oidc: Vec<Way>,
    /// Accounts of the demo; none elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    demo: Vec<DemoAccount>,
}

/// A provider's way.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Way {
    name: String,
    words: Words,
    /// Where it begins.
    start: String,
}

/// Name and secret of who signs in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    account: PersonId,
    password: String,
    /// The one-time code, where the account has one.
    code: Option<String>,
}

/// Who has signed in.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SignedIn {
    account: PersonId,
    words: Words,
    unit: UnitId,
    unit_words: Words,
    roles: Vec<Role>,
    scope: Scope,
    tags: Vec<Tag>,
    /// What the roles may read and set.
    rights: Vec<&'static str>,
    /// What the roles may ask of a case.
    asks: Vec<&'static str>,
    /// What every change has to bring in the header `X-Huying-CSRF`.
    csrf: String,
    until: Timestamp,
    /// A second factor is on.
    totp: bool,
    demo: bool,
}

/// Which part of the city somebody sees.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct Scope {
    pub(crate) area: Option<AreaCode>,
    pub(crate) words: Words,
    /// Everything.
    pub(crate) whole: bool,
}

pub(crate) fn scope(account: &Account, rules: &Rules) -> Scope {
    let sight = account.sight(rules);
    let county = || rules.territory.codes(huying_domain::area::Level::County).next();
    let area = if sight.whole { county() } else { sight.area };
    let words = area.and_then(|area| rules.territory.name(area)).cloned();
    let own = || rules.unit(&account.unit).map(|unit| unit.name.clone()).unwrap_or_default();
    Scope { area, words: words.unwrap_or_else(own), whole: sight.whole }
}

fn signed_in(ground: &Ground, account: &Account, session: &Session) -> SignedIn {
    let rules = ground.doors.rules();
    let unit_words = rules.unit(&account.unit).map(|unit| unit.name.clone());
    SignedIn {
        account: account.name.clone(),
        words: account.words.clone(),
        unit: account.unit.clone(),
        unit_words: unit_words.unwrap_or_else(|| Words::new(account.unit.as_str(), account.unit.as_str())),
        roles: account.roles.clone(),
        scope: scope(account, &rules),
        tags: account.cleared.clone(),
        rights: Right::ALL.into_iter().filter(|right| account.has(*right)).map(Right::name).collect(),
        asks: ACTS.iter().filter(|act| account.may_ask(act)).map(|act| act.ask).collect(),
        csrf: session.csrf.clone(),
        until: session.until,
        totp: account.totp.is_some(),
        demo: !ground.desk.demo.is_empty(),
    }
}

/// How one may sign in.
pub(crate) async fn ways(State(ground): State<Ground>) -> Json<Ways> {
    let way = |provider: &Provider| Way {
        name: provider.name().to_owned(),
        words: provider.words(),
        start: format!("/v1/sign-in/{}/start", provider.name()),
    };
    let oidc = ground.desk.providers.all().iter().map(way).collect();
    Json(Ways { local: true, oidc, demo: ground.desk.demo.clone() })
}

/// Signs in.
pub(crate) async fn begin(
    State(ground): State<Ground>,
    _anybody: Anybody,
    Read(said): Read<SignIn>,
) -> Result<Response, Refused> {
    let SignIn { account: name, password, code } = said;
    let (desk, now) = (&ground.desk, machine());
    if desk.sessions.is_locked_out(&name, now) {
        return Err(Refused::locked_out());
    }
    let account = desk.accounts.of(&name);
    let hash =
        account.as_ref().filter(|account| !account.locked).and_then(|account| account.password.clone());
    // Hashing is a tenth of a second of work: it waits for its turn, and not in the way of others.
    let _turn = desk.hashing.acquire().await.map_err(|_| Refused::late())?;
    let right = tokio::task::spawn_blocking(move || is_password(&password, hash.as_deref())).await;
    let Some(account) = account.filter(|_| right.unwrap_or(false)) else {
        desk.sessions.note_wrong(&name, now);
        return Err(Refused::wrong_login());
    };
    if let Some(secret) = &account.totp {
        let Some(code) = code else { return Err(Refused::code_needed()) };
        let step = code_step(secret, &code, now).filter(|step| desk.sessions.use_code(&name, *step));
        if step.is_none() {
            desk.sessions.note_wrong(&name, now);
            return Err(Refused::wrong_login());
        }
    }
    let (token, session) = desk.sessions.begin(&name, &desk.chance, now).map_err(Refused::fault)?;
    let told = Json(signed_in(&ground, &account, &session));
    Ok((AppendHeaders([(header::SET_COOKIE, cookie(desk, &token))]), told).into_response())
}

/// The cookie that carries a session.
pub(crate) fn cookie(desk: &FrontDesk, token: &str) -> String {
    let secure = if desk.tls { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={SESSION_S}{secure}")
}

/// Who has signed in.
pub(crate) async fn see(State(ground): State<Ground>, who: Who) -> Json<SignedIn> {
    Json(signed_in(&ground, &who.account, &who.session))
}

/// Where somebody goes who has signed out.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Leave {
    /// The provider's page that signs them out there too.
    leave: String,
}

/// Signs out.
pub(crate) async fn end(
    State(ground): State<Ground>,
    who: Who,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    if let Some(token) = token(&headers) {
        ground.desk.sessions.end(token).map_err(Refused::fault)?;
    }
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    let gone = AppendHeaders([(header::SET_COOKIE, gone)]);
    let providers = &ground.desk.providers;
    let leave = match who.session.provider.as_deref().and_then(|name| providers.of(name)) {
        Some(provider) => provider.way_out(providers).await,
        None => None,
    };
    Ok(match leave {
        Some(leave) => (gone, Json(Leave { leave })).into_response(),
        None => (StatusCode::NO_CONTENT, gone).into_response(),
    })
}

/// A new password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    old: String,
    new: String,
}

/// Changes one's own password; every session of the account is over.
pub(crate) async fn password(
    State(ground): State<Ground>,
    who: Who,
    Read(said): Read<NewPassword>,
) -> Result<StatusCode, Refused> {
    let NewPassword { old, new } = said;
    let (desk, now, name) = (&ground.desk, machine(), who.account.name.clone());
    if desk.sessions.is_locked_out(&name, now) {
        return Err(Refused::locked_out());
    }
    if new.chars().count() < PASSWORD_CHARS_MIN || new.len() > super::secret::PASSWORD_BYTES_MAX {
        return Err(Refused::bad_password(PASSWORD_CHARS_MIN));
    }
    let _turn = desk.hashing.acquire().await.map_err(|_| Refused::late())?;
    let (hash, chance) = (who.account.password.clone(), desk.chance.clone());
    let hashed = tokio::task::spawn_blocking(move || {
        is_password(&old, hash.as_deref()).then(|| hash_password(&new, &chance))
    });
    let Some(hashed) = hashed.await.unwrap_or(None) else {
        desk.sessions.note_wrong(&name, now);
        return Err(Refused::wrong_login());
    };
    let set = |known: Option<&Account>| {
        let known = known.ok_or_else(Refused::no_session)?.clone();
        Ok(Account { password: Some(hashed), ..known })
    };
    set_account(&ground, By::from(&who), &name, set).await?;
    desk.sessions.end_all(&name).map_err(Refused::fault)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The second factor: without a code a secret is drawn, with a code of it the factor is on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecondFactor {
    /// The secret that was drawn.
    secret: Option<String>,
    /// A code of it.
    code: Option<String>,
}

/// A secret for a telephone's program of one-time codes.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Drawn {
    secret: String,
    uri: String,
}

/// Turns the second factor on.
pub(crate) async fn totp(
    State(ground): State<Ground>,
    who: Who,
    Read(said): Read<SecondFactor>,
) -> Result<Response, Refused> {
    let SecondFactor { secret, code } = said;
    let Some((secret, code)) = secret.zip(code) else {
        let secret = totp_secret(&ground.desk.chance);
        let uri = format!("otpauth://totp/Huying:{}?secret={secret}&issuer=Huying", who.account.name);
        return Ok(Json(Drawn { secret, uri }).into_response());
    };
    code_step(&secret, &code, machine()).ok_or_else(Refused::wrong_login)?;
    let set = |known: Option<&Account>| {
        let known = known.ok_or_else(Refused::no_session)?.clone();
        Ok(Account { totp: Some(secret), ..known })
    };
    set_account(&ground, By::from(&who), &who.account.name, set).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
