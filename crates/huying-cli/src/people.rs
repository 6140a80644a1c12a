//! Simulated parties round the engine in virtual time: callers, handlers, the people of the command centre.
//!
//! The route: [`drive`] moves the clock to the next instant; the [`world`] hands over its calls, [`desk`]
//! opens them; records come back and the parties intend [`act`]s for later instants ([`agenda`]), which enter
//! by the same door as everybody's. What a party does is drawn by [`dice`] from the seed and the occasion, so
//! that a run can be repeated, and stopped and gone on with.
//!
//! What it does not do: it decides nothing about a case, and knows no other clock than the virtual one.

pub mod act;
pub mod agenda;
pub mod centre;
pub mod children;
pub mod company;
pub mod departments;
pub mod desk;
pub mod dice;
pub mod drive;
pub mod feed;
pub mod folder;
pub mod governed;
pub mod handlers;
pub mod measures;
pub mod office;
pub mod pace;
pub mod simulation;
pub mod still;
pub mod turns;
pub mod world;
