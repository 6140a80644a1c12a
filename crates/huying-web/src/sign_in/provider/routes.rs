//! `/v1/sign-in/{provider}/start` and `/back`: a browser leaves for a provider, and comes back.

use super::{
    Provider, Providers,
    discovery::Addresses,
    fetch::{Ask, FetchError},
    journey::{JOURNEY_S, Journey},
    person,
    token::{self, Claims, Expected, TokenError},
};
use crate::{
    limit::Anybody,
    refused::Refused,
    router::{FrontDesk, Ground},
    sign_in::{
        account::Account,
        changes::{By, set_account},
        routes::cookie,
        who::cookie_of,
    },
};
use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use data_encoding::BASE64;
use form_urlencoded::Serializer;
use huying_domain::{ids::PersonId, time::Timestamp};
use huying_engine::clock::machine;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::{error::Error as StdError, sync::Arc};
use url::Url;

/// The cookie by which the browser that left is known again. It comes along when the provider sends people back, so it
/// is laxer than a session's; it opens nothing by itself.
const JOURNEY_COOKIE: &str = "huying_journey";
/// The page to which a refusal is told.
const PAGE: &str = "/sign-in";
/// Most bytes of the address to which somebody wants to go.
const TO_BYTES_MAX: usize = 1_024;

/// Where somebody wants to go once they have signed in.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Wanted {
    /// A page of this door.
    to: Option<String>,
}

/// With what a provider sends somebody back.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Brought {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// Sends the browser to the provider.
pub(crate) async fn start(
    State(ground): State<Ground>,
    _anybody: Anybody,
    Path(name): Path<String>,
    headers: HeaderMap,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Response {
    let wanted = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    match leave(&ground, &name, wanted.to).await {
        Ok(response) => response,
        Err(refused) => told(refused, &headers),
    }
}

async fn leave(ground: &Ground, name: &str, to: Option<String>) -> Result<Response, Refused> {
    let (desk, now) = (&ground.desk, machine());
    let provider = desk.providers.of(name).ok_or_else(Refused::not_found)?;
    let addresses = provider.addresses(now).await.map_err(|error| away(provider, &error))?;
    let mut url = Url::parse(&addresses.authorization_endpoint).map_err(|error| away(provider, &error))?;
    let left = desk.providers.journeys.begin(name, own_page(to), &desk.chance, now);
    let scopes = ["openid"].into_iter().chain(provider.terms.scopes.iter().map(String::as_str));
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.terms.client_id)
        .append_pair("redirect_uri", &provider.back(&desk.providers.public))
        .append_pair("scope", &scopes.collect::<Vec<_>>().join(" "))
        .append_pair("state", &left.state)
        .append_pair("nonce", &left.journey.nonce)
        .append_pair("code_challenge", &left.journey.challenge())
        .append_pair("code_challenge_method", "S256");
    Ok((journey_cookie(desk, &left.browser, JOURNEY_S), Redirect::to(url.as_str())).into_response())
}

/// Only an address of our own: a link must not lead elsewhere by way of the sign-in.
fn own_page(to: Option<String>) -> String {
    let own = |to: &String| {
        let mut bytes = to.bytes();
        to.len() <= TO_BYTES_MAX
            && bytes.next() == Some(b'/')
            && !matches!(bytes.next(), Some(b'/' | b'\\'))
            && to.bytes().all(|byte| byte.is_ascii_graphic())
    };
    to.filter(own).unwrap_or_else(|| "/".to_owned())
}

type SetCookie = AppendHeaders<[(header::HeaderName, String); 1]>;

fn journey_cookie(desk: &FrontDesk, value: &str, seconds: i64) -> SetCookie {
    let secure = if desk.tls || desk.providers.is_guarded() { "; Secure" } else { "" };
    let cookie = format!(
        "{JOURNEY_COOKIE}={value}; Path=/v1/sign-in; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"
    );
    AppendHeaders([(header::SET_COOKIE, cookie)])
}

/// Takes somebody back from the provider, and signs them in.
pub(crate) async fn back(
    State(ground): State<Ground>,
    _anybody: Anybody,
    Path(name): Path<String>,
    headers: HeaderMap,
    brought: Result<Query<Brought>, QueryRejection>,
) -> Response {
    let brought = brought.map(|Query(brought)| brought).unwrap_or_default();
    let gone = journey_cookie(&ground.desk, "", 0);
    match arrive(&ground, &name, &headers, brought).await {
        Ok(response) => (gone, response).into_response(),
        Err(refused) => {
            tracing::info!(provider = %name, code = refused.code(), "a provider's person was not let in");
            (gone, told(refused, &headers)).into_response()
        }
    }
}

