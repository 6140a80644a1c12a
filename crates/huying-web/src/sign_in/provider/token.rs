//! The token that says who somebody is, held to the standard: OpenID Connect Core 1.0, section 3.1.3.7; RFC 7515, 7518.
//!
//! Only signatures by a key that the provider alone has are taken, and only by the algorithms that were agreed: there
//! is no `none` and no HMAC here, so that a public key can never be taken for a shared secret.

use data_encoding::BASE64URL_NOPAD;
use huying_domain::time::Timestamp;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// How far the provider's clock may be off, in seconds.
const SKEW_MAX_S: i64 = 60;
/// Most bytes of a token.
const TOKEN_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of a subject (OpenID Connect Core 1.0, section 2).
const SUBJECT_BYTES_MAX: usize = 255;

/// How a token may be signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Es256,
    Es384,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// Why a token is not believed. Each has a code of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TokenError {
    Malformed,
    /// Signed by no algorithm that was agreed.
    Algorithm,
    /// Signed by no key that the provider shows.
    Key,
    Signature,
    Issuer,
    Audience,
    Expired,
    NotYet,
    Nonce,
}

impl TokenError {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "token_malformed",
            Self::Algorithm => "token_algorithm",
            Self::Key => "token_key",
            Self::Signature => "token_signature",
            Self::Issuer => "token_issuer",
            Self::Audience => "token_audience",
            Self::Expired => "token_expired",
            Self::NotYet => "token_not_yet",
            Self::Nonce => "token_nonce",
        }
    }
}

/// The keys that a provider shows.
#[derive(Debug, Deserialize)]
pub(super) struct Keys {
    /// Each as it stands there: one of a kind that is not known here must not hide the others.
    keys: Vec<Value>,
}

#[derive(Clone, Default, Debug, Deserialize)]
#[serde(default)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    for_what: Option<String>,
    alg: Option<String>,
    crv: String,
    n: String,
    e: String,
    x: String,
    y: String,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// What a token has to say to be believed.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    pub(super) algorithms: &'a [Algorithm],
}

/// What a token says of somebody.
pub(super) type Claims = Map<String, Value>;

/// Reads a token, if everything about it is as it must be.
pub(super) fn read(
    token: &str,
    keys: &Keys,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Claims, TokenError> {
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(sign), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(TokenError::Malformed);
    };
    if token.len() > TOKEN_BYTES_MAX {
        return Err(TokenError::Malformed);
    }
    let said: Head = json(head)?;
    let algorithm = serde_json::from_value::<Algorithm>(Value::String(said.alg));
    let algorithm = algorithm.ok().filter(|algorithm| expected.algorithms.contains(algorithm));
    let algorithm = algorithm.ok_or(TokenError::Algorithm)?;
    // Nothing is understood here that a token may call critical.
    if said.crit.is_some() {
        return Err(TokenError::Malformed);
    }
    let key = keys.of(said.kid.as_deref(), algorithm).ok_or(TokenError::Key)?;
    let signed = &token[..head.len() + 1 + body.len()];
    if !key.signed(algorithm, signed.as_bytes(), &decode(sign)?) {
        return Err(TokenError::Signature);
    }
    let claims: Claims = json(body)?;
    hold(&claims, expected, now)?;
    Ok(claims)
}

