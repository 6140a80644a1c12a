//! The nerves against a real server: outages, wiped stores, kills, restores, foreign folders, silent departments.
//!
//! The engine stands in virtual time and the test moves it; only the server is waited for, by looking. The stories
//! need the program `nats-server`, which `make nats` brings; without it they fail and say so.

#[path = "../laws/making.rs"]
mod making;

mod house;

mod alarm;
mod assignments;
mod outage;
mod owners;
mod privacy;
mod quiet;
mod silence;
mod speed;