async fn arrive(
    ground: &Ground,
    name: &str,
    headers: &HeaderMap,
    brought: Brought,
) -> Result<Response, Refused> {
    let (desk, now) = (&ground.desk, machine());
    let provider = desk.providers.of(name).ok_or_else(Refused::not_found)?;
    let browser = cookie_of(headers, JOURNEY_COOKIE).unwrap_or_default();
    let state = brought.state.unwrap_or_default();
    let journey = desk.providers.journeys.end(name, &state, browser, now).ok_or_else(over)?;
    if let Some(error) = brought.error {
        tracing::info!(provider = %name, error = %error.escape_debug(), "the provider signed nobody in");
        return Err(not_by_provider());
    }
    let code = brought.code.ok_or_else(over)?;
    let addresses = provider.addresses(now).await.map_err(|error| away(provider, &error))?;
    // Whose answer it is must be plain, or one provider could pass its own off as another's (RFC 9207).
    let named = brought.iss.is_some() || addresses.names_itself;
    if named && brought.iss.as_deref() != Some(provider.terms.issuer.as_str()) {
        return Err(unbelieved(TokenError::Issuer));
    }
    let claims = claims(provider, &desk.providers, &addresses, &journey, &code, now).await?;
    let account = admitted(ground, provider, &claims).await?;
    let by = Some(provider.name());
    let begun = desk.sessions.begin_by(&account.name, by, &desk.chance, now).map_err(Refused::fault)?;
    desk.arrivals.note(provider.name(), &account.name, now);
    tracing::info!(provider = %name, account = %account.name, "signed in by a provider");
    let session = AppendHeaders([(header::SET_COOKIE, cookie(desk, &begun.0))]);
    Ok((session, Redirect::to(&journey.to)).into_response())
}

/// What the provider says of the person, as far as it is believed.
async fn claims(
    provider: &Provider,
    providers: &Providers,
    addresses: &Addresses,
    journey: &Journey,
    code: &str,
    now: Timestamp,
) -> Result<Claims, Refused> {
    let told = provider.redeem(providers, addresses, journey, code).await;
    let told = told.map_err(|error| match &error {
        // It hands nothing out for this code: it is used, too old, or another's.
        FetchError::Status { status: 400..=499, .. } => {
            let error: &dyn StdError = &error;
            tracing::warn!(provider = provider.name(), error, "the provider refused the code");
            not_by_provider()
        }
        _ => away(provider, &error),
    })?;
    let token = told["id_token"].as_str().ok_or_else(|| unbelieved(TokenError::Malformed))?;
    let expected = Expected {
        issuer: &provider.terms.issuer,
        client: &provider.terms.client_id,
        nonce: &journey.nonce,
        algorithms: &provider.terms.algorithms,
    };
    let keys = provider.keys(now).await.map_err(|error| away(provider, &error))?;
    let claims = match token::read(token, &keys, &expected, now) {
        Err(TokenError::Key) => {
            let keys = provider.keys_anew(now).await.map_err(|error| away(provider, &error))?;
            token::read(token, &keys, &expected, now)
        }
        read => read,
    };
    let mut claims = claims.map_err(unbelieved)?;
    let wanted = [&provider.terms.account_claim, &provider.terms.group_claim];
    let lacking = wanted.into_iter().any(|name| !claims.contains_key(name));
    if let (true, Some(at), Some(access)) =
        (lacking, &addresses.userinfo_endpoint, told["access_token"].as_str())
    {
        let more = provider.more(at, access).await.map_err(|error| away(provider, &error))?;
        // Another's claims are nobody's here (OpenID Connect Core 1.0, section 5.3.2).
        if more.get("sub") != claims.get("sub") {
            return Err(unbelieved(TokenError::Malformed));
        }
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
    }
    Ok(claims)
}

impl Provider {
    /// Redeems a code.
    async fn redeem(
        &self,
        providers: &Providers,
        addresses: &Addresses,
        journey: &Journey,
        code: &str,
    ) -> Result<Value, FetchError> {
        let (form, authorization) = self.redeeming(&self.back(&providers.public), addresses, journey, code);
        self.line.ask(Ask { url: &addresses.token_endpoint, authorization, form: Some(form) }).await
    }

    /// The form with a code, and the header with the client's secret where it belongs there (RFC 6749, section 2.3.1).
    fn redeeming(
        &self,
        back: &str,
        addresses: &Addresses,
        journey: &Journey,
        code: &str,
    ) -> (String, Option<String>) {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", back)
            .append_pair("code_verifier", &journey.verifier);
        let client = &self.terms.client_id;
        match &self.secret {
            Some(secret) if !addresses.wants_secret_in_form() => {
                let coded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let both = format!("{}:{}", coded(client), coded(secret));
                (form.finish(), Some(format!("Basic {}", BASE64.encode(both.as_bytes()))))
            }
            Some(secret) => {
                form.append_pair("client_id", client).append_pair("client_secret", secret);
                (form.finish(), None)
            }
            None => (form.append_pair("client_id", client).finish(), None),
        }
    }

