//! The whole engine, simulated from one seed: a disk that loses its power, a clock that jumps, people who call,
//! handle, hesitate, contradict each other and send again whatever was not answered.
//!
//! The route: [`run::simulate`] starts the engine on a simulated disk in the tiny city; [`people`] say what
//! somebody asks next; [`ledger`] keeps what clients were told; [`laws`] reads the journal afresh and compares it
//! with what was told and with what the engine shows. What it does not do: it never looks into the engine by any
//! other door than a client's, a page's or the journal's.
//!
//! Begin with `sim/run.rs`.

mod city;
mod governed;
mod late;
pub mod laws;
pub mod ledger;
pub mod people;
pub mod run;
