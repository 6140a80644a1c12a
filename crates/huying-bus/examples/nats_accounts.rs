//! Writes the accounts of a large deployment: `deploy/nats/accounts.conf` from `members.toml` beside it, or from the
//! list and to the file that are named. Run it by `make nats-accounts`.

use huying_bus::role::members::deployment_text;
use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nats");
    let mut named = env::args_os().skip(1).map(PathBuf::from);
    let list = named.next().unwrap_or_else(|| folder.join("members.toml"));
    let accounts = named.next().unwrap_or_else(|| folder.join("accounts.conf"));
    Ok(fs::write(accounts, deployment_text(&fs::read_to_string(list)?)?)?)
}
