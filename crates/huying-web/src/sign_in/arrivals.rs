//! When somebody last came in by an identity provider: beside the journal, for whoever wonders whether it still works.

use crate::stamped::{Kept, Stamped};
use huying_domain::{ids::PersonId, time::Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, io};
use thiserror::Error;

/// The file of arrivals in the data folder.
pub const ARRIVALS_FILE: &str = "arrivals.json";
/// Most providers that are remembered.
const PROVIDERS_MAX: usize = 64;

/// Somebody came in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Arrival {
    /// Who.
    pub account: PersonId,
    /// When.
    pub at: Timestamp,
}

/// The last arrival by each provider.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Arrivals(BTreeMap<String, Arrival>);

/// Why the arrivals cannot be used.
#[derive(Debug, Error)]
pub enum ArrivalsError {
    /// The file cannot be read or written.
    #[error("the file of arrivals cannot be used")]
    Io(#[from] io::Error),
    /// It is no such file.
    #[error("the file of arrivals cannot be read")]
    Malformed(#[from] serde_json::Error),
}

impl Kept for Arrivals {
    type Error = ArrivalsError;
    const WHAT: &'static str = ARRIVALS_FILE;

    fn read(bytes: &[u8]) -> Result<Self, ArrivalsError> {
        Ok(serde_json::from_slice(bytes)?)
    }

    fn bytes(&self) -> Result<Vec<u8>, ArrivalsError> {
        Ok(serde_json::to_vec_pretty(self)?)
    }
}

impl Arrivals {
    /// The last by this provider.
    pub fn by(&self, provider: &str) -> Option<&Arrival> {
        self.0.get(provider)
    }
}

impl Stamped<Arrivals> {
    /// Notes that somebody came in. Nobody is kept out because that could not be written.
    pub fn note(&self, provider: &str, account: &PersonId, at: Timestamp) {
        let noted = self.change(|arrivals| {
            // Providers that are long gone give way.
            while arrivals.0.len() >= PROVIDERS_MAX && !arrivals.0.contains_key(provider) {
                let oldest = arrivals.0.iter().min_by_key(|(_, one)| one.at).map(|(name, _)| name.clone());
                oldest.and_then(|name| arrivals.0.remove(&name));
            }
            arrivals.0.insert(provider.to_owned(), Arrival { account: account.clone(), at });
        });
        if let Err(error) = noted {
            tracing::warn!(error = &error as &dyn std::error::Error, provider, "the arrival is not noted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use huying_engine::side::SideFile;

    #[test]
    fn the_last_arrival_by_each_provider_is_known_after_a_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let side = SideFile::new(folder.path(), ARRIVALS_FILE);
        let (wang, li): (PersonId, PersonId) =
            ("wang".parse().expect("a person"), "li".parse().expect("a person"));
        let arrivals: Stamped<Arrivals> = Stamped::open(side.clone()).expect("nothing yet");
        arrivals.note("city", &wang, Timestamp::EPOCH);
        arrivals.note("city", &li, Timestamp::EPOCH.plus_seconds(5));
        let again: Stamped<Arrivals> = Stamped::open(side).expect("it is there");
        let last = again.all().by("city").cloned();
        assert_eq!(last, Some(Arrival { account: li, at: Timestamp::EPOCH.plus_seconds(5) }));
        assert_eq!(again.all().by("other"), None);
    }
}
