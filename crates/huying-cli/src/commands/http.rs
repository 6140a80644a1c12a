//! `http`: the keys with which feeds bring calls over HTTP.
//!
//! A running engine sees the change at the next request. The key is shown once; the file keeps its hash alone.

use super::account::recorded;
use crate::{
    exit::Exit,
    failure::{Failure, Output},
    http,
    live::folder::{clock_kind, entropy, no_journal},
    table::table,
    words::{Lang, Say},
};
use huying_domain::{
    command::Ask,
    event::setting::KeysSet,
    ids::{PersonId, SourceId},
    vocabulary::Channel,
};
use huying_web::keys::{
    Grant, Keys, KeysError,
    ring::{KEYS_FILE, KeyRing},
};
use serde_json::json;
use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

/// Random bytes of a key; it is written in hexadecimal digits.
const KEY_BYTES: usize = 24;

/// What is done to the keys.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum HttpCommand {
    /// Let a source bring calls, and print its key 开通
    Grant(GrantArgs),
    /// Take all keys of a source away 撤销
    Revoke(RevokeArgs),
    /// Which sources have keys 列出
    List(ListArgs),
}

/// Whom to let in.
#[derive(Clone, Debug, clap::Args)]
pub struct GrantArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
    /// The source
    #[arg(long)]
    pub source: SourceId,
    /// A channel on which it may bring calls; the first is taken where a request names none
    #[arg(long, required = true)]
    pub channel: Vec<Channel>,
    /// The person who does it
    #[arg(long)]
    pub person: Option<PersonId>,
}

/// Whom to let in no more.
#[derive(Clone, Debug, clap::Args)]
pub struct RevokeArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
    /// The source
    #[arg(long)]
    pub source: SourceId,
    /// The person who does it
    #[arg(long)]
    pub person: Option<PersonId>,
}

/// Whose keys.
#[derive(Clone, Debug, clap::Args)]
pub struct ListArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
}

/// Does it.
pub fn run(command: &HttpCommand, lang: Lang) -> Result<Output, Failure> {
    match command {
        HttpCommand::Grant(args) => grant(args, lang),
        HttpCommand::Revoke(args) => revoke(args, lang),
        HttpCommand::List(args) => Ok(list(&open(&args.data)?.all(), lang)),
    }
}

fn open(data: &Path) -> Result<KeyRing, Failure> {
    if clock_kind(data)?.is_none() {
        return Err(no_journal(data));
    }
    http::keys(data)
}

fn unwritten(data: &Path, error: KeysError) -> Failure {
    let words = Say::CannotWrite.with(&[("path", &data.join(KEYS_FILE).display())]);
    Failure::new(Exit::Unreadable, "cannot_write", words).because(error)
}

fn grant(args: &GrantArgs, lang: Lang) -> Result<Output, Failure> {
    let keys = open(&args.data)?;
    let mut bytes = [0; KEY_BYTES];
    entropy()(&mut bytes);
    let key = bytes.iter().fold(String::new(), |mut key, byte| {
        let _written = write!(key, "{byte:02x}");
        key
    });
    let grant = Grant { source: args.source.clone(), channels: args.channel.clone() };
    let (source, channels) = (args.source.clone(), args.channel.clone());
    let set = KeysSet { source, channels, revoked: 0 };
    recorded(&args.data, Ask::SetKeys { set }, args.person.clone())?;
    keys.change(|keys| keys.grant(&key, grant)).map_err(|error| unwritten(&args.data, error))?;
    let said = Say::KeyGranted.filled(lang, &[("source", &args.source), ("key", &key)]);
    Ok(Output::done(json!({ "source": args.source, "key": key }), said))
}

fn revoke(args: &RevokeArgs, lang: Lang) -> Result<Output, Failure> {
    let keys = open(&args.data)?;
    let count = keys.all().grants().filter(|grant| grant.source == args.source).count();
    if count == 0 {
        let words = Say::KeyUnknown.with(&[("source", &args.source)]);
        return Err(Failure::new(Exit::No, "unknown_source", words));
    }
    let revoked = u32::try_from(count).unwrap_or(u32::MAX);
    let set = KeysSet { source: args.source.clone(), channels: Vec::new(), revoked };
    recorded(&args.data, Ask::SetKeys { set }, args.person.clone())?;
    keys.change(|keys| keys.revoke(&args.source)).map_err(|error| unwritten(&args.data, error))?;
    let said = Say::KeyRevoked.filled(lang, &[("source", &args.source), ("count", &count)]);
    Ok(Output::done(json!({ "source": args.source, "revoked": count }), said))
}

fn list(keys: &Keys, lang: Lang) -> Output {
    let mut rows = table(lang, &[Say::HeadSource, Say::HeadChannels]);
    let mut all = Vec::new();
    for Grant { source, channels } in keys.grants() {
        let channels: Vec<&str> = channels.iter().map(|channel| channel.name()).collect();
        rows.add_row([source.as_str(), &channels.join(" ")]);
        all.push(json!({ "source": source, "channels": channels }));
    }
    Output::done(json!({ "keys": all }), rows.to_string())
}
