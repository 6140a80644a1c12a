//! The whole engine, simulated from one seed: a disk that loses its power, a NATS server that goes away and forgets, a
//! clock that jumps, people who call, handle, hesitate, contradict each other and send again whatever was not answered.
//!
//! The route: [`run::simulate`] starts the engine on a simulated disk in the tiny city, and its own echo and outbox
//! beside it on a simulated server (`nerves`, `nats`); [`people`] say what somebody asks next, and `departments` what
//! somebody answers to what the stream brought; [`ledger`] keeps what clients were told; [`laws`] reads the journal
//! afresh and compares it with what was told, with what the engine shows and with what the streams hold. A run that
//! breaks a law is cut down by [`failure`]: each step of its [`history`] has dice of its own, so that it can be left out.
//!
//! What it does not do: it never looks into the engine by any other door than a client's, a page's or the journal's;
//! and it has no calls that come over NATS, no stations elsewhere and no restored backups, which real servers try.
//!
//! Begin with `sim/run.rs`.

mod city;
mod departments;
pub mod failure;
mod governed;
pub mod history;
mod late;
pub mod laws;
pub mod ledger;
mod nats;
mod nerves;
pub mod people;
pub mod run;
pub mod shrink;
