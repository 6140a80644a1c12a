//! The HTTP door: calls come in, people sign in, look and act, residents ask where their case is. It stays open while
//! NATS is away.
//!
//! The route: [`server::Web::start`] listens in a thread of its own, [`tls`] before it where it is wanted; [`router`]
//! leads each address to its file. A feed comes with a key ([`keys`]), a person with a session ([`sign_in`]); what a
//! role may ask stands in [`rights`], what somebody sees is asked of the projections at each request. Every refusal
//! is told as [`refused`] says. [`openapi`] writes down what there is. The pages built from `ui/` are carried along.
//! Foreign programs that speak Open311 have a door of their own, `open311.rs`.
//!
//! What it does not do: it reads no caller's words and decides nothing; the doors and the loop do. It shows a caller's
//! data to nobody who has not said what for, and that is a record.
//!
//! Begin with `router.rs`.

mod acts;
mod areas;
mod asked;
mod board;
pub mod callers;
mod calls;
mod cases;
mod catalogue;
mod export;
mod files;
mod flows;
mod gate;
mod grants;
mod health;
pub mod import;
pub mod keys;
pub mod limit;
mod list;
mod live;
mod open311;
pub mod openapi;
mod operator;
mod preview;
mod rates;
pub mod refused;
mod resident;
pub mod rights;
pub mod rings;
mod roster;
pub mod router;
mod rulebook;
mod sentence;
pub mod server;
mod shown;
pub mod sign_in;
pub mod stamped;
mod summary;
mod timing;
pub mod tls;
mod ui;
mod upload;
mod work;
