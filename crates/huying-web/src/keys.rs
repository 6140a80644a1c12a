//! Who may bring calls over HTTP: the hash of each key with its source and channels. The keys themselves are known
//! to the feeds alone.
//!
//! The file is TOML:
//!
//! ```toml
//! [[key]]
//! source = "hotline"
//! sha256 = "…"             # of the key, in hexadecimal digits
//! channels = ["call", "app"]
//! ```

pub mod ring;

use huying_domain::{ids::SourceId, record::Hash, vocabulary::Channel};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use thiserror::Error;

/// Most keys of one engine.
pub const KEYS_MAX: usize = 10_000;
/// Most bytes of a key as it is sent.
pub const KEY_BYTES_MAX: usize = 256;

/// What the holder of a key may do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// As which source.
    pub source: SourceId,
    /// On which channels; the first is taken where a request names none.
    pub channels: Vec<Channel>,
}

/// The keys by their hash.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Keys {
    keys: BTreeMap<Hash, Grant>,
}

/// Why a file of keys cannot be used.
#[derive(Debug, Error)]
pub enum KeysError {
    /// It is no such file.
    #[error("the keys cannot be read: {0}")]
    Malformed(String),
    /// The file cannot be read or written.
    #[error("the file of keys cannot be used")]
    Io(#[from] std::io::Error),
    /// A key that could bring nothing.
    #[error("the key of {0} has no channel")]
    NoChannel(SourceId),
    /// There are too many.
    #[error("more than {KEYS_MAX} keys")]
    TooMany,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    key: Vec<WrittenKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    source: SourceId,
    sha256: Hash,
    channels: Vec<Channel>,
}

impl Keys {
    /// Reads the file.
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let written: Written =
            toml::from_str(text).map_err(|error| KeysError::Malformed(error.message().to_owned()))?;
        if written.key.len() > KEYS_MAX {
            return Err(KeysError::TooMany);
        }
        let mut keys = BTreeMap::new();
        for WrittenKey { source, sha256, channels } in written.key {
            if channels.is_empty() {
                return Err(KeysError::NoChannel(source));
            }
            keys.insert(sha256, Grant { source, channels });
        }
        Ok(Self { keys })
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let key = self.keys.iter().map(|(hash, grant)| WrittenKey {
            source: grant.source.clone(),
            sha256: *hash,
            channels: grant.channels.clone(),
        });
        toml::to_string(&Written { key: key.collect() }).expect("keys consist of texts")
    }

    /// Lets whoever has this key bring calls.
    pub fn grant(&mut self, key: &str, grant: Grant) {
        self.keys.insert(hash(key), grant);
    }

    /// Takes all keys of a source away, and says how many there were.
    pub fn revoke(&mut self, source: &SourceId) -> usize {
        let before = self.keys.len();
        self.keys.retain(|_, grant| grant.source != *source);
        before - self.keys.len()
    }

    /// What a key may do. It is looked up by its hash, so that the time taken tells nothing of the keys.
    pub fn of(&self, key: &str) -> Option<&Grant> {
        if key.len() > KEY_BYTES_MAX {
            return None;
        }
        self.keys.get(&hash(key))
    }

    /// Every grant.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.keys.values()
    }
}

fn hash(key: &str) -> Hash {
    Hash(Sha256::digest(key.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_for_its_source_alone_and_the_file_does_not_hold_it() {
        let mut keys = Keys::default();
        let source: SourceId = "hotline".parse().expect("a source");
        let grant = Grant { source: source.clone(), channels: vec![Channel::Call] };
        keys.grant("open sesame", grant.clone());
        let text = keys.text();
        assert!(!text.contains("sesame"));
        let mut again = Keys::parse(&text).expect("what was written can be read");
        assert_eq!(again.of("open sesame"), Some(&grant));
        assert_eq!(again.of("open barley"), None);
        assert_eq!(again.revoke(&source), 1);
        assert_eq!(again.of("open sesame"), None);
    }

    #[test]
    fn a_key_without_a_channel_is_refused() {
        let text = format!("[[key]]\nsource = \"a\"\nsha256 = \"{}\"\nchannels = []\n", Hash::ZERO);
        assert!(matches!(Keys::parse(&text), Err(KeysError::NoChannel(_))));
    }
}
