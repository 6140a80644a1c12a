//! `nats`: the accounts of the engine's own server. A department or a feed gets a user and a password here.
//!
//! A running engine sees the change within seconds and tells its server.

use crate::{
    exit::Exit,
    failure::{Failure, Output},
    live::folder::{clock_kind, entropy, no_journal},
    table::table,
    words::{Lang, Say},
};
use huying_bus::{
    role::Role,
    roster::{Roster, RosterError},
    user::User,
};
use huying_domain::ids::{SourceId, UnitId};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// What is done to the accounts.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum NatsCommand {
    /// Let a department's software or a feed connect, and print its user and password 开通
    Grant(GrantArgs),
    /// Take an account away 撤销
    Revoke(UserArgs),
    /// Give an account a new password 换密码
    Renew(UserArgs),
    /// Who may connect, and as what 列出
    List(ListArgs),
}

/// Whom to let in.
#[derive(Clone, Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("whom").required(true).args(["unit", "source"]))]
pub struct GrantArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
    /// The unit whose assignments the account fetches and for which it speaks; several with --user
    #[arg(long)]
    pub unit: Vec<UnitId>,
    /// The source whose calls the account brings
    #[arg(long)]
    pub source: Option<SourceId>,
    /// The user's name, where one account speaks for several units
    #[arg(long, requires = "unit")]
    pub user: Option<String>,
}

/// Which account.
#[derive(Clone, Debug, clap::Args)]
pub struct UserArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
    /// The user
    #[arg(long)]
    pub user: String,
}

/// Whose accounts.
#[derive(Clone, Debug, clap::Args)]
pub struct ListArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
}

/// Does it.
pub fn run(command: &NatsCommand, lang: Lang) -> Result<Output, Failure> {
    match command {
        NatsCommand::Grant(args) => grant(args, lang),
        NatsCommand::Revoke(args) => {
            let (mut roster, user) = named(args)?;
            if !roster.revoke(&user).map_err(unusable)? {
                return Err(unknown(&user));
            }
            let said = Say::AccountRevoked.filled(lang, &[("user", &user)]);
            Ok(Output::done(json!({ "user": user.as_str(), "revoked": true }), said))
        }
        NatsCommand::Renew(args) => {
            let (mut roster, user) = named(args)?;
            let was_there = roster.renew(&user, &mut *entropy()).map_err(unusable)?;
            if was_there { Ok(told(&roster, &user, lang)) } else { Err(unknown(&user)) }
        }
        NatsCommand::List(args) => Ok(list(&open(&args.data)?, lang)),
    }
}

fn grant(args: &GrantArgs, lang: Lang) -> Result<Output, Failure> {
    let mut roster = open(&args.data)?;
    let mut entropy = entropy();
    let user = match (&args.source, &args.user, args.unit.as_slice()) {
        (Some(source), ..) => roster.grant_feed(source.clone(), &mut *entropy),
        (None, Some(user), units) => {
            let units: BTreeSet<UnitId> = units.iter().cloned().collect();
            roster.grant_units(parsed(user)?, units, &mut *entropy)
        }
        (None, None, [unit]) => roster.grant_unit(unit.clone(), &mut *entropy),
        (None, None, _) => {
            return Err(Failure::new(Exit::Unreadable, "needs_user", Say::AccountNeedsUser.with(&[])));
        }
    };
    Ok(told(&roster, &user.map_err(unusable)?, lang))
}

/// The one moment at which a password is shown: whoever may read the data folder could read it there.
fn told(roster: &Roster, user: &User, lang: Lang) -> Output {
    let password = roster.credentials(user).unwrap_or_default();
    let said = Say::AccountGranted.filled(lang, &[("user", user), ("password", &password)]);
    Output::done(json!({ "user": user.as_str(), "password": password }), said)
}

fn list(roster: &Roster, lang: Lang) -> Output {
    let mut rows = table(lang, &[Say::HeadUser, Say::HeadRole]);
    let mut all = Vec::new();
    for (user, role) in roster.accounts() {
        rows.add_row([user.as_str(), &role_text(role)]);
        all.push(json!({ "user": user.as_str(), "role": serde_json::to_value(role).unwrap_or(Value::Null) }));
    }
    Output::done(json!({ "accounts": all }), rows.to_string())
}

fn role_text(role: &Role) -> String {
    match role {
        Role::Engine => "engine".to_owned(),
        Role::Station { station } => format!("station {station}"),
        Role::Units { units } => units.iter().map(UnitId::as_str).collect::<Vec<_>>().join(" "),
        Role::AllUnits => "units *".to_owned(),
        Role::Feed { source } => format!("feed {source}"),
        Role::Adapter { channel } => format!("tell {channel}"),
        Role::Observer => "observer".to_owned(),
    }
}

fn named(args: &UserArgs) -> Result<(Roster, User), Failure> {
    Ok((open(&args.data)?, parsed(&args.user)?))
}

fn open(data: &Path) -> Result<Roster, Failure> {
    if clock_kind(data)?.is_none() {
        return Err(no_journal(data));
    }
    Roster::open_or_create(data, &mut *entropy()).map_err(unusable)
}

fn parsed(user: &str) -> Result<User, Failure> {
    user.parse().map_err(|_| Failure::new(Exit::Unreadable, "bad_user", Say::AccountBadUser.with(&[])))
}

fn unknown(user: &User) -> Failure {
    Failure::new(Exit::No, "unknown_user", Say::AccountUnknown.with(&[("user", user)]))
}

/// What to say of accounts that cannot be read or changed.
pub fn unusable(error: RosterError) -> Failure {
    Failure::new(Exit::Unreadable, "accounts_unusable", Say::AccountsUnusable.with(&[])).because(error)
}
