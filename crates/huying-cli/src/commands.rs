//! What each command does: it is given arguments, and hands back one object for programs and a text for people.
//!
//! Nothing here prints; `main` does.

pub mod account;
pub mod adapter;
pub mod backup;
mod beside;
pub mod calibrate;
pub mod call_back;
pub mod callbacks;
pub mod case;
pub mod city;
pub mod classify;
pub mod departments;
pub mod due;
pub mod erase;
pub mod http;
pub mod key;
pub mod nats;
pub mod person;
pub mod report;
pub mod restore;
pub mod retention;
pub mod rules;
pub mod sample;
pub mod simulation;
pub mod stations;
pub mod status;
pub mod submit;
pub mod topics;
pub mod train;
pub mod up;
pub mod verify;
pub mod what_if;
pub mod why;

use crate::{exit::Exit, failure::Failure, live::Answer, words::Say};

/// The engine answered something that was not asked: its version differs.
fn out_of_turn(_: &Answer) -> Failure {
    Failure::new(Exit::Fault, "protocol", Say::ProtocolBroken.with(&[]))
}
