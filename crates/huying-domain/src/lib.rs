//! The words and laws of a case 工单. Everything else in Huying stands on this crate and nothing here stands on
//! anything of ours.
//!
//! The route: a [`command::Command`] comes in, [`decide::decide`] looks at the [`state::State`] and the
//! [`rules::Rules`] and answers with the [`record::Part`]s of a record or with a [`refusal::Refusal`]; the state
//! evolves by the [`event::Event`]s; [`wire`] turns the [`record::Record`] into the bytes that stay for ever.
//!
//! What it does not do: it asks no clock, reads no file and no environment, draws no random number, iterates
//! over no hash map near an event, keeps nothing but the names that are in use, and sends nothing. The instant is an
//! argument.
//!
//! Begin with `decide.rs`, then `event.rs`.

pub mod acts;
pub mod area;
pub mod calendar;
pub mod case;
pub mod command;
pub mod decide;
pub mod event;
pub mod few;
pub mod ids;
pub mod limit;
pub mod pages;
pub mod private;
pub mod record;
pub mod refusal;
pub mod rules;
pub mod state;
pub mod summary;
pub mod time;
pub mod vocabulary;
pub mod wire;
pub mod words;
