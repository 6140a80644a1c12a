//! Reads what other systems and callers send, and opens it as a command. Knows the domain and nothing else of
//! ours.
//!
//! The route: bytes come in by [`read`] (a row of a CSV under a [`profile`], or a call as JSON) and become a
//! [`report::Report`] or an [`unreadable::Unreadable`] with a code that can be counted; on the way the words
//! are stripped of numbers and names ([`redact`]) and degrees become WGS-84 ([`coordinates`]). [`place`] says
//! in which area the report lies, [`likeness`] whether a case about the same matter was filed nearby a while
//! ago, [`class`] what its words speak for where it names no class, and [`open`] makes the command of all this:
//! register, or join. [`topics`] finds what many call about.
//!
//! What it does not do: it opens no file, unpacks nothing, asks no clock and refuses nobody. A bad row is a
//! value that the caller counts. Whether a proposal to join is taken is decided by the threshold that the
//! caller hands in, and whether the command stands, by `domain::decide`.
//!
//! Begin with `report.rs`, then `read.rs`.

pub mod class;
pub mod coordinates;
pub mod devices;
pub mod likeness;
pub mod metres;
pub mod open;
pub mod place;
pub mod profile;
pub mod read;
pub mod redact;
pub mod report;
pub mod topics;
pub mod unreadable;
pub mod wording;
