//! `account`: who may sign in over HTTP. A running engine takes the changes over by itself.

use super::submit::fresh_id;
use crate::{
    exit::Exit,
    failure::{Failure, Output},
    http::{accounts, unusable},
    live::{
        Act,
        folder::{self, clock_kind, entropy, no_journal},
    },
    table::table,
    words::{Lang, Say},
};
use huying_domain::{
    area::AreaCode,
    command::Ask,
    ids::{PersonId, UnitId},
    vocabulary::Tag,
    words::Words,
};
use huying_web::{
    rights::Role,
    sign_in::{
        account::{Account, Accounts, Vouched},
        changes::difference,
        secret::{Chance, hash_password},
    },
};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Characters of a password that is drawn.
const PASSWORD_CHARS: usize = 20;

/// What is done to the accounts.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum AccountCommand {
    /// Make an account, or change one, and print a new password 新增
    Add(AddArgs),
    /// Which accounts there are 列出
    List(ListArgs),
    /// Let nobody sign in with an account 停用
    Lock(WhichArgs),
    /// Let them in again 启用
    Unlock(WhichArgs),
}

/// Whom to let in.
#[derive(Clone, Debug, clap::Args)]
pub struct AddArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
    /// As what they sign in; records name it
    #[arg(long)]
    pub name: PersonId,
    /// The unit for which they speak
    #[arg(long)]
    pub unit: UnitId,
    /// What they are: call_taker, handler, dispatcher, supervisor, checker, auditor, operator
    #[arg(long, required = true)]
    pub role: Vec<Role>,
    /// What they see, where that is another area than their unit's
    #[arg(long)]
    pub area: Option<AreaCode>,
    /// A mark for which they are cleared, such as sensitive
    #[arg(long)]
    pub cleared: Vec<Tag>,
    /// How people call them
    #[arg(long)]
    pub called: Option<String>,
    /// The person who does it
    #[arg(long)]
    pub person: Option<PersonId>,
    /// No password: an identity provider vouches for them 由身份提供方认证
    #[arg(long)]
    pub vouched: bool,
}

/// Whose accounts.
#[derive(Clone, Debug, clap::Args)]
pub struct ListArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
}

/// Which account.
#[derive(Clone, Debug, clap::Args)]
pub struct WhichArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
    /// As what they sign in
    #[arg(long)]
    pub name: PersonId,
    /// The person who does it
    #[arg(long)]
    pub person: Option<PersonId>,
}

/// Does it.
pub fn run(command: &AccountCommand, lang: Lang) -> Result<Output, Failure> {
    match command {
        AccountCommand::Add(args) => add(args, lang),
        AccountCommand::List(args) => Ok(list(&open(&args.data)?, lang)),
        AccountCommand::Lock(args) => lock(args, true, lang),
        AccountCommand::Unlock(args) => lock(args, false, lang),
    }
}

fn open(data: &Path) -> Result<Accounts, Failure> {
    if clock_kind(data)?.is_none() {
        return Err(no_journal(data));
    }
    accounts(data)
}

fn add(args: &AddArgs, lang: Lang) -> Result<Output, Failure> {
    let chance = Chance::new(entropy());
    let drawn = || chance.token().chars().take(PASSWORD_CHARS).collect::<String>();
    let password = (!args.vouched).then(drawn);
    let hash = password.as_ref().map(|password| hash_password(password, &chance));
    let called = args.called.clone().unwrap_or_else(|| args.name.to_string());
    let accounts = open(&args.data)?;
    let before = accounts.of(&args.name);
    let account = Account {
        name: args.name.clone(),
        words: Words::new(called.clone(), called),
        unit: args.unit.clone(),
        roles: args.role.clone(),
        area: args.area,
        cleared: args.cleared.clone(),
        password: hash,
        totp: before.as_ref().and_then(|before| before.totp.clone()),
        // What is said here holds from now on, whatever a group said.
        vouched: before
            .as_ref()
            .and_then(|before| before.vouched.clone())
            .map(|vouched| Vouched { by_group: false, ..vouched }),
        locked: false,
    };
    set(&args.data, &accounts, before.as_ref(), account, args.person.clone())?;
    let said = match &password {
        Some(password) => Say::AccountMade.filled(lang, &[("account", &args.name), ("password", password)]),
        None => Say::AccountVouched.filled(lang, &[("account", &args.name)]),
    };
    Ok(Output::done(json!({ "account": args.name, "password": password }), said))
}

/// A record says first who does what; then it is done.
fn set(
    data: &Path,
    accounts: &Accounts,
    before: Option<&Account>,
    now: Account,
    person: Option<PersonId>,
) -> Result<(), Failure> {
    if let Some(set) = difference(before, &now) {
        recorded(data, Ask::SetAccount { unit: now.unit.clone(), set: Box::new(set) }, person)?;
    }
    let changed = accounts.change(|book| _ = book.insert(now.name.clone(), now));
    changed.map_err(|error| unusable(data, error))
}

/// Has something written down that is set beside the journal.
pub(super) fn recorded(data: &Path, ask: Ask, person: Option<PersonId>) -> Result<(), Failure> {
    let act = Act { id: fresh_id(), case: None, saw: None, ask, private: None, person };
    folder::open(data)?.act(act).map(drop)
}

fn list(accounts: &Accounts, lang: Lang) -> Output {
    let mut rows = table(lang, &[Say::HeadAccount, Say::HeadSpeaksFor, Say::HeadRoles, Say::HeadLocked]);
    let mut all = Vec::new();
    for account in accounts.all().values() {
        let roles: Vec<&str> = account.roles.iter().map(|role| role.name()).collect();
        let locked = if account.locked { "✓" } else { "" };
        rows.add_row([account.name.as_str(), account.unit.as_str(), &roles.join(" "), locked]);
        all.push(json!({
            "account": account.name, "unit": account.unit, "roles": account.roles, "area": account.area,
            "cleared": account.cleared, "totp": account.totp.is_some(), "locked": account.locked,
        }));
    }
    Output::done(json!({ "accounts": all }), rows.to_string())
}

fn lock(args: &WhichArgs, locked: bool, lang: Lang) -> Result<Output, Failure> {
    let accounts = open(&args.data)?;
    let Some(before) = accounts.of(&args.name) else {
        let words = Say::NoSuchAccount.with(&[("account", &args.name)]);
        return Err(Failure::new(Exit::No, "unknown_account", words));
    };
    let now = Account { locked, ..before.clone() };
    set(&args.data, &accounts, Some(&before), now, args.person.clone())?;
    let said = if locked { Say::AccountLocked } else { Say::AccountUnlocked };
    let said = said.filled(lang, &[("account", &args.name)]);
    Ok(Output::done(json!({ "account": args.name, "locked": locked }), said))
}
