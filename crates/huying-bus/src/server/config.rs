//! The configuration of the engine's own server.

use super::{
    Files,
    error::ServerError,
    identity::{Identity, LOOPBACK},
    log,
    program::Program,
};
use crate::{private_file, role::text::quoted};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// Largest message: 64 calls with long words fit well.
pub(super) const MESSAGE_BYTES_MAX: u32 = 1_048_576;
/// The log is begun anew past this size.
const LOG_BYTES_MAX: u32 = 16 * 1_048_576;
/// How many logs are kept.
const LOGS_MAX: u32 = 3;
/// Memory for streams in memory; Huying has none.
const MEMORY_STORE_BYTES_MAX: u32 = 64 * 1_048_576;

pub(super) fn text(files: &Files, identity: &Identity, accounts: &str) -> String {
    let path = |path: &Path| quoted(&path.to_string_lossy());
    let Identity { name, port, store_key } = identity;
    let (log, pid, store) = (path(&files.log()), path(&files.pid()), path(&files.store()));
    let (name, key) = (quoted(name), quoted(store_key));
    format!(
        "# Written anew at each start; accounts stand in accounts.toml.\n\
         server_name: {name}\n\
         listen: \"{LOOPBACK}:{port}\"\n\
         max_payload: {MESSAGE_BYTES_MAX}\n\
         log_file: {log}\n\
         logfile_size_limit: {LOG_BYTES_MAX}\n\
         logfile_max_num: {LOGS_MAX}\n\
         pid_file: {pid}\n\
         jetstream {{\n\
         \x20 store_dir: {store}\n\
         \x20 max_mem: {MEMORY_STORE_BYTES_MAX}\n\
         \x20 sync_interval: always\n\
         \x20 cipher: chachapoly\n\
         \x20 key: {key}\n\
         }}\n\
         {accounts}\
         system_account: SYS\n"
    )
}

/// Lets the program try the configuration, and only then puts it in its place.
pub(super) fn put(files: &Files, program: &Program, text: &str) -> Result<(), ServerError> {
    let tried = files.tried_config();
    let failed = |source| ServerError::File { path: tried.clone(), source };
    private_file::write(&tried, text.as_bytes()).map_err(failed)?;
    let mut trial = Command::new(program.path());
    trial.arg("-t").arg("-c").arg(&tried).stdin(Stdio::null());
    let output = trial.output().map_err(|source| ServerError::Spawn { source })?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        return Err(ServerError::Ended { says: log::last_line(&String::from_utf8_lossy(&said)) });
    }
    fs::rename(&tried, files.config()).map_err(failed)
}
