//! The laws of a case, each told through the one front door of a tiny city.

mod access;
mod alarm;
mod at_once;
mod clocks;
mod errands;
mod feedback;
#[path = "../town/held.rs"]
mod held;
mod ladder;
mod merging;
mod notice;
mod path;
mod random;
mod recompute;
mod refusals;
mod requests;
mod returns;
mod review;
#[path = "../town/town.rs"]
mod town;
mod transitions;
#[path = "../town/walk.rs"]
mod walk;
mod wire;
