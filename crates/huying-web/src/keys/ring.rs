//! The keys of an engine as their file holds them now.

use super::{KEYS_MAX, Keys, KeysError};
use crate::stamped::{Kept, Stamped};

/// The file of keys in the data folder: hashes, sources and channels.
pub const KEYS_FILE: &str = "http-keys.toml";

/// The keys and their file.
pub type KeyRing = Stamped<Keys>;

impl Kept for Keys {
    type Error = KeysError;
    const WHAT: &'static str = KEYS_FILE;

    fn read(bytes: &[u8]) -> Result<Self, KeysError> {
        let text = std::str::from_utf8(bytes).map_err(|error| KeysError::Malformed(error.to_string()))?;
        Self::parse(text)
    }

    fn bytes(&self) -> Result<Vec<u8>, KeysError> {
        if self.grants().count() > KEYS_MAX {
            return Err(KeysError::TooMany);
        }
        Ok(self.text().into_bytes())
    }
}
