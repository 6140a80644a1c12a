//! What travels: one file for each kind of message. All are JSON but the echo, whose bytes are the domain's.
//!
//! Messages that come in refuse fields they do not know: a misspelt `confidential` must be an error and never a
//! caller laid bare. Messages that go out may gain fields, so their readers ought to pass over unknown ones.

pub mod answer;
pub mod assignment;
pub mod call;
pub mod deed;
pub mod notice;
pub mod place;
pub mod station;
pub mod tell;
pub mod text;
