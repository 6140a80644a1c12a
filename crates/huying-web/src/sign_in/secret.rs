//! Secrets: passwords as argon2id hashes, one-time codes (RFC 6238), random tokens known by their hash alone.

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hmac::{Hmac, Mac};
use huying_domain::{record::Hash, time::Timestamp};
use huying_engine::side::Entropy;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex};

/// Fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Most bytes of a password: hashing a long one is work for nothing.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// How long a one-time code holds, in seconds (RFC 6238, section 5.2).
const CODE_STEP_S: i64 = 30;
/// How many steps a telephone's clock may be off.
const CODE_STEPS_OFF: i64 = 1;
/// Bytes of a secret for one-time codes (RFC 4226, section 4).
const TOTP_BYTES: usize = 20;
const TOKEN_BYTES: usize = 32;
const SALT_BYTES: usize = 16;

/// Random bytes for several threads.
#[derive(Clone)]
pub struct Chance(Arc<Mutex<Entropy>>);

impl Chance {
    /// Draws from the machine's randomness, handed in.
    pub fn new(entropy: Entropy) -> Self {
        Self(Arc::new(Mutex::new(entropy)))
    }

    /// Fills the bytes.
    pub fn fill(&self, bytes: &mut [u8]) {
        (self.0.lock().expect("nobody panics while drawing"))(bytes);
    }

    /// A token that nobody guesses, in hexadecimal digits.
    pub fn token(&self) -> String {
        let mut bytes = [0; TOKEN_BYTES];
        self.fill(&mut bytes);
        HEXLOWER.encode(&bytes)
    }
}

/// What is kept of a token.
pub fn token_hash(token: &str) -> Hash {
    Hash(Sha256::digest(token.as_bytes()).into())
}

/// The hash of a password, with its salt and costs.
pub fn hash_password(password: &str, chance: &Chance) -> String {
    let mut salt = [0; SALT_BYTES];
    chance.fill(&mut salt);
    let salt = SaltString::encode_b64(&salt).expect("16 bytes are a salt");
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    hash.expect("the costs are argon2's own").to_string()
}

/// Whether this is the password. Where nobody has one, as much work is done for nothing, so that the time taken does
/// not tell which accounts there are.
pub fn is_password(password: &str, hash: Option<&str>) -> bool {
    if password.len() > PASSWORD_BYTES_MAX {
        return false;
    }
    const NOBODYS: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODYS)) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some()
}

/// A new secret for one-time codes, as telephones take it.
pub fn totp_secret(chance: &Chance) -> String {
    let mut bytes = [0; TOTP_BYTES];
    chance.fill(&mut bytes);
    BASE32_NOPAD.encode(&bytes)
}

/// The step of the code, if it is one of those that hold at an instant. Whoever takes it keeps the step: a code is used
/// once.
pub fn code_step(secret: &str, code: &str, now: Timestamp) -> Option<i64> {
    let key = BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
    let step = now.seconds() / CODE_STEP_S;
    (step - CODE_STEPS_OFF..=step + CODE_STEPS_OFF).find(|step| code_at(&key, *step) == code)
}

/// The code of a step: six digits (RFC 4226, section 5.3).
fn code_at(key: &[u8], step: i64) -> String {
    let mut mac = <Hmac<Sha1>>::new_from_slice(key).expect("a key of any length will do");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 0xf);
    let word = u32::from_be_bytes(digest[offset..offset + 4].try_into().expect("four bytes of twenty"));
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chance() -> Chance {
        let mut next = 0_u8;
        Chance::new(Box::new(move |bytes| {
            bytes.iter_mut().for_each(|byte| {
                next = next.wrapping_mul(31).wrapping_add(7);
                *byte = next;
            })
        }))
    }

    /// The last six of the eight digits of RFC 6238, appendix B.
    #[test]
    fn codes_are_those_of_the_standard() {
        let key = b"12345678901234567890";
        for (at, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(code_at(key, at / CODE_STEP_S), code);
        }
        let secret = BASE32_NOPAD.encode(key);
        let at = Timestamp::from_seconds(59);
        assert!(code_step(&secret, "287082", at.plus_seconds(30)).is_some(), "a clock that is a little off");
        assert!(code_step(&secret, "287082", at.plus_seconds(90)).is_none());
    }

    #[test]
    fn a_password_is_known_by_its_hash_alone() {
        let hash = hash_password("open sesame", &chance());
        assert!(hash.starts_with("$argon2id$") && !hash.contains("sesame"));
        assert!(is_password("open sesame", Some(&hash)));
        assert!(!is_password("open barley", Some(&hash)));
        assert!(!is_password("", None));
    }
}
