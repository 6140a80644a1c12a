//! The ladder's running deadlines, and clocks that explain themselves 时限. Pure.
//!
//! The route: records come off the journal's tail into [`watch::Watch::follow`]; the host moves the clock and asks
//! [`watch::Watch::overdue`]; each clock named there becomes one command, `CheckClock`, which enters by the front
//! door. Only the event that answers ends the watch. Beside it, [`explain::explain`] reads a case's history and
//! tells each of its clocks: what was counted, what was not, and why.
//!
//! What it does not do: it breaches nothing and climbs nothing (the door decides that), computes no due instant
//! (they stand in the events), and asks no clock.
//!
//! Begin with `watch.rs`.

pub mod explain;
pub mod watch;
