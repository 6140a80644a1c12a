//! The doors' laws, on a real engine in a real folder: calls, deeds, and the caller's own data.

mod calls;
mod classes;
mod devices;
mod forms;
mod house;
#[path = "../laws/making.rs"]
#[expect(dead_code, reason = "the scenery of other laws too")]
mod making;
mod nats;
mod units;
mod verbs;