    /// What it says beside the token.
    async fn more(&self, at: &str, access: &str) -> Result<Claims, FetchError> {
        let ask = Ask { url: at, authorization: Some(format!("Bearer {access}")), form: None };
        Ok(serde_json::from_value(self.line.ask(ask).await?)?)
    }

    /// Where somebody leaves the provider too; none where it has no such place, or cannot be asked.
    pub(crate) async fn way_out(&self, providers: &Providers) -> Option<String> {
        let addresses: Arc<Addresses> = self.addresses(machine()).await.ok()?;
        let mut url = Url::parse(addresses.end_session_endpoint.as_deref()?).ok()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.terms.client_id)
            .append_pair("post_logout_redirect_uri", &format!("{}{PAGE}", providers.public));
        Some(url.into())
    }
}

/// Finds whose account it is, and writes down what is new about it.
async fn admitted(ground: &Ground, provider: &Provider, claims: &Claims) -> Result<Account, Refused> {
    let (desk, rules) = (&ground.desk, ground.doors.rules());
    let found = person::admit(&desk.accounts.all(), provider, claims, &rules);
    let account = match found {
        Ok(account) => account,
        Err(refused) => {
            shut(desk, provider, claims)?;
            return Err(refused);
        }
    };
    if desk.accounts.of(&account.name).as_ref() == Some(&account) {
        return Ok(account);
    }
    let by = By::Provider(provider.name().to_owned());
    let make = |_: Option<&Account>| person::admit(&desk.accounts.all(), provider, claims, &rules);
    set_account(ground, by, &account.name, make).await
}

/// Whoever a provider vouched for and who is let in no more has no session any longer either.
fn shut(desk: &FrontDesk, provider: &Provider, claims: &Claims) -> Result<(), Refused> {
    let name = claims.get(&provider.terms.account_claim).and_then(Value::as_str);
    let name: Option<PersonId> = name.and_then(|name| name.parse().ok());
    let theirs = |account: &Account| {
        let by = account.vouched.as_ref();
        by.is_some_and(|by| {
            by.provider == provider.name() && claims.get("sub").is_some_and(|subject| *subject == by.subject)
        })
    };
    match name.and_then(|name| desk.accounts.of(&name)).filter(theirs) {
        Some(account) => desk.sessions.end_all(&account.name).map_err(Refused::fault),
        None => Ok(()),
    }
}

/// A refusal as whoever stands there reads it: a browser is led to the page that says it, a program is told.
fn told(refused: Refused, headers: &HeaderMap) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/html") {
        return Redirect::to(&format!("{PAGE}?refused={}", refused.code())).into_response();
    }
    refused.into_response()
}

fn over() -> Refused {
    let (zh, en) = (
        "登录已过期或不是在此浏览器发起，请重新登录。",
        "This sign-in is over, or was begun elsewhere; begin again.",
    );
    Refused::new(StatusCode::UNAUTHORIZED, "sign_in_over", zh, en)
}

fn not_by_provider() -> Refused {
    let (zh, en) = ("身份提供方没有为您登录。", "The identity provider has not signed you in.");
    Refused::new(StatusCode::UNAUTHORIZED, "provider_refused", zh, en)
}

fn unbelieved(error: TokenError) -> Refused {
    let (zh, en) = ("身份提供方的答复没有通过核验。", "What the identity provider says does not hold.");
    Refused::new(StatusCode::UNAUTHORIZED, error.code(), zh, en)
}

/// The provider cannot be asked at present, or does not say what it must.
fn away(provider: &Provider, error: &(dyn StdError + 'static)) -> Refused {
    tracing::warn!(provider = provider.name(), error, "an identity provider was not heard");
    let (zh, en) =
        ("暂时无法连接身份提供方，请稍后再试。", "The identity provider cannot be reached; try again later.");
    Refused::new(StatusCode::BAD_GATEWAY, "provider_away", zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere_by_way_of_the_sign_in() {
        for to in
            ["//evil.example", "/\\evil.example", "https://evil.example", "", "x", "/a\r\nset-cookie: x"]
        {
            assert_eq!(own_page(Some(to.to_owned())), "/", "{to:?}");
        }
        assert_eq!(own_page(Some("/cases?word=breached".to_owned())), "/cases?word=breached");
    }
}
