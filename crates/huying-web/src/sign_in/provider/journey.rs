//! Those who are on their way to a provider and back: what was said to them when they left.

use crate::sign_in::secret::{Chance, token_hash};
use data_encoding::BASE64URL_NOPAD;
use huying_domain::{record::Hash, time::Timestamp};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, sync::Mutex};

/// How long somebody may be away, in seconds.
pub(super) const JOURNEY_S: i64 = 600;
/// Most who are away at once; the longest away go first.
const JOURNEYS_MAX: usize = 10_000;

/// Somebody on their way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Journey {
    pub(super) provider: String,
    /// What the token has to repeat.
    pub(super) nonce: String,
    /// What proves that whoever brings the code is who left (RFC 7636).
    pub(super) verifier: String,
    /// The page that they wanted.
    pub(super) to: String,
    browser: Hash,
    until: Timestamp,
}

impl Journey {
    /// What the provider is told of the verifier.
    pub(super) fn challenge(&self) -> String {
        BASE64URL_NOPAD.encode(&Sha256::digest(self.verifier.as_bytes()))
    }
}

/// All who are on their way.
#[derive(Default)]
pub(super) struct Journeys(Mutex<BTreeMap<Hash, Journey>>);

/// What goes with somebody who leaves.
pub(super) struct Left {
    /// What the provider hands back.
    pub(super) state: String,
    /// What the browser keeps: another's link does not sign anybody in.
    pub(super) browser: String,
    pub(super) journey: Journey,
}

impl Journeys {
    pub(super) fn begin(&self, provider: &str, to: String, chance: &Chance, now: Timestamp) -> Left {
        let (state, browser) = (chance.token(), chance.token());
        let journey = Journey {
            provider: provider.to_owned(),
            nonce: chance.token(),
            verifier: chance.token(),
            to,
            browser: token_hash(&browser),
            until: now.plus_seconds(JOURNEY_S),
        };
        let mut away = self.0.lock().expect("nobody panics over who is away");
        if away.len() >= JOURNEYS_MAX {
            away.retain(|_, journey| journey.until > now);
        }
        while away.len() >= JOURNEYS_MAX {
            let oldest = away.iter().min_by_key(|(_, journey)| journey.until).map(|(state, _)| *state);
            let Some(oldest) = oldest else { break };
            away.remove(&oldest);
        }
        away.insert(token_hash(&state), journey.clone());
        Left { state, browser, journey }
    }

    /// Takes somebody back, once, if it is the browser that left.
    pub(super) fn end(&self, provider: &str, state: &str, browser: &str, now: Timestamp) -> Option<Journey> {
        let mut away = self.0.lock().expect("nobody panics over who is away");
        let state = token_hash(state);
        let ours = away
            .get(&state)
            .is_some_and(|journey| journey.provider == provider && journey.browser == token_hash(browser));
        // Whoever comes with another's state does not end the other's journey.
        if !ours {
            return None;
        }
        away.remove(&state).filter(|journey| journey.until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chance() -> Chance {
        let mut next = 0_u8;
        Chance::new(Box::new(move |bytes| {
            next = next.wrapping_add(1);
            bytes.fill(next);
        }))
    }

    #[test]
    fn a_journey_ends_once_in_the_browser_that_left_and_in_time() {
        let (journeys, chance, now) = (Journeys::default(), chance(), Timestamp::from_seconds(1_000));
        let left = journeys.begin("city", "/work".to_owned(), &chance, now);
        let (state, browser) = (left.state.as_str(), left.browser.as_str());
        assert_eq!(journeys.end("city", state, "another", now), None, "another browser");
        assert_eq!(journeys.end("other", state, browser, now), None, "another provider");
        assert_eq!(journeys.end("city", "another", browser, now), None, "another state");
        assert_eq!(journeys.end("city", state, browser, now), Some(left.journey.clone()));
        assert_eq!(journeys.end("city", state, browser, now), None, "a second time");
        let late = journeys.begin("city", "/work".to_owned(), &chance, now);
        let at = now.plus_seconds(JOURNEY_S);
        assert_eq!(journeys.end("city", &late.state, &late.browser, at), None, "too late");
    }

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_standard() {
        let mut left =
            Journeys::default().begin("city", String::new(), &chance(), Timestamp::from_seconds(0));
        left.journey.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        assert_eq!(left.journey.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
