//! The command line `huying`: arguments, exit codes, progress, tables; and the simulated city of replay and demo.
//!
//! The route: `main.rs` reads [`args`], hands them to a module of [`commands`], and prints the one answer that comes
//! back ([`failure`], [`exit`]). A command on a data folder goes through [`live`]: to the engine that runs there, or
//! to the folder itself. [`replay`] drives an engine in virtual time with the simulated parties of [`people`] in a
//! [`city`], and leaves a [`report`].
//!
//! What runs beside an engine's loop, a NATS server and the tasks that speak through it, is put together in
//! [`nerves`].
//!
//! What it does not do: it decides nothing about a case.
//!
//! Begin with `args.rs`; every sentence that people read stands in [`words`].

pub mod adapters;
pub mod args;
pub mod calibrate;
pub mod city;
pub mod commands;
pub mod demo;
pub mod dossier;
pub mod exit;
pub mod failure;
pub mod http;
pub mod live;
pub mod nerves;
pub mod people;
pub mod progress;
pub mod replay;
pub mod report;
pub mod table;
pub mod what_if;
pub mod words;
