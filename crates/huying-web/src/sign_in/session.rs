//! Sessions: a random token in a cookie, of which only the hash is kept; a second token against forged requests.

use super::secret::{Chance, token_hash};
use huying_domain::{ids::PersonId, record::Hash, time::Timestamp};
use huying_engine::side::SideFile;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    io,
    sync::{Mutex, MutexGuard},
};

/// The file of sessions in the data folder.
pub const SESSIONS_FILE: &str = "sessions.json";
/// How long a session holds, in seconds: a shift and its handing over.
pub const SESSION_S: i64 = 12 * 3_600;
/// Most sessions at once; the oldest go first.
pub const SESSIONS_MAX: usize = 50_000;
/// So many wrong passwords lock an account for a while.
pub const WRONG_MAX: u8 = 5;
/// How long it stays locked, in seconds.
pub const LOCK_OUT_S: i64 = 15 * 60;

/// One signed-in person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Who.
    pub account: PersonId,
    /// What each change has to bring along, beside the cookie.
    pub csrf: String,
    /// Until when it holds.
    pub until: Timestamp,
    /// The identity provider that vouched for them; none for a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Wrong {
    times: u8,
    since: Timestamp,
}

#[derive(Default)]
struct Held {
    sessions: BTreeMap<Hash, Session>,
    wrong: BTreeMap<PersonId, Wrong>,
    /// The step of the one-time code that an account used last.
    used: BTreeMap<PersonId, i64>,
}

/// The sessions of an engine.
pub struct Sessions {
    side: SideFile,
    held: Mutex<Held>,
}

impl Sessions {
    /// Those of this side file. A file that cannot be read means that everybody signs in again.
    pub fn open(side: SideFile) -> io::Result<Self> {
        let listed: BTreeMap<String, Session> =
            side.read()?.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let sessions = listed.into_iter().filter_map(|(hash, session)| Some((hash.parse().ok()?, session)));
        let held = Held { sessions: sessions.collect(), ..Held::default() };
        Ok(Self { side, held: Mutex::new(held) })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().expect("nobody panics over the sessions")
    }

    /// Begins one, and says its token.
    ///
    /// # Errors
    /// It cannot be written down.
    pub fn begin(
        &self,
        account: &PersonId,
        chance: &Chance,
        now: Timestamp,
    ) -> io::Result<(String, Session)> {
        self.begin_by(account, None, chance, now)
    }

    /// Begins one of somebody for whom a provider vouches.
    ///
    /// # Errors
    /// It cannot be written down.
    pub fn begin_by(
        &self,
        account: &PersonId,
        provider: Option<&str>,
        chance: &Chance,
        now: Timestamp,
    ) -> io::Result<(String, Session)> {
        let (token, csrf) = (chance.token(), chance.token());
        let provider = provider.map(str::to_owned);
        let session =
            Session { account: account.clone(), csrf, until: now.plus_seconds(SESSION_S), provider };
        let mut held = self.held();
        held.wrong.remove(account);
        held.sessions.retain(|_, session| session.until > now);
        while held.sessions.len() >= SESSIONS_MAX {
            let Some(oldest) = held.sessions.iter().min_by_key(|(_, one)| one.until).map(|(hash, _)| *hash)
            else {
                break;
            };
            held.sessions.remove(&oldest);
        }
        held.sessions.insert(token_hash(&token), session.clone());
        self.write(&held)?;
        Ok((token, session))
    }

    /// The session of a token, if it holds.
    pub fn of(&self, token: &str, now: Timestamp) -> Option<Session> {
        let session = self.held().sessions.get(&token_hash(token)).cloned()?;
        (session.until > now).then_some(session)
    }

    /// Ends one.
    ///
    /// # Errors
    /// It cannot be written down; it is over all the same.
    pub fn end(&self, token: &str) -> io::Result<()> {
        let mut held = self.held();
        held.sessions.remove(&token_hash(token));
        self.write(&held)
    }

