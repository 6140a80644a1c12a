//! Accounts: who somebody is, for which unit they speak, in which roles. They stand in the side file
//! [`ACCOUNTS_FILE`]; whoever changes it, the command line or a page, the door sees it at the next request.

use super::secret::{Chance, hash_password};
use crate::{
    rights::{Act, Right, Role, any},
    stamped::{Kept, Stamped},
};
use huying_domain::{
    area::AreaCode,
    ids::{PersonId, UnitId},
    rules::Rules,
    vocabulary::Tag,
    words::Words,
};
use huying_projection::cases::sight::Sight;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, io};
use thiserror::Error;

/// The file of accounts in the data folder.
pub const ACCOUNTS_FILE: &str = "accounts.json";
/// Most accounts of one engine.
pub const ACCOUNTS_MAX: usize = 100_000;

/// One person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// As what they sign in; records name it.
    pub name: PersonId,
    /// How people call them.
    pub words: Words,
    /// The unit for which they speak.
    pub unit: UnitId,
    /// In which roles.
    pub roles: Vec<Role>,
    /// What they see, where that is another area than their unit's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaCode>,
    /// The marks for which they are cleared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleared: Vec<Tag>,
    /// The hash of their password; none where an identity provider vouches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The secret of their one-time codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp: Option<String>,
    /// The person at an identity provider for whom alone it is opened there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vouched: Option<Vouched>,
    /// Nobody signs in with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub locked: bool,
}

/// Who vouches for whom.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vouched {
    /// The provider.
    pub provider: String,
    /// What it calls the person, now and for ever.
    pub subject: String,
    /// Let in with a group: its unit and roles are those of the group at each sign-in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_group: bool,
}

impl Account {
    /// Whether they have a right.
    pub fn has(&self, right: Right) -> bool {
        any(&self.roles, right.roles())
    }

    /// Whether their roles may ask this of a case.
    pub fn may_ask(&self, act: &Act) -> bool {
        any(&self.roles, act.roles)
    }

    /// What they see under the rules in force.
    pub fn sight(&self, rules: &Rules) -> Sight {
        let area = self.area.or_else(|| rules.unit(&self.unit).and_then(|unit| unit.area));
        let whole = self.unit == *rules.centre() && self.area.is_none();
        Sight {
            whole,
            area,
            unit: Some(self.unit.clone()),
            sensitive: self.cleared.contains(&Tag::Sensitive),
        }
    }
}

/// Why the accounts cannot be used.
#[derive(Debug, Error)]
pub enum AccountsError {
    /// The file cannot be read or written.
    #[error("the file of accounts cannot be used")]
    Io(#[from] io::Error),
    /// It is no such file.
    #[error("the file of accounts cannot be read")]
    Malformed(#[from] serde_json::Error),
    /// There are too many.
    #[error("more than {ACCOUNTS_MAX} accounts")]
    TooMany,
}

/// The accounts by name.
pub type Book = BTreeMap<PersonId, Account>;

/// The accounts of an engine.
pub type Accounts = Stamped<Book>;

impl Kept for Book {
    type Error = AccountsError;
    const WHAT: &'static str = ACCOUNTS_FILE;

    fn read(bytes: &[u8]) -> Result<Self, AccountsError> {
        let listed: Vec<Account> = serde_json::from_slice(bytes)?;
        if listed.len() > ACCOUNTS_MAX {
            return Err(AccountsError::TooMany);
        }
        Ok(listed.into_iter().map(|account| (account.name.clone(), account)).collect())
    }

    fn bytes(&self) -> Result<Vec<u8>, AccountsError> {
        if self.len() > ACCOUNTS_MAX {
            return Err(AccountsError::TooMany);
        }
        let listed: Vec<&Account> = self.values().collect();
        Ok(serde_json::to_vec_pretty(&listed)?)
    }
}

impl Accounts {
    /// The account of this name.
    pub fn of(&self, name: &PersonId) -> Option<Account> {
        self.all().get(name).cloned()
    }
}

/// An account of the demo, whose password everybody may know.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, schemars::JsonSchema)]
pub struct DemoAccount {
    /// As what one signs in.
    pub account: PersonId,
    /// The password.
    pub password: String,
    /// Who that is.
    pub words: Words,
}

/// The password of every account of the demo.
pub const DEMO_PASSWORD: &str = "huying-demo";

/// Makes the accounts of the demo: one for each face, on real units of the city. They are no records: everybody may
/// know their password, and each start makes them anew.
pub fn demo(accounts: &Accounts, rules: &Rules, chance: &Chance) -> Result<Vec<DemoAccount>, AccountsError> {
    let password = hash_password(DEMO_PASSWORD, chance);
    let centre = rules.centre();
    let with_area =
        |level| rules.units.iter().find(|unit| unit.area.is_some_and(|area| area.level() == level));
    let grid = with_area(huying_domain::area::Level::Grid);
    let community = with_area(huying_domain::area::Level::Community);
    let street = with_area(huying_domain::area::Level::Street);
    let department = rules.units.iter().find(|unit| unit.area.is_none() && unit.id != *centre);
    let unit = |unit: Option<&huying_domain::rules::units::Unit>| {
        unit.map_or_else(|| centre.clone(), |unit| unit.id.clone())
    };
    let all = [
        ("calltaker", "话务员", "Call-taker", centre.clone(), vec![Role::CallTaker]),
        ("dispatcher", "派单员", "Dispatcher", centre.clone(), vec![Role::Dispatcher]),
        ("supervisor", "指挥中心督办", "Supervisor, centre", centre.clone(), vec![Role::Supervisor]),
        ("checker", "核查回访", "Checker", centre.clone(), vec![Role::Checker]),
        ("street", "街道督办", "Supervisor, street", unit(street), vec![Role::Supervisor, Role::Handler]),
        ("community", "社区承办", "Community", unit(community), vec![Role::Handler]),
        ("grid", "网格员", "Grid worker", unit(grid), vec![Role::Handler]),
        ("clerk", "部门承办", "Department clerk", unit(department), vec![Role::Handler]),
        ("auditor", "审计", "Auditor", centre.clone(), vec![Role::Auditor]),
        ("operator", "运维", "Operator", centre.clone(), vec![Role::Operator]),
    ];
    let listed = all.map(|(name, zh, en, unit, roles)| Account {
        name: PersonId::new(name).expect("the words are person ids"),
        words: Words::new(zh, en),
        unit,
        roles,
        area: None,
        cleared: if matches!(name, "supervisor" | "auditor") { vec![Tag::Sensitive] } else { Vec::new() },
        password: Some(password.clone()),
        totp: None,
        vouched: None,
        locked: false,
    });
    let shown = listed.iter().map(|account| DemoAccount {
        account: account.name.clone(),
        password: DEMO_PASSWORD.to_owned(),
        words: account.words.clone(),
    });
    let shown = shown.collect();
    accounts.change(|book| book.extend(listed.into_iter().map(|account| (account.name.clone(), account))))?;
    Ok(shown)
}
