//! The engine's own laws, on real parts: a real folder, sled, the machine's clock where the story needs it.
//!
//! The same laws under chance and crashes stand in the simulation of the whole house.

mod absence;
mod erasure;
mod kill;
mod lanes;
mod making;
mod platter;
mod repeats;
mod rules;
mod telling;