    /// Ends all of an account: its password changed, or it was locked.
    ///
    /// # Errors
    /// It cannot be written down; they are over all the same.
    pub fn end_all(&self, account: &PersonId) -> io::Result<()> {
        let mut held = self.held();
        held.sessions.retain(|_, session| session.account != *account);
        self.write(&held)
    }

    /// Whether too many wrong passwords were tried of late.
    pub fn is_locked_out(&self, account: &PersonId, now: Timestamp) -> bool {
        let held = self.held();
        let wrong = held.wrong.get(account);
        wrong.is_some_and(|wrong| wrong.times >= WRONG_MAX && now.seconds_since(wrong.since) < LOCK_OUT_S)
    }

    /// Notes a wrong one.
    pub fn note_wrong(&self, account: &PersonId, now: Timestamp) {
        let mut held = self.held();
        if held.wrong.len() >= SESSIONS_MAX {
            held.wrong.retain(|_, wrong| now.seconds_since(wrong.since) < LOCK_OUT_S);
        }
        let wrong = held.wrong.entry(account.clone()).or_default();
        if now.seconds_since(wrong.since) >= LOCK_OUT_S {
            *wrong = Wrong { times: 0, since: now };
        }
        wrong.times = wrong.times.saturating_add(1);
    }

    /// Uses a one-time code up; whether it was still unused.
    pub fn use_code(&self, account: &PersonId, step: i64) -> bool {
        let mut held = self.held();
        let fresh = held.used.get(account).is_none_or(|used| *used < step);
        if fresh {
            held.used.insert(account.clone(), step);
        }
        fresh
    }

    fn write(&self, held: &Held) -> io::Result<()> {
        let listed: BTreeMap<String, &Session> =
            held.sessions.iter().map(|(hash, session)| (hash.to_string(), session)).collect();
        self.side.write(&serde_json::to_vec(&listed)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chance() -> Chance {
        let mut next = 0_u8;
        Chance::new(Box::new(move |bytes| {
            next += 1;
            bytes.fill(next);
        }))
    }

    #[test]
    fn a_session_holds_for_a_shift_over_a_restart_and_its_token_stands_nowhere() {
        let folder = tempfile::tempdir().expect("a folder");
        let side = || SideFile::new(folder.path(), SESSIONS_FILE);
        let (li, now) = (PersonId::new("li").expect("a name"), Timestamp::from_seconds(1_000_000));
        let sessions = Sessions::open(side()).expect("nothing there yet");
        let (token, _) = sessions.begin(&li, &chance(), now).expect("the folder can be written");
        let kept = side().read().expect("it is there").expect("it is there");
        assert!(!String::from_utf8(kept).expect("JSON").contains(&token));
        let again = Sessions::open(side()).expect("it can be read");
        assert_eq!(again.of(&token, now.plus_seconds(SESSION_S - 1)).expect("it holds").account, li);
        assert_eq!(again.of(&token, now.plus_seconds(SESSION_S)), None);
        again.end(&token).expect("the folder can be written");
        assert_eq!(Sessions::open(side()).expect("it can be read").of(&token, now), None);
    }

    #[test]
    fn five_wrong_passwords_lock_an_account_for_a_quarter_of_an_hour_and_a_code_is_used_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let sessions =
            Sessions::open(SideFile::new(folder.path(), SESSIONS_FILE)).expect("nothing there yet");
        let (li, now) = (PersonId::new("li").expect("a name"), Timestamp::from_seconds(1_000_000));
        for _ in 0..WRONG_MAX {
            assert!(!sessions.is_locked_out(&li, now));
            sessions.note_wrong(&li, now);
        }
        assert!(sessions.is_locked_out(&li, now));
        assert!(!sessions.is_locked_out(&li, now.plus_seconds(LOCK_OUT_S)));
        assert!(sessions.use_code(&li, 7) && !sessions.use_code(&li, 7) && !sessions.use_code(&li, 6));
    }
}