/// Whether a signed token is for us, now, and the one that was asked for.
fn hold(claims: &Claims, expected: &Expected<'_>, now: Timestamp) -> Result<(), TokenError> {
    let said = |name: &str| claims.get(name).and_then(Value::as_str);
    if said("iss") != Some(expected.issuer) {
        return Err(TokenError::Issuer);
    }
    let (for_us, for_others) = match claims.get("aud") {
        Some(Value::String(one)) => (one == expected.client, false),
        Some(Value::Array(all)) => (all.iter().any(|one| one == expected.client), all.len() > 1),
        _ => (false, false),
    };
    let party = claims.get("azp").map(|party| party == expected.client);
    if !for_us || party == Some(false) || (for_others && party.is_none()) {
        return Err(TokenError::Audience);
    }
    let instant = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(at) => at.as_i64().map(Some).ok_or(TokenError::Malformed),
    };
    let now = now.seconds();
    let until = instant("exp")?.ok_or(TokenError::Malformed)?;
    if now >= until.saturating_add(SKEW_MAX_S) {
        return Err(TokenError::Expired);
    }
    let made = instant("iat")?.ok_or(TokenError::Malformed)?;
    let from = instant("nbf")?.unwrap_or(made).max(made);
    if from > now + SKEW_MAX_S {
        return Err(TokenError::NotYet);
    }
    if said("nonce") != Some(expected.nonce) {
        return Err(TokenError::Nonce);
    }
    match said("sub") {
        Some(subject) if !subject.is_empty() && subject.len() <= SUBJECT_BYTES_MAX => Ok(()),
        _ => Err(TokenError::Malformed),
    }
}

impl Keys {
    /// The key that a token names; where it names none, the only one that fits.
    fn of(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<Key> {
        let readable = self.keys.iter().filter_map(|key| serde_json::from_value::<Key>(key.clone()).ok());
        let mut fit = readable.filter(|key| key.fits(algorithm));
        match kid {
            Some(kid) => fit.find(|key| key.kid.as_deref() == Some(kid)),
            None => fit.next().filter(|_| fit.next().is_none()),
        }
    }
}

impl Key {
    fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = match algorithm {
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps256 => self.kty == "RSA",
            Algorithm::Es256 => self.kty == "EC" && self.crv == "P-256",
            Algorithm::Es384 => self.kty == "EC" && self.crv == "P-384",
            Algorithm::EdDsa => self.kty == "OKP" && self.crv == "Ed25519",
        };
        let named = |name: &String| {
            serde_json::from_value::<Algorithm>(Value::String(name.clone())).is_ok_and(|its| its == algorithm)
        };
        kind && self.for_what.as_ref().is_none_or(|what| what == "sig") && self.alg.as_ref().is_none_or(named)
    }

    fn signed(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match algorithm {
            Algorithm::Rs256 => self.rsa(&RSA_PKCS1_2048_8192_SHA256, message, signature),
            Algorithm::Rs384 => self.rsa(&RSA_PKCS1_2048_8192_SHA384, message, signature),
            Algorithm::Rs512 => self.rsa(&RSA_PKCS1_2048_8192_SHA512, message, signature),
            Algorithm::Ps256 => self.rsa(&RSA_PSS_2048_8192_SHA256, message, signature),
            Algorithm::Es256 => self.point(&ECDSA_P256_SHA256_FIXED, 32, message, signature),
            Algorithm::Es384 => self.point(&ECDSA_P384_SHA384_FIXED, 48, message, signature),
            Algorithm::EdDsa => match decode(&self.x) {
                Ok(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok(),
                Err(_) => false,
            },
        }
    }

    fn rsa(&self, how: &RsaParameters, message: &[u8], signature: &[u8]) -> bool {
        let whole =
            |text: &str| decode(text).map(|bytes| bytes.into_iter().skip_while(|b| *b == 0).collect());
        let (Ok(n), Ok(e)): (Result<Vec<u8>, _>, Result<Vec<u8>, _>) = (whole(&self.n), whole(&self.e))
        else {
            return false;
        };
        RsaPublicKeyComponents { n, e }.verify(how, message, signature).is_ok()
    }

    /// A point of a curve, uncompressed: each coordinate has its full length (RFC 7518, section 6.2.1.2).
    fn point(
        &self,
        how: &'static dyn VerificationAlgorithm,
        bytes: usize,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let (Ok(x), Ok(y)) = (decode(&self.x), decode(&self.y)) else { return false };
        let point = [&[4][..], &x, &y].concat();
        x.len() == bytes
            && y.len() == bytes
            && UnparsedPublicKey::new(how, point).verify(message, signature).is_ok()
    }
}

fn decode(text: &str) -> Result<Vec<u8>, TokenError> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| TokenError::Malformed)
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, TokenError> {
    serde_json::from_slice(&decode(text)?).map_err(|_| TokenError::Malformed)
}
