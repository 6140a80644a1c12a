//! Reads foreign reports and opens them as commands.
