//! The one loop: commands in, records out.
//!
//! The route: a [`door::Handle`] puts a command into a lane; [`engine::Engine::step`] drains the lanes up to a
//! bound, decides each command on the state that the earlier ones leave, hands the batch to the journal, and
//! answers when the batch is on the platter. Only then do the folds, the stations and the subscribers see the
//! records; what a station names comes back through the same door.
//!
//! One clock: [`clock`] alone asks the time. One environment: [`config`] alone reads it. What it does not do: it
//! speaks no HTTP, and decides nothing itself; `huying_domain::decide` does.
//!
//! Begin with `engine.rs`; NATS stands in `nerves.rs`, beside the loop.

// Tests within the crate borrow the scenery of the tests outside, which names the crate as they do.
#[cfg(test)]
extern crate self as huying_engine;
#[cfg(test)]
#[path = "../tests/laws/making.rs"]
mod making;

pub mod clock;
pub mod config;
pub mod door;
pub mod doors;
pub mod elsewhere;
pub mod engine;
mod fold;
mod metrics;
pub mod nerves;
pub mod person;
pub mod publishing;
pub mod remote;
mod repeats;
pub mod reports;
pub mod rulebook;
mod run;
pub mod sample;
pub mod side;
pub mod start;
mod stations;
pub mod telling;
mod traces;
pub mod views;
