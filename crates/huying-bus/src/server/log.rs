//! The server's log, as far as it tells why it ended.

use super::Files;
use std::fs;

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
