//! What a provider says of itself: its addresses, and the keys with which it signs.

use super::{
    Provider,
    fetch::{Ask, FetchError},
    token::Keys,
};
use huying_domain::time::Timestamp;
use serde::Deserialize;
use std::sync::{Arc, Mutex};
use thiserror::Error;

/// For how long what a provider said is not asked again, in seconds. A key that is not among those known is asked for
/// at once.
const KNOWN_S: i64 = 3_600;

/// Why a provider is not known.
#[derive(Debug, Error)]
pub(super) enum DiscoveryError {
    /// It was not heard.
    #[error("the provider was not heard")]
    Fetch(#[from] FetchError),
    /// What it says is not of the form.
    #[error("what the provider says of itself is not of its form")]
    Shape(#[from] serde_json::Error),
    /// It says that it is another.
    #[error("the provider calls itself {0}")]
    Other(String),
}

/// A provider's addresses (OpenID Connect Discovery 1.0, section 3).
#[derive(Debug, Deserialize)]
pub(super) struct Addresses {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    jwks_uri: String,
    pub(super) userinfo_endpoint: Option<String>,
    pub(super) end_session_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// It names itself when it sends people back (RFC 9207).
    #[serde(default, rename = "authorization_response_iss_parameter_supported")]
    pub(super) names_itself: bool,
}

impl Addresses {
    /// The client's secret goes into the form; where nothing is said it goes into the header.
    pub(super) fn wants_secret_in_form(&self) -> bool {
        let ways = self.token_endpoint_auth_methods_supported.as_deref();
        ways.is_some_and(|ways| {
            ways.iter().all(|way| way != "client_secret_basic")
                && ways.iter().any(|way| way == "client_secret_post")
        })
    }
}

type Heard<T> = Mutex<Option<(Timestamp, Arc<T>)>>;

/// What a provider has said of itself.
#[derive(Default)]
pub(super) struct Known {
    addresses: Heard<Addresses>,
    keys: Heard<Keys>,
}

fn fresh<T>(heard: &Heard<T>, now: Timestamp) -> Option<Arc<T>> {
    let heard = heard.lock().expect("nobody panics over what a provider said");
    let (at, said) = heard.as_ref()?;
    (0..KNOWN_S).contains(&now.seconds_since(*at)).then(|| Arc::clone(said))
}

fn hear<T>(heard: &Heard<T>, said: T, now: Timestamp) -> Arc<T> {
    let said = Arc::new(said);
    *heard.lock().expect("nobody panics over what a provider said") = Some((now, Arc::clone(&said)));
    said
}

impl Provider {
    /// Its addresses.
    pub(super) async fn addresses(&self, now: Timestamp) -> Result<Arc<Addresses>, DiscoveryError> {
        if let Some(known) = fresh(&self.known.addresses, now) {
            return Ok(known);
        }
        let issuer = &self.terms.issuer;
        let at = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let told: Addresses = serde_json::from_value(self.line.ask(Ask::read(&at)).await?)?;
        if told.issuer != *issuer {
            return Err(DiscoveryError::Other(told.issuer));
        }
        Ok(hear(&self.known.addresses, told, now))
    }

    /// The keys that are known.
    pub(super) async fn keys(&self, now: Timestamp) -> Result<Arc<Keys>, DiscoveryError> {
        match fresh(&self.known.keys, now) {
            Some(known) => Ok(known),
            None => self.keys_anew(now).await,
        }
    }

    /// The keys as they stand now: a provider changes them, and who has signed in there brings the first word of it.
    pub(super) async fn keys_anew(&self, now: Timestamp) -> Result<Arc<Keys>, DiscoveryError> {
        let addresses = self.addresses(now).await?;
        let told: Keys = serde_json::from_value(self.line.ask(Ask::read(&addresses.jwks_uri)).await?)?;
        Ok(hear(&self.known.keys, told, now))
    }
}
