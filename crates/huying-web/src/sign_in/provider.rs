//! Identity providers: with OpenID Connect a person signs in there and comes back with a token that says who they are.
//!
//! The route: [`routes::start`] sends the browser to the provider (authorization code with PKCE, state and nonce),
//! [`routes::back`] takes the code, [`discovery`] and [`fetch`] ask the provider, [`token`] holds what it says to the
//! standard, [`person`] finds whose account that is. The session is then one like any other.
//!
//! The file of providers, in TOML:
//!
//! ```toml
//! public = "https://huying.example"        # where browsers find this door
//!
//! [[provider]]
//! name = "city"                            # stands in addresses
//! zh = "市统一身份认证"
//! en = "the city's sign-in"
//! issuer = "https://id.example"
//! client_id = "huying"
//! secret_file = "oidc.secret"              # none for a public client; beside this file
//! account_claim = "sub"                    # never one that people may change themselves
//! group_claim = "groups"
//!
//! [[provider.group]]                       # who has no account is let in with the roles of a group
//! name = "supervisors"
//! unit = "centre"
//! roles = ["supervisor"]
//! ```

mod discovery;
mod fetch;
mod journey;
mod person;
pub(crate) mod routes;
mod token;

use self::{discovery::Known, fetch::Line, journey::Journeys, token::Algorithm};
use crate::rights::Role;
use huying_domain::{ids::UnitId, words::Words};
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};
use thiserror::Error;
use tokio_rustls::rustls;
use url::{Host, Url};

/// Most bytes of the file of providers, and of a secret.
pub const FILE_BYTES_MAX: u64 = 256 * 1024;
/// Most providers of one door.
pub const PROVIDERS_MAX: usize = 16;
/// Most groups that one provider's people may come in with.
pub const GROUPS_MAX: usize = 4_096;

/// Why the providers cannot be used.
#[derive(Debug, Error)]
pub enum ProvidersError {
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is longer than any of its kind.
    #[error("{0} is longer than {FILE_BYTES_MAX} bytes")]
    TooLong(PathBuf),
    /// It is no such TOML.
    #[error("the file of providers is not of its form")]
    Malformed(#[from] toml::de::Error),
    /// A field of it cannot be so.
    #[error("{field} of {whose}: {must}")]
    Unfit {
        /// The provider's, or the file's own.
        whose: String,
        /// Which.
        field: &'static str,
        /// What it has to be.
        must: &'static str,
    },
    /// Certificates that cannot be used.
    #[error("the certificates of a provider cannot be used")]
    Tls(#[from] rustls::Error),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    public: Option<String>,
    #[serde(default)]
    provider: Vec<Terms>,
}

/// What stands in the file of one provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Terms {
    pub(crate) name: String,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) secret_file: Option<PathBuf>,
    pub(crate) ca_file: Option<PathBuf>,
    #[serde(default = "usual_scopes")]
    pub(crate) scopes: Vec<String>,
    #[serde(default = "usual_account")]
    pub(crate) account_claim: String,
    #[serde(default = "usual_groups")]
    pub(crate) group_claim: String,
    #[serde(default = "usual_algorithms")]
    algorithms: Vec<Algorithm>,
    #[serde(default)]
    pub(crate) group: Vec<Group>,
}

fn usual_scopes() -> Vec<String> {
    vec!["profile".to_owned()]
}

fn usual_account() -> String {
    "sub".to_owned()
}

fn usual_groups() -> String {
    "groups".to_owned()
}

fn usual_algorithms() -> Vec<Algorithm> {
    vec![Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa]
}

/// What those of a group are let in as.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) unit: UnitId,
    pub(crate) roles: Vec<Role>,
}

/// A provider: what was agreed with it, and what it has said of itself.
pub(crate) struct Provider {
    terms: Terms,
    secret: Option<String>,
    line: Line,
    known: Known,
}

impl Provider {
    /// Where the provider sends people back to.
    fn back(&self, public: &str) -> String {
        format!("{public}/v1/sign-in/{}/back", self.terms.name)
    }

