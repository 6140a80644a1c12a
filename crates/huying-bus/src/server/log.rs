//! The server's log, as far as it tells what became of an order.

use super::{Files, error::ServerError};
use std::{fs, thread, time::Duration};

/// How often the log is looked at.
const LOOK_EVERY_MS: u64 = 20;
/// How often it is looked at before giving up: five seconds.
const LOOKS_MAX: u32 = 250;

const RELOADED: &str = "Reloaded server configuration";
const NOT_RELOADED: &str = "Failed to reload";

/// How long the log is now.
pub(super) fn length(files: &Files) -> u64 {
    fs::metadata(files.log()).map_or(0, |metadata| metadata.len())
}

/// Waits until the log says, behind `from`, that the configuration was taken over.
pub(super) fn await_reload(files: &Files, from: u64) -> Result<(), ServerError> {
    for _ in 0..LOOKS_MAX {
        thread::sleep(Duration::from_millis(LOOK_EVERY_MS));
        let text = fs::read(files.log()).unwrap_or_default();
        // A log that was begun anew is read from its beginning.
        let from = usize::try_from(from).ok().filter(|from| *from <= text.len()).unwrap_or(0);
        let text = String::from_utf8_lossy(&text[from..]);
        if text.contains(RELOADED) {
            return Ok(());
        }
        if let Some(line) = text.lines().find(|line| line.contains(NOT_RELOADED)) {
            return Err(ServerError::Ended { says: line.to_owned() });
        }
    }
    Err(ServerError::Silent { within_s: LOOK_EVERY_MS * u64::from(LOOKS_MAX) / 1_000 })
}

/// What the server said last, where it says why it ended.
pub(super) fn why_it_ended(files: &Files) -> String {
    let text = fs::read(files.log()).unwrap_or_default();
    last_line(&String::from_utf8_lossy(&text))
}

/// The last line that complains, else the last one.
pub(super) fn last_line(text: &str) -> String {
    let lines = || text.lines().rev().filter(|line| !line.trim().is_empty());
    let complains = |line: &&str| line.contains("[FTL]") || line.contains("[ERR]");
    lines().find(complains).or_else(|| lines().next()).unwrap_or_default().to_owned()
}
