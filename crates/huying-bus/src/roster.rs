//! The accounts of the engine's own server: who may connect, as what, with which password.
//!
//! They stand in `nats/accounts.toml` of the data folder, readable by its owner alone; an operator gives a
//! department its user and password from there. The file is written aside and moved, so that it is whole or as it
//! was. After a change the server has to be told: [`crate::server::Server::reload`].

use crate::{
    link::{Address, Proof},
    private_file,
    role::{
        Role,
        text::{Member, Password, accounts_text},
    },
    subject::token::{Station, TellChannel},
    user::User,
};
use huying_domain::{
    ids::{SourceId, UnitId},
    refusal::Malformed,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write},
    fs, io,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// The folder of the server's files within the data folder.
pub const NATS_FOLDER: &str = "nats";
/// The file of accounts in it.
pub const ACCOUNTS_FILE: &str = "accounts.toml";
/// Random bytes of a password; it is written in hexadecimal digits.
const PASSWORD_BYTES: usize = 24;
/// Most accounts of one server.
pub const ACCOUNTS_MAX: usize = 10_000;

/// Fills a slice with bytes that nobody can guess.
pub type Entropy<'a> = dyn FnMut(&mut [u8]) + 'a;

/// Why the accounts cannot be read or changed.
#[derive(Debug, Error)]
pub enum RosterError {
    /// The file cannot be read or written.
    #[error("the accounts file {} cannot be read or written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not what was written.
    #[error("the accounts file {} is malformed", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where; without any text of the file, which holds passwords.
        place: String,
    },
    /// A user's name is malformed.
    #[error("user: {} expected", .0.expected)]
    User(Malformed),
    /// The user has another role.
    #[error("the user {0} has another role; revoke it first")]
    Taken(User),
    /// An account must speak for at least one unit.
    #[error("an account must speak for at least one unit")]
    NoUnits,
    /// There are as many accounts as there may be.
    #[error("there are {ACCOUNTS_MAX} accounts already")]
    Full,
}

/// Everybody who may connect.
pub struct Roster {
    path: PathBuf,
    accounts: BTreeMap<User, Account>,
}

struct Account {
    password: String,
    role: Role,
}

/// The file's form.
#[derive(Serialize, Deserialize)]
struct Written {
    account: Vec<WrittenAccount>,
}

#[derive(Serialize, Deserialize)]
struct WrittenAccount {
    user: String,
    password: String,
    #[serde(flatten)]
    role: Role,
}

/// Says who, and never with which password.
impl fmt::Debug for Roster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.accounts()).finish()
    }
}

impl Roster {
    /// Reads the accounts of a data folder, and makes those that every engine needs where they are missing: the
    /// engine, the four stations, an adapter for each channel of telling, an observer.
    pub fn open_or_create(data: &Path, entropy: &mut Entropy<'_>) -> Result<Self, RosterError> {
        let folder = data.join(NATS_FOLDER);
        let path = folder.join(ACCOUNTS_FILE);
        private_file::folder(&folder).map_err(|source| RosterError::File { path: folder, source })?;
        let mut roster = Self::read(path)?;
        let stations = Station::ALL.iter().map(|&station| Role::Station { station });
        let adapters = TellChannel::ALL.iter().map(|&channel| Role::Adapter { channel });
        let always = [Role::Engine, Role::Observer].into_iter().chain(stations).chain(adapters);
        roster.grant_all(always, entropy)?;
        Ok(roster)
    }

    /// The accounts of this data folder as they stand there; none where it has no file of them. Nothing is made.
    ///
    /// # Errors
    /// [`RosterError`]: the file cannot be read.
    pub fn open(data: &Path) -> Result<Self, RosterError> {
        Self::read(data.join(NATS_FOLDER).join(ACCOUNTS_FILE))
    }

