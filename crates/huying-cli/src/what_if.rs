//! What would have been: the outside acts of a journal under another policy, duty list or calendar.
//!
//! The route: [`History`] reads what persons and feeds did and forgets what stations and timers made of it → a fresh
//! engine with the other rules takes the acts at their instants, its own stations and timers do the rest → [`Side`]
//! counts both. Under the rules of the journal itself every record comes out as it stands there.
//!
//! An act whose unit no longer holds the case goes to whoever does, at the same delay after the case came to them, and
//! one whose case has not come as far waits for that ([`turn`]).
//! A decision of the level above that the unit may not make there is the centre's ([`above`]). What the other rules refuse
//! is counted and left out, and a case is found by its call, not by its number ([`cases`]); the caller's private data are
//! never read.

pub mod above;
pub mod acts;
pub mod cases;
pub mod course;
pub mod history;
pub mod run;
pub mod side;
pub mod turn;

pub use history::History;
pub use side::Side;
