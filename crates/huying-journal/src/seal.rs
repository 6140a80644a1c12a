//! Sealing: XChaCha20-Poly1305 over keys (under the master key) and personal data (under a case's key).

use crate::error::KeyError;
use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use huying_domain::{
    ids::CaseId,
    private::Private,
    record::{CommandId, Record, Sealed},
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 24;
/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a key wrapped by another: nonce, ciphertext, tag.
pub const WRAPPED_KEY_BYTES: usize = NONCE_BYTES + KEY_BYTES + 16;

/// The key that wraps all others. It is never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey(pub [u8; KEY_BYTES]);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// A key of one case, or the digest key.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct SecretKey(pub(crate) [u8; KEY_BYTES]);

/// Random bytes, handed in: a simulation's come from its seed.
pub type Entropy = Box<dyn FnMut(&mut [u8]) + Send>;

fn cipher(key: &[u8; KEY_BYTES]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(Key::from_slice(key))
}

/// What a wrapped key is bound to, so that slots cannot change places: journal and slot.
fn wrap_binding(journal_id: &[u8; 16], slot: u32) -> Vec<u8> {
    [&b"huying.key.v1"[..], journal_id, &slot.to_be_bytes()].concat()
}

/// Makes a new key and wraps it.
pub(crate) fn new_wrapped(
    master: &MasterKey,
    journal_id: &[u8; 16],
    slot: u32,
    entropy: &mut Entropy,
) -> [u8; WRAPPED_KEY_BYTES] {
    let mut key = SecretKey([0; KEY_BYTES]);
    entropy(&mut key.0);
    wrap_key(master, journal_id, slot, &key, entropy)
}

/// Wraps a key for its slot.
pub(crate) fn wrap_key(
    master: &MasterKey,
    journal_id: &[u8; 16],
    slot: u32,
    key: &SecretKey,
    entropy: &mut Entropy,
) -> [u8; WRAPPED_KEY_BYTES] {
    let mut wrapped = [0; WRAPPED_KEY_BYTES];
    entropy(&mut wrapped[..NONCE_BYTES]);
    let binding = wrap_binding(journal_id, slot);
    let nonce = XNonce::clone_from_slice(&wrapped[..NONCE_BYTES]);
    let sealed = cipher(&master.0)
        .encrypt(&nonce, Payload { msg: &key.0, aad: &binding })
        .expect("32 bytes are far below what the cipher takes");
    wrapped[NONCE_BYTES..].copy_from_slice(&sealed);
    wrapped
}

/// The key in a wrapping, if it is this master's, this journal's and this slot's.
pub(crate) fn unwrap_key(
    master: &MasterKey,
    journal_id: &[u8; 16],
    slot: u32,
    wrapped: &[u8],
) -> Option<SecretKey> {
    let (nonce, sealed) = wrapped.split_at_checked(NONCE_BYTES)?;
    let binding = wrap_binding(journal_id, slot);
    let payload = Payload { msg: sealed, aad: &binding };
    let key = Zeroizing::new(cipher(&master.0).decrypt(XNonce::from_slice(nonce), payload).ok()?);
    Some(SecretKey(key.as_slice().try_into().ok()?))
}

/// What sealed data are bound to, so that they cannot be laid under another case or command.
fn seal_binding(case: CaseId, command: CommandId) -> Vec<u8> {
    [b"huying.sealed.v1", case.to_string().as_bytes(), &command.0].concat()
}

/// Seals personal data of a command under its case's key.
pub(crate) fn seal(
    key: &SecretKey,
    slot: u32,
    case: CaseId,
    command: CommandId,
    private: &Private,
    entropy: &mut Entropy,
) -> Sealed {
    let mut nonce = vec![0; NONCE_BYTES];
    entropy(&mut nonce);
    let plain = rmp_serde::to_vec_named(private).expect("personal data are a map of texts");
    let plain = Zeroizing::new(plain);
    let binding = seal_binding(case, command);
    let body = cipher(&key.0)
        .encrypt(XNonce::from_slice(&nonce), Payload { msg: &plain, aad: &binding })
        .expect("personal data are far below what the cipher takes");
    Sealed { slot, nonce, body }
}

/// Opens what [`seal`] made.
pub(crate) fn open(
    key: &SecretKey,
    case: CaseId,
    record: &Record,
    sealed: &Sealed,
) -> Result<Private, KeyError> {
    let broken = || KeyError::SealBroken(record.seq);
    if sealed.nonce.len() != NONCE_BYTES {
        return Err(broken());
    }
    let binding = seal_binding(case, record.command);
    let payload = Payload { msg: &sealed.body, aad: &binding };
    let plain = cipher(&key.0).decrypt(XNonce::from_slice(&sealed.nonce), payload).map_err(|_| broken())?;
    rmp_serde::from_slice(&Zeroizing::new(plain)).map_err(|_| broken())
}
