//! The HTTP door: calls come in, and whoever brought one asks where it is. It stays open while NATS is away.
//!
//! The route: [`server::Web::start`] listens in a thread of its own; [`router`] leads `POST /v1/calls` to the doors
//! of the engine, `GET /v1/cases/{id}` to a look at the case, and `/healthz`, `/readyz`, `/metrics` to what
//! operators ask. Who may bring calls stands in [`keys`]; every refusal is told as [`refused`] says.
//!
//! What it does not do: it reads no caller's words and decides nothing; the doors and the loop do. It shows nobody
//! a caller's data, and a case only to the source that brought it.
//!
//! Begin with `router.rs`.

mod acts;
mod areas;
mod board;
mod calls;
mod cases;
mod catalogue;
mod export;
mod files;
mod gate;
mod health;
pub mod keys;
pub mod limit;
mod list;
mod live;
mod operator;
mod preview;
mod rates;
pub mod refused;
mod resident;
pub mod rights;
mod roster;
pub mod router;
pub mod server;
mod shown;
pub mod sign_in;
pub mod tls;
mod ui;
mod work;
