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

#[cfg(test)]
mod tests {
    use super::*;
    use ring::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, Signature},
    };
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;

    fn encode(bytes: impl AsRef<[u8]>) -> String {
        BASE64URL_NOPAD.encode(bytes.as_ref())
    }

    /// A token of an Ed25519 key, and the keys that the provider shows.
    struct Signer(Ed25519KeyPair);

    impl Signer {
        fn new() -> Self {
            let made =
                Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("the machine has randomness");
            Self(Ed25519KeyPair::from_pkcs8(made.as_ref()).expect("it was just made"))
        }

        fn shown(&self) -> Value {
            json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(self.0.public_key()), "kid": "a" })
        }

        fn sign(&self, head: &Value, claims: &Value) -> String {
            signed(head, claims, |message| self.0.sign(message))
        }
    }

    fn signed(head: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Signature) -> String {
        let message = format!("{}.{}", encode(head.to_string()), encode(claims.to_string()));
        let signature = encode(sign(message.as_bytes()));
        format!("{message}.{signature}")
    }

    fn head() -> Value {
        json!({ "alg": "EdDSA", "kid": "a" })
    }

    fn claims() -> Value {
        json!({ "iss": "https://id.example", "aud": "huying", "sub": "1", "nonce": "n", "iat": NOW, "exp": NOW + 300 })
    }

    fn with(mut claims: Value, name: &str, value: Value) -> Value {
        claims[name] = value;
        claims
    }

    fn read_at(token: &str, keys: &[Value], now: i64) -> Result<Claims, TokenError> {
        let expected = Expected {
            issuer: "https://id.example",
            client: "huying",
            nonce: "n",
            algorithms: &[Algorithm::EdDsa, Algorithm::Es256],
        };
        read(token, &Keys { keys: keys.to_vec() }, &expected, Timestamp::from_seconds(now))
    }

    #[track_caller]
    fn check(claims: &Value, then: Result<(), TokenError>) {
        let signer = Signer::new();
        let read = read_at(&signer.sign(&head(), claims), &[signer.shown()], NOW);
        assert_eq!(read.map(|_| ()), then, "{claims}");
    }

    #[test]
    fn a_token_holds_until_it_ends_and_the_clocks_may_be_a_minute_apart() {
        let signer = Signer::new();
        let (token, keys) = (signer.sign(&head(), &claims()), [signer.shown()]);
        let at = |now| read_at(&token, &keys, now).map(|_| ());
        assert_eq!(at(NOW - SKEW_MAX_S), Ok(()));
        assert_eq!(at(NOW - SKEW_MAX_S - 1), Err(TokenError::NotYet));
        assert_eq!(at(NOW + 300 + SKEW_MAX_S - 1), Ok(()));
        assert_eq!(at(NOW + 300 + SKEW_MAX_S), Err(TokenError::Expired));
    }

    #[test]
    fn a_token_for_others_too_names_us_as_the_party() {
        check(&with(claims(), "aud", json!(["huying"])), Ok(()));
        let both = with(claims(), "aud", json!(["huying", "another"]));
        check(&both, Err(TokenError::Audience));
        check(&with(both.clone(), "azp", json!("huying")), Ok(()));
        check(&with(both, "azp", json!("another")), Err(TokenError::Audience));
        check(&with(claims(), "aud", json!([])), Err(TokenError::Audience));
    }

    #[test]
    fn what_a_token_lacks_or_says_in_another_form_is_not_made_up_for() {
        for name in ["exp", "iat", "sub"] {
            let mut lacking = claims();
            lacking.as_object_mut().expect("an object").remove(name);
            check(&lacking, Err(TokenError::Malformed));
            check(&with(claims(), name, json!({})), Err(TokenError::Malformed));
        }
        check(&with(claims(), "exp", json!("1900000000")), Err(TokenError::Malformed));
        check(&with(claims(), "nbf", json!("x")), Err(TokenError::Malformed));
        check(&with(claims(), "nbf", json!(NOW + 3_600)), Err(TokenError::NotYet));
        check(&with(claims(), "nonce", Value::Null), Err(TokenError::Nonce));
    }

    #[test]
    fn only_the_key_that_is_named_and_is_for_signing_counts() {
        let (one, other) = (Signer::new(), Signer::new());
        let token = one.sign(&head(), &claims());
        let ok = |keys: &[Value]| read_at(&token, keys, NOW).map(|_| ());
        let strange = json!({ "kty": ["new"], "kid": 1 });
        assert_eq!(ok(&[strange, with(other.shown(), "kid", json!("b")), one.shown()]), Ok(()));
        assert_eq!(ok(&[other.shown()]), Err(TokenError::Signature));
        assert_eq!(ok(&[with(one.shown(), "use", json!("enc"))]), Err(TokenError::Key));
        assert_eq!(ok(&[with(one.shown(), "alg", json!("ES256"))]), Err(TokenError::Key));
        assert_eq!(ok(&[]), Err(TokenError::Key));
        let nameless = one.sign(&json!({ "alg": "EdDSA" }), &claims());
        assert!(read_at(&nameless, &[one.shown()], NOW).is_ok(), "the only one that fits");
        let two = [with(one.shown(), "kid", Value::Null), with(other.shown(), "kid", json!("b"))];
        assert_eq!(read_at(&nameless, &two, NOW), Err(TokenError::Key), "either might be meant");
        let critical = one.sign(&with(head(), "crit", json!(["x"])), &claims());
        assert_eq!(read_at(&critical, &[one.shown()], NOW), Err(TokenError::Malformed));
        let not_agreed = one.sign(&with(head(), "alg", json!("RS256")), &claims());
        assert_eq!(read_at(&not_agreed, &[one.shown()], NOW), Err(TokenError::Algorithm));
    }

    #[test]
    fn a_point_of_a_curve_is_read_as_the_standard_writes_it() {
        let (random, how) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let made = EcdsaKeyPair::generate_pkcs8(how, &random).expect("the machine has randomness");
        let pair = EcdsaKeyPair::from_pkcs8(how, made.as_ref(), &random).expect("it was just made");
        let point = pair.public_key().as_ref();
        let key = json!({ "kty": "EC", "crv": "P-256", "x": encode(&point[1..33]), "y": encode(&point[33..]), "kid": "a" });
        let head = json!({ "alg": "ES256", "kid": "a" });
        let token = signed(&head, &claims(), |message| pair.sign(&random, message).expect("it can sign"));
        assert!(read_at(&token, std::slice::from_ref(&key), NOW).is_ok());
        let short = with(key, "y", json!(encode(&point[34..])));
        assert_eq!(read_at(&token, &[short], NOW), Err(TokenError::Signature));
    }
}
