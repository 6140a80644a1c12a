//! Signing in: accounts and sessions beside the journal, and who stands before the door at each request.

pub mod account;
pub mod arrivals;
pub mod changes;
pub mod provider;
pub(crate) mod routes;
pub mod secret;
pub mod session;
pub mod who;
