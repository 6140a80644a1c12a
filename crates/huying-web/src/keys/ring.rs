//! The keys of an engine as their file holds them now: whoever changes it, the command line or a page, the door sees it
//! at the next request.

use super::{KEYS_MAX, Keys, KeysError};
use huying_engine::side::{SideFile, Stamp};
use std::{
    error::Error,
    path::Path,
    sync::{Arc, Mutex},
};

/// The file of keys in the data folder: hashes, sources and channels.
pub const KEYS_FILE: &str = "http-keys.toml";

/// The keys and their file.
pub struct KeyRing {
    side: SideFile,
    read: Mutex<(Stamp, Arc<Keys>)>,
}

impl KeyRing {
    /// Those of a data folder; none where nobody was let in yet.
    ///
    /// # Errors
    /// The file cannot be read, or is no such file.
    pub fn open(data: &Path) -> Result<Self, KeysError> {
        let side = SideFile::new(data, KEYS_FILE);
        // The stamp first: what is written between the two is read at the next look.
        let stamp = side.stamp();
        let keys = parse(&side)?;
        Ok(Self { read: Mutex::new((stamp, Arc::new(keys))), side })
    }

    /// All, as they stand now. A file that cannot be read leaves the keys that were read before.
    pub fn all(&self) -> Arc<Keys> {
        let mut read = self.read.lock().expect("nobody panics over the keys");
        let stamp = self.side.stamp();
        if stamp != read.0 {
            match parse(&self.side) {
                Ok(keys) => *read = (stamp, Arc::new(keys)),
                Err(error) => tracing::error!(error = &error as &dyn Error, "the old keys stay"),
            }
        }
        Arc::clone(&read.1)
    }

    /// Changes the keys and writes them down.
    ///
    /// # Errors
    /// They cannot be written, or are too many, and stay as they were.
    pub fn change<R>(&self, change: impl FnOnce(&mut Keys) -> R) -> Result<R, KeysError> {
        let mut keys = Keys::clone(&self.all());
        let mut read = self.read.lock().expect("nobody panics over the keys");
        let said = change(&mut keys);
        if keys.grants().count() > KEYS_MAX {
            return Err(KeysError::TooMany);
        }
        self.side.write(keys.text().as_bytes())?;
        *read = (self.side.stamp(), Arc::new(keys));
        Ok(said)
    }
}

fn parse(side: &SideFile) -> Result<Keys, KeysError> {
    let Some(bytes) = side.read()? else { return Ok(Keys::default()) };
    let text = String::from_utf8(bytes).map_err(|error| KeysError::Malformed(error.to_string()))?;
    Keys::parse(&text)
}
