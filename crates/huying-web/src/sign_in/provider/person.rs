//! Whose account it is that a provider vouches for.
//!
//! An account that an operator made without a password is vouched for by the first provider that does, and from then on
//! for that one person alone: a name that somebody takes later opens nothing. An account with a password of its own is
//! opened by no provider. Who has no account is let in with the roles of a group, for as long as they are in it.

use super::{Group, Provider, token::Claims};
use crate::{
    refused::Refused,
    sign_in::account::{Account, Book, Vouched},
};
use axum::http::StatusCode;
use huying_domain::{ids::PersonId, refusal::Refusal, rules::Rules, words::Words};
use serde_json::Value;

/// Most characters of how people are called.
const CALLED_CHARS_MAX: usize = 64;

/// The account of a person, as it is to be from now on.
pub(super) fn admit(
    book: &Book,
    provider: &Provider,
    claims: &Claims,
    rules: &Rules,
) -> Result<Account, Refused> {
    let said = |name: &str| claims.get(name).and_then(Value::as_str);
    let name: PersonId =
        said(&provider.terms.account_claim).and_then(|name| name.parse().ok()).ok_or_else(unknown)?;
    let subject = said("sub").expect("no token is believed without a subject").to_owned();
    let (groups, by) = (groups(provider, claims), provider.name().to_owned());
    let account = match book.get(&name) {
        Some(account) => of_account(account, Vouched { provider: by, subject, by_group: false }, &groups)?,
        None => {
            let first = groups.first().ok_or_else(unknown)?;
            let called: String =
                said("name").unwrap_or(name.as_str()).chars().take(CALLED_CHARS_MAX).collect();
            Account {
                words: Words::new(called.as_str(), called.as_str()),
                unit: first.unit.clone(),
                roles: roles(&groups),
                area: None,
                cleared: Vec::new(),
                password: None,
                totp: None,
                vouched: Some(Vouched { provider: by, subject, by_group: true }),
                locked: false,
                name,
            }
        }
    };
    match rules.unit(&account.unit) {
        Some(_) => Ok(account),
        None => Err(Refusal::UnknownUnit(account.unit).into()),
    }
}

/// The account of this name, if the provider may open it for this person.
fn of_account(account: &Account, by: Vouched, groups: &[&Group]) -> Result<Account, Refused> {
    if account.locked {
        return Err(refused("account_locked", "账号已停用。", "This account is locked."));
    }
    let mut account = account.clone();
    match &account.vouched {
        Some(before) if before.provider != by.provider || before.subject != by.subject => {
            Err(refused("person_other", "该账号属于另一人。", "This account is somebody else's."))
        }
        Some(before) if before.by_group => {
            let first = groups.first().ok_or_else(unknown)?;
            (account.unit, account.roles) = (first.unit.clone(), roles(groups));
            Ok(account)
        }
        Some(_) => Ok(account),
        None if account.password.is_some() => Err(refused(
            "own_password",
            "该账号使用本系统密码登录。",
            "This account signs in with a password of its own.",
        )),
        None => {
            account.vouched = Some(by);
            Ok(account)
        }
    }
}

/// The groups that somebody is in and that are let in, in the order of the file.
fn groups<'p>(provider: &'p Provider, claims: &Claims) -> Vec<&'p Group> {
    let claim = claims.get(&provider.terms.group_claim);
    let is_in = |group: &&Group| match claim {
        Some(Value::String(one)) => *one == group.name,
        Some(Value::Array(all)) => all.iter().any(|one| *one == group.name),
        _ => false,
    };
    provider.terms.group.iter().filter(is_in).collect()
}

/// The roles of all groups that speak for the unit of the first: somebody speaks for one.
fn roles(groups: &[&Group]) -> Vec<crate::rights::Role> {
    let unit = groups.first().map(|group| &group.unit);
    let mut roles: Vec<_> = groups
        .iter()
        .filter(|group| Some(&group.unit) == unit)
        .flat_map(|group| group.roles.iter().copied())
        .collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

fn unknown() -> Refused {
    refused(
        "person_unknown",
        "身份已核实，但本系统没有您的账号，请联系运维人员开通。",
        "You are who you say, and there is no account for you here; ask the operator for one.",
    )
}

fn refused(code: &str, zh: &str, en: &str) -> Refused {
    Refused::new(StatusCode::FORBIDDEN, code, zh, en)
}