    pub(crate) fn name(&self) -> &str {
        &self.terms.name
    }

    /// What was agreed with it.
    pub(crate) const fn terms(&self) -> &Terms {
        &self.terms
    }

    pub(crate) fn words(&self) -> Words {
        Words::new(self.terms.zh.as_str(), self.terms.en.as_str())
    }
}

/// The providers of a door.
#[derive(Default)]
pub struct Providers {
    public: String,
    all: Vec<Provider>,
    journeys: Journeys,
}

impl Providers {
    /// Those of a file.
    ///
    /// # Errors
    /// A file cannot be read, or a field of it cannot be so.
    pub fn load(path: &Path) -> Result<Self, ProvidersError> {
        let written: Written = toml::from_str(&bounded(path)?)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let unfit = |field, must| ProvidersError::Unfit { whose: "the file".to_owned(), field, must };
        let public = written.public.unwrap_or_default().trim_end_matches('/').to_owned();
        let own = Url::parse(&public).ok().filter(|url| is_guarded(url) && matches!(url.path(), "" | "/"));
        if own.is_none() {
            return Err(unfit("public", "https://…, without a path (http:// on this machine alone)"));
        }
        if written.provider.len() > PROVIDERS_MAX {
            return Err(unfit("provider", "at most sixteen"));
        }
        let mut names = BTreeSet::new();
        if !written.provider.iter().all(|terms| names.insert(terms.name.clone())) {
            return Err(unfit("name", "another for each provider"));
        }
        let all = written.provider.into_iter().map(|terms| open(terms, folder)).collect::<Result<_, _>>()?;
        Ok(Self { public, all, journeys: Journeys::default() })
    }

    /// The provider of this name.
    pub(crate) fn of(&self, name: &str) -> Option<&Provider> {
        self.all.iter().find(|provider| provider.name() == name)
    }

    pub(crate) fn all(&self) -> &[Provider] {
        &self.all
    }

    /// Where browsers find this door.
    pub(crate) fn public(&self) -> &str {
        &self.public
    }

    /// Browsers reach this door by TLS, here or before it.
    fn is_guarded(&self) -> bool {
        self.public.starts_with("https:")
    }
}

fn open(terms: Terms, folder: &Path) -> Result<Provider, ProvidersError> {
    let unfit =
        |field, must| Err(ProvidersError::Unfit { whose: format!("provider {:?}", terms.name), field, must });
    let token = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if terms.name.is_empty() || terms.name.len() > 32 || !terms.name.bytes().all(token) {
        return unfit("name", "1 to 32 of a-z, 0-9 and dash");
    }
    if !Url::parse(&terms.issuer).is_ok_and(|url| is_guarded(&url)) {
        return unfit("issuer", "https://… (http:// on this machine alone)");
    }
    if terms.algorithms.is_empty() {
        return unfit("algorithms", "at least one");
    }
    if terms.group.len() > GROUPS_MAX {
        return unfit("group", "at most 4,096");
    }
    if terms.group.iter().any(|group| group.roles.is_empty()) {
        return unfit("group", "with at least one role");
    }
    let secret = terms.secret_file.as_ref().map(|name| bounded(&folder.join(name))).transpose()?;
    let secret = secret.map(|secret| secret.trim().to_owned());
    if secret.as_ref().is_some_and(String::is_empty) {
        return unfit("secret_file", "a file with the secret in it");
    }
    let line = Line::new(terms.ca_file.as_ref().map(|name| folder.join(name)).as_deref())?;
    Ok(Provider { terms, secret, line, known: Known::default() })
}

/// Nobody on the way can read along: TLS, or this machine alone.
fn is_guarded(url: &Url) -> bool {
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && local)
}

fn bounded(path: &Path) -> Result<String, ProvidersError> {
    let io = |source| ProvidersError::Io { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(io)?.len() > FILE_BYTES_MAX {
        return Err(ProvidersError::TooLong(path.to_owned()));
    }
    std::fs::read_to_string(path).map_err(io)
}