    fn read(path: PathBuf) -> Result<Self, RosterError> {
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { path, accounts: BTreeMap::new() });
            }
            Err(source) => return Err(RosterError::File { path, source }),
        };
        let written: Written = match toml::from_str(&text) {
            Ok(written) => written,
            Err(error) => {
                let place = error.span().map_or_else(String::new, |span| format!("byte {}", span.start));
                return Err(RosterError::Malformed { path, place });
            }
        };
        let mut accounts = BTreeMap::new();
        for WrittenAccount { user, password, role } in written.account {
            let user = user.parse().map_err(RosterError::User)?;
            accounts.insert(user, Account { password, role });
        }
        Ok(Self { path, accounts })
    }

    /// Lets one unit connect, as user `unit-<unit>`. Given already, nothing changes.
    pub fn grant_unit(&mut self, unit: UnitId, entropy: &mut Entropy<'_>) -> Result<User, RosterError> {
        let role = Role::Units { units: BTreeSet::from([unit]) };
        self.grant(role.user().ok_or(RosterError::NoUnits)?, role, entropy)
    }

    /// Lets each of these units connect, as by [`Self::grant_unit`]; the file is written once.
    pub fn grant_each_unit(
        &mut self,
        units: impl IntoIterator<Item = UnitId>,
        entropy: &mut Entropy<'_>,
    ) -> Result<(), RosterError> {
        let role = |unit| Role::Units { units: BTreeSet::from([unit]) };
        self.grant_all(units.into_iter().map(role), entropy)
    }

    /// Lets one user speak for several units. A user that speaks for units already gets these instead.
    pub fn grant_units(
        &mut self,
        user: User,
        units: BTreeSet<UnitId>,
        entropy: &mut Entropy<'_>,
    ) -> Result<User, RosterError> {
        if units.is_empty() {
            return Err(RosterError::NoUnits);
        }
        self.grant(user, Role::Units { units }, entropy)
    }

    /// Lets one user speak for every unit. Only for demonstrations.
    pub fn grant_all_units(&mut self, entropy: &mut Entropy<'_>) -> Result<User, RosterError> {
        self.grant_default(Role::AllUnits, entropy)
    }

    /// Lets a source bring calls, as user `feed-<source>`.
    pub fn grant_feed(&mut self, source: SourceId, entropy: &mut Entropy<'_>) -> Result<User, RosterError> {
        self.grant_default(Role::Feed { source }, entropy)
    }

    /// Takes an account away. Says whether there was one.
    pub fn revoke(&mut self, user: &User) -> Result<bool, RosterError> {
        let was_there = self.accounts.remove(user).is_some();
        if was_there {
            self.write()?;
        }
        Ok(was_there)
    }

    /// Gives an account a new password. Says whether there is one.
    pub fn renew(&mut self, user: &User, entropy: &mut Entropy<'_>) -> Result<bool, RosterError> {
        let Some(account) = self.accounts.get_mut(user) else { return Ok(false) };
        account.password = password(entropy);
        self.write().map(|()| true)
    }

    /// The units that somebody speaks for by name; those whom [`Role::AllUnits`] speaks for are not among them.
    pub fn units(&self) -> BTreeSet<UnitId> {
        let units = self.accounts.values().filter_map(|account| match &account.role {
            Role::Units { units } => Some(units.iter().cloned()),
            _ => None,
        });
        units.flatten().collect()
    }

    /// Whether somebody speaks for every unit.
    pub fn has_all_units(&self) -> bool {
        self.accounts.values().any(|account| account.role == Role::AllUnits)
    }

    /// The sources that bring calls.
    pub fn feeds(&self) -> BTreeSet<SourceId> {
        let feeds = self.accounts.values().filter_map(|account| match &account.role {
            Role::Feed { source } => Some(source.clone()),
            _ => None,
        });
        feeds.collect()
    }

    /// Every user and what it is.
    pub fn accounts(&self) -> impl Iterator<Item = (&User, &Role)> {
        self.accounts.iter().map(|(user, account)| (user, &account.role))
    }

    /// The password of a user.
    pub fn credentials(&self, user: &User) -> Option<&str> {
        self.accounts.get(user).map(|account| account.password.as_str())
    }

    /// How a user of this role's own name reaches a server.
    pub fn address(&self, role: &Role, urls: &str) -> Option<Address> {
        let user = role.user()?;
        let password = self.credentials(&user)?.to_owned();
        Some(Address { urls: urls.to_owned(), user, proof: Proof::Password(password), tls: None })
    }

    /// All accounts as the server's configuration text; it holds the passwords.
    pub(crate) fn accounts_text(&self) -> String {
        let users = self.accounts.iter().map(|(user, account)| Member {
            user,
            role: &account.role,
            password: Password::Said(&account.password),
        });
        accounts_text(users, "")
    }

    fn grant_default(&mut self, role: Role, entropy: &mut Entropy<'_>) -> Result<User, RosterError> {
        self.grant(role.user().ok_or(RosterError::NoUnits)?, role, entropy)
    }

    fn grant(&mut self, user: User, role: Role, entropy: &mut Entropy<'_>) -> Result<User, RosterError> {
        if self.admit(user.clone(), role, entropy)? {
            self.write()?;
        }
        Ok(user)
    }

    fn grant_all(
        &mut self,
        roles: impl Iterator<Item = Role>,
        entropy: &mut Entropy<'_>,
    ) -> Result<(), RosterError> {
        let mut changed = false;
        for role in roles {
            changed |= self.admit(role.user().ok_or(RosterError::NoUnits)?, role, entropy)?;
        }
        if changed { self.write() } else { Ok(()) }
    }

    /// Says whether anything changed.
    fn admit(&mut self, user: User, role: Role, entropy: &mut Entropy<'_>) -> Result<bool, RosterError> {
        let both_units =
            |one: &Role, other: &Role| matches!((one, other), (Role::Units { .. }, Role::Units { .. }));
        let full = self.accounts.len() >= ACCOUNTS_MAX;
        match self.accounts.get_mut(&user) {
            Some(account) if account.role == role => Ok(false),
            Some(account) if both_units(&account.role, &role) => {
                account.role = role;
                Ok(true)
            }
            Some(_) => Err(RosterError::Taken(user)),
            None if full => Err(RosterError::Full),
            None => {
                self.accounts.insert(user, Account { password: password(entropy), role });
                Ok(true)
            }
        }
    }

    fn write(&self) -> Result<(), RosterError> {
        let account = self.accounts.iter().map(|(user, account)| WrittenAccount {
            user: user.to_string(),
            password: account.password.clone(),
            role: account.role.clone(),
        });
        let failed = |source| RosterError::File { path: self.path.clone(), source };
        let text = toml::to_string(&Written { account: account.collect() })
            .map_err(|error| failed(io::Error::other(error)))?;
        private_file::write(&self.path, text.as_bytes()).map_err(failed)
    }
}

fn password(entropy: &mut Entropy<'_>) -> String {
    let mut bytes = [0; PASSWORD_BYTES];
    entropy(&mut bytes);
    hex(&bytes)
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
