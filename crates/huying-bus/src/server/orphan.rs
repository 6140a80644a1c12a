//! A server that runs on when its engine was killed: found by its configuration file, and ended.

use super::{Files, child::pause, error::ServerError};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt,
    path::Path,
    process::{Command, Stdio},
};

/// How often it is looked at before it is killed: twenty seconds.
const TERM_LOOKS_MAX: u32 = 1_000;
/// How often a killed one is looked at: two seconds.
const KILL_LOOKS_MAX: u32 = 100;

/// Ends the server of this folder that is left, if there is one. The number in the pid file may be another
/// process's by now: only one that was started with this folder's configuration is touched.
pub(super) fn end(files: &Files) -> Result<(), ServerError> {
    let Ok(text) = fs::read_to_string(files.pid()) else { return Ok(()) };
    let Ok(pid) = text.trim().parse::<u32>() else { return Ok(()) };
    let config = files.config();
    if !is_ours(pid, &config) {
        return Ok(());
    }
    tracing::warn!(pid, "a nats-server was left behind and is ended");
    for (signal, looks) in [(Signal::TERM, TERM_LOOKS_MAX), (Signal::KILL, KILL_LOOKS_MAX)] {
        let raw = i32::try_from(pid).ok().and_then(Pid::from_raw);
        let Some(raw) = raw else { return Ok(()) };
        // One that is gone already is what is wanted; the look tells.
        let _ = kill_process(raw, signal);
        // One that stands still hears of no signal but this, and calls would wait for it at the start.
        let _ = kill_process(raw, Signal::CONT);
        for _ in 0..looks {
            if !is_ours(pid, &config) {
                return Ok(());
            }
            pause();
        }
    }
    Err(ServerError::Orphan { pid })
}

/// Whether the process was started with this configuration. One that ended and was not waited for has no command
/// line any more.
fn is_ours(pid: u32, config: &Path) -> bool {
    match fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(line) => line.split(|byte| *byte == 0).any(|argument| OsStr::from_bytes(argument) == config),
        Err(_) if Path::new("/proc/self").exists() => false,
        Err(_) => says_ps(pid, config),
    }
}

/// Where there is no `/proc`.
fn says_ps(pid: u32, config: &Path) -> bool {
    let mut ps = Command::new("ps");
    ps.args(["-ww", "-o", "args=", "-p", &pid.to_string()]).stdin(Stdio::null());
    let line = ps.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&line).contains(&*config.to_string_lossy())
}
