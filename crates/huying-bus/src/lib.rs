//! The nerves' names and messages: which NATS subjects, streams and headers there are, and what travels on them.
//!
//! The data's route: a feed publishes a [`message::call::Call`] on an
//! [`subject::Subject::Intake`] or [`subject::Subject::Inbox`]; the engine answers with a
//! [`message::answer::CallAnswer`]. What a unit then ought to do leaves as a
//! [`message::assignment::Assignment`] with the headers of [`header`]; what the unit does comes back as a
//! [`message::deed::UnitRequest`]; what the caller hears leaves as a [`message::tell::Tell`].
//!
//! What it does not do: it decides nothing, reads no caller's words (that is intake's), keeps no queue, and turns
//! no message into a command (that is the engine's). It never carries the caller to a unit unasked: no field of an
//! assignment or notice can hold a number, a name or a home address.
//!
//! Begin with [`subject`], then [`stream`], then [`message`].
//!
//! **Frozen** means: a subject, a stream's name or a field once released keeps its meaning under `huying.v1`.
//! A new kind, verb or optional field may join; anything else is `huying.v2` beside it.

pub mod asyncapi;
pub mod consumers;
pub mod delivery;
pub mod echo;
pub mod follow;
pub mod header;
pub mod inbox;
pub mod link;
pub mod message;
pub mod nats;
pub mod outbox;
mod private_file;
pub mod role;
pub mod roster;
pub mod schema;
pub mod server;
pub mod service;
pub mod stream;
pub mod streams;
pub mod subject;
pub mod take;
pub mod talk;
pub mod user;
